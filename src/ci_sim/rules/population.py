"""Who the organizations are: the context of this initiative, and each organization's traits, positions and first ties.

What a user's tables give is taken; what they leave out (NaN) is drawn anew in each replicate.
"""

import math
from typing import NamedTuple

import numpy as np

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules import streams
from ci_sim.rules.arithmetic import cos_sin, exp, halved, log, power
from ci_sim.rules.beliefs import shocks_to_odds
from ci_sim.rules.state import NOBODY, UNINVITED, tie_between


class Given(NamedTuple):
    """What is known of the organizations before a run; NaN is drawn. N organizations, E given ties."""

    sector: np.ndarray  # (N,) int8
    capacity: np.ndarray  # (N,)
    influence: np.ndarray  # (N,)
    salience: np.ndarray  # (N,)
    reliability: np.ndarray  # (N,)
    listening: np.ndarray  # (N,)
    firmness: np.ndarray  # (N,)
    turnover: np.ndarray  # (N,)
    board_weeks: np.ndarray  # (N,)
    position: np.ndarray  # (N, D), D from 1 to 4
    draw_ties: np.ndarray  # (1,) int8: 1 if the starting ties are drawn
    ties: np.ndarray  # (E, 2) int32: who, whom
    tie_trust: np.ndarray  # (E,) NaN: a tie without a stated trust


@compiled
def _logistic(x):
    return 1.0 / (1.0 + exp(-x))


@compiled
def _logit(p):
    p = min(1.0 - 1e-9, max(1e-9, p))
    return log(p / (1.0 - p))


@entry
def build(state, given, rules, seed):
    """Fill a state with the population of the replicate `seed`, before its first week."""
    _begin(state, rules, seed)
    state.initiative[0].dimensions = given.position.shape[1]
    _draw_context(state, rules, seed)
    for i in range(given.sector.shape[0]):
        _begin_organization(state.orgs[i], state.internal[i])
        state.words[i] = 0
        state.orgs[i].sector = given.sector[i]
        _draw_traits(state, given, rules, seed, i)
        _draw_manners(state.orgs[i], given, rules, seed, i)
        _set_up_board(state, given, rules, seed, i)
        _draw_position(state, given, rules, seed, i)
        _draw_starting_trust(state, rules, seed, i)
    _list_by_sector(state)
    for s in range(3):
        state.initiative[0].field[s] = state.initiative[0].roster_size[s]
    if given.draw_ties[0]:
        _draw_acquaintances(state, rules, seed)
    _invitation_order(state)
    _given_ties(state, given, rules)


@compiled
def _begin(state, rules, seed):
    """Set the initiative to its beginning: nobody convened, the backbone's fund full."""
    initiative = state.initiative[0]
    initiative.seed = seed
    initiative.week = initiative.stage = initiative.stage_week = initiative.last_cohort = initiative.invited = 0
    initiative.launch_week = initiative.meetings = initiative.streak = 0
    initiative.formed = initiative.formation_week = initiative.collapsed = initiative.collapse_week = 0
    initiative.standing = initiative.broken_off_week = initiative.pilots = initiative.pilots_came_off = 0
    initiative.worth = initiative.season_worth = initiative.season_odds = 1.0
    initiative.mapped = initiative.staff_hours = initiative.promises = initiative.promises_kept = 0.0
    initiative.hours = initiative.hours_until_formed = initiative.paid = initiative.paid_until_formed = 0.0
    initiative.asked = initiative.charter_week = initiative.next_round = initiative.rounds = 0
    initiative.breaches = initiative.repairs = initiative.effort_weeks = initiative.came_off = 0
    initiative.public_results[0] = initiative.public_results[1] = 0.0
    for tally in range(initiative.tallies.shape[0]):
        initiative.tallies[tally] = 0.0
    initiative.fund = rules.fund * state.orgs.shape[0]
    initiative.funders = 1.0
    initiative.called = int(not rules.mandates)
    initiative.mandate_week = initiative.funding_week = 0
    initiative.funding_due = 1 + int(rules.funding_weeks * streams.uniform(seed, 0, 0, 0, streams.FUNDING))
    for d in range(4):
        initiative.agenda[d] = 0.5
    for s in range(3):
        initiative.roster_size[s] = initiative.convened[s] = 0
        initiative.sector_promised[s] = initiative.sector_refused[s] = initiative.promise_strength[s] = 0.0
        initiative.federation_week[s] = initiative.next_sector_round[s] = initiative.sector_rounds[s] = 0
        initiative.spokesperson[s] = NOBODY
        initiative.judgement[s] = 0.0
        for side in range(2):
            initiative.sector_words[s, side] = initiative.sector_record[s, side] = 0.0
    for purpose in range(initiative.hours_by_purpose.shape[0]):
        initiative.hours_by_purpose[purpose] = 0.0
    shocks_to_odds(rules.shared_fate, state.shocks)
    for weeks in range(state.fading.shape[0]):
        state.fading[weeks] = halved(weeks / rules.half_life)
        state.wavering[weeks] = halved(weeks / rules.willingness_half_life)


