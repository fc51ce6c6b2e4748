"""Beliefs: trust, willingness, belief in the group, and the chance that enough partners deliver.

*Trust* is the mean of a Beta distribution over the chance that a partner keeps a promise (Beta-Bernoulli learning): what one
expected of its sector at the start, what one has learnt about the sector since, the public record, and one's own evidence.

*Willingness* is the belief that a partner would commit at all: a prior that counts as one observation, then what was seen of it
and what it announced, as far as it is heard and trusted. Intentions change, so that this evidence is forgotten within weeks.
Mayer, Davis & Schoorman (1995) part what a trustee wants from what it is held to do.

*Belief in the group* is what a member thinks of the circle as a whole: a prior about groups, then the weeks in which it felt that
enough delivered, or too few (Crawford 1995; Camerer & Ho 1999: players of a coordination game learn from the group's result).
Newcomers dilute it, and know of it what is public (Weber 2006).
"""

import math

import numpy as np

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import levers
from ci_sim.rules.arithmetic import exp, normal
from ci_sim.rules.state import (
    EXACT_LIMIT,
    NO,
    ON_RECORD,
    SECTOR,
    SHOCKS,
    YES,
    circle_size,
    fade_tie,
    left,
    member_at,
    slot_of,
)

# The mean over a standard normal variable by seven Gauss-Hermite nodes: those from the middle one upwards, and their weights.
_NODES = np.array([0.0, 1.1544053947399682, 2.366759410734541, 3.7504397177257425])
_WEIGHTS = np.array([0.45714285714285713, 0.24012317860501273, 0.030757123967586498, 0.0005482688559722178])


@compiled
def _trust_in_tie(state, rules, i, k, s, record_kept, record_broken):
    org, tie = state.orgs[i], state.ties[i, k]
    fade = left(state, tie)
    kept = org.outlook_kept[s] + record_kept + fade * tie.kept
    broken = org.outlook_broken[s] + record_broken + fade * tie.broken
    return (rules.prior_weight * org.prior[s] + kept) / (rules.prior_weight + kept + broken)


@compiled
def trust_in_stranger(state, rules, i, s, record_kept, record_broken):
    """Return the trust of organization i in a member of sector s without a tie, given a public record."""
    org = state.orgs[i]
    kept, broken = org.outlook_kept[s] + record_kept, org.outlook_broken[s] + record_broken
    return (rules.prior_weight * org.prior[s] + kept) / (rules.prior_weight + kept + broken)


@compiled
def trust_in(state, rules, i, j, k):
    """Return the trust of organization i in j, whose slot at i is k (-1: no tie): a / (a + b) over all that it knows."""
    other = state.orgs[j]
    if k >= 0:
        return _trust_in_tie(state, rules, i, k, other.sector, other.record_kept, other.record_broken)
    return trust_in_stranger(state, rules, i, other.sector, other.record_kept, other.record_broken)


@compiled
def trust_by_standing(state, rules, i, j, k):
    """Return the trust of organization i in j, as `trust_in`, by the standings just noted."""
    standing = state.standing[j]
    record_kept = record_broken = 0.0
    if standing & ON_RECORD:
        record_kept, record_broken = state.records[j, 0], state.records[j, 1]
    if k >= 0:
        return _trust_in_tie(state, rules, i, k, standing & SECTOR, record_kept, record_broken)
    return trust_in_stranger(state, rules, i, standing & SECTOR, record_kept, record_broken)


@entry
def trust_between(state, rules, i, j):
    """Return the trust of organization i in j, tied or not."""
    return trust_in(state, rules, i, j, slot_of(state, i, j))


@compiled
def observe(state, rules, i, j, k, kept, weight):
    """Organization i sees whether j, whose slot at i is k, kept a promise of this weight."""
    org, tie = state.orgs[i], state.ties[i, k]
    fade_tie(state, tie)
    s = state.orgs[j].sector
    if kept:
        tie.kept = float(tie.kept) + weight
        org.outlook_kept[s] += rules.generalization * weight
    else:
        tie.broken = float(tie.broken) + rules.broken_weight * weight
        org.outlook_broken[s] += rules.generalization * rules.broken_weight * weight


