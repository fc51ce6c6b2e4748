"""The parameters: dataclasses that are also Hydra's structured configuration.

Each number carries its unit, its range and its source; the documented table (`docs/parameters.md`), the check of a user's
configuration and the record that the compiled rules read (`ci_sim.rules.record`) are all made from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

SECTORS = ("government", "business", "civil_society")
STAGES = ("recognize", "map", "convene", "found")
COMPONENTS = (
    "common_agenda",
    "mutually_reinforcing_activities",
    "shared_measurement",
    "continuous_communication",
    "trust_and_agreements",
    "backbone",
)
KINDS = ("content", "process", "infrastructure")
PARTS = ("charter", "repair", "small_steps")  # of the sixth component
LEVELS = ("caucus", "charter", "spokesperson")  # of strengthening a sector
PROFILE = (
    "capacity",
    "influence",
    "spread",
    "trust_homophily",
    "acquaintances_within",
    "turnover",
    "board_weeks",
)  # what sectors differ in
CONTEXTS = ("conflict", "spread", "reliability", "urgency", "trust", "difficulty")
# in the order of mechanisms.shocks
EVENTS = ("funder_leaves", "election", "champion_lost", "crisis", "matching_grant", "budget_cut")
EVENTS_OF_ONE = (
    "leaves",
    "effort",
    "new_people",
    "pledges",
    "silent",
)  # events of an organization that is named, or of two


def number(
    default: Any,
    unit: str,
    low: float,
    high: float,
    about: str,
    source: str = "assumption",
    span: tuple[float, float] | None = None,
) -> Any:
    """Declare a parameter: its default, unit, allowed range, meaning, source, and the span over which studies vary it."""
    meta = {"unit": unit, "low": low, "high": high, "about": about, "source": source, "span": span}
    return field(default=default, metadata=meta)


def varying(
    low: float, high: float, unit: str, limits: tuple[float, float], about: str, source: str = "assumption"
) -> Any:
    """Declare a context: drawn uniformly from [low, high] for each replicate, unless a single number is given."""
    meta = {
        "unit": unit,
        "low": limits[0],
        "high": limits[1],
        "about": about,
        "source": source,
        "varying": True,
        "span": (low, high),
    }
    return field(default_factory=lambda: [low, high], metadata=meta)


def choice(default: str, allowed: tuple[str, ...], about: str) -> Any:
    """Declare a parameter that is one of some words."""
    return field(default=default, metadata={"choices": allowed, "about": about})


def setting(default: Any, about: str) -> Any:
    """Declare what is neither a number nor one of some words: a list, a path, a switch."""
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata={"about": about})
    return field(default=default, metadata={"about": about})


@dataclass
class Scenario:
    """The name of a ready-made scenario and a line that explains it."""

    name: str = "baseline"
    description: str = ""


@dataclass
class Context:
    """What initiatives differ in: a number, or [low, high] to draw one anew for each replicate."""

    conflict: Any = varying(0.0, 0.7, "distance", (0, 1), "distance of any two sectors' mean positions (D = 1: projected)",
                            "Robertson & Choi (2012): benefits depend on how conflicting interests are")  # fmt: skip
    spread: Any = varying(0.05, 0.2, "distance", (0, 0.5), "standard deviation of positions inside a sector")
    reliability: Any = varying(
        0.8, 0.97, "probability", (0.01, 0.999), "median chance that an organization keeps a promise"
    )
    urgency: Any = varying(0.5, 0.8, "share", (0.01, 0.99), "median salience of the problem at the start",
                           "Hanleybrown, Kania & Kramer (2012): urgency is a precondition")  # fmt: skip
    trust: Any = varying(0.4, 0.65, "probability", (0.01, 0.99), "median starting trust in an unknown organization")
    difficulty: Any = varying(0.45, 0.85, "share", (0, 1), "share of the partners that must deliver for the effort to succeed",
                              "weak-link games are the case 1 (Van Huyck, Battalio & Beil 1990)")  # fmt: skip


@dataclass
class Profile:
    """What a sector is like: factors of what holds for the field, 1 where it is like the field."""

    capacity: float = number(
        1.0, "factor", 0, 100, "median capacity: government few and large, civil society many and small", "direction: "
        "domain knowledge; numbers: assumption",
    )  # fmt: skip
    influence: float = number(
        1.0, "factor", 0, 100, "median influence: who holds resources that others need has power over them",
        "direction: Pfeffer & Salancik (1978); numbers: assumption",
    )  # fmt: skip
    spread: float = number(1.0, "factor", 0, 10, "spread of positions inside the sector")
    trust_homophily: float = number(
        1.0, "factor", -10, 10, "starting trust in one's own sector above that in others: 0 among rivals for the same funders",
        "direction: studies of nonprofit bodies, where competition was the norm; numbers: assumption",
    )  # fmt: skip
    acquaintances_within: float = number(
        1.0, "factor", 0, 10, "share of the starting ties that lie within the sector: below 1 where it is fragmented",
        "direction: as before; numbers: assumption",
    )  # fmt: skip
    turnover: float = number(
        1.0, "factor", 0, 100, "yearly chance that the person in charge changes: elections and rotation"
    )
    board_weeks: float = number(
        1.0, "factor", 0, 100, "weeks between two meetings of a board: by the quarter in government",
        "recalled: boards of firms and of nonprofits meet seven or eight times a year; numbers: assumption",
    )  # fmt: skip


def _government() -> Profile:
    return Profile(1.3, 1.5, 0.8, 1.0, 1.2, 1.5, 1.6)


def _business() -> Profile:
    return Profile(1.1, 1.25, 1.0, 1.0, 1.0, 1.0, 1.0)


def _civil_society() -> Profile:
    return Profile(0.8, 0.75, 1.2, 0.0, 0.7, 1.0, 0.9)


@dataclass
class Population:
    """Who the organizations are: drawn (`synthetic`), real ones of the package (`knoke`, `chemnet`), or a user's own tables."""

    source: str = choice(
        "synthetic", ("synthetic", "knoke", "chemnet", "from_files"), "where the organizations come from"
    )
    trust_scale: list[float] | None = setting(
        [0.0, 1.0], "lowest and highest trust in the table of ties (null: as its answers say)"
    )
    size: int = number(
        60,
        "organizations",
        1,
        10_000_000,
        "number of organizations",
        "the 5x2 initiative after its first year",
        span=(20, 100),
    )
    share_government: float = number(0.25, "share", 0, 1, "government's share of the organizations")
    share_business: float = number(0.25, "share", 0, 1, "business's share of the organizations")
    share_civil_society: float = number(0.5, "share", 0, 1, "civil society's share of the organizations")
    difference: float = number(
        1.0, "share", 0, 2, "how much the sectors differ: 0 they are alike, 1 as their profiles say", span=(0, 1.5)
    )
    government: Profile = field(default_factory=_government)
    business: Profile = field(default_factory=_business)
    civil_society: Profile = field(default_factory=_civil_society)
    dimensions: int = number(2, "dimensions", 1, 4, "issues on which organizations hold positions in [0, 1]")
    capacity: float = number(
        8.0, "hours/week", 0, 168, "median hours that an organization can give the initiative", span=(4, 16)
    )
    capacity_spread: float = number(0.3, "log s.d.", 0, 2, "spread of capacity")
    influence_spread: float = number(0.8, "log s.d.", 0, 3, "spread of influence (median 1)", span=(0, 1.6))
    listening_spread: float = number(
        0.3, "log s.d.", 0, 2, "spread of how far an organization listens (median 1, times the bound)", span=(0, 0.6)
    )  # fmt: skip
    firmness: float = number(
        0.4, "share", 0, 1, "greatest firmness: by up to this share an organization moves less than others would", span=(0, 0.8)
    )  # fmt: skip
    salience_spread: float = number(0.5, "logit s.d.", 0, 3, "spread of salience", span=(0.2, 1))
    reliability_spread: float = number(0.5, "logit s.d.", 0, 3, "spread of reliability", span=(0.2, 1))
    trust_spread: float = number(
        0.4, "logit s.d.", 0, 3, "spread of starting trust between organizations", span=(0, 0.8)
    )
    trust_homophily: float = number(0.6, "logit difference", 0, 3, "starting trust in one's own sector above that in others",
                                    "McPherson, Smith-Lovin & Cook (2001): homophily", span=(0, 1.2))  # fmt: skip
    acquaintances: float = number(4.0, "ties", 0, 1000, "mean number of ties that exist at the start", span=(0, 10))
    acquaintances_within: float = number(0.6, "share", 0, 1, "share of the starting ties that lie within a sector",
                                         "McPherson, Smith-Lovin & Cook (2001): homophily", span=(0.3, 0.9))  # fmt: skip
    acquaintance_evidence: float = number(
        4.0, "promises", 0, 100, "evidence that a starting tie stands for", span=(1, 8)
    )
    max_ties: int = number(16, "ties", 1, 1024, "ties that an organization keeps at most; the weakest gives way to a new one",
                           "bounded attention; keeps memory linear in organizations")  # fmt: skip


