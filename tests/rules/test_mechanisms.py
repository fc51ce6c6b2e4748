from functools import cache

import numpy as np
import pytest
from scipy import stats

from ci_sim import load_config
from ci_sim.rules import engine
from ci_sim.rules.mechanisms import deliver
from ci_sim.rules.parameters import EVENTS
from ci_sim.rules.state import (
    CAUCUS_HOURS,
    CONTACT,
    FOUND,
    JOINT_STEP,
    LAUNCHED,
    MEETING_HOURS,
    MEMBER,
    NO_AGREEMENT,
    NO_HOURS,
    PILOT_HOURS,
    RECOGNIZE,
    SIGNED,
    STEP_BROKEN,
    STEP_KEPT,
    UNDERSTANDING,
)
from ci_sim.simulation.model import InitiativeModel
from conftest import from_python

# Twelve organizations (three, three and six of a sector) without ties, of one mind, alike, without noise of any kind; all are
# taken to be willing, believe in each other one by one, know no decision rule, and need no mandate.
ALIKE = (
    *("components=none", "population.size=12", "weeks=400", "population.acquaintances=0", "leaving.turnover=0"),
    *("population.capacity_spread=0", "population.trust_spread=0", "population.trust_homophily=0", "context.trust=0.5"),
    *("context.conflict=0", "context.spread=0", "deliberation.misperception=0", "commitment.noise=0"),
    *("willingness.active=false", "group.active=false", "commitment.cost=0.1", "commitment.known=false"),
    *("population.listening_spread=0", "population.firmness=0", "delivery.season=0", "deliberation.voice=0"),
    *("population.difference=0", "mandates.active=false", "commitment.windows=0"),
)
GOVERNMENT, BUSINESS, CIVIL_SOCIETY = slice(0, 3), slice(3, 6), slice(6, 12)
NEAR = 2e-6  # as starting trust is kept in single precision, and up to twenty of it are multiplied
NO_EVENTS = np.empty((0, 4))


@cache
def config_of(*overrides: str):
    return load_config("run", [*ALIKE, *overrides])


def alike(*overrides: str, seed: int = 5) -> InitiativeModel:
    return InitiativeModel(config_of(*overrides), seed=seed, collect=False)


def week_of(model: InitiativeModel, *mechanisms: str) -> InitiativeModel:
    """Let a week pass in which only these mechanisms act."""
    engine.begin_week(model.state, model.rules)
    for name in mechanisms:
        model.mechanisms[name](model)
    return model


def tie(model: InitiativeModel, i: int, j: int, agreement: int = NO_AGREEMENT, kept: float = 0.0) -> tuple:
    """Open a tie, and return both of its sides."""
    orgs, ties = model.state.orgs, model.state.ties
    for here, there in ((i, j), (j, i)):
        side = ties[here, orgs[here].degree]
        model.state.partners[here, orgs[here].degree] = there
        side.mirror, side.agreement, side.kept = orgs[there].degree, agreement, kept
        side.met, side.week = -1, model.week
    sides = ties[i, orgs[i].degree], ties[j, orgs[j].degree]
    for here in (i, j):
        orgs[here].degree += 1
        orgs[here].signed += agreement == SIGNED
    return sides


def hold_meeting(model: InitiativeModel, i: int, j: int, result: int = CONTACT) -> None:
    slot = int(np.flatnonzero(model.state.partners[i, : model.state.orgs[i].degree] == j)[0])
    model.state.meetings[0] = i, j, result, slot, model.state.ties[i, slot].mirror
    model.initiative.meetings = 1


def members(model: InitiativeModel) -> list[int]:
    return np.flatnonzero(model.state.orgs["membership"] == MEMBER).tolist()


def test_without_stages_everyone_is_convened_and_the_effort_launched_in_the_first_week():
    model = week_of(alike(), "convene")
    assert len(members(model)) == 12
    assert (model.initiative.stage, model.initiative.launch_week) == (LAUNCHED, 1)


@pytest.mark.parametrize("stage", ["recognize", "map", "convene"])
def test_a_stage_alone_begins_with_the_first_of_the_order_of_invitation(stage):
    model = week_of(alike(f"stages={stage}", "stages.core=4"), "convene")
    assert members(model) == sorted(model.state.invitation[:4])
    assert model.initiative.stage < LAUNCHED


@pytest.mark.parametrize(("strength", "short", "enough"), [(1.0, 0.59, 0.61), (0.5, 0.29, 0.31)])
def test_recognize_keeps_to_the_core_until_it_is_ready(strength, short, enough):
    model = alike("stages=recognize", "stages.core=4", f"stages.recognize.strength={strength}")
    for expected, launched in ((enough, False), (short, False), (short, False), (enough, True)):
        model.state.orgs["mean_trust"] = expected  # in the first week nobody expects anything yet
        week_of(model, "convene")
        assert (model.initiative.stage == LAUNCHED) == launched
        assert len(members(model)) == (12 if launched else 4)


@pytest.mark.parametrize("stage", ["recognize", "found"])
def test_a_stage_that_does_not_meet_its_test_ends_after_its_longest_time(stage):
    model = alike(f"stages={stage}", "stages.max_weeks=3")
    reached = [int(week_of(model, "convene").initiative.stage) for _ in range(4)]
    assert reached == 3 * [{"recognize": RECOGNIZE, "found": FOUND}[stage]] + [LAUNCHED]


@pytest.mark.parametrize(("strength", "capacity", "each"), [(1.0, 8, 2.0), (0.5, 8, 1.0), (1.0, 1.5, 1.5)])
def test_mapping_charges_the_core_and_lowers_misperception_when_it_is_done(strength, capacity, each):
    model = alike(
        "stages=map", "stages.map_weeks=3", f"stages.map.strength={strength}", f"population.capacity={capacity}"
    )
    core = model.state.invitation[:6]
    for week in (1, 2, 3):
        week_of(model, "convene")
        assert (model.state.orgs["hours_spent"][core] == each).all()
        assert model.initiative.hours == pytest.approx(6 * each * week)
        assert model.initiative.mapped == (strength if week == 3 else 0)
    assert (week_of(model, "convene").initiative.launch_week, len(members(model))) == (4, 12)
    assert model.initiative.hours == pytest.approx(18 * each)


