"""SLURM, where there is one (`.ci/slurm` starts one of a single machine): workers as jobs, and shares as a job array."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ci_sim import load_config, sweep

STUDY = [
    "population.size=8",
    "weeks=12",
    "over={context.conflict:null}",
    "design.samples=512",
    "replicates=32",
    "quiet=true",
]


def slurm_is_there() -> bool:
    asked = ["sinfo", "--noheader", "--states=idle"]
    return shutil.which("sbatch") is not None and "idle" in subprocess.run(asked, capture_output=True, text=True).stdout


pytestmark = pytest.mark.skipif(not slurm_is_there(), reason="there is no SLURM with an idle machine")


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("here")
    sweep(load_config("sweep", [*STUDY, f"output_dir='{folder}'"]))
    return (folder / "outcomes.parquet").read_bytes()


def wait_until(true, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_workers_are_jobs_and_one_that_is_cancelled_costs_nothing(here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the jobs write their logs
    workers = ["executor=slurm", "executor.workers=2", "executor.slurm.memory=1GB"]
    command = [sys.executable, "-m", "ci_sim", "sweep", *STUDY, *workers, "output_dir=out"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: len(list(Path("out/parts").glob("0*.parquet"))) > 1 or process.poll() is not None)
        asked = ["squeue", "--noheader", "--states=running", "--format=%i"]
        jobs = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
        subprocess.run(["scancel", jobs[0]], check=True)
        assert process.wait(300) == 0, process.stderr.read()
    assert Path("out/outcomes.parquet").read_bytes() == here


def test_shares_of_a_job_array_are_merged_into_the_same_table(here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = " ".join(f"'{override}'" for override in STUDY)
    line = f"'{sys.executable}' -m ci_sim sweep {study} output_dir=out executor.workers=1 shard=$SLURM_ARRAY_TASK_ID/3"
    Path("array.sh").write_text(f"#!/bin/bash\n#SBATCH --array=1-3\n{line}\n", encoding="utf-8")
    subprocess.run(["sbatch", "--wait", "array.sh"], check=True, timeout=300)
    result = sweep(load_config("sweep", [*STUDY, "output_dir=out"]))
    assert result.complete
    assert Path("out/outcomes.parquet").read_bytes() == here