@dataclass
class Trust:
    """Trust as a fading belief (Beta-Bernoulli)."""

    half_life: float = number(52.0, "weeks", 1, 1e9, "time in which evidence loses half of its weight", span=(13, 208))
    broken_weight: float = number(2.0, "promises", 1, 10, "weight of a broken promise; a kept one weighs 1",
                                  "Slovic (1993): trust is lost faster than gained", span=(1, 4))  # fmt: skip
    prior_weight: float = number(4.0, "promises", 0.1, 100, "evidence that the starting trust stands for", span=(2, 8))
    generalization: float = number(
        0.1, "share", 0, 1, "share of the evidence about a partner that colours the view of its sector", span=(0, 0.3)
    )


@dataclass
class Willingness:
    """Willingness, the belief that a partner would commit at all."""

    active: bool = setting(True, "willingness is a belief of its own (false: all are taken to be willing)")
    prior: float = number(
        0.6, "probability", 0.01, 1, "willingness presumed in a partner of whom nothing was seen or heard; counts as one "
        "observation", span=(0.4, 0.8)
    )  # fmt: skip
    half_life: float = number(
        4.0, "weeks", 1, 1e9, "time in which what was seen and announced loses half of its weight: intentions change",
        span=(2, 13),
    )  # fmt: skip


