"""Runs of alternatives on the same luck: as many as the question needs, and what became of every organization in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.rules import engine
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.rules.population import build
from ci_sim.rules.state import LEFT, UNINVITED
from ci_sim.simulation.ensemble import Job, memory_for
from ci_sim.studies.execution.runner import run_jobs
from ci_sim.studies.execution.sequential import next_look
from ci_sim.studies.statistics.intervals import level, risk_difference


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


def look(job: Job, seeds: np.ndarray, with_series: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Run some seeds; return their outcomes, (runs, len(OUTCOME_ROW)), and what became of everyone, (runs, len(Fates), N)."""
    state, rules = memory_for(job), job.rules[0]
    outcomes = np.empty((len(seeds), len(OUTCOME_ROW)))
    fates = np.empty((len(seeds), len(Fates._fields), len(job.partners.ids)), np.float32)
    for r, seed in enumerate(seeds):
        build(state, job.partners.given, rules, seed)
        engine.run_weeks(state, rules, job.events, job.weeks, job.weeks, engine.NOBODY_ASKED)
        engine.write_outcomes(state, rules, outcomes[r])
        orgs, dimensions = state.orgs, int(state.initiative[0].dimensions)
        apart = orgs["position"][:, :dimensions] - state.initiative[0].agenda[:dimensions]
        fates[r] = (
            orgs["membership"] != UNINVITED,
            orgs["membership"] == LEFT,
            orgs["inside"] == 1,
            np.maximum(0.0, 1.0 - 2.0 * np.sqrt((apart**2).sum(axis=1) / dimensions)),
        )
    return outcomes, fates


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


def as_many_as_needed(jobs: Sequence[Job], config: Any, what: str) -> tuple[list[Runs], bool]:
    """Run jobs until what is asked is known to ± `precision` (see `studies.execution.sequential`), or `max_replicates` are done.

    Returns:
        the runs of each job, and whether all were done (False after Ctrl-C, with what was finished by then).
    """
    runs, complete, done = *_run(jobs, config, 0, config.replicates, what), config.replicates
    while complete and config.precision is not None and done < config.max_replicates:
        reach = known_to(runs)
        if reach <= config.precision:
            break
        wanted = min(config.max_replicates, next_look(done, reach, config.precision))
        more, complete = _run(jobs, config, done, wanted - done, what)
        runs, done = [joined(pair) for pair in zip(runs, more, strict=True)], wanted
    return runs, complete


def _run(jobs: Sequence[Job], config: Any, first: int, replicates: int, what: str) -> tuple[list[Runs], bool]:
    """Run some replicates of every job on the same seeds; return them, and whether all were done."""
    found, complete = run_jobs(
        jobs, config.seed, replicates, config.executor, bool(config.quiet), what=what, first=first, look=look
    )
    runs = []
    for job in jobs:
        outcomes, fates = found[job.name]
        nobody = np.empty((0, len(Fates._fields), len(job.partners.ids)), np.float32)
        runs.append(Runs(outcomes, Fates(*np.moveaxis(fates if len(outcomes) else nobody, 1, 0))))
    return runs, complete
