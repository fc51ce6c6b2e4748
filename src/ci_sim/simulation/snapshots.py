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
    for name in ("mandate", "signatory", "federated"):
        table[name] = records[name].astype(bool)
    table["follows"] = records["heed"] > 0
    chartered = (table["signatory"] | table["federated"]) & bool(rules.charter_signs)
    written = (records["signed"] > 0) | chartered | (rules.signature == 0)
    table["in_coalition"] = table["committed"] & written
    for name in ("signed", "capacity", "influence", "salience", "reliability", "listening", "firmness"):
        table[name] = records[name]
    table["board_weeks"] = state.internal["board_weeks"]
    for name in ("mean_trust", "mean_willingness", "expected_share"):  # of the others, as it sees them
        table[name] = records[name]
    beliefs = np.empty(len(records))
    engine.write_group_beliefs(state, rules, beliefs)
    table["belief_in_group"] = beliefs
    for d in range(int(state.initiative["dimensions"].item())):
        table[f"position_{d + 1}"] = records["position"][:, d]
    return table


def ties_table(state: State, rules: np.record, partners: Partners) -> pd.DataFrame:
    """Return one row a pair with a tie: source, target, what each believes of the other, and their agreement.

    `trust_source` and `willingness_source` are what the source believes of the target: that it keeps a promise, and that it would
    commit.
    """
    count = int(state.orgs["degree"].sum()) // 2
    pairs, rungs = np.empty((count, 2), np.int64), np.empty(count, np.int64)
    trust, willingness = np.empty((count, 2)), np.empty((count, 2))
    engine.write_ties(state, rules, pairs, trust, willingness, rungs)
    ids = np.array(partners.ids, dtype=object)
    return pd.DataFrame(
        {
            "source": ids[pairs[:, 0]],
            "target": ids[pairs[:, 1]],
            "trust_source": trust[:, 0],
            "trust_target": trust[:, 1],
            "willingness_source": willingness[:, 0],
            "willingness_target": willingness[:, 1],
            "agreement": np.array(AGREEMENTS)[rungs],
        }
    )
