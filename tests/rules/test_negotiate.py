"""The circle's own agreement: rounds of conditional promises, what they cost, and what follows a breach."""

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest

from ci_sim import load_config, simulate
from ci_sim.rules import engine
from ci_sim.rules.state import ACCOUNT_HOURS, DRAFTING_HOURS, FOUND, MEMBER, SIGNED, UNINVITED
from ci_sim.simulation.model import InitiativeModel

# Organizations of one sector, alike and of one mind, without noise, which believe in each other one by one.
ALIKE = (
    *("components=trust_and_agreements", "sectors=[civil_society]", "weeks=400", "population.acquaintances=0"),
    *("population.capacity_spread=0", "population.trust_spread=0", "population.trust_homophily=0", "context.trust=0.8"),
    *("context.conflict=0", "context.spread=0", "deliberation.misperception=0", "commitment.noise=0"),
    *("group.active=false", "commitment.shared_fate=0", "components.upkeep=0", "meeting.rate=0", "delivery.season=0"),
    *("population.difference=0", "mandates.active=false", "commitment.cost=0.15"),
)


def circle(n: int, *overrides: str) -> InitiativeModel:
    """Return a model of n members that all care fully, in its first week."""
    model = InitiativeModel(load_config("run", [*ALIKE, f"population.size={n}", *overrides]), seed=5, collect=False)
    model.state.orgs["salience"] = 1
    engine.begin_week(model.state, model.rules)
    model.mechanisms["convene"](model)
    return model


def next_week(model: InitiativeModel, *mechanisms: str) -> InitiativeModel:
    engine.begin_week(model.state, model.rules)
    for name in mechanisms:
        model.mechanisms[name](model)
    return model


def tie_all(model: InitiativeModel) -> None:
    """Tie everyone to everyone."""
    n = len(model.organizations)
    for i in range(n):
        for k, j in enumerate(j for j in range(n) if j != i):
            model.state.partners[i, k] = j
            side = model.state.ties[i, k]
            side.mirror, side.met, side.week = i - (j < i), -1, model.week
        model.state.orgs[i].degree = n - 1


def signatories(model: InitiativeModel) -> list[int]:
    return np.flatnonzero(model.state.orgs["signatory"]).tolist()


def largest_set_that_holds(worth: np.ndarray, trust: float, needed: int, cost: float) -> set[int]:
    """Return the union of all sets in which each would commit, given that exactly the others of the set deliver with `trust`."""
    everyone, found = range(len(worth)), set()
    for size in range(1, len(worth) + 1):
        chance = sum(comb(size - 1, d) * trust**d * (1 - trust) ** (size - 1 - d) for d in range(needed, size))
        for members in combinations(everyone, size):
            if all(worth[i] * chance > cost for i in members):
                found |= set(members)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_the_agreement_is_the_largest_set_of_which_each_would_commit_given_the_set(seed):
    """All subsets of eight organizations, one by one; four of the seven others must deliver."""
    model = circle(8, "context.difficulty=0.55", "commitment.quorum=0.01", "commitment.cost=0.3")
    tie_all(model)
    model.state.orgs["salience"] = worth = np.random.default_rng(seed).uniform(0.2, 0.75, 8)
    model.mechanisms["negotiate"](model)
    expected = largest_set_that_holds(worth, trust=0.8, needed=4, cost=0.3)
    assert signatories(model) == sorted(expected)


def test_the_sets_of_this_test_are_not_all_alike():
    sizes = {len(largest_set_that_holds(np.random.default_rng(s).uniform(0.2, 0.75, 8), 0.8, 4, 0.3)) for s in range(8)}
    assert len(sizes) > 2


@pytest.mark.parametrize(("caring", "in_force"), [(6, True), (5, False)])
def test_a_charter_is_in_force_if_its_signatories_are_the_needed_share(caring, in_force):
    """Half of twelve are needed; the task needs a third of the others."""
    model = circle(12, "context.difficulty=0.3", "group.active=true", "group.prior_weight=0")
    model.state.orgs["salience"][caring:] = 0.01
    model.mechanisms["negotiate"](model)
    assert len(signatories(model)) == caring * in_force
    assert model.initiative.charter_week == in_force
    assert (model.state.orgs["group_failure"] == (not in_force)).all()  # a failed round is felt by all
    assert model.initiative.rounds == 1


