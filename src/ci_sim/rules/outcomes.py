"""What comes out of a run: one row of outcomes, and the same quantities week by week."""

import math

from ci_sim.compilation.compiled import compiled
from ci_sim.rules.beliefs import trust_in, trust_in_stranger
from ci_sim.rules.mechanisms.commit import closeness
from ci_sim.rules.state import MEMBER, STRANGERS, UNINVITED, circle_size, member_at

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
    signed = coalition = 0
    for s in range(3):
        total = inside = 0
        for i in range(state.orgs.shape[0]):
            org = state.orgs[i]
            if org.sector == s:
                total += 1
                signed += org.signed
                inside += int(in_coalition(org, rules))
        row[SHARES + s] = inside / total if total > 0 else math.nan
        coalition += inside
    row[COALITION] = coalition
    row[AGREEMENTS] = signed / 2


@compiled
def _trust(state, rules, row):
    """Mean trust over all ordered pairs of members, tied or not, within sectors and across them."""
    initiative, strangers = state.initiative[0], state.scratch[STRANGERS]
    size, members = initiative.roster_size, circle_size(state)
    row[TRUST] = row[TRUST + 1] = 0.0  # within, across
    for place in range(members):
        i = member_at(state, place)
        s = state.orgs[i].sector
        for t in range(3):
            strangers[t] = size[t]
        strangers[s] -= 1.0
        for k in range(state.orgs[i].degree):
            partner = state.orgs[state.partners[i, k]]
            if partner.membership == MEMBER:
                strangers[partner.sector] -= 1.0
                row[TRUST + int(partner.sector != s)] += trust_in(state, rules, i, state.partners[i, k], k)
        for t in range(3):
            record = initiative.sector_record[t]
            trust = trust_in_stranger(state, rules, i, t, record[0], record[1])
            row[TRUST + int(t != s)] += strangers[t] * trust
    within = size[0] * (size[0] - 1) + size[1] * (size[1] - 1) + size[2] * (size[2] - 1)
    across = members * (members - 1) - within
    row[TRUST] = row[TRUST] / within if within > 0 else math.nan
    row[TRUST + 1] = row[TRUST + 1] / across if across > 0 else math.nan


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
