"""One run recorded whole: every organization and every tie of every week, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.errors import UserError
from ci_sim.rules.engine import SERIES_ROW
from ci_sim.rules.parameters import SECTORS
from ci_sim.rules.recording import record_weeks
from ci_sim.rules.state import ORGANIZATION, State
from ci_sim.simulation.ensemble import Job, job_from, memory_for, outcomes_of_run
from ci_sim.simulation.snapshots import AGREEMENTS, MEMBERSHIPS

MOST_ROWS = 50_000_000  # of the table of ties, which then takes a few gigabytes
_AS_IT_IS = (
    "signed", "capacity", "influence", "salience", "reliability", "listening", "firmness", "mean_trust", "mean_willingness",
    "expected_share", "hours_spent",
)  # fmt: skip
_YES_OR_NO = ("committed", "mandate", "signatory", "federated", "contributed")


class Recording(NamedTuple):
    """A run, week by week; texts that repeat are categories."""

    outcomes: pd.DataFrame  # one row, as in every outcomes table
    weekly: pd.DataFrame  # one row a week: week, formed, members, fund, and the quantities of the outcomes
    organizations: pd.DataFrame  # one row a week and organization: who it is, what it holds, and where it stands
    ties: pd.DataFrame  # one row a week and tie: who, whom, what each believes of the other, and their agreement


def record(config: Any, seed: int | None = None) -> Recording:
    """Run one initiative and keep every organization and every tie of every week.

    Args:
        config: a checked configuration (see `ci_sim.load_config`).
        seed: of the run, as in the `seed` column of an outcomes table; None: the configuration's seed.

    Raises:
        UserError: if the tables would not fit: too many organizations, ties and weeks.
    """
    job = job_from(config)
    rows = rows_of_ties(job)
    if rows > MOST_ROWS:
        raise UserError(
            f"population.size={len(job.partners.ids)}, weeks={job.weeks}: a recording may take {rows:,} rows of ties, "
            f"more than {MOST_ROWS:,}; fewer organizations, weeks or population.max_ties do"
        )
    return recorded(job, int(config.seed if seed is None else seed), memory_for(job))


def rows_of_ties(job: Job) -> int:
    """Return how many rows the table of ties of a recording may take."""
    return job.weeks * len(job.partners.ids) * job.partners.max_ties // 2


def recorded(job: Job, seed: int, state: State) -> Recording:
    """Run a seed of a job in a state, which is left as it is at the end, and return all of its weeks."""
    size, rows, ids = len(job.partners.ids), rows_of_ties(job), job.partners.ids
    series, kept = np.empty((job.weeks, len(SERIES_ROW))), np.empty((job.weeks, size), ORGANIZATION)
    beliefs, ties = np.empty((job.weeks, size)), np.zeros(job.weeks, np.int64)
    pairs, rungs = np.empty((rows, 2), np.int32), np.empty(rows, np.int8)
    trust, willingness = np.empty((rows, 2)), np.empty((rows, 2))
    rules, given = job.rules[0], job.partners.given
    weeks = record_weeks(
        state, given, rules, job.events, seed, series, kept, beliefs, pairs, trust, willingness, rungs, ties
    )
    rows = int(ties.sum())
    return Recording(
        outcomes_of_run(job.name, seed, state, rules),
        weekly_table(series[:weeks]),
        _organizations(kept[:weeks], beliefs[:weeks], ids, int(state.initiative["dimensions"].item())),
        _ties(ties[:weeks], pairs[:rows], trust[:rows], willingness[:rows], rungs[:rows], ids),
    )


def weekly_table(series: np.ndarray) -> pd.DataFrame:
    """Return weekly values, of shape (weeks, len(SERIES_ROW)), as a table that begins with the week."""
    table = pd.DataFrame(series, columns=list(SERIES_ROW))
    table.insert(0, "week", np.arange(1, len(series) + 1))
    return table


def _category(codes: np.ndarray, names: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, list(names))


def _organizations(kept: np.ndarray, beliefs: np.ndarray, ids: list[str], dimensions: int) -> pd.DataFrame:
    weeks, size = kept.shape
    records = kept.reshape(-1)
    columns = {
        "week": np.repeat(np.arange(1, weeks + 1), size),
        "id": _category(np.tile(np.arange(size), weeks), ids),
        "sector": _category(records["sector"], SECTORS),
        "membership": _category(records["membership"], MEMBERSHIPS),
    }
    columns |= {name: records[name].astype(bool) for name in _YES_OR_NO}
    columns |= {"follows": records["heed"] > 0, "in_coalition": records["inside"].astype(bool)}
    columns |= {name: records[name].copy() for name in _AS_IT_IS}
    columns |= {"belief_in_group": beliefs.reshape(-1)}
    columns |= {f"position_{d + 1}": records["position"][:, d].copy() for d in range(dimensions)}
    return pd.DataFrame(columns, copy=False)


def _ties(
    ties: np.ndarray, pairs: np.ndarray, trust: np.ndarray, willingness: np.ndarray, rungs: np.ndarray, ids: list[str]
) -> pd.DataFrame:
    columns = {
        "week": np.repeat(np.arange(1, len(ties) + 1), ties),
        "source": _category(pairs[:, 0], ids),
        "target": _category(pairs[:, 1], ids),
        "trust_source": trust[:, 0].copy(),
        "trust_target": trust[:, 1].copy(),
        "willingness_source": willingness[:, 0].copy(),
        "willingness_target": willingness[:, 1].copy(),
        "agreement": _category(rungs, AGREEMENTS),
    }
    return pd.DataFrame(columns, copy=False)
