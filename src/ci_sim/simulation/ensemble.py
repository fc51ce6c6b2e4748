"""Many runs of one scenario: what the engine needs, prepared from a configuration, and what it fills, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.configuration.checks import refuse_first_edition
from ci_sim.configuration.happenings import happenings_from
from ci_sim.configuration.partners import Partners, partners_from
from ci_sim.rules.engine import OUTCOME_ROW, SERIES_ROW, run_many, write_outcomes
from ci_sim.rules.outcomes import CAUSES
from ci_sim.rules.record import events_from, rules_from
from ci_sim.rules.state import State, allocate


class Job(NamedTuple):
    """One scenario, ready to run."""

    name: str
    partners: Partners
    rules: np.ndarray
    events: np.ndarray
    weeks: int


class Runs(NamedTuple):
    """What came out of the runs of one scenario."""

    outcomes: pd.DataFrame  # one row a run
    series: np.ndarray  # (runs, weeks, len(SERIES_ROW)), or (0, weeks, …) if none was asked for; or what was kept of it


def job_from(config: Any) -> Job:
    """Return what a checked configuration asks to run.

    Raises:
        UserError: if it was written by the first edition of the model, or names who does not take part.
    """
    refuse_first_edition(config, "the configuration")
    partners = partners_from(config)
    events = np.concatenate([events_from(config), happenings_from(config, partners)])
    return Job(config.scenario.name, partners, rules_from(config), events, config.weeks)


def simulate(config: Any, seeds: Iterable[int]) -> pd.DataFrame:
    """Run one scenario once for each seed, and return the outcomes table, one row a run.

    Args:
        config: a checked configuration (see `ci_sim.load_config`).
        seeds: whole numbers from 0; run the same seed again, here or in an `InitiativeModel`, for the same initiative.
    """
    job, runs = job_from(config), np.fromiter(seeds, dtype=np.int64)
    return outcomes_table(job.name, runs, run_seeds(job, runs, with_series=False)[0])


def memory_for(job: Job) -> State:
    """Return room for the runs of a job, one at a time."""
    return allocate(len(job.partners.ids), job.partners.max_ties, job.weeks)


def run_seeds(job: Job, seeds: np.ndarray, with_series: bool) -> tuple[np.ndarray, np.ndarray]:
    """Run some seeds of a job in memory of their own; return their outcomes and series."""
    state = memory_for(job)
    outcomes = np.empty((len(seeds), len(OUTCOME_ROW)))
    series = np.empty((len(seeds) if with_series else 0, job.weeks, len(SERIES_ROW)))
    run_many(state, job.partners.given, job.rules, job.events, seeds, job.weeks, outcomes, series)
    return outcomes, series


def outcomes_of_run(scenario: str, seed: int, state: State, rules: np.record) -> pd.DataFrame:
    """Return the outcomes of a run that has ended, as a table of one row."""
    values = np.empty((1, len(OUTCOME_ROW)))
    write_outcomes(state, rules, values[0])
    return outcomes_table(scenario, np.array([seed]), values)


def outcomes_table(
    scenario: str | np.ndarray, seeds: np.ndarray, values: np.ndarray, replicates: np.ndarray | None = None
) -> pd.DataFrame:
    """Return the outcomes as a table, one row a run: who ran, then what came out, then the context that was drawn.

    Args:
        scenario: of all runs, or of each, of shape (runs,).
        seeds: of shape (runs,).
        values: of shape (runs, len(OUTCOME_ROW)).
        replicates: the number of each run; None: in their order, from 0.
    """
    replicates = np.arange(len(seeds)) if replicates is None else replicates
    names = np.broadcast_to(np.asarray(scenario, dtype=object), len(seeds))
    table = named_outcomes(values)
    table.insert(
        0, "run_id", pd.Series([f"{name}-{r}" for name, r in zip(names, replicates, strict=True)], dtype="str")
    )
    table.insert(1, "scenario", pd.Series(names, dtype="str"))
    table.insert(2, "replicate", replicates)
    table.insert(3, "seed", seeds)
    return table


def named_outcomes(values: np.ndarray) -> pd.DataFrame:
    """Return outcomes, of shape (runs, len(OUTCOME_ROW)), as a table with a type a column."""
    table = pd.DataFrame(values, columns=list(OUTCOME_ROW))
    for name in ("formed", "collapsed", "standing"):
        table[name] = table[name].astype(bool)
    for name in ("coalition_size", "agreements", "signatories", "rounds", "breaches", "repairs"):
        table[name] = table[name].astype(np.int64)
    table["cause"] = pd.Series(np.array([None, *CAUSES], dtype=object)[table["cause"].astype(int)], dtype="str")
    return table