@pytest.mark.parametrize(("required", "collapsed"), [("[business]", True), ("[government,civil_society]", False)])
def test_mapping_ends_the_attempt_where_a_required_sector_could_not_gain(required, collapsed):
    model = alike("stages=map", "stages.map_weeks=2", f"commitment.required_sectors={required}")
    model.state.orgs["salience"][BUSINESS] = [0.09, 0.09, 1.0]  # a third of the sector could gain; half is needed
    week_of(week_of(model, "convene"), "convene")
    assert (model.collapsed, model.initiative.collapse_week) == (collapsed, 2 * collapsed)


@pytest.mark.parametrize(("gaining", "collapsed"), [(3, False), (2, True)])
def test_a_field_is_ready_where_just_the_quorum_could_gain(gaining, collapsed):
    """Half of the six of civil society are needed."""
    required = "commitment.required_sectors=[civil_society]"
    model = alike("stages=map", "stages.map_weeks=2", required)
    model.state.orgs["salience"][CIVIL_SOCIETY] = [1.0] * gaining + [0.01] * (6 - gaining)
    week_of(week_of(model, "convene"), "convene")
    assert model.collapsed is collapsed
    assert not collapsed or model.outcomes()["cause"][0] == "no_gain"


CONVENE = [
    "stages=convene",
    "stages.reserve_weeks=0",
    "stages.core=2",
    "stages.cohort=3",
    "stages.cohort_weeks=4",
    "stages.max_weeks=10",
]


def test_cohorts_by_the_calendar_come_whether_or_not_the_circle_is_ready():
    model = alike(*CONVENE, "stages.admission=calendar")
    sizes = [len(members(week_of(model, "convene"))) for _ in range(18)]
    assert sizes == 4 * [2] + 4 * [5] + 4 * [8] + 4 * [11] + 2 * [12]
    assert model.initiative.launch_week == 10  # the week after half of the organizations were in


def test_cohorts_wait_for_a_circle_that_is_ready():
    model = alike(*CONVENE, "stages.admission=ready")
    sizes = []
    for week in range(1, 17):
        model.state.orgs["mean_trust"] = 0.7 if week in (2, 7, 16) else 0.5
        sizes.append(len(members(week_of(model, "convene"))))
    assert sizes == 6 * [2] + 9 * [5] + [8]  # ready in week 2, but too soon
    assert model.initiative.launch_week == 11  # its time was over


def test_founding_waits_for_a_straw_poll_in_each_required_sector():
    model = week_of(alike("stages=found"), "convene")
    intends = model.state.orgs["intends"]
    assert (model.initiative.stage, len(members(model))) == (FOUND, 12)
    for willing, stage in (((3, 1, 6), FOUND), ((2, 2, 2), FOUND), ((2, 2, 3), LAUNCHED)):
        intends[:] = 0
        for sector, count in zip((GOVERNMENT, BUSINESS, CIVIL_SOCIETY), willing, strict=True):
            intends[sector][:count] = 1
        assert week_of(model, "convene").initiative.stage == stage


@pytest.mark.parametrize(("components", "hours"), [("none", 1.5), ("continuous_communication", 1.5 * 0.75)])
def test_a_meeting_is_charged_to_both_sides_and_a_pair_meets_once_a_week(components, hours):
    model, held = alike(f"components={components}", "components.upkeep=0", "meeting.rate=2"), 0
    for _ in range(10):
        week_of(model, "convene", "meet")
        pairs = model.state.meetings[: model.initiative.meetings, :2]
        assert len({frozenset(pair) for pair in pairs.tolist()}) == len(pairs)
        np.testing.assert_allclose(model.state.orgs["hours_spent"], hours * np.bincount(pairs.ravel(), minlength=12))
        held += len(pairs)
    assert model.initiative.hours == pytest.approx(2 * hours * held)
    assert held > 60


def test_who_lacks_the_hours_meets_nobody():
    model = alike("population.capacity=2", "meeting.rate=3")
    week_of(model, "convene", "meet")
    assert model.state.orgs["hours_spent"].max() == 1.5
    assert week_of(alike("population.capacity=1.4", "meeting.rate=3"), "convene", "meet").initiative.meetings == 0


def test_a_caucus_shifts_meetings_into_its_sector_and_adds_none():
    """2,000 turns of civil society: half go to the caucus, less one in twenty that draws itself and some pairs that have met."""
    common = ("population.size=40", "population.capacity=100", "meeting.rate=1")  # a turn each week for each of 40
    held, across, hours = [], [], []
    for caucus in ("none", "civil_society"):
        model, pairs = alike(*common, f"intra_sector={caucus}"), []
        for _ in range(100):
            week_of(model, "convene", "meet")
            pairs += model.state.meetings[: model.initiative.meetings, :2].tolist()
        assert model.initiative.hours == pytest.approx(3.0 * len(pairs))
        held.append(len(pairs))
        across.append(sum((i < 20) != (j < 20) for i, j in pairs))  # the first twenty are of the other sectors
        hours.append(model.initiative.hours_by_purpose[CAUCUS_HOURS])
    assert held[1] <= held[0] <= 4000
    assert held[1] > 0.9 * held[0]
    assert across[1] < 0.85 * across[0]
    assert hours[0] == 0
    assert 0.4 < hours[1] / 3.0 / 2000 < 0.5


def test_the_backbone_introduces_strangers_of_different_sectors_until_its_fund_is_empty():
    """An introduction costs 2 hours of 50 USD; the fund of 12 x 51 USD pays for six and leaves 12."""
    model = alike("components=backbone", "components.fund=51", "components.staff=0.5", "meeting.rate=0")
    sector, pairs = model.state.orgs["sector"], []
    for _ in range(20):
        week_of(model, "convene", "meet")
        pairs += model.state.meetings[: model.initiative.meetings, :2].tolist()
        assert model.initiative.fund == pytest.approx(612 - 100 * len(pairs))
        assert model.initiative.meetings <= 3  # six hours a week
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) == 6
    assert all(sector[i] != sector[j] for i, j in pairs)


