"""Where chunks of runs are done: something with the `submit` of `concurrent.futures`, here or on the workers of a cluster."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from typing import Any, NamedTuple

from ci_sim import interrupts
from ci_sim.compilation.cores import usable_cores
from ci_sim.errors import UserError
from ci_sim.simulation.first_use import share_compilation

_AHEAD = 3  # calls a worker has waiting: enough not to idle, few enough for little memory
_PATIENCE = 0.2  # seconds until it is seen whether there was a Ctrl-C
_RETRIES = 5  # of a chunk whose worker was lost
_TIMEOUT = 20  # seconds that a scheduler has to answer


class Workers(NamedTuple):
    """What does the chunks."""

    name: str  # local or dask
    submit: Callable[..., Future]  # as that of concurrent.futures.Executor
    send: Callable[[Any], Any]  # give every worker a thing; what it returns stands for it in `submit`
    cores: int


class Call(NamedTuple):
    """What one worker is to do."""

    key: Any  # by which the caller knows it
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class _Kept(NamedTuple):
    """Workers that stay open, with the executors that they are of."""

    stack: ExitStack
    opened: list[tuple[Any, Workers]]


_kept: ContextVar[_Kept | None] = ContextVar("kept", default=None)


@contextmanager
def workers_kept() -> Iterator[None]:
    """Let workers that are opened within stay open to the end of it, however often they are asked for."""
    if _kept.get() is not None:
        yield
        return
    with ExitStack() as stack:
        token = _kept.set(_Kept(stack, []))
        try:
            yield
        finally:
            _kept.reset(token)


@contextmanager
def workers_of(executor: Any = None) -> Iterator[Workers]:
    """Open what a configuration's `executor` names, and close it at the end, or at that of `workers_kept`.

    Args:
        executor: None: all cores of this machine.

    Raises:
        UserError: if it cannot be reached, or what it needs is not installed.
    """
    opening = _dask if executor is not None and executor.name == "dask" else _local
    kept = _kept.get()
    if kept is None:
        with opening(executor) as workers:
            yield workers
        return
    there = [workers for named, workers in kept.opened if named == executor]
    if not there:
        there = [kept.stack.enter_context(opening(executor))]
        kept.opened.append((executor, there[0]))
    yield there[0]


def do_all(workers: Workers, calls: Iterable[Call], keep: Callable[[Any, Any], object]) -> bool:
    """Have the workers make some calls, a few ahead of what they can do at once.

    At Ctrl-C no further call is begun; here those that are under way are waited for, of which each takes a second.

    Args:
        calls: taken one by one.
        keep: is given the key of each call and what it returned, as they end.

    Returns:
        whether Ctrl-C stopped it.

    Raises:
        UserError: if Dask's scheduler has gone away.
    """
    waiting = iter(calls)
    running: dict[Future, Any] = {}

    def keep_all(ended: Iterable[Future]) -> None:
        for future in ended:
            keep(running.pop(future), future.result())

    with interrupts.deferred() as stopped:
        try:
            while not stopped():
                for call in itertools.islice(waiting, _AHEAD * workers.cores - len(running)):
                    running[workers.submit(call.function, *call.arguments)] = call.key
                if not running:
                    break
                keep_all(wait(running, _PATIENCE, FIRST_COMPLETED).done)
            under_way = [future for future in running if not future.cancel()]
            keep_all(future for future in wait(under_way).done if not future.exception())
        except CancelledError:
            raise UserError(
                f"executor={workers.name}: the scheduler has gone away; run the same command again (a sweep keeps its finished "
                "chunks)"
            ) from None
        return stopped()


@contextmanager
def _local(executor: Any) -> Iterator[Workers]:
    """Threads: the compiled rules release the interpreter's lock, so that they use all cores."""
    count = (executor.workers if executor is not None else None) or usable_cores()
    share_compilation()
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

    return LocalCluster(n_workers=executor.workers or usable_cores(), threads_per_worker=1, dashboard_address=None)