@pytest.mark.parametrize(("backbone", "each"), [(False, 1.75), (True, 1.0)])
def test_a_round_takes_the_hours_of_members_and_mediator(backbone, each):
    model = circle(
        12,
        "charter.hours=1",
        "charter.mediator_hours=0.75",
        "components.staff=1",
        f"components.backbone.active={backbone}",
    )
    fund = float(model.initiative.fund)
    model.mechanisms["negotiate"](model)
    np.testing.assert_allclose(model.state.orgs["hours_spent"], each)
    assert model.initiative.hours_by_purpose[DRAFTING_HOURS] == pytest.approx(12 * each)
    assert model.initiative.fund == pytest.approx(fund - backbone * 12 * 0.75 * 50)


def test_who_cannot_give_its_hours_takes_no_part():
    model = circle(12, "charter.hours=2", "charter.mediator_hours=0")
    model.state.orgs["hours_left"][3] = 1.9
    model.mechanisms["negotiate"](model)
    assert signatories(model) == [i for i in range(12) if i != 3]
    assert model.state.orgs["hours_spent"][3] == 1.9


def test_rounds_are_held_from_the_founding_stage_on_and_so_many_weeks_apart():
    model = circle(12, "commitment.cost=0.99", "charter.round_weeks=3")
    rounds = [int(next_week(model, "negotiate").initiative.rounds) for _ in range(7)]
    assert rounds == [1, 1, 1, 2, 2, 2, 3]
    early = circle(12, "stages=[recognize]")
    assert next_week(early, "negotiate").initiative.rounds == 0
    early.initiative.stage = FOUND
    assert next_week(early, "negotiate").initiative.rounds == 1


def test_a_charter_lets_the_founding_end():
    model = circle(12, "stages=[found]", "context.difficulty=0.3")
    model.mechanisms["negotiate"](model)
    assert (model.initiative.stage, next_week(model, "convene").initiative.launch_week) == (FOUND, 2)


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_a_signatory_is_taken_to_be_willing_by_everyone(strength):
    model = circle(4, f"components.trust_and_agreements.strength={strength}", "willingness.prior=0.6")
    model.mechanisms["negotiate"](model)
    model.mechanisms["commit"](model)
    assert signatories(model) == [0, 1, 2, 3]
    np.testing.assert_allclose(model.state.orgs["mean_willingness"], 0.6 + 0.4 * strength)
    np.testing.assert_allclose(model.state.orgs["mean_trust"], 0.8)  # whether it keeps its word is another matter


@pytest.mark.parametrize(("signs", "coalition"), [("true", 4), ("false", 2)])
def test_the_charter_counts_as_a_signature_unless_told_otherwise(signs, coalition):
    model = circle(4, f"charter.signs={signs}")
    model.mechanisms["negotiate"](model)
    model.state.orgs["committed"] = 1
    model.state.orgs["signed"][:2] = 1
    assert model.outcomes()["coalition_size"][0] == coalition
    assert model.outcomes()["signatories"][0] == 4


def bound(*overrides: str) -> InitiativeModel:
    """Return four tied signatories, two weeks later, of which the first keeps no promise."""
    model = circle(4, "delivery.observation=1", "context.difficulty=0.1", *overrides)
    tie_all(model)
    model.mechanisms["negotiate"](model)
    next_week(model)
    model.state.orgs["decided"], model.state.orgs["committed"], model.state.orgs["reliability"] = 1, 1, 1
    model.state.orgs["reliability"][0] = 0
    return next_week(model, "deliver")


@pytest.mark.parametrize("committed", [0, 1])
def test_withholding_and_failing_both_break_the_promise_of_the_charter(committed):
    model = circle(4, "delivery.observation=1")
    tie_all(model)
    model.mechanisms["negotiate"](model)
    next_week(model)
    model.state.orgs["decided"], model.state.orgs["committed"], model.state.orgs["reliability"] = 1, 1, 1
    model.state.orgs["committed"][0], model.state.orgs["reliability"][0] = committed, 0
    next_week(model, "deliver")
    of_1 = model.state.ties[1, 0]
    assert (of_1.broken, of_1.wronged) == (2, 1)
    assert (of_1.willing, of_1.unwilling) == (committed, 1 - committed)
    assert (model.initiative.breaches, model.initiative.promises, model.initiative.promises_kept) == (1, 4, 3)


def test_a_promise_binds_from_the_next_decision_on():
    model = circle(4, "delivery.observation=1")
    model.mechanisms["negotiate"](model)
    model.state.orgs["decided"] = 1
    model.mechanisms["deliver"](model)  # what was decided before it was promised
    assert (model.initiative.breaches, model.initiative.promises) == (0, 0)


