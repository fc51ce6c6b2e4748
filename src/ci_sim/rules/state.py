"""The state of one initiative: a record for each organization and each tie, and one for the initiative itself.

Records lie side by side in memory, so that a rule reads what it needs of an organization at once. Shapes use
N organizations, K ties an organization at most, D = 4 dimensions of positions (those not in use stay at 0.5), S = 3 sectors.
"""

from typing import Any, NamedTuple

import numpy as np

from ci_sim.compilation.compiled import compiled, passed_whole
from ci_sim.compilation.prefetch import LINE

UNINVITED, MEMBER, LEFT = 0, 1, 2  # membership of the circle
NO_AGREEMENT, UNDERSTANDING, JOINT_STEP, SIGNED = 0, 1, 2, 3  # the ladder of agreements
CONTACT, STEP_KEPT, STEP_BROKEN = 0, 1, 2  # what came of a meeting
RECOGNIZE, MAP, CONVENE, FOUND, LAUNCHED = 0, 1, 2, 3, 4  # where the initiative stands
# What stands in the way of a quorum in a week, and at last that it was lost; 0: nothing does.
STANDS, NO_GAIN, NO_BELIEF, NO_MANDATE, NO_SIGNATURE, NO_BREADTH, BROKEN_OFF = range(7)

# What others can know of an organization, in bits of `State.standing`: its sector, and these. In a round of the charter, who has
# said yes has PROMISED, and who has said no REFUSED.
SECTOR, SAID_YES, PROMISED, IN_CIRCLE, SAID_NO, ON_RECORD, REFUSED = 3, 4, 8, 16, 32, 64, 128

# What hours are spent on.
PURPOSES = (
    "upkeep", "caucus", "meeting", "mapping", "joint_step", "contribution", "pilot", "drafting", "account", "federation",
)  # fmt: skip
(
    UPKEEP_HOURS,
    CAUCUS_HOURS,
    MEETING_HOURS,
    MAPPING_HOURS,
    STEP_HOURS,
    CONTRIBUTION_HOURS,
    PILOT_HOURS,
    DRAFTING_HOURS,
    ACCOUNT_HOURS,
    FEDERATION_HOURS,
) = range(10)
NO_HOURS = -1
NOBODY = -1  # in place of an organization

YES, NO = 1, -1  # an announcement

EXACT_LIMIT = 20  # up to so many partners the commitment probability is exact
# Sizes of a shock common to all partners that the commitment probability is a mean over (and as many below zero).
SHOCKS = 4

MOST_TURNS = 3  # meetings a week that an organization initiates at most
TURNS_AT_ONCE = 128  # for which draws are made in one go, in the lanes of the processor
SEEN_AT_ONCE = 16  # members whose witnesses are listed, and fetched, before any of them learns

# Rows of the scratch memory; of the last two kinds one for each sector.
BELIEFS, BELIEVED, STRANGERS, CHANCES, SEEN_FIRST, SEEN_SECOND, CONSENTS, CONSENTING = 0, 1, 2, 3, 4, 5, 6, 9
ALL = 3  # in `State.entries`, after the sectors


def _record(*fields: tuple) -> np.dtype:
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