@compiled
def _begin_organization(org, internal):
    """Set an organization to its beginning: outside the circle, without ties or experience."""
    org.membership = UNINVITED
    internal.breaches = 0
    internal.accounted = 0.0
    org.degree = org.signed = org.seat = org.discontent = 0
    org.decided = org.intends = org.committed = org.signatory = org.contributed = 0
    org.signing_week = org.federated = org.board_met = org.pledged = org.withdrawn = 0
    org.participation = org.expected_share = org.mean_trust = org.mean_willingness = 0.0
    org.group_success = org.group_failure = org.hours_left = org.hours_spent = org.heed = 0.0
    org.record_kept = org.record_broken = 0.0
    for s in range(3):
        org.outlook_kept[s] = org.outlook_broken[s] = 0.0


@compiled
def _context(rules, seed, c):
    low, high = rules.context_low[c], rules.context_high[c]
    return low + (high - low) * streams.uniform(seed, 0, c, 0, streams.CONTEXT)


@compiled
def _draw_context(state, rules, seed):
    initiative = state.initiative[0]
    initiative.conflict = _context(rules, seed, 0)
    initiative.spread = _context(rules, seed, 1)
    initiative.reliability = _context(rules, seed, 2)
    initiative.urgency = _context(rules, seed, 3)
    initiative.trust = _context(rules, seed, 4)
    initiative.difficulty = _context(rules, seed, 5)


@compiled
def _factor(rules, factors, s):
    """Return what a number of the field is multiplied by in sector s, as far as sectors differ."""
    return 1.0 + rules.difference * (factors[s] - 1.0)


@compiled
def _positive(rules, factors, s):
    return max(0.0, _factor(rules, factors, s))


@compiled
def _draw_traits(state, given, rules, seed, i):
    """Capacity and influence are log-normal; salience and reliability are logistic-normal around the context's medians."""
    org, initiative = state.orgs[i], state.initiative[0]
    a, b, c, d = streams.normals(seed, 0, i, 0, streams.TRAITS)
    capacity = rules.capacity * _positive(rules, rules.profile_capacity, org.sector)
    influence = _positive(rules, rules.profile_influence, org.sector)
    org.capacity = _or(given.capacity[i], capacity * exp(rules.capacity_spread * a))
    org.influence = _or(given.influence[i], influence * exp(rules.influence_spread * b))
    org.salience = _or(given.salience[i], _logistic(_logit(initiative.urgency) + rules.salience_spread * c))
    org.reliability = _or(
        given.reliability[i], _logistic(_logit(initiative.reliability) + rules.reliability_spread * d)
    )


