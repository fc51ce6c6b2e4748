"""Verification: cases whose answer is known from mathematics.

Others stand beside the rules that they concern: trust from known evidence, its half-life and the Poisson-binomial tail in
`test_beliefs.py`; the commitment threshold by group size in `test_mechanisms.py`; conservation of hours, funds and ties, and
weeks that are identical until a lever acts, in `test_engine.py`.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ci_sim import InitiativeModel, load_config, simulate
from ci_sim.configuration.partners import partners_from
from ci_sim.rules import engine
from ci_sim.rules.engine import SERIES_ROW
from ci_sim.simulation.ensemble import job_from, run_seeds

TRUST = SERIES_ROW.index("trust_within")


def test_two_organizations_that_keep_their_promises_trust_as_the_geometric_sum_says():
    """Each week adds a promise of weight 1 to the tie and 0.1 to the outlook on its sector; both fade with a half-life of 52.

    The tolerance is that of single precision, in which a tie keeps its evidence and an organization its starting trust.
    """
    config = load_config("lab_pair", ["components.shared_measurement.active=false", "population.trust_spread=0"])
    seeds = np.arange(20)
    outcomes, series = run_seeds(job_from(config), seeds, with_series=True)
    kept_all = outcomes[:, engine.OUTCOME_ROW.index("promises_kept")] == 1.0
    assert kept_all.sum() >= 15
    centre = outcomes[:, engine.OUTCOME_ROW.index("context_trust")]
    prior = 1 / (1 + np.exp(-(np.log(centre / (1 - centre)) + 0.3)))  # half of the homophily of 0.6 in one's own sector
    fade = 0.5 ** (1 / 52)
    for week in (1, 2, 5, 20):
        evidence = 1.1 * (1 - fade ** (week - 1)) / (1 - fade)
        expected = (4 * prior + evidence) / (4 + evidence)
        np.testing.assert_allclose(series[kept_all, week - 1, TRUST], expected[kept_all], rtol=1e-6)


def meetings_of(weeks: int, *overrides: str) -> tuple[InitiativeModel, np.ndarray]:
    """Return a model of alike strangers, and the pairs that met in so many weeks."""
    alike = (
        "components=none",
        "population.acquaintances=0",
        "population.trust_spread=0",
        "population.trust_homophily=0",
    )
    steady = ("delivery.contact_stake=0", "population.capacity=168", "meeting.rate=1", "context.trust=0.5")
    model, pairs = InitiativeModel(load_config("run", [*alike, *steady, *overrides]), seed=3, collect=False), []
    for _ in range(weeks):
        engine.begin_week(model.state, model.rules)
        for name in ("convene", "meet"):
            model.mechanisms[name](model)
        pairs.append(model.state.meetings[: model.initiative.meetings, :2].copy())
    return model, np.concatenate(pairs)


def test_without_homophily_meetings_within_sectors_are_as_frequent_as_chance_has_it():
    """Chance: a partner is any of the 59 others. The share of some 5,900 meetings may stray by 4.5 standard errors (7e-6)."""
    model, pairs = meetings_of(100, "meeting.homophily=1", "population.max_ties=64")
    sector = model.state.orgs["sector"]
    sizes = np.bincount(sector)
    chance = float((sizes * (sizes - 1)).sum() / (60 * 59))
    within = sector[pairs[:, 0]] == sector[pairs[:, 1]]
    assert len(pairs) > 5000
    assert within.mean() == pytest.approx(chance, abs=4.5 * np.sqrt(chance * (1 - chance) / len(pairs)))


def test_with_strong_homophily_nearly_all_meetings_lie_within_sectors():
    model, pairs = meetings_of(50, "meeting.homophily=50")
    sector = model.state.orgs["sector"]
    assert (sector[pairs[:, 0]] == sector[pairs[:, 1]]).mean() > 0.9


@pytest.mark.parametrize("within", [0, 1])
def test_the_starting_network_is_all_within_sectors_or_all_across(within):
    model = InitiativeModel(
        load_config("run", ["population=alike", f"population.acquaintances_within={within}"]), seed=3
    )
    orgs, partners = model.state.orgs, model.state.partners
    pairs = [(i, int(partners[i, k])) for i in range(len(orgs)) for k in range(orgs[i].degree)]
    assert len(pairs) > 100
    assert {bool(orgs["sector"][i] == orgs["sector"][j]) for i, j in pairs} == {bool(within)}


def opinions(bound: float, weeks: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the opinions of forty organizations on one issue, evenly spaced at the start, and after so many weeks."""
    exact = ("deliberation.misperception=0", "deliberation.convergence=0.5", f"deliberation.bound={bound}")
    quiet = ("sectors=[civil_society]", "population.size=40", "population.dimensions=1", "population.max_ties=64")
    alike = ("population.listening_spread=0", "population.firmness=0")
    model, _ = meetings_of(1, *exact, *quiet, *alike, "meeting.rate=3")
    before = np.linspace(0, 1, 40)
    model.state.orgs["position"][:, 0] = before
    for _ in range(weeks):
        engine.begin_week(model.state, model.rules)
        for name in ("meet", "deliberate"):
            model.mechanisms[name](model)
    return before, model.state.orgs["position"][:, 0].copy()


def test_a_wide_bound_of_confidence_ends_in_consensus_at_the_mean():
    """Deffuant et al. (2000): a pair's exchange conserves its mean, and with a bound above the range all converge."""
    before, after = opinions(bound=2.0, weeks=200)
    assert after.std() < 1e-6
    assert after.mean() == pytest.approx(before.mean(), abs=1e-9)