@dataclass
class Group:
    """Belief in the group: whether enough deliver, as its past tells."""

    active: bool = setting(True, "members believe in the group as well (false: in each other one by one only)")
    prior: float = number(
        0.65, "probability", 0.01, 0.99, "median chance that enough deliver, as one thinks of groups before any result",
        "Van Huyck, Battalio & Beil (1990): the first round", span=(0.4, 0.8),
    )  # fmt: skip
    prior_weight: float = number(2.5, "weeks", 0, 100, "results that this prior stands for", span=(1, 4))
    inside_weight: float = number(
        1.0, "weeks", 0.1, 100, "results that the view of the members one by one stands for", span=(0.5, 2)
    )


@dataclass
class Charter:
    """The circle's own agreement, and what follows a breach: parts of the sixth component."""

    round_weeks: int = number(4, "weeks", 1, 1000, "weeks between two rounds of negotiation at least", span=(2, 13))
    hours: float = number(1.0, "hours/round", 0, 40, "drafting work of each member that has not signed", span=(0.5, 4))
    mediator_hours: float = number(
        0.25, "hours/round", 0, 40, "mediator's work for each member that has not signed", span=(0.1, 1)
    )
    signs: bool = setting(True, "the charter counts as a signed commitment (false: only those between two do)")
    account_hours: float = number(
        1.0, "hours", 0, 40, "work of an account of a breach, and of making good", span=(0.5, 4)
    )
    restored: float = number(
        0.5, "share", 0, 1, "part of the evidence of a breach that an account and the next promise kept take back",
        "Lewicki & Brinsfield (2017): repair by accounts and compensation", span=(0, 1),
    )  # fmt: skip
    tolerance: int = number(3, "breaches", 1, 1_000_000_000, "breaches in a row after which a signatory is suspended",
                            "Ostrom (1990): graduated sanctions", span=(2, 6))  # fmt: skip


@dataclass
class Meeting:
    """Who meets whom, and what a meeting costs."""

    rate: float = number(0.7, "meetings/week", 0, 3, "meetings that an organization initiates", span=(0.3, 1.5))
    hours: float = number(1.5, "hours", 0, 40, "time that a meeting takes of each side", span=(0.75, 3))
    homophily: float = number(2.0, "odds", 1, 50, "preference for a partner of one's own sector",
                              "McPherson, Smith-Lovin & Cook (2001)", span=(1, 5))  # fmt: skip