def test_without_a_backbone_or_turns_nobody_meets():
    assert week_of(alike("meeting.rate=0"), "convene", "meet").initiative.meetings == 0


@pytest.mark.parametrize(("backbone", "spent", "participation"), [(False, 1.0, 0.5), (True, 1.0, 1.0)])
def test_upkeep_is_shared_and_the_backbone_does_half_of_it(backbone, spent, participation):
    """Five components ask 0.4 hours each of members that have one hour."""
    upkeep = ("components.upkeep=0.4", "components.crowding=0")
    backed = (f"components.backbone.active={backbone}", "population.capacity=1", "components.staff=9")
    model = alike("components=six", *upkeep, *backed)
    week_of(model, "convene", "meet")
    np.testing.assert_allclose(model.state.orgs["hours_spent"], spent)
    np.testing.assert_allclose(model.state.orgs["participation"], participation)
    assert model.initiative.fund == pytest.approx(12 * (500 - 50 * backbone))


def positions_after_a_meeting(model: InitiativeModel, gap: float) -> tuple[float, float]:
    week_of(model, "convene")
    tie(model, 0, 3)
    model.state.orgs["position"][3, 0] = 0.5 + gap
    hold_meeting(model, 0, 3)
    model.mechanisms["deliberate"](model)
    return tuple(model.state.orgs["position"][[0, 3], 0])


@pytest.mark.parametrize(
    ("trust", "gap", "moves"), [(0.5, 0.249, True), (0.5, 0.251, False), (0.9, 0.449, True), (0.9, 0.451, False)]
)
def test_positions_move_within_a_bound_that_trust_widens(trust, gap, moves):
    model = alike(f"context.trust={trust}", "deliberation.convergence=0.1")
    moved = 0.1 * gap * moves
    assert positions_after_a_meeting(model, gap) == pytest.approx((0.5 + moved, 0.5 + gap - moved))


def test_only_who_trusts_enough_moves():
    model = alike("deliberation.convergence=0.1")
    model.state.orgs["prior"][3] = 0.3
    assert positions_after_a_meeting(model, 0.2) == pytest.approx((0.52, 0.7))


@pytest.mark.parametrize("mapped", [0.0, 1.0])
def test_mapping_removes_the_error_with_which_positions_are_seen(mapped):
    model = alike("deliberation.misperception=0.05", "deliberation.convergence=0.1")
    model.initiative.mapped = mapped
    exact = positions_after_a_meeting(model, 0.1) == pytest.approx((0.51, 0.59), abs=1e-9)
    assert exact is (mapped == 1)


@pytest.mark.parametrize("facilitation", [0.0, 0.5])
def test_a_caucus_closes_the_positions_of_those_who_attend(facilitation):
    """They close in on their mean, weighted by influence as far as they are not facilitated."""
    model = week_of(alike("intra_sector=civil_society", "deliberation.convergence=0.1"), "convene")
    orgs, model.rules.common_agenda = model.state.orgs, facilitation
    assert orgs["influence"][6:10].std() > 0.1
    orgs["position"][:, 0] = before = np.array([0.1, 0.5, 0.9, 0.2, 0.5, 0.8, 0.44, 0.48, 0.54, 0.54, 0.4, 0.6])
    orgs["outlook_kept"][:, 1] = np.arange(12.0)
    orgs["caucused"][6:10] = 1
    model.mechanisms["deliberate"](model)
    own = orgs["influence"][6:10] / orgs["influence"][6:10].sum()
    mean = ((1 - facilitation) * own + facilitation / 4) @ before[6:10]
    np.testing.assert_allclose(orgs["position"][6:10, 0], mean + 0.9 * (before[6:10] - mean))
    np.testing.assert_allclose(orgs["outlook_kept"][6:10, 1], 7.5 + 0.9 * (np.arange(6, 10) - 7.5))
    np.testing.assert_array_equal(np.delete(orgs["position"][:, 0], range(6, 10)), np.delete(before, range(6, 10)))


@pytest.mark.parametrize(("listening", "firmness", "moved"), [(1.0, 0.0, 0.1), (1.0, 0.4, 0.06), (0.7, 0.0, 0.0)])
def test_organizations_differ_in_how_far_they_listen_and_how_firmly_they_stand(listening, firmness, moved):
    """The bound is 0.25 at a trust of a half; the other stands at a distance of 0.2."""
    model = alike("deliberation.convergence=0.1")
    model.state.orgs["listening"][0], model.state.orgs["firmness"][0] = listening, firmness
    assert positions_after_a_meeting(model, 0.2) == pytest.approx((0.5 + moved * 0.2, 0.7 - 0.1 * 0.2))


def test_who_has_its_due_say_in_the_plenary_trusts_more_and_who_is_overruled_less():
    """One holds half of the influence, in government, and the text is half facilitated: it writes more than a quarter of it."""
    model = week_of(alike("components=common_agenda", "components.common_agenda.strength=0.5"), "convene")
    orgs, rules = model.state.orgs, model.rules
    rules.voice, orgs["influence"], orgs["influence"][0] = 0.1, 1.0, 11.0
    orgs["participation"] = np.where(np.arange(12) == 5, 0.0, 1.0)
    model.mechanisms["deliberate"](model)
    assert not orgs["outlook_kept"].any()  # no plenary in the first week
    engine.begin_week(model.state, rules)
    model.mechanisms["deliberate"](model)
    weights = 0.5 * orgs["influence"] / 22 + 0.5 / 12
    pen = [weights[sector].sum() for sector in (GOVERNMENT, BUSINESS, CIVIL_SOCIETY)]
    heard = np.minimum(1, 12 * weights)
    assert heard[0] == 1.0
    assert heard[1] == pytest.approx(0.5 * 12 / 22 + 0.5)
    takes_part = orgs["participation"][:, None]
    np.testing.assert_allclose(orgs["outlook_kept"], takes_part * 0.1 * heard[:, None] * pen)
    np.testing.assert_allclose(
        orgs["outlook_broken"], takes_part * 0.1 * rules.broken_weight * (1 - heard[:, None]) * pen
    )


