"""Sweeps: the same table to the last byte, whoever does the runs, and whatever interrupts them."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from omegaconf import OmegaConf

from ci_sim import UserError, load_config, simulate, sweep
from ci_sim.configuration.composition import with_values
from ci_sim.studies.execution.plan import Plan, plan_of
from ci_sim.studies.execution.verify import verify
from ci_sim.studies.questions import sweep as sweeping

SMALL = ["population.size=8", "weeks=12", "quiet=true"]
STUDY = [
    *SMALL,
    "over={context.conflict:null,trust.half_life:[13,208],stages:[none,all]}",
    "scenarios=[baseline,sixth_component]",
    "design.samples=256",
    "replicates=16",
]


def configured(folder: Path, *overrides: str):
    return load_config("sweep", [*STUDY, f"output_dir='{folder}'", *overrides])


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The folder of a sweep that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    assert sweep(configured(folder)).complete
    return folder


def plain(value):
    return value.item() if isinstance(value, np.generic) else value


def table_in(folder: Path) -> bytes:
    return (folder / "outcomes.parquet").read_bytes()


def test_a_row_is_the_run_of_the_same_configuration(whole):
    """Any row, done alone by `simulate` in a configuration with its setting's values, gives the same to the last bit."""
    table = pd.read_parquet(whole / "outcomes.parquet")
    assert len(table) == 256 * 2 * 16
    assert table["run_id"].is_unique
    settings = pd.read_parquet(whole / "design.parquet").drop(columns="setting")
    for row in table.sample(12, random_state=3).to_dict("records"):
        config = load_config("run", [*SMALL, f"scenario={row['scenario']}"])
        values = {key: plain(row[key]) for key in settings}
        alone = simulate(with_values(config, values), [row["seed"]]).iloc[0]
        for name in alone.index.drop(["run_id", "scenario", "replicate"]):
            assert alone[name] == row[name] or (pd.isna(alone[name]) and pd.isna(row[name])), name
        assert settings.loc[row["setting"]].to_dict() == {key: row[key] for key in settings}


def test_replicates_are_paired_by_seed_across_settings_and_scenarios(whole):
    table = pd.read_parquet(whole / "outcomes.parquet")
    assert (table.groupby("replicate")["seed"].nunique() == 1).all()
    assert table["seed"].nunique() == 16


def test_values_that_the_rules_are_not_told_are_varied_too(tmp_path):
    """Who takes part, switches and strengths of levers, events: each setting is the run of its own configuration."""
    over = (
        "over={population.size:[6,12],components.backbone.strength:[0,1],events:[none,crisis],components.shared_measurement"
        ".from_week:[0,8],intra_sector.business.strength:[0.2,1]}"
    )
    small = [*SMALL, "events.crisis.week=5", "scenario=intra_sector"]
    config = load_config("sweep", [*small, over, "design.samples=8", "replicates=2"])
    table = plan_of(config).outcomes(0)
    for row in table.to_dict("records"):
        values = {key: plain(value) for key, value in row.items() if "." in key or key == "events"}
        alone = simulate(with_values(load_config("run", small), values), [row["seed"]])
        assert alone["hours_spent"].iloc[0] == row["hours_spent"]
        assert alone["promises_kept"].iloc[0] == row["promises_kept"]


def test_the_folder_says_what_was_done(whole):
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["complete"]
    assert manifest["runs"] == manifest["runs_done"] == 8192
    assert set(manifest["sha256"]) == {"design.parquet", "outcomes.parquet"}
    progress = json.loads((whole / "progress.json").read_text())
    assert progress["runs_done"] == progress["runs"] == 8192
    table = pd.read_parquet(whole / "outcomes.parquet", columns=["formed"])
    assert progress["formed_share"] == pytest.approx(table["formed"].mean())
    assert sorted(path.name for path in whole.iterdir()) == [
        "config.yaml", "design.parquet", "manifest.json", "outcomes.parquet", "progress.json",
    ]  # fmt: skip


