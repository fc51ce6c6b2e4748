"""Commit: an organization commits when its beliefs say that enough partners will agree, and deliver.

Organization i commits in a week when `benefit_i x P_i(at least a share theta of the other members deliver) > cost`, with a
logistic choice noise. The benefit is its salience times the closeness of the agenda to its position. That a member delivers takes
two things, that it is willing and that it keeps its word, so that i expects it with willingness x trust. P_i is the mean of two
views, each counting as much as it rests on: the tail of the distribution of how many deliver, given these beliefs, and the belief
in the group (`beliefs`). Members without a tie are believed in by sector, public record and announcements.

There is no joint effort without the consents that the decision rule asks (`decision`). So the first view is the lesser of two
chances: that enough deliver, and that of each required sector enough agree, for which a member need only be willing. (Those who
deliver are among those who agree, and both move with what all have in common, so that the lesser stands for both.)

Continuous communication lets every member announce, before anyone decides, whether it would do its part if enough others did.
It costs nothing and binds to nothing; a listener counts the last one as something seen, times its trust in the speaker. Who has
signed a charter that is in force is taken to be willing. Who follows its sector's spokesperson (`federate`) expects what it
judges, as far as it trusts it, and for the rest what it sees itself. Mutually reinforcing activities lower theta by the share
`easing`. Before the launch the answer is only an intention (a straw poll). After it the joint effort is called for while enough
hold a mandate (`secure`); until then, and for who has none, the answer stays an intention, which asks the board.
"""

import math

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers, streams
from ci_sim.rules.arithmetic import log
from ci_sim.rules.beliefs import (
    belief_in_group,
    both_views,
    chance_of_enough,
    listening,
    threshold_inside,
    trust_by_standing,
    trust_in_stranger,
    willingness_in_tie,
    willingness_of_strangers,
)
from ci_sim.rules.decision import consents_needed
from ci_sim.rules.mechanisms.secure import mandated
from ci_sim.rules.state import (
    ALL,
    BELIEFS,
    BELIEVED,
    CHANCES,
    CONSENTING,
    CONSENTS,
    IN_CIRCLE,
    LAUNCHED,
    MEMBER,
    NO,
    NOBODY,
    ON_RECORD,
    PROMISED,
    REFUSED,
    SAID_NO,
    SAID_YES,
    SECTOR,
    STRANGERS,
    YES,
    circle_size,
    member_at,
    note_standings,
)

WHOLE_CIRCLE = -1  # in place of a sector

# name: what of its reasons an organization weighs (the columns that `consider` fills)
CONSIDERATION = {
    "salience": "how much the problem matters to it, 0 to 1",
    "closeness": "how close the agenda lies to its position, 0 to 1",
    "worth": "what season and events make of what the effort is worth, 1 in an ordinary week",
    "benefit": "the product of the three: what the effort is worth to it if it comes off",
    "demanded": "what it demands this week: the cost, and a noise",
    "partners": "other members of the circle",
    "needed": "how many of them must deliver",
    "trust": "mean trust in them: that one keeps its word",
    "willingness": "mean belief that one would commit",
    "deliver": "chance that enough deliver, as it sees them one by one",
    "agree": "chance that each required sector agrees, as it sees them; 1 where the decision rule asks for no more",
    "group": "chance that enough deliver, by the past of the group",
    "chance": "chance that the effort comes off, as it sees it by itself: of both views",
    "heed": "how far it goes by what its sector's spokesperson judges, 0 to 1",
    "judgement": "the chance that the spokesperson sees",
    "expected": "the chance that it goes by",
    "intends": "1 if it would commit",
}


@entry
def commit(state, rules):
    """Let every member of the circle announce, and then decide; after the launch the intention is a commitment."""
    initiative = state.initiative[0]
    streams.uniform_each(initiative.seed, initiative.week, streams.CHOICE, state.draws)
    _announce(state, rules)
    note_standings(state)
    sector_views(state, rules)
    hear_spokespersons(state, rules)
    if rules.mandates:
        initiative.called = int(_called_for(state, rules))
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        if org.membership == MEMBER:
            org.intends = int(would_commit(state, rules, i, state.draws[i], 1.0))
            org.committed = org.intends * org.mandate if initiative.called and initiative.stage == LAUNCHED else 0
            org.decided = 1


