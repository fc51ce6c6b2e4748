"""Negotiate: the circle's own agreement, a charter of conditional promises that a mediator holds.

Where the sixth component is at work with its part `charter`, a round is held at most every `round_weeks`, from the founding stage
on, before the week's meetings. Each member that has not signed gives `hours` to the draft, and the mediator `mediator_hours` for
each of them: the backbone's staff as far as there is any, and for the rest the same members, in equal parts. Who cannot give its
hours takes no part.

- Each who takes part says whether it would commit *if those who also say so did*. The agreement is the largest set of members
  each of whom would commit, given that exactly this set has promised: start from all, drop who would not, repeat until nobody
  drops (the greatest fixed point, as dropping somebody can only make others drop).
- If the set holds the share of each required sector that the decision rule asks (`decision`), the charter is in force: its
  promises are public, so that everyone takes a signatory to be willing (as far as the component is strong); whether it keeps its
  word stays a matter of trust. Otherwise the round has failed, and every member feels it as a week in which too few delivered.
- Who follows its sector's spokesperson (`federate`) is not at the table: the spokesperson's yes is its own, unless it would not
  commit itself, and its no, too; it gives no hours.
- While it is in force further rounds are held for those who have not signed; who is to join the circle accepts it or stays out
  (see `convene`). It lapses when its signatories are no longer the needed share.

A signatory that withholds its contribution, or fails to deliver it, breaks a promise (see `deliver`). Sources: Gürdal, Gürerk,
Kaçamak & Kart (2024), conditional commitments through a mediator; Avoyan & Ramos (2023), step-by-step commitment; Ostrom, Walker
& Gardner (1992), covenants; Ostrom (1990), graduated sanctions.
"""

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers, streams
from ci_sim.rules.backbone import pay_staff
from ci_sim.rules.beliefs import feel_result
from ci_sim.rules.decision import all_sectors_agree
from ci_sim.rules.mechanisms.commit import demand, hear_spokespersons, sector_views, would_commit
from ci_sim.rules.state import (
    DRAFTING_HOURS,
    FOUND,
    PROMISED,
    REFUSED,
    circle_size,
    member_at,
    note_standings,
    spend,
)


@entry
def negotiate(state, rules):
    """Hold a round of the charter if one is due, or let it lapse."""
    initiative = state.initiative[0]
    if initiative.charter_week > 0 and not all_sectors_agree(state, rules, state.orgs["signatory"], rules.quorum):
        _lapse(state, rules)
    if _due(state, rules):
        initiative.rounds += 1
        initiative.next_round = initiative.week + rules.round_weeks
        note_standings(state)
        _draft(state, rules)
        _find_agreement(state, rules)
        _conclude(state, rules)


@compiled
def would_promise(state, rules, i):
    """Return whether organization i would commit, given who has promised so far."""
    initiative = state.initiative[0]
    draw = streams.uniform(initiative.seed, initiative.week, i, 0, streams.CHARTER)
    return would_commit(state, rules, i, demand(state, rules, i, draw), 1.0)


@compiled
def sign(state, i):
    """Organization i signs the charter: from its next decision on it is bound."""
    org = state.orgs[i]
    org.signatory = 1
    org.signing_week = state.initiative[0].week
    state.internal[i].breaches = 0
    state.internal[i].accounted = 0.0


@compiled
def _due(state, rules):
    """Return whether there is somebody to negotiate with, and enough time has passed since the last round."""
    initiative = state.initiative[0]
    if (
        levers.charter(rules, initiative.week) == 0.0
        or initiative.stage < FOUND
        or initiative.week < initiative.next_round
    ):
        return False
    return circle_size(state) > 1 and _outside(state) > 0


@compiled
def _outside(state):
    """Return how many members have not signed."""
    outside = 0
    for place in range(circle_size(state)):
        outside += 1 - state.orgs[member_at(state, place)].signatory
    return outside


@compiled
def _seated(state):
    """Return how many members that have not signed sit at the table themselves: they follow nobody who speaks for them."""
    seated = 0
    for place in range(circle_size(state)):
        org = state.orgs[member_at(state, place)]
        seated += int(org.signatory == 0 and org.heed == 0.0)
    return seated


@compiled
def _draft(state, rules):
    """Take the hours of the round of those at the table; who has given all that is asked says yes at first, and its followers."""
    initiative, seated = state.initiative[0], _seated(state)
    mediated = min(rules.mediator_hours * seated, initiative.staff_hours)
    pay_staff(state, rules, mediated)
    asked = rules.drafting_hours + rules.mediator_hours - mediated / max(1, seated)
    for place in range(circle_size(state)):
        i = member_at(state, place)
        org = state.orgs[i]
        if org.signatory:
            continue
        given = min(asked, org.hours_left) if org.heed == 0.0 else 0.0
        spend(state, i, given, DRAFTING_HOURS)
        if given == asked or org.heed > 0.0:
            state.standing[i] |= PROMISED
        elif org.federated:
            state.standing[i] ^= PROMISED


@compiled
def _find_agreement(state, rules):
    """Let everyone drop its promise who would not commit, given who has promised, until nobody drops."""
    dropped = True
    while dropped:
        dropped = False
        sector_views(state, rules)
        hear_spokespersons(state, rules)
        for place in range(circle_size(state)):
            i = member_at(state, place)
            asked = state.standing[i] & PROMISED and not state.orgs[i].signatory
            if asked and not (_spoken_for(state, i) and would_promise(state, rules, i)):
                state.standing[i] ^= PROMISED | REFUSED
                dropped = True


@compiled
def _spoken_for(state, i):
    """Return whether the spokesperson that organization i follows, if any, says yes."""
    org = state.orgs[i]
    return org.heed == 0.0 or state.standing[state.initiative[0].spokesperson[org.sector]] & PROMISED != 0


@compiled
def _conclude(state, rules):
    """Put the charter in force with those who have promised, if they are enough; a failed round is felt."""
    initiative = state.initiative[0]
    for place in range(circle_size(state)):
        i = member_at(state, place)
        if state.standing[i] & PROMISED and not state.orgs[i].signatory:
            sign(state, i)
    if initiative.charter_week > 0:
        return
    if all_sectors_agree(state, rules, state.orgs["signatory"], rules.quorum):
        initiative.charter_week = initiative.week
    else:
        _lapse(state, rules)


@compiled
def _lapse(state, rules):
    """Take back what was promised, and let all members feel that it came to nothing."""
    state.initiative[0].charter_week = 0
    for place in range(circle_size(state)):
        state.orgs[member_at(state, place)].signatory = 0
    feel_result(state, rules, False, 1.0)
