"""Sequential replication in sweeps: each setting as often as it takes, the same however often it is interrupted."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from ci_sim import UserError, load_config, sweep
from ci_sim.report.sweep import print_sweep
from ci_sim.studies.execution.folder import read_sweep
from ci_sim.studies.execution.plan import plan_of
from ci_sim.studies.execution.sequential import next_look
from ci_sim.studies.execution.storage import Store
from ci_sim.studies.execution.verify import verify
from ci_sim.studies.questions.discovery import discover
from ci_sim.studies.questions.sensitivity import noise_of, sensitivity
from ci_sim.studies.statistics.intervals import level, paired_effect

STUDY = [
    "population.size=8",
    "weeks=40",
    "quiet=true",
    "over={context.conflict:null,context.trust:null}",
    "replicates=10",
]
PRECISE = ["design.samples=32", "precision=0.05", "max_replicates=400"]


def configured(folder: Path, *overrides: str, precise: bool = True):
    return load_config("sweep", [*STUDY, *(PRECISE if precise else ()), f"output_dir='{folder}'", *overrides])


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert sweep(configured(folder, "scenarios=[baseline,sixth_component]")).complete
    return folder


def half_widths(table: pd.DataFrame, outcome: str, upto: dict[int, int] | None = None) -> pd.Series:
    widths = {}
    for setting, runs in table.groupby("setting"):
        runs = runs if upto is None else runs[runs["replicate"] < upto[setting]]
        a, b = (
            runs[runs["scenario"] == name].sort_values("replicate")[outcome].to_numpy(float)
            for name in ("sixth_component", "baseline")
        )
        found = paired_effect(outcome, a, b)
        widths[setting] = (found.ci_high - found.ci_low) / 2
    return pd.Series(widths)


def test_each_setting_has_as_many_replicates_as_its_effect_needs(whole):
    table = pd.read_parquet(whole / "outcomes.parquet")
    replicates = table.groupby("setting")["replicate"].max() + 1
    widths = half_widths(table, "formed")
    assert ((widths <= 0.05) | (replicates == 400)).all()
    assert (table.groupby(["setting", "scenario"])["replicate"].nunique().unstack().nunique(axis=1) == 1).all()
    more = replicates[replicates > 10]
    assert more.nunique() > 3
    before = {setting: n // 2 for setting, n in replicates.items()}
    assert (half_widths(table, "formed", before) > 0.05).all()  # and at most twice as many
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["runs"] == manifest["runs_done"] == len(table)
    assert (manifest["replicates"], manifest["most_replicates"]) == (replicates.min(), replicates.max())


def test_its_runs_are_those_of_a_sweep_of_fixed_replicates(whole, tmp_path):
    fixed = configured(
        tmp_path, "scenarios=[baseline,sixth_component]", "design.samples=32", "replicates=400", precise=False
    )
    sweep(fixed)
    every = pd.read_parquet(tmp_path / "outcomes.parquet").set_index("run_id")
    some = pd.read_parquet(whole / "outcomes.parquet").set_index("run_id")
    assert some.index.is_unique
    pd.testing.assert_frame_equal(some, every.loc[some.index], check_exact=True)


@pytest.mark.parametrize("after", [1, 5, 9])
def test_interrupted_at_any_look_it_ends_the_same(whole, tmp_path, monkeypatch, ctrl_c, after):
    keep, kept = Store.keep, []

    def until(store, chunk, content):
        keep(store, chunk, content)
        kept.append(chunk)
        if len(kept) == after:
            ctrl_c()

    config = configured(tmp_path, "scenarios=[baseline,sixth_component]")
    monkeypatch.setattr(Store, "keep", until)
    assert sweep(config).stopped
    assert sweep(config).complete
    assert (tmp_path / "outcomes.parquet").read_bytes() == (whole / "outcomes.parquet").read_bytes()
    done = sweep(config)
    assert (done.complete, done.runs) == (True, len(done.outcomes))


def test_a_sample_of_it_can_be_verified(whole, tmp_path):
    check = verify(whole, 60)
    assert (check.sample, len(check.differing)) == (60, 0)
    table = pd.read_parquet(whole / "outcomes.parquet")
    for name in ("config.yaml", "design.parquet"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    table.drop(table.index[-1]).to_parquet(tmp_path / "outcomes.parquet")
    with pytest.raises(UserError, match="rows"):
        verify(tmp_path)


def test_one_scenario_is_known_by_its_outcome(tmp_path):
    result = sweep(configured(tmp_path, "design.samples=8", "precision=2", "precision_outcome=time_to_formation"))
    for _, runs in result.outcomes.groupby("setting"):
        found = level(runs["formation_week"].fillna(40).to_numpy(float))
        assert (found.ci_high - found.ci_low) / 2 <= 2 or len(runs) == 400


def test_where_nothing_happens_an_interval_without_width_is_not_believed_at_once(tmp_path):
    never = ["design.samples=2", "weeks=4", "precision_outcome=time_to_formation", "precision=1"]
    result = sweep(configured(tmp_path, *never))
    assert not result.outcomes["formed"].any()
    assert (result.outcomes.groupby("setting").size() == 80).all()  # 10, 20, 40 and then no fewer than 60


def test_the_luck_of_unequal_replicates_is_that_of_each_setting():
    """180 settings in which nothing varies, 16 times, and 20 of fair coins, 400 times: luck left is 20 × 0.25 / 400 / 200."""
    rng, response = np.random.default_rng(1), np.full((200, 400), np.nan)
    response[:180, :16] = 0.0
    response[180:] = rng.random((20, 400)) < 0.5
    found = noise_of(response)
    left = 20 * 0.25 / 400 / 200
    assert found.in_means == pytest.approx(left / np.nanmean(response, axis=1).var(ddof=1), rel=0.01)
    assert found.luck_in_setting == pytest.approx(0.025 / (0.025 + 0.25 * 0.09), abs=0.02)


def test_a_folder_of_before_there_was_precision_can_be_read(tmp_path):
    sweep(configured(tmp_path, "design.samples=4", precise=False))
    path = tmp_path / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in ("precision", "precision_outcome", "max_replicates", "common_seeds"):
        del config[key]
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    assert read_sweep(tmp_path).response("formed", "baseline").shape == (4, 10)


def test_another_process_may_come_to_the_end_first(whole, tmp_path, monkeypatch):
    """Both are at their second look when the other one puts all parts into one table, and clears them."""
    config, look = configured(tmp_path, "scenarios=[baseline,sixth_component]"), Store.table

    def too_late(store, columns):
        monkeypatch.setattr(Store, "table", look)
        assert sweep(config).complete
        return look(store, columns)

    monkeypatch.setattr(Store, "table", too_late)
    assert sweep(config).complete
    assert (tmp_path / "outcomes.parquet").read_bytes() == (whole / "outcomes.parquet").read_bytes()


def test_unequal_replicates_can_be_analysed(whole, monkeypatch):
    monkeypatch.setattr(
        "ci_sim.studies.questions.sensitivity._RESAMPLES", 3
    )  # a short form, for which the intervals do not matter
    folder = read_sweep(whole)
    values = folder.response("formed", "baseline")
    table = pd.read_parquet(whole / "outcomes.parquet").query("scenario == 'baseline'")
    means = table.groupby("setting")["formed"].mean()
    np.testing.assert_allclose(np.nanmean(values, axis=1), means)
    assert (~np.isnan(values)).sum() == len(table)
    found = sensitivity(folder, ["formed", "time_to_formation"], seed=1)
    assert found.noise[["parameters", "luck_in_setting"]].notna().all(axis=None)
    asked = load_config("discover", [f"sweep='{whole}'", "above=0.3", "quiet=true"])
    assert len(discover(folder, asked).of_interest) == 32


def test_own_seeds_differ_between_settings_and_not_between_scenarios(tmp_path):
    config = configured(
        tmp_path, "common_seeds=false", "scenarios=[baseline,sixth_component]", "design.samples=4", precise=False
    )
    table = sweep(config).outcomes
    assert table["seed"].nunique() == 4 * 10
    assert (table.groupby(["setting", "replicate"])["seed"].nunique() == 1).all()
    assert verify(tmp_path, 20).differing.empty
    huge = plan_of(configured(tmp_path, "common_seeds=false", "design.samples=4", "max_replicates=1000000"))
    assert huge.seeds_of(np.array([3]), np.array([999_999])) != huge.seeds_of(np.array([2]), np.array([999_999]))
    with pytest.raises(UserError, match="more seeds than there are"):
        plan_of(configured(tmp_path, "common_seeds=false", "design.samples=64", "max_replicates=100000000"))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [(["shard=1/2"], "cannot be done in shards"), (["precision=0"], "above 0"), (["precision=x"], "above 0")],
)
def test_what_cannot_be_is_refused(tmp_path, overrides, said):
    with pytest.raises(UserError, match=said):
        sweep(configured(tmp_path / "new", *overrides))
    assert not (tmp_path / "new").exists()


def test_how_many_replicates_it_took_is_said(whole, capsys):
    config = configured(whole, "scenarios=[baseline,sixth_component]", "max_replicates=400")
    print_sweep(config, sweep(config))
    said = " ".join(capsys.readouterr().out.split())
    assert "Replicates were added in each setting until effects on formed were known to ±0.05:" in said


@pytest.mark.parametrize(
    ("half_width", "wanted"),
    [(0.1, 200), (0.06, 144), (0.0501, 110), (0.0, 110)],  # ten per cent more at least
)
def test_the_next_look_is_where_the_interval_should_be_narrow_but_at_most_at_the_double(half_width, wanted):
    assert next_look(100, half_width, precision=0.05) == wanted
