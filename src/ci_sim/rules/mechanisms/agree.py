"""Agree: a pair climbs the ladder of agreements - none, understanding, joint step, signed commitment - or falls back a rung.

- An understanding comes of a meeting at which both positions lie within both sides' confidence bounds.
- A joint step that both sides kept makes it a standing joint step, and a further one, if both trust each other with
  `signing_trust` and still stand close enough, a signed commitment.
- A broken joint step costs one rung.
"""

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules.ahead import fetch_meeting
from ci_sim.rules.beliefs import trust_in
from ci_sim.rules.mechanisms.deliberate import confidence_bound, distance
from ci_sim.rules.state import (
    JOINT_STEP,
    NO_AGREEMENT,
    SIGNED,
    STEP_BROKEN,
    STEP_KEPT,
    UNDERSTANDING,
    set_agreement,
)


@entry
def agree(state, rules):
    """Move the pairs that met this week on the ladder."""
    for m in range(state.initiative[0].meetings):
        fetch_meeting(state, m)
        i, j, k = state.meetings[m, 0], state.meetings[m, 1], state.meetings[m, 3]
        set_agreement(state, i, k, _next_rung(state, rules, i, j, k, state.meetings[m, 2]))


@compiled
def _next_rung(state, rules, i, j, k, result):
    tie = state.ties[i, k]
    rung = tie.agreement
    if result == STEP_BROKEN:
        return max(rung - 1, NO_AGREEMENT)
    trust = min(trust_in(state, rules, i, j, k), trust_in(state, rules, j, i, tie.mirror))
    near = distance(state.orgs[i].position, state.orgs[j].position) <= confidence_bound(rules, trust)
    if rung == NO_AGREEMENT and near:
        return UNDERSTANDING
    if rung == UNDERSTANDING and result == STEP_KEPT:
        return JOINT_STEP
    if rung == JOINT_STEP and result == STEP_KEPT and near and trust >= rules.signing_trust:
        return SIGNED
    return rung
