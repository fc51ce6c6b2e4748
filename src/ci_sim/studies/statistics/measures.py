"""What studies measure in a run: its outcomes, and what can be read from its weekly series."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ci_sim.rules.engine import OUTCOME_ROW, SERIES_ROW
from ci_sim.simulation.ensemble import Runs
from ci_sim.studies.statistics.effects import time_to_formation

# Besides the outcomes; each of shape (runs,), NaN where a run has no value.
_FROM_SERIES: dict[str, Callable[[Runs], np.ndarray]] = {
    "everyone_commits": lambda runs: runs.series[:, -1, _at("coalition_size")] == runs.series[:, -1, _at("members")],
    "mean_contribution": lambda runs: runs.series[:, :, _at("share_civil_society")].mean(axis=1),
    "first_round": lambda runs: runs.series[:, 0, _at("share_civil_society")],
    "trust_gap_at_start": lambda runs: _gap(runs)[:, 0],
    "change_of_trust_gap": lambda runs: _gap(runs)[:, -1] - _gap(runs)[:, 0],
    "trust_moved_in_five_weeks": lambda runs: np.abs(
        runs.series[:, 5, _at("trust_within")] - runs.series[:, 0, _at("trust_within")]
    ),
}
_FROM_OUTCOMES: dict[str, Callable[[Runs], np.ndarray]] = {
    "satisfaction_if_formed": lambda runs: runs.outcomes["satisfaction_mean"].where(runs.outcomes["formed"]).to_numpy(),
    "breadth_if_formed": lambda runs: runs.outcomes["breadth_convened"].where(runs.outcomes["formed"]).to_numpy(),
    "time_to_formation": lambda runs: time_to_formation(
        runs.outcomes["formation_week"], runs.series.shape[1]
    ).to_numpy(),
    "median_launch_week": lambda runs: runs.outcomes["launch_week"].to_numpy(),
}
MEASURES = _FROM_SERIES | _FROM_OUTCOMES


def needs_series(name: str) -> bool:
    """Return whether a measure is read from the weekly series of a run."""
    return name in _FROM_SERIES


def _at(quantity: str) -> int:
    return SERIES_ROW.index(quantity)


def _gap(runs: Runs) -> np.ndarray:
    """Return by how much trust within sectors exceeds trust across them, of shape (runs, weeks)."""
    return runs.series[:, :, _at("trust_within")] - runs.series[:, :, _at("trust_across")]


def measured(name: str, runs: Runs) -> np.ndarray:
    """Return a measure of each run, of shape (runs,)."""
    values = MEASURES[name](runs) if name in MEASURES else runs.outcomes[name].to_numpy()
    return values.astype(float)


def measure_names() -> list[str]:
    """Return the names of all that can be measured in a run."""
    return [*MEASURES, *(name for name in OUTCOME_ROW if name != "cause")]