@compiled
def _draw_manners(org, given, rules, seed, i):
    """How far it listens is log-normal around 1; how firmly it stands uniform from 0 to `firmness`."""
    noise, _ = streams.normal_pair(seed, 0, i, 0, streams.MANNERS)
    org.listening = _or(given.listening[i], exp(rules.listening_spread * noise))
    org.firmness = _or(given.firmness[i], rules.firmness * streams.uniform(seed, 0, i, 1, streams.MANNERS))


@compiled
def _set_up_board(state, given, rules, seed, i):
    """When its board meets, from a week of its own on, and how often its people change."""
    org, internal = state.orgs[i], state.internal[i]
    turnover = min(1.0, rules.turnover * _positive(rules, rules.profile_turnover, org.sector))
    weeks = max(1.0, rules.board_weeks * _positive(rules, rules.profile_board_weeks, org.sector))
    internal.turnover = _weekly(_or(given.turnover[i], turnover))
    internal.board_weeks = _or(given.board_weeks[i], weeks)
    internal.board_meets = np.float64(internal.board_weeks) * streams.uniform(seed, 0, i, 0, streams.BOARD)
    org.mandate = int(not rules.mandates)


@compiled
def _weekly(yearly):
    """Return the chance of a week where that of a year is so great."""
    return 1.0 - power(1.0 - yearly, 1.0 / 52.0) if yearly < 1.0 else 1.0


@compiled
def _or(given, drawn):
    return drawn if math.isnan(given) else given


@compiled
def _draw_position(state, given, rules, seed, i):
    """The sectors' mean positions form a triangle of side `conflict` in the first two dimensions, turned at random."""
    org, initiative = state.orgs[i], state.initiative[0]
    cosine, sine = cos_sin(streams.uniform(seed, 0, 0, 0, streams.ORIENTATION) + org.sector / 3.0)
    radius = initiative.conflict / math.sqrt(3.0)
    noise = streams.normals(seed, 0, i, 0, streams.POSITION)
    center = (0.5 + radius * cosine, 0.5 + radius * sine, 0.5, 0.5)
    spread = initiative.spread * _positive(rules, rules.profile_spread, org.sector)
    for d in range(4):
        org.position[d] = 0.5
        if d < initiative.dimensions:
            drawn = min(1.0, max(0.0, center[d] + spread * noise[d]))
            org.position[d] = _or(given.position[i, d], drawn)


@compiled
def _draw_starting_trust(state, rules, seed, i):
    """Starting trust is logistic-normal, `trust_homophily` higher (in log-odds) in one's own sector than in the others.

    Where rivals make a sector, the difference is less, by as much as one's own sector is trusted less.
    Who trusts its own sector more than others do thinks as much better of groups.
    """
    org = state.orgs[i]
    noise = streams.normals(seed, 0, i, 0, streams.STARTING_TRUST)
    own = _factor(rules, rules.profile_trust_homophily, org.sector) - 0.5
    for s in range(3):
        kinship = own if s == org.sector else -0.5
        center = _logit(state.initiative[0].trust) + kinship * rules.trust_homophily
        org.prior[s] = _logistic(center + rules.trust_spread * noise[s])
    org.group_prior = _logistic(_logit(rules.group_prior) + rules.trust_spread * noise[org.sector])


@compiled
def _list_by_sector(state):
    """Let the rosters list all organizations of each sector, in the order of the table, whoever is a member."""
    roster, size = state.roster, state.initiative[0].roster_size
    for s in range(3):
        size[s] = 0
    for i in range(state.orgs.shape[0]):
        s = state.orgs[i].sector
        roster[s, size[s]] = i
        size[s] += 1


@compiled
def _invitation_order(state):
    """Leaders first (salience times influence), the sectors interleaved in proportion to their size."""
    size = state.initiative[0].roster_size
    for s in range(3):
        _sort_leaders(state, s)
    seen_0 = seen_1 = seen_2 = 0
    for place in range(state.invitation.shape[0]):
        s = _earlier(state, 0, seen_0, 1, seen_1)
        s = _earlier(state, s, seen_0 if s == 0 else seen_1, 2, seen_2)
        if s == 0:
            state.invitation[place] = state.roster[0, seen_0]
            seen_0 += 1
        elif s == 1:
            state.invitation[place] = state.roster[1, seen_1]
            seen_1 += 1
        else:
            state.invitation[place] = state.roster[2, seen_2]
            seen_2 += 1
    for s in range(3):
        size[s] = 0


