"""The weekly cycle: the ten mechanisms in their order; one run, and many runs.

`InitiativeModel.step()` and the ensemble call the same functions.
"""

import math

import numpy as np

from ci_sim.compilation.compiled import compiled, entry, joined
from ci_sim.rules import streams
from ci_sim.rules.arithmetic import exp, halved
from ci_sim.rules.backbone import staff_at_work
from ci_sim.rules.beliefs import belief_in_group, trust_in, willingness_in
from ci_sim.rules.decision import all_sectors_agree, still_possible
from ci_sim.rules.mechanisms.agree import agree
from ci_sim.rules.mechanisms.commit import CONSIDERATION, benefit, commit, consider
from ci_sim.rules.mechanisms.convene import convene
from ci_sim.rules.mechanisms.deliberate import deliberate
from ci_sim.rules.mechanisms.deliver import deliver
from ci_sim.rules.mechanisms.federate import federate
from ci_sim.rules.mechanisms.leave import leave
from ci_sim.rules.mechanisms.meet import meet
from ci_sim.rules.mechanisms.negotiate import negotiate
from ci_sim.rules.mechanisms.secure import funded, secure
from ci_sim.rules.mechanisms.shocks import shocks
from ci_sim.rules.outcomes import AT_THE_END, CONTEXT_COLUMNS, EVENTS, QUANTITIES, in_coalition, measure, write_end
from ci_sim.rules.population import build
from ci_sim.rules.state import (
    CONVENE,
    LAUNCHED,
    MEMBER,
    NO_BELIEF,
    NO_BREADTH,
    NO_GAIN,
    NO_MANDATE,
    NO_SIGNATURE,
    UNINVITED,
    circle_size,
)

# in the order in which they act in a week; `leave`, which is told the events as well, is the last
MECHANISMS = ("secure", "convene", "federate", "negotiate", "meet", "deliberate", "deliver", "agree", "commit")
SERIES_ROW = ("formed", "members", "fund", *QUANTITIES)
OUTCOME_ROW = (*EVENTS, *QUANTITIES, *AT_THE_END, *(f"context_{name}" for name in CONTEXT_COLUMNS))
NOBODY_ASKED = np.empty((0, len(CONSIDERATION)))  # what `run_weeks` fills where nobody's reasons are asked for
_QUANTITIES_AT, _END_AT = len(EVENTS), len(EVENTS) + len(QUANTITIES)
_CONTEXT_AT = _END_AT + len(AT_THE_END)


@entry
def begin_week(state, rules):
    """Turn the page of the calendar: a new week, with its season, the hours of the organizations and of the backbone's staff."""
    state.initiative[0].week += 1
    _set_season(state, rules)
    staff_at_work(state, rules)
    for i in range(state.orgs.shape[0]):
        state.orgs[i].hours_left = state.orgs[i].capacity
        state.orgs[i].hours_spent = 0.0
        state.orgs[i].caucused = 0


@compiled
def _set_season(state, rules):
    """Draw what this season does to everyone's odds of keeping a promise, and what the joint effort is worth in it.

    Seasons begin at a moment of their own in each run.
    """
    initiative = state.initiative[0]
    begun = int(rules.season_weeks * streams.uniform(initiative.seed, 0, 0, 0, streams.SEASON))
    season = 1 + (initiative.week + begun) // rules.season_weeks
    luck, window = streams.normal_pair(initiative.seed, season, 0, 0, streams.SEASON)
    initiative.season_odds = exp(rules.season * luck)
    initiative.season_worth = exp(rules.windows * (window - 0.5 * rules.windows))


