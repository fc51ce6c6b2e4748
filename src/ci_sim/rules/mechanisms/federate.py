"""Federate: a sector's own charter, and who speaks for the sector.

Where a sector is strengthened, with the level `charter`, its members make an agreement of their own, as the circle does
(`negotiate`), in rounds at most every `round_weeks` weeks:

- Each member that has not signed gives `hours` and `mediator_hours`, as its umbrella body has no staff but the members'.
- Each says whether it would do its part *if those of the sector who also say so did*, and the other sectors theirs: the decision
  rule of `commit` within the sector. The agreement is the largest set that holds together. If it is a quorum of the sector, and
  two at least, the sector's charter is in force: the set is federated. Otherwise the round has failed, and the sector's members
  feel it as a week in which too few delivered.
- Promises nest: everyone takes a federated member to be willing, as far as the strengthening is strong. It is bound when the
  joint effort is called for, like a signatory of the circle's charter, and its signature counts like that one.

With the level `spokesperson` the federated members choose, for a year, whom they trust most in sum.

- The spokesperson meets those of the other sectors, or a member of theirs, every week (see `meet`), and reports to its own, which
  takes it the hours of a meeting.
- A federated member *follows* while the spokesperson stands close enough for it to listen. What it expects is then, as far as it
  trusts the spokesperson, what the spokesperson judges; whether to commit is its own decision (see `commit`). In the joint text
  and in the rounds of the circle's charter the spokesperson holds its seat: it loses its voice where the spokesperson stands
  elsewhere, and saves its hours. Talks with the other sectors move the spokesperson, and so it can drift away from its own.
- The federation breaks when fewer than a quorum of the sector are federated, or of these follow; it takes its sector out of the
  circle's charter, and the sector's members feel it.

Sources: the conditional promises are those of Gürdal, Gürerk, Kaçamak & Kart (2024); that federations are a way for many to agree
through few is Olson's (1965) federal group; the rest is assumption.
"""

import math

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers, streams
from ci_sim.rules.beliefs import trust_in
from ci_sim.rules.mechanisms.commit import demand, sector_views, would_federate
from ci_sim.rules.mechanisms.deliberate import confidence_bound, distance
from ci_sim.rules.mechanisms.meet import meeting_hours
from ci_sim.rules.state import FEDERATION_HOURS, MEMBER, NOBODY, PROMISED, REFUSED, note_standings, slot_of, spend

TERM = 52  # weeks for which a spokesperson is chosen
MOST_HEED = 0.999  # one's own judgement never counts nothing


@entry
def federate(state, rules):
    """Hold the rounds of the sectors' charters that are due, choose spokespersons, and see who follows them."""
    initiative = state.initiative[0]
    for s in range(3):
        working = levers.sector_charter(rules, s, initiative.week) > 0.0
        if initiative.federation_week[s] > 0 and not (working and _holds(state, rules, s)):
            _dissolve(state, rules, s, working)
        if working and _due(state, s):
            _negotiate(state, rules, s)
        if initiative.federation_week[s] > 0:
            _choose_spokesperson(state, rules, s)
            _follow(state, rules, s)


@compiled
def _due(state, s):
    """Return whether two or more are there, not all have signed, and enough time has passed since the last round."""
    initiative, outside = state.initiative[0], 0
    for p in range(initiative.roster_size[s]):
        outside += 1 - state.orgs[state.roster[s, p]].federated
    return initiative.roster_size[s] > 1 and outside > 0 and initiative.week >= initiative.next_sector_round[s]


@compiled
def _quorum(state, rules, s):
    """Return how many of the sector's convened members a federation needs: two at least."""
    return max(2, math.ceil(rules.quorum * state.initiative[0].convened[s] - 1e-9))


@compiled
def _negotiate(state, rules, s):
    """A round of the sector's charter among those who have not signed it."""
    initiative = state.initiative[0]
    initiative.sector_rounds[s] += 1
    initiative.next_sector_round[s] = initiative.week + rules.round_weeks
    note_standings(state)
    _draft(state, rules, s)
    _find_agreement(state, rules, s)
    federated = 0
    for p in range(initiative.roster_size[s]):
        i = state.roster[s, p]
        if state.standing[i] & PROMISED and not state.orgs[i].federated:
            state.orgs[i].federated = 1
            state.orgs[i].signing_week = initiative.week
        federated += state.orgs[i].federated
    if initiative.federation_week[s] == 0:
        if federated >= _quorum(state, rules, s):
            initiative.federation_week[s] = initiative.week
        else:
            _dissolve(state, rules, s, True)


