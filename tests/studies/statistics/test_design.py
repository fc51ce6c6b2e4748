import numpy as np
import pandas as pd
import pytest

from ci_sim import UserError, load_config, simulate
from ci_sim.rules.parameters import declared
from ci_sim.rules.record import RULES, set_rule
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.execution.runner import run_jobs
from ci_sim.studies.statistics.design import design_of, space_filling, spans


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


OVER = "over={context.conflict:null,population.size:[20,40],stages:[none,all],commitment.signature:[true,false]}"


def designed(*overrides: str) -> pd.DataFrame:
    return design_of(load_config("sweep", [OVER, *overrides]))


@pytest.mark.parametrize(
    ("overrides", "settings"),
    [
        (["design=sobol", "design.samples=32"], 32),
        (["design=latin_hypercube", "design.samples=30"], 30),
        (["design=factorial", "design.levels=4"], 4 * 4 * 2 * 2),
        (["design=fractional_factorial"], 8),  # half of the sixteen corners
        (["design=one_at_a_time", "design.levels=3"], 1 + 3 + 3 + 2 + 2),
        (["design=morris", "design.samples=10"], 10 * (4 + 1)),
        (["design=saltelli", "design.samples=8"], 8 * (2 * 4 + 2)),
        (["design=saltelli", "design.samples=8", "design.second_order=false"], 8 * (4 + 2)),
    ],
)
def test_each_design_has_its_number_of_settings_within_the_ranges(overrides, settings):
    table = designed(*overrides)
    assert len(table) == settings
    assert table["context.conflict"].dropna().between(0, 0.7).all()
    assert set(table["population.size"].dropna()) <= set(range(20, 41))
    assert set(table["stages"].dropna()) == {"none", "all"}
    assert set(table["commitment.signature"].dropna()) == {True, False}
    assert designed(*overrides).equals(table)


def test_designs_have_the_property_that_they_are_named_for():
    cube = designed("design=latin_hypercube", "design.samples=50")["context.conflict"] / 0.7
    assert sorted((cube * 50).astype(int)) == list(range(50))
    factorial = designed("design=factorial")
    assert not factorial.duplicated().any()
    corners = designed("design=fractional_factorial").replace({"none": 0, "all": 1}).astype(float)
    assert np.abs(corners.corr().to_numpy() - np.eye(4)).max() < 1e-12  # main effects do not mix
    steps = designed("design=morris", "design.samples=1").apply(lambda c: c.map(str)).to_numpy()
    assert ((steps[1:] != steps[:-1]).sum(axis=1) == 1).all()  # one parameter at a time
    alone = designed("design=one_at_a_time")
    assert (alone.notna().sum(axis=1) <= 1).all()
    assert alone.iloc[0].isna().all()


def test_a_design_can_come_from_a_table(tmp_path):
    table = pd.DataFrame({"commitment.quorum": [0.4, 0.5], "stages": ["none", None]})
    for name in ("mine.csv", "mine.parquet"):
        table.to_csv(tmp_path / name, index=False) if name.endswith("csv") else table.to_parquet(tmp_path / name)
        read = design_of(load_config("sweep", ["design=file", f"design.file='{tmp_path / name}'"]))
        assert read["commitment.quorum"].tolist() == [0.4, 0.5]
        assert read["stages"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["over=[trust.halflife]"], ["trust.halflife", "trust.half_life"]),
        (["over={trust.half_life:[0,10]}"], ["trust.half_life", "0", "from 1"]),
        (["over={trust.half_life:[20,10]}"], ["trust.half_life", "below"]),
        (["over={stages:[none,al]}"], ["stages", "al", "did you mean all"]),
        (["over=[commitment.signature]"], ["commitment.signature", "list of values"]),
        (["over={commitment.signature:[true,maybe]}"], ["commitment.signature", "one kind"]),
        (["over=[seed]"], ["seed", "cannot be varied"]),
        ([], ["over", "name what to vary"]),
        (["over=[context.trust]", "design=morris", "design.levels=3"], ["design.levels=3", "even"]),
        (["design=file"], ["design.file", "no such file"]),
        (["design=file", "design.file=nowhere.csv"], ["nowhere.csv", "no such file"]),
    ],
)
def test_an_impossible_design_is_refused_in_one_line(overrides, words):
    with pytest.raises(UserError) as refused:
        design_of(load_config("sweep", overrides))
    assert "\n" not in str(refused.value)
    for word in words:
        assert word in str(refused.value)