@entry
def assess(state, rules, weeks):
    """Decide whether the initiative is formed, or has collapsed, at the end of this week, and what stands in its way.

    It is formed when, for `formation_weeks` weeks in a row after the launch, of each required sector as many as the decision rule
    asks have signed and commit. It breaks off when for as many weeks in a row they did not, and stands again when they do. It
    collapses when a required sector can no longer reach its quorum, or when the horizon comes unformed.

    A week without a quorum is put down to one obstacle, in the tallies, in which weeks weigh half as much for each
    `formation_weeks` that they lie back: the first of these that is missing, over all convened organizations of the required
    sectors taken together, of a quorum of those who could gain if all others delivered (no gain), who would commit (no belief),
    who would and may (no mandate, or money that convening waits for), and who have signed as well (no signature); or else, that a
    single sector is missing (no breadth).
    """
    initiative = state.initiative[0]
    convened, inside = _coalition(state, rules)
    quorum = initiative.stage == LAUNCHED and all_sectors_agree(state, rules, state.orgs["inside"], rules.quorum)
    fade = halved(1.0 / rules.formation_weeks)
    for tally in range(initiative.tallies.shape[0]):
        initiative.tallies[tally] *= fade
    if not quorum:
        initiative.tallies[_obstacle(state, rules, convened, inside)] += 1.0
    initiative.streak = max(initiative.streak, 0) + 1 if quorum else min(initiative.streak, 0) - 1
    if initiative.streak >= rules.formation_weeks and initiative.standing == 0:
        _form(initiative)
    elif initiative.streak <= -rules.formation_weeks and initiative.standing == 1:
        _break_off(initiative)
    over = initiative.week == weeks and initiative.formed == 0
    if initiative.collapsed == 0 and (over or not still_possible(state, rules)):
        initiative.collapsed = 1
        initiative.collapse_week = initiative.week
        _break_off(initiative)


@compiled
def _form(initiative):
    """Let the initiative stand, for the first time or again."""
    initiative.standing = 1
    if initiative.formed == 0:
        initiative.formed = 1
        initiative.formation_week = initiative.week
        initiative.hours_until_formed = initiative.hours
        initiative.paid_until_formed = initiative.paid


@compiled
def _break_off(initiative):
    """Let an initiative that stands stand no longer."""
    if initiative.standing:
        initiative.standing = 0
        initiative.broken_off_week = initiative.week


@compiled
def _coalition(state, rules):
    """Note who is in the coalition; return how many of the required sectors were ever convened, and are in it."""
    initiative, convened, inside = state.initiative[0], 0, 0
    for s in range(3):
        convened += initiative.convened[s] * rules.required[s]
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        org.inside = in_coalition(org, rules)
        inside += org.inside * rules.required[org.sector]
    return convened, inside


@compiled
def _obstacle(state, rules, convened, inside):
    """Return what stands in the way this week, of so many convened organizations and so many in the coalition."""
    initiative = state.initiative[0]
    gaining = willing = free = 0
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        if rules.required[org.sector] and org.membership != UNINVITED:
            gaining += int(benefit(state, i) > rules.cost)
            willing += org.intends
            free += org.intends * org.mandate
    needed = rules.quorum * convened
    if gaining < needed:
        return NO_GAIN
    if willing < needed:
        return NO_BELIEF
    waiting = initiative.stage == CONVENE and not funded(state, rules, rules.convene)
    if free < needed or waiting or (initiative.stage == LAUNCHED and not initiative.called):
        return NO_MANDATE
    return NO_SIGNATURE if inside < needed else NO_BREADTH


@entry
def begin(state, rules, events):
    """Let what is scheduled before the first week happen, if that week is still to come."""
    if state.initiative[0].week == 0:
        shocks(state, rules, events)


@compiled
def run_week(state, rules, events, weeks, considered):
    """Let one week pass: the ten mechanisms, then the assessment. A collapse by the mapping stage ends the week at once.

    Args:
        considered: see `run_weeks`.
    """
    begin(state, rules, events)
    begin_week(state, rules)
    secure(state, rules)
    convene(state, rules)
    if state.initiative[0].collapsed == 0:
        federate(state, rules)
        negotiate(state, rules)
        meet(state, rules)
        deliberate(state, rules)
        deliver(state, rules)
        agree(state, rules)
        commit(state, rules)
        if considered.shape[0] > 0:
            _consider(state, rules, considered)
        leave(state, rules, events)
        assess(state, rules, weeks)


