"""Meet: how each organization of the circle spends its weekly hours on meetings.

1. Upkeep of the components, part of which the backbone's paid staff absorbs while its fund lasts. It is `upkeep` hours a
   component and member in a circle of ten, and grows by the share `crowding` with each doubling of the circle: the larger a
   group, the more its organization costs each member (Olson 1965).
2. Introductions: the backbone brings together cross-sector pairs that have no tie.
   Spokespersons of sectors (`federate`) meet each other, or, of a sector without one, a member drawn at random.
3. Caucuses: in a strengthened sector a member gives `share` of its own meetings (times the strength) to its sector's caucus,
   where it meets another member drawn at random. These are hours shifted, not hours added. The two tell each other what they
   know of each partner, by name, that both have: it closes the share `gossip` of the difference, as far as the teller is trusted.
4. Other meetings of one's own: a partner is drawn from some ties and some members, with odds proportional to trust and, for
   one's own sector, times `homophily` (Luce's choice rule). A meeting takes `meeting_hours` of both sides, less where
   continuous communication is at work; whoever has no hours left meets nobody, and a pair meets at most once a week.
"""

import numpy as np

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers, streams
from ci_sim.rules.ahead import fetch_budget, fetch_host, fetch_turn
from ci_sim.rules.arithmetic import log2
from ci_sim.rules.backbone import pay_staff
from ci_sim.rules.beliefs import trust_by_standing, trust_in
from ci_sim.rules.state import (
    CAUCUS_HOURS,
    CONTACT,
    FEDERATION_HOURS,
    IN_CIRCLE,
    MEETING_HOURS,
    NOBODY,
    SECTOR,
    TURNS_AT_ONCE,
    UPKEEP_HOURS,
    circle_size,
    fade_tie,
    member_at,
    note_standings,
    slot_of,
    spend,
    tie_between,
)


@entry
def meet(state, rules):
    """Hold this week's meetings; they are listed in `state.meetings`."""
    initiative = state.initiative[0]
    initiative.meetings = 0
    _upkeep(state, rules)
    _introduce(state, rules)
    _represent(state, rules)
    _shuffle(state)
    streams.uniform_each(initiative.seed, initiative.week, streams.CONTACTS, state.draws)
    note_standings(state)
    turns = _list_turns(state, rules)
    for first in range(0, turns, TURNS_AT_ONCE):
        _take_turns(state, rules, first, min(TURNS_AT_ONCE, turns - first))
    _find_ties(state)


@compiled
def _list_turns(state, rules):
    """List this week's turns in their order, `rate` a member on average; return how many they are."""
    turns = 0
    for p in range(state.order.shape[0]):
        i = state.order[p]
        if state.standing[i] & IN_CIRCLE:
            for turn in range(int(rules.rate + state.draws[i])):
                state.turns[0, turns], state.turns[1, turns] = i, turn
                turns += 1
    return turns


@compiled
def _take_turns(state, rules, first, count):
    """Let those who have the next `count` turns meet somebody: at their caucus, or whom they choose."""
    initiative, candidates = state.initiative[0], state.candidates
    who, turn = state.turns[0, first : first + count], state.turns[1, first : first + count]
    streams.uniforms_row(initiative.seed, initiative.week, who, turn, count, streams.CANDIDATE_TIES, candidates, 0)
    streams.uniforms_row(initiative.seed, initiative.week, who, turn, count, streams.CANDIDATE_MEMBERS, candidates, 4)
    for x in range(count):
        fetch_turn(state, who, x)
        if _caucuses(state, rules, who[x], turn[x]):
            _caucus(state, rules, who[x], turn[x])
        else:
            _seek_partner(state, rules, who[x], candidates[:, x])


@compiled
def _find_ties(state):
    """Note where the ties of those who met stand: none moves in the rest of the week; forget meetings whose tie gave way."""
    initiative, meetings = state.initiative[0], state.meetings
    held, initiative.meetings = initiative.meetings, 0
    for m in range(held):
        fetch_host(state, m, held)
        i, j = meetings[m, 0], meetings[m, 1]
        k = slot_of(state, i, j)
        if k >= 0:
            at = initiative.meetings
            meetings[at, 0], meetings[at, 1], meetings[at, 2], meetings[at, 3] = i, j, CONTACT, k
            meetings[at, 4] = state.ties[i, k].mirror
            initiative.meetings += 1