@compiled
def observe_will(state, rules, i, k, willing, weight):
    """Organization i sees that the partner in its slot k committed to something of this weight, or that it did not."""
    tie = state.ties[i, k]
    fade_tie(state, tie)
    if willing:
        tie.willing = float(tie.willing) + rules.willingness_evidence * weight
    else:
        tie.unwilling = float(tie.unwilling) + rules.willingness_evidence * weight


@compiled
def _presumed(rules):
    """Return the willingness presumed in anybody: where it is no belief of its own, all are willing."""
    return 1.0 - rules.willingness_evidence * (1.0 - rules.willingness)


@compiled
def willingness_in_tie(state, rules, i, k, heard, yes, no):
    """Return the belief of organization i that the partner in its slot k would commit.

    Args:
        heard: how much an announcement of the partner counts against something seen, 0 to 1.
        yes, no: whether the partner has announced last that it would, or would not (`State.words`).
    """
    tie = state.ties[i, k]
    fade = state.wavering[np.uint32(state.initiative[0].week - tie.week)]
    willing, unwilling = fade * tie.willing + heard * yes, fade * tie.unwilling + heard * no
    return (_presumed(rules) + willing) / (1.0 + willing + unwilling)


@compiled
def willingness_of_strangers(rules, heard, yes, no):
    """Return the belief that members without a tie would commit, if such shares of them have announced yes and no."""
    return (_presumed(rules) + heard * yes) / (1.0 + heard * (yes + no))


@compiled
def listening(state, rules, i):
    """Return how far organization i hears announcements this week, 0 to 1."""
    week = state.initiative[0].week
    strength = levers.continuous_communication(rules, week)
    return state.orgs[i].participation * strength


@compiled
def willingness_in(state, rules, i, j, k):
    """Return the belief of organization i that j, whose slot at i is k (-1: no tie), would commit."""
    heard = listening(state, rules, i) * trust_in(state, rules, i, j, k)
    word = state.words[j]
    will = willingness_of_strangers(rules, heard, word == YES, word == NO)
    if k >= 0:
        will = willingness_in_tie(state, rules, i, k, heard, word == YES, word == NO)
    other = state.orgs[j]
    promised = other.signatory or other.federated
    return will + state.initiative[0].promise_strength[other.sector] * (1.0 - will) if promised else will


@entry
def willingness_between(state, rules, i, j):
    """Return the belief of organization i that j, tied or not, would commit."""
    return willingness_in(state, rules, i, j, slot_of(state, i, j))


@entry
def group_belief(state, rules, i):
    """Return the belief of organization i in the group, as `belief_in_group`, for callers from Python."""
    return belief_in_group(state, rules, i)


@compiled
def feel_result(state, rules, enough, weight):
    """Let all members feel whether enough was delivered; as far as results are public, who comes later will know."""
    initiative, felt = state.initiative[0], rules.group_evidence * weight
    for place in range(circle_size(state)):
        org = state.orgs[member_at(state, place)]
        if enough:
            org.group_success += felt
        else:
            org.group_failure += felt
    initiative.public_results[int(not enough)] += (
        felt * rules.reporting * levers.shared_measurement(rules, initiative.week)
    )


@compiled
def be_heard(state, rules, i, heard, pen, weight):
    """Organization i had the share `heard` of its due say in a plenary: evidence about who holds the pen, and about the group.

    Args:
        heard: 0 to 1.
        pen: share of the weight in the text that each sector holds, three numbers.
        weight: what the plenary counts, in promises.
    """
    org = state.orgs[i]
    for s in range(3):
        org.outlook_kept[s] += weight * heard * pen[s]
        org.outlook_broken[s] += rules.broken_weight * weight * (1.0 - heard) * pen[s]
    org.group_success += rules.group_evidence * weight * heard
    org.group_failure += rules.group_evidence * weight * (1.0 - heard)


