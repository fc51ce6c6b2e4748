"""Deliver: promises are kept or broken, and whoever sees it learns.

Three promises, each with a stake that sets its hours (stake x `step_hours`) and its weight as evidence:

- turning up at a meeting (`contact_stake`, no hours beyond the meeting's);
- a joint step of two partners who have an understanding and both can bear the risk: the loss expected from a partner
  trusted with T, (1 - T) x stake, must not exceed the loss at which a full step is just bearable, 1 - `step_trust`. Where
  trust-building is at work (the sixth component, or the stage `found`) a first step is as small as `small_stake`;
- contributing to the joint effort (stake 1), by every organization that committed to it last week.

An organization keeps a promise with its reliability, times the share of the hours asked that it has left this week.
The partner of a joint step sees it; a tie sees a contribution with probability `observation`, and one who contributed takes
a tie's withholding for a broken promise (conditional cooperation: Fischbacher, Gächter & Fehr 2001). Shared measurement
enters joint steps and contributions in the public record with probability `reporting`, failures as well, as far as its
subject takes part in it.
"""

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import streams
from ci_sim.rules.ahead import fetch_meeting, fetch_member_with_partners
from ci_sim.rules.beliefs import observe, publish, trust_in
from ci_sim.rules.mechanisms.levers import working
from ci_sim.rules.state import (
    CHANCES,
    COMMITTED,
    CONTACT,
    CONTRIBUTION_HOURS,
    FOUND,
    IN_CIRCLE,
    JOINT_STEP,
    LAUNCHED,
    NO_HOURS,
    STEP_BROKEN,
    STEP_HOURS,
    STEP_KEPT,
    UNDERSTANDING,
    note_standings,
    spend,
)


@entry
def deliver(state, rules):
    """Carry out this week's joint steps and the contributions promised last week; fade, then add to, what is known."""
    _fade(state)
    for m in range(state.initiative[0].meetings):
        fetch_meeting(state, m)
        i, j, k = state.meetings[m, 0], state.meetings[m, 1], state.meetings[m, 3]
        state.meetings[m, 2] = _work_together(state, rules, i, j, k)
    if state.initiative[0].stage == LAUNCHED:
        note_standings(state)
        for s in range(3):
            for p in range(state.initiative[0].roster_size[s]):
                fetch_member_with_partners(state, s, p)
                _contribute(state, rules, state.roster[s, p])


@compiled
def _fade(state):
    """Let sector outlooks and the public record lose a week's share of their weight (ties fade when they are read)."""
    share = state.fading[1]
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        org.record_kept *= share
        org.record_broken *= share
        for s in range(3):
            org.outlook_kept[s] *= share
            org.outlook_broken[s] *= share


@compiled
def bearable(rules, trust, stake):
    """Return whether an organization can bear the risk of a joint step of this stake with a partner that it trusts so much."""
    return (1.0 - trust) * stake <= 1.0 - rules.step_trust


@compiled
def first_stake(state, rules):
    """Return the stake of a first joint step: 1, or smaller where trust-building offers small steps."""
    initiative = state.initiative[0]
    trust_building = working(rules.trust_and_agreements, rules.trust_and_agreements_from, initiative.week)
    if initiative.stage == FOUND:
        trust_building = max(trust_building, rules.found)
    return 1.0 - trust_building * (1.0 - rules.small_stake)


@compiled
def keeps(state, rules, i, draw, stake, purpose):
    """Spend the hours of a promise and return whether organization i keeps it; a shortage of hours lowers the chance.

    The purpose NO_HOURS stands for a promise that asks no hours of its own.
    """
    initiative, org = state.initiative[0], state.orgs[i]
    asked = 0.0 if purpose == NO_HOURS else stake * rules.step_hours
    load = 1.0
    if asked > 0.0:
        given = min(asked, org.hours_left)
        load = given / asked
        spend(state, i, given, purpose)
    kept = draw < org.reliability * load
    initiative.promises += 1.0
    initiative.promises_kept += 1.0 if kept else 0.0
    return kept


@compiled
def _work_together(state, rules, i, j, k):
    """Carry out what two organizations promised at their meeting; return CONTACT, STEP_KEPT or STEP_BROKEN."""
    initiative, tie = state.initiative[0], state.ties[i, k]
    stake = first_stake(state, rules) if tie.agreement < JOINT_STEP else 1.0
    trust = min(trust_in(state, rules, i, j, k), trust_in(state, rules, j, i, tie.mirror))
    step = tie.agreement >= UNDERSTANDING and bearable(rules, trust, stake)
    stream, purpose = streams.JOINT_STEP, STEP_HOURS
    if not step:
        stake, stream, purpose = rules.contact_stake, streams.ATTENDANCE, NO_HOURS
    draw_i, record_i = _luck(initiative, i, j, stream)
    draw_j, record_j = _luck(initiative, j, i, stream)
    kept_i = keeps(state, rules, i, draw_i, stake, purpose)
    kept_j = keeps(state, rules, j, draw_j, stake, purpose)
    observe(state, rules, i, j, k, kept_j, stake)
    observe(state, rules, j, i, tie.mirror, kept_i, stake)
    if not step:
        return CONTACT
    _record(state, rules, i, kept_i, stake, record_i)
    _record(state, rules, j, kept_j, stake, record_j)
    if kept_i and kept_j:
        gain_salience(state, rules, i, stake)
        gain_salience(state, rules, j, stake)
        return STEP_KEPT
    return STEP_BROKEN


@compiled
def _luck(initiative, i, j, stream):
    """Return organization i's two draws in its dealings with j this week: for keeping its promise, and for the record."""
    keeping, recording, _, _ = streams.uniforms(initiative.seed, initiative.week, i, j, stream)
    return keeping, recording


@compiled
def gain_salience(state, rules, i, stake):
    """A joint success restores part of the missing salience."""
    state.orgs[i].salience += rules.win * stake * (1.0 - state.orgs[i].salience)


@compiled
def _record(state, rules, i, kept, stake, draw):
    """Enter a result in the public record where shared measurement is at work and organization i takes part in it."""
    measured = working(rules.shared_measurement, rules.shared_measurement_from, state.initiative[0].week)
    if draw < rules.reporting * measured * state.orgs[i].participation:
        publish(state, rules, i, kept, stake)


@compiled
def _contribute(state, rules, j):
    """Organization j contributes, if it committed last week, and its ties may see what it did or did not do."""
    org = state.orgs[j]
    committed = org.committed == 1
    kept = False
    if committed:
        draw, record = _luck(state.initiative[0], j, j, streams.CONTRIBUTION)
        kept = keeps(state, rules, j, draw, 1.0, CONTRIBUTION_HOURS)
        _record(state, rules, j, kept, 1.0, record)
        if kept:
            gain_salience(state, rules, j, 1.0)
    _let_see(state, rules, j, committed, kept)


@compiled
def _let_see(state, rules, j, committed, kept):
    """The ties of organization j may see its contribution, or, if they contributed themselves, that it withheld one."""
    initiative, witnesses, draws = state.initiative[0], state.partners[j], state.scratch[CHANCES]
    degree = state.orgs[j].degree
    streams.uniform_row(initiative.seed, initiative.week, witnesses, degree, j, streams.OBSERVATION, draws)
    for k in range(degree):
        i = witnesses[k]
        concerned = state.standing[i] & IN_CIRCLE and (committed or state.standing[i] & COMMITTED)
        if concerned and draws[k] < rules.observation:
            observe(state, rules, i, j, state.ties[j, k].mirror, kept, 1.0)
