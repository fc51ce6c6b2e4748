import numpy as np
import pandas as pd
import pytest

from ci_sim import InitiativeModel, load_config, simulate
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.rules.parameters import COMPONENTS, EVENTS, SECTORS, STAGES
from ci_sim.rules.state import JOINT_STEP, MEMBER, SIGNED
from ci_sim.rules.streams import replicate_seeds
from ci_sim.simulation.ensemble import job_from, named_outcomes, run_seeds
from ci_sim.studies.execution.runner import run_jobs

SMALL = ["population.size=18", "weeks=60"]


def random_overrides(seed: int) -> list[str]:
    """Return a random configuration: switches, strengths, sizes and rules."""
    rng = np.random.default_rng(seed)
    weeks = int(rng.integers(20, 60))

    def some(names: tuple[str, ...]) -> str:
        return f"[{','.join(['none', *(name for name in names if rng.random() < 0.5)])}]"

    return [
        f"population.size={rng.integers(6, 40)}",
        f"population.dimensions={rng.integers(1, 5)}",
        f"population.max_ties={rng.integers(2, 20)}",
        f"weeks={weeks}",
        f"stages={some(STAGES)}",
        f"components={some(COMPONENTS)}",
        f"intra_sector={some(SECTORS)}",
        f"events={some(EVENTS)}",
        *(f"events.{name}.week={rng.integers(1, weeks)}" for name in EVENTS),
        f"stages.max_weeks={rng.integers(2, 12)}",
        f"meeting.rate={rng.uniform(0.3, 2):.3f}",
        f"population.capacity={rng.uniform(2, 12):.3f}",
        f"commitment.shared_fate={rng.choice([0.0, 0.6])}",
        f"commitment.noise={rng.choice([0.0, 0.05])}",
        f"delivery.observation={rng.choice([0.1, 1.0])}",
        f"leaving.patience={rng.integers(2, 20)}",
    ]


@pytest.mark.parametrize("seed", range(24))
def test_mesa_and_the_engine_agree_to_the_last_bit(seed):
    config = load_config("run", random_overrides(seed))
    model = InitiativeModel(config, seed=seed)
    model.run_model()
    one = simulate(config, [seed])
    pd.testing.assert_frame_equal(model.outcomes(), one, check_exact=True)
    _, series = run_seeds(job_from(config), np.array([seed]), with_series=True)
    weekly = model.weekly().drop(columns="week").to_numpy()
    np.testing.assert_array_equal(weekly, series[0, : len(weekly)])


@pytest.mark.parametrize("seed", range(8))
def test_hours_never_exceed_capacity_and_add_up(seed):
    model = InitiativeModel(load_config("run", random_overrides(seed)), seed=seed)
    spent = 0.0
    while model.running:
        model.step()
        orgs = model.state.orgs
        assert (orgs["hours_spent"] <= orgs["capacity"] + 1e-9).all()
        assert (orgs["hours_spent"] >= 0).all()
        np.testing.assert_allclose(orgs["hours_spent"] + orgs["hours_left"], orgs["capacity"], atol=1e-9)
        assert (orgs["hours_spent"][orgs["membership"] == 0] == 0).all()
        spent += orgs["hours_spent"].sum()
    assert model.initiative.hours == pytest.approx(spent)
    assert model.initiative.hours_by_purpose.sum() == pytest.approx(spent)


@pytest.mark.parametrize("seed", range(4))
def test_trust_stays_a_probability_and_ties_stay_two_sided(seed):
    model = InitiativeModel(load_config("run", random_overrides(seed)), seed=seed)
    n = len(model.organizations)
    while model.running:
        model.step()
        if model.week % 10 == 0:
            trusts = np.array([[model.trust(i, j) for j in range(n) if j != i] for i in range(n)])
            assert ((trusts > 0) & (trusts < 1)).all()
            check_ties(model)


def check_ties(model: InitiativeModel) -> None:
    orgs, ties = model.state.orgs, model.state.ties
    signed = np.zeros(len(orgs), int)
    for i in range(len(orgs)):
        assert orgs[i].degree <= ties.shape[1]
        partners = model.state.partners[i, : orgs[i].degree].tolist()
        assert len(set(partners)) == len(partners)
        assert i not in partners
        for k, j in enumerate(partners):
            other = ties[j, ties[i, k].mirror]
            assert model.state.partners[j, ties[i, k].mirror] == i
            assert (other.mirror, other.agreement) == (k, ties[i, k].agreement)
            assert ties[i, k].mirror < orgs[j].degree
            signed[i] += ties[i, k].agreement == SIGNED
            if ties[i, k].agreement >= JOINT_STEP:
                assert orgs[i].membership == orgs[j].membership == MEMBER
    assert (signed == orgs["signed"]).all()