@pytest.mark.parametrize(("size", "times"), [(10, 1.0), (40, 1.5), (5, 0.75)])
def test_each_doubling_of_the_circle_adds_to_the_upkeep(size, times):
    crowd = ("components.upkeep=0.4", "components.crowding=0.25", "population.capacity=40")
    model = week_of(alike("components=common_agenda", f"population.size={size}", *crowd), "convene", "meet")
    from_meetings = model.initiative.hours_by_purpose[MEETING_HOURS]
    assert model.initiative.hours - from_meetings == pytest.approx(size * 0.4 * times)


def test_a_season_is_shared_by_all_and_the_same_in_every_scenario():
    odds = []
    for scenario in ("baseline", "four_insights"):
        model = InitiativeModel(load_config(scenario, ["weeks=60"]), seed=7, collect=False)
        found = []
        for _ in range(60):
            engine.begin_week(model.state, model.rules)
            found.append(model.initiative.season_odds)
        odds.append(found)
    assert odds[0] == odds[1]
    changes = np.flatnonzero(np.diff(odds[0])) + 1
    assert len(changes) in (2, 3)
    assert (np.diff(changes) == 26).all()


def test_a_season_moves_the_odds_of_keeping_a_promise():
    """Reliability 0.5 and odds of three: of a thousand promises three quarters are kept, within 4.5 standard errors (7e-6)."""
    keeps, model = from_python(deliver.keeps), alike("components=none")
    model.state.orgs["reliability"], model.initiative.season_odds = 0.5, 3.0
    draws = np.random.default_rng(1).uniform(size=1000)
    kept = sum(keeps(model.state, model.rules, 0, draw, 1.0, NO_HOURS) for draw in draws)
    assert abs(kept - 750) < 4.5 * np.sqrt(1000 * 0.75 * 0.25)


@pytest.mark.parametrize(("event", "worth"), [("matching_grant", 1.5), ("budget_cut", 0.5)])
def test_what_the_effort_is_worth_changes_for_some_weeks(event, worth):
    told = (f"events={event}", f"events.{event}.week=2", f"events.{event}.size=0.5", f"events.{event}.weeks=3")
    model = alike(*told)
    seen = [week_of(model, "leave").initiative.worth for _ in range(6)]
    assert seen == [1.0, worth, worth, worth, 1.0, 1.0]


def test_components_end_with_their_last_week():
    model, held = alike("components=common_agenda", "components.common_agenda.until_week=2", "components.upkeep=1"), []
    for _ in range(4):
        week_of(model, "convene", "meet")
        held.append(model.initiative.hours - model.initiative.hours_by_purpose[MEETING_HOURS])
    assert held[0] > 0
    assert held[1] == pytest.approx(2 * held[0])
    assert held[2:] == pytest.approx([held[1]] * 2)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_the_agenda_is_weighted_by_influence_and_a_common_agenda_makes_the_weights_equal(strength):
    model = week_of(alike("components=common_agenda", f"components.common_agenda.strength={strength}"), "convene")
    orgs = model.state.orgs
    orgs["position"][:, :2] = np.random.default_rng(1).uniform(size=(12, 2))
    model.mechanisms["deliberate"](model)  # no plenary in the first week: there is no draft yet
    weighted = np.average(orgs["position"], axis=0, weights=orgs["influence"])
    expected = (1 - strength) * weighted + strength * orgs["position"].mean(axis=0)
    np.testing.assert_allclose(model.initiative.agenda, expected)


def test_a_plenary_moves_those_who_take_part_and_trust_the_others_enough():
    model = week_of(week_of(alike("components=common_agenda", "deliberation.convergence=0.1"), "convene"), "convene")
    orgs = model.state.orgs
    orgs["position"][:3, 0], orgs["participation"][:3], orgs["mean_trust"][:3] = 0.7, [1, 0.5, 1], [0.5, 0.5, 0.3]
    model.mechanisms["deliberate"](model)
    np.testing.assert_allclose(orgs["position"][:3, 0], [0.68, 0.69, 0.7])


def joint_step(model: InitiativeModel, reliability: tuple[float, float] = (1.0, 1.0)) -> tuple:
    """Let organizations 0 and 1 do what follows their understanding; return both sides of their tie."""
    week_of(model, "convene")
    sides = tie(model, 0, 1, UNDERSTANDING)
    model.state.orgs["reliability"][:2] = reliability
    model.state.orgs["participation"] = 1
    hold_meeting(model, 0, 1)
    model.mechanisms["deliver"](model)
    return sides


@pytest.mark.parametrize(("hours", "low", "high"), [(2.0, 1.0, 1.0), (1.0, 0.4, 0.6), (0.0, 0.0, 0.0)])
def test_who_is_reliable_keeps_every_promise_unless_overloaded(hours, low, high):
    """600 promises at a load of one half: the share kept has a standard error of 2 points; 40 to 60 % is five of them."""
    model = week_of(alike("agreement.step_trust=0", f"population.capacity={hours}"), "convene")
    tie(model, 0, 1, UNDERSTANDING)
    model.state.orgs["reliability"] = 1
    for _ in range(300):
        hold_meeting(model, 0, 1)
        week_of(model, "deliver")
    assert model.initiative.promises == 600
    assert low <= model.initiative.promises_kept / 600 <= high
    assert model.initiative.hours == 600 * hours


