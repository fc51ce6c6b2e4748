"""Where chunks of runs are done: something with the `submit` of `concurrent.futures`, here or on the workers of a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, NamedTuple

from ci_sim.errors import UserError

_RETRIES = 5  # of a chunk whose worker was lost
_TIMEOUT = 20  # seconds that a scheduler has to answer
_PATIENCE = 60.0  # seconds that a study that is stopped waits for the chunks under way


class Workers(NamedTuple):
    """What does the chunks."""

    name: str  # local or dask
    submit: Callable[..., Future]  # as that of concurrent.futures.Executor
    send: Callable[[Any], Any]  # give every worker a thing; what it returns stands for it in `submit`
    cores: int


_open: list[tuple[Any, Workers]] = []


@contextmanager
def workers_of(executor: Any = None) -> Iterator[Workers]:
    """Open what a configuration's `executor` names, and close it at the end; what is open already is used, and stays open.

    Args:
        executor: None: all cores of this machine.

    Raises:
        UserError: if it cannot be reached, or what it needs is not installed.
    """
    there = [workers for named, workers in _open if named == executor]
    if there:
        yield there[-1]
        return
    opened = _dask if executor is not None and executor.name == "dask" else _local
    with opened(executor) as workers:
        _open.append((executor, workers))
        try:
            yield workers
        finally:
            _open.remove((executor, workers))


def stop(futures: Iterable[Future]) -> list[Future]:
    """Cancel what has not begun yet, and wait, a minute at most, for the rest; return what ended without an error."""
    under_way = [future for future in futures if not future.cancel()]
    return [future for future in wait(under_way, _PATIENCE).done if not future.cancelled() and not future.exception()]


@contextmanager
def _local(executor: Any) -> Iterator[Workers]:
    """Threads: the compiled rules release the interpreter's lock, so that they use all cores."""
    count = (executor.workers if executor is not None else None) or os.cpu_count() or 1
    pool = ThreadPoolExecutor(count)
    try:
        yield Workers("local", pool.submit, lambda thing: thing, count)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _dask(executor: Any) -> Iterator[Workers]:
    """Dask's workers; calls are never taken for equal (`pure=False`), and those of a lost worker are done by another."""
    needed = ["distributed"] + ["dask_jobqueue"] * (executor.cluster == "slurm" and not executor.address)
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise UserError(f"executor=dask needs {' and '.join(missing)}; install with: pip install 'ci-sim[cluster]'")
    from distributed import Client

    cluster = None if executor.address else _cluster(executor)
    try:
        try:
            client = Client(executor.address or cluster, timeout=_TIMEOUT)
        except (OSError, ValueError, TimeoutError) as error:
            raise UserError(f"executor.address={executor.address}: no scheduler answers there ({error})") from None
        with client:
            if not executor.address:
                client.wait_for_workers(1)
            pool = client.get_executor(pure=False, retries=_RETRIES)
            count = max(1, sum(client.nthreads().values()))
            yield Workers("dask", pool.submit, lambda thing: client.submit(_itself, thing, pure=False), count)
    finally:
        if cluster is not None:
            cluster.close()


def _itself(thing: Any) -> Any:
    """Return a thing; as a task it can be done again, unlike data that was lost with the worker that held it."""
    return thing


def _cluster(executor: Any) -> Any:
    """Start workers of one thread each: processes here, or jobs of SLURM."""
    if executor.cluster == "slurm":
        from dask_jobqueue import SLURMCluster

        jobs = SLURMCluster(**executor.slurm)
        jobs.scale(jobs=executor.workers or 1)
        return jobs
    from distributed import LocalCluster

    return LocalCluster(n_workers=executor.workers or os.cpu_count(), threads_per_worker=1, dashboard_address=None)
