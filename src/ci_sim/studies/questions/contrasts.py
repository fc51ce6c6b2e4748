"""The article's four insights as contrasts: each against the baseline, and on top of the other three."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ci_sim.simulation.ensemble import Runs
from ci_sim.studies.statistics.effects import time_to_formation


class Insight(NamedTuple):
    """One of the article's claims, which the texts state (`insights.of`), and the contrast that stands for it."""

    number: int
    scenario: str  # compared with the baseline


INSIGHTS = (
    Insight(1, "preliminary_stages"),
    Insight(2, "kinds_in_sequence"),
    Insight(3, "sixth_component"),
    Insight(4, "intra_sector"),
)
OUTCOMES = ("formed", "time_to_formation", "trust_across", "hours_spent", "satisfaction_min")
MORE, LESS, NEITHER = "more", "less", "no clear difference"
ALONE, ON_TOP = "nothing", "the others"  # what else is at work beside an insight


class Contrast(NamedTuple):
    """An insight's effect: which two scenarios are compared, each by the ready scenarios that it is made of."""

    insight: Insight
    beside: str  # ALONE or ON_TOP
    with_it: tuple[str, ...]
    without: tuple[str, ...]


def _all_contrasts() -> list[Contrast]:
    every = tuple(insight.scenario for insight in INSIGHTS)
    alone = [Contrast(insight, ALONE, (insight.scenario,), ()) for insight in INSIGHTS]
    on_top = [Contrast(i, ON_TOP, every, tuple(name for name in every if name != i.scenario)) for i in INSIGHTS]
    return alone + on_top


CONTRASTS = _all_contrasts()
SCENARIOS = sorted(dict.fromkeys(made_of for c in CONTRASTS for made_of in (c.without, c.with_it)), key=len)


def named(made_of: tuple[str, ...]) -> str:
    """Return the name of what some ready scenarios make together."""
    return " + ".join(made_of) or "baseline"


def matrix_of(runs: Iterable[Runs], outcome: str, weeks: int) -> np.ndarray:
    """Return an outcome of every run, of shape (settings, runs in each).

    Args:
        runs: of each setting, the same number in each.
        outcome: one of OUTCOMES, NaN where a run has no value.
        weeks: the horizon, with which a run that did not form counts in `time_to_formation`.
    """
    if outcome == "time_to_formation":
        return np.stack([time_to_formation(r.outcomes["formation_week"], weeks).to_numpy(float) for r in runs])
    return np.stack([r.outcomes[outcome].to_numpy(float) for r in runs])
