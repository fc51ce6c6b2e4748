"""The `baseline` scenario written by hand in plain Mesa: agents are objects, their rules are methods.

It is what the benchmark measures the compiled engine against. The rules are ci_sim's, as of the fingerprint `RULES`; what the
baseline cannot reach (preliminary stages, caucuses, the sixth component, events, a user's own tables) is left out. The draws
are Mesa's `self.random`, one after the other, so that single runs differ from the engine's and their distribution is the same.

    python benchmarks/mesa_twin.py
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np
from omegaconf import OmegaConf

from ci_sim import load_config
from ci_sim.rules.outcomes import QUANTITIES
from ci_sim.rules.parameters import SECTORS

RULES = "0a476dd4bf88"

NO_AGREEMENT, UNDERSTANDING, JOINT_STEP, SIGNED = range(4)  # the ladder of agreements
CONTACT, STEP_KEPT, STEP_BROKEN = range(3)  # what came of a meeting
JOINT_COMPONENTS = (  # what members keep up together; the fifth component, the backbone, has staff of its own
    "common_agenda",
    "mutually_reinforcing_activities",
    "shared_measurement",
    "continuous_communication",
)
EXACT_LIMIT = 20  # up to so many partners the commitment probability is exact
SQRT_2, SQRT_2PI = math.sqrt(2.0), math.sqrt(2.0 * math.pi)

Beliefs = list[tuple[float, int]]  # each belief with the number of partners that it is about


@dataclass(slots=True)
class Tie:
    """One side of a tie: what it has seen of its partner, faded up to `week`, and where the two stand."""

    week: int
    kept: float = 0.0
    broken: float = 0.0
    willing: float = 0.0
    unwilling: float = 0.0
    met: int = -1
    agreement: int = NO_AGREEMENT


@dataclass(slots=True)
class Meeting:
    """Two organizations that meet this week, the tie of each with the other, and what comes of it."""

    first: Organization
    second: Organization
    tie: Tie
    mirror: Tie
    result: int = CONTACT

    def mutual_trust(self) -> float:
        """Trust between two is that of the one who trusts less."""
        return min(self.first.trust_in(self.second, self.tie), self.second.trust_in(self.first, self.mirror))


class Organization(mesa.Agent):
    """An organization: its traits, its position, what it knows of others, and its week."""

    def __init__(self, model: Initiative, sector: int):
        """Draw an organization of a sector, without ties or experience."""
        super().__init__(model)
        self.sector = sector
        self.member = True  # everyone is convened in the first week
        self.draw_traits()
        self.set_up_board()
        self.draw_position()
        self.draw_starting_trust()
        self.ties: dict[Organization, Tie] = {}
        self.outlook_kept = [0.0] * len(SECTORS)
        self.outlook_broken = [0.0] * len(SECTORS)
        self.record_kept = self.record_broken = 0.0
        self.signed = self.discontent = 0
        self.intends = self.committed = self.mandate = self.board_met = self.decided = False
        self.contributed = self.would_do_its_part = False
        self.participation = self.expected_share = self.mean_trust = self.mean_willingness = 0.0
        self.successes = self.failures = 0.0  # weeks in which it felt that enough delivered, or too few
        self.hours_left = self.hours_spent = 0.0

    # Who it is

    def draw_traits(self) -> None:
        """Capacity and influence are log-normal; salience and reliability logistic-normal around the context's medians."""
        p, context, gauss = self.model.p.population, self.model.context, self.random.gauss
        self.capacity = self.factor("capacity") * p.capacity * math.exp(gauss(0.0, p.capacity_spread))
        self.influence = self.factor("influence") * math.exp(gauss(0.0, p.influence_spread))
        self.salience = logistic(gauss(logit(context.urgency), p.salience_spread))
        self.reliability = logistic(gauss(logit(context.reliability), p.reliability_spread))
        self.listening = math.exp(gauss(0.0, p.listening_spread))
        self.firmness = p.firmness * self.random.random()

    def factor(self, trait: str) -> float:
        """What a number of the field is multiplied by in its sector."""
        p = self.model.p.population
        return 1.0 + p.difference * (getattr(getattr(p, SECTORS[self.sector]), trait) - 1.0)

    def set_up_board(self) -> None:
        """When its board meets, and how often its people change."""
        turnover = min(1.0, self.model.p.leaving.turnover * self.factor("turnover"))
        self.weekly_turnover = 1.0 - (1.0 - turnover) ** (1.0 / 52.0)
        self.board_weeks = max(1.0, self.model.p.mandates.board_weeks * self.factor("board_weeks"))
        self.board_meets = self.board_weeks * self.random.random()

    def draw_position(self) -> None:
        """The sectors' mean positions form a triangle of side `conflict` in the first two dimensions, turned at random."""
        context = self.model.context
        angle = self.model.orientation + 2.0 * math.pi * self.sector / 3.0
        radius = context.conflict / math.sqrt(3.0)
        center = (0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle), 0.5, 0.5)
        self.position = [
            within_unit(self.random.gauss(x, context.spread * self.factor("spread")))
            for x in center[: self.model.p.population.dimensions]
        ]

    def draw_starting_trust(self) -> None:
        """Starting trust in each sector counts as evidence of `prior_weight` promises; it is higher in one's own sector."""
        p, weight = self.model.p.population, self.model.p.trust.prior_weight
        self.prior_kept, self.prior_broken = [], []
        for sector in range(len(SECTORS)):
            kinship = self.factor("trust_homophily") - 0.5 if sector == self.sector else -0.5
            center = logit(self.model.context.trust) + kinship * p.trust_homophily
            trust = logistic(self.random.gauss(center, p.trust_spread))
            self.prior_kept.append(weight * trust)
            self.prior_broken.append(weight * (1.0 - trust))
            if sector == self.sector:  # who trusts its own more than others do thinks as much better of groups
                above = logit(trust) - center
                self.group_prior = logistic(logit(self.model.p.group.prior) + above)

    def make_acquaintances(self) -> None:
        """Each brings half of the mean number of starting ties, drawn within its sector or across."""
        model, p = self.model, self.model.p.population
        within = p.acquaintances_within * self.factor("acquaintances_within")
        for _ in range(int(0.5 * p.acquaintances + self.random.random())):
            kin = self.random.random() < within
            other = self.random.choice(model.insiders[self.sector] if kin else model.outsiders[self.sector])
            if other is not self:
                self.tie_with(other)
                self.remember(other)
                other.remember(self)

    def remember(self, other: Organization) -> None:
        """An acquaintance is known as if one had seen it keep, or break, `acquaintance_evidence` promises."""
        tie, evidence = self.ties[other], self.model.p.population.acquaintance_evidence
        tie.kept = evidence * other.reliability
        tie.broken = evidence * self.model.p.trust.broken_weight * (1.0 - other.reliability)

    # Ties

    def tie_with(self, other: Organization) -> Tie:
        """Return the tie with another; a new one takes the place of the weakest where there is no room."""
        tie = self.ties.get(other)
        if tie is None:
            for side in (self, other):
                if len(side.ties) == self.model.p.population.max_ties:
                    side.drop_weakest_tie()
            tie = self.ties[other] = Tie(self.model.steps)
            other.ties[self] = Tie(self.model.steps)
        return tie

    def drop_weakest_tie(self) -> None:
        """Give up the tie of the lowest rung and, among those, of the least evidence; who met this week comes last."""
        week, fading = self.model.steps, self.model.fading

        def strength(partner: Organization) -> tuple[bool, int, float]:
            tie = self.ties[partner]
            return tie.met == week, tie.agreement, (tie.kept + tie.broken) * fading[week - tie.week]

        weakest = min(self.ties, key=strength)
        self.set_agreement(weakest, NO_AGREEMENT)
        del self.ties[weakest], weakest.ties[self]

    def set_agreement(self, partner: Organization, rung: int) -> None:
        """Put a pair on a rung of the ladder of agreements, and count what each has signed."""
        tie = self.ties[partner]
        if rung != tie.agreement:
            change = (rung == SIGNED) - (tie.agreement == SIGNED)
            self.signed += change
            partner.signed += change
            tie.agreement = partner.ties[self].agreement = rung

    # What it believes

    def trust_in(self, other: Organization, tie: Tie | None) -> float:
        """Trust is the mean of a Beta distribution: prior, outlook on the sector, public record, and the tie's evidence."""
        sector = other.sector
        kept = self.prior_kept[sector] + self.outlook_kept[sector] + other.record_kept
        broken = self.prior_broken[sector] + self.outlook_broken[sector] + other.record_broken
        if tie is not None:
            fade = self.model.fading[self.model.steps - tie.week]
            kept += fade * tie.kept
            broken += fade * tie.broken
        return kept / (kept + broken)

    def trust_in_sector(self, sector: int) -> float:
        """Members of a sector without a tie are believed in by outlook and by the sector's mean public record."""
        record_kept, record_broken = self.model.sector_record[sector]
        kept = self.prior_kept[sector] + self.outlook_kept[sector] + record_kept
        broken = self.prior_broken[sector] + self.outlook_broken[sector] + record_broken
        return kept / (kept + broken)

    def strangers(self) -> list[int]:
        """Count the other members of each sector, tied or not; who goes through the ties takes the tied ones off."""
        counts = self.model.member_counts.copy()
        counts[self.sector] -= 1
        return counts

    def beliefs(self) -> Beliefs:
        """The chance that each tied member, and one of the rest of each sector, delivers: willingness times trust.

        On the way it notes its mean trust, willingness and expectation, and what it believes of each sector's consent.
        """
        model = self.model
        listening = self.participation * model.communication
        strangers, beliefs = self.strangers(), []
        self.consents: list[Beliefs] = [[] for _ in SECTORS]
        trusted = willing = expected = 0.0
        for partner, tie in self.ties.items():
            if partner.member:
                strangers[partner.sector] -= 1
                trust = self.trust_in(partner, tie)
                will = self.willingness_in(partner, tie, listening * trust)
                beliefs.append((will * trust, 1))
                self.consents[partner.sector].append((will, 1))
                trusted += trust
                willing += will
                expected += will * trust
        for sector, count in enumerate(strangers):
            if count > 0:
                trust, share = self.trust_in_sector(sector), model.sector_words[sector]
                heard = listening * trust
                will = (model.p.willingness.prior + heard * share) / (1.0 + heard)
                beliefs.append((will * trust, count))
                self.consents[sector].append((will, count))
                trusted += count * trust
                willing += count * will
                expected += count * will * trust
        partners = len(model.members) - 1
        self.mean_trust, self.mean_willingness = trusted / partners, willing / partners
        self.expected_share = expected / partners
        return beliefs

    def willingness_in(self, other: Organization, tie: Tie, heard: float) -> float:
        """The belief that a partner would commit: a prior, what was seen of it, and its word as far as it is heard."""
        fade = self.model.wavering[self.model.steps - tie.week]
        willing = fade * tie.willing + (heard if other.would_do_its_part else 0.0)
        unwilling = fade * tie.unwilling + (0.0 if other.would_do_its_part else heard)
        return (self.model.p.willingness.prior + willing) / (1.0 + willing + unwilling)

    def belief_in_group(self) -> float:
        """The chance that enough deliver, as it judges by the group's past."""
        p = self.model.p.group
        known = p.prior_weight * self.group_prior + self.successes
        return known / (p.prior_weight + self.successes + self.failures)

    def refresh(self, tie: Tie) -> None:
        """Fade a tie's evidence to this week."""
        model = self.model
        age = model.steps - tie.week
        tie.kept *= model.fading[age]
        tie.broken *= model.fading[age]
        tie.willing *= model.wavering[age]
        tie.unwilling *= model.wavering[age]
        tie.week = model.steps

    def observe_will(self, tie: Tie, willing: bool) -> None:
        """See that a partner committed this week, or that it did not."""
        self.refresh(tie)
        if willing:
            tie.willing += 1.0
        else:
            tie.unwilling += 1.0

    def observe(self, other: Organization, tie: Tie, kept: bool, weight: float) -> None:
        """Learn that a partner kept or broke a promise; part of it colours the view of the partner's sector."""
        p = self.model.p.trust
        self.refresh(tie)
        if kept:
            tie.kept += weight
            self.outlook_kept[other.sector] += p.generalization * weight
        else:
            tie.broken += p.broken_weight * weight
            self.outlook_broken[other.sector] += p.generalization * p.broken_weight * weight

    def fade_views(self) -> None:
        """Sector outlooks and the public record lose a week's share of their weight; ties fade when they are read."""
        share = self.model.fading[1]
        self.record_kept *= share
        self.record_broken *= share
        self.successes *= share
        self.failures *= share
        self.outlook_kept = [share * x for x in self.outlook_kept]
        self.outlook_broken = [share * x for x in self.outlook_broken]

    def forget(self, share: float) -> None:
        """A share of what it knows of others is lost."""
        left = 1.0 - share
        self.successes *= left
        self.failures *= left
        for tie in self.ties.values():
            tie.kept *= left
            tie.broken *= left
            tie.willing *= left
            tie.unwilling *= left
        self.outlook_kept = [left * x for x in self.outlook_kept]
        self.outlook_broken = [left * x for x in self.outlook_broken]

    # Its week

    def begin_week(self) -> None:
        """A new week has new hours."""
        self.hours_left = self.capacity
        self.hours_spent = 0.0

    def spend(self, hours: float) -> None:
        """Take hours of this week's budget."""
        self.hours_left -= hours
        self.hours_spent += hours
        self.model.hours += hours

    def pay_upkeep(self, due: float) -> None:
        """Give the hours that the components ask; who cannot give them all takes part in proportion."""
        given = min(due, self.hours_left)
        self.spend(given)
        self.participation = given / due

    def seek_partners(self) -> None:
        """A member initiates `rate` meetings a week on average, as far as its hours go."""
        if self.member:
            for _ in range(int(self.model.p.meeting.rate + self.random.random())):
                if self.hours_left >= self.model.meeting_hours:
                    self.seek_partner()

    def seek_partner(self) -> None:
        """Draw three ties and three members, and meet one of them, with odds by trust and, for one's own sector, homophily."""
        known = self.random.choices(list(self.ties), k=3) if self.ties else []
        drawn = self.random.choices(self.model.members, k=3)
        candidates = [other for other in known + drawn if other.member and other is not self]
        if candidates:
            homophily = self.model.p.meeting.homophily
            odds = [
                self.trust_in(other, self.ties.get(other)) * (homophily if other.sector == self.sector else 1.0)
                for other in candidates
            ]
            self.meet(self.random.choices(candidates, odds)[0])

    def meet(self, other: Organization) -> bool:
        """Meet if both have the hours and have not met this week; return whether they do."""
        hours, week = self.model.meeting_hours, self.model.steps
        if self.hours_left < hours or other.hours_left < hours:
            return False
        tie = self.tie_with(other)
        if tie.met == week:
            return False
        mirror = other.ties[self]
        tie.met = mirror.met = week
        self.spend(hours)
        other.spend(hours)
        self.model.meetings.append(Meeting(self, other, tie, mirror))
        return True

    def seen_position(self) -> list[float]:
        """Its position as a partner perceives it, with a random error."""
        error = self.model.p.deliberation.misperception
        return [self.random.gauss(x, error) for x in self.position]

    def move_towards(self, target: list[float], trust: float, share: float) -> None:
        """Close a share of the distance to a target if it is within the bound, which trust widens."""
        share *= 1.0 - self.firmness
        if math.dist(self.position, target) <= self.model.confidence_bound(trust) * self.listening:
            self.position = [within_unit(x + share * (goal - x)) for x, goal in zip(self.position, target, strict=True)]

    def be_heard(self, heard: float, pen: list[float], weight: float) -> None:
        """Having had one's due say, or having been overruled, is evidence about who holds the pen, and about the group."""
        broken_weight = self.model.p.trust.broken_weight
        for sector, share in enumerate(pen):
            self.outlook_kept[sector] += weight * heard * share
            self.outlook_broken[sector] += broken_weight * weight * (1.0 - heard) * share
        self.successes += weight * heard
        self.failures += weight * (1.0 - heard)

    def keeps_promise(self, hours: float) -> bool:
        """A promise is kept with one's reliability in this season, times the share of the hours asked that one has left."""
        load = 1.0
        if hours > 0.0:
            given = min(hours, self.hours_left)
            load = given / hours
            self.spend(given)
        hopes = self.reliability * self.model.season_odds
        kept = self.random.random() < hopes / (1.0 - self.reliability + hopes) * load
        self.model.promises += 1
        self.model.promises_kept += kept
        return kept

    def report(self, kept: bool) -> None:
        """Shared measurement may enter a result in the public record, as far as its subject takes part in it."""
        if self.random.random() < self.model.reporting * self.participation:
            if kept:
                self.record_kept += 1.0
            else:
                self.record_broken += self.model.p.trust.broken_weight

    def enjoy_win(self) -> None:
        """A joint success restores part of the missing salience."""
        self.salience += self.model.p.leaving.win * (1.0 - self.salience)

    def contribute(self) -> None:
        """Contribute to the joint effort if committed last week; a tie may see whether it committed, and delivered."""
        self.contributed = False
        if self.committed:
            self.contributed = self.keeps_promise(self.model.p.delivery.step_hours)
            self.report(self.contributed)
        observation, draw = self.model.p.delivery.observation, self.random.random
        for partner in self.ties:
            if partner.member and draw() < observation:
                tie = partner.ties[self]
                partner.observe_will(tie, self.committed or (self.intends and not self.mandate))
                if self.committed:
                    partner.observe(self, tie, self.contributed, 1.0)

    def closeness(self) -> float:
        """How close the agenda is: 1 at its position, 0 at half the diagonal of the space or farther."""
        return max(0.0, 1.0 - 2.0 * math.dist(self.position, self.model.agenda) / math.sqrt(len(self.position)))

    def benefit(self) -> float:
        """What the joint effort is worth to it in this season."""
        return self.model.worth * self.salience * self.closeness()

    def announce(self) -> None:
        """Say whether it would do its part if enough others did: if the effort is worth what it demands this week."""
        p = self.model.p.commitment
        u = self.random.random()
        self.demanded = p.cost - p.noise * math.log(u / (1.0 - u))
        self.would_do_its_part = self.benefit() > self.demanded

    def decides(self) -> bool:
        """Return whether it commits: benefit x chance that enough agree and deliver > cost, with a logistic choice noise."""
        model = self.model
        beliefs, partners = self.beliefs(), len(model.members) - 1
        worth = self.benefit()
        if self.demanded < 0.0 or self.demanded >= worth:
            return self.demanded < 0.0  # whatever the chance, as it lies between 0 and 1
        needed = model.number_needed(self.participation, partners)
        asked = self.consents_asked(partners - max(0, needed))
        if needed <= 0 and not asked:
            return True
        p = model.p.group
        outside = p.prior_weight + self.successes + self.failures
        inside = p.inside_weight
        least = (self.demanded / worth * (inside + outside) - outside * self.belief_in_group()) / inside
        if least < 0.0 or least >= 1.0:
            return least < 0.0
        return enough([(beliefs, needed)], partners, model.shocks, least) and (
            not asked or enough(asked, partners, model.shocks, least)
        )

    def consents_asked(self, lacking: int) -> list[tuple[Beliefs, int]]:
        """Return its beliefs in each sector's consent, and how many others of it must agree.

        Nothing is asked where it follows from how few of the partners need not deliver.
        """
        own = [int(sector == self.sector) for sector in range(len(SECTORS))]
        needed = [consents - is_own for consents, is_own in zip(self.model.consents_needed, own, strict=True)]
        others = [count - is_own for count, is_own in zip(self.model.member_counts, own, strict=True)]
        implied = all(n <= max(0, count - lacking) for n, count in zip(needed, others, strict=True))
        return [] if implied or not self.model.p.commitment.known else list(zip(self.consents, needed, strict=True))

    def age(self) -> None:
        """Interest fades, the person in charge may change, and a member may leave."""
        self.salience *= self.model.salience_fade
        if self.random.random() < self.weekly_turnover:
            self.forget(self.model.p.leaving.turnover_loss)
            self.mandate = False
        if self.member:
            self.weigh()

    def weigh(self) -> None:
        """Count the weeks in which taking part costs more than it is expected to bring; leave when patience ends."""
        p = self.model.p.leaving
        expected = self.benefit() * self.expected_share
        dear = expected < p.participation_cost * self.hours_spent / self.capacity
        self.discontent = self.discontent + 1 if dear else 0
        if self.discontent >= p.patience:
            self.leave()

    def leave(self) -> None:
        """Leave the circle; its agreements end, what it knows of others stays."""
        self.member = self.intends = self.committed = False
        self.model.members.remove(self)
        self.model.member_counts[self.sector] -= 1
        for partner in self.ties:
            self.set_agreement(partner, NO_AGREEMENT)


