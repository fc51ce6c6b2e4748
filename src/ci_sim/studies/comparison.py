"""The main job: scenarios x replicates with paired seeds, and what the scenarios change."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.configuration import in_scenario
from ci_sim.engine import SERIES_ROW
from ci_sim.ensemble import Job, job_from
from ci_sim.studies.effects import effects_by_context, paired_effects
from ci_sim.studies.output import clear_pictures_and_pages, open_folder, write_record, write_table
from ci_sim.studies.runner import Runs, run_jobs


class Comparison(NamedTuple):
    """What a comparison found, as tables."""

    outcomes: pd.DataFrame  # one row a run
    effects: pd.DataFrame  # one row a contrast and outcome
    by_context: pd.DataFrame  # one row a contrast and half of a context: effects on the chance of forming
    weekly: pd.DataFrame  # one row a scenario and week: means over the runs
    descriptions: dict[str, str]  # a line of explanation for each scenario
    assumed: list[str]  # what the population's tables do not give, drawn anew in each replicate
    organizations: str  # who takes part, in words
    complete: bool  # False after Ctrl-C


def compare(config: Any) -> Comparison:
    """Run every scenario of a comparison on the same seeds, and return the outcomes and the paired effects.

    Args:
        config: a checked configuration, `ci_sim.load_config("compare", overrides)`.
    """
    names, reference = scenarios_of(config)
    configs = {name: in_scenario(config, name) for name in names}
    jobs = [job_from(configs[name]) for name in names]
    runs, complete = run_jobs(
        jobs, config.seed, config.replicates, config.executor.workers, bool(config.quiet), with_series=True
    )
    outcomes = pd.concat([runs[name].outcomes for name in names], ignore_index=True)
    return Comparison(
        outcomes=outcomes,
        effects=paired_effects(outcomes, reference, config.weeks),
        by_context=effects_by_context(outcomes, reference),
        weekly=pd.concat([_weekly_means(name, runs[name]) for name in names], ignore_index=True),
        descriptions={name: configs[name].scenario.description for name in names},
        assumed=jobs[0].partners.assumed,
        organizations=_in_words(config, jobs[0]),
        complete=complete,
    )


def scenarios_of(config: Any) -> tuple[list[str], str]:
    """Return the scenarios to compare and the reference among them, by default the first."""
    names = list(dict.fromkeys(config.scenarios))
    return names, config.reference or names[0]


def _in_words(config: Any, job: Job) -> str:
    """Return who takes part: how many organizations, and where they come from."""
    source = {
        "synthetic": "simulated organizations",
        "knoke": "real organizations of one city (Knoke & Wood 1981)",
        "from_files": f"organizations of {Path(config.organizations).name}" if config.organizations else "",
    }[config.population.source]
    return f"{len(job.partners.ids)} {source}"


def _weekly_means(scenario: str, runs: Runs) -> pd.DataFrame:
    """Return the mean over runs of each weekly quantity; a quantity that no run has in a week is missing."""
    known = ~np.isnan(runs.series)
    count = known.sum(axis=0)
    total = np.where(known, runs.series, 0.0).sum(axis=0)
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
        replicates=config.replicates,
        runs=len(comparison.outcomes),
        complete=comparison.complete,
        assumed=comparison.assumed,
    )
    return folder