@compiled
def _earlier(state, s, seen_s, t, seen_t):
    """Return the one of two sectors whose next organization is invited first: the one of which the lesser part has been."""
    size = state.initiative[0].roster_size
    if seen_s == size[s] or seen_t == size[t]:
        return t if seen_s == size[s] else s
    turn_s, turn_t = (seen_s + 0.5) / size[s], (seen_t + 0.5) / size[t]
    if turn_s == turn_t:
        return s if state.roster[s, seen_s] < state.roster[t, seen_t] else t
    return s if turn_s < turn_t else t


@compiled
def _sort_leaders(state, s):
    """Sort the roster of sector s, leaders first and equals in the order of the table (merge sort, `order` as its memory)."""
    n, width = state.initiative[0].roster_size[s], 1
    roster, merged = state.roster[s], state.order
    while width < n:
        for start in range(0, n, 2 * width):
            middle, end = min(start + width, n), min(start + 2 * width, n)
            a, b = start, middle
            for place in range(start, end):
                if b == end or (a < middle and _lead(state, roster[a]) >= _lead(state, roster[b])):
                    merged[place] = roster[a]
                    a += 1
                else:
                    merged[place] = roster[b]
                    b += 1
        for place in range(n):
            roster[place] = merged[place]
        width *= 2


@compiled
def _lead(state, i):
    return state.orgs[i].salience * state.orgs[i].influence


@compiled
def _remember(state, rules, i, k):
    """Let i know the partner in its slot k as if it had seen it keep, or break, `acquaintance_evidence` promises."""
    tie = state.ties[i, k]
    reliability = state.orgs[state.partners[i, k]].reliability
    tie.kept = rules.acquaintance_evidence * reliability
    tie.broken = rules.acquaintance_evidence * rules.broken_weight * (1.0 - reliability)


@compiled
def _draw_acquaintances(state, rules, seed):
    """Each organization brings half of the mean number of ties; partners are drawn within its sector or across."""
    roster, size = state.roster, state.initiative[0].roster_size
    n = state.orgs.shape[0]
    for i in range(n):
        count = int(0.5 * rules.acquaintances + streams.uniform(seed, 0, i, 0, streams.ACQUAINTANCE))
        s = state.orgs[i].sector
        within = rules.acquaintances_within * _positive(rules, rules.profile_acquaintances_within, s)
        for draw in range(count):
            kin, who, _, _ = streams.uniforms(seed, 0, i, draw + 1, streams.ACQUAINTANCE)
            if kin < within or size[s] == n:
                j = roster[s, int(who * size[s])]
            else:
                j = _outside(roster, size, s, int(who * (n - size[s])))
            if j != i:
                k = tie_between(state, i, j)
                _remember(state, rules, i, k)
                _remember(state, rules, j, state.ties[i, k].mirror)


@compiled
def _outside(roster, size, s, place):
    """Return the organization at a place in the list of those outside sector s."""
    for t in range(3):
        if t != s:
            if place < size[t]:
                return roster[t, place]
            place -= size[t]
    return 0


@compiled
def _given_ties(state, given, rules):
    """A stated trust T stands for `acquaintance_evidence` promises of which the share T was kept."""
    for e in range(given.ties.shape[0]):
        i, j = given.ties[e, 0], given.ties[e, 1]
        k = tie_between(state, i, j)
        if math.isnan(given.tie_trust[e]):
            _remember(state, rules, i, k)
        else:
            state.ties[i, k].kept = rules.acquaintance_evidence * given.tie_trust[e]
            state.ties[i, k].broken = rules.acquaintance_evidence * (1.0 - given.tie_trust[e])