class Initiative(mesa.Model):
    """One initiative, week by week: everyone is convened, and it is launched, in the first week.

    `run_model()` lets the weeks pass until the horizon, or until it has collapsed.
    """

    def __init__(self, config: Any, seed: int, collect: bool = True):
        """Draw a population; `collect`: keep the weekly quantities in `datacollector`."""
        super().__init__(seed=seed)
        self.p = parameters_from(config)
        self.set_constants()
        self.populate()
        self.agenda = [0.5] * self.p.population.dimensions
        self.fund = self.p.components.fund * len(self.members)
        self.staff_hours = 0.0
        self.meetings: list[Meeting] = []
        self.hours = self.hours_until_formed = 0.0
        self.promises = self.promises_kept = 0
        self.streak = 0
        self.season = -1
        self.called = self.was_called = False  # whether enough hold a mandate, and whether they once did
        self.formed = self.collapsed = False
        self.formation_week = self.collapse_week = math.nan
        self.collect = collect
        self.measured: dict[str, float] = {}
        self.datacollector = mesa.DataCollector(
            model_reporters={"formed": "formed", "members": lambda model: len(model.members), "fund": "fund"}
            | {name: lambda model, name=name: model.measured[name] for name in QUANTITIES}
        )

    def set_constants(self) -> None:
        """Work out once what stays the same all weeks, the components at their strengths."""
        p, components = self.p, self.p.components
        self.facilitation = components.common_agenda.strength
        self.easing = components.easing * components.mutually_reinforcing_activities.strength
        self.reporting = components.reporting * components.shared_measurement.strength
        self.communication = components.continuous_communication.strength
        self.backbone = components.backbone.strength
        self.upkeep = components.upkeep * sum(getattr(components, name).strength for name in JOINT_COMPONENTS)
        self.season_begun = int(p.delivery.season_weeks * self.random.random())
        self.meeting_hours = p.meeting.hours * (1.0 - components.contact_saving * self.communication)
        self.fading = [0.5 ** (weeks / p.trust.half_life) for weeks in range(p.weeks + 1)]
        self.wavering = [0.5 ** (weeks / p.willingness.half_life) for weeks in range(p.weeks + 1)]
        self.salience_fade = 0.5 ** (1.0 / p.leaving.salience_half_life)
        self.funding_due = 1 + int(p.funding.round_weeks * self.random.random())
        self.shocks = shared_shocks(p.commitment.shared_fate)

    def populate(self) -> None:
        """Draw the context, the organizations sector by sector, and their first ties."""
        self.context = SimpleNamespace(
            **{
                name: self.random.uniform(*value) if isinstance(value, list) else value
                for name, value in vars(self.p.context).items()
            }
        )
        self.orientation = 2.0 * math.pi * self.random.random()
        self.sizes = sector_sizes(self.p.population)
        self.consents_needed = [math.ceil(self.p.commitment.quorum * size - 1e-9) for size in self.sizes]
        self.insiders = [list(Organization.create_agents(self, size, s)) for s, size in enumerate(self.sizes)]
        self.outsiders = [[org for org in self.agents if org.sector != s] for s in range(len(SECTORS))]
        self.members = list(self.agents)
        self.member_counts = self.sizes.copy()
        self.agents.do("make_acquaintances")

    def step(self) -> None:
        """Let one week pass: the mechanisms in their order, then the assessment."""
        self.begin_season()
        self.agents.do("begin_week")
        self.staff_hours = min(
            self.backbone * self.p.components.staff * sum(self.sizes), self.fund / self.p.components.wage
        )
        self.secure()
        self.meet()
        self.deliberate()
        self.deliver()
        self.agree()
        self.commit()
        self.agents.do("age")
        self.assess()
        if self.collect:
            self.measured = self.quantities()
            self.datacollector.collect(self)

    def begin_season(self) -> None:
        """A new season helps or hinders everyone alike, and the joint effort is worth more to all in it, or less."""
        season = (self.steps + self.season_begun) // self.p.delivery.season_weeks
        if season != self.season:
            self.season, self.season_odds = season, math.exp(self.random.gauss(0.0, self.p.delivery.season))
            spread = self.p.commitment.windows
            self.worth = math.exp(self.random.gauss(-0.5 * spread * spread, spread))

    def secure(self) -> None:
        """Boards that meet give their mandates, and those who stand behind the effort bring an instalment."""
        for org in self.agents:
            if self.steps >= org.board_meets:
                org.board_meets += org.board_weeks
                org.mandate = org.mandate or (org.member and org.intends)
                org.board_met = org.decided
        if self.steps >= self.funding_due:
            self.funding_due += self.p.funding.round_weeks
            behind = sum(org.influence * org.salience for org in self.members)
            share = behind / sum(org.influence for org in self.agents)
            self.fund += self.p.funding.instalment * sum(self.sizes) * share

    # Meet

    def meet(self) -> None:
        """Pay for the components, then hold this week's meetings: those that the backbone brokers, and the members' own."""
        self.meetings = []
        self.charge_upkeep()
        self.introduce()
        self.agents.shuffle_do("seek_partners")
        # A tie of this week can have given way to another already.
        self.meetings = [m for m in self.meetings if m.first.ties.get(m.second) is m.tie]

    def charge_upkeep(self) -> None:
        """Members owe the components their time; the backbone's paid staff does up to half while its fund lasts."""
        p, members = self.p.components, len(self.members)
        owed = self.upkeep * max(0.0, 1.0 + p.crowding * math.log2(members / 10.0)) * members
        done = min(0.5 * self.backbone * owed, self.staff_hours)
        self.pay_staff(done)
        for org in self.members:
            org.pay_upkeep((owed - done) / members)

    def pay_staff(self, hours: float) -> None:
        """Take hours of the backbone's staff from this week's and their wage from its fund."""
        self.staff_hours -= hours
        self.fund = max(0.0, self.fund - hours * self.p.components.wage)

    def introduce(self) -> None:
        """The backbone brings together as many cross-sector pairs without a tie as its remaining hours allow."""
        hours = self.p.components.introduction_hours
        for _ in range(min(int(self.staff_hours / hours), len(self.members))):
            one, other = self.random.choices(self.members, k=2)
            if one.sector != other.sector and other not in one.ties and one.meet(other):
                self.pay_staff(hours)

    # Deliberate

    def confidence_bound(self, trust: float) -> float:
        """Return the largest distance at which one listens to, or agrees with, a partner that one trusts so much."""
        return self.p.deliberation.bound * trust / 0.5

    def deliberate(self) -> None:
        """This week's meetings and the plenary move positions, and the positions move the agenda."""
        for meeting in self.meetings:
            self.exchange(meeting)
        if self.called:
            for org in self.members:
                share = self.p.deliberation.convergence * self.facilitation * org.participation
                org.move_towards(self.agenda, org.mean_trust, share)
        weights = self.weights()
        coordinates = zip(*(org.position for org in self.members), strict=True)
        self.agenda = [sum(w * x for w, x in zip(weights, xs, strict=True)) for xs in coordinates]
        if self.steps > 1:
            self.hear_out(weights)

    def exchange(self, meeting: Meeting) -> None:
        """Two that meet see each other's position, with an error, and may move towards what they see."""
        one, other, share = meeting.first, meeting.second, self.p.deliberation.convergence
        seen_one, seen_other = one.seen_position(), other.seen_position()
        one.move_towards(seen_other, one.trust_in(other, meeting.tie), share)
        other.move_towards(seen_one, other.trust_in(one, meeting.mirror), share)

    def weights(self) -> list[float]:
        """The agenda is the members' mean position, weighted by influence; facilitation moves the weights towards equality."""
        influence = sum(org.influence for org in self.members)
        equal = self.facilitation / len(self.members)
        return [(1.0 - self.facilitation) * org.influence / influence + equal for org in self.members]

    def hear_out(self, weights: list[float]) -> None:
        """After the plenary each member has seen its weight in the text against its due as an equal, and who holds the pen."""
        pen = [0.0] * len(SECTORS)
        for org, weight in zip(self.members, weights, strict=True):
            pen[org.sector] += weight
        for org, weight in zip(self.members, weights, strict=True):
            heard = min(1.0, len(self.members) * weight)
            org.be_heard(heard, pen, self.p.deliberation.voice * org.participation)

    # Deliver and agree

    def deliver(self) -> None:
        """What is known fades; those who met keep or break what they promised, and the committed contribute or do not."""
        self.agents.do("fade_views")
        for meeting in self.meetings:
            self.work_together(meeting)
        if self.called:
            for org in self.members:
                org.contribute()
            self.take_stock()

    def number_needed(self, participation: float, partners: int) -> int:
        """Return how many of so many partners must deliver."""
        return math.ceil(self.context.difficulty * (1.0 - self.easing * participation) * partners - 1e-9)

    def take_stock(self) -> None:
        """See whether the joint effort came off: all feel it, and those who delivered gain only if it did."""
        if any(org.committed for org in self.members):
            participation = sum(org.participation for org in self.members) / len(self.members)
            deliverers = [org for org in self.members if org.contributed]
            enough = len(deliverers) >= self.number_needed(participation, sum(org.mandate for org in self.members))
            enough = enough and (not self.p.commitment.known or self.agreed([org.committed for org in self.members]))
            for org in self.members:
                org.successes += enough
                org.failures += not enough
            for org in deliverers if enough else ():
                org.enjoy_win()

    def work_together(self, meeting: Meeting) -> None:
        """With an understanding and enough trust a pair takes a joint step; the others only have to turn up."""
        one, other, p = meeting.first, meeting.second, self.p.delivery
        step = meeting.tie.agreement >= UNDERSTANDING and meeting.mutual_trust() >= self.p.agreement.step_trust
        stake, hours = (1.0, p.step_hours) if step else (p.contact_stake, 0.0)
        kept_one, kept_other = one.keeps_promise(hours), other.keeps_promise(hours)
        one.observe(other, meeting.tie, kept_other, stake)
        other.observe(one, meeting.mirror, kept_one, stake)
        if step:
            one.report(kept_one)
            other.report(kept_other)
            meeting.result = STEP_BROKEN
            if kept_one and kept_other:
                meeting.result = STEP_KEPT
                one.enjoy_win()
                other.enjoy_win()

    def agree(self) -> None:
        """Pairs that met climb the ladder of agreements, or fall back a rung."""
        for meeting in self.meetings:
            meeting.first.set_agreement(meeting.second, self.next_rung(meeting))

    def next_rung(self, meeting: Meeting) -> int:
        """A broken step costs a rung; nearness makes an understanding, a kept step the next rung, trust a signature."""
        rung, result = meeting.tie.agreement, meeting.result
        if result == STEP_BROKEN:
            return rung - 1
        if rung == UNDERSTANDING and result == STEP_KEPT:
            return JOINT_STEP
        if rung == NO_AGREEMENT or (rung == JOINT_STEP and result == STEP_KEPT):
            trust = meeting.mutual_trust()
            near = math.dist(meeting.first.position, meeting.second.position) <= self.confidence_bound(trust)
            if near and (rung == NO_AGREEMENT or trust >= self.p.agreement.signing_trust):
                return rung + 1
        return rung

    # Commit, and take stock

    def commit(self) -> None:
        """All members announce whether they would do their part if enough did, and then decide."""
        for org in self.members:
            org.announce()
        self.summarize_sectors()
        decisions = [org.decides() for org in self.members]
        self.called = self.called_for()
        for org, decision in zip(self.members, decisions, strict=True):
            org.intends, org.decided = decision, True
            org.committed = decision and org.mandate and self.called

    def called_for(self) -> bool:
        """Return whether enough hold a mandate; the first time, every member's board must have met."""
        enough = self.agreed([org.mandate for org in self.members])
        self.was_called = self.was_called or (enough and all(org.board_met for org in self.members))
        return enough and self.was_called

    def summarize_sectors(self) -> None:
        """Mean public record and share of those who would do their part in each sector: what is known of strangers."""
        self.sector_record, self.sector_words = [], []
        for sector in range(len(SECTORS)):
            peers = [org for org in self.members if org.sector == sector]
            n = len(peers)
            self.sector_record.append((sum(o.record_kept for o in peers) / n, sum(o.record_broken for o in peers) / n))
            self.sector_words.append(sum(o.would_do_its_part for o in peers) / n)

    def agreed(self, agree: list[bool]) -> bool:
        """Return whether of each sector as many members agree as the decision rule asks."""
        consents = [0] * len(SECTORS)
        for org, agrees in zip(self.members, agree, strict=True):
            consents[org.sector] += agrees
        return all(given >= needed for given, needed in zip(consents, self.consents_needed, strict=True))

    def coalition(self) -> list[int]:
        """Count in each sector the organizations that have signed a commitment with a partner, and commit."""
        inside = [0] * len(SECTORS)
        for org in self.members:
            inside[org.sector] += org.committed and org.signed > 0
        return inside

    def assess(self) -> None:
        """Formed: each sector's quorum has held for some weeks in a row; collapsed: a quorum is out of reach, or time is up."""
        p, week = self.p.commitment, self.steps
        held = self.agreed([org.committed and org.signed > 0 for org in self.members])
        needed = zip(self.member_counts, self.consents_needed, strict=True)
        possible = all(count >= consents for count, consents in needed)
        self.streak = self.streak + 1 if held else 0
        if not self.formed and self.streak >= p.weeks:
            self.formed, self.formation_week = True, week
            self.hours_until_formed = self.hours
        if not possible or (week == self.p.weeks and not self.formed):
            self.collapsed, self.collapse_week = True, week
        self.running = not self.collapsed and week < self.p.weeks

    def quantities(self) -> dict[str, float]:
        """Return the quantities of this moment by name."""
        inside = self.coalition()
        within, across = self.mean_trust()
        near = [org.closeness() for org in self.agents]
        influence = [org.influence for org in self.agents]
        mean = sum(near) / len(near)
        weighted = sum(x * w for x, w in zip(near, influence, strict=True)) / sum(influence)
        return {
            "coalition_size": sum(inside),
            **{f"share_{name}": inside[s] / self.sizes[s] for s, name in enumerate(SECTORS)},
            "trust_within": within,
            "trust_across": across,
            "agreements": sum(org.signed for org in self.members) / 2,
            "promises_kept": self.promises_kept / self.promises if self.promises else math.nan,
            "hours_spent": self.hours_until_formed if self.formed else self.hours,
            "satisfaction_mean": mean,
            "satisfaction_min": min(near),
            "influence_bias": weighted - mean,
            "willingness": sum(org.mean_willingness for org in self.members) / len(self.members),
            "belief_in_group": sum(org.belief_in_group() for org in self.members) / len(self.members),
            "signatories": 0,
            "breadth_convened": sum(inside) / sum(self.sizes),
            "breadth_field": sum(inside) / sum(self.sizes),
        }

    def mean_trust(self) -> tuple[float, float]:
        """Mean trust over all ordered pairs of members, tied or not: within sectors, and across them."""
        trust, pairs = [0.0, 0.0], [0, 0]
        for org in self.members:
            strangers = org.strangers()
            for partner, tie in org.ties.items():
                if partner.member:
                    across = partner.sector != org.sector
                    strangers[partner.sector] -= 1
                    trust[across] += org.trust_in(partner, tie)
                    pairs[across] += 1
            for sector, count in enumerate(strangers):
                across = sector != org.sector
                trust[across] += count * org.trust_in_sector(sector)
                pairs[across] += count
        within, across = (total / n if n else math.nan for total, n in zip(trust, pairs, strict=True))
        return within, across

    def outcomes(self) -> dict[str, float]:
        """Return the outcomes so far by name; a week that has not come is NaN."""
        return {
            "formed": self.formed,
            "formation_week": self.formation_week,
            "collapsed": self.collapsed,
            "collapse_week": self.collapse_week,
            **self.quantities(),
            "launch_week": 1,
        }