@compiled
def _called_for(state, rules):
    """Return whether as many hold a mandate as the decision rule asks of each required sector.

    The first time it waits besides until every member's board has met; that week is noted.
    """
    initiative = state.initiative[0]
    if not mandated(state, rules, 1.0):
        return False
    if initiative.mandate_week == 0:
        for place in range(circle_size(state)):
            if not state.orgs[member_at(state, place)].board_met:
                return False
        initiative.mandate_week = initiative.week
    return True


@compiled
def demand(state, rules, i, draw):
    """Return what organization i demands of the joint effort: the cost, and a logistic noise of a draw; nothing if it pledged."""
    if state.orgs[i].pledged:
        return -1.0
    return rules.cost - rules.noise * log(draw / (1.0 - draw)) if rules.noise > 0.0 else rules.cost


@compiled
def _announce(state, rules):
    """Let every member say whether it would do its part if enough others did; `draws` becomes what each demands."""
    initiative = state.initiative[0]
    talk = levers.continuous_communication(rules, initiative.week) > 0.0
    for i in range(state.orgs.shape[0]):
        if state.orgs[i].membership == MEMBER:
            state.draws[i] = demand(state, rules, i, state.draws[i])
            if talk:
                state.words[i] = YES if benefit(state, i) > state.draws[i] else NO


@compiled
def closeness(state, i):
    """Return how close the agenda lies to organization i: 1 at its position, 0 at half the diagonal of the space or farther."""
    org, initiative = state.orgs[i], state.initiative[0]
    total = 0.0
    for d in range(initiative.dimensions):
        apart = org.position[d] - initiative.agenda[d]
        total += apart * apart  # a power of Python's would round otherwise
    return max(0.0, 1.0 - 2.0 * math.sqrt(total / initiative.dimensions))


@compiled
def benefit(state, i):
    """Return what the joint effort is worth to organization i: salience times closeness, 0 to 1, and what events make of it."""
    return state.initiative[0].worth * state.orgs[i].salience * closeness(state, i)


@compiled
def sector_views(state, rules):
    """Summarize, for members without a tie, each sector's public record, announcements and promises, and what these are worth.

    A promise takes away as much of the doubt about one's willingness as the sixth component is strong, or the sector's charter.
    """
    initiative = state.initiative[0]
    for s in range(3):
        in_circle = levers.trust_and_agreements(rules, initiative.week)
        initiative.promise_strength[s] = max(in_circle, levers.sector_charter(rules, s, initiative.week))
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
def gather_beliefs(state, rules, i, among):
    """Write what organization i believes of the other members into the scratch, and how many entries it takes.

    It goes by the standings just noted. One entry for each tie within the circle, then one for the members of each sector
    without a tie. On the way the means of trust and of willingness are noted, and of their product.

    Args:
        among: a sector whose members alone count, and nothing is noted; or WHOLE_CIRCLE.
    """
    initiative, org = state.initiative[0], state.orgs[i]
    hearing = listening(state, rules, i)
    trusted, willing, expected = 0.0, 0.0, 0.0
    strangers = state.scratch[STRANGERS]
    for s in range(3):
        strangers[s] = initiative.roster_size[s] * int(_counts(among, s))
        state.entries[s] = 0
    state.entries[ALL] = 0
    if org.membership == MEMBER:
        strangers[org.sector] -= 1.0
    partners = strangers[0] + strangers[1] + strangers[2]
    for k in range(org.degree):
        j = state.partners[i, k]
        standing = state.standing[j]
        s = standing & SECTOR
        if standing & IN_CIRCLE and _counts(among, s):
            strangers[s] -= 1.0
            trust = trust_by_standing(state, rules, i, j, k)
            yes, no = (standing & SAID_YES) // SAID_YES, (standing & SAID_NO) // SAID_NO
            will = willingness_in_tie(state, rules, i, k, hearing * trust, yes, no)
            if standing & PROMISED:
                will += initiative.promise_strength[s] * (1.0 - will)
            elif standing & REFUSED:
                will = 0.0
            _note_belief(state, s, will, trust, 1.0)
            trusted += trust
            willing += will
            expected += will * trust
    for s in range(3):
        if strangers[s] > 0.0:
            record, words = initiative.sector_record[s], initiative.sector_words[s]
            trust = trust_in_stranger(state, rules, i, s, record[0], record[1])
            will = willingness_of_strangers(rules, hearing * trust, words[0], words[1])
            promised, refused = initiative.sector_promised[s], initiative.sector_refused[s]
            will = (1.0 - refused) * will + promised * initiative.promise_strength[s] * (1.0 - will)
            _note_belief(state, s, will, trust, strangers[s])
            trusted += strangers[s] * trust
            willing += strangers[s] * will
            expected += strangers[s] * will * trust
    if among == WHOLE_CIRCLE:
        org.mean_trust = trusted / partners if partners > 0.0 else 1.0
        org.mean_willingness = willing / partners if partners > 0.0 else 1.0
        org.expected_share = expected / partners if partners > 0.0 else 1.0


