"""Commit: an organization commits when its beliefs say that enough partners will deliver.

Organization i commits in a week when `benefit_i x P_i(at least a share theta of the other members deliver) > cost`, with a
logistic choice noise. The benefit is its salience times the closeness of the agenda to its position. P_i is the tail of
the distribution of how many deliver, given i's trust in each (`beliefs.chance_that_enough_deliver`); members without a tie
are believed in by sector and public record.

Continuous communication lets members announce what they intend; a belief T then moves towards the announcement of last
week (1 or 0) by the share T x strength: as far as the speaker is trusted. One who has
not announced anything yet is believed in as before. Mutually reinforcing activities lower theta by the
share `easing`. Before the launch the answer is only an intention (a straw poll).
"""

import math

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import streams
from ci_sim.rules.beliefs import chance_that_enough_deliver, trust_by_standing, trust_in_stranger
from ci_sim.rules.mechanisms.levers import working
from ci_sim.rules.state import (
    ANNOUNCED,
    BELIEFS,
    BELIEVED,
    CHANCES,
    IN_CIRCLE,
    INTENDS,
    LAUNCHED,
    MEMBER,
    ON_RECORD,
    SECTOR,
    STRANGERS,
    circle_size,
    note_standings,
)


@entry
def commit(state, rules):
    """Let every member of the circle decide; after the launch the intention is a commitment.

    Who listens hears last week's announcements: this week's decisions are announced only when all are made.
    """
    initiative = state.initiative[0]
    note_standings(state)
    _sector_views(state)
    streams.uniform_each(initiative.seed, initiative.week, streams.CHOICE, state.draws)
    for i in range(state.orgs.shape[0]):
        if state.orgs[i].membership == MEMBER:
            state.orgs[i].committed = _decides(state, rules, i)
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        if org.membership == MEMBER:
            org.intends = org.committed
            org.announced = 1
            if initiative.stage < LAUNCHED:
                org.committed = 0


@compiled
def closeness(state, i):
    """Return how close the agenda lies to organization i: 1 at its position, 0 at half the diagonal of the space or farther."""
    org, initiative = state.orgs[i], state.initiative[0]
    total = 0.0
    for d in range(initiative.dimensions):
        total += (org.position[d] - initiative.agenda[d]) ** 2
    return max(0.0, 1.0 - 2.0 * math.sqrt(total / initiative.dimensions))


@compiled
def benefit(state, i):
    """Return what the joint effort is worth to organization i, 0 to 1: salience times closeness."""
    return state.orgs[i].salience * closeness(state, i)


@compiled
def _sector_views(state):
    """Summarize, for members without a tie, each sector's public record and announcements."""
    initiative = state.initiative[0]
    for s in range(3):
        n = max(1, initiative.roster_size[s])
        kept = broken = announced = intends = 0.0
        for p in range(initiative.roster_size[s]):
            j = state.roster[s, p]
            standing = state.standing[j]
            if standing & ON_RECORD:
                kept += state.records[j, 0]
                broken += state.records[j, 1]
            if standing & ANNOUNCED:
                announced += 1.0
                intends += (standing & INTENDS) // INTENDS
        initiative.sector_record[s, 0] = kept / n
        initiative.sector_record[s, 1] = broken / n
        initiative.sector_announced[s] = announced / n
        initiative.sector_intends[s] = intends / max(1.0, announced)


@compiled
def gather_beliefs(state, rules, i, listening):
    """Write organization i's beliefs about the other members into the scratch; return how many entries they take.

    It goes by the standings just noted. One entry for each tie within the circle, then one for the members of each sector
    without a tie.
    """
    initiative = state.initiative[0]
    belief, believed = state.scratch[BELIEFS], state.scratch[BELIEVED]
    entries = 0
    strangers = state.scratch[STRANGERS]
    for s in range(3):
        strangers[s] = initiative.roster_size[s]
    strangers[state.orgs[i].sector] -= 1.0
    for k in range(state.orgs[i].degree):
        j = state.partners[i, k]
        standing = state.standing[j]
        if standing & IN_CIRCLE:
            strangers[standing & SECTOR] -= 1.0
            trust = trust_by_standing(state, rules, i, j, k)
            announced, intends = (standing & ANNOUNCED) // ANNOUNCED, (standing & INTENDS) // INTENDS
            belief[entries] = _hearing(trust, float(intends), listening * announced)
            believed[entries] = 1.0
            entries += 1
    for s in range(3):
        if strangers[s] > 0.0:
            record = initiative.sector_record[s]
            trust = trust_in_stranger(state, rules, i, s, record[0], record[1])
            heard = listening * initiative.sector_announced[s]
            belief[entries] = _hearing(trust, initiative.sector_intends[s], heard)
            believed[entries] = strangers[s]
            entries += 1
    return entries


@compiled
def _hearing(trust, announced, listening):
    return trust + listening * trust * (announced - trust)


@compiled
def _decides(state, rules, i):
    """Return 1 if organization i would commit this week; note on the way the share of members that it expects to deliver."""
    initiative, org = state.initiative[0], state.orgs[i]
    week = initiative.week
    listening = org.participation * working(rules.continuous_communication, rules.continuous_communication_from, week)
    entries = gather_beliefs(state, rules, i, listening)
    belief, believed, chances = state.scratch[BELIEFS], state.scratch[BELIEVED], state.scratch[CHANCES]
    partners = circle_size(state) - 1
    expected = 0.0
    for e in range(entries):
        expected += believed[e] * belief[e]
    org.expected_share = expected / partners if partners > 0 else 1.0
    worth = benefit(state, i)
    demanded = rules.cost
    if rules.noise > 0.0:
        u = state.draws[i]
        demanded -= rules.noise * math.log(u / (1.0 - u))
    if demanded < 0.0 or demanded >= worth:
        return int(demanded < 0.0)  # whatever the chance, as it lies between 0 and 1
    easing = working(rules.mutually_reinforcing_activities, rules.mutually_reinforcing_activities_from, week)
    share = initiative.difficulty * (1.0 - rules.easing * easing * org.participation)
    needed = math.ceil(share * partners - 1e-9)
    least = demanded / worth
    chance = chance_that_enough_deliver(belief, believed, entries, partners, needed, state.shocks, least, chances)
    return int(chance > least)
