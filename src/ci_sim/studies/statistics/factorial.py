"""Full factorial experiments: every combination of some factors, on the same luck, and what each contributes.

Main effects and interactions are the classical contrasts (Box, Hunter & Hunter 2005); Shapley shares divide what all factors
together change among them, each by its mean contribution over all orders in which they could be added (Shapley 1953). Both are
linear in the runs' outcomes, so that every replicate gives a value of its own, and the replicates give the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from ci_sim.studies.statistics.intervals import Estimate, mean_of


def subsets(factors: Sequence[str]) -> list[tuple[str, ...]]:
    """Return all combinations of the factors, the empty one first, each in the factors' order."""
    return [chosen for size in range(len(factors) + 1) for chosen in combinations(factors, size)]


def contrasts(outcomes: dict[tuple[str, ...], np.ndarray], factors: Sequence[str]) -> pd.DataFrame:
    """Return all main effects and interactions with their 95 % t intervals.

    Args:
        outcomes: combination -> the outcome of each replicate, (n,), paired over the combinations.

    Returns:
        columns `effect, order, estimate, ci_low, ci_high, n, method`. A main effect is the mean change when the factor is
        added, over all combinations of the others; an interaction of two is half the change of one's effect by the other.
    """
    rows = []
    for effect in subsets(factors)[1:]:
        signs = {chosen: (-1) ** sum(factor not in chosen for factor in effect) for chosen in outcomes}
        per_run = sum(sign * outcomes[chosen] for chosen, sign in signs.items()) / 2 ** (len(factors) - 1)
        rows.append((" x ".join(effect), len(effect), *mean_of(np.asarray(per_run), "factorial contrast, t interval")))
    return pd.DataFrame(rows, columns=["effect", "order", *Estimate._fields])


def shapley_shares(outcomes: dict[tuple[str, ...], np.ndarray], factors: Sequence[str]) -> pd.DataFrame:
    """Return each factor's Shapley share of what all factors together change, with its 95 % t interval.

    Args:
        outcomes: combination -> the outcome of each replicate, (n,), paired over the combinations.

    Returns:
        columns `factor, share, alone, last` as estimates with intervals: the share; what the factor changes when it comes
        alone; and what it changes when it is added to all others.
    """
    n = len(factors)
    rows = []
    for factor in factors:
        others = [other for other in factors if other != factor]
        share = np.zeros(len(outcomes[()]))
        for before in subsets(others):
            weight = factorial(len(before)) * factorial(n - 1 - len(before)) / factorial(n)
            share += weight * _added(outcomes, factors, before, factor)
        for kind, values in (
            ("share", share),
            ("alone", _added(outcomes, factors, (), factor)),
            ("last", _added(outcomes, factors, others, factor)),
        ):
            rows.append((factor, kind, *mean_of(values, "Shapley contribution, t interval")))
    return pd.DataFrame(rows, columns=["factor", "contribution", *Estimate._fields])


def _added(outcomes: dict, factors: Sequence[str], before: Sequence[str], factor: str) -> np.ndarray:
    """Return what a factor changes in each replicate when it is added to those before."""
    after = tuple(f for f in factors if f in before or f == factor)
    return outcomes[after] - outcomes[tuple(before)]
