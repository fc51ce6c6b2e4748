"""What comes out of a run: one row of outcomes, and the same quantities week by week."""

import math

from ci_sim.compilation.compiled import compiled
from ci_sim.rules.beliefs import belief_in_group, trust_in, trust_in_stranger
from ci_sim.rules.mechanisms.commit import closeness
from ci_sim.rules.state import (
    BROKEN_OFF,
    CAUCUS_HOURS,
    FEDERATION_HOURS,
    MEMBER,
    NO_BELIEF,
    NO_GAIN,
    STANDS,
    STRANGERS,
    UNINVITED,
    circle_size,
    member_at,
)

CAUSES = (
    "no_gain",
    "no_belief",
    "no_mandate_or_money",
    "no_signature",
    "no_breadth",
    "broken_off",
)  # state.NO_GAIN and so on, from 1

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
    "willingness": "mean belief of a member of the circle that another member would commit",
    "belief_in_group": "mean chance that enough deliver, as the members judge it by the group's past",
    "signatories": "members that have signed the charter that is in force",
    "breadth_convened": "the coalition's share of the organizations ever convened",
    "breadth_field": "the coalition's share of all organizations",
}
AT_THE_END = {
    "standing": "whether it has formed, and has not broken off since",
    "broken_off_week": "week in which it last broke off (missing: never, or it stands again)",
    "cause": "what stood in the way of one that does not stand: no_gain, no_belief, no_mandate_or_money, "
    "no_signature, no_breadth or broken_off",
    "launch_week": "week in which the joint effort was launched (missing: never)",
    "charter_week": "week since which the charter has been in force (missing: it is not)",
    "rounds": "rounds of the charter that were held",
    "breaches": "promises of the charter that were broken",
    "repairs": "breaches that were accounted for, and followed by a promise kept",
    "came_off": "share of the weeks in which somebody contributed in which the joint effort came off (missing: nobody did)",
    "pilots": "joint pilots of the founding stage",
    "pilots_came_off": "joint pilots that came off",
    "mandate_week": "week in which mandates were first enough for the joint effort (missing: never, or none is needed)",
    "funding_week": "week in which the backbone's fund first held its reserve (missing: never)",
    "strengthening_hours": "hours spent at caucuses, on the sectors' charters and as spokespersons",
    "federation_week_government": "week since which government's own charter has been in force (missing: it is not)",
    "federation_week_business": "the same of business",
    "federation_week_civil_society": "the same of civil society",
    "represented_government": "share of the government organizations that have signed their sector's charter",
    "represented_business": "the same of business",
    "represented_civil_society": "the same of civil society",
    "following_government": "share of the government organizations that follow its spokesperson, or are it",
    "following_business": "the same of business",
    "following_civil_society": "the same of civil society",
    "satisfaction_min_government": "closeness of the agenda to the least satisfied government organization ever convened",
    "satisfaction_min_business": "the same of business",
    "satisfaction_min_civil_society": "the same of civil society",
    "money_spent": "USD that the backbone's staff were paid until the initiative formed (or in all)",
}
CONTEXT_COLUMNS = ("conflict", "spread", "reliability", "urgency", "trust", "difficulty")

# Where each stands in a row: three shares, and trust within and across, side by side.
COALITION, SHARES, TRUST, AGREEMENTS, KEPT, HOURS, SATISFIED, LEAST_SATISFIED, BIAS = 0, 1, 4, 6, 7, 8, 9, 10, 11
WILLINGNESS, BELIEF, SIGNATORIES, BREADTH = 12, 13, 14, 15


@compiled
def in_coalition(org, rules):
    """Return whether an organization commits this week and, where a signature is asked for, has signed.

    A signed commitment with a partner counts, and, if `charter_signs`, the charter, or the sector's own.
    """
    chartered = rules.charter_signs and (org.signatory or org.federated)
    return org.committed == 1 and (org.signed > 0 or rules.signature == 0 or chartered)


@compiled
def measure(state, rules, row):
    """Write the quantities of this moment into `row`, of shape (len(QUANTITIES),), in their order."""
    initiative = state.initiative[0]
    _coalition(state, rules, row)
    _trust(state, rules, row)
    _satisfaction(state, row)
    _group(state, rules, row)
    row[KEPT] = initiative.promises_kept / initiative.promises if initiative.promises > 0.0 else math.nan
    row[HOURS] = initiative.hours_until_formed if initiative.formed else initiative.hours


