"""Is a sweep's table what the model gives? A random sample of its runs, done again and compared bit by bit."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from ci_sim.compilation.compiled import rules_fingerprint
from ci_sim.errors import UserError
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.studies.execution.folder import config_in
from ci_sim.studies.execution.plan import plan_of
from ci_sim.studies.execution.sequential import columns_looked_at, plan_to_the_end


class Check(NamedTuple):
    """What came of rerunning some runs."""

    folder: Path
    runs: int  # in the table
    sample: int  # rerun
    differing: pd.DataFrame  # run_id, column, in_the_table, rerun
    rules: str  # fingerprint of the rules that they were rerun with


def verify(folder: Path, sample: int = 100, seed: int = 1) -> Check:
    """Rerun some runs of a complete sweep, drawn at random, and compare what they give with the table, bit by bit.

    Raises:
        UserError: if the folder holds no complete sweep, or not the one that its configuration describes.
    """
    table = folder / "outcomes.parquet"
    if not table.is_file() or not (folder / "config.yaml").is_file():
        raise UserError(f"{folder}: holds no complete sweep; `ci-sim sweep` writes outcomes.parquet at its end")
    config, rows = config_in(folder), pq.read_metadata(table).num_rows
    plan = plan_of(config)
    if config.precision is not None:
        plan = plan_to_the_end(config, plan, pd.read_parquet(table, columns=columns_looked_at(config)))
    if rows != plan.runs:
        raise UserError(f"{table}: has {rows:,} rows, and a sweep as in its config.yaml has {plan.runs:,} runs")
    drawn = np.sort(np.random.default_rng(seed).choice(rows, min(sample, rows), replace=False))
    stored = pq.read_table(table).take(drawn).to_pandas()
    again = plan.outcomes_of(drawn)
    return Check(folder, rows, len(drawn), _differing(stored, again), rules_fingerprint())


def _differing(stored: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for column in ("run_id", "seed", *OUTCOME_ROW):
        there, here = stored[column].to_numpy(), again[column].to_numpy()
        unequal = (there != here) & ~(pd.isna(there) & pd.isna(here))
        rows += [(again["run_id"][r], column, there[r], here[r]) for r in np.flatnonzero(unequal)]
    return pd.DataFrame(rows, columns=["run_id", "column", "in_the_table", "rerun"])