@compiled
def _draft(state, rules, s):
    """Take the hours of the round; who has given all that is asked says yes at first."""
    asked = rules.drafting_hours + rules.mediator_hours
    for p in range(state.initiative[0].roster_size[s]):
        i = state.roster[s, p]
        if not state.orgs[i].federated:
            given = min(asked, state.orgs[i].hours_left)
            spend(state, i, given, FEDERATION_HOURS)
            if given == asked:
                state.standing[i] |= PROMISED


@compiled
def _find_agreement(state, rules, s):
    """Let everyone drop its promise who would not do its part, given who of the sector has promised, until nobody drops."""
    dropped = True
    while dropped:
        dropped = False
        sector_views(state, rules)
        for p in range(state.initiative[0].roster_size[s]):
            i = state.roster[s, p]
            if state.standing[i] & PROMISED and not state.orgs[i].federated and not _would_federate(state, rules, i):
                state.standing[i] ^= PROMISED | REFUSED
                dropped = True


@compiled
def _would_federate(state, rules, i):
    initiative = state.initiative[0]
    draw = streams.uniform(initiative.seed, initiative.week, i, 0, streams.FEDERATION)
    return would_federate(state, rules, i, demand(state, rules, i, draw))


@compiled
def _holds(state, rules, s):
    """Return whether a quorum of the sector is federated, and of these, where somebody speaks for them, follows."""
    federated = following = 0
    for p in range(state.initiative[0].roster_size[s]):
        org = state.orgs[state.roster[s, p]]
        federated += org.federated
        following += int(org.heed > 0.0)
    spoken = state.initiative[0].spokesperson[s] != NOBODY
    return federated >= _quorum(state, rules, s) and not (spoken and following + 1 < rules.quorum * federated)


@compiled
def _dissolve(state, rules, s, felt):
    """End the federation of sector s, and with it what it has promised for its members."""
    initiative = state.initiative[0]
    initiative.federation_week[s] = 0
    initiative.spokesperson[s] = NOBODY
    for p in range(initiative.roster_size[s]):
        org = state.orgs[state.roster[s, p]]
        if org.federated and initiative.charter_week > 0:
            org.signatory = 0
        org.federated = 0
        org.heed = 0.0
        if felt:
            org.group_failure += rules.group_evidence


@compiled
def _choose_spokesperson(state, rules, s):
    """Let the federated members choose whom they trust most in sum, when nobody speaks for them and when a term is over."""
    initiative = state.initiative[0]
    term_over = (initiative.week - initiative.federation_week[s]) % TERM == 0
    now = initiative.spokesperson[s]
    in_office = now != NOBODY and state.orgs[now].membership == MEMBER and state.orgs[now].federated
    if levers.spokesperson(rules, s, initiative.week) == 0.0:
        initiative.spokesperson[s] = NOBODY
    elif term_over or not in_office:
        initiative.spokesperson[s] = _most_trusted(state, rules, s)


@compiled
def _most_trusted(state, rules, s):
    """Return the federated member of sector s in whom its ties among the federated members have the most trust together."""
    size, votes = state.initiative[0].roster_size[s], state.draws
    for p in range(size):
        votes[state.roster[s, p]] = 0.0
    for p in range(size):
        i = state.roster[s, p]
        for k in range(state.orgs[i].degree * state.orgs[i].federated):
            j = state.partners[i, k]
            if state.orgs[j].federated and state.orgs[j].sector == s:
                votes[j] += trust_in(state, rules, i, j, k)
    chosen, most = NOBODY, -1.0
    for p in range(size):
        i = state.roster[s, p]
        if state.orgs[i].federated and votes[i] > most:
            chosen, most = int(i), votes[i]
    return chosen


@compiled
def _follow(state, rules, s):
    """See how far each federated member goes by what the spokesperson judges: by its trust, if it listens; report to them."""
    initiative = state.initiative[0]
    strength, speaker = levers.spokesperson(rules, s, initiative.week), initiative.spokesperson[s]
    if speaker == NOBODY:
        for p in range(initiative.roster_size[s]):
            state.orgs[state.roster[s, p]].heed = 0.0
        return
    hours = meeting_hours(state, rules)
    given = min(hours, state.orgs[speaker].hours_left)
    spend(state, speaker, given, FEDERATION_HOURS)
    reported = given / hours if hours > 0.0 else 1.0
    for p in range(initiative.roster_size[s]):
        i = state.roster[s, p]
        org = state.orgs[i]
        org.heed = 0.0
        if org.federated and i != speaker:
            trust = trust_in(state, rules, i, speaker, slot_of(state, i, speaker))
            if distance(org.position, state.orgs[speaker].position) <= confidence_bound(rules, trust) * org.listening:
                org.heed = min(MOST_HEED, strength * reported * trust)
