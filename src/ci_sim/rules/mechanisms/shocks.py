"""Shocks: scheduled events that come from outside.

- `funder_leaves`: the backbone's fund, and every instalment from then on, loses the share `size`.
- `election`: every government organization's position moves by the distance `size`, all in one random direction.
- `champion_lost`: the first champion's salience falls by the share `size`; its successor knows nobody, and has no mandate.
- `crisis`: the share `size` of every organization's missing salience is restored.
- `matching_grant`: for some weeks the joint effort is worth more to all, by the share `size`.
- `budget_cut`: for some weeks it is worth less to all, by the share `size`.
"""

from ci_sim.compilation.compiled import compiled
from ci_sim.rules import streams
from ci_sim.rules.arithmetic import cos_sin
from ci_sim.rules.beliefs import forget

FUNDER_LEAVES, ELECTION, CHAMPION_LOST, CRISIS, MATCHING_GRANT, BUDGET_CUT = range(6)  # the order of parameters.EVENTS


@compiled
def shocks(state, rules, events):
    """Let the events of this week happen, and those that last go on; `events` has shape (E, 4): week, kind, size, weeks."""
    initiative = state.initiative[0]
    initiative.worth = initiative.season_worth
    for e in range(events.shape[0]):
        age, kind, size = initiative.week - int(events[e, 0]), int(events[e, 1]), events[e, 2]
        if age == 0:
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
        champion = state.invitation[0]
        state.orgs[champion].salience *= 1.0 - size
        change_people(state, rules, champion, 1.0)
    elif kind == CRISIS:
        for i in range(state.orgs.shape[0]):
            state.orgs[i].salience += size * (1.0 - state.orgs[i].salience)


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
