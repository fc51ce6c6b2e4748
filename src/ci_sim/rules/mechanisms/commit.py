"""Commit: an organization commits when its beliefs say that enough partners will deliver.

Organization i commits in a week when `benefit_i x P_i(at least a share theta of the other members deliver) > cost`, with a
logistic choice noise. The benefit is its salience times the closeness of the agenda to its position. That a member delivers takes
two things, that it is willing and that it keeps its word, so that i expects it with willingness x trust. P_i is the mean of two
views, each counting as much as it rests on: the tail of the distribution of how many deliver, given these beliefs, and the belief
in the group (`beliefs`). Members without a tie are believed in by sector, public record and announcements.

Continuous communication lets every member announce, before anyone decides, whether it would do its part if enough others did. It
costs nothing and binds to nothing; a listener counts the last one as something seen, times its trust in the speaker. Who has
signed a charter that is in force is taken to be willing. Mutually reinforcing activities lower theta by the share `easing`.
Before the launch the answer is only an intention (a straw poll).
"""

import math

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import streams
from ci_sim.rules.beliefs import (
    chance_that_enough_deliver,
    listening,
    promise_strength,
    threshold_inside,
    trust_by_standing,
    trust_in_stranger,
    willingness_in_tie,
    willingness_of_strangers,
)
from ci_sim.rules.levers import working
from ci_sim.rules.state import (
    BELIEFS,
    BELIEVED,
    CHANCES,
    IN_CIRCLE,
    LAUNCHED,
    MEMBER,
    NO,
    ON_RECORD,
    PROMISED,
    REFUSED,
    SAID_NO,
    SAID_YES,
    SECTOR,
    STRANGERS,
    YES,
    circle_size,
    note_standings,
)


@entry
def commit(state, rules):
    """Let every member of the circle announce, and then decide; after the launch the intention is a commitment."""
    initiative = state.initiative[0]
    streams.uniform_each(initiative.seed, initiative.week, streams.CHOICE, state.draws)
    _announce(state, rules)
    note_standings(state)
    sector_views(state)
    for i in range(state.orgs.shape[0]):
        if state.orgs[i].membership == MEMBER:
            state.orgs[i].committed = int(would_commit(state, rules, i, state.draws[i]))
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        if org.membership == MEMBER:
            org.intends = org.committed
            org.decided = 1
            if initiative.stage < LAUNCHED:
                org.committed = 0


@compiled
def demand(rules, draw):
    """Return what an organization demands of the joint effort this week: the cost, and a logistic noise of a draw."""
    return rules.cost - rules.noise * math.log(draw / (1.0 - draw)) if rules.noise > 0.0 else rules.cost


@compiled
def _announce(state, rules):
    """Let every member say whether it would do its part if enough others did; `draws` becomes what each demands."""
    initiative = state.initiative[0]
    talk = working(rules.continuous_communication, rules.continuous_communication_from, initiative.week) > 0.0
    for i in range(state.orgs.shape[0]):
        if state.orgs[i].membership == MEMBER:
            state.draws[i] = demand(rules, state.draws[i])
            if talk:
                state.words[i] = YES if benefit(state, i) > state.draws[i] else NO


@compiled
def closeness(state, i):
    """Return how close the agenda lies to organization i: 1 at its position, 0 at half the diagonal of the space or farther."""
    org, initiative = state.orgs[i], state.initiative[0]
    total = 0.0
    for d in range(initiative.dimensions):
        total += (org.position[d] - initiative.agenda[d]) ** 2
    return max(0.0, 1.0 - 2.0 * math.sqrt(total / initiative.dimensions))


@compiled
def benefit(state, i):
    """Return what the joint effort is worth to organization i, 0 to 1: salience times closeness."""
    return state.orgs[i].salience * closeness(state, i)


@compiled
def sector_views(state):
    """Summarize, for members without a tie, each sector's public record, announcements and promises."""
    initiative = state.initiative[0]
    for s in range(3):
        n = max(1, initiative.roster_size[s])
        kept = broken = yes = no = promised = refused = 0.0
        for p in range(initiative.roster_size[s]):
            j = state.roster[s, p]
            standing = state.standing[j]
            if standing & ON_RECORD:
                kept += state.records[j, 0]
                broken += state.records[j, 1]
            yes += (standing & SAID_YES) // SAID_YES
            no += (standing & SAID_NO) // SAID_NO
            promised += (standing & PROMISED) // PROMISED
            refused += (standing & REFUSED) // REFUSED
        initiative.sector_record[s, 0] = kept / n
        initiative.sector_record[s, 1] = broken / n
        initiative.sector_words[s, 0] = yes / n
        initiative.sector_words[s, 1] = no / n
        initiative.sector_promised[s] = promised / n
        initiative.sector_refused[s] = refused / n


