"""Shocks: scheduled events that come from outside, to all or to one organization.

- `funder_leaves`: the backbone's fund, and every instalment from then on, loses the share `size`.
- `election`: every government organization's position moves by the distance `size`, all in one random direction.
- `champion_lost`: the first champion's salience falls by the share `size`; its successor knows nobody, and has no mandate.
- `crisis`: the share `size` of every organization's missing salience is restored.
- `matching_grant`: for some weeks the joint effort is worth more to all, by the share `size`.
- `budget_cut`: for some weeks it is worth less to all, by the share `size`.

Of one organization, or of two:

- `leaves`: it takes no part any more; the problem matters to it no longer, and nobody invites it.
- `effort`: for some weeks its hours are `size` times what they were.
- `new_people`: as `champion_lost`, of this organization.
- `pledges`: for some weeks it does its part whatever others do.
- `silent`: for some weeks the two do not meet.

What is scheduled in week 0 happens before the first week.
"""

from ci_sim.compilation.compiled import compiled
from ci_sim.rules import streams
from ci_sim.rules.arithmetic import cos_sin
from ci_sim.rules.beliefs import forget
from ci_sim.rules.state import MEMBER, leave_circle, tie_between

# In the order of parameters.EVENTS, and of parameters.EVENTS_OF_ONE.
FUNDER_LEAVES, ELECTION, CHAMPION_LOST, CRISIS, MATCHING_GRANT, BUDGET_CUT = range(6)
LEAVES, EFFORT, NEW_PEOPLE, PLEDGES, SILENT = range(6, 11)


@compiled
def shocks(state, rules, events):
    """Let the events of this week happen, and those that last go on.

    Args:
        events: of shape (E, 6): week, kind, size, weeks, and the organization or the two that it is about (-1: none).
    """
    initiative = state.initiative[0]
    initiative.worth = initiative.season_worth
    for e in range(events.shape[0]):
        age, kind, size = initiative.week - int(events[e, 0]), int(events[e, 1]), events[e, 2]
        if kind >= LEAVES:
            _happen_to_one(state, rules, events[e], age)
        elif age == 0:
            _happen(state, rules, kind, size)
        if 0 <= age < int(events[e, 3]):
            if kind == MATCHING_GRANT:
                initiative.worth *= 1.0 + size
            elif kind == BUDGET_CUT:
                initiative.worth *= 1.0 - size


@compiled
def _happen(state, rules, kind, size):
    initiative = state.initiative[0]
    if kind == FUNDER_LEAVES:
        initiative.fund *= 1.0 - size
        initiative.funders *= 1.0 - size
    elif kind == ELECTION:
        turns = streams.uniform(initiative.seed, initiative.week, 0, 0, streams.ELECTION)
        for i in range(state.orgs.shape[0]):
            if state.orgs[i].sector == 0:
                _shift(state.orgs[i].position, initiative.dimensions, size, turns)
    elif kind == CHAMPION_LOST:
        _lose_champion(state, rules, state.invitation[0], size)
    elif kind == CRISIS:
        for i in range(state.orgs.shape[0]):
            state.orgs[i].salience += size * (1.0 - state.orgs[i].salience)


@compiled
def _happen_to_one(state, rules, event, age):
    """Let an event of one organization happen, or of two, as long as it lasts; `event` is a row of `shocks`."""
    kind, size, i = int(event[1]), event[2], int(event[4])
    org = state.orgs[i]
    if kind == SILENT:
        if 0 <= age < int(event[3]):
            _keep_apart(state, i, int(event[5]))
    elif age == 0:
        if kind == LEAVES:
            _withdraw(state, i)
        elif kind == EFFORT:
            org.capacity *= size
        elif kind == NEW_PEOPLE:
            _lose_champion(state, rules, i, size)
        else:
            org.pledged = 1
    elif age == int(event[3]):
        if kind == EFFORT:
            org.capacity /= size
        elif kind == PLEDGES:
            org.pledged = 0


@compiled
def _withdraw(state, i):
    """Let organization i take no part any more."""
    org = state.orgs[i]
    org.withdrawn = 1
    org.salience = 0.0
    if org.membership == MEMBER:
        leave_circle(state, i)


@compiled
def _lose_champion(state, rules, i, size):
    """Let organization i lose whoever drives it: a share of its salience goes along, and all that it knew of others."""
    state.orgs[i].salience *= 1.0 - size
    change_people(state, rules, i, 1.0)


@compiled
def _keep_apart(state, i, j):
    """Let two organizations have no meeting in the week that comes: as far as `meet` knows, they have met in it already."""
    k = tie_between(state, i, j)
    week = state.initiative[0].week + 1
    state.ties[i, k].met = week
    state.ties[j, state.ties[i, k].mirror].met = week


@compiled
def change_people(state, rules, i, lost):
    """Let the person in charge of organization i change: a share of what it knew of others is lost, and its mandate."""
    forget(state, i, lost)
    state.orgs[i].mandate = int(not rules.mandates)


@compiled
def _shift(position, dimensions, size, turns):
    """Move a position by a distance in the first two dimensions in use, within [0, 1]."""
    cosine, sine = cos_sin(turns)
    if dimensions == 1:
        cosine = 1.0 if cosine > 0.0 else -1.0
    for d in range(min(2, dimensions)):
        position[d] = min(1.0, max(0.0, position[d] + size * (cosine if d == 0 else sine)))
