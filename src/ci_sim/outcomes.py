"""What comes out of a run: one row of outcomes, and the same quantities week by week."""

import math

import numpy as np

from ci_sim.beliefs import trust_in_stranger, trust_in_tie
from ci_sim.compiled import compiled
from ci_sim.mechanisms.commit import closeness
from ci_sim.state import MEMBER, UNINVITED, circle_size, member_at

# name: what it means (the columns of outcomes.parquet, after run_id, scenario, replicate and seed)
EVENTS = {
    "formed": "whether each required sector's quorum had signed and committed for the required weeks in a row",
    "formation_week": "week in which the initiative was formed (missing: never)",
    "collapsed": "whether a required sector lost its quorum for good, or the horizon came without formation",
    "collapse_week": "week of the collapse (missing: none)",
}
QUANTITIES = {
    "coalition_size": "organizations that have signed and commit",
    "share_government": "share of the government organizations that have signed and commit",
    "share_business": "share of the business organizations that have signed and commit",
    "share_civil_society": "share of the civil-society organizations that have signed and commit",
    "trust_within": "mean trust of a member of the circle in the other members of its own sector",
    "trust_across": "mean trust of a member of the circle in the members of other sectors",
    "agreements": "signed commitments between two organizations",
    "promises_kept": "share of all promises so far that were kept",
    "hours_spent": "hours that organizations have spent until the initiative formed (or so far)",
    "satisfaction_mean": "mean closeness of the agenda to the organizations ever convened, 0 to 1",
    "satisfaction_min": "closeness of the agenda to the least satisfied of them",
    "influence_bias": "mean closeness weighted by influence minus the plain mean: above 0, the influential have it their way",
}
CONTEXT_COLUMNS = ("conflict", "spread", "reliability", "urgency", "trust", "difficulty")

# Where each stands in a row: three shares, and trust within and across, side by side.
COALITION, SHARES, TRUST, AGREEMENTS, KEPT, HOURS, SATISFIED, LEAST_SATISFIED, BIAS = 0, 1, 4, 6, 7, 8, 9, 10, 11


@compiled
def in_coalition(org, rules):
    """Return whether an organization commits this week and, where a signature is asked for, has signed a commitment."""
    return org.committed == 1 and (org.signed > 0 or rules.signature == 0)


@compiled
def measure(state, rules, row):
    """Write the quantities of this moment into `row`, of shape (len(QUANTITIES),), in their order."""
    initiative = state.initiative[0]
    _coalition(state, rules, row)
    _trust(state, rules, row)
    _satisfaction(state, row)
    row[KEPT] = initiative.promises_kept / initiative.promises if initiative.promises > 0.0 else math.nan
    row[HOURS] = initiative.hours_until_formed if initiative.formed else initiative.hours


@compiled
def _coalition(state, rules, row):
    total, inside = np.zeros(3), np.zeros(3)
    signed = 0
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        total[org.sector] += 1.0
        signed += org.signed
        if in_coalition(org, rules):
            inside[org.sector] += 1.0
    row[COALITION] = inside[0] + inside[1] + inside[2]
    for s in range(3):
        row[SHARES + s] = inside[s] / total[s] if total[s] > 0.0 else math.nan
    row[AGREEMENTS] = signed / 2


@compiled
def _trust(state, rules, row):
    """Mean trust over all ordered pairs of members, tied or not, within sectors and across them."""
    initiative = state.initiative[0]
    trust, pairs = np.zeros(2), np.zeros(2)  # within, across
    for place in range(circle_size(state)):
        i = member_at(state, place)
        s = state.orgs[i].sector
        strangers = initiative.roster_size.copy()
        strangers[s] -= 1
        for k in range(state.orgs[i].degree):
            partner = state.orgs[state.ties[i, k].partner]
            if partner.membership == MEMBER:
                across = int(partner.sector != s)
                strangers[partner.sector] -= 1
                trust[across] += trust_in_tie(state, rules, i, k)
                pairs[across] += 1.0
        for t in range(3):
            across = int(t != s)
            record = initiative.sector_record[t]
            trust[across] += strangers[t] * trust_in_stranger(state, rules, i, t, record[0], record[1])
            pairs[across] += strangers[t]
    for across in range(2):
        row[TRUST + across] = trust[across] / pairs[across] if pairs[across] > 0.0 else math.nan


@compiled
def _satisfaction(state, row):
    total = weighted = influence = convened = 0.0
    least = 1.0
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        if org.membership != UNINVITED:
            near = closeness(state, i)
            total += near
            weighted += org.influence * near
            influence += org.influence
            convened += 1.0
            least = min(least, near)
    row[SATISFIED] = total / convened
    row[LEAST_SATISFIED] = least
    row[BIAS] = weighted / influence - total / convened