@compiled
def _coalition(state, rules, row):
    signed = coalition = convened = 0
    for s in range(3):
        inside, total = 0, state.initiative[0].field[s]
        for i in range(state.orgs.shape[0]):
            org = state.orgs[i]
            if org.sector == s:
                signed += org.signed
                inside += int(in_coalition(org, rules))
        row[SHARES + s] = inside / total if total > 0 else math.nan
        coalition += inside
        convened += state.initiative[0].convened[s]
    row[COALITION] = coalition
    row[BREADTH] = coalition / convened if convened > 0 else math.nan
    row[BREADTH + 1] = coalition / state.orgs.shape[0]
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
    row[BIAS] = weighted / influence - total / convened if influence > 0.0 else 0.0


@compiled
def _group(state, rules, row):
    """What the members think of each other's will, and of the group; missing where there is nobody to think of."""
    members = circle_size(state)
    willing = belief = signatories = 0.0
    for place in range(members):
        i = member_at(state, place)
        willing += state.orgs[i].mean_willingness
        belief += belief_in_group(state, rules, i)
        signatories += state.orgs[i].signatory
    row[WILLINGNESS] = willing / members if members > 1 else math.nan
    row[BELIEF] = belief / members if members > 1 else math.nan
    row[SIGNATORIES] = signatories


@compiled
def cause(state):
    """Return what stood in the way, an index of CAUSES counted from 1, or 0 where the initiative stands.

    One that had formed has broken off. Of the others it is the obstacle of most of the last weeks, and among equals the first
    of CAUSES (see `engine.assess`); one that mapping ended found too few who could gain.
    """
    initiative = state.initiative[0]
    if initiative.standing:
        return STANDS
    if initiative.formed:
        return BROKEN_OFF
    most = NO_GAIN
    for tally in range(NO_BELIEF, BROKEN_OFF):
        if initiative.tallies[tally] > initiative.tallies[most]:
            most = tally
    return most


@compiled
def write_end(state, row):
    """Write what is known when the run has ended into `row`, of shape (len(AT_THE_END),), in their order."""
    initiative = state.initiative[0]
    fallen = initiative.formed == 1 and initiative.standing == 0
    row[0] = initiative.standing
    row[1] = initiative.broken_off_week if fallen else math.nan
    row[2] = cause(state)
    row[3] = initiative.launch_week if initiative.launch_week > 0 else math.nan
    row[4] = initiative.charter_week if initiative.charter_week > 0 else math.nan
    row[5] = initiative.rounds
    row[6] = initiative.breaches
    row[7] = initiative.repairs
    row[8] = initiative.came_off / initiative.effort_weeks if initiative.effort_weeks > 0 else math.nan
    row[9] = initiative.pilots
    row[10] = initiative.pilots_came_off
    row[11] = initiative.mandate_week if initiative.mandate_week > 0 else math.nan
    row[12] = initiative.funding_week if initiative.funding_week > 0 else math.nan
    row[13] = initiative.hours_by_purpose[CAUCUS_HOURS] + initiative.hours_by_purpose[FEDERATION_HOURS]
    for s in range(3):
        in_force = initiative.federation_week[s] > 0
        row[14 + s] = initiative.federation_week[s] if in_force else math.nan
        _write_sector(state, s, row[17 + s : 26 : 3])
    row[26] = initiative.paid_until_formed if initiative.formed else initiative.paid


@compiled
def _write_sector(state, s, row):
    """Write who of sector s is represented, who follows, and how near the agenda lies to the least satisfied convened one."""
    represented = following = 0
    least, convened = 1.0, False
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        if org.sector == s:
            represented += org.federated
            following += int(org.heed > 0.0 or (org.federated and state.initiative[0].spokesperson[s] == i))
            if org.membership != UNINVITED:
                convened = True
                least = min(least, closeness(state, i))
    size = state.initiative[0].field[s]
    row[0] = represented / size if size > 0 else math.nan
    row[1] = following / size if size > 0 else math.nan
    row[2] = least if convened else math.nan
