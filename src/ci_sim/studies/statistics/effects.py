"""Effects: paired differences between scenarios, with 95 % intervals.

Runs are paired by seed, so that both see the same context and the same luck. Time to formation is right-censored: an
initiative that had not formed by the horizon, or had collapsed, counts with the horizon (restricted mean time; every run is
followed to the horizon or to its end, so that the restricted mean needs no further correction).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import pandas as pd

from ci_sim.configuration.commands import EFFECTS_ON
from ci_sim.studies.statistics.intervals import complete_pairs, paired_effect, variance_reduction

_Weeks = TypeVar("_Weeks", pd.Series, pd.DataFrame)
COLUMNS = ("contrast", "outcome", "estimate", "ci_low", "ci_high", "n", "method", "variance_reduction")


def time_to_formation(formation_week: _Weeks, weeks: int) -> _Weeks:
    """Return the weeks until each run formed, in the same shape; one that did not counts with the horizon, `weeks`."""
    return formation_week.fillna(weeks)


def paired_effects(outcomes: pd.DataFrame, reference: str, weeks: int) -> pd.DataFrame:
    """Return the effect of each scenario against the reference on each outcome.

    Args:
        outcomes: one row a run, of at least the reference and one other scenario.
        weeks: the horizon.

    Returns:
        columns `contrast, outcome, estimate, ci_low, ci_high, n, method, variance_reduction`; n counts the pairs in which both
        runs have a value, the last column says what the common seeds saved (see `intervals.variance_reduction`).
    """
    table = outcomes.assign(time_to_formation=time_to_formation(outcomes["formation_week"], weeks))
    baseline = table[table["scenario"] == reference].set_index("seed")
    rows = []
    for scenario in table["scenario"].drop_duplicates():
        if scenario != reference:
            other = table[table["scenario"] == scenario].set_index("seed").reindex(baseline.index)
            for outcome in EFFECTS_ON:
                a, b = complete_pairs(other[outcome].to_numpy(float), baseline[outcome].to_numpy(float))
                found = paired_effect(outcome, a, b)
                rows.append((f"{scenario} - {reference}", outcome, *found, variance_reduction(a, b)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def effects_by_context(outcomes: pd.DataFrame, reference: str, outcome: str = "formed") -> pd.DataFrame:
    """Return the effect of each scenario in the lower and in the upper half of each context that varies.

    Args:
        outcomes: one row a run, with the `context_…` columns; the halves are split at the median over the replicates.

    Returns:
        columns `contrast, context, half, threshold, outcome, estimate, ci_low, ci_high, n, method`; half is low or high.
    """
    baseline = outcomes[outcomes["scenario"] == reference].set_index("seed")
    rows = []
    for scenario in outcomes["scenario"].drop_duplicates():
        other = outcomes[outcomes["scenario"] == scenario].set_index("seed").reindex(baseline.index)
        for context, half, threshold, inside in halves_of_contexts(baseline) if scenario != reference else ():
            a, b = (table.loc[inside, outcome].to_numpy(float) for table in (other, baseline))
            found = paired_effect(outcome, a, b)
            rows.append((f"{scenario} - {reference}", context, half, threshold, outcome, *found))
    return pd.DataFrame(rows, columns=["contrast", "context", "half", "threshold", *COLUMNS[1:-1]])


def halves_of_contexts(outcomes: pd.DataFrame) -> Iterator[tuple[str, str, float, pd.Series]]:
    """Give both halves of each context that varies: its name, low or high, the median that parts them, and the runs in it."""
    for column in outcomes.columns[outcomes.columns.str.startswith("context_")]:
        context, threshold = outcomes[column], outcomes[column].median()
        if context.nunique() > 1:
            name = column.removeprefix("context_")
            yield name, "low", threshold, context <= threshold
            yield name, "high", threshold, context > threshold