@dataclass
class Deliberation:
    """How positions move: bounded confidence (Deffuant et al. 2000), with a bound that trust widens."""

    bound: float = number(0.25, "distance", 0, 2, "distance up to which one listens to a partner trusted at 1/2; "
                          "proportional to trust", span=(0.1, 0.5))  # fmt: skip
    convergence: float = number(0.03, "share", 0, 0.5, "share of a perceived distance that one meeting closes",
                                "Deffuant et al. (2000): 0 to 1/2", span=(0.01, 0.1))  # fmt: skip
    misperception: float = number(
        0.15, "distance", 0, 1, "standard deviation of the error in a perceived position, before mapping", span=(0, 0.3)
    )
    voice: float = number(
        0.05, "promises/week", 0, 1, "evidence of a plenary in which one had one's due say, or was overruled by others' weight",
        "procedural justice: Lind & Tyler (1988); Jones & Barry (2016, 2018): shared power predicts trust", span=(0, 0.1),
    )  # fmt: skip


@dataclass
class Delivery:
    """Promises: their stakes, hours and witnesses."""

    contact_stake: float = number(
        0.1, "stake", 0, 1, "stake of turning up at a meeting, against a full joint step of 1", span=(0, 0.3)
    )
    small_stake: float = number(0.6, "stake", 0.01, 1, "stake of a small first step, where trust-building offers one",
                                "Johnston et al. (2011): time before the stakes are high", span=(0.2, 0.9))  # fmt: skip
    step_hours: float = number(2.0, "hours", 0, 40, "work that a promise of stake 1 asks of each side", span=(1, 4))
    observation: float = number(
        0.1,
        "probability",
        0,
        1,
        "chance that a tie sees, in a week, what a partner did for the joint effort",
        span=(0, 0.4),
    )
    season: float = number(
        0.5, "logit s.d.", 0, 3, "common part of all organizations' failures in a season: a hard year, a war, an election",
        span=(0, 1),
    )  # fmt: skip
    season_weeks: int = number(26, "weeks", 1, 1_000_000_000, "length of a season", span=(13, 104))


@dataclass
class Agreement:
    """The ladder of agreements."""

    step_trust: float = number(
        0.55, "probability", 0, 1, "trust that both sides need for a joint step of full stake", span=(0.45, 0.65)
    )
    signing_trust: float = number(
        0.65, "probability", 0, 1, "trust that both sides need to sign a commitment", span=(0.55, 0.75)
    )


@dataclass
class Commitment:
    """The decision to commit to the joint effort, and when the initiative counts as formed."""

    cost: float = number(
        0.1, "benefit", 0, 1, "cost of committing for a week, in units of the full benefit", span=(0.05, 0.25)
    )
    noise: float = number(0.03, "benefit", 0, 1, "scale of the logistic choice noise (0: none)",
                          "quantal response (McKelvey & Palfrey 1995)", span=(0.01, 0.1))  # fmt: skip
    shared_fate: float = number(
        0.6, "logit s.d.", 0, 3, "common part of the partners' failures as organizations fear it", span=(0, 1.2)
    )
    windows: float = number(
        0.4, "log s.d.", 0, 2, "spread, from season to season, of what the joint effort is worth to all: policy windows and "
        "funders' programmes open and close", "Kingdon (1984): windows of opportunity; number: assumption, a good season is "
        "like a matching grant of a half", span=(0, 0.8),
    )  # fmt: skip
    quorum: float = number(
        0.5,
        "share",
        0,
        1,
        "share of each required sector's convened organizations that must have signed and commit",
        span=(0.34, 0.75),
    )
    known: bool = setting(
        True, "members know the decision rule and act on it (false: it is only how the result is judged)"
    )
    signature: bool = setting(True, "count a commitment only of who has signed one with a partner (false: of everyone)")
    required_sectors: list[str] | None = setting(None, "sectors whose quorum is needed (null: all that take part)")
    weeks: int = number(
        8, "weeks", 1, 1000, "consecutive weeks with a quorum after which the initiative is formed", span=(4, 16)
    )


@dataclass
class Mandates:
    """An organization commits when its board lets it."""

    active: bool = setting(True, "a commitment needs a mandate of the organization's board (false: none is needed)")
    board_weeks: float = number(
        8.0, "weeks", 1, 1000, "weeks between two meetings of a board (times the sector's profile)",
        "recalled: boards of firms and of nonprofits meet seven or eight times a year", span=(4, 13),
    )  # fmt: skip


@dataclass
class Funding:
    """The backbone's fund is raised: those who stand behind the effort bring instalments."""

    instalment: float = number(
        500.0, "USD/organization", 0, 1e9, "instalment for each organization of the field, where all of its influence stands "
        "behind the effort and cares for it fully", "Hanleybrown, Kania & Kramer (2012): champions and money; number: assumption",
        span=(250, 1000),
    )  # fmt: skip
    round_weeks: int = number(
        13, "weeks", 1, 1000, "weeks between two instalments: funders decide by the quarter", span=(8, 26)
    )