def test_a_complete_sweep_is_not_run_again(whole, monkeypatch):
    monkeypatch.setattr(Plan, "outcomes", lambda *_: pytest.fail("ran again"))
    before = table_in(whole)
    assert sweep(configured(whole)).complete
    assert table_in(whole) == before


def test_shards_merge_into_the_same_table(whole, tmp_path, monkeypatch):
    for shard in ("2/3", "1/3", "3/3"):
        result = sweep(configured(tmp_path, f"shard={shard}"))
        assert not result.complete
    assert result.runs_done == 8192
    monkeypatch.setattr(Plan, "outcomes", lambda *_: pytest.fail("ran again"))
    assert sweep(configured(tmp_path)).complete
    assert table_in(tmp_path) == table_in(whole)


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b", "-1/2"])
def test_an_impossible_shard_is_refused(tmp_path, shard):
    with pytest.raises(UserError, match="K/N"):
        sweep(configured(tmp_path / "new", f"shard={shard}"))
    assert not (tmp_path / "new").exists()


def test_the_number_of_workers_changes_nothing(whole, tmp_path):
    sweep(configured(tmp_path, "executor.workers=1"))
    assert table_in(tmp_path) == table_in(whole)


def stopped_after(chunks: int, folder: Path, monkeypatch, ctrl_c, *overrides: str) -> None:
    """Begin a sweep that Ctrl-C stops when so many chunks are kept."""
    with monkeypatch.context() as patched:
        keep = sweeping._keep

        def keep_and_stop(store, chunk, content):
            keep(store, chunk, content)
            if len(store.kept) == chunks:
                ctrl_c()

        patched.setattr(sweeping, "_keep", keep_and_stop)
        assert sweep(configured(folder, *overrides)).stopped


def test_a_stopped_sweep_goes_on_where_it_was(whole, tmp_path, monkeypatch, ctrl_c):
    stopped_after(3, tmp_path, monkeypatch, ctrl_c)
    assert not json.loads((tmp_path / "manifest.json").read_text())["complete"]
    kept = {path.name for path in (tmp_path / "parts").iterdir()}
    assert 3 <= len(kept) < 9
    done = []
    outcomes = Plan.outcomes
    monkeypatch.setattr(Plan, "outcomes", lambda plan, chunk: done.append(chunk) or outcomes(plan, chunk))
    assert sweep(configured(tmp_path)).complete
    assert {int(name[:7]) for name in kept}.isdisjoint(done)
    assert table_in(tmp_path) == table_in(whole)


def test_torn_and_foreign_parts_are_set_aside_and_done_again(whole, tmp_path, monkeypatch, ctrl_c):
    stopped_after(4, tmp_path, monkeypatch, ctrl_c)
    first, second, third, *_ = sorted((tmp_path / "parts").iterdir())
    first.write_bytes(first.read_bytes()[:-100])  # torn
    changed = bytearray(second.read_bytes())
    changed[1000] ^= 1  # a flipped bit
    second.write_bytes(changed)
    third.unlink()
    stopped_after(1, tmp_path / "other", monkeypatch, ctrl_c, "seed=9")
    foreign = next((tmp_path / "other" / "parts").iterdir())
    foreign.replace(tmp_path / "parts" / foreign.name)
    (tmp_path / "parts" / "notes.txt").write_text("not a part")
    result = sweep(configured(tmp_path))
    assert result.complete
    assert {path.name for path in result.set_aside} == {first.name, second.name, foreign.name, "notes.txt"}
    assert all(path.is_file() for path in result.set_aside)
    assert table_in(tmp_path) == table_in(whole)


def test_a_damaged_table_is_set_aside_and_made_again(whole, tmp_path):
    for path in whole.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "outcomes.parquet").write_bytes(table_in(whole)[:-10])
    result = sweep(configured(tmp_path))
    assert [path.name for path in result.set_aside] == ["outcomes.parquet"]
    assert table_in(tmp_path) == table_in(whole)


