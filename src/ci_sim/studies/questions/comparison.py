"""The main job: scenarios x replicates with paired seeds, and what the scenarios change."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.configuration.composition import in_scenario
from ci_sim.partners.account import Reading
from ci_sim.rules.engine import SERIES_ROW
from ci_sim.simulation.ensemble import Job, job_from
from ci_sim.studies.execution.output import clear_pictures_and_pages, open_folder, write_record, write_table
from ci_sim.studies.execution.runner import run_jobs
from ci_sim.studies.execution.sequential import next_look
from ci_sim.studies.questions.turning import turning_points
from ci_sim.studies.statistics.effects import effects_by_context, paired_effects
from ci_sim.texts import text


class Stopped(NamedTuple):
    """Why there are so many replicates, where `precision` decides how many."""

    replicates: int
    outcome: str  # one of EFFECTS_ON
    known_to: float  # half of the widest interval of the effects on it, in its unit
    precision: float  # as asked

    def said(self, locale: str = "en") -> str:
        """Return it as a sentence."""
        key = "as_asked" if self.known_to <= self.precision else "at_most"
        return text(
            f"comparison.stopped.{key}",
            locale,
            runs=f"{self.replicates:,}",
            outcome=text(f"comparison.outcomes.{self.outcome}", locale),
            known=f"{self.known_to:.3g}",
            precision=f"{self.precision:g}",
        )


class Comparison(NamedTuple):
    """What a comparison found, as tables."""

    outcomes: pd.DataFrame  # one row a run
    effects: pd.DataFrame  # one row a contrast and outcome
    by_context: pd.DataFrame  # one row a contrast and half of a context: effects on the chance of forming
    weekly: pd.DataFrame  # one row a scenario and week: means over the runs
    descriptions: dict[str, str]  # a line of explanation for each scenario
    assumed: list[str]  # what the population's tables do not give, drawn anew in each replicate
    readings: tuple[Reading, ...]  # how the user's tables were read
    organizations: int  # how many take part
    stopped: Stopped | None  # why there are so many replicates; nothing where their number was given
    turning: pd.DataFrame  # where all runs of the reference form, or none: what would change that (`turning_points`)
    complete: bool  # False after Ctrl-C


def compare(config: Any) -> Comparison:
    """Run every scenario of a comparison on the same seeds, and return the outcomes and the paired effects.

    With `precision`, replicates are added until the 95 % interval of each scenario's effect on `precision_outcome` reaches no
    farther than that to either side (see `ci_sim.studies.execution.sequential`), or `max_replicates` are done. It is the
    comparison that `replicates=` of the final number would have made.

    Args:
        config: a checked configuration, `ci_sim.load_config("compare", overrides)`.
    """
    names, reference = scenarios_of(config)
    configs = {name: in_scenario(config, name) for name in names}
    jobs = [job_from(configs[name]) for name in names]
    outcomes, sums, complete = _run_all(config, jobs, 0, config.replicates)
    effects = paired_effects(outcomes, reference, config.weeks)
    stopped, done = None, config.replicates
    while config.precision is not None and complete:
        half_width = _half_width(effects, config.precision_outcome)
        if half_width <= config.precision or done >= config.max_replicates:
            stopped = Stopped(done, config.precision_outcome, half_width, config.precision)
            break
        wanted = min(config.max_replicates, next_look(done, half_width, config.precision))
        more, more_sums, complete = _run_all(config, jobs, done, wanted - done)
        outcomes = pd.concat([outcomes, more]).sort_values("scenario", key=lambda s: s.map(names.index), kind="stable")
        sums = {name: sums[name] + more_sums[name] for name in names}
        effects, done = paired_effects(outcomes, reference, config.weeks), wanted
    return Comparison(
        outcomes=outcomes.reset_index(drop=True),
        effects=effects,
        by_context=effects_by_context(outcomes, reference),
        weekly=pd.concat([_weekly_means(name, sums[name]) for name in names], ignore_index=True),
        descriptions={name: configs[name].scenario.description for name in names},
        assumed=jobs[0].partners.assumed,
        readings=jobs[0].partners.readings,
        organizations=len(jobs[0].partners.ids),
        stopped=stopped,
        turning=_turning(configs[reference], outcomes) if complete else pd.DataFrame(),
        complete=complete,
    )


def _turning(config: Any, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return what would make it a question, if in every scenario all runs form, or none."""
    shares = outcomes.groupby("scenario")["formed"].mean()
    return turning_points(config) if shares.isin([0.0, 1.0]).all() else pd.DataFrame()


def _run_all(config: Any, jobs: list[Job], first: int, replicates: int) -> tuple[pd.DataFrame, dict, bool]:
    """Return the outcomes of some replicates of all scenarios, the sums of their weekly quantities, and whether all were done."""
    runs, complete = run_jobs(
        jobs, config.seed, replicates, config.executor, bool(config.quiet), with_series=True, first=first,
        summary=_weekly_sums,
    )  # fmt: skip
    outcomes = pd.concat([runs[job.name].outcomes for job in jobs], ignore_index=True)
    return outcomes, {job.name: runs[job.name].series.sum(axis=0) for job in jobs}, complete


def _half_width(effects: pd.DataFrame, outcome: str) -> float:
    """Return how far the widest interval of the effects on an outcome reaches; infinite where an effect has none."""
    rows = effects[effects["outcome"] == outcome]
    reach = (rows["ci_high"] - rows["ci_low"]) / 2
    return float(reach.fillna(np.inf).max())


def scenarios_of(config: Any) -> tuple[list[str], str]:
    """Return the scenarios to compare and the reference among them, by default the first."""
    names = list(dict.fromkeys(config.scenarios))
    return names, config.reference or names[0]


def _weekly_sums(series: np.ndarray) -> np.ndarray:
    """Return sums and counts over runs of the weekly quantities that are known, of shape (1, weeks, quantities, 2)."""
    known = ~np.isnan(series)
    return np.stack([np.where(known, series, 0.0).sum(axis=0), known.sum(axis=0)], axis=-1)[None]


def _weekly_means(scenario: str, sums: np.ndarray) -> pd.DataFrame:
    """Return the mean over runs of each weekly quantity; a quantity that no run has in a week is missing."""
    total, count = sums[..., 0], sums[..., 1]
    means = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    table = pd.DataFrame(means, columns=list(SERIES_ROW))
    table.insert(0, "scenario", scenario)
    table.insert(1, "week", np.arange(1, len(table) + 1))
    return table


def write_comparison(config: Any, comparison: Comparison, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the configuration and the manifest; return the folder."""
    folder = open_folder(config.output_dir)
    clear_pictures_and_pages(folder)
    names = ("outcomes.parquet", "effects.csv", "effects_by_context.csv", "weekly.csv")
    tables = [folder / name for name in names]
    for table, path in zip(comparison[: len(tables)], tables, strict=True):
        write_table(table, path)
    scenarios, reference = scenarios_of(config)
    write_record(
        folder,
        config,
        tables,
        started,
        command,
        scenarios=scenarios,
        reference=reference,
        replicates=int(comparison.outcomes["replicate"].nunique()),
        stopping=comparison.stopped.said() if comparison.stopped else "",
        runs=len(comparison.outcomes),
        complete=comparison.complete,
        assumed=comparison.assumed,
        readings=[reading.said() for reading in comparison.readings],
    )
    return folder