@dataclass
class Leaving:
    """Why organizations lose interest and leave."""

    salience_half_life: float = number(
        156.0, "weeks", 1, 1e9, "time in which salience halves without progress", span=(52, 312)
    )
    win: float = number(
        0.03, "share", 0, 1, "share of the missing salience that a joint success of stake 1 restores", span=(0, 0.1)
    )
    participation_cost: float = number(
        0.2, "benefit", 0, 1, "cost of a week in which participation fills the whole capacity", span=(0.05, 0.4)
    )
    patience: int = number(
        12, "weeks", 1, 1_000_000_000, "consecutive weeks without expected net benefit before leaving", span=(4, 26)
    )
    turnover: float = number(0.2, "probability/year", 0, 1, "chance that the person in charge changes", span=(0, 0.4))
    turnover_loss: float = number(
        0.5, "share", 0, 1, "share of the evidence that leaves with that person", span=(0.25, 1)
    )


@dataclass
class Stage:
    """A preliminary stage: a switch and a strength (how demanding its exit test is, 0 to 1)."""

    active: bool = False
    strength: float = number(1.0, "share", 0, 1, "strength of the stage")


@dataclass
class Stages:
    """The four preliminary stages."""

    recognize: Stage = field(default_factory=Stage)
    map: Stage = field(default_factory=Stage)
    convene: Stage = field(default_factory=Stage)
    found: Stage = field(default_factory=Stage)
    core: int = number(6, "organizations", 1, 1_000_000, "champions who begin when any stage is on", span=(4, 12))
    cohort: int = number(6, "organizations", 1, 1_000_000, "organizations admitted together", span=(2, 12))
    cohort_weeks: int = number(
        3, "weeks", 1, 1000, "weeks between cohorts: the least (admission=ready) or exactly (calendar)", span=(2, 8)
    )
    admission: str = choice(
        "ready", ("ready", "calendar"), "what admits a cohort: a circle that is ready, or the calendar"
    )
    readiness: float = number(
        0.6,
        "probability",
        0,
        1,
        "mean trust of the members in each other at which the circle is ready",
        span=(0.5, 0.75),
    )
    founding_share: float = number(
        0.5, "share", 0, 1, "share of the organizations in the circle at which convening ends", span=(0.25, 1)
    )
    max_weeks: int = number(26, "weeks", 0, 1_000_000_000, "weeks after which a stage ends without having met its test",
                            "Hanleybrown et al. (2012): six months to two years up to the launch", span=(13, 52))  # fmt: skip
    map_weeks: int = number(6, "weeks", 2, 1000, "weeks that mapping takes", span=(3, 12))
    map_hours: float = number(2.0, "hours/week", 0, 40, "mapping work of each champion", span=(1, 4))
    reserve_weeks: float = number(
        26.0, "weeks", 0, 1000, "work of its whole staff that the backbone's fund must hold when convening ends",
        "Hanleybrown, Kania & Kramer (2012): adequate financial resources, better for years; number: assumption", span=(0, 52),
    )  # fmt: skip
    pilot: bool = setting(True, "in the founding stage the circle takes small joint steps as a whole")


@dataclass
class Component:
    """A component: a switch, a strength (0 to 1), the weeks in which it works, and its kind."""

    active: bool = False
    strength: float = number(1.0, "share", 0, 1, "strength of the component")
    from_week: int = number(0, "week", 0, 1_000_000_000, "week in which the component begins")
    until_week: int = number(1_000_000_000, "week", 1, 1_000_000_000, "last week in which the component works")
    kind: str = choice("content", KINDS, "kind of the component (insight 2)")


@dataclass
class TrustAndAgreements(Component):
    """The sixth component, with the parts of it that are at work."""

    parts: list[str] = setting(
        list(PARTS), "what trust and agreements consist of: charter, repair (needs the charter), small_steps"
    )


def _component(kind: str) -> Any:
    return field(default_factory=lambda: Component(kind=kind))


