import math

import numpy as np
import pytest
from scipy import integrate, stats

from ci_sim.rules import beliefs
from ci_sim.rules.state import EXACT_LIMIT, SHOCKS
from conftest import from_python


def chance(beliefs_about: np.ndarray, needed: int, shared_fate: float = 0.0, threshold: float = math.nan) -> float:
    n, shocks = len(beliefs_about), np.empty(SHOCKS)
    from_python(beliefs.shocks_to_odds)(shared_fate, shocks)
    return chance_of(beliefs_about[None], np.ones((1, n)), (n, 0, 0), (n, 0, 0), (needed, 0, 0), shocks, threshold)


def chance_of(belief, believed, entries, partners, needed, shocks, threshold=math.nan) -> float:
    """Return `chance_of_enough` of some groups of partners."""
    tail = from_python(beliefs.chance_of_enough)
    return tail(belief, believed, entries, partners, needed, shocks, threshold, np.empty(sum(partners) + 2))


def exact(beliefs_about: np.ndarray, needed: int) -> float:
    return float(stats.poisson_binom(beliefs_about).sf(needed - 1))


@pytest.mark.parametrize("n", [1, 2, 7, EXACT_LIMIT])
def test_few_partners_are_exact(n):
    p = np.random.default_rng(n).uniform(0.02, 0.98, n)
    for needed in range(n + 2):
        assert chance(p, needed) == pytest.approx(exact(p, needed) if needed <= n else 0.0, abs=1e-12)


@pytest.mark.parametrize("n", [EXACT_LIMIT + 1, 30, 60, 200])
@pytest.mark.parametrize(("low", "high"), [(0.3, 0.9), (0.5, 0.99), (0.05, 0.5), (0.7, 0.8)])
def test_many_partners_are_approximated_within_a_hundredth(n, low, high):
    """The stated error of the skewness-corrected normal tail against scipy's exact Poisson-binomial: at most 0.01."""
    p = np.random.default_rng(n).uniform(low, high, n)
    worst = max(abs(chance(p, needed) - exact(p, needed)) for needed in range(n + 1))
    assert worst <= 0.01


@pytest.mark.parametrize("n", [8, 40])
@pytest.mark.parametrize("shared_fate", [0.3, 0.6, 1.0])
def test_a_shared_fate_is_the_mean_over_a_normal_shock(n, shared_fate):
    """Against numerical integration of the exact tail; seven nodes are within 0.04 for shocks up to 1 and n up to 40."""
    p = np.random.default_rng(n).uniform(0.4, 0.9, n)
    needed = math.ceil(0.7 * n)

    def integrand(z: float) -> float:
        odds = p / (1 - p) * math.exp(shared_fate * z)
        return exact(odds / (1 + odds), needed) * stats.norm.pdf(z)

    truth = integrate.quad(integrand, -8, 8, limit=200)[0]
    assert chance(p, needed, shared_fate) == pytest.approx(truth, abs=0.04)


def test_a_shared_fate_makes_an_unlikely_success_likelier_and_a_likely_one_unlikelier():
    p = np.full(40, 0.7)
    assert chance(p, 33, 0.8) > chance(p, 33, 0.0)
    assert chance(p, 22, 0.8) < chance(p, 22, 0.0)


@pytest.mark.parametrize("n", [5, EXACT_LIMIT, 40])
@pytest.mark.parametrize("shared_fate", [0.0, 0.6, 2.0])
def test_stopping_early_leaves_the_chance_on_the_same_side_of_the_threshold(n, shared_fate):
    rng = np.random.default_rng(n)
    for _ in range(300):
        p, needed, threshold = rng.uniform(0.2, 0.95, n), int(rng.integers(1, n + 1)), rng.uniform()
        early = chance(p, needed, shared_fate, threshold)
        assert (early > threshold) == (chance(p, needed, shared_fate) > threshold)


def test_beliefs_about_several_strangers_count_each_of_them():
    together = chance_of(
        np.array([[0.9, 0.6]]), np.array([[1.0, 9.0]]), (2, 0, 0), (10, 0, 0), (7, 0, 0), np.ones(SHOCKS)
    )
    assert together == pytest.approx(exact(np.array([0.9] + [0.6] * 9), 7), abs=1e-12)


def test_of_several_groups_each_must_have_enough_and_one_of_whom_nothing_is_asked_does_not_matter():
    """Given the shock the groups are independent: without one, the chance is the product."""
    belief = np.array([[0.9, 0.6], [0.5, 0.5], [0.1, 0.1]])
    believed = np.array([[1.0, 4.0], [1.0, 2.0], [1.0, 1.0]])
    groups = (2, 2, 2), (5, 3, 2), (4, 2, 0)
    product = exact(np.array([0.9] + [0.6] * 4), 4) * exact(np.full(3, 0.5), 2)
    assert chance_of(belief, believed, *groups, np.ones(SHOCKS)) == pytest.approx(product, abs=1e-12)
    assert chance_of(belief, believed, (2, 2, 2), (5, 3, 2), (4, 2, 3), np.ones(SHOCKS)) == 0.0


def test_trust_is_the_mean_of_the_beta_belief(small_model):
    model = small_model("population.acquaintances=0", "trust.prior_weight=3", "trust.broken_weight=2")
    state, rules = model.state, model.rules
    prior = state.orgs[0].prior[state.orgs[1].sector]
    assert model.trust(0, 1) == pytest.approx(prior)
    state.orgs[0].degree = state.orgs[1].degree = 1
    state.partners[0, 0], state.partners[1, 0] = 1, 0
    state.ties[0, 0].kept, state.ties[0, 0].broken = 6.0, 2.0
    assert model.trust(0, 1) == pytest.approx((3 * prior + 6) / (3 + 8))
    assert model.trust(1, 0) == pytest.approx(state.orgs[1].prior[state.orgs[0].sector])
    assert rules.prior_weight == 3


def test_evidence_loses_half_of_its_weight_in_a_half_life(small_model):
    model = small_model("population.acquaintances=0", "trust.half_life=13", "trust.prior_weight=2")
    state = model.state
    prior = state.orgs[0].prior[state.orgs[1].sector]
    state.orgs[0].degree, state.partners[0, 0], state.ties[0, 0].kept = 1, 1, 4.0
    for week, weight in ((0, 4.0), (13, 2.0), (26, 1.0)):
        state.initiative[0].week = week
        assert model.trust(0, 1) == pytest.approx((2 * prior + weight) / (2 + weight))


def test_a_broken_promise_costs_more_trust_than_a_kept_one_gains(small_model):
    observe = from_python(beliefs.observe)
    changes = {}
    for kept in (True, False):
        model = small_model("context.trust=0.5", "population.trust_spread=0", "population.trust_homophily=0")
        tie, partner = model.state.ties[0, 0], int(model.state.partners[0, 0])
        tie.kept = tie.broken = 3.0
        before = model.trust(0, partner)
        observe(model.state, model.rules, 0, partner, 0, kept, 1.0)
        changes[kept] = model.trust(0, partner) - before
    assert changes[True] > 0 > changes[False]
    assert -changes[False] > changes[True]
