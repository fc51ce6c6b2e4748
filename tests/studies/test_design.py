import numpy as np
import pandas as pd
import pytest

from ci_sim import load_config, simulate
from ci_sim.parameters import declared
from ci_sim.rules import RULES, set_rule
from ci_sim.studies.design import jobs_of, space_filling, spans
from ci_sim.studies.runner import run_jobs


def test_every_span_lies_within_the_limits_and_holds_the_default():
    for key, (low, high) in spans().items():
        meta = declared()[key]
        default = meta["default"] if isinstance(meta["default"], list) else [meta["default"]]
        assert meta["low"] <= low < high <= meta["high"], key
        assert all(low <= value <= high for value in default), key


def test_a_design_fills_every_span_evenly():
    settings = space_filling(spans(), 256, seed=3)
    assert settings.shape == (256, len(spans()))
    for key, (low, high) in spans().items():
        values = settings[key]
        assert values.between(low, high).all()
        if isinstance(declared()[key]["default"], int):
            share = values.value_counts(normalize=True)
            assert set(share.index) == set(range(low, high + 1)), key
            assert share.max() - share.min() <= 4 / 256, key  # either end of a value's interval may cut off a point
        else:
            share = np.histogram(values, np.linspace(low, high, 5))[0] / 256
            assert (np.abs(share - 0.25) < 0.01).all(), key
    assert not space_filling(spans(), 256, seed=4).equals(settings)


def test_a_job_of_a_design_is_the_run_of_the_same_configuration():
    """Every key of a design, set in a job, gives the same numbers to the last bit as the same key on the command line."""
    settings = space_filling(spans(), 8, seed=5)
    settings["population.size"] = [12, 15, 18, 21, 24, 27, 30, 33]
    config = load_config("four_insights", ["weeks=30"])
    runs, _ = run_jobs(jobs_of(config, settings), seed=1, replicates=2, quiet=True)
    for row, setting in settings.iterrows():
        whole = {key for key in settings if isinstance(declared()[key]["default"], int)}
        overrides = [f"{key}={int(value) if key in whole else repr(float(value))}" for key, value in setting.items()]
        alone = simulate(load_config("four_insights", ["weeks=30", *overrides]), runs[str(row)].outcomes["seed"])
        columns = [c for c in alone if c not in ("run_id", "scenario")]
        pd.testing.assert_frame_equal(alone[columns], runs[str(row)].outcomes[columns], check_exact=True)


def test_a_key_that_is_no_number_of_the_rules_is_refused():
    with pytest.raises(KeyError):
        set_rule(np.zeros(1, RULES), "population.size", 3)
