"""Discovery: readable rules for the region of the parameters in which something happens.

The Patient Rule Induction Method (Friedman & Fisher 1999; for scenario discovery Bryant & Lempert 2010), by ema_workbench: a box,
an interval for a few of the inputs, in which the cases of interest are dense. *Density* is the share of cases of interest among
the settings in the box; *coverage* the share of all cases of interest that lie in it. The box is found on one half of the
settings and judged on the other.
"""

from __future__ import annotations

import logging
import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ci_sim.studies.extras import need_studies

MOST_RULES = 3  # a rule that a reader keeps in mind


class Box(NamedTuple):
    """A region, and how well it separates, on the half of the settings that did not find it."""

    limits: dict[str, tuple[float, float]]  # parameter -> from, to; in the order in which they separate
    coverage: float  # share of the cases of interest that lie inside
    density: float  # share of cases of interest inside
    base_rate: float  # share of cases of interest everywhere
    inside: int  # settings inside
    settings: int


def find_box(settings: pd.DataFrame, of_interest: np.ndarray, seed: int) -> Box | None:
    """Return a box of at most MOST_RULES limits in which the cases of interest are dense, or None where they are too few.

    Args:
        settings: (n, inputs), one row a setting.
        of_interest: (n,) of truth values.
        seed: of the halves.
    """
    half = np.random.default_rng(seed).permutation(len(settings)) < len(settings) // 2
    found, tested = settings[half].reset_index(drop=True), settings[~half]
    if of_interest[half].sum() < 10 or of_interest[~half].sum() < 10:
        return None
    limits = _peel(found, of_interest[half])
    inside = np.ones(len(tested), bool)
    for key, (low, high) in limits.items():
        inside &= tested[key].between(low, high).to_numpy()
    hits = of_interest[~half]
    return Box(
        limits,
        float(hits[inside].sum() / hits.sum()),
        float(hits[inside].mean()) if inside.any() else float("nan"),
        float(hits.mean()),
        int(inside.sum()),
        len(tested),
    )


def _telling(settings: pd.DataFrame, of_interest: np.ndarray) -> list[str]:
    """Return the inputs whose values differ most between the cases of interest and the others (Kolmogorov-Smirnov distance)."""
    distance = {
        key: stats.ks_2samp(column[of_interest], column[~of_interest]).statistic for key, column in settings.items()
    }
    return sorted(distance, key=distance.__getitem__, reverse=True)[:MOST_RULES]


def _peel(settings: pd.DataFrame, of_interest: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return the limits of the box that balances coverage and density best (their harmonic mean), of PRIM's ever smaller ones."""
    keys = _telling(settings, of_interest)
    need_studies()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("EMA").setLevel(logging.ERROR)
        from ema_workbench.analysis import prim

        box = prim.Prim(
            settings[keys].astype(float), of_interest, threshold=0.0, peel_alpha=0.05, mass_min=0.03
        ).find_box()
    density = box.peeling_trajectory["mean"]
    coverage = density * box.peeling_trajectory["n"] / of_interest.sum()
    best = box.box_lims[int(np.argmax(2 * coverage * density / (coverage + density)))]
    whole = box.box_lims[0]
    limits = {}
    for key in keys:
        low, high = best[key].iloc[0], best[key].iloc[1]
        if low > whole[key].iloc[0] or high < whole[key].iloc[1]:
            limits[key] = (float(low), float(high))
    return limits