@dataclass
class Components:
    """The five known components and the sixth, with their kinds, the kinds left out, and what they cost and do."""

    common_agenda: Component = _component("content")
    mutually_reinforcing_activities: Component = _component("content")
    shared_measurement: Component = _component("content")
    continuous_communication: Component = _component("process")
    trust_and_agreements: TrustAndAgreements = field(default_factory=lambda: TrustAndAgreements(kind="process"))
    backbone: Component = _component("infrastructure")
    without: list[str] = setting([], "kinds of components that are left out")
    upkeep: float = number(
        0.25, "hours/week", 0, 40, "time that each content or process component asks of each member of a circle of ten",
        span=(0.05, 0.6),
    )  # fmt: skip
    crowding: float = number(
        0.25, "share", 0, 2, "what each doubling of the circle adds to that time (and each halving takes off)",
        "Olson (1965): the larger the group, the higher its costs of organization", span=(0, 0.5),
    )  # fmt: skip
    easing: float = number(
        0.1,
        "share",
        0,
        1,
        "part of the necessary share of partners that mutually reinforcing activities make superfluous",
        span=(0, 0.2),
    )
    reporting: float = number(0.15, "probability", 0, 1, "chance that shared measurement makes the result of a promise public",
                              "shared measures report by the quarter or year", span=(0, 0.3))  # fmt: skip
    contact_saving: float = number(
        0.25, "share", 0, 1, "part of a meeting's time that continuous communication saves", span=(0, 0.5)
    )
    staff: float = number(0.5, "hours/week/organization", 0, 40, "backbone's working time", span=(0.1, 1))
    introduction_hours: float = number(
        2.0, "hours", 0.1, 40, "backbone's time to broker one cross-sector meeting", span=(1, 4)
    )
    fund: float = number(
        500.0, "USD/organization", 0, 1e9, "money of the initiators that the backbone starts with", span=(0, 1500)
    )
    wage: float = number(50.0, "USD/hour", 0, 1e6, "cost of an hour of the backbone")


@dataclass
class Strengthening:
    """Strengthening ties within a sector: a switch, a strength (0 to 1), the weeks in which it works, and its levels."""

    active: bool = False
    strength: float = number(1.0, "share", 0, 1, "strength of the strengthening")
    from_week: int = number(0, "week", 0, 1_000_000_000, "week in which it begins")
    until_week: int = number(1_000_000_000, "week", 1, 1_000_000_000, "last week in which it works")
    levels: list[str] = setting(
        list(LEVELS), "what it consists of: caucus, charter (the sector's own), spokesperson (needs the charter)"
    )


@dataclass
class IntraSector:
    """Strengthening ties within each sector."""

    government: Strengthening = field(default_factory=Strengthening)
    business: Strengthening = field(default_factory=Strengthening)
    civil_society: Strengthening = field(default_factory=Strengthening)
    every: bool = setting(False, "every sector that takes part is strengthened, those above and the others")
    share: float = number(
        0.5, "share", 0, 1, "share of its own meetings that a member gives to its sector's caucus", span=(0.2, 0.8)
    )
    gossip: float = number(
        0.25, "share", 0, 1, "part of the difference in what two know of a common partner that a talk at the caucus closes, "
        "as far as the teller is trusted", "Burt & Knez (1995): gossip of third parties; number: assumption", span=(0, 0.5),
    )  # fmt: skip


@dataclass
class Sequence:
    """A process of some sectors by themselves, before the initiative of all begins."""

    first: list[str] = setting(
        [], "sectors whose organizations come together first, before the initiative of all begins"
    )
    weeks: int = number(0, "weeks", 0, 1_000_000_000, "weeks that they have by themselves")


@dataclass
class Event:
    """Something that happens once: a switch, its week and its size (0 to 1)."""

    active: bool = False
    week: int = number(52, "week", 1, 1_000_000_000, "week of the event")
    size: float = number(0.5, "share", 0, 1, "size of the event")


@dataclass
class Spell(Event):
    """Something that lasts."""

    weeks: int = number(26, "weeks", 1, 1_000_000_000, "weeks that it lasts")


@dataclass
class Events:
    """What happens from outside."""

    funder_leaves: Event = field(default_factory=Event)
    election: Event = field(default_factory=Event)
    champion_lost: Event = field(default_factory=Event)
    crisis: Event = field(default_factory=Event)
    matching_grant: Spell = field(default_factory=Spell)
    budget_cut: Spell = field(default_factory=Spell)


