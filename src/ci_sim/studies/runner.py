"""The runner: many runs on all cores, in chunks, with a progress bar; the same table whatever the number of workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ci_sim.compiled import first_use
from ci_sim.engine import OUTCOME_ROW, SERIES_ROW
from ci_sim.ensemble import Job, outcomes_table, run_seeds
from ci_sim.streams import replicate_seeds

_CHUNK = 20 * 60  # runs times organizations: about a quarter of a second of work, so that Ctrl-C is answered soon


class Runs(NamedTuple):
    """What came out of the runs of one scenario."""

    outcomes: pd.DataFrame  # one row a run
    series: np.ndarray  # (runs, weeks, len(SERIES_ROW)), or (0, weeks, …) if none was asked for


def run_jobs(
    jobs: Sequence[Job],
    seed: int,
    replicates: int,
    workers: int | None = None,
    quiet: bool = False,
    with_series: bool = False,
    what: str = "Running",
) -> tuple[dict[str, Runs], bool]:
    """Run every job `replicates` times with the same seeds.

    Args:
        seed: seed of the study, from which the seeds of the replicates follow.
        workers: threads that compute (the rules release the interpreter's lock); None: one for each core.
        quiet: show no progress bar.
        with_series: keep the weekly series of every run.
        what: what the progress bar says is running.

    Returns:
        the runs by scenario, and whether all were done (False after Ctrl-C, with what was finished by then).
    """
    seeds = replicate_seeds(seed, replicates)
    blocks = [_blocks(replicates, len(job.partners.ids)) for job in jobs]
    finished: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    with (
        ThreadPoolExecutor(workers or os.cpu_count()) as pool,
        progress(quiet, len(jobs) * replicates, "runs", what) as advance,
    ):
        tasks: dict[Future, tuple[int, int]] = {
            pool.submit(run_seeds, jobs[j], seeds[block], with_series): (j, b) for j, b, block in _in_turn(blocks)
        }
        complete = True
        try:
            for task in as_completed(tasks):
                finished[tasks[task]] = task.result()
                advance(len(finished[tasks[task]][0]))
        except KeyboardInterrupt:
            complete = False
            pool.shutdown(wait=True, cancel_futures=True)
            finished |= {place: task.result() for task, place in tasks.items() if task.done() and not task.cancelled()}
    return {job.name: _gather(job, j, seeds, blocks[j], finished) for j, job in enumerate(jobs)}, complete


def _blocks(replicates: int, organizations: int) -> list[slice]:
    """Return the chunks in which the replicates of a job are run."""
    size = max(1, _CHUNK // organizations)
    return [slice(start, min(start + size, replicates)) for start in range(0, replicates, size)]


def _in_turn(blocks: list[list[slice]]) -> Iterator[tuple[int, int, slice]]:
    """Give the chunks of all jobs, their first ones first: a study that is stopped has a part of each."""
    for b in range(max(map(len, blocks), default=0)):
        for j, own in enumerate(blocks):
            if b < len(own):
                yield j, b, own[b]


def _gather(job: Job, j: int, seeds: np.ndarray, blocks: list[slice], finished: dict) -> Runs:
    """Put the finished chunks of a job in the order of their replicates."""
    done = [b for b in range(len(blocks)) if (j, b) in finished]
    if not done:
        return Runs(
            outcomes_table(job.name, seeds[:0], np.empty((0, len(OUTCOME_ROW)))),
            np.empty((0, job.weeks, len(SERIES_ROW))),
        )
    replicates = np.concatenate([np.arange(len(seeds))[blocks[b]] for b in done])
    values = np.concatenate([finished[j, b][0] for b in done])
    series = np.concatenate([finished[j, b][1] for b in done])
    return Runs(outcomes_table(job.name, seeds[replicates], values, replicates), series)


@contextmanager
def progress(quiet: bool, total: int, unit: str, what: str = "Running") -> Iterator[Callable[[int], object]]:
    """Show a progress bar with the time left on standard error, and give what moves it on by so many."""
    if quiet:
        yield lambda done: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{unit}, time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Compiling the model, once" if first_use() else what, total=total)
        yield lambda done: bar.update(task, advance=done, description=what)
