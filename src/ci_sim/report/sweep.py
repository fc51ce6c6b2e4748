"""What a sweep shows at its end: a picture, a table in the terminal, and how to go on."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from ci_sim.figures.style import save, scenario_label
from ci_sim.figures.sweep import chance_by_parameter
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.studies.execution.verify import Check
from ci_sim.studies.questions.sweep import Sweep


def print_sweep(config: Any, result: Sweep) -> None:
    """Draw a complete sweep, and print what came out in each scenario; say what is missing of an incomplete one."""
    console = Terminal()
    for path in result.set_aside:
        console.print(f"Set aside, as it was no finished part of this sweep: {path}", markup=False)
    if not result.complete:
        console.print(
            f"{result.runs_done:,} of {result.runs:,} runs are in {result.folder}. When all shards are done, run the same "
            "command without shard= to merge them.",
            markup=False,
        )
        return
    keys = list(result.settings)
    cells = _cells(result, keys)
    save(chance_by_parameter(cells, keys), result.folder / "sweep.png")
    table = plain_table()
    for name in ("scenario", "settings", "runs", "runs that form", "settings where none forms", "where all form"):
        table.add_column(name, justify="left" if name == "scenario" else "right")
    for name, own in cells.groupby("scenario", sort=False):
        none, every = (own["formed"] == 0.0).mean(), (own["formed"] == 1.0).mean()
        runs = f"{result.runs // cells['scenario'].nunique():,}"
        chance = f"{own['formed'].mean():.1%}"
        table.add_row(scenario_label(str(name)), f"{len(own):,}", runs, chance, f"{none:.0%}", f"{every:.0%}")
    console.print(f"{config.title}: {result.runs:,} runs", style="bold", markup=False)
    console.print(table)
    if config.precision is not None:
        console.print(_precision(config, cells.groupby("setting")["replicates"].first()), markup=False)
    console.print(
        f"One row a run: {result.folder / 'outcomes.parquet'}; picture: {result.folder / 'sweep.png'}", markup=False
    )
    console.print(f"Check a sample of it: ci-sim verify {result.folder}", markup=False)


def _precision(config: Any, replicates: pd.Series) -> str:
    """Say how many replicates it took to know each setting as precisely as asked."""
    known = (
        f"effects on {config.precision_outcome} were"
        if len(config.scenarios) > 1
        else f"{config.precision_outcome} was"
    )
    capped = int((replicates >= config.max_replicates).sum())
    return (
        f"Replicates were added in each setting until {known} known to ±{config.precision:g}: "
        f"{replicates.min():,} to {replicates.max():,}, {replicates.median():,.0f} in the middle"
        + (f"; {capped:,} settings stopped at max_replicates={config.max_replicates:,}." if capped else ".")
    )


def _cells(result: Sweep, keys: list[str]) -> pd.DataFrame:
    """Return the share of the replicates that formed, and how many they are, a row a setting and scenario, with its values."""
    columns = ["setting", "scenario", "formed"]
    runs = pq.read_table(result.folder / "outcomes.parquet", columns=columns).to_pandas()
    shares = runs.groupby(columns[:2], sort=False)["formed"].agg(formed="mean", replicates="size").reset_index()
    return shares.join(result.settings[keys], on="setting")


def print_check(check: Check) -> None:
    """Print what came of rerunning some runs of a sweep."""
    console = Terminal()
    runs = check.differing["run_id"].nunique()
    if not runs:
        console.print(
            f"{check.folder}: {check.sample} of {check.runs:,} runs, drawn at random, are the same to the last bit."
        )
        return
    console.print(
        f"{check.folder}: {runs} of the {check.sample} runs that were rerun differ, with rules {check.rules}:"
    )
    for row in check.differing.head(10).itertuples():
        console.print(
            f"  {row.run_id}: {row.column} is {row.in_the_table} in the table and {row.rerun} now", markup=False
        )
