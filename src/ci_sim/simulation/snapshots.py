"""Snapshots: the organizations and the ties of a run as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ci_sim.configuration.partners import Partners
from ci_sim.rules import engine
from ci_sim.rules.parameters import SECTORS
from ci_sim.rules.state import State

MEMBERSHIPS = ("uninvited", "member", "left")
AGREEMENTS = ("none", "understanding", "joint_step", "signed")


def organizations_table(state: State, rules: np.record, partners: Partners) -> pd.DataFrame:
    """Return one row an organization: who it is, what it holds, and where it stands."""
    records = state.orgs
    table = pd.DataFrame({"id": partners.ids, "name": partners.names})
    table["sector"] = np.array(SECTORS)[records["sector"]]
    table["membership"] = np.array(MEMBERSHIPS)[records["membership"]]
    table["committed"] = records["committed"].astype(bool)
    table["in_coalition"] = table["committed"] & ((records["signed"] > 0) | (rules.signature == 0))
    for name in ("signed", "capacity", "influence", "salience", "reliability", "expected_share"):
        table[name] = records[name]
    for d in range(int(state.initiative["dimensions"].item())):
        table[f"position_{d + 1}"] = records["position"][:, d]
    return table


def ties_table(state: State, rules: np.record, partners: Partners) -> pd.DataFrame:
    """Return one row a pair with a tie: source, target, trust of each in the other, and their agreement."""
    count = int(state.orgs["degree"].sum()) // 2
    pairs, trust, rungs = np.empty((count, 2), np.int64), np.empty((count, 2)), np.empty(count, np.int64)
    engine.write_ties(state, rules, pairs, trust, rungs)
    ids = np.array(partners.ids, dtype=object)
    return pd.DataFrame(
        {
            "source": ids[pairs[:, 0]],
            "target": ids[pairs[:, 1]],
            "trust_source": trust[:, 0],
            "trust_target": trust[:, 1],
            "agreement": np.array(AGREEMENTS)[rungs],
        }
    )
