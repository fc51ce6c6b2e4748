"""One run of 10^3 to 10^6 organizations: time and memory, and what it takes to write them out.

python benchmarks/size.py SIZE        one size, in a process of its own, as a line of JSON
"""

import json
import resource
import subprocess
import sys
import time
from tempfile import TemporaryDirectory

import numpy as np

from ci_sim import InitiativeModel, load_config
from ci_sim.simulation.ensemble import Job, job_from, memory_for, run_seeds

WEEKS = 20
BESIDE = 1000  # organizations of the runs before and after, that a size is compared with


def measured(size: int) -> dict[str, float]:
    """Return what one run of so many organizations takes, 20 weeks of the baseline, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, str(size)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _measure(size: int) -> dict[str, float]:
    run_seeds(job_from(load_config("baseline", ["weeks=2"])), np.arange(1), with_series=False)  # compile
    config, small = _of_size(size), job_from(_of_size(BESIDE))
    job = job_from(config)
    before, seconds, after = _seconds(small), _seconds(job), _seconds(small)
    state = memory_for(job)
    memory = sum(part.nbytes for part in state)
    del state
    start = time.perf_counter()
    _write_out(config)
    return {
        "organizations": size,
        "seconds": seconds,
        "ns_per_organization_week": 1e9 * seconds / size / WEEKS,
        "times_a_thousand": (seconds / size) / ((before + after) / 2 / BESIDE),
        "state_bytes_per_organization": memory / size,
        "state_bytes_per_tie": memory / (size * job.partners.max_ties),
        "seconds_with_tables": time.perf_counter() - start,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def _of_size(size: int):
    return load_config("baseline", [f"population.size={size}", f"weeks={WEEKS}"])


def _seconds(job: Job) -> float:
    """Return what a run takes: the mean over some seconds of runs, each of the same seed and so of the same context."""
    repeats = max(1, 200_000 // len(job.partners.ids))
    start = time.perf_counter()
    run_seeds(job, np.zeros(repeats, np.int64), with_series=False)
    return (time.perf_counter() - start) / repeats


def _write_out(config) -> None:
    """Run through the Mesa face, and write all organizations and ties."""
    model = InitiativeModel(config, seed=1)
    model.run_model()
    with TemporaryDirectory() as folder:
        model.organizations_table().to_parquet(f"{folder}/organizations.parquet")
        model.ties_table().to_parquet(f"{folder}/ties.parquet")


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]))))
