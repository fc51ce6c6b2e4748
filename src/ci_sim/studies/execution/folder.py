"""What a sweep's folder holds, as an analyst needs it: settings as inputs, and what came out in each, run by run."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from omegaconf import OmegaConf

from ci_sim.configuration.checks import refuse_first_edition
from ci_sim.configuration.commands import SweepConfig
from ci_sim.configuration.composition import check
from ci_sim.errors import UserError
from ci_sim.studies.execution.plan import scenarios_in
from ci_sim.studies.statistics.effects import time_to_formation


class SweepFolder(NamedTuple):
    """A complete sweep."""

    path: Path
    config: Any
    settings: pd.DataFrame  # one row a setting
    scenarios: list[str]

    @property
    def replicates(self) -> np.ndarray:
        """How many replicates each setting has, an array of shape (settings,)."""
        table = pq.read_table(self.path / "outcomes.parquet", columns=["setting", "scenario"]).to_pandas()
        runs = table.loc[table["scenario"] == self.scenarios[0], "setting"]
        return np.bincount(runs, minlength=len(self.settings))

    def response(self, outcome: str, scenario: str) -> np.ndarray:
        """Return an outcome of each run in a scenario, of shape (settings, most replicates); NaN where there is none, or no run.

        Time to formation is that of `effects.time_to_formation`: a run that did not form counts with the horizon.
        """
        stored = "formation_week" if outcome == "time_to_formation" else outcome
        table = pq.read_table(
            self.path / "outcomes.parquet",
            columns=["setting", "replicate", stored],
            filters=[("scenario", "==", scenario)],
        ).to_pandas()
        found = table[stored]
        if outcome == "time_to_formation":
            found = time_to_formation(found, self.config.weeks)
        values = np.full((len(self.settings), table["replicate"].max() + 1), np.nan)
        values[table["setting"], table["replicate"]] = found.to_numpy(float)
        return values

    def outcomes(self, scenario: str) -> list[pd.DataFrame]:
        """Return the outcomes in a scenario, a table a setting, one row a run."""
        table = pd.read_parquet(self.path / "outcomes.parquet", filters=[("scenario", "==", scenario)])
        return [runs for _, runs in table.groupby("setting", sort=True)]


def read_sweep(path: Path) -> SweepFolder:
    """Return the complete sweep in a folder.

    Raises:
        UserError: if there is none, or it needs to be merged or finished first.
    """
    if not (path / "config.yaml").is_file():
        raise UserError(f"sweep={path}: holds no sweep; name the folder that `ci-sim sweep` wrote")
    if not (path / "outcomes.parquet").is_file() or not (path / "design.parquet").is_file():
        raise UserError(f"sweep={path}: is not complete; run its `ci-sim sweep` again, without shard=")
    config = config_in(path)
    settings = pd.read_parquet(path / "design.parquet").drop(columns="setting")
    return SweepFolder(path, config, settings, scenarios_in(config))


def config_in(folder: Path) -> Any:
    """Return the configuration of a folder's sweep, checked.

    Raises:
        UserError: if it is that of another command, or of the first edition.
    """
    config: Any = OmegaConf.load(folder / "config.yaml")
    if "over" not in config:
        raise UserError(f"{folder}: holds the results of another command; name the folder that `ci-sim sweep` wrote")
    refuse_first_edition(config, str(folder))
    default = OmegaConf.structured(SweepConfig)
    for entry in fields(SweepConfig):  # what an earlier version could not be told
        if entry.name not in config:
            config[entry.name] = default[entry.name]
    check(config)
    return config