def test_a_breach_is_remembered_by_the_partner_and_colours_the_view_of_its_sector():
    model = alike("context.trust=0.6", "trust.broken_weight=3", "trust.generalization=0.2", "leaving.win=0.5")
    salience = model.state.orgs["salience"].copy()
    of_0, of_1 = joint_step(model, reliability=(1, 0))
    assert (of_0.kept, of_0.broken, of_1.kept, of_1.broken) == (0, 3, 1, 0)
    assert model.state.orgs["outlook_broken"][:2, 0].tolist() == pytest.approx([0.6, 0])
    assert model.state.orgs["outlook_kept"][:2, 0].tolist() == pytest.approx([0, 0.2])
    assert model.trust(0, 1) < 0.6 < model.trust(1, 0)
    assert model.state.meetings[0, 2] == STEP_BROKEN
    np.testing.assert_array_equal(model.state.orgs["salience"], salience)


def test_a_joint_success_restores_salience():
    model = alike("context.trust=0.6", "leaving.win=0.5")
    before = model.state.orgs["salience"].copy()
    joint_step(model)
    assert model.state.meetings[0, 2] == STEP_KEPT
    np.testing.assert_allclose(1 - model.state.orgs["salience"][:2], 0.5 * (1 - before[:2]))
    np.testing.assert_array_equal(model.state.orgs["salience"][2:], before[2:])


def test_a_small_success_restores_as_much_less_salience():
    model = alike("context.trust=0.6", "leaving.win=0.5", "components=trust_and_agreements", "delivery.small_stake=0.2")
    before = model.state.orgs["salience"].copy()
    joint_step(model)
    np.testing.assert_allclose(1 - model.state.orgs["salience"][:2], (1 - 0.5 * 0.2) * (1 - before[:2]))


@pytest.mark.parametrize(
    ("trust", "components", "evidence", "hours"),
    [
        (0.56, "none", 1.0, 4.0),
        (0.54, "none", 0.1, 0.0),  # no step: they only turned up
        (0.54, "trust_and_agreements", 0.6, 2.4),
        (0.26, "trust_and_agreements", 0.6, 2.4),
        (0.24, "trust_and_agreements", 0.1, 0.0),  # 0.6 x (1 - T) exceeds 1 - 0.55
    ],
)
def test_a_step_is_taken_if_its_risk_is_bearable_and_small_steps_are_bearable_sooner(
    trust, components, evidence, hours
):
    model = alike(f"context.trust={trust}", f"components={components}")
    of_0, of_1 = joint_step(model)
    assert (of_0.kept, of_1.kept) == pytest.approx((evidence, evidence))
    assert model.initiative.hours == pytest.approx(hours)


@pytest.mark.parametrize("measured", [True, False])
def test_shared_measurement_publishes_failures_too(measured):
    model = alike("context.trust=0.9", f"components.shared_measurement.active={measured}", "components.reporting=1")
    joint_step(model, reliability=(1, 0))
    model.state.orgs["participation"][2] = 0  # it does not report
    model.state.orgs["reliability"][2], model.state.orgs["committed"][:3] = 1, [0, 1, 1]
    model.initiative.meetings = 0
    week_of(model, "deliver")  # now 1 fails to contribute as well
    fade = 0.5 ** (1 / 52)
    assert model.state.orgs["record_kept"][:3].tolist() == pytest.approx([fade * measured, 0, 0])
    assert model.state.orgs["record_broken"][:3].tolist() == pytest.approx([0, (2 * fade + 2) * measured, 0])


def test_withholding_is_seen_as_unwilling_and_breaks_no_promise():
    model = week_of(week_of(alike("delivery.observation=1", "willingness.active=true"), "convene"), "convene")
    of_0, of_1 = tie(model, 0, 1)
    model.state.orgs["reliability"], model.state.orgs["decided"] = 1, 1
    model.state.orgs["committed"][0] = 1
    week_of(model, "deliver")
    assert [float(of_0[name]) for name in ("kept", "broken", "willing", "unwilling")] == [0, 0, 0, 1]
    assert [float(of_1[name]) for name in ("kept", "broken", "willing", "unwilling")] == [1, 0, 1, 0]


def test_who_committed_and_fails_was_willing_and_broke_its_word():
    model = week_of(week_of(alike("delivery.observation=1", "willingness.active=true"), "convene"), "convene")
    _, of_1 = tie(model, 0, 1)
    model.state.orgs["reliability"], model.state.orgs["committed"][0], model.state.orgs["decided"] = 0, 1, 1
    week_of(model, "deliver")
    assert [float(of_1[name]) for name in ("kept", "broken", "willing", "unwilling")] == [0, 2, 1, 0]


@pytest.mark.parametrize(("delivering", "came_off"), [(9, True), (8, False)])
def test_the_joint_effort_pays_and_is_felt_only_if_enough_deliver(delivering, came_off):
    """Three quarters of twelve must deliver."""
    model = week_of(week_of(alike("context.difficulty=0.75", "group.active=true", "leaving.win=0.5"), "convene"))
    orgs, before = model.state.orgs, model.state.orgs["salience"].copy()
    orgs["committed"], orgs["reliability"] = 1, 0
    orgs["reliability"][:delivering] = 1
    model.mechanisms["deliver"](model)
    gained = before + 0.5 * (1 - before) * (orgs["reliability"] == 1) * came_off
    np.testing.assert_allclose(orgs["salience"], gained)
    assert orgs["group_success"].tolist() == 12 * [float(came_off)]
    assert orgs["group_failure"].tolist() == 12 * [float(not came_off)]
    assert (model.initiative.effort_weeks, model.initiative.came_off) == (1, came_off)