@compiled
def _counts(among, s):
    return among in (WHOLE_CIRCLE, s)


@compiled
def _note_belief(state, s, will, trust, partners):
    """Write into the scratch that so many partners of sector s are believed to be so willing, and so true to their word."""
    of_sector, of_all = state.entries[s], state.entries[ALL]
    state.scratch[CONSENTS + s, of_sector] = will
    state.scratch[CONSENTING + s, of_sector] = partners
    state.scratch[BELIEFS, of_all] = will * trust
    state.scratch[BELIEVED, of_all] = partners
    state.entries[s] = of_sector + 1
    state.entries[ALL] = of_all + 1


@compiled
def would_commit(state, rules, i, demanded, stake):
    """Return whether organization i would commit this week, if it demands so much of a full stake; note its beliefs on the way.

    It bears the risk of a smaller stake if the loss that it expects, (1 - P) x stake, is not more than that at which a full one
    is just worth its while. A pilot asks for no consents.
    """
    gather_beliefs(state, rules, i, WHOLE_CIRCLE)
    worth = benefit(state, i)
    if demanded < 0.0 or demanded >= worth:
        return demanded < 0.0  # whatever the chance, as it lies between 0 and 1
    least = 1.0 - (1.0 - demanded / worth) / stake
    if least < 0.0:
        return True
    org = state.orgs[i]
    partners = circle_size(state) - int(org.membership == MEMBER)
    needed = number_needed(state, rules, org.participation, partners)
    asked = stake == 1.0 and asks_for_more(state, rules, i, partners, needed)
    if needed <= 0 and not asked:
        return True
    heed = float(org.heed)
    least = (least - heed * state.initiative[0].judgement[org.sector]) / (1.0 - heed)
    least = threshold_inside(state, rules, i, least)
    if least < 0.0 or least >= 1.0:
        return least < 0.0
    return _chance_to_deliver(state, partners, needed, least) > least and (
        not asked or _chance_to_agree(state, rules, i, least) > least
    )


@compiled
def would_federate(state, rules, i, demanded):
    """Return whether organization i would do its part, if it demands so much, as far as its own sector goes.

    It reckons with the sector's members alone: the same share of them must deliver as of the circle. The other sectors are taken
    to do their part, as the promise is void where they do not.
    """
    org, worth = state.orgs[i], benefit(state, i)
    if demanded < 0.0 or demanded >= worth:
        return demanded < 0.0
    gather_beliefs(state, rules, i, org.sector)
    partners = state.initiative[0].roster_size[org.sector] - 1
    needed = number_needed(state, rules, org.participation, partners)
    least = threshold_inside(state, rules, i, demanded / worth)
    if needed <= 0 or least < 0.0 or least >= 1.0:
        return needed <= 0 or least < 0.0
    return _chance_to_deliver(state, partners, needed, least) > least


@compiled
def hear_spokespersons(state, rules):
    """Note what each sector's spokesperson judges: the chance that enough deliver, which its followers go by."""
    for s in range(3):
        i = state.initiative[0].spokesperson[s]
        if i != NOBODY:
            state.initiative[0].judgement[s] = _judged_chance(state, rules, i)


@compiled
def _judged_chance(state, rules, i):
    """Return the chance that enough deliver, and agree, as organization i sees it."""
    gather_beliefs(state, rules, i, WHOLE_CIRCLE)
    partners = circle_size(state) - 1
    needed = number_needed(state, rules, state.orgs[i].participation, partners)
    asked = asks_for_more(state, rules, i, partners, needed)
    if needed <= 0 and not asked:
        return 1.0
    inside = _chance_to_deliver(state, partners, needed, math.nan)
    if asked:
        inside = min(inside, _chance_to_agree(state, rules, i, math.nan))
    return both_views(state, rules, i, inside)


