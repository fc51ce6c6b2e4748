"""Convene: who is in the circle this week.

Without preliminary stages everyone is convened, and the initiative launched, in the first week. Where some sectors come together
first (`sequence`), that is the first week after theirs; until then the circle is all of their organizations. With any stage, a
core of champions begins; the stages that are on follow one another, each until its exit test is met or `max_weeks` have passed:

- `recognize`: the core meets until its readiness, the mean trust of its members in each other, reaches `readiness` times the
  stage's strength.
- `map`: for `map_weeks` each of the core spends `map_hours` a week; misperception of positions falls by the stage's
  strength; then the initiative ends, cheaply, unless in each required sector a quorum could gain from the joint effort.
- `convene`: cohorts are admitted when the circle is ready (or by the calendar) until it holds `founding_share` of the
  organizations, and of each sector's; then the circle waits until, of each required sector, a quorum holds a mandate, and the
  backbone's fund the pay of its staff for `reserve_weeks` (both times the stage's strength; see `secure`). After the launch the
  same rule admits the rest. Without this stage all are admitted at once.
  Where a charter is in force, who is asked accepts it or stays out, until it is its turn again.
- `found`: the joint effort is not called for until a quorum would commit (a straw poll), or has signed a charter; first
  steps are small, and the circle tries itself as a whole in small joint steps (pilots: see `deliver`).

Sources: Hanleybrown, Kania & Kramer (2012); Weber (2006) and Ranehill, Schneider & Weber (2014) for growth in cohorts.
"""

import math

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import streams
from ci_sim.rules.beliefs import welcome
from ci_sim.rules.decision import all_sectors_agree
from ci_sim.rules.mechanisms.commit import closeness, sector_views
from ci_sim.rules.mechanisms.negotiate import sign, would_promise
from ci_sim.rules.mechanisms.secure import funded, mandated
from ci_sim.rules.state import (
    CONVENE,
    FOUND,
    LAUNCHED,
    MAP,
    MAPPING_HOURS,
    NO_GAIN,
    RECOGNIZE,
    circle_size,
    join_circle,
    member_at,
    note_standings,
    spend,
)


@entry
def convene(state, rules):
    """Admit whom this week's stage admits, and move on where its exit test is met."""
    initiative = state.initiative[0]
    if initiative.week == 1 and rules.start_week > 1:
        _admit(state, rules, _put_first(state, rules))
    if initiative.week < rules.start_week:
        return
    if initiative.week == rules.start_week:
        staged = rules.recognize > 0.0 or rules.map > 0.0 or rules.convene > 0.0 or rules.found > 0.0
        _admit(state, rules, min(rules.core, state.invitation.shape[0]) if staged else state.invitation.shape[0])
    initiative.stage_week += 1
    while initiative.stage < LAUNCHED and _passed(state, rules):
        initiative.stage += 1
        initiative.stage_week = 1
        if initiative.stage == FOUND and rules.convene == 0.0:
            _admit(state, rules, state.invitation.shape[0])
        if initiative.stage == LAUNCHED:
            initiative.launch_week = initiative.week
    if initiative.stage == MAP:
        _map_the_field(state, rules)
    elif rules.convene > 0.0 and (initiative.stage == CONVENE or initiative.stage == LAUNCHED):
        _admit_cohort(state, rules)


@compiled
def _put_first(state, rules):
    """Put the organizations of the sectors that come first at the head of the order of invitation; return how many they are."""
    invitation, others, first = state.invitation, 0, 0
    for place in range(invitation.shape[0]):
        i = invitation[place]
        if rules.first[state.orgs[i].sector]:
            invitation[first] = i
            first += 1
        else:
            state.order[others] = i
            others += 1
    for place in range(others):
        invitation[first + place] = state.order[place]
    return first


@compiled
def _admit(state, rules, upto):
    """Ask so many organizations to join that, if all accept, `upto` have; go on next time where this time ends.

    Those who have joined stand first in the order of invitation.
    """
    initiative, invitation = state.initiative[0], state.invitation
    before, first, asked = circle_size(state), initiative.invited, upto - initiative.invited
    charter = initiative.charter_week > 0
    if charter and asked > 0:
        note_standings(state)
        sector_views(state, rules)
    for _ in range(asked):
        if initiative.asked == invitation.shape[0]:
            initiative.asked = initiative.invited
        i = invitation[initiative.asked]
        if not state.orgs[i].withdrawn and (not charter or would_promise(state, rules, i)):
            invitation[initiative.asked] = invitation[initiative.invited]
            invitation[initiative.invited] = i
            join_circle(state, i)
            initiative.invited += 1
            if charter:
                sign(state, i)
        initiative.asked += 1
    initiative.last_cohort = initiative.week
    if before > 0 and initiative.invited > first:
        welcome(state, first, before)


