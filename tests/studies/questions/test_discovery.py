"""Discovery and sensitivity against answers that are known because they were planted."""

import numpy as np
import pandas as pd
import pytest

from ci_sim import load_config, sweep
from ci_sim.studies.execution.folder import read_sweep
from ci_sim.studies.questions.discovery import discover, find_box
from ci_sim.studies.questions.sensitivity import DUMMY, pawn_indices


@pytest.fixture(scope="module")
def settings() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(1).uniform(size=(2000, 8)), columns=[f"x{k}" for k in range(8)])


def test_a_planted_box_is_found_and_judged_on_the_other_half(settings):
    inside = (settings["x1"] > 0.6) & (settings["x4"] < 0.5)
    box = find_box(settings, (inside & (np.random.default_rng(2).uniform(size=2000) < 0.9)).to_numpy(), seed=1)
    assert box is not None
    assert set(box.limits) >= {"x1", "x4"}
    assert box.limits["x1"][0] == pytest.approx(0.6, abs=0.05)
    assert box.limits["x4"][1] == pytest.approx(0.5, abs=0.05)
    assert box.density > 0.8
    assert box.coverage > 0.8
    assert box.base_rate == pytest.approx(0.18, abs=0.03)


def test_whole_numbers_are_limited_too(settings):
    whole = settings.assign(x1=(10 * settings["x1"]).astype(int))
    box = find_box(whole, ((whole["x1"] >= 6) & (whole["x4"] < 0.5)).to_numpy(), seed=1)
    assert box is not None
    assert 5 < box.limits["x1"][0] <= 6


def test_where_there_is_nothing_to_find_the_other_half_says_so(settings):
    box = find_box(settings, np.random.default_rng(3).uniform(size=2000) < 0.2, seed=1)
    assert box is not None
    assert box.density < 0.35


def test_too_few_cases_give_no_box(settings):
    assert find_box(settings, np.arange(2000) < 15, seed=1) is None


def test_sensitivity_ranks_planted_inputs_above_one_that_cannot_matter(settings):
    """An output that is zero in most settings, as an effect on a probability is."""
    output = np.where(settings["x2"] > 0.7, 3 * settings["x5"], 0.0)
    table = pawn_indices(settings.iloc[:600], output[:600], seed=1)
    assert table["parameter"].tolist()[0] == "x2"
    known = table.set_index("parameter")
    assert known.loc["x2", "ci_low"] > known.loc[DUMMY, "ci_high"]
    assert (known["ci_low"] <= known["ci_high"]).all()


def test_the_ready_study_answers_its_question(tmp_path):
    """Half of its settings and fewer runs in each: enough to say where stages help, by a rule that tells."""
    folder = tmp_path / "when_stages_help"
    study = load_config(
        "sweep",
        ["study=when_stages_help", "design.samples=256", "replicates=16", "quiet=true", f"output_dir='{folder}'"],
    )
    assert sweep(study).complete
    asked = load_config("discover", [f"sweep='{folder}'", "effect_of=preliminary_stages", "sign=positive"])
    found = discover(read_sweep(folder), asked)
    assert found.box is not None
    assert found.rule
    assert found.box.density > found.box.base_rate
    assert found.leaves