@compiled
def meeting_hours(state, rules):
    """Return the hours that a meeting takes of each side."""
    week = state.initiative[0].week
    communication = levers.continuous_communication(rules, week)
    return rules.meeting_hours * (1.0 - rules.contact_saving * communication)


@compiled
def _upkeep(state, rules):
    """Charge the members for the components at work; who cannot give all its share takes part in proportion."""
    week = state.initiative[0].week
    due = levers.common_agenda(rules, week)
    due += levers.mutually_reinforcing_activities(rules, week)
    due += levers.shared_measurement(rules, week)
    due += levers.continuous_communication(rules, week)
    due += levers.trust_and_agreements(rules, week)
    due *= rules.upkeep * max(0.0, 1.0 + rules.crowding * log2(circle_size(state) / 10.0))
    absorbed = _absorb(state, rules, due * circle_size(state))
    own = due * (1.0 - absorbed)
    for s in range(3):
        for p in range(state.initiative[0].roster_size[s]):
            fetch_budget(state, s, p)
            i = state.roster[s, p]
            given = min(own, state.orgs[i].hours_left)
            spend(state, i, given, UPKEEP_HOURS)
            state.orgs[i].participation = given / own if own > 0.0 else 1.0


@compiled
def _absorb(state, rules, hours):
    """Let the backbone do what it can, up to half, of the upkeep that the circle owes; return the share that it did."""
    initiative = state.initiative[0]
    if hours <= 0.0:
        return 0.0
    strength = levers.backbone(rules, initiative.week)
    done = min(0.5 * strength * hours, initiative.staff_hours)
    pay_staff(state, rules, done)
    return done / hours


@compiled
def _hold(state, i, j, hours, purpose):
    """Hold a meeting if both sides have the hours and have not met this week; return whether it took place."""
    initiative = state.initiative[0]
    if i == j or min(state.orgs[i].hours_left, state.orgs[j].hours_left) < hours:
        return False
    k = tie_between(state, i, j)
    tie = state.ties[i, k]
    if tie.met == initiative.week:
        return False
    tie.met = initiative.week
    state.ties[j, tie.mirror].met = initiative.week
    spend(state, i, hours, purpose)
    spend(state, j, hours, purpose)
    state.meetings[initiative.meetings, 0] = i
    state.meetings[initiative.meetings, 1] = j
    initiative.meetings += 1
    return True


@compiled
def _caucuses(state, rules, i, turn):
    """Return whether organization i gives this meeting of its own to its sector's caucus."""
    initiative, s = state.initiative[0], state.orgs[i].sector
    share = rules.caucus_share * levers.caucus(rules, s, initiative.week)
    return share > 0.0 and streams.uniform(initiative.seed, initiative.week, i, turn, streams.CAUCUS) < share


@compiled
def _caucus(state, rules, i, turn):
    """Organization i meets another member of its sector, drawn at random, at their caucus."""
    initiative, s = state.initiative[0], state.orgs[i].sector
    who = streams.uniforms(initiative.seed, initiative.week, i, turn, streams.CAUCUS)[1]
    j = state.roster[s, int(who * initiative.roster_size[s])]
    if _hold(state, i, j, meeting_hours(state, rules), CAUCUS_HOURS):
        state.orgs[i].caucused = 1
        state.orgs[j].caucused = 1
        share = rules.gossip * levers.caucus(rules, s, initiative.week)
        if share > 0.0:
            _gossip(state, rules, i, j, share)