def logistic(x: float) -> float:
    """Return the probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-x))


def logit(p: float) -> float:
    """Return the log-odds of a probability."""
    return math.log(p / (1.0 - p))


def within_unit(x: float) -> float:
    """Return the number of [0, 1] that is closest to a number."""
    return min(1.0, max(0.0, x))


def parameters_from(config: Any) -> SimpleNamespace:
    """Return a checked configuration as plain objects, `p.trust.half_life` and so on: OmegaConf's are slow to read.

    Raises:
        ValueError: if other components, stages, caucuses or events are on than in the baseline, or a table is given.
    """
    plain = OmegaConf.to_container(config, resolve=True)
    at_work = {
        name: entry.get("from_week", 0)
        for group in ("stages", "components", "intra_sector", "events")
        for name, entry in plain[group].items()
        if isinstance(entry, dict) and entry["active"]
    }
    at_work |= {"every sector": 0} if plain["intra_sector"]["every"] else {}
    if at_work != dict.fromkeys((*JOINT_COMPONENTS, "backbone"), 0) or plain["population"]["source"] != "synthetic":
        raise ValueError("the plain Mesa model knows the baseline only: its five components, from the first week")
    return as_objects(plain)


def as_objects(node: Any) -> Any:
    """Return nested dictionaries as nested objects."""
    if isinstance(node, dict):
        return SimpleNamespace(**{key: as_objects(value) for key, value in node.items()})
    return node


def sector_sizes(population: SimpleNamespace) -> list[int]:
    """Return the sizes of the sectors: the shares of the population's size, rounded by largest remainder."""
    shares = [getattr(population, f"share_{sector}") for sector in SECTORS]
    exact = [share / sum(shares) * population.size for share in shares]
    sizes = [int(x) for x in exact]
    by_remainder = sorted(range(len(sizes)), key=lambda s: sizes[s] - exact[s])
    for s in by_remainder[: population.size - sum(sizes)]:
        sizes[s] += 1
    return sizes