@compiled
def belief_in_group(state, rules, i):
    """Return the chance that enough deliver as organization i judges it by the group's past."""
    weight, successes = _seen_of_group(state, rules, i)
    return successes / weight if weight > 0.0 else math.nan


@compiled
def threshold_inside(state, rules, i, least):
    """Return the chance by the beliefs in each member at which that of both views is `least`.

    The chance that enough deliver is the mean of the inside view, which counts `inside_weight` observations, and the outside
    view, which counts as many as it rests on: its prior's weight, and the weeks that were felt.
    """
    weight, successes = _seen_of_group(state, rules, i)
    return (least * (rules.inside_weight + weight) - successes) / rules.inside_weight


@compiled
def both_views(state, rules, i, inside):
    """Return the chance by both views, where that by the beliefs in each member is `inside`."""
    weight, successes = _seen_of_group(state, rules, i)
    return (rules.inside_weight * inside + successes) / (rules.inside_weight + weight)


@compiled
def _seen_of_group(state, rules, i):
    """Return how many results the view of the group rests on, the prior among them, and how many of these were successes."""
    org = state.orgs[i]
    prior = rules.group_evidence * rules.group_prior_weight
    return prior + org.group_success + org.group_failure, prior * org.group_prior + org.group_success


@compiled
def welcome(state, first, before):
    """After organizations joined a circle of `before`: what members felt dilutes, and newcomers know what is public.

    Args:
        first: the newcomers are those at the places of `invitation` from here to `initiative.invited`.
    """
    initiative = state.initiative[0]
    share = before / circle_size(state)
    for place in range(first, initiative.invited):
        org = state.orgs[state.invitation[place]]
        org.group_success, org.group_failure = initiative.public_results[0], initiative.public_results[1]
    for place in range(circle_size(state)):
        org = state.orgs[member_at(state, place)]
        org.group_success *= share
        org.group_failure *= share
    for result in range(2):
        initiative.public_results[result] *= share


@compiled
def publish(state, rules, j, kept, weight):
    """Enter in the public record whether organization j kept a promise of this weight."""
    if kept:
        state.orgs[j].record_kept += weight
    else:
        state.orgs[j].record_broken += rules.broken_weight * weight


@compiled
def forget(state, i, share):
    """Take away a share of what organization i knows of others."""
    org = state.orgs[i]
    org.group_success *= 1.0 - share
    org.group_failure *= 1.0 - share
    for k in range(org.degree):
        state.ties[i, k].kept *= 1.0 - share
        state.ties[i, k].broken *= 1.0 - share
        state.ties[i, k].willing *= 1.0 - share
        state.ties[i, k].unwilling *= 1.0 - share
    for s in range(3):
        org.outlook_kept[s] *= 1.0 - share
        org.outlook_broken[s] *= 1.0 - share


@compiled
def exact_tail(belief, believed, groups, needed, odds, chances):
    """Return the Poisson-binomial chance that at least `needed` deliver, when all odds are multiplied by `odds`.

    Args:
        belief, believed: the beliefs, and how many partners each is about; the first `groups` entries count.
        chances: scratch of at least the number of partners + 1.
    """
    chances[0] = 1.0
    n = 0
    for g in range(groups):
        p = belief[g] * odds / (belief[g] * odds + 1.0 - belief[g])
        for _ in range(int(believed[g])):
            n += 1
            chances[n] = chances[n - 1] * p
            for x in range(n - 1, 0, -1):
                chances[x] = chances[x] * (1.0 - p) + chances[x - 1] * p
            chances[0] *= 1.0 - p
    tail = 0.0
    for x in range(needed, n + 1):
        tail += chances[x]
    return min(1.0, tail)