@compiled
def _gossip(state, rules, i, j, share):
    """Organizations i and j tell each other what they know of the partners that both have; each believes the other in part."""
    trust_i = trust_in(state, rules, i, j, slot_of(state, i, j))
    trust_j = trust_in(state, rules, j, i, slot_of(state, j, i))
    for k in range(state.orgs[i].degree):
        at_j = slot_of(state, j, state.partners[i, k])
        if at_j >= 0:
            mine, theirs = state.ties[i, k], state.ties[j, at_j]
            fade_tie(state, mine)
            fade_tie(state, theirs)
            mine.kept, theirs.kept = _pool(mine.kept, theirs.kept, share * trust_i, share * trust_j)
            mine.broken, theirs.broken = _pool(mine.broken, theirs.broken, share * trust_i, share * trust_j)
            mine.willing, theirs.willing = _pool(mine.willing, theirs.willing, share * trust_i, share * trust_j)
            mine.unwilling, theirs.unwilling = _pool(mine.unwilling, theirs.unwilling, share * trust_i, share * trust_j)


@compiled
def _pool(mine, theirs, share_i, share_j):
    """Return what two know after each has gone the share of the difference towards the other."""
    difference = np.float64(theirs) - np.float64(mine)
    return mine + share_i * difference, theirs - share_j * difference


@compiled
def _represent(state, rules):
    """Let each sector's spokesperson meet those of the other sectors, or a member of a sector that has none."""
    initiative, hours = state.initiative[0], meeting_hours(state, rules)
    for s in range(3):
        speaker = initiative.spokesperson[s]
        for t in range(3):
            if speaker == NOBODY or t == s or initiative.roster_size[t] == 0:
                continue
            other = initiative.spokesperson[t]
            if other == NOBODY:
                draw = streams.uniform(initiative.seed, initiative.week, speaker, t, streams.SPOKESPERSON)
                other = state.roster[t, int(draw * initiative.roster_size[t])]
            _hold(state, speaker, other, hours, FEDERATION_HOURS)


@compiled
def _introduce(state, rules):
    """The backbone brings together as many cross-sector pairs without a tie as its remaining hours allow."""
    initiative = state.initiative[0]
    n = circle_size(state)
    hours = meeting_hours(state, rules)
    tries = int(initiative.staff_hours / rules.introduction_hours) if n > 1 else 0
    for t in range(min(tries, n)):
        a, b, _, _ = streams.uniforms(initiative.seed, initiative.week, t, 0, streams.INTRODUCTION)
        i, j = member_at(state, int(a * n)), member_at(state, int(b * n))
        stranger = state.orgs[i].sector != state.orgs[j].sector and slot_of(state, i, j) < 0
        if stranger and _hold(state, i, j, hours, MEETING_HOURS):
            pay_staff(state, rules, rules.introduction_hours)


@compiled
def _shuffle(state):
    """Draw this week's order of turns over all organizations (Fisher and Yates)."""
    order, initiative = state.order, state.initiative[0]
    streams.uniform_each(initiative.seed, initiative.week, streams.ORDER, state.draws)
    for i in range(order.shape[0]):
        order[i] = i
    for i in range(order.shape[0] - 1, 0, -1):
        j = int(state.draws[i] * (i + 1))
        order[i], order[j] = order[j], order[i]


@compiled
def _seek_partner(state, rules, i, draws):
    """Organization i draws three of its ties and three members of the circle, and meets one of them."""
    org = state.orgs[i]
    hours = meeting_hours(state, rules)
    n = circle_size(state)
    if org.hours_left < hours or n < 2:
        return
    chosen, total, pick = -1, 0.0, draws[3]
    for c in range(6):
        if c < 3:
            if org.degree == 0:
                continue
            k = int(draws[c] * org.degree)
            j = state.partners[i, k]
        else:
            j = member_at(state, int(draws[c + 1] * n))
            k = slot_of(state, i, j)
        if j == i or not state.standing[j] & IN_CIRCLE:
            continue
        odds = trust_by_standing(state, rules, i, j, k)
        if state.standing[j] & SECTOR == org.sector:
            odds *= rules.homophily
        # Keep one candidate with probability proportional to its odds (a reservoir of one), reusing what is left of the draw.
        others, total = total, total + odds
        place = pick * total
        taken = place < odds
        chosen = j if taken else chosen
        pick = (place if taken else place - odds) / (odds if taken else others)
    if chosen >= 0:
        _hold(state, i, chosen, hours, MEETING_HOURS)
