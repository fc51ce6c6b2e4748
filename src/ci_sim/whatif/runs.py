"""Runs of alternatives on the same luck: as many as the question needs, and what became of every organization in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.rules import engine
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.rules.population import build
from ci_sim.rules.state import LEFT, UNINVITED
from ci_sim.rules.streams import replicate_seeds
from ci_sim.simulation.ensemble import Job, memory_for, outcomes_table
from ci_sim.studies.execution.executors import Call, do_all, workers_of
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.execution.sequential import next_look
from ci_sim.studies.statistics.intervals import level, risk_difference

_CHUNK = 20 * 60  # runs times organizations: about a quarter of a second of work


class Fates(NamedTuple):
    """What became of every organization in every run, arrays of shape (runs, N)."""

    convened: np.ndarray  # ever a member of the circle
    left: np.ndarray  # was one, and left
    inside: np.ndarray  # has signed and commits at the end
    closeness: np.ndarray  # how close the agenda comes to it at the end, 0 to 1


class Runs(NamedTuple):
    """The runs of one alternative."""

    outcomes: pd.DataFrame  # one row a run
    fates: Fates


def look(job: Job, seeds: np.ndarray) -> tuple[np.ndarray, Fates]:
    """Run some seeds; return their outcomes, (runs, len(OUTCOME_ROW)), and what became of everyone."""
    state, rules = memory_for(job), job.rules[0]
    shape = (len(seeds), len(job.partners.ids))
    outcomes = np.empty((len(seeds), len(OUTCOME_ROW)))
    fates = Fates(np.empty(shape, bool), np.empty(shape, bool), np.empty(shape, bool), np.empty(shape, np.float32))
    for r, seed in enumerate(seeds):
        build(state, job.partners.given, rules, seed)
        engine.run_weeks(state, rules, job.events, job.weeks, job.weeks, engine.NOBODY_ASKED)
        engine.write_outcomes(state, rules, outcomes[r])
        orgs, dimensions = state.orgs, int(state.initiative[0].dimensions)
        apart = orgs["position"][:, :dimensions] - state.initiative[0].agenda[:dimensions]
        fates.convened[r] = orgs["membership"] != UNINVITED
        fates.left[r] = orgs["membership"] == LEFT
        fates.inside[r] = orgs["inside"] == 1
        fates.closeness[r] = np.maximum(0.0, 1.0 - 2.0 * np.sqrt((apart**2).sum(axis=1) / dimensions))
    return outcomes, fates


def run_all(
    jobs: Sequence[Job], config: Any, first: int, replicates: int, what: str
) -> tuple[list[Runs] | None, list[Runs]]:
    """Run some replicates of every job on the same seeds.

    Returns:
        the runs of each job, or None after Ctrl-C; and what was finished by then.
    """
    seeds = replicate_seeds(config.seed, first + replicates)[first:]
    size = max(1, _CHUNK // len(jobs[0].partners.ids))
    blocks = [slice(start, min(start + size, replicates)) for start in range(0, replicates, size)]
    done: dict[tuple[int, int], tuple[np.ndarray, Fates]] = {}
    with (
        workers_of(config.executor) as workers,
        progress(bool(config.quiet), len(jobs) * replicates, "runs", what) as advance,
    ):
        sent = [workers.send(job) for job in jobs]

        def keep(key: tuple[int, int], found: tuple[np.ndarray, Fates]) -> None:
            done[key] = found
            advance(len(found[0]))

        calls = (
            Call((j, b), look, (sent[j], seeds[block])) for b, block in enumerate(blocks) for j in range(len(jobs))
        )
        stopped = do_all(workers, calls, keep)
    runs = [_gathered(job, j, seeds, first, blocks, done) for j, job in enumerate(jobs)]
    return (None if stopped else runs), runs


def _gathered(job: Job, j: int, seeds: np.ndarray, first: int, blocks: list[slice], done: dict) -> Runs:
    """Put the finished chunks of a job in the order of their replicates."""
    own = [b for b in range(len(blocks)) if (j, b) in done]
    places = np.concatenate([np.arange(len(seeds))[blocks[b]] for b in own]) if own else np.empty(0, np.int64)
    values = np.concatenate([done[j, b][0] for b in own]) if own else np.empty((0, len(OUTCOME_ROW)))
    nobody = np.empty((0, len(job.partners.ids)))
    fates = [np.concatenate([done[j, b][1][k] for b in own]) if own else nobody for k in range(len(Fates._fields))]
    return Runs(outcomes_table(job.name, seeds[places], values, first + places), Fates(*fates))


def joined(parts: Sequence[Runs]) -> Runs:
    """Return the runs of several looks as one."""
    outcomes = pd.concat([part.outcomes for part in parts], ignore_index=True)
    return Runs(
        outcomes, Fates(*(np.concatenate(fates) for fates in zip(*(part.fates for part in parts), strict=True)))
    )


def formed(runs: Runs) -> np.ndarray:
    """Return whether each run formed, as numbers."""
    return runs.outcomes["formed"].to_numpy(float)


def known_to(runs: Sequence[Runs]) -> float:
    """Return how far the widest interval reaches: of the chance that the first forms, and of the others' differences from it."""
    base = formed(runs[0])
    estimates = [level(base), *(risk_difference(formed(other), base) for other in runs[1:])]
    return max((estimate.ci_high - estimate.ci_low) / 2 for estimate in estimates)


def as_many_as_needed(
    jobs: Sequence[Job], config: Any, what: str, spread: Callable[[Sequence[Runs]], float] = known_to
) -> tuple[list[Runs], bool]:
    """Run jobs until what is asked is known to ± `precision` (see `studies.execution.sequential`), or `max_replicates` are done.

    Returns:
        the runs of each job, and whether all were done (False after Ctrl-C).
    """
    whole, parts = run_all(jobs, config, 0, config.replicates, what)
    runs, done = parts, config.replicates
    while whole is not None and config.precision is not None and done < config.max_replicates:
        reach = spread(runs)
        if reach <= config.precision:
            break
        wanted = min(config.max_replicates, next_look(done, reach, config.precision))
        whole, more = run_all(jobs, config, done, wanted - done, what)
        if whole is None:
            return runs, False
        runs, done = [joined(pair) for pair in zip(runs, more, strict=True)], wanted
    return runs, whole is not None