@compiled
def _passed(state, rules):
    """Return whether the current stage is off or over."""
    initiative = state.initiative[0]
    overdue = initiative.stage_week > rules.max_weeks
    if initiative.stage == RECOGNIZE:
        return rules.recognize == 0.0 or overdue or _ready(state, rules.readiness * rules.recognize)
    if initiative.stage == MAP:
        return rules.map == 0.0 or initiative.stage_week > rules.map_weeks
    if initiative.stage == CONVENE:
        secured = mandated(state, rules, rules.convene) and funded(state, rules, rules.convene)
        return rules.convene == 0.0 or overdue or (_founding_circle(state, rules) and secured)
    agreed = state.initiative[0].charter_week > 0 or _straw_poll(state, rules)
    return rules.found == 0.0 or overdue or agreed


@compiled
def _founding_circle(state, rules):
    """Return whether of all organizations, and, rounded down, of each sector, the founding share has been convened."""
    initiative = state.initiative[0]
    if initiative.invited < rules.founding_share * state.invitation.shape[0]:
        return False
    complete = True
    for s in range(3):
        complete &= initiative.convened[s] >= int(rules.founding_share * initiative.field[s])
    return complete


@compiled
def _ready(state, threshold):
    """Return whether the members' mean trust in each other reaches a threshold (before their first week: no)."""
    if state.initiative[0].week == 1:
        return False
    total = 0.0
    members = circle_size(state)
    for place in range(members):
        total += state.orgs[member_at(state, place)].mean_trust
    return total >= threshold * members


@compiled
def _straw_poll(state, rules):
    """Return whether a quorum (times the stage's strength) of each required sector would have committed last week."""
    return all_sectors_agree(state, rules, state.orgs["intends"], rules.quorum * rules.found)


@compiled
def _admit_cohort(state, rules):
    """Admit the next cohort when it is due; with admission `ready`, only into a circle that is ready."""
    initiative = state.initiative[0]
    if initiative.week - initiative.last_cohort < rules.cohort_weeks:
        return
    if initiative.stage == CONVENE and _founding_circle(state, rules):
        return
    if rules.calendar or _ready(state, rules.readiness * rules.convene):
        _admit(state, rules, min(initiative.invited + rules.cohort, state.invitation.shape[0]))


@compiled
def _map_the_field(state, rules):
    """A week of mapping by the core; at its end, misperception falls and the field is judged ready or not."""
    initiative = state.initiative[0]
    for place in range(circle_size(state)):
        i = member_at(state, place)
        spend(state, i, min(rules.map_hours * rules.map, state.orgs[i].hours_left), MAPPING_HOURS)
    if initiative.stage_week == rules.map_weeks:
        initiative.mapped = rules.map
        if not _feasible(state, rules):
            initiative.collapsed = 1
            initiative.collapse_week = initiative.week
            initiative.tallies[NO_GAIN] += initiative.week  # more than all weeks before


@compiled
def _feasible(state, rules):
    """Return whether, as far as the core can see, a quorum of each required sector could gain from the joint effort.

    An organization could gain if its benefit, were everyone to deliver, exceeds the cost of committing.
    """
    initiative = state.initiative[0]
    # An error in a position is one of up to 2 / sqrt(D) times its size in closeness.
    blur = rules.misperception * (1.0 - initiative.mapped) * 2.0 / math.sqrt(initiative.dimensions)
    for s in range(3):
        if rules.required[s]:
            count = gaining = 0
            for i in range(state.orgs.shape[0]):
                if state.orgs[i].sector == s:
                    error, _ = streams.normal_pair(initiative.seed, initiative.week, i, 0, streams.MAPPING)
                    count += 1
                    worth = initiative.worth * state.orgs[i].salience
                    gaining += int(worth * (closeness(state, i) + blur * error) > rules.cost)
            if gaining < rules.quorum * count:
                return False
    return True