ORGANIZATION = _record(
    ("capacity", "f8"),  # hours/week
    ("influence", "f8"),
    ("reliability", "f8"),  # chance that it keeps a promise
    ("salience", "f8"),  # how much the problem matters to it, 0 to 1
    ("position", "f8", (4,)),  # each in [0, 1]
    ("record_kept", "f8"),  # public record of its promises, from shared measurement
    ("record_broken", "f8"),
    ("participation", "f8"),  # share of this week's upkeep that it could give, 0 to 1
    ("expected_share", "f8"),  # share of the other members that it expects to deliver: willing, and true to their word
    ("mean_trust", "f8"),  # mean trust in the other members
    ("mean_willingness", "f8"),  # mean belief that another member would commit
    ("group_prior", "f8"),  # what it thinks of groups at the start: the chance that enough deliver
    ("group_success", "f8"),  # weeks in which it felt that enough delivered, fading
    ("group_failure", "f8"),  # weeks in which it felt that too few did, fading
    ("outlook_kept", "f8", (3,)),  # evidence that colours the view of a whole sector
    ("outlook_broken", "f8", (3,)),
    ("hours_left", "f8"),  # of this week
    ("hours_spent", "f8"),  # this week
    ("prior", "f4", (3,)),  # starting trust in an unknown organization of each sector
    ("listening", "f4"),  # how far it listens: what its bound of confidence is multiplied by
    ("firmness", "f4"),  # share by which it moves less than others would, 0 to 1
    ("heed", "f4"),  # how far it goes by what its sector's spokesperson judges, 0 to 1; 0: it does not follow
    ("seat", "u4"),  # place in its sector's roster while a member
    ("discontent", "i4"),  # consecutive weeks without expected net benefit
    ("signing_week", "i4"),  # week in which it signed the charter
    ("degree", "i2"),  # number of its ties
    ("signed", "i2"),  # signed commitments that it holds
    ("sector", "u1"),  # index into SECTORS
    ("membership", "i1"),  # UNINVITED, MEMBER or LEFT
    ("decided", "i1"),  # 1 if it has decided anything since it joined
    ("signatory", "i1"),  # 1 if it has signed the charter that is in force
    ("federated", "i1"),  # 1 if it has signed its sector's own charter, which is in force
    ("mandate", "i1"),  # 1 if its board lets it commit
    ("board_met", "i1"),  # 1 if its board has met since it first decided
    ("contributed", "i1"),  # 1 if it kept the promise of a contribution this week
    ("intends", "i1"),  # 1 if it would commit this week
    ("committed", "i1"),  # 1 if it committed this week
    ("caucused", "i1"),  # 1 if it attended its sector's caucus this week
    ("inside", "i1"),  # 1 if it was in the coalition at the end of the week
    ("pledged", "i1"),  # 1 if it has pledged to do its part whatever others do
    ("withdrawn", "i1"),  # 1 if it will take no part any more
)

# What rules seldom read of an organization, so that the rest takes few lines of the memory.
INTERNAL = _record(
    ("turnover", "f4"),  # chance, in a week, that the person in charge changes
    ("board_weeks", "f4"),  # between two meetings of its board
    ("board_meets", "f4"),  # week from which on its board meets next
    ("accounted", "f4"),  # share of the hours of an account for its last breach that it has given
    ("breaches", "i4"),  # consecutive weeks in which it broke what it promised in a charter
)

# The ties of organization i are the slots 0 ... degree-1 of its row. A tie always has both sides. With whom a tie is stands apart
# (`State.partners`), close together, so that a tie is found without reading through the others' records. Evidence is kept in
# single precision (rules reckon with it in double), so that two ties make a line of the memory.
TIE = _record(
    ("kept", "f4"),  # evidence of kept promises, as of `week`
    ("broken", "f4"),  # evidence of broken promises
    ("willing", "f4"),  # weeks in which the partner was seen to commit, as of `week`
    ("unwilling", "f4"),  # weeks in which it was seen not to
    ("mirror", "u4"),  # slot of the same tie at the other side
    ("week", "i4"),  # week up to which the evidence has been faded
    ("met", "i4"),  # week of the last meeting
    ("agreement", "i1"),  # rung on the ladder, the same at both sides
    ("wronged", "i1"),  # 1 if it saw the partner's last breach of the charter, and has not forgiven it
)

