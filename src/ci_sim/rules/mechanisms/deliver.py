"""Deliver: promises are kept or broken, and whoever sees it learns.

Three promises, each with a stake that sets its hours (stake x `step_hours`) and its weight as evidence:

- turning up at a meeting (`contact_stake`, no hours beyond the meeting's);
- a joint step of two partners who have an understanding and both can bear the risk: the loss expected from a partner
  trusted with T, (1 - T) x stake, must not exceed the loss at which a full step is just bearable, 1 - `step_trust`. Where
  trust-building is at work (the sixth component, or the stage `found`) a first step is as small as `small_stake`;
- contributing to the joint effort (stake 1), once it is called for, by every organization that committed to it last week. In the
  founding stage the circle tries itself as a whole in pilots, small joint efforts of stake `small_stake`, with every member that
  bears the risk.

An organization keeps a promise with its reliability, times the share of the hours asked that it has left this week. Failure is
shared in fact: for a season of `season_weeks` the odds of all organizations move together.
The partner of a joint step sees it. What a member does for the joint effort a tie sees with probability `observation`: that it
committed, or did not, is evidence of its willingness; whether it then delivered, of its trustworthiness. Who has signed a charter
has promised, so that withholding breaks its word. Shared measurement enters joint steps and promised contributions in the public
record with probability `reporting`, failures as well, as far as their subject takes part in it.

The joint effort comes off in a week if the consents that a known decision rule asks were given, and the share of the members
that must deliver did. All members feel whether it did, and only then does it pay: those who delivered regain salience.

After a breach of the charter, where the component's part `repair` is at work, the one who broke its word gives an account and
makes good, which takes `account_hours`. The next contribution that it delivers gives back the share `restored` of the evidence
that the breach cost it with those who saw both (Lewicki & Brinsfield 2017). After `tolerance` breaches in a row it is suspended,
and may sign again in a later round (graduated sanctions: Ostrom 1990).
"""

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers, streams
from ci_sim.rules.ahead import fetch_meeting, fetch_member_with_partners, fetch_sighting, fetch_tie
from ci_sim.rules.beliefs import feel_result, observe, observe_will, publish, trust_in
from ci_sim.rules.decision import all_sectors_agree
from ci_sim.rules.mechanisms.commit import demand, hear_spokespersons, number_needed, sector_views, would_commit
from ci_sim.rules.state import (
    ACCOUNT_HOURS,
    CHANCES,
    CONTACT,
    CONTRIBUTION_HOURS,
    FOUND,
    IN_CIRCLE,
    JOINT_STEP,
    LAUNCHED,
    NO_HOURS,
    PILOT_HOURS,
    SEEN_AT_ONCE,
    STEP_BROKEN,
    STEP_HOURS,
    STEP_KEPT,
    UNDERSTANDING,
    circle_size,
    member_at,
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
    initiative = state.initiative[0]
    if initiative.stage == LAUNCHED and initiative.week > initiative.launch_week and initiative.called:
        note_standings(state)
        _make_an_effort(state, rules, 1.0, CONTRIBUTION_HOURS)
    elif initiative.stage == FOUND and rules.pilot and circle_size(state) > 1:
        _try_together(state, rules)


@compiled
def _make_an_effort(state, rules, stake, purpose):
    """Let everyone who has committed contribute, in public, and see whether it came off."""
    size = state.initiative[0].roster_size
    for s in range(3):
        for first in range(0, size[s], SEEN_AT_ONCE):
            _contribute_in_public(state, rules, s, first, min(SEEN_AT_ONCE, size[s] - first), stake, purpose)
    _take_stock(state, rules, stake)


@compiled
def _try_together(state, rules):
    """A joint pilot: the circle takes a small joint step as a whole, with those who bear its risk."""
    initiative, stake = state.initiative[0], _stake(rules, rules.found)
    note_standings(state)
    sector_views(state, rules)
    hear_spokespersons(state, rules)
    for place in range(circle_size(state)):
        i = member_at(state, place)
        draw = streams.uniform(initiative.seed, initiative.week, i, 0, streams.PILOT)
        state.orgs[i].committed = int(would_commit(state, rules, i, demand(state, rules, i, draw), stake))
    _make_an_effort(state, rules, stake, PILOT_HOURS)
    for place in range(circle_size(state)):
        state.orgs[member_at(state, place)].committed = 0


@compiled
def _fade(state):
    """Let what is known lose a week's share of its weight (ties fade when they are read)."""
    share = state.fading[1]
    for result in range(2):
        state.initiative[0].public_results[result] *= share
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        org.record_kept *= share
        org.record_broken *= share
        org.group_success *= share
        org.group_failure *= share
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
    trust_building = rules.small_steps * levers.trust_and_agreements(rules, initiative.week)
    if initiative.stage == FOUND:
        trust_building = max(trust_building, rules.found)
    return _stake(rules, trust_building)


@compiled
def _stake(rules, trust_building):
    """Return the stake of a step where trust-building is at work so strongly: from 1 down to `small_stake`."""
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
    odds = initiative.season_odds
    kept = draw < org.reliability * odds / (1.0 - org.reliability + org.reliability * odds) * load
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
    measured = levers.shared_measurement(rules, state.initiative[0].week)
    if draw < rules.reporting * measured * state.orgs[i].participation:
        publish(state, rules, i, kept, stake)


@compiled
def _contribute_in_public(state, rules, s, first, count, stake, purpose):
    """Let `count` members of sector s from seat `first` on contribute, be seen by their ties, and be held to account."""
    for p in range(first, first + count):
        fetch_member_with_partners(state, s, p)
        _contribute(state, rules, state.roster[s, p], stake, purpose)
    sightings = _list_sightings(state, rules, s, first, count)
    for x in range(sightings):
        fetch_sighting(state, x)
    for x in range(sightings):
        _learn(state, rules, state.sightings[x, 0], state.sightings[x, 1], state.sightings[x, 2], stake)
    for p in range(first, first + count):
        if _bound(state, state.roster[s, p]):
            _hold_to_account(state, rules, state.roster[s, p])


@compiled
def _bound(state, j):
    """Return whether organization j has promised in a charter, the circle's or its sector's, to contribute this week."""
    org = state.orgs[j]
    promised = org.signatory == 1 or org.federated == 1
    return promised and org.mandate == 1 and org.signing_week < state.initiative[0].week


@compiled
def _contribute(state, rules, j, stake, purpose):
    """Organization j contributes, if it has committed; who has promised in the charter and does not breaks its word."""
    org, initiative = state.orgs[j], state.initiative[0]
    org.contributed = 0
    if org.committed:
        draw, record = _luck(initiative, j, j, streams.CONTRIBUTION)
        org.contributed = int(keeps(state, rules, j, draw, stake, purpose))
        _record(state, rules, j, org.contributed == 1, stake, record)
    elif _bound(state, j):
        initiative.promises += 1.0
        _record(state, rules, j, False, 1.0, _luck(initiative, j, j, streams.CONTRIBUTION)[1])


@compiled
def _list_sightings(state, rules, s, first, count):
    """List which ties of these members of sector s see what they do, of those that have decided before; return how many."""
    initiative, draws, sightings = state.initiative[0], state.scratch[CHANCES], 0
    for p in range(first, first + count):
        j = state.roster[s, p]
        degree, witnesses = state.orgs[j].degree * state.orgs[j].decided, state.partners[j]
        streams.uniform_row(initiative.seed, initiative.week, witnesses, degree, j, streams.OBSERVATION, draws)
        for k in range(degree):
            if state.standing[witnesses[k]] & IN_CIRCLE and draws[k] < rules.observation:
                state.sightings[sightings, 0], state.sightings[sightings, 1] = j, k
                fetch_tie(state, j, k)
                sightings += 1
    return sightings


@compiled
def _learn(state, rules, j, k, at_i, stake):
    """The tie in slot k of organization j sees whether j committed, and if it had promised, whether it delivered."""
    i, org = state.partners[j, k], state.orgs[j]
    willing = org.committed == 1 or (org.intends == 1 and org.mandate == 0)  # who waits for its board says so
    observe_will(state, rules, i, at_i, willing, stake)
    bound = _bound(state, j)
    if org.committed or bound:
        observe(state, rules, i, j, at_i, org.contributed == 1, stake)
        _mind(state, rules, i, j, at_i, bound)


@compiled
def _mind(state, rules, i, j, k, bound):
    """Organization i minds a breach of the charter by j, and forgives part of it when an account was given and j delivers."""
    tie, org, accounted = state.ties[i, k], state.orgs[j], state.internal[j].accounted
    if org.contributed and tie.wronged and accounted > 0.0:
        tie.broken = max(0.0, tie.broken - rules.restored * accounted * rules.broken_weight)
        tie.wronged = 0
    elif not org.contributed and bound:
        tie.wronged = 1


@compiled
def _hold_to_account(state, rules, j):
    """Count what a signatory broke of its promise; with repair, it gives an account, and repeated breaches suspend it."""
    org, internal, initiative = state.orgs[j], state.internal[j], state.initiative[0]
    if org.contributed:
        initiative.repairs += int(internal.accounted > 0.0)
        internal.breaches = 0
        internal.accounted = 0.0
        return
    internal.breaches += 1
    initiative.breaches += 1
    if rules.repair and levers.trust_and_agreements(rules, initiative.week) > 0.0:
        given = min(rules.account_hours, org.hours_left)
        spend(state, j, given, ACCOUNT_HOURS)
        internal.accounted = given / rules.account_hours if rules.account_hours > 0.0 else 1.0
        if internal.breaches >= rules.tolerance:
            org.signatory = org.federated = 0
            org.heed = 0.0


@compiled
def _take_stock(state, rules, stake):
    """See whether the joint effort came off this week: let everyone feel it, and those who delivered gain by it.

    The effort is that of the members who hold a mandate, and there is none without the consents that a known decision rule asks.
    A pilot is everyone's, and needs neither.
    """
    initiative, members = state.initiative[0], circle_size(state)
    committed, delivered, free, participation = 0, 0, 0, 0.0
    for place in range(members):
        org = state.orgs[member_at(state, place)]
        committed += org.committed
        delivered += org.contributed
        free += org.mandate
        participation += org.participation
    if committed == 0:
        return
    partners = members if initiative.stage < LAUNCHED else free
    enough = delivered >= number_needed(state, rules, participation / members, partners)
    if initiative.stage < LAUNCHED:
        initiative.pilots += 1
        initiative.pilots_came_off += int(enough)
    else:
        if rules.known and enough:
            enough = all_sectors_agree(state, rules, state.orgs["committed"], rules.quorum)
        initiative.effort_weeks += 1
        initiative.came_off += int(enough)
    feel_result(state, rules, enough, stake)
    for place in range(members):
        i = member_at(state, place)
        if enough and state.orgs[i].contributed:
            gain_salience(state, rules, i, stake)