@pytest.mark.parametrize("bound", [0.05, 0.1, 0.2])
def test_a_narrow_bound_of_confidence_ends_in_camps_farther_apart_than_the_bound(bound):
    """Deffuant et al. (2000): about 1 / (2 x bound) camps; here within a factor of two."""
    _, after = opinions(bound, weeks=400)
    camps = np.sort(after)
    gaps = np.diff(camps)[np.diff(camps) > 1e-3]
    assert (gaps > bound).all()
    assert 0.5 / (2 * bound) <= len(gaps) + 1 <= 2 / (2 * bound)


def relabelled(tmp_path, order: np.ndarray, *own: str) -> InitiativeModel:
    """Return a model of a dozen organizations of which everything is known, listed in some order."""
    rng = np.random.default_rng(8)
    table = pd.DataFrame(
        {"name": [f"O{k}" for k in range(12)], "sector": ["government", "business", "civil_society"] * 4}
    )
    for column in ("salience", "position_1", "position_2"):
        table[column] = rng.uniform(0.3, 0.9, 12)
    table["reliability"] = rng.uniform(0.8, 0.95, 12)
    table["capacity"], table["influence"] = rng.uniform(5, 9, 12), rng.uniform(0.5, 2, 12)
    table["listening"], table["firmness"] = rng.uniform(0.5, 1.5, 12), rng.uniform(0, 0.5, 12)
    pairs = [(i, j) for i in range(12) for j in range(12) if i != j and rng.random() < 0.4]
    ties = pd.DataFrame(
        [(f"O{i}", f"O{j}", rng.uniform(0.3, 1)) for i, j in pairs], columns=["source", "target", "trust"]
    )
    table.iloc[order].to_csv(tmp_path / "organizations.csv", index=False)
    ties.to_csv(tmp_path / "ties.csv", index=False)
    files = [f"organizations='{tmp_path}/organizations.csv'", f"ties='{tmp_path}/ties.csv'"]
    known = [
        "context.difficulty=0.6",
        "population.trust_spread=0",
        "commitment.noise=0",
        "deliberation.misperception=0",
        "leaving.turnover=0",
        "population.difference=0",
        "mandates.active=false",
    ]
    return InitiativeModel(
        load_config("run", ["population=from_files", *files, *known, "components=six", *own]), seed=1
    )


@pytest.mark.parametrize("announcements", [0, 1])
@pytest.mark.parametrize("seed", range(3))
def test_relabelling_the_organizations_permutes_what_follows_without_chance(tmp_path, seed, announcements):
    """Where no draw is needed, the order of the table is nothing but a name: upkeep, joint text, decisions, exits."""
    order = np.random.default_rng(seed).permutation(12)
    plain, moved = relabelled(tmp_path, np.arange(12)), relabelled(tmp_path, order)
    for model in (plain, moved):
        model.rules.rate, model.rules.staff, model.rules.reporting = 0.0, 0.0, 0.0
        model.rules.continuous_communication = announcements
        model.rules.cost = 0.2
        for _ in range(6):
            engine.begin_week(model.state, model.rules)
            for name in ("convene", "negotiate", "meet", "deliberate", "agree", "commit", "leave"):
                model.mechanisms[name](model)
    beliefs = ("mean_trust", "mean_willingness", "expected_share")
    for name in (*beliefs, "committed", "signatory", "position", "salience", "discontent", "hours_spent"):
        np.testing.assert_allclose(moved.state.orgs[name], plain.state.orgs[name][order], atol=1e-12)
    assert np.ptp(plain.state.orgs["mean_trust"]) > 0.05
    assert 0 < plain.state.orgs["committed"].sum() < 12
    np.testing.assert_allclose(moved.initiative.agenda, plain.initiative.agenda, atol=1e-12)


def test_relabelling_the_organizations_leaves_the_distribution_of_outcomes_as_it_is(tmp_path):
    """600 runs each way on other luck: a two-sided test at 1 % on the share that forms, and on the hours (Mann-Whitney)."""
    order = np.random.default_rng(0).permutation(12)
    plain = simulate(relabelled(tmp_path, np.arange(12), "commitment.cost=0.19").config, range(600))
    moved = simulate(relabelled(tmp_path, order, "commitment.cost=0.19").config, range(600, 1200))
    formed = [[t["formed"].sum(), (~t["formed"]).sum()] for t in (plain, moved)]
    assert 30 < formed[0][0] < 570
    assert stats.fisher_exact(formed).pvalue > 0.01
    assert stats.mannwhitneyu(plain["hours_spent"], moved["hours_spent"]).pvalue > 0.01


@pytest.mark.parametrize(
    "unused",
    [
        ["charter.hours=9", "charter.round_weeks=1", "charter.tolerance=1", "delivery.small_stake=0.1"],
        ["stages.core=3", "stages.cohort=2", "stages.readiness=0.9"],
        ["agreement.signing_trust=0.65", "components.wage=70"],
    ],
)
def test_what_is_not_in_use_changes_nothing(unused):
    base = ["components=none", "population.size=18", "weeks=40"]
    plain, extra = (simulate(load_config("run", o), range(10)) for o in (base, [*base, *unused]))
    pd.testing.assert_frame_equal(plain, extra, check_exact=True)


def test_partners_of_a_table_keep_their_order(tmp_path):
    order = np.arange(12)[::-1]
    assert partners_from(relabelled(tmp_path, order).config).names[0] == "O11"