@compiled
def consider(state, rules, i, row):
    """Fill a row with what organization i, a member, weighs in the week's decision, in the order of CONSIDERATION.

    To be called after `commit` and before anything else changes: `draws` then holds what each demands.
    """
    org, initiative = state.orgs[i], state.initiative[0]
    gather_beliefs(state, rules, i, WHOLE_CIRCLE)
    partners = circle_size(state) - 1
    needed = number_needed(state, rules, org.participation, partners)
    asked = asks_for_more(state, rules, i, partners, needed)
    deliver = _chance_to_deliver(state, partners, needed, math.nan)
    agree = _chance_to_agree(state, rules, i, math.nan) if asked else 1.0
    alone = 1.0 if needed <= 0 and not asked else both_views(state, rules, i, min(deliver, agree))
    heed = float(org.heed)
    row[0] = org.salience
    row[1] = closeness(state, i)
    row[2] = initiative.worth
    row[3] = benefit(state, i)
    row[4] = state.draws[i]
    row[5] = partners
    row[6] = max(0, needed)
    row[7] = org.mean_trust
    row[8] = org.mean_willingness
    row[9] = deliver
    row[10] = agree
    row[11] = belief_in_group(state, rules, i)
    row[12] = alone
    row[13] = heed
    row[14] = initiative.judgement[org.sector]
    row[15] = heed * initiative.judgement[org.sector] + (1.0 - heed) * alone
    row[16] = org.intends


@compiled
def _chance_to_deliver(state, partners, needed, least):
    """Return the chance that so many deliver by the beliefs just gathered, or a bound on its side of `least`."""
    belief, believed = state.scratch[BELIEFS : BELIEFS + 1], state.scratch[BELIEVED : BELIEVED + 1]
    entries = (state.entries[ALL], 0, 0)
    return chance_of_enough(
        belief, believed, entries, (partners, 0, 0), (needed, 0, 0), state.shocks, least, state.scratch[CHANCES]
    )


@compiled
def asks_for_more(state, rules, i, partners, needed):
    """Return whether a known decision rule asks organization i for more than that so many of its partners deliver.

    Who delivers agrees; so where all but a few must deliver, these few are all that a sector may lack.
    """
    if not rules.known:
        return False
    lacking = partners - max(0, needed)
    more = False
    for s in range(3):
        more |= _asked_of_others(state, rules, i, s) > max(0, _others(state, i, s) - lacking)
    return more


@compiled
def _others(state, i, s):
    """Return how many members other than organization i sector s has."""
    org = state.orgs[i]
    return state.initiative[0].roster_size[s] - int(org.membership == MEMBER and org.sector == s)


@compiled
def _asked_of_others(state, rules, i, s):
    """Return how many others of sector s must agree if organization i does."""
    return consents_needed(state, rules, s, rules.quorum) - int(state.orgs[i].sector == s)


@compiled
def _chance_to_agree(state, rules, i, least):
    """Return the chance that each required sector agrees by the beliefs just gathered, or a bound on its side of `least`."""
    belief, believed = state.scratch[CONSENTS : CONSENTS + 3], state.scratch[CONSENTING : CONSENTING + 3]
    entries = (state.entries[0], state.entries[1], state.entries[2])
    others = (_others(state, i, 0), _others(state, i, 1), _others(state, i, 2))
    asked = (
        _asked_of_others(state, rules, i, 0),
        _asked_of_others(state, rules, i, 1),
        _asked_of_others(state, rules, i, 2),
    )
    return chance_of_enough(belief, believed, entries, others, asked, state.shocks, least, state.scratch[CHANCES])


@compiled
def number_needed(state, rules, participation, partners):
    """Return how many of so many partners must deliver, where mutually reinforcing activities ease what is needed."""
    initiative = state.initiative[0]
    week = initiative.week
    easing = levers.mutually_reinforcing_activities(rules, week)
    share = initiative.difficulty * (1.0 - rules.easing * easing * participation)
    return math.ceil(share * partners - 1e-9)
