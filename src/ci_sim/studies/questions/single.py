"""One initiative, looked at closely: its outcomes, its weeks, its organizations and its ties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.errors import UserError
from ci_sim.rules import engine
from ci_sim.rules.engine import SERIES_ROW
from ci_sim.rules.population import build
from ci_sim.rules.state import State
from ci_sim.rules.streams import replicate_seeds
from ci_sim.simulation.ensemble import Job, job_from, memory_for, outcomes_of_run
from ci_sim.simulation.first_use import share_compilation
from ci_sim.simulation.recording import Recording, recorded, rows_of_ties, weekly_table
from ci_sim.simulation.snapshots import organizations_table, ties_table
from ci_sim.studies.execution.export import write_gexf, write_graphml, write_kumu, write_workbook
from ci_sim.studies.execution.output import clear_pictures_and_pages, open_folder, write_record, write_table
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.execution.runner import run_jobs

KEPT_ROWS = 1_000_000  # ties times weeks up to which every week is kept
GRAPH_LIMIT = 20_000  # organizations up to which the network is written as a graph and drawn


class SingleRun(NamedTuple):
    """What one run came to, as tables."""

    outcomes: pd.DataFrame  # one row a replicate
    weekly: pd.DataFrame  # of the first replicate, as all that follows: one row a week
    organizations: pd.DataFrame  # as they are at the end
    ties: pd.DataFrame  # as they are at the end
    assumed: list[str]  # what the population's tables do not give
    readings: list[str]  # how the user's tables were read, in words
    complete: bool  # False after Ctrl-C
    recording: Recording | None  # every organization and tie of every week; None where they are too many


def run(config: Any) -> SingleRun:
    """Run one initiative, the first replicate of the configuration's seed, and the outcomes of further ones if asked for.

    Args:
        config: a checked configuration, `ci_sim.load_config("run", overrides)`.
    """
    share_compilation()
    job = job_from(config)
    rules, partners, seed = job.rules[0], job.partners, replicate_seeds(config.seed, 1)[0]
    state = memory_for(job)
    recording = recorded(job, seed, state) if rows_of_ties(job) <= KEPT_ROWS else None
    weekly = _weeks_of(job, seed, state, bool(config.quiet)) if recording is None else recording.weekly
    outcomes, complete = outcomes_of_run(job.name, seed, state, rules), True
    if config.replicates > 1:
        runs, complete = run_jobs([job], config.seed, config.replicates, config.executor, config.quiet)
        outcomes = runs[job.name].outcomes
    return SingleRun(
        outcomes,
        weekly,
        organizations_table(state, rules, partners),
        ties_table(state, rules, partners),
        partners.assumed,
        [reading.said() for reading in partners.readings],
        complete,
        recording,
    )


def _weeks_of(job: Job, seed: int, state: State, quiet: bool) -> pd.DataFrame:
    """Run a seed in a state, too large to keep every week of, and return its weekly quantities."""
    series, week = np.empty((job.weeks, len(SERIES_ROW))), 0
    with progress(quiet, job.weeks, "weeks") as advance:
        build(state, job.partners.given, job.rules[0], seed)
        while week < job.weeks and not state.initiative["collapsed"].item():
            engine.run_weeks(state, job.rules[0], job.events, job.weeks, week + 1, engine.NOBODY_ASKED)
            engine.write_week(state, job.rules[0], series[week])
            week += 1
            advance(1)
    return weekly_table(series[:week])


def _export(config: Any, result: SingleRun, folder: Path) -> list[Path]:
    """Write a run for other tools, in the formats that are asked for; return the files.

    Raises:
        UserError: if it is too large for one of them.
    """
    if len(result.organizations) > GRAPH_LIMIT:
        return []
    names = dict(zip(result.organizations["id"], result.organizations["name"], strict=True))
    now = (result.organizations, result.ties)
    written = []
    for name in config.formats:
        path = folder / {"kumu": "kumu.xlsx", "xlsx": "run.xlsx"}.get(name, f"network.{name}")
        if name == "graphml":
            write_graphml(*now, path)
        elif name == "kumu":
            write_kumu(*now, path)
        elif name == "xlsx":
            write_workbook(dict(zip(("outcomes", "weekly", "organizations", "ties"), result[:4], strict=True)), path)
        elif result.recording is None:
            raise UserError(
                f"formats={list(config.formats)}: gexf plays every week, which is kept up to {KEPT_ROWS:,} rows of ties; "
                "fewer organizations or weeks do"
            )
        else:
            write_gexf(result.recording, names, path)
        written.append(path)
    return written


def write_run(
    config: Any, result: SingleRun, started: datetime, draw: Callable[..., None], command: str | None = None
) -> Path:
    """Write the tables, the network for other tools, the pictures, the configuration and the manifest; return the folder.

    Args:
        draw: draws figures of `figures.initiative`, each given by its name, its path and its tables (see `drawn_aside`).
    """
    folder = open_folder(config.output_dir)
    clear_pictures_and_pages(folder)
    small = len(result.organizations) <= GRAPH_LIMIT
    network = ("network", folder / "network.png", result.organizations, result.ties, config.locale)
    draw(("course", folder / "course.png", result.weekly, config.locale), *([network] if small else []))
    tables = [folder / "outcomes.parquet", *(folder / f"{name}.csv" for name in ("weekly", "organizations", "ties"))]
    for table, path in zip(result[:4], tables, strict=True):
        write_table(table, path)
    if result.recording is not None:
        for name, table in (("organizations", result.recording.organizations), ("ties", result.recording.ties)):
            tables.append(folder / f"{name}_by_week.parquet")
            write_table(table, tables[-1])
    tables += _export(config, result, folder)
    write_record(
        folder,
        config,
        tables,
        started,
        command,
        runs=len(result.outcomes),
        complete=result.complete,
        assumed=result.assumed,
        readings=result.readings,
    )
    return folder