INITIATIVE = _record(
    ("seed", "i8"),
    ("week", "i8"),
    ("dimensions", "i8"),  # of positions
    ("stage", "i8"),
    ("stage_week", "i8"),  # weeks spent in this stage
    ("last_cohort", "i8"),  # week of the last admission
    ("invited", "i8"),  # organizations that have joined so far: the first ones of `invitation`
    ("asked", "i8"),  # place in `invitation` of the next one to be asked
    ("charter_week", "i8"),  # week since which the charter has been in force; 0: it is not
    ("next_round", "i8"),  # week of the next round of the charter at the earliest
    ("rounds", "i8"),  # rounds of the charter held so far
    ("breaches", "i8"),  # promises of the charter broken so far
    ("repairs", "i8"),  # breaches that were accounted for, and followed by a promise kept
    ("effort_weeks", "i8"),  # weeks in which somebody contributed to the joint effort
    ("came_off", "i8"),  # weeks of these in which enough was delivered
    ("launch_week", "i8"),
    ("called", "i8"),  # 1 if enough hold a mandate for the joint effort to be called for after the launch
    ("mandate_week", "i8"),  # week in which mandates were first enough for the joint effort; 0: they never were
    ("funding_due", "i8"),  # week of the next instalment
    ("funding_week", "i8"),  # week in which the fund first held what convening asks; 0: it never did
    ("meetings", "i8"),  # meetings of this week
    ("streak", "i8"),  # consecutive weeks with a quorum; below 0: without one
    ("formed", "i8"),
    ("formation_week", "i8"),
    ("standing", "i8"),  # 1 if it has formed and has not broken off since
    ("broken_off_week", "i8"),  # week in which it last broke off
    ("pilots", "i8"),  # weeks in which the circle took a small joint step as a whole
    ("pilots_came_off", "i8"),
    ("collapsed", "i8"),
    ("collapse_week", "i8"),
    ("agenda", "f8", (4,)),
    ("roster_size", "i8", (3,)),  # members of the circle by sector
    ("convened", "i8", (3,)),  # organizations that ever were members, by sector
    ("field", "i8", (3,)),  # all organizations by sector
    ("sector_record", "f8", (3, 2)),  # mean public record of the members: kept, broken
    ("sector_words", "f8", (3, 2)),  # share of the members who announced that they would do their part, and that not
    ("sector_promised", "f8", (3,)),  # share of the members who have promised in the charter, or in its present round
    ("sector_refused", "f8", (3,)),  # share of the members who have refused in the present round
    (
        "promise_strength",
        "f8",
        (3,),
    ),  # how much of the doubt about its members' willingness a promise takes away, by sector
    ("federation_week", "i8", (3,)),  # week since which the sector's own charter has been in force; 0: it is not
    ("next_sector_round", "i8", (3,)),  # week of the next round of the sector's charter at the earliest
    ("sector_rounds", "i8", (3,)),  # rounds of the sector's charter held so far
    ("spokesperson", "i8", (3,)),  # who speaks for the sector, or NOBODY
    ("judgement", "f8", (3,)),  # chance that enough deliver, as the sector's spokesperson judges it
    ("public_results", "f8", (2,)),  # weeks of the joint effort that are publicly known: enough delivered, too few did
    ("tallies", "f8", (6,)),  # recent weeks without a quorum, fading, by what stood in its way
    (
        "worth",
        "f8",
    ),  # what the joint effort is worth to all this week: as the season has it, and what events make of it
    ("season_worth", "f8"),  # what it is worth in this season, on average 1
    ("season_odds", "f8"),  # what the odds of keeping a promise are multiplied by this week
    ("hours_by_purpose", "f8", (len(PURPOSES),)),  # spent since the start
    ("mapped", "f8"),  # share of misperception that mapping removed
    ("fund", "f8"),  # backbone's money left, USD
    ("funders", "f8"),  # share of the instalments that funders still give
    ("staff_hours", "f8"),  # backbone's hours left this week
    ("promises", "f8"),  # promises made since the start
    ("promises_kept", "f8"),
    ("hours", "f8"),  # hours spent since the start
    ("hours_until_formed", "f8"),
    ("paid", "f8"),  # to the backbone's staff since the start, USD
    ("paid_until_formed", "f8"),
    ("conflict", "f8"),  # the context that was drawn
    ("spread", "f8"),
    ("reliability", "f8"),
    ("urgency", "f8"),
    ("trust", "f8"),
    ("difficulty", "f8"),  # share of partners that must deliver
)