@compiled
def normal_tail(belief, believed, groups, needed, odds):
    """Return the same chance by the normal approximation with a correction for skewness (Volkova 1996; Hong 2013)."""
    mean = variance = skew = 0.0
    for g in range(groups):
        p = belief[g] * odds / (belief[g] * odds + 1.0 - belief[g])
        v = believed[g] * p * (1.0 - p)
        mean += believed[g] * p
        variance += v
        skew += v * (1.0 - 2.0 * p)
    if variance < 1e-12:
        return 1.0 if mean > needed - 0.5 else 0.0
    deviation = math.sqrt(variance)
    z = (needed - 0.5 - mean) / deviation
    density, below = normal(z)
    below += skew / (variance * deviation) * (1.0 - z * z) * density / 6.0
    return min(1.0, max(0.0, 1.0 - below))


@compiled
def shocks_to_odds(shared_fate, shocks):
    """Fill `shocks`, (SHOCKS,), with what the shock at each node, from the middle one outwards, multiplies all odds by."""
    for ring in range(SHOCKS):
        shocks[ring] = exp(shared_fate * _NODES[ring])


@compiled
def chance_of_enough(belief, believed, entries, partners, needed, shocks, threshold, chances):
    """Return the chance that in each of up to three groups of partners enough do their part.

    Args:
        belief, believed: rows of beliefs, and of how many partners each is about, one for each group.
        entries, partners, needed: three numbers each, by group: how many entries of its row count, how many partners they are
            about, and how many of them must do their part (0 or less: the group does not matter).
        shocks: what each size of a common shock multiplies the odds by (`shocks_to_odds`).
        threshold: see below.
        chances: scratch of at least the number of partners + 1.

    Partners share a fate: a common standard normal shock, times `shared_fate`, is added to all log-odds (a random-intercept
    logistic model), so that failures are correlated; the mean over the shock is by Gauss-Hermite quadrature, from the middle
    node outwards, with the odds of `shocks_to_odds`. With `shared_fate` 0 the partners are independent. Up to EXACT_LIMIT
    partners the count's distribution is exact.

    The chance grows with the shock, so that each pair of nodes bounds what those farther out can add. As soon as a bound
    says on which side of `threshold` the chance lies, the bound is returned in its place; threshold NaN asks for the chance.
    """
    if needed[0] <= 0 and needed[1] <= 0 and needed[2] <= 0:
        return 1.0
    if needed[0] > partners[0] or needed[1] > partners[1] or needed[2] > partners[2]:
        return 0.0
    exact = partners[0] + partners[1] + partners[2] <= EXACT_LIMIT
    known, rest = 0.0, 1.0  # what the nodes so far add up to, and the weight of the others
    shared_fate = shocks[1] > 1.0
    for ring in range(SHOCKS if shared_fate else 1):
        weight = _WEIGHTS[ring] if shared_fate else 1.0
        odds = shocks[ring]
        most = _tails(belief, believed, entries, needed, odds, exact, chances)
        least = _tails(belief, believed, entries, needed, 1.0 / odds, exact, chances) if ring > 0 else most
        known += weight * most if ring == 0 else weight * (least + most)
        rest -= weight if ring == 0 else 2.0 * weight
        low, high = known + 0.5 * rest * most, known + 0.5 * rest * (1.0 + least)
        if low > threshold:
            return low
        if high <= threshold:
            return high
    return known


@compiled
def _tails(belief, believed, entries, needed, odds, exact, chances):
    """Return the chance of enough in each group, when all odds are multiplied by `odds`: groups are then independent."""
    chance = 1.0
    for group in range(belief.shape[0]):
        if needed[group] > 0:
            chance *= _tail(belief[group], believed[group], entries[group], needed[group], odds, exact, chances)
    return chance


@compiled
def _tail(belief, believed, entries, needed, odds, exact, chances):
    if exact:
        return exact_tail(belief, believed, entries, needed, odds, chances)
    return normal_tail(belief, believed, entries, needed, odds)
