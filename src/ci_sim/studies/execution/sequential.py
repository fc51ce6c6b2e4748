"""Sequential replication: as many replicates as it takes to know an effect as precisely as asked, and no more.

A fixed-width sequential interval (Chow & Robbins 1965): the 95 % interval is looked at after a first number of replicates, and
then each time that their number has grown by at least a tenth and at most to the double, until it reaches no farther than
`precision` to either side. So few looks, none before the first replicates, keep the coverage at what it says. Where no two values
differ, an interval says nothing: then it takes 60 replicates, after which something that happens in more than one run of twenty
would have shown (with 95 %: the rule of three, Hanley & Lippman-Hand 1983).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ci_sim.studies.execution.plan import Plan
from ci_sim.studies.statistics.effects import time_to_formation
from ci_sim.studies.statistics.intervals import level, paired_effect

_ALIKE = 60  # replicates whose values are all alike


def next_look(done: int, half_width: float, precision: float) -> int:
    """Return at how many replicates to look at an interval again: where it should be narrow enough.

    That is a tenth more at least, and at most twice as many, as the width of an interval of few replicates is itself uncertain.
    """
    narrow = done * (half_width / precision) ** 2
    return max(done + -(-done // 10), int(np.ceil(min(narrow, 2.0 * done))))


def columns_looked_at(config: Any) -> list[str]:
    """Return the columns of a sweep's table that decide how many replicates it takes."""
    outcome = config.precision_outcome
    return ["setting", "scenario", "replicate", "formation_week" if outcome == "time_to_formation" else outcome]


def replicates_after_look(config: Any, plan: Plan, table: pd.DataFrame) -> np.ndarray:
    """Return the replicates that settings need before the next look, as blocks of a plan, of shape (B, 3); none at the end.

    Each setting of the last look is looked at on its own, the others being known: at the effect of each scenario against the
    first, or, in a sweep of one scenario, at the outcome itself.

    Args:
        config: of a sweep.
        plan: of the runs that have been done.
        table: the `columns_looked_at` of these runs; those of later looks, if there are any, are left out of account.
    """
    done, blocks = plan.replicates_by_setting(), []
    settings = table["setting"].to_numpy()
    known = table[np.isin(settings, plan.latest) & (table["replicate"].to_numpy() < done[settings])]
    for setting, runs in known.groupby("setting", sort=True):
        reached, half_width = int(done[setting]), _half_width(config, plan.scenarios, runs)
        if half_width > config.precision and reached < config.max_replicates:
            wanted = next_look(reached, half_width, config.precision)
            blocks.append((setting, reached, min(config.max_replicates, wanted)))
    return np.array(blocks, dtype=np.int64).reshape(-1, 3)


def plan_to_the_end(config: Any, plan: Plan, table: pd.DataFrame) -> Plan:
    """Return the plan of a complete sweep with `precision`: that of its first look, extended as its table asked at each look."""
    while len(more := replicates_after_look(config, plan, table)):
        plan = plan.extended(more)
    return plan


def _half_width(config: Any, scenarios: list[str], runs: pd.DataFrame) -> float:
    """Return how far the widest interval of a setting reaches; infinite where there is none."""
    column = runs.columns[-1]
    values = runs.pivot(index="replicate", columns="scenario", values=column).astype(float)
    if column == "formation_week":
        values = time_to_formation(values, config.weeks)
    first, *others = (values[name].to_numpy() for name in scenarios)
    found = [paired_effect(config.precision_outcome, other, first) for other in others] or [
        level(first[~np.isnan(first)])
    ]
    reach = [(estimate.ci_high - estimate.ci_low) / 2 for estimate in found]
    untold = np.inf if len(values) < _ALIKE else 0.0  # of values that are all alike, or missing
    return max(half_width if half_width > 0.0 else untold for half_width in reach)
