"""What would make it a question? Where every run forms, or none does, the nearest single change at which half of them would.

Each of a few conditions is moved alone, on the same luck: a context together with the trait of the partners that it is the median
of, or the cost of committing. It is moved by a share of the way to its limit (the same share for each organization and each end
of a context's range), and the share at which half of the runs form is found by bisection. What is nearest is what takes the
smallest share of its way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.rules.parameters import CONTEXTS, declared
from ci_sim.simulation.ensemble import Job, job_from
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.execution.runner import run_jobs

_STEPS = 7  # halvings: to within a hundredth of the way
_COLUMNS = ["condition", "now_low", "now_high", "then_low", "then_high", "moved", "formed_now", "formed_then"]
DISTANCE = "distance"  # of the partners' positions, a condition beside the keys of the configuration


class _Condition(NamedTuple):
    """Something that can be moved."""

    name: str  # the key of a context or of the cost, or DISTANCE
    moved: Callable[[Job, float], Job]  # by a share of the way to the upper limit (above 0) or to the lower one (below)
    value: Callable[[Job], tuple[float, float]]  # its lowest and highest value, to be shown


def turning_points(config: Any, replicates: int = 40) -> pd.DataFrame:
    """Return which single condition, moved how far, would make half of the runs form, the nearest first.

    Args:
        config: a checked configuration; where only some of its runs form there is nothing to find.
        replicates: runs in each look, all on the seeds of the configuration.

    Returns:
        columns `condition` (a key of the configuration, or DISTANCE); `now_low`, `now_high`, `then_low`, `then_high`, its range
        before and after; `moved`, by which share of the way to its upper (above 0) or lower limit; `formed_now` and
        `formed_then`, shares of the runs. Empty where no single condition does it.
    """
    job, here = job_from(config), _Looks(config, replicates)
    formed = here.formed([job])[0]
    if 0.0 < formed < 1.0:
        return pd.DataFrame(columns=_COLUMNS)
    ways = [(c, side) for c in _conditions(job) for side in (-1.0, 1.0)]
    with progress(bool(config.quiet), _STEPS + 1, "looks", "What would make it a question") as advance:
        ends = here.formed([c.moved(job, side) for c, side in ways])
        advance(1)
        live = [way for way, end in zip(ways, ends, strict=True) if (end >= 0.5) != (formed >= 0.5)]
        near, far = np.zeros(len(live)), np.ones(len(live))  # shares of the way before, and after, the turn
        for _ in range(_STEPS):
            middle = (near + far) / 2
            found = here.formed([c.moved(job, side * m) for (c, side), m in zip(live, middle, strict=True)])
            turned = (np.array(found) >= 0.5) != (formed >= 0.5)
            near, far = np.where(turned, near, middle), np.where(turned, middle, far)
            advance(1)
    there = [c.moved(job, side * share) for (c, side), share in zip(live, far, strict=True)]
    rows = [
        (c.name, *c.value(job), *c.value(moved), side * share, formed, reached)
        for (c, side), share, moved, reached in zip(live, far, there, here.formed(there), strict=True)
    ]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.sort_values("moved", key=np.abs, kind="stable", ignore_index=True)


class _Looks:
    """Shares of runs that form, always on the same seeds."""

    def __init__(self, config: Any, replicates: int):
        self._config, self._replicates = config, replicates

    def formed(self, jobs: list[Job]) -> list[float]:
        """Return the share of the runs of each job that form.

        Raises:
            KeyboardInterrupt: at Ctrl-C.
        """
        named = [job._replace(name=str(k)) for k, job in enumerate(jobs)]
        runs, complete = run_jobs(named, self._config.seed, self._replicates, self._config.executor, quiet=True)
        if not complete:
            raise KeyboardInterrupt
        return [float(runs[job.name].outcomes["formed"].mean()) for job in named]


def _conditions(job: Job) -> list[_Condition]:
    """Return what can be moved: contexts with the traits that they are about, the cost, and how far apart partners stand."""
    traits = {"urgency": "salience", "reliability": "reliability"}
    found = [_of_context(name, traits.get(name)) for name in CONTEXTS]
    found.append(_Condition("commitment.cost", _move_cost, lambda job: (float(job.rules[0].cost),) * 2))
    if not np.isnan(job.partners.given.position).all():
        found.append(_Condition(DISTANCE, _close_up, _spread_of_positions))
    return found


def _towards(values: Any, share: float, low: float, high: float) -> Any:
    """Return values moved by a share of the way to the upper limit, or, below 0, to the lower one."""
    return values + share * (high - values) if share > 0 else values - share * (low - values)


def _of_context(name: str, trait: str | None) -> _Condition:
    meta, place = declared()[f"context.{name}"], CONTEXTS.index(name)
    low, high = meta["low"], meta["high"]

    def moved(job: Job, share: float) -> Job:
        rules, given = job.rules.copy(), job.partners.given
        for end in ("context_low", "context_high"):
            rules[end][:, place] = _towards(rules[end][:, place], share, low, high)
        if trait is not None:
            given = given._replace(**{trait: _towards(getattr(given, trait), share, low, high)})
        if name == "trust":
            given = given._replace(tie_trust=_towards(given.tie_trust, share, low, high))
        return job._replace(rules=rules, partners=job.partners._replace(given=given))

    def value(job: Job) -> tuple[float, float]:
        known = getattr(job.partners.given, trait) if trait is not None else np.array([np.nan])
        if not np.isnan(known).any():
            return float(known.min()), float(known.max())
        return float(job.rules["context_low"][0, place]), float(job.rules["context_high"][0, place])

    return _Condition(f"context.{name}", moved, value)


def _move_cost(job: Job, share: float) -> Job:
    rules = job.rules.copy()
    rules["cost"] = _towards(rules["cost"], share, 0.0, 1.0)
    return job._replace(rules=rules)


def _close_up(job: Job, share: float) -> Job:
    """Move the positions that a table gives towards their mean; they are not moved apart, as there is no limit to that."""
    given = job.partners.given
    mean = np.nanmean(given.position, axis=0)
    position = given.position + max(0.0, -share) * (mean - given.position)
    return job._replace(partners=job.partners._replace(given=given._replace(position=position)))


def _spread_of_positions(job: Job) -> tuple[float, float]:
    position = job.partners.given.position
    farthest = np.sqrt(((position - np.nanmean(position, axis=0)) ** 2).sum(axis=1))
    return 0.0, float(np.nanmax(farthest))