def test_another_configuration_in_the_folder_is_refused_with_what_differs(whole):
    with pytest.raises(UserError, match=r"commitment\.cost is 0\.1 there and 0\.2 here"):
        sweep(configured(whole, "commitment.cost=0.2"))
    with pytest.raises(UserError, match="replicates is 16 there and 17 here"):
        sweep(configured(whole, "replicates=17"))
    assert sweep(configured(whole, "title='Another title'", "executor.workers=1")).complete


def test_other_rules_are_refused(whole, tmp_path, monkeypatch):
    for path in whole.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(sweeping, "rules_fingerprint", lambda: "0123456789ab")
    with pytest.raises(UserError, match="other rules"):
        sweep(configured(tmp_path))


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "outcomes.parquet").write_bytes(b"mine")
    with pytest.raises(UserError, match="no sweep wrote"):
        sweep(configured(tmp_path))
    assert table_in(tmp_path) == b"mine"


def test_a_full_disk_is_said_and_loses_nothing(whole, tmp_path, monkeypatch):
    synchronized = os.fsync
    with monkeypatch.context() as patched:
        written = []

        def full(number):
            written.append(number)
            if len(written) > 3:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            synchronized(number)

        patched.setattr(os, "fsync", full)
        with pytest.raises(UserError, match=r"No space left on device.*the 3 finished chunks are kept"):
            sweep(configured(tmp_path))
    assert len([p for p in (tmp_path / "parts").iterdir() if p.suffix == ".parquet"]) == 3
    assert sweep(configured(tmp_path)).complete
    assert table_in(tmp_path) == table_in(whole)