@passed_whole
class State(NamedTuple):
    """Everything that a run changes."""

    orgs: np.ndarray  # (N,) of ORGANIZATION
    internal: np.ndarray  # (N,) of INTERNAL
    ties: np.ndarray  # (N, K) of TIE
    partners: np.ndarray  # (N, K) with whom each tie is
    initiative: np.ndarray  # (1,) of INITIATIVE
    roster: np.ndarray  # (S, N) members of the circle by sector
    invitation: np.ndarray  # (N,) the order in which organizations are invited
    order: np.ndarray  # (N,) this week's order of turns
    turns: np.ndarray  # (2, MOST_TURNS * N) this week's turns: whose, and the how-manieth of its own
    candidates: np.ndarray  # (8, TURNS_AT_ONCE) draws of candidates to meet: among ties (and the choice), among members
    meetings: np.ndarray  # (M, 5) this week's meetings: i, j, what came of it, the slots of their tie at i and at j
    entries: np.ndarray  # (4,) how many entries the beliefs just gathered take: about each sector, and in all
    sightings: np.ndarray  # (SEEN_AT_ONCE * K, 3) who is seen, the slot of the witness there, the slot at the witness
    fading: np.ndarray  # (weeks + 2,) share of the evidence on promises left after so many weeks
    wavering: np.ndarray  # (weeks + 2,) share of the evidence on willingness left after so many weeks
    shocks: np.ndarray  # (SHOCKS,) what each size of a common shock multiplies the odds by
    standing: np.ndarray  # (N,) what others can know of each, in bits, as of the last `note_standings`
    records: np.ndarray  # (N, 2) the public record of each who is on it, as of the last `note_standings`: kept, broken
    words: np.ndarray  # (N,) what each last announced: to do its part if enough did (YES), not to (NO), or nothing (0)
    draws: np.ndarray  # (N,) a draw for each organization, and a few more: lanes work by eights
    scratch: np.ndarray  # (12, K + EXACT_LIMIT + 5) working memory, in rows