@pytest.mark.parametrize(
    ("rung", "result", "trust", "gap", "expected"),
    [
        (NO_AGREEMENT, CONTACT, 0.6, 0.29, UNDERSTANDING),
        (NO_AGREEMENT, CONTACT, 0.6, 0.31, NO_AGREEMENT),
        (NO_AGREEMENT, CONTACT, 0.5, 0.29, NO_AGREEMENT),
        (UNDERSTANDING, CONTACT, 0.9, 0.0, UNDERSTANDING),
        (UNDERSTANDING, STEP_KEPT, 0.1, 0.9, JOINT_STEP),
        (JOINT_STEP, CONTACT, 0.9, 0.0, JOINT_STEP),
        (JOINT_STEP, STEP_KEPT, 0.66, 0.3, SIGNED),
        (JOINT_STEP, STEP_KEPT, 0.64, 0.3, JOINT_STEP),
        (JOINT_STEP, STEP_KEPT, 0.66, 0.34, JOINT_STEP),
        (SIGNED, STEP_KEPT, 0.1, 0.9, SIGNED),
        (SIGNED, STEP_BROKEN, 0.9, 0.0, JOINT_STEP),
        (JOINT_STEP, STEP_BROKEN, 0.9, 0.0, UNDERSTANDING),
        (UNDERSTANDING, STEP_BROKEN, 0.9, 0.0, NO_AGREEMENT),
        (NO_AGREEMENT, STEP_BROKEN, 0.9, 0.0, NO_AGREEMENT),
    ],
)
def test_a_pair_climbs_the_ladder_of_agreements_and_falls_back(rung, result, trust, gap, expected):
    model = week_of(alike(), "convene")
    sides = tie(model, 0, 1, rung)
    model.state.orgs["prior"][0], model.state.orgs["prior"][1] = trust, 0.95  # the less trusting side decides
    model.state.orgs["position"][1, 0] = 0.5 - gap if gap < 0.5 else 1.0
    model.state.orgs["position"][0, 0] = 0.5 if gap < 0.5 else 0.1
    hold_meeting(model, 0, 1, result)
    model.mechanisms["agree"](model)
    assert [side.agreement for side in sides] == [expected, expected]
    assert model.state.orgs["signed"].tolist() == 2 * [expected == SIGNED] + 10 * [0]


def weak_link(n: int, trust: float, cost: float) -> InitiativeModel:
    """One sector of n alike organizations that need one another all."""
    alone = ("sectors=[civil_society]", f"population.size={n}", f"context.trust={trust}", "context.difficulty=1")
    model = week_of(alike(*alone, "commitment.shared_fate=0"), "convene")
    model.state.orgs["salience"] = 1
    model.rules.cost = cost
    return model


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13, 21])
@pytest.mark.parametrize("trust", [0.5, 0.8, 0.97])
def test_if_all_must_deliver_one_commits_iff_the_product_of_trusts_exceeds_cost_over_benefit(n, trust):
    threshold = trust ** (n - 1)
    for cost, commits in ((threshold * (1 - NEAR), 1), (threshold * (1 + NEAR), 0)):
        model = weak_link(n, trust, cost)
        model.mechanisms["commit"](model)
        assert model.state.orgs["committed"].tolist() == n * [commits]


@pytest.mark.parametrize("side", [-1, 1])
def test_ones_own_evidence_salience_and_distance_enter_the_threshold(side):
    model = weak_link(6, 0.7, 0.5)
    tie(model, 0, 1)[0].kept = 6
    model.state.orgs["salience"], model.state.orgs["position"][0, 0] = 0.8, 0.6
    closeness = 1 - 2 * 0.1 / np.sqrt(2)
    threshold = 0.8 * closeness * (4 * 0.7 + 6) / 10 * 0.7**4
    model.rules.cost = threshold * (1 + side * NEAR)
    model.mechanisms["commit"](model)
    assert model.state.orgs["committed"][0] == (side < 0)
    assert model.state.orgs["expected_share"][:2].tolist() == pytest.approx([(0.88 + 4 * 0.7) / 5, 0.7])


@pytest.mark.parametrize(("participation", "commits"), [(1.0, 1), (0.0, 0)])
def test_reinforcing_activities_make_a_smaller_share_enough_for_those_who_take_part(participation, commits):
    """At a trust of 0.7, eight of ten deliver with a chance of 0.38, six with 0.85."""
    model = weak_link(11, 0.7, 0.6)
    model.initiative.difficulty, model.rules.mutually_reinforcing_activities, model.rules.easing = 0.8, 1, 0.25
    model.state.orgs["participation"] = participation
    model.mechanisms["commit"](model)
    assert model.state.orgs["committed"].tolist() == 11 * [commits]


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize(("word", "willingness"), [(1, 1.2 / 1.6), (-1, 0.6 / 1.6), (0, 0.6)])
def test_an_announcement_counts_as_something_seen_as_far_as_the_speaker_is_trusted(tied, word, willingness):
    """Willingness starts at 0.6, which counts as one observation; the speaker is trusted with 0.6."""
    model = weak_link(2, 0.6, {1: 0.5, -1: 2.0, 0: 0.5}[word])
    orgs, rules = model.state.orgs, model.rules
    rules.willingness_evidence, rules.willingness, rules.continuous_communication = 1, 0.6, abs(word)
    orgs["participation"] = 1
    if tied:
        tie(model, 0, 1)
    model.mechanisms["commit"](model)
    assert model.state.words.tolist() == [word, word]
    assert orgs["mean_willingness"][0] == pytest.approx(willingness)
    assert orgs["mean_trust"][0] == pytest.approx(0.6)
    assert orgs["expected_share"][0] == pytest.approx(0.6 * willingness)


def test_what_was_seen_of_a_partners_will_halves_in_its_half_life():
    model = weak_link(2, 0.6, 0.5)
    model.rules.willingness_evidence, model.rules.willingness = 1, 0.6
    side = tie(model, 0, 1)[0]
    side.willing, side.unwilling = 2, 4
    for _ in range(4):
        engine.begin_week(model.state, model.rules)
    model.mechanisms["commit"](model)
    assert model.state.orgs["mean_willingness"][0] == pytest.approx((0.6 + 1) / (1 + 1 + 2))


@pytest.mark.parametrize("side", [-1, 1])
def test_belief_in_the_group_and_in_its_members_weigh_as_much_as_they_rest_on(side):
    """Inside 0.7^4 counts once; outside 2 x 0.6 and a success of three more results."""
    model = weak_link(5, 0.7, 0.5)
    orgs, rules = model.state.orgs, model.rules
    rules.group_evidence, rules.group_prior_weight, rules.inside_weight = 1, 2.0, 1.0
    orgs["group_prior"], orgs["group_success"], orgs["group_failure"] = 0.6, 1, 2
    rules.cost = (0.7**4 + 2 * 0.6 + 1) / (1 + 2 + 3) * (1 + side * NEAR)
    model.mechanisms["commit"](model)
    assert orgs["committed"].tolist() == 5 * [side < 0]


