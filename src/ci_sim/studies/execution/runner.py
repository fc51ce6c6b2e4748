"""The runner: many runs in chunks, with a progress bar; the same table wherever they are done, and by however many workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ci_sim.rules.engine import OUTCOME_ROW, SERIES_ROW
from ci_sim.rules.streams import replicate_seeds
from ci_sim.simulation.ensemble import Job, Runs, outcomes_table, run_seeds
from ci_sim.studies.execution.executors import Call, do_all, workers_of
from ci_sim.studies.execution.progress import progress

_CHUNK = 20 * 60  # runs times organizations: about a quarter of a second of work, so that Ctrl-C is answered soon


def _all_of_it(series: np.ndarray) -> np.ndarray:
    return series


class Unfinished(KeyboardInterrupt):
    """A study was stopped before its end."""


class Study:
    """A checked configuration, and the outcomes of all runs that were made for it, so that a stop loses none of them."""

    def __init__(self, config: Any):
        """Begin with no runs."""
        self.config = config
        self._parts: list[pd.DataFrame] = []

    def run(
        self,
        jobs: Sequence[Job],
        replicates: int,
        part: str,
        scenario: str | None = None,
        seed: int | None = None,
        with_series: bool = False,
        own_luck: bool = False,
        summary: Callable[[np.ndarray], np.ndarray] = _all_of_it,
    ) -> dict[str, Runs]:
        """Run the jobs (see `run_jobs`).

        Args:
            part: of the study, for the progress bar and the outcomes table.
            scenario: in which the jobs are settings; None if each is a scenario of its own.
            seed: from which the seeds of the replicates follow; None: the configuration's.

        Raises:
            Unfinished: at Ctrl-C; what was finished is in `outcomes`.
        """
        config = self.config
        runs, complete = run_jobs(
            jobs, config.seed if seed is None else seed, replicates, config.executor, bool(config.quiet),
            with_series, part, own_luck, summary=summary,
        )  # fmt: skip
        table = pd.concat([rows.outcomes for rows in runs.values()], ignore_index=True)
        if len(table):
            settings = table["scenario"] if scenario else ""
            table = table.assign(run_id=f"{part}-" + table["run_id"], scenario=scenario or table["scenario"])
            table.insert(0, "part", part)
            table.insert(1, "setting", settings)
            self._parts.append(table)
        if not complete:
            raise Unfinished
        return runs

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row a run: the part of the study, the setting, and the columns of every outcomes table."""
        return pd.concat(self._parts, ignore_index=True) if self._parts else pd.DataFrame()


def run_jobs(
    jobs: Sequence[Job],
    seed: int,
    replicates: int,
    executor: Any = None,
    quiet: bool = False,
    with_series: bool = False,
    what: str = "Running",
    own_luck: bool = False,
    first: int = 0,
    summary: Callable[[np.ndarray], np.ndarray] = _all_of_it,
    look: Callable[[Job, np.ndarray, bool], tuple[np.ndarray, np.ndarray]] = run_seeds,
) -> tuple[dict[str, Runs], bool]:
    """Run every job `replicates` times, all jobs with the same seeds or each with its own.

    Args:
        seed: seed of the study, from which the seeds of the replicates follow.
        executor: of a configuration: where the runs are done; None: on all cores of this machine.
        quiet: show no progress bar.
        with_series: keep the weekly series of every run.
        what: what the progress bar says is running.
        own_luck: each job has seeds of its own, so that jobs are independent, not paired.
        first: number of the first replicate; those before it have been run already.
        summary: what is kept of the series of some runs, along the first axis; by default all of it.
        look: what runs some seeds; what it returns beside the outcomes, a row a run, is kept in place of the series.

    Returns:
        the runs by scenario, and whether all were done (False after Ctrl-C, with what was finished by then).
    """
    if own_luck:
        seeds = replicate_seeds(seed, replicates * len(jobs)).reshape(len(jobs), replicates)
    else:
        seeds = np.tile(replicate_seeds(seed, first + replicates)[first:], (len(jobs), 1))
    blocks = [_blocks(replicates, len(job.partners.ids)) for job in jobs]
    finished: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    with (
        workers_of(executor) as workers,
        progress(quiet, len(jobs) * replicates, "runs", what) as advance,
    ):
        sent = [workers.send(job) if len(own) > 1 else job for job, own in zip(jobs, blocks, strict=True)]

        def keep(chunk: tuple[int, int], done: tuple[np.ndarray, np.ndarray]) -> None:
            outcomes, series = done
            finished[chunk] = outcomes, summary(series)
            advance(len(outcomes))

        calls = (Call((j, b), look, (sent[j], seeds[j, block], with_series)) for j, b, block in _in_turn(blocks))
        stopped = do_all(workers, calls, keep)
    return _gathered(jobs, seeds, blocks, finished, first, summary), not stopped


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


def _gathered(
    jobs: Sequence[Job],
    seeds: np.ndarray,
    blocks: list[list[slice]],
    finished: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]],
    first: int,
    summary: Callable[[np.ndarray], np.ndarray],
) -> dict[str, Runs]:
    """Return the finished chunks of each job in the order of their replicates; one table is made of all, and cut."""
    chunks, order = sorted(finished), np.arange(seeds.shape[1])
    replicates = np.concatenate([order[:0], *(order[blocks[j][b]] for j, b in chunks)])
    owner = np.repeat([j for j, _ in chunks], [len(finished[chunk][0]) for chunk in chunks]).astype(int)
    values = np.concatenate([np.empty((0, len(OUTCOME_ROW))), *(finished[chunk][0] for chunk in chunks)])
    names = np.array([job.name for job in jobs], dtype=object)
    table = outcomes_table(names[owner], seeds[owner, replicates], values, first + replicates)
    counts = np.bincount(owner, minlength=len(jobs))
    series: list[list[np.ndarray]] = [[] for _ in jobs]
    for j, b in chunks:
        series[j].append(finished[j, b][1])
    runs = {}
    for job, own, end, count in zip(jobs, series, np.cumsum(counts), counts, strict=True):
        kept = np.concatenate(own) if own else summary(np.empty((0, job.weeks, len(SERIES_ROW))))
        runs[job.name] = Runs(table.iloc[end - count : end].reset_index(drop=True), kept)
    return runs
