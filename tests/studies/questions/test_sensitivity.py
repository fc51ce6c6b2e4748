"""Sensitivity and discovery on functions whose answer is known, through the same path as the model: a sweep and its folder."""

import math

import numpy as np
import pandas as pd
import pytest

from ci_sim import UserError, load_config, sweep
from ci_sim.report.sensitivity import write_sensitivity_page
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.studies.execution import plan
from ci_sim.studies.execution.folder import read_sweep
from ci_sim.studies.execution.output import now
from ci_sim.studies.questions.discovery import discover
from ci_sim.studies.questions.sensitivity import noise_of, sensitivity, write_sensitivity
from ci_sim.studies.statistics.design import encoded

KEYS = ["delivery.observation", "components.easing", "components.reporting"]  # each from 0 to 1
OVER = "over={delivery.observation:[0,1],components.easing:[0,1],components.reporting:[0,1]}"
TRUST, FORMED = OUTCOME_ROW.index("trust_across"), OUTCOME_ROW.index("formed")


def swept(folder, monkeypatch, function, *overrides: str):
    """Run a sweep in which a function of the three keys and of the job stands for the model; return its folder, read."""

    def outcomes(job, seeds, with_series):
        values = np.zeros((len(seeds), len(OUTCOME_ROW)))
        inputs = np.column_stack([job.rules[key.partition(".")[2]] for key in KEYS])
        values[:, TRUST] = function(inputs, job.name)
        values[:, FORMED] = values[:, TRUST] > 0.5
        return values, np.empty(0)

    monkeypatch.setattr(plan, "run_seeds", outcomes)
    sweep(load_config("sweep", [OVER, "replicates=2", "quiet=true", f"output_dir='{folder}'", *overrides]))
    return read_sweep(folder)