def test_newcomers_dilute_what_was_felt_and_inherit_what_is_public():
    model = alike(*CONVENE, "stages.admission=calendar", "group.active=true", "components=shared_measurement")
    orgs, initiative = model.state.orgs, model.initiative
    week_of(model, "convene")
    old = members(model)
    orgs["group_success"][old], orgs["group_failure"][old] = 5.0, 10.0
    initiative.public_results[:] = 2.5, 5.0
    for _ in range(4):
        week_of(model, "convene")
    new = sorted(set(members(model)) - set(old))
    assert (len(old), len(new)) == (2, 3)
    np.testing.assert_allclose(orgs["group_success"][old], 5.0 * 2 / 5)
    np.testing.assert_allclose(orgs["group_failure"][old], 10.0 * 2 / 5)
    np.testing.assert_allclose(orgs["group_success"][new], 2.5 * 2 / 5)
    np.testing.assert_allclose(orgs["group_failure"][new], 5.0 * 2 / 5)


def test_before_the_launch_the_answer_is_only_an_intention():
    model = weak_link(3, 0.9, 0.1)
    model.initiative.stage = FOUND
    model.mechanisms["commit"](model)
    assert (model.state.orgs["intends"].tolist(), model.state.orgs["committed"].tolist()) == ([1, 1, 1], [0, 0, 0])


@pytest.mark.parametrize(("signature", "coalition"), [("true", 2), ("false", 5)])
def test_a_commitment_counts_only_of_who_has_signed_one_unless_no_signature_is_asked_for(signature, coalition):
    model = week_of(alike(f"commitment.signature={signature}"), "convene")
    tie(model, 0, 1, SIGNED)
    tie(model, 2, 3, JOINT_STEP)
    model.state.orgs["committed"][:5] = 1
    assert model.outcomes()["coalition_size"][0] == coalition


def test_choice_noise_is_logistic():
    """2,400 decisions: the share has a standard error of 0.9 points; 4.5 of them leave a chance of 7e-6 of a false alarm."""
    model = weak_link(6, 0.9, 0.62)
    model.rules.noise, decided = 0.05, 0
    for _ in range(400):
        decided += week_of(model, "commit").state.orgs["committed"].sum()
    expected = stats.logistic.cdf((0.9**5 - 0.62) / 0.05)
    assert decided / 2400 == pytest.approx(expected, abs=4.5 * np.sqrt(expected * (1 - expected) / 2400))


def test_salience_halves_in_its_half_life_in_and_out_of_the_circle():
    model = week_of(alike("leaving.salience_half_life=20", "stages=recognize"), "convene")
    before = model.state.orgs["salience"].copy()
    for _ in range(20):
        week_of(model, "leave")
    np.testing.assert_allclose(model.state.orgs["salience"], before / 2)


def test_who_expects_no_net_benefit_leaves_when_patience_ends_and_its_agreements_with_it():
    model = week_of(alike("leaving.patience=3"), "convene")
    orgs = model.state.orgs
    sides = tie(model, 0, 1, SIGNED, kept=2.0)
    for week in range(1, 5):
        engine.begin_week(model.state, model.rules)
        orgs["expected_share"], orgs["hours_spent"] = 1, orgs["capacity"]
        orgs["expected_share"][:3] = [0, 0 if week != 2 else 1, 0]  # organization 1 has one good week
        orgs["hours_spent"][2] = 0  # what costs nothing needs no benefit
        model.mechanisms["leave"](model)
        assert (0 in members(model)) is (week < 3)
    assert members(model) == list(range(1, 12))
    assert (orgs["signed"][1], sides[1].agreement, sides[1].kept) == (0, NO_AGREEMENT, 2)


@pytest.mark.parametrize(("turnover", "left"), [(1.0, 0.25), (0.0, 1.0)])
def test_turnover_forgets_a_share_of_what_was_known(turnover, left):
    model = week_of(alike(f"leaving.turnover={turnover}", "leaving.turnover_loss=0.75"), "convene")
    sides = tie(model, 0, 1, kept=4.0)
    model.state.orgs["outlook_broken"] = 8
    model.mechanisms["leave"](model)
    assert [side.kept for side in sides] == [4 * left, 4 * left]
    assert (model.state.orgs["outlook_broken"] == 8 * left).all()
    assert (model.state.orgs["prior"] == 0.5).all()


def test_turnover_comes_at_its_yearly_rate():
    """4,800 weeks of an organization: 4.5 standard errors leave a chance of 7e-6 of a false alarm."""
    model, changes = week_of(alike("leaving.turnover=0.5", "leaving.turnover_loss=1")), 0
    for _ in range(400):
        model.state.orgs["outlook_kept"] = 1
        model.mechanisms["leave"](model)
        changes += int((model.state.orgs["outlook_kept"][:, 0] == 0).sum())
        model.initiative.week += 1
    weekly = 1 - 0.5 ** (1 / 52)
    assert changes == pytest.approx(4800 * weekly, abs=4.5 * np.sqrt(4800 * weekly * (1 - weekly)))


def struck(event: str, size: float, week: int = 2, seed: int = 5, dimensions: int = 2) -> tuple:
    """Return a model before and after a second week in which nothing but an event may happen, as copies of its records."""
    options = (f"events.{event}.active=true", f"events.{event}.size={size}", f"events.{event}.week={week}")
    model = alike(*options, f"population.dimensions={dimensions}", seed=seed)
    tie(model, *model.state.invitation[:2], kept=3.0)
    model.state.orgs["outlook_kept"], model.initiative.week, model.rules.salience_half_life = 1, 2, np.inf
    before = records_of(model)
    model.mechanisms["leave"](model)
    return model, before, records_of(model)