def in_process(folder: Path, *overrides: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "ci_sim", "sweep", *STUDY, f"output_dir={folder}", *overrides]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def test_a_killed_sweep_goes_on_again_and_again(whole, tmp_path):
    """SIGKILL at random moments between the beginning and the end, until the sweep has come through."""
    moments = random.Random(7)
    for _ in range(6):
        process = in_process(tmp_path, "executor.workers=1")
        while not (tmp_path / "parts").exists() and process.poll() is None:
            time.sleep(0.05)
        time.sleep(moments.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert in_process(tmp_path).wait(60) == 0
    assert table_in(tmp_path) == table_in(whole)
    assert not (tmp_path / "parts").exists()


def test_two_processes_on_one_folder_do_it_no_harm(whole, tmp_path):
    both = [in_process(tmp_path), in_process(tmp_path)]
    for process in both:
        _, message = process.communicate(timeout=120)
        assert process.returncode == 0, message
    assert table_in(tmp_path) == table_in(whole)


def test_a_sweep_that_another_process_ends_while_this_one_begins_is_complete(whole, tmp_path, monkeypatch):
    def overtaken(*_):
        beginning = (tmp_path / "manifest.json").read_bytes()
        monkeypatch.undo()
        assert sweep(configured(tmp_path)).complete
        (tmp_path / "manifest.json").write_bytes(beginning)  # ours came just after that of the end
        raise FileNotFoundError

    monkeypatch.setattr(sweeping, "_do_looks", overtaken)
    result = sweep(configured(tmp_path))
    assert result.complete
    assert result.runs_done == result.runs == 256 * 2 * 16
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["complete"]
    assert manifest["runs_done"] == result.runs
    assert table_in(tmp_path) == table_in(whole)


def test_verify_reruns_a_sample_and_finds_what_was_changed(whole, tmp_path):
    assert verify(whole, sample=50).differing.empty
    for name in ("config.yaml", "design.parquet"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    table = pq.read_table(whole / "outcomes.parquet").to_pandas()
    table.loc[100, "hours_spent"] += 1e-9
    table.to_parquet(tmp_path / "outcomes.parquet")
    found = verify(tmp_path, sample=8192).differing
    assert found["run_id"].tolist() == [table.loc[100, "run_id"]]
    assert found["column"].tolist() == ["hours_spent"]


def test_verify_refuses_what_is_no_complete_sweep(tmp_path):
    with pytest.raises(UserError, match="no complete sweep"):
        verify(tmp_path)


def test_a_ctrl_c_after_the_last_chunk_leaves_a_complete_sweep(whole, tmp_path, monkeypatch, ctrl_c):
    putting_together = sweeping._put_together

    def interrupted(*given):
        ctrl_c()
        putting_together(*given)

    monkeypatch.setattr(sweeping, "_put_together", interrupted)
    result = sweep(configured(tmp_path))
    assert result.complete
    assert result.stopped
    assert json.loads((tmp_path / "manifest.json").read_text())["complete"]
    assert not (tmp_path / "parts").exists()
    assert table_in(tmp_path) == table_in(whole)


def test_a_ctrl_c_with_the_last_chunk_leaves_a_complete_sweep(whole, tmp_path, monkeypatch, ctrl_c):
    keeping, kept = sweeping._keep, []

    def interrupted(store, chunk, content):
        keeping(store, chunk, content)
        kept.append(chunk)
        if len(kept) == plan_of(configured(tmp_path)).chunks:
            ctrl_c()

    monkeypatch.setattr(sweeping, "_keep", interrupted)
    result = sweep(configured(tmp_path))
    assert (result.complete, result.stopped) == (True, True)
    assert table_in(tmp_path) == table_in(whole)


def test_a_precise_sweep_that_another_process_ends_meanwhile_is_complete(tmp_path, monkeypatch):
    """The other is at its end while this one is at the first look, and has lost the record of that under its own."""
    precise = ["precision=0.15", "replicates=8", "max_replicates=60", "design.samples=8"]
    looking = sweeping.replicates_after_look

    def overtaken(*_):
        beginning = (tmp_path / "manifest.json").read_bytes()
        monkeypatch.setattr(sweeping, "replicates_after_look", looking)
        assert sweep(configured(tmp_path, *precise)).complete
        (tmp_path / "manifest.json").write_bytes(beginning)
        raise FileNotFoundError

    monkeypatch.setattr(sweeping, "replicates_after_look", overtaken)
    result = sweep(configured(tmp_path, *precise))
    assert result.complete
    assert result.runs == pq.read_metadata(tmp_path / "outcomes.parquet").num_rows > 8 * 2 * 8
    assert json.loads((tmp_path / "manifest.json").read_text())["runs_done"] == result.runs
    assert verify(tmp_path, sample=30).differing.empty


def test_two_precise_processes_on_one_folder_do_it_no_harm(tmp_path):
    precise = ["precision=0.1", "replicates=8", "max_replicates=100", "design.samples=32"]
    both = [in_process(tmp_path, *precise), in_process(tmp_path, *precise)]
    for process in both:
        _, message = process.communicate(timeout=120)
        assert process.returncode == 0, message
    assert verify(tmp_path, sample=50).differing.empty


@pytest.mark.parametrize(
    "given", [["over=[context.trust]", "over=[context.conflict]"], ["over={a:null}", "over=spans"]]
)
def test_over_given_twice_is_refused_with_how_to_give_it_once(given):
    with pytest.raises(UserError, match=r"over is given 2 times; give it once, with all that varies: over=\[A,B\]"):
        load_config("sweep", given)


def test_a_folder_or_configuration_of_the_first_edition_is_refused_with_what_to_do(whole, tmp_path):
    for name in ("config.yaml", "design.parquet", "outcomes.parquet", "manifest.json"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    old = OmegaConf.load(tmp_path / "config.yaml")
    for key in ("willingness", "group", "charter"):
        del old[key]
    OmegaConf.save(old, tmp_path / "config.yaml")
    refusal = r"first edition \(ci_sim 0\.1\), whose rules give other numbers; read it with ci_sim 0\.1\.0, or run"
    with pytest.raises(UserError, match=refusal):
        sweep(configured(tmp_path))
    with pytest.raises(UserError, match=refusal):
        verify(tmp_path)
    with pytest.raises(UserError, match=refusal):
        simulate(old, [1])