@dataclass
class Executor:
    """Where runs are computed."""

    name: str = choice("local", ("local", "dask"), "where runs are computed: here, or by Dask's workers")
    workers: int | None = setting(None, "cores to use (null: all), or workers to start")
    address: str | None = setting(None, "dask: address of a scheduler that runs already, such as tcp://node1:8786")
    cluster: str = choice("local", ("local", "slurm"), "dask without an address: start workers here, or as SLURM jobs")
    slurm: dict[str, Any] = setting(
        {}, "what dask_jobqueue.SLURMCluster is told: queue, account, cores, memory, walltime"
    )


@dataclass
class Config:
    """One scenario, and how often it is run."""

    scenario: Scenario = field(default_factory=Scenario)
    sectors: list[str] = setting(list(SECTORS), "sectors that take part")
    seed: int = number(1, "", 0, 2**52, "seed of the study")
    replicates: int = number(400, "runs", 1, 100_000_000, "replicates of each scenario")
    weeks: int = number(156, "weeks", 1, 100_000, "horizon: one step is one week", "three years")
    context: Context = field(default_factory=Context)
    population: Population = field(default_factory=Population)
    organizations: str | None = setting(None, "table of organizations, for population=from_files")
    ties: str | None = setting(
        None, "table of ties, for population=from_files (null: those in the file of organizations, if any)"
    )
    mapping: str | None = setting(
        None, "a YAML file that says what words of the tables mean: columns, sectors, names, answers, scales"
    )
    trust: Trust = field(default_factory=Trust)
    willingness: Willingness = field(default_factory=Willingness)
    group: Group = field(default_factory=Group)
    meeting: Meeting = field(default_factory=Meeting)
    deliberation: Deliberation = field(default_factory=Deliberation)
    delivery: Delivery = field(default_factory=Delivery)
    agreement: Agreement = field(default_factory=Agreement)
    charter: Charter = field(default_factory=Charter)
    commitment: Commitment = field(default_factory=Commitment)
    mandates: Mandates = field(default_factory=Mandates)
    funding: Funding = field(default_factory=Funding)
    leaving: Leaving = field(default_factory=Leaving)
    sequence: Sequence = field(default_factory=Sequence)
    stages: Stages = field(default_factory=Stages)
    components: Components = field(default_factory=Components)
    intra_sector: IntraSector = field(default_factory=IntraSector)
    events: Events = field(default_factory=Events)
    happenings: list[Any] = setting(
        [],
        "events with a date, of all or of one organization, such as [{month: 8, leaves: NAME}] (docs/questions.md)",
    )
    plan: str | None = setting(
        None, "a plan: a YAML file of keys with their values, such as the page of ci-sim explore saves"
    )
    executor: Executor = field(default_factory=Executor)
    output_dir: str = setting("results/${scenario.name}", "folder to write to")
    quiet: bool = setting(False, "print nothing but errors")


def _entries(schema: Any, prefix: str = "") -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Give the key, the default and the metadata of every field of a dataclass, and of those within it."""
    instance = schema() if isinstance(schema, type) else schema
    for entry in fields(instance):
        value = getattr(instance, entry.name)
        if is_dataclass(value):
            yield from _entries(value, f"{prefix}{entry.name}.")
        else:
            yield prefix + entry.name, value, entry.metadata


def declared(schema: Any = Config) -> Mapping[str, dict[str, Any]]:
    """Return every declared number by its configuration key, with `default, unit, low, high, about, source`."""
    return _by_kind(schema)["unit"]


def is_whole(key: str) -> bool:
    """Return whether a declared number is a whole number."""
    return isinstance(declared()[key]["default"], int)


def choices(schema: Any = Config) -> Mapping[str, dict[str, Any]]:
    """Return every parameter that is one of some words by its configuration key, with `default, choices, about`."""
    return _by_kind(schema)["choices"]


def settings(schema: Any = Config) -> Mapping[str, dict[str, Any]]:
    """Return every other parameter by its configuration key, with `default, about`."""
    return _by_kind(schema)["about"]


@lru_cache
def _by_kind(schema: Any) -> Mapping[str, Mapping[str, dict[str, Any]]]:
    """Return all parameters by what tells their kind: a number has a unit, a word choices, and all say what they are about."""
    found: dict[str, dict[str, dict[str, Any]]] = {"unit": {}, "choices": {}, "about": {}}
    for key, value, meta in _entries(schema):
        kind = next((name for name in found if name in meta), None)
        if kind:
            found[kind][key] = {"default": value, **meta}
    return {kind: MappingProxyType(entries) for kind, entries in found.items()}