def ishigami(inputs, name):
    x = np.pi * (2.0 * inputs - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_indices_agree_with_the_closed_form(tmp_path, monkeypatch):
    """Ishigami & Homma (1990); the tolerance is four of the bootstrap's standard errors, and at least 0.01."""
    folder = swept(tmp_path, monkeypatch, ishigami, "design=saltelli", "design.samples=4096")
    found = sensitivity(folder, ["trust_across"], seed=1).indices.set_index(["parameter", "with", "measure"])
    first, third = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2, 8 * 0.1**2 * math.pi**8 / 225
    second = 7**2 / 8
    whole = first + second + third
    a, b, c = KEYS
    exact = {
        (a, "", "S1"): first / whole, (b, "", "S1"): second / whole, (c, "", "S1"): 0.0,
        (a, "", "ST"): (first + third) / whole, (b, "", "ST"): second / whole, (c, "", "ST"): third / whole,
        (a, b, "S2"): 0.0, (a, c, "S2"): third / whole, (b, c, "S2"): 0.0,
    }  # fmt: skip
    assert len(found) == len(exact)
    for at, index in exact.items():
        row = found.loc[at]
        error = (row["ci_high"] - row["ci_low"]) / (2 * 1.96)
        assert row["estimate"] == pytest.approx(index, abs=max(0.01, 4 * error)), at
        assert error < 0.03


def test_elementary_effects_of_a_linear_function_are_its_slopes(tmp_path, monkeypatch):
    folder = swept(
        tmp_path, monkeypatch, lambda x, name: 3 * x[:, 0] - 0.5 * x[:, 1], "design=morris", "design.samples=8"
    )
    found = sensitivity(folder, ["trust_across"], seed=1).indices.set_index(["measure", "parameter"])["estimate"]
    np.testing.assert_allclose(found["mu_star"][KEYS], [3.0, 0.5, 0.0], atol=1e-12)
    np.testing.assert_allclose(found["sigma"][KEYS], 0.0, atol=1e-12)


def test_pawn_ranks_what_decides_and_the_effect_of_a_scenario_is_a_response_too(tmp_path, monkeypatch):
    def function(x, name):
        return x[:, 0] + (x[:, 1] if name == "sixth_component" else 0.0)

    folder = swept(tmp_path, monkeypatch, function, "design.samples=512", "scenarios=[baseline,sixth_component]")
    found = sensitivity(folder, ["trust_across"], seed=1)
    first = found.indices.drop_duplicates("response").set_index("response")["parameter"]
    assert first["baseline"] == KEYS[0]
    assert first["sixth_component - baseline"] == KEYS[1]
    assert found.method == "pawn"
    assert found.noise[["parameters", "luck_in_setting"]].to_numpy() == pytest.approx(np.array([[1.0, 0.0]] * 3))


def test_noise_is_told_apart_from_parameters():
    """Variances 4 (settings), 1 (luck in common), 2 (luck of each setting), 400 settings of 50 replicates."""
    rng = np.random.default_rng(4)
    response = rng.normal(0, 2, (400, 1)) + rng.normal(0, 1, (1, 50)) + rng.normal(0, math.sqrt(2), (400, 50))
    found = noise_of(response)
    assert found.parameters == pytest.approx(4 / 7, abs=0.06)  # about two standard errors of the variances
    assert found.luck == pytest.approx(1 / 7, abs=0.06)
    assert found.luck_in_setting == pytest.approx(2 / 7, abs=0.03)
    assert found.in_means == pytest.approx((2 / 50) / (4 + 2 / 50), rel=0.2)
    assert np.isnan(noise_of(response[:, :1]).parameters)


def box(x):
    return (x[:, 0] > 0.6) & (x[:, 1] < 0.4)


def limits_close(found) -> bool:
    limits = found.box.limits
    return abs(limits[KEYS[0]][0] - 0.6) < 0.05 and abs(limits[KEYS[1]][1] - 0.4) < 0.05


def test_prim_and_the_tree_find_a_planted_box(tmp_path, monkeypatch):
    folder = swept(tmp_path, monkeypatch, lambda x, name: box(x).astype(float), "design.samples=1024")
    found = discover(folder, load_config("discover", ["outcome=formed", "above=0.5"]))
    assert found.of_interest.mean() == pytest.approx(0.16, abs=0.01)
    assert limits_close(found)
    assert found.box.density > 0.9
    assert found.box.coverage > 0.85
    assert "delivery.observation at least 0.6" in found.rule
    assert found.leaves[0].density > 0.9
    assert found.leaves[0].coverage > 0.85
    assert sum(leaf.inside for leaf in found.leaves) == 512  # the half that did not grow the tree


def test_where_a_lever_hurts_is_found_from_the_sign_of_its_paired_effect(tmp_path, monkeypatch):
    def function(x, name):
        return x[:, 2] + np.where(box(x), -0.1, 0.1) * (name == "sixth_component")

    folder = swept(tmp_path, monkeypatch, function, "design.samples=1024", "scenarios=[baseline,sixth_component]")
    asked = ["outcome=trust_across", "effect_of=sixth_component"]
    hurts = discover(folder, load_config("discover", asked))
    assert limits_close(hurts)
    helps = discover(folder, load_config("discover", [*asked, "sign=positive"]))
    assert (helps.of_interest == ~hurts.of_interest).all()
    with pytest.raises(UserError, match="effect_of=intra_sector: must be a scenario of the sweep besides baseline"):
        discover(folder, load_config("discover", ["effect_of=intra_sector"]))


def test_too_few_cases_are_no_rule(tmp_path, monkeypatch):
    folder = swept(tmp_path, monkeypatch, lambda x, name: x[:, 0], "design.samples=64")
    found = discover(folder, load_config("discover", ["outcome=trust_across", "above=0.98"]))
    assert found.box is None
    assert found.leaves == []


def test_words_become_numbers_that_read_as_rules():
    table = encoded(
        pd.DataFrame({"stages": ["none", "map", "all", "map"], "commitment.signature": [True, False, True, None]})
    )
    assert list(table) == ["stages = none", "stages = map", "stages = all", "commitment.signature = false"]
    assert table["stages = map"].tolist() == [0, 1, 0, 1]


def test_a_folder_without_a_complete_sweep_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no sweep"):
        read_sweep(tmp_path)
    config = load_config(
        "sweep", [OVER, "quiet=true", "shard=1/2", "population.size=6", "weeks=4", f"output_dir='{tmp_path}'"]
    )
    sweep(config)
    with pytest.raises(UserError, match="is not complete"):
        read_sweep(tmp_path)


def test_by_default_a_discovery_divides_outcomes_that_are_mostly_at_an_end(tmp_path, monkeypatch):
    """Eight of ten settings always form: above the median, which is 1, there is nothing."""
    folder = swept(tmp_path, monkeypatch, lambda x, name: (x[:, 0] > 0.2).astype(float), "design.samples=256")
    found = discover(folder, load_config("discover", ["outcome=formed"]))
    assert found.of_interest.mean() == pytest.approx(0.8, abs=0.01)
    assert found.question == "formed is above 0 in baseline"
    assert "at least 0.2" in found.rule


def test_a_threshold_that_nothing_or_everything_exceeds_is_refused(tmp_path, monkeypatch):
    folder = swept(tmp_path, monkeypatch, lambda x, name: x[:, 0], "design.samples=64")
    for above in (1, -1):
        with pytest.raises(UserError, match=f"above={above}: trust_across is from 0.0"):
            discover(folder, load_config("discover", ["outcome=trust_across", f"above={above}"]))


def test_an_outcome_that_never_varies_is_said_to_and_given_no_indices(tmp_path, monkeypatch):
    folder = swept(tmp_path, monkeypatch, lambda x, name: np.full(len(x), 0.25), "design.samples=64")
    with pytest.raises(UserError, match=r"outcome=trust_across: never varies: it is 0\.25 in all settings"):
        discover(folder, load_config("discover", ["outcome=trust_across"]))
    found = sensitivity(folder, ["trust_across"], seed=1)
    assert found.indices.empty
    assert found.noise["always"].tolist() == [0.25]
    config = load_config("sensitivity", ["outcomes=[trust_across]", f"output_dir='{tmp_path}/page'"])
    page = write_sensitivity_page(write_sensitivity(config, found, now()), config, found, "ci-sim sensitivity")
    assert "it never varies: it is 0.25 in all settings" in page.read_text(encoding="utf-8")