def allocate(organizations: int, max_ties: int, weeks: int) -> State:
    """Return a state with room for one run; `population.build` fills it, again and again."""
    n, k = organizations, max_ties
    return State(
        orgs=_room(n, ORGANIZATION),
        internal=_room(n, INTERNAL),
        ties=_room((n, k), TIE),
        partners=_room((n, k), np.uint32),
        initiative=np.zeros(1, INITIATIVE),
        roster=_room((3, n), np.uint32),
        invitation=_room(n, np.uint32),
        order=_room(n, np.uint32),
        turns=_room((2, MOST_TURNS * n), np.uint32),
        candidates=np.zeros((8, TURNS_AT_ONCE)),
        meetings=_room((4 * n + 4, 5), np.uint32),
        entries=np.zeros(4, np.int64),
        sightings=_room((SEEN_AT_ONCE * k, 3), np.uint32),
        fading=np.zeros(weeks + 2),
        wavering=np.zeros(weeks + 2),
        shocks=np.zeros(SHOCKS),
        standing=_room(n, np.uint8),
        records=_room((n, 2), np.float64),
        words=_room(n, np.int8),
        draws=_room(-(-n // 8) * 8, np.float64),
        scratch=np.zeros((12, k + EXACT_LIMIT + 5)),
    )


def _room(shape: int | tuple[int, int], kind: Any) -> np.ndarray:
    """Return zeros that begin with a line of the memory, so that ties lie across as few as possible.

    numpy asks for large pages where it is much memory, but not for `np.zeros`.
    """
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    room = np.empty(size + LINE, np.uint8)
    room.fill(0)
    start = -room.ctypes.data % LINE
    return room[start : start + size].view(kind).reshape(shape)


@compiled
def note_standings(state):
    """Note what others can know of each organization in little room: that of its partners, anywhere in memory, stays at hand."""
    for i in range(state.orgs.shape[0]):
        org = state.orgs[i]
        standing = org.sector + PROMISED * max(org.signatory, org.federated) + IN_CIRCLE * (org.membership == MEMBER)
        standing += SAID_YES * (state.words[i] == YES) + SAID_NO * (state.words[i] == NO)
        if org.record_kept + org.record_broken > 0.0:
            standing += ON_RECORD
            state.records[i, 0], state.records[i, 1] = org.record_kept, org.record_broken
        state.standing[i] = standing


@compiled
def spend(state, i, hours, purpose):
    """Take hours of this week's budget of organization i, and book them."""
    org, initiative = state.orgs[i], state.initiative[0]
    org.hours_left -= hours
    org.hours_spent += hours
    initiative.hours_by_purpose[purpose] += hours
    initiative.hours += hours


@compiled
def circle_size(state):
    """Return how many organizations are members of the circle."""
    size = state.initiative[0].roster_size
    return size[0] + size[1] + size[2]


@compiled
def member_at(state, place):
    """Return the member at a place in the circle, counting through the sectors' rosters."""
    size = state.initiative[0].roster_size
    if place < size[0]:
        return state.roster[0, place]
    if place < size[0] + size[1]:
        return state.roster[1, place - size[0]]
    return state.roster[2, place - size[0] - size[1]]


@compiled
def join_circle(state, i):
    """Make organization i a member of the circle."""
    org, size = state.orgs[i], state.initiative[0].roster_size
    org.membership = MEMBER
    org.decided = org.board_met = 0
    org.seat = size[org.sector]
    state.roster[org.sector, org.seat] = i
    size[org.sector] += 1
    state.initiative[0].convened[org.sector] += 1


@compiled
def leave_circle(state, i):
    """Take organization i out of the circle; its agreements end, what it knows of others stays."""
    org, size = state.orgs[i], state.initiative[0].roster_size
    size[org.sector] -= 1
    last = state.roster[org.sector, size[org.sector]]
    state.roster[org.sector, org.seat] = last
    state.orgs[last].seat = org.seat
    org.membership = LEFT
    org.intends = 0
    org.committed = 0
    org.signatory = org.federated = 0
    org.heed = 0.0
    for k in range(org.degree):
        set_agreement(state, i, k, NO_AGREEMENT)


@compiled
def set_agreement(state, i, k, rung):
    """Put the tie in slot k of organization i on a rung of the ladder, at both sides."""
    tie, partner = state.ties[i, k], state.partners[i, k]
    change = int(rung == SIGNED) - int(tie.agreement == SIGNED)
    state.orgs[i].signed += change
    state.orgs[partner].signed += change
    tie.agreement = rung
    state.ties[partner, tie.mirror].agreement = rung


@compiled
def left(state, tie):
    """Return the share of a tie's evidence on promises that is left this week, since it was last added to."""
    return state.fading[np.uint32(state.initiative[0].week - tie.week)]  # unsigned, so never an index from the end


@compiled
def fade_tie(state, tie):
    """Fade a tie's evidence to this week, before something is added to it."""
    age = np.uint32(state.initiative[0].week - tie.week)
    tie.kept *= state.fading[age]
    tie.broken *= state.fading[age]
    tie.willing *= state.wavering[age]
    tie.unwilling *= state.wavering[age]
    tie.week = state.initiative[0].week


@compiled
def slot_of(state, i, j):
    """Return the slot in which organization i keeps its tie with j, or -1."""
    for k in range(state.orgs[i].degree):
        if state.partners[i, k] == j:
            return k
    return -1


@compiled
def _drop_side(state, i, k):
    """Take slot k of organization i off its list; the last slot moves into its place."""
    state.orgs[i].degree -= 1
    last = state.orgs[i].degree
    if k != last:
        state.ties[i, k] = state.ties[i, last]
        state.partners[i, k] = state.partners[i, last]
        state.ties[state.partners[i, k], state.ties[i, k].mirror].mirror = k


@compiled
def _drop_weakest(state, i):
    """Give up the tie of i with the lowest rung and, among those, the least evidence; one that met this week comes last."""
    week = state.initiative[0].week
    weakest, lowest = 0, 1e300
    for k in range(state.orgs[i].degree):
        tie = state.ties[i, k]
        evidence = (float(tie.kept) + float(tie.broken)) * left(state, tie)
        strength = 1e12 * (tie.met == week) + 1e9 * tie.agreement + evidence
        if strength < lowest:
            weakest, lowest = k, strength
    set_agreement(state, i, weakest, NO_AGREEMENT)
    partner, mirror = state.partners[i, weakest], state.ties[i, weakest].mirror
    _drop_side(state, partner, mirror)
    _drop_side(state, i, weakest)


@compiled
def tie_between(state, i, j):
    """Return the slot in which i keeps its tie with j; a new tie takes the place of the weakest where there is no room."""
    k = slot_of(state, i, j)
    if k >= 0:
        return k
    room = state.ties.shape[1]
    if state.orgs[i].degree == room:
        _drop_weakest(state, i)
    if state.orgs[j].degree == room:
        _drop_weakest(state, j)
    at_i, at_j = state.orgs[i].degree, state.orgs[j].degree
    _open_side(state, i, at_i, j, at_j)
    _open_side(state, j, at_j, i, at_i)
    return at_i


@compiled
def _open_side(state, i, k, j, mirror):
    tie = state.ties[i, k]
    state.partners[i, k] = j
    tie.mirror = mirror
    tie.kept = 0.0
    tie.broken = 0.0
    tie.willing = 0.0
    tie.unwilling = 0.0
    tie.wronged = 0
    tie.week = state.initiative[0].week
    tie.met = -1
    tie.agreement = NO_AGREEMENT
    state.orgs[i].degree = k + 1
