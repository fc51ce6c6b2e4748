"""Dask on a real scheduler and real worker processes."""

import threading
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from ci_sim import UserError, compare, load_config, sweep
from ci_sim.studies.execution.executors import _cluster, workers_kept, workers_of

distributed = pytest.importorskip("distributed")

STUDY = [
    "population.size=8",
    "weeks=12",
    "quiet=true",
    "over={context.conflict:null,stages:[none,all]}",
    "design.samples=512",
    "replicates=32",
]


def configured(folder: Path, *overrides: str):
    return load_config("sweep", [*STUDY, f"output_dir='{folder}'", *overrides])


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> bytes:
    """The table that this machine's own threads give."""
    folder = tmp_path_factory.mktemp("here")
    sweep(configured(folder))
    return (folder / "outcomes.parquet").read_bytes()


@pytest.mark.parametrize("workers", [1, 3])
def test_dask_gives_the_same_table(here, tmp_path, workers):
    assert sweep(configured(tmp_path, "executor=dask", f"executor.workers={workers}")).complete
    assert (tmp_path / "outcomes.parquet").read_bytes() == here


@pytest.mark.parametrize("workers", [1, 2])
def test_a_lost_worker_costs_nothing(here, tmp_path, workers):
    """A worker process, the only one or one of two, is killed in mid-run, and the sweep goes on: complete, and the same."""
    with distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        killed = []

        def kill_one():
            parts = tmp_path / "parts"
            while not parts.exists() or len(list(parts.glob("0*.parquet"))) < 2:
                time.sleep(0.01)
            process = psutil.Process(next(iter(cluster.workers.values())).pid)
            process.kill()
            killed.append(process.pid)

        threading.Thread(target=kill_one, daemon=True).start()
        config = configured(tmp_path, "executor=dask", f"executor.address={cluster.scheduler_address}")
        assert sweep(config).complete
    assert killed
    assert (tmp_path / "outcomes.parquet").read_bytes() == here


def test_other_commands_go_to_dask_too():
    """A comparison in three parts, by precision: the workers are opened once, and it is that of this machine's own threads."""
    asked = ["population.size=8", "weeks=12", "quiet=true", "scenarios=[baseline,direct_launch]", "replicates=40"]
    asked += ["precision=0.2", "precision_outcome=time_to_formation", "max_replicates=80"]
    there = load_config("compare", [*asked, "executor=dask", "executor.workers=2"])
    with workers_kept():
        found = compare(there)
        with workers_of(there.executor) as opened, workers_of(there.executor) as again:
            assert again is opened
    pd.testing.assert_frame_equal(found.outcomes, compare(load_config("compare", asked)).outcomes, check_exact=True)


def test_equal_calls_are_all_done(tmp_path):
    """Dask takes calls with the same arguments for one, unless it is told not to."""
    config = configured(tmp_path, "executor=dask", "executor.workers=2")
    with workers_of(config.executor) as workers:
        marks = [workers.submit(time.perf_counter_ns) for _ in range(200)]
        assert len({mark.result() for mark in marks}) == 200


def test_a_scheduler_that_does_not_answer_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("ci_sim.studies.execution.executors._TIMEOUT", 1)
    with pytest.raises(UserError, match=r"executor.address=tcp://127\.0\.0\.1:9: no scheduler answers"):
        sweep(configured(tmp_path, "executor=dask", "executor.address=tcp://127.0.0.1:9"))


def test_slurm_jobs_are_asked_for_as_configured(monkeypatch):
    jobqueue = pytest.importorskip("dask_jobqueue")
    asked = []
    monkeypatch.setattr(jobqueue.SLURMCluster, "scale", lambda cluster, jobs: asked.append(jobs))  # no SLURM here
    config = load_config("sweep", [*STUDY, "executor=slurm", "+executor.slurm.queue=long", "executor.workers=40"])
    with _cluster(config.executor) as cluster:
        script = cluster.job_script()
    assert asked[0] == 40
    for line in ("#SBATCH -p long", "#SBATCH -t 02:00:00", "#SBATCH --cpus-per-task=1"):
        assert line in script