def records_of(model: InitiativeModel) -> list[np.ndarray]:
    return [part.copy() for part in (model.state.orgs, model.state.ties, model.state.initiative)]


def changed(before: list, after: list) -> set[str]:
    pairs = zip(before, after, strict=True)
    return {name for old, new in pairs for name in old.dtype.names if not np.array_equal(old[name], new[name])}


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_happens_in_its_week_only(event):
    assert changed(*struck(event, 0.3, week=3)[1:]) == set()


def test_a_funder_that_leaves_takes_a_share_of_the_fund():
    _, before, after = struck("funder_leaves", 0.3)
    assert changed(before, after) == {"fund", "funders"}
    assert after[2]["fund"][0] == pytest.approx(0.7 * before[2]["fund"][0])
    assert after[2]["funders"][0] == pytest.approx(0.7)


@pytest.mark.parametrize("dimensions", [1, 2, 4])
def test_an_election_moves_the_government_by_its_size_in_one_direction(dimensions):
    moves = []
    for seed in (1, 2, 3, 4, 5):
        _, before, after = struck("election", 0.2, seed=seed, dimensions=dimensions)
        assert changed(before, after) == {"position"}
        move = after[0]["position"] - before[0]["position"]
        np.testing.assert_allclose(np.linalg.norm(move[GOVERNMENT], axis=1), 0.2)
        assert (move[GOVERNMENT] == move[0]).all()
        assert not move[3:].any()
        assert not move[:, min(2, dimensions) :].any()
        moves.append(tuple(move[0]))
    assert len(set(moves)) > 1
    _, _, after = struck("election", 1.0)
    assert ((after[0]["position"] >= 0) & (after[0]["position"] <= 1)).all()


def test_a_lost_champion_is_replaced_by_one_who_cares_less_and_knows_nobody():
    model, before, after = struck("champion_lost", 0.3)
    champion, partner = model.state.invitation[:2]
    assert changed(before, after) == {"salience", "outlook_kept", "kept"}
    fell = np.where(np.arange(12) == champion, 0.7, 1.0)
    np.testing.assert_allclose(after[0]["salience"], fell * before[0]["salience"])
    assert (after[1][champion, 0]["kept"], after[1][partner, 0]["kept"]) == (0, 3)
    np.testing.assert_array_equal(after[0]["outlook_kept"], np.where(fell < 1, 0.0, 1.0)[:, None] * np.ones(3))


def test_a_crisis_restores_a_share_of_the_missing_salience():
    _, before, after = struck("crisis", 0.3)
    assert changed(before, after) == {"salience"}
    np.testing.assert_allclose(1 - after[0]["salience"], 0.7 * (1 - before[0]["salience"]))


def decided(quorum: float, known: bool, trust: float = 0.97, willingness: float = 0.7) -> InitiativeModel:
    """Return a model of twelve that have decided once, alone with the rule: delivery is hardly in doubt, willingness is."""
    believed = ("willingness.active=true", f"willingness.prior={willingness}", f"context.trust={trust}")
    rule = (
        f"commitment.quorum={quorum}",
        f"commitment.known={known}",
        "commitment.shared_fate=0",
        "commitment.cost=0.3",
    )
    model = week_of(alike(*believed, *rule, "context.difficulty=0.25"), "convene")
    model.state.orgs["salience"] = 1
    model.mechanisms["commit"](model)
    return model


def test_a_known_rule_asks_what_others_would_agree_to():
    """Each sector's consents are binomial at a willingness of 0.7: of three, three and six."""

    def chance(needed: list[int], others: list[int]) -> float:
        return float(np.prod([stats.binom.sf(n - 1, m, 0.7) for n, m in zip(needed, others, strict=True)]))

    in_government = chance([1, 2, 3], [2, 3, 6]), chance([2, 3, 5], [2, 3, 6])
    assert in_government[0] > 0.3 > in_government[1]
    assert decided(0.5, True).state.orgs["committed"].tolist() == 12 * [1]
    assert decided(0.75, True).state.orgs["committed"][GOVERNMENT].tolist() == 3 * [0]
    assert decided(0.75, False).state.orgs["committed"].tolist() == 12 * [1]


@pytest.mark.parametrize("known", [True, False])
def test_without_the_consents_of_a_known_rule_nothing_comes_off(known):
    model = alike("context.difficulty=0.25", f"commitment.known={known}", "context.reliability=0.999")
    week_of(model, "convene")
    model.initiative.stage, model.initiative.launch_week = LAUNCHED, 0
    model.state.orgs["reliability"], model.state.orgs["committed"] = 1.0, 1
    model.state.orgs["committed"][BUSINESS] = 0
    model.mechanisms["deliver"](model)
    assert model.initiative.effort_weeks == 1
    assert model.initiative.came_off == (0 if known else 1)


@pytest.mark.parametrize(("small_stake", "joins"), [(0.9, 0), (0.3, 1)])
def test_a_pilot_is_joined_by_those_who_bear_its_risk_and_teaches_as_much_as_its_stake(small_stake, joins):
    """All of six must deliver at a trust of 0.8: P = 0.33, where a full effort takes 0.6; a stake of 0.3 leaves 0.2 to lose."""
    model = weak_link(6, 0.8, 0.6)
    orgs, initiative = model.state.orgs, model.initiative
    model.rules.found, model.rules.small_stake, model.rules.pilot, model.rules.group_evidence = 1.0, small_stake, 1, 1.0
    model.rules.group_prior_weight = 0.0
    initiative.stage, orgs["reliability"] = FOUND, 1.0
    model.mechanisms["deliver"](model)
    assert initiative.pilots == initiative.pilots_came_off == joins
    np.testing.assert_allclose(orgs["group_success"], small_stake * joins)
    assert initiative.hours_by_purpose[PILOT_HOURS] == pytest.approx(6 * joins * small_stake * model.rules.step_hours)
    assert not orgs["committed"].any()
    assert initiative.effort_weeks == 0