@compiled
def gather_beliefs(state, rules, i, hearing, promise):
    """Write organization i's beliefs that other members deliver into the scratch; return how many entries they take.

    It goes by the standings just noted. One entry for each tie within the circle, then one for the members of each sector
    without a tie. On the way the means of trust and of willingness are noted, and of their product.

    Args:
        hearing: how far i hears announcements, 0 to 1.
        promise: how much of the doubt about the willingness of one that has promised a promise takes away, 0 to 1.
    """
    initiative, org = state.initiative[0], state.orgs[i]
    belief, believed = state.scratch[BELIEFS], state.scratch[BELIEVED]
    entries, trusted, willing, expected = 0, 0.0, 0.0, 0.0
    strangers = state.scratch[STRANGERS]
    for s in range(3):
        strangers[s] = initiative.roster_size[s]
    if org.membership == MEMBER:
        strangers[org.sector] -= 1.0
    partners = strangers[0] + strangers[1] + strangers[2]
    for k in range(org.degree):
        j = state.partners[i, k]
        standing = state.standing[j]
        if standing & IN_CIRCLE:
            strangers[standing & SECTOR] -= 1.0
            trust = trust_by_standing(state, rules, i, j, k)
            yes, no = (standing & SAID_YES) // SAID_YES, (standing & SAID_NO) // SAID_NO
            will = willingness_in_tie(state, rules, i, k, hearing * trust, yes, no)
            if standing & PROMISED:
                will += promise * (1.0 - will)
            elif standing & REFUSED:
                will = 0.0
            belief[entries] = will * trust
            believed[entries] = 1.0
            entries += 1
            trusted += trust
            willing += will
            expected += will * trust
    for s in range(3):
        if strangers[s] > 0.0:
            record, words = initiative.sector_record[s], initiative.sector_words[s]
            trust = trust_in_stranger(state, rules, i, s, record[0], record[1])
            will = willingness_of_strangers(rules, hearing * trust, words[0], words[1])
            promised, refused = initiative.sector_promised[s], initiative.sector_refused[s]
            will = (1.0 - refused) * will + promised * promise * (1.0 - will)
            belief[entries] = will * trust
            believed[entries] = strangers[s]
            entries += 1
            trusted += strangers[s] * trust
            willing += strangers[s] * will
            expected += strangers[s] * will * trust
    org.mean_trust = trusted / partners if partners > 0.0 else 1.0
    org.mean_willingness = willing / partners if partners > 0.0 else 1.0
    org.expected_share = expected / partners if partners > 0.0 else 1.0
    return entries


@compiled
def would_commit(state, rules, i, demanded):
    """Return whether organization i would commit this week, if it demands so much; note its beliefs on the way."""
    org = state.orgs[i]
    entries = gather_beliefs(state, rules, i, listening(state, rules, i), promise_strength(state, rules))
    belief, believed, chances = state.scratch[BELIEFS], state.scratch[BELIEVED], state.scratch[CHANCES]
    worth = benefit(state, i)
    if demanded < 0.0 or demanded >= worth:
        return demanded < 0.0  # whatever the chance, as it lies between 0 and 1
    partners = circle_size(state) - int(org.membership == MEMBER)
    needed = number_needed(state, rules, org.participation, partners)
    if needed <= 0:
        return True
    least = threshold_inside(state, rules, i, demanded / worth)
    if least < 0.0 or least >= 1.0:
        return least < 0.0
    return chance_that_enough_deliver(belief, believed, entries, partners, needed, state.shocks, least, chances) > least


@compiled
def number_needed(state, rules, participation, partners):
    """Return how many of so many partners must deliver, where mutually reinforcing activities ease what is needed."""
    initiative = state.initiative[0]
    week = initiative.week
    easing = working(rules.mutually_reinforcing_activities, rules.mutually_reinforcing_activities_from, week)
    share = initiative.difficulty * (1.0 - rules.easing * easing * participation)
    return math.ceil(share * partners - 1e-9)