def test_the_fund_pays_for_every_hour_of_the_backbone_and_is_never_overdrawn():
    model = InitiativeModel(
        load_config("run", [*SMALL, "components.fund=500", "funding.instalment=0", "components.staff=2"]), seed=3
    )
    before = model.initiative.fund
    while model.running:
        model.step()
        assert 0 <= model.initiative.fund <= before
        before = model.initiative.fund
    assert before == pytest.approx(0, abs=1e-6)


def outcomes_only(table: pd.DataFrame) -> pd.DataFrame:
    return table[list(OUTCOME_ROW)]


SWITCHES = {
    **{f"stage {s}": [f"stages.{s}.active=true", "stages.core=6", "stages.max_weeks=8"] for s in STAGES},
    **{f"component {c}": [f"components.{c}.active=true"] for c in COMPONENTS},
    **{f"caucus {s}": [f"intra_sector.{s}.active=true"] for s in SECTORS},
    **{f"event {e}": [f"events.{e}.active=true", f"events.{e}.week=10", f"events.{e}.size=1"] for e in EVENTS},
    **{f"sector {s}": [f"sectors=[{','.join(t for t in SECTORS if t != s)}]"] for s in SECTORS},
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_switch_changes_some_outcome(switch):
    components = (
        "five" if switch == "event funder_leaves" else "none"
    )  # without upkeep the backbone hardly spends its fund
    base = [f"components={components}", *SMALL]
    seeds = range(20)
    off = simulate(load_config("run", base), seeds)
    on = simulate(load_config("run", [*base, *SWITCHES[switch]]), seeds)
    assert not outcomes_only(off).equals(outcomes_only(on))


@pytest.mark.parametrize("lever", [*(f"components.{c}" for c in COMPONENTS), *(f"intra_sector.{s}" for s in SECTORS)])
def test_weeks_are_identical_until_a_lever_acts(lever):
    """Two scenarios that differ in a lever that begins in week 20 share their first 19 weeks to the last bit."""
    base = ["components=none", *SMALL]
    late = [*base, f"{lever}.active=true", f"{lever}.from_week=20"]
    plain, levered = (run_seeds(job_from(load_config("run", o)), np.arange(10), True)[1] for o in (base, late))
    np.testing.assert_array_equal(plain[:, :19], levered[:, :19])
    assert not np.array_equal(plain[:, 19:], levered[:, 19:], equal_nan=True)


@pytest.mark.parametrize("event", EVENTS)
def test_weeks_are_identical_until_an_event_happens(event):
    base = ["components=five", *SMALL]
    struck = [*base, f"events.{event}.active=true", f"events.{event}.week=20", f"events.{event}.size=0.9"]
    plain, hit = (run_seeds(job_from(load_config("run", o)), np.arange(10), True)[1] for o in (base, struck))
    np.testing.assert_array_equal(plain[:, :19], hit[:, :19])
    assert not np.array_equal(plain[:, 19:], hit[:, 19:], equal_nan=True)


@pytest.mark.parametrize("switch", ["components.backbone", "stages.found", "intra_sector.business"])
def test_strength_zero_is_the_same_as_off(switch):
    base = ["components=none", *SMALL]
    off = simulate(load_config("run", base), range(10))
    zero = simulate(load_config("run", [*base, f"{switch}.active=true", f"{switch}.strength=0"]), range(10))
    pd.testing.assert_frame_equal(off, zero, check_exact=True)


def test_results_do_not_depend_on_workers_or_on_the_order_of_runs():
    job = job_from(load_config("run", SMALL))
    one, three = (
        run_jobs([job], 4, 53, load_config("run", [f"executor.workers={n}"]).executor, quiet=True)[0] for n in (1, 3)
    )
    pd.testing.assert_frame_equal(one["baseline"].outcomes, three["baseline"].outcomes, check_exact=True)
    seeds = replicate_seeds(4, 53)
    backwards, _ = run_seeds(job, seeds[::-1].copy(), with_series=False)
    pd.testing.assert_frame_equal(
        named_outcomes(backwards[::-1]), outcomes_only(one["baseline"].outcomes), check_exact=True
    )


def test_memory_of_an_earlier_run_leaves_no_trace():
    job = job_from(load_config("run", [*SMALL, "scenario=four_insights"]))
    together, _ = run_seeds(job, np.array([7, 8, 9]), with_series=False)
    alone, _ = run_seeds(job, np.array([9]), with_series=False)
    np.testing.assert_array_equal(together[2], alone[0])


@pytest.mark.parametrize("seed", range(6))
def test_formation_and_collapse_are_consistent(seed):
    table = simulate(load_config("run", random_overrides(seed)), range(40))
    weeks = load_config("run", random_overrides(seed)).weeks
    assert (table["formed"] == table["formation_week"].notna()).all()
    assert (table["collapsed"] == table["collapse_week"].notna()).all()
    assert (table["formed"] | table["collapsed"]).all()
    assert table["formation_week"].dropna().between(1, weeks).all()
    assert (table["collapse_week"].dropna() <= weeks).all()
    assert (table.loc[~table["formed"], "collapse_week"].notna()).all()
