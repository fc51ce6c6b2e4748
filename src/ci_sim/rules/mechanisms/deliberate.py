"""Deliberate: positions are disclosed, misperceived, and move within a bound that trust widens (bounded confidence).

- In a meeting each side sees the other's position with an error of s.d. `misperception` (less after mapping) in each
  dimension, and closes the share `convergence` of the perceived distance if it is within the bound, `bound` x trust / 0.5.
- In a plenary (common agenda) members do the same with the draft of the joint text, which they see without error; they listen
  as far as they trust the other members on average.
- At a caucus members do the same with the mean position of those who attend, and pool by the same share what they have learnt
  about the sectors.

Organizations differ in how far they listen (what the bound is multiplied by) and how firmly they stand (the share by which they
move less).

The agenda is the mean of the members' positions, weighted by their influence, as is a caucus's; a facilitated common agenda moves
the weights towards equality by its strength, and so does a charter that is in force.

Voice: in a plenary each member sees how far the text moves when it does, its weight, against that of an equal, 1/n. To have had
its due say is evidence like a promise kept, about the sectors in proportion to the weight that they hold, and about the group;
to have been overruled by the weight of others is evidence like one broken. It counts `voice`, as far as the member takes part.

Sources: Deffuant, Neau, Amblard & Weisbuch (2000) for the position dynamics; Lind & Tyler (1988) for voice.
"""

import math

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers, streams
from ci_sim.rules.ahead import fetch_meeting, fetch_voice
from ci_sim.rules.beliefs import be_heard, trust_in
from ci_sim.rules.state import SEEN_FIRST, SEEN_SECOND, circle_size


@entry
def deliberate(state, rules):
    """Let this week's meetings, caucuses and plenary move positions, and the positions move the agenda."""
    initiative = state.initiative[0]
    for m in range(initiative.meetings):
        fetch_meeting(state, m)
        _exchange(state, rules, state.meetings[m, 0], state.meetings[m, 1], state.meetings[m, 3])
    facilitation = levers.common_agenda(rules, initiative.week)
    for s in range(3):
        if levers.caucus(rules, s, initiative.week) > 0.0:
            _close_ranks(state, rules, s, facilitation)
    plenary = facilitation > 0.0 and initiative.week > 1
    if plenary:
        _discuss_text(state, rules, facilitation)
    equality = facilitation
    if initiative.charter_week > 0:
        equality = max(facilitation, levers.charter(rules, initiative.week))
    influence = _total_influence(state)
    _write_agenda(state, equality, influence)
    if plenary and rules.voice > 0.0:
        _hear_out(state, rules, equality, influence)


@compiled
def distance(x, y):
    """Return the Euclidean distance of two positions."""
    total = 0.0
    for d in range(4):
        apart = x[d] - y[d]
        total += apart * apart  # a power of Python's would round otherwise
    return math.sqrt(total)


@compiled
def confidence_bound(rules, trust):
    """Return the largest distance at which an organization listens to, or agrees with, a partner that it trusts so much."""
    return rules.bound * trust / 0.5


@compiled
def _move(org, target, bound, share):
    """Move an organization's position towards a target by a share of their distance, if that is within the bound.

    It listens farther, or less far, than others, and moves less the firmer it stands.
    """
    position, share = org.position, share * (1.0 - float(org.firmness))
    if distance(position, target) <= bound * org.listening:
        for d in range(4):
            position[d] = min(1.0, max(0.0, position[d] + share * (target[d] - position[d])))


@compiled
def _exchange(state, rules, i, j, k):
    """Two organizations that meet each see the other's position, and may move towards what they see."""
    bound_i = confidence_bound(rules, trust_in(state, rules, i, j, k))
    bound_j = confidence_bound(rules, trust_in(state, rules, j, i, state.ties[i, k].mirror))
    seen_j, seen_i = state.scratch[SEEN_FIRST], state.scratch[SEEN_SECOND]
    _perceive(state, rules, i, j, seen_j)
    _perceive(state, rules, j, i, seen_i)
    _move(state.orgs[i], seen_j, bound_i, rules.convergence)
    _move(state.orgs[j], seen_i, bound_j, rules.convergence)


@compiled
def _perceive(state, rules, i, j, seen):
    """Write the position of organization j, as i perceives it this week, into `seen`."""
    initiative, position = state.initiative[0], state.orgs[j].position
    for d in range(4):
        seen[d] = position[d]
    error = rules.misperception * (1.0 - initiative.mapped)
    if error > 0.0:
        for half in range(0, initiative.dimensions, 2):
            a, b = streams.normal_pair(initiative.seed, initiative.week, i, j, streams.PERCEPTION + half)
            seen[half] += error * a
            if half + 1 < initiative.dimensions:
                seen[half + 1] += error * b


