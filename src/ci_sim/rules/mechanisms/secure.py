"""Secure: mandates and money, which take their time.

- An organization commits only with a mandate. Its board meets every `board_weeks` weeks, from a week of its own on, and gives the
  mandate to who would commit, or has promised to in a charter. It holds until the person in charge changes (see `leave`).
- The joint effort is called for, after the launch, only while as many hold a mandate as the decision rule asks of each required
  sector; the first time, not before every member's board has met (see `commit`). It is theirs: of those who hold a mandate the
  needed share must deliver (see `deliver`).
- Every `funding_weeks` weeks, from a week of its own on, those who fund the backbone give an instalment: `instalment` for each
  organization of the field, times the share of the field's influence that stands behind the effort, each member's counting as far
  as the problem matters to it. So champions bring the first money, and a growing circle more.

In the stage `convene` the circle waits for both before it goes on (see `convene`); a direct launch seeks them on the way. That
boards decide by the quarter or the month, and funders by the quarter, is common knowledge; see the parameters for the numbers.
"""

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers
from ci_sim.rules.decision import all_sectors_agree
from ci_sim.rules.state import MEMBER


@entry
def secure(state, rules):
    """Let the boards that meet this week decide, and funders give what is due."""
    initiative = state.initiative[0]
    if rules.mandates:
        _hold_board_meetings(state)
    if initiative.week >= initiative.funding_due:
        initiative.funding_due += rules.funding_weeks
        if levers.backbone(rules, initiative.week) > 0.0:
            instalment = rules.instalment * state.orgs.shape[0] * initiative.funders
            initiative.fund += instalment * _support(state)
    if initiative.funding_week == 0 and rules.backbone > 0.0 and funded(state, rules, 1.0):
        initiative.funding_week = initiative.week


@compiled
def _hold_board_meetings(state):
    week = state.initiative[0].week
    for i in range(state.orgs.shape[0]):
        org, internal = state.orgs[i], state.internal[i]
        if week >= internal.board_meets:
            internal.board_meets += internal.board_weeks
            asks = org.membership == MEMBER and (org.intends or org.signatory or org.federated)
            org.mandate = int(org.mandate or asks)
            org.board_met = org.decided


@compiled
def _support(state):
    """Return the share of the field's influence that stands behind the effort, as far as it cares, 0 to 1."""
    behind = influence = caring = 0.0
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        influence += org.influence
        if org.membership == MEMBER:
            behind += org.influence * org.salience
            caring += org.salience
    return behind / influence if influence > 0.0 else caring / state.orgs.shape[0]


@compiled
def mandated(state, rules, share):
    """Return whether of each required sector such a share of its quorum holds a mandate, or none is needed."""
    return not rules.mandates or all_sectors_agree(state, rules, state.orgs["mandate"], rules.quorum * share)


@compiled
def funded(state, rules, share):
    """Return whether the fund holds such a share of the reserve: the pay of the backbone's whole staff for so many weeks."""
    weekly = rules.backbone * rules.staff * state.orgs.shape[0] * rules.wage
    return state.initiative[0].fund >= share * rules.reserve_weeks * weekly
