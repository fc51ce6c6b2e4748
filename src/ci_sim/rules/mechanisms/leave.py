"""Leave: interest fades, people change, and who expects no net benefit leaves.

- Salience halves in `salience_half_life` weeks, in every organization, convened or not (wins restore it: see `deliver`).
- With the yearly probability `turnover` (times the sector's profile) the person in charge changes: the share `turnover_loss` of
  what the organization knew of others is lost, and its mandate.
- A member expects of another week its benefit times the share of the others that it expects to deliver, and pays
  `participation_cost` times the share of its capacity that it spent. After `patience` weeks of paying more it leaves.
- Scheduled events happen (`mechanisms.shocks`).
"""

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import streams
from ci_sim.rules.arithmetic import halved
from ci_sim.rules.mechanisms.commit import benefit
from ci_sim.rules.mechanisms.shocks import change_people, shocks
from ci_sim.rules.state import MEMBER, leave_circle


@entry
def leave(state, rules, events):
    """Let interest fade, people change, organizations leave and events happen (see `shocks`)."""
    initiative = state.initiative[0]
    fade = halved(1.0 / rules.salience_half_life)
    streams.uniform_each(initiative.seed, initiative.week, streams.TURNOVER, state.draws)
    for i in range(state.orgs.shape[0]):
        state.orgs[i].salience *= fade
        if state.draws[i] < state.internal[i].turnover:
            change_people(state, rules, i, rules.turnover_loss)
        if state.orgs[i].membership == MEMBER:
            _weigh(state, rules, i)
    shocks(state, rules, events)


@compiled
def _weigh(state, rules, i):
    """Count the weeks without expected net benefit, and leave when patience is at its end."""
    org = state.orgs[i]
    load = org.hours_spent / org.capacity if org.capacity > 0.0 else 0.0
    if benefit(state, i) * org.expected_share < rules.participation_cost * load:
        org.discontent += 1
    else:
        org.discontent = 0
    if org.discontent >= rules.patience:
        leave_circle(state, i)