@compiled
def _close_ranks(state, rules, s, facilitation):
    """This week's caucus of a sector: who attends moves towards the attendants' mean position and pools its outlook."""
    position, outlook = state.scratch[SEEN_FIRST], state.scratch[SEEN_SECOND]
    if _pool(state, s, facilitation, position, outlook) < 2:
        return
    for p in range(state.initiative[0].roster_size[s]):
        org = state.orgs[state.roster[s, p]]
        if org.caucused:
            _move(org, position, confidence_bound(rules, org.prior[s]), rules.convergence)
            for t in range(3):
                org.outlook_kept[t] += rules.convergence * (outlook[t] - org.outlook_kept[t])
                org.outlook_broken[t] += rules.convergence * (outlook[3 + t] - org.outlook_broken[t])


@compiled
def _pool(state, s, facilitation, position, outlook):
    """Write what a caucus' attendants agree on; return how many they are.

    Their position is the mean weighted by influence, unless they are facilitated; their outlook (three kept, three broken) the
    plain mean.
    """
    attendants, influence = 0, 0.0
    for p in range(state.initiative[0].roster_size[s]):
        org = state.orgs[state.roster[s, p]]
        attendants += org.caucused
        influence += org.caucused * org.influence
    for x in range(6):
        position[x] = outlook[x] = 0.0
    for p in range(state.initiative[0].roster_size[s]):
        org = state.orgs[state.roster[s, p]]
        if org.caucused:
            weight = _weight(org, facilitation, influence, attendants)
            for d in range(4):
                position[d] += weight * org.position[d]
            for t in range(3):
                outlook[t] += org.outlook_kept[t] / attendants
                outlook[3 + t] += org.outlook_broken[t] / attendants
    return attendants


@compiled
def _weight(org, equality, influence, members):
    """Return an organization's weight among so many with so much influence: by its own, and equal as far as they are equals."""
    own = org.influence / influence if influence > 0.0 else 1.0 / members  # where nobody is named influential
    return (1.0 - equality) * own + equality / members


@compiled
def _discuss_text(state, rules, facilitation):
    """The plenary: members who take part move towards the draft."""
    for s in range(3):
        for p in range(state.initiative[0].roster_size[s]):
            org = state.orgs[state.roster[s, p]]
            share = rules.convergence * facilitation * org.participation
            _move(org, state.initiative[0].agenda, confidence_bound(rules, org.mean_trust), share)


@compiled
def _total_influence(state):
    """Return the influence of all members together."""
    influence = 0.0
    for s in range(3):
        for p in range(state.initiative[0].roster_size[s]):
            fetch_voice(state, s, p)
            influence += state.orgs[state.roster[s, p]].influence
    return influence


@compiled
def _write_agenda(state, equality, influence):
    """Set the agenda to the weighted mean of the members' positions; an empty circle leaves it as it is.

    Who follows its sector's spokesperson is spoken for: that one's position counts in place of its own.
    """
    agenda, size, members = state.initiative[0].agenda, state.initiative[0].roster_size, circle_size(state)
    if members > 0:
        for d in range(4):
            agenda[d] = 0.0
    for s in range(3):
        for p in range(size[s]):
            fetch_voice(state, s, p)
            org = state.orgs[state.roster[s, p]]
            weight = _weight(org, equality, influence, members)
            stands = state.orgs[state.initiative[0].spokesperson[s]] if org.heed > 0.0 else org
            for d in range(4):
                agenda[d] += weight * stands.position[d]


@compiled
def _hear_out(state, rules, equality, influence):
    """After a plenary each member has seen how far the text moved for it, against its due as an equal, and who holds the pen."""
    size, members, pen = state.initiative[0].roster_size, circle_size(state), state.scratch[SEEN_FIRST]
    for s in range(3):
        pen[s] = 0.0
        for p in range(size[s]):
            pen[s] += _weight(state.orgs[state.roster[s, p]], equality, influence, members)
    for s in range(3):
        for p in range(size[s]):
            i = state.roster[s, p]
            org = state.orgs[i]
            heard = min(1.0, members * _weight(org, equality, influence, members))
            be_heard(state, rules, i, heard, pen, rules.voice * org.participation)