@compiled
def _consider(state, rules, considered):
    """Fill what each member weighs, in the order of CONSIDERATION; a row of NaN for who is none."""
    for i in range(state.orgs.shape[0]):
        if state.orgs[i].membership == MEMBER:
            consider(state, rules, i, considered[i])
        else:
            considered[i, :] = math.nan


@joined
def run_weeks(state, rules, events, weeks, last, considered):
    """Let weeks pass, one at least, until the week `last` or a collapse.

    Args:
        considered: (N, len(CONSIDERATION)) to fill with what each organization weighs in the last of these weeks, or
            NOBODY_ASKED.
    """
    initiative, on = state.initiative[0], True
    while on:
        run_week(state, rules, events, weeks, considered)
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
def write_ties(state, rules, pairs, trust, willingness, agreements):
    """Fill a row for each tie: its two organizations, what each believes of the other, and its rung; return how many there are.

    Args:
        pairs, trust, willingness: (E, 2); agreements: (E,), for E ties.
    """
    row = 0
    for i in range(state.orgs.shape[0]):
        for k in range(state.orgs[i].degree):
            j, tie = state.partners[i, k], state.ties[i, k]
            if j > i:
                pairs[row, 0], pairs[row, 1] = i, j
                trust[row, 0] = trust_in(state, rules, i, j, k)
                trust[row, 1] = trust_in(state, rules, j, i, tie.mirror)
                willingness[row, 0] = willingness_in(state, rules, i, j, k)
                willingness[row, 1] = willingness_in(state, rules, j, i, tie.mirror)
                agreements[row] = tie.agreement
                row += 1
    return row


@entry
def write_group_beliefs(state, rules, beliefs):
    """Fill what each organization, of (N,), believes of the group."""
    for i in range(state.orgs.shape[0]):
        beliefs[i] = belief_in_group(state, rules, i)


@entry
def write_outcomes(state, rules, outcomes):
    """Fill a row with the outcomes of a run that has ended, in the order of OUTCOME_ROW."""
    initiative = state.initiative[0]
    outcomes[0] = initiative.formed
    outcomes[1] = initiative.formation_week if initiative.formed else math.nan
    outcomes[2] = initiative.collapsed
    outcomes[3] = initiative.collapse_week if initiative.collapsed else math.nan
    measure(state, rules, outcomes[_QUANTITIES_AT:_END_AT])
    write_end(state, outcomes[_END_AT:_CONTEXT_AT])
    context = outcomes[_CONTEXT_AT:]
    context[0] = initiative.conflict
    context[1] = initiative.spread
    context[2] = initiative.reliability
    context[3] = initiative.urgency
    context[4] = initiative.trust
    context[5] = initiative.difficulty


@joined
def run_many(state, given, rules, events, seeds, weeks, outcomes, series):
    """Run each seed in turn in the same memory: build its population, and let the weeks pass until the horizon or a collapse.

    Args:
        rules: record array of shape (1,), or (len(seeds),) for a design in which each run has its own.
        outcomes: (len(seeds), len(OUTCOME_ROW)) to fill.
        series: (len(seeds), weeks, len(SERIES_ROW)) to fill with the weekly values, or of shape (0, …) for none; the weeks
            after a collapse repeat its last values.
    """
    initiative, nobody = state.initiative[0], outcomes[:0]
    for r in range(seeds.shape[0]):
        own = rules[r if rules.shape[0] > 1 else 0]
        build(state, given, own, seeds[r])
        for week in range(weeks):
            if initiative.collapsed == 0:
                run_weeks(state, own, events, weeks, week + 1, nobody)
            if series.shape[0] > 0:
                write_week(state, own, series[r, week])
        write_outcomes(state, own, outcomes[r])