def shared_shocks(shared_fate: float) -> list[tuple[float, float]]:
    """Return the shared shock's quadrature as pairs of nodes, the middle one (as a pair of itself) first.

    Each entry is the factor of the partners' odds at the upper node, its inverse being that at the lower, and the weight of
    either (Gauss-Hermite, seven nodes).
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(7)
    weights = weights / weights.sum()
    weights[3] /= 2.0
    return [
        (math.exp(shared_fate * node), weight) for node, weight in zip(nodes[3:], weights[3:].tolist(), strict=True)
    ]


def exact_tail(beliefs: Beliefs, needed: int, odds: float) -> float:
    """Return the Poisson-binomial chance that at least `needed` deliver, when all odds are multiplied by `odds`."""
    chances = [1.0]
    for belief, count in beliefs:
        p = belief * odds / (belief * odds + 1.0 - belief)
        q = 1.0 - p
        for _ in range(count):
            middle = [more * q + fewer * p for fewer, more in pairwise(chances)]
            chances = [chances[0] * q, *middle, chances[-1] * p]
    return sum(chances[needed:])


def normal_tail(beliefs: Beliefs, needed: int, odds: float) -> float:
    """Return the same chance by the normal approximation with a correction for skewness."""
    mean = variance = skew = 0.0
    for belief, count in beliefs:
        p = belief * odds / (belief * odds + 1.0 - belief)
        v = count * p * (1.0 - p)
        mean += count * p
        variance += v
        skew += v * (1.0 - 2.0 * p)
    deviation = math.sqrt(variance)
    z = (needed - 0.5 - mean) / deviation
    density = math.exp(-0.5 * z * z) / SQRT_2PI
    below = 0.5 * math.erfc(-z / SQRT_2) + skew / (variance * deviation) * (1.0 - z * z) * density / 6.0
    return within_unit(1.0 - below)


def enough(
    asked: list[tuple[Beliefs, int]], partners: int, shocks: list[tuple[float, float]], threshold: float
) -> bool:
    """Return whether the chance that of each group of partners at least as many as needed do their part is above a threshold.

    It is averaged over the shared shock, given which the groups are independent.

    The chance grows with the shock, so that each pair of nodes bounds what those farther out can add: as soon as a bound says
    on which side of the threshold the chance lies, the rest need not be worked out.
    """
    if all(needed <= 0 for _, needed in asked):
        return threshold < 1.0
    if any(needed > sum(count for _, count in beliefs) for beliefs, needed in asked):
        return threshold < 0.0
    of_one = exact_tail if partners <= EXACT_LIMIT else normal_tail

    def tail(odds: float) -> float:
        return math.prod(of_one(beliefs, needed, odds) for beliefs, needed in asked if needed > 0)

    known, rest = 0.0, 1.0  # what the nodes so far add up to, and the weight of the others
    for odds, weight in shocks:
        most = tail(odds)
        least = most if odds == 1.0 else tail(1.0 / odds)
        known += weight * (most + least)
        rest -= 2.0 * weight
        if known + 0.5 * rest * most > threshold:
            return True
        if known + 0.5 * rest * (1.0 + least) <= threshold:
            return False
    return known > threshold


def run(config: Any, seed: int) -> dict[str, float]:
    """Run one initiative without weekly observers, and return its outcomes."""
    model = Initiative(config, seed, collect=False)
    model.run_model()
    return model.outcomes()


def main() -> None:
    """Run one baseline, and print its outcomes and the seconds that it took."""
    config = load_config("baseline")
    start = time.perf_counter()
    outcomes = run(config, seed=1)
    elapsed = time.perf_counter() - start
    for name, value in outcomes.items():
        print(f"{name:<20}{float(value):>12.3f}")
    print(f"{'seconds':<20}{elapsed:>12.3f}")


if __name__ == "__main__":
    main()
