"""The weekly cycle: the seven mechanisms in their order; one run, and many runs.

`InitiativeModel.step()` and the ensemble call the same functions.
"""

import math

from ci_sim.compilation.compiled import compiled, entry, joined
from ci_sim.rules.beliefs import trust_in
from ci_sim.rules.mechanisms.agree import agree
from ci_sim.rules.mechanisms.commit import commit
from ci_sim.rules.mechanisms.convene import convene
from ci_sim.rules.mechanisms.deliberate import deliberate
from ci_sim.rules.mechanisms.deliver import deliver
from ci_sim.rules.mechanisms.leave import leave
from ci_sim.rules.mechanisms.meet import meet
from ci_sim.rules.outcomes import CONTEXT_COLUMNS, EVENTS, QUANTITIES, in_coalition, measure
from ci_sim.rules.population import build
from ci_sim.rules.state import LAUNCHED, UNINVITED, circle_size

SERIES_ROW = ("formed", "members", "fund", *QUANTITIES)
OUTCOME_ROW = (*EVENTS, *QUANTITIES, "launch_week", *(f"context_{name}" for name in CONTEXT_COLUMNS))


@entry
def begin_week(state):
    """Turn the page of the calendar: a new week, with its hours."""
    state.initiative[0].week += 1
    for i in range(state.orgs.shape[0]):
        state.orgs[i].hours_left = state.orgs[i].capacity
        state.orgs[i].hours_spent = 0.0
        state.orgs[i].caucused = 0


@entry
def assess(state, rules, weeks):
    """Decide whether the initiative is formed, or has collapsed, at the end of this week.

    It is formed when, for `formation_weeks` weeks in a row after the launch, each required sector's quorum of convened
    organizations (those that left count as convened) has signed and commits. It collapses when a required sector can no
    longer reach its quorum, or when the horizon comes unformed.
    """
    initiative = state.initiative[0]
    quorum = initiative.stage == LAUNCHED
    possible = True
    for s in range(3):
        if rules.required[s]:
            convened, uninvited, inside = _count(state, rules, s)
            quorum = quorum and convened > 0 and inside >= rules.quorum * convened
            possible = possible and initiative.roster_size[s] + uninvited >= rules.quorum * (convened + uninvited)
    initiative.streak = initiative.streak + 1 if quorum else 0
    if initiative.formed == 0 and initiative.streak >= rules.formation_weeks:
        initiative.formed = 1
        initiative.formation_week = initiative.week
        initiative.hours_until_formed = initiative.hours
    if initiative.collapsed == 0 and (not possible or (initiative.week == weeks and initiative.formed == 0)):
        initiative.collapsed = 1
        initiative.collapse_week = initiative.week


@compiled
def _count(state, rules, s):
    """Return how many organizations of sector s were ever convened, are not yet invited, and are in the coalition."""
    convened = uninvited = inside = 0
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        if org.sector == s:
            if org.membership == UNINVITED:
                uninvited += 1
            else:
                convened += 1
                inside += int(in_coalition(org, rules))
    return convened, uninvited, inside


@compiled
def run_week(state, rules, events, weeks):
    """Let one week pass: the seven mechanisms, then the assessment. A collapse by the mapping stage ends the week at once."""
    begin_week(state)
    convene(state, rules)
    if state.initiative[0].collapsed == 0:
        meet(state, rules)
        deliberate(state, rules)
        deliver(state, rules)
        agree(state, rules)
        commit(state, rules)
        leave(state, rules, events)
        assess(state, rules, weeks)


@joined
def run_weeks(state, rules, events, weeks, last):
    """Let weeks pass, one at least, until the week `last` or a collapse."""
    initiative, on = state.initiative[0], True
    while on:
        run_week(state, rules, events, weeks)
        on = initiative.week < last and initiative.collapsed == 0


@entry
def write_week(state, rules, row):
    """Fill a row of the series with the values at the end of this week, in the order of SERIES_ROW."""
    initiative = state.initiative[0]
    row[0] = initiative.formed
    row[1] = circle_size(state)
    row[2] = initiative.fund
    measure(state, rules, row[3:])


@entry
def write_ties(state, rules, pairs, trust, agreements):
    """Fill a row for each tie: its two organizations, the trust of each in the other, and its rung.

    Args:
        pairs, trust: (E, 2); agreements: (E,), for E ties.
    """
    row = 0
    for i in range(state.orgs.shape[0]):
        for k in range(state.orgs[i].degree):
            j, tie = state.partners[i, k], state.ties[i, k]
            if j > i:
                pairs[row, 0], pairs[row, 1] = i, j
                trust[row, 0] = trust_in(state, rules, i, j, k)
                trust[row, 1] = trust_in(state, rules, j, i, tie.mirror)
                agreements[row] = tie.agreement
                row += 1


@entry
def write_outcomes(state, rules, outcomes):
    """Fill a row with the outcomes of a run that has ended, in the order of OUTCOME_ROW."""
    initiative = state.initiative[0]
    outcomes[0] = initiative.formed
    outcomes[1] = initiative.formation_week if initiative.formed else math.nan
    outcomes[2] = initiative.collapsed
    outcomes[3] = initiative.collapse_week if initiative.collapsed else math.nan
    measure(state, rules, outcomes[4:16])
    outcomes[16] = initiative.launch_week if initiative.launch_week > 0 else math.nan
    outcomes[17] = initiative.conflict
    outcomes[18] = initiative.spread
    outcomes[19] = initiative.reliability
    outcomes[20] = initiative.urgency
    outcomes[21] = initiative.trust
    outcomes[22] = initiative.difficulty


@joined
def run_many(state, given, rules, events, seeds, weeks, outcomes, series):
    """Run each seed in turn in the same memory: build its population, and let the weeks pass until the horizon or a collapse.

    Args:
        rules: record array of shape (1,), or (len(seeds),) for a design in which each run has its own.
        outcomes: (len(seeds), len(OUTCOME_ROW)) to fill.
        series: (len(seeds), weeks, len(SERIES_ROW)) to fill with the weekly values, or of shape (0, …) for none; the weeks
            after a collapse repeat its last values.
    """
    initiative = state.initiative[0]
    for r in range(seeds.shape[0]):
        own = rules[r if rules.shape[0] > 1 else 0]
        build(state, given, own, seeds[r])
        for week in range(weeks):
            if initiative.collapsed == 0:
                run_weeks(state, own, events, weeks, week + 1)
            if series.shape[0] > 0:
                write_week(state, own, series[r, week])
        write_outcomes(state, own, outcomes[r])