@pytest.mark.parametrize(("parts", "hours", "left"), [("[charter,repair]", 1.0, 1.0), ("[charter]", 0.0, 2.0)])
def test_an_account_and_the_next_promise_kept_give_back_part_of_what_a_breach_cost(parts, hours, left):
    model = bound(f"components.trust_and_agreements.parts={parts}", "charter.restored=0.5", "trust.half_life=1e9")
    assert model.initiative.hours_by_purpose[ACCOUNT_HOURS] == hours
    model.state.orgs["reliability"][0] = 1
    next_week(model, "deliver")
    of_1 = model.state.ties[1, 0]
    assert (of_1.kept, of_1.broken) == pytest.approx((1.0, left))
    assert model.initiative.repairs == (hours > 0)
    next_week(model, "deliver")
    assert of_1.broken == pytest.approx(left)  # only once


@pytest.mark.parametrize(("parts", "suspended"), [("[charter,repair]", True), ("[charter]", False)])
def test_repeated_breaches_suspend(parts, suspended):
    model = bound(f"components.trust_and_agreements.parts={parts}", "charter.tolerance=3")
    assert signatories(model) == [0, 1, 2, 3]
    for _ in range(2):
        next_week(model, "deliver")
    assert (0 not in signatories(model)) is suspended
    assert model.initiative.breaches == 3


def test_a_charter_lapses_when_its_signatories_are_too_few_and_everyone_feels_it():
    model = circle(4, "group.active=true", "group.prior_weight=0", "charter.round_weeks=50")
    model.mechanisms["negotiate"](model)
    model.state.orgs["signatory"][1:] = 0
    next_week(model, "negotiate")
    assert (signatories(model), model.initiative.charter_week) == ([], 0)
    assert (model.state.orgs["group_failure"] == 1).all()


GROWING = ("stages=[convene]", "stages.core=4", "stages.cohort=2", "stages.cohort_weeks=1", "stages.admission=calendar")


def test_who_is_to_join_accepts_the_charter_or_stays_out_until_it_is_asked_again():
    model = circle(8, *GROWING, "stages.max_weeks=1", "context.difficulty=0.3", "charter.round_weeks=50")
    model.initiative.stage = FOUND
    model.mechanisms["negotiate"](model)
    queue = model.state.invitation[4:].tolist()
    model.state.orgs["salience"][queue[:2]] = 0.01
    next_week(model, "convene")
    assert (model.state.orgs["membership"][queue[:2]] == UNINVITED).all()
    next_week(model, "convene")
    assert (model.state.orgs["membership"][queue[2:]] == MEMBER).all()
    assert set(queue[2:]) <= set(signatories(model))
    model.state.orgs["salience"][queue[:2]] = 1
    next_week(model, "convene")
    assert (model.state.orgs["membership"] == MEMBER).all()
    assert sorted(model.state.invitation.tolist()) == list(range(8))


@pytest.mark.parametrize(
    ("parts", "small", "rounds"), [("[charter]", False, True), ("[small_steps]", True, False), ("[]", False, False)]
)
def test_each_part_of_the_component_can_be_on_alone(parts, small, rounds):
    model = circle(4, f"components.trust_and_agreements.parts={parts}")
    model.mechanisms["negotiate"](model)
    assert model.initiative.rounds == rounds
    tie_all(model)
    model.state.ties["agreement"] = 1
    model.state.meetings[0] = 0, 1, 0, 0, 0
    model.initiative.meetings = 1
    model.mechanisms["deliver"](model)
    assert model.state.ties[0, 0].kept + model.state.ties[0, 0].broken / 2 == pytest.approx(0.6 if small else 1.0)


def test_without_the_component_its_numbers_change_nothing():
    base = ["population.size=18", "weeks=40"]
    own = ["charter.round_weeks=1", "charter.hours=4", "charter.tolerance=1", "charter.signs=false"]
    plain, extra = (simulate(load_config("run", o), range(10)) for o in (base, [*base, *own]))
    pd.testing.assert_frame_equal(plain, extra, check_exact=True)


def test_signing_with_a_partner_and_leaving_takes_the_signature_of_the_charter_too():
    model = circle(4, "leaving.patience=1")
    tie_all(model)
    model.mechanisms["negotiate"](model)
    model.state.ties["agreement"], model.state.orgs["signed"] = SIGNED, 3
    model.state.orgs["expected_share"], model.state.orgs["hours_spent"] = 0, 8
    model.mechanisms["leave"](model)
    assert signatories(model) == []
    assert (model.state.orgs["signed"] == 0).all()
