"""What a sweep costs besides its runs, how much memory it takes, and how soon its table is open.

python benchmarks/sweeps.py            overhead on a model of about a millisecond a run, 2 workers
python benchmarks/sweeps.py --size     100,000 runs of the default population as well (about five minutes on two cores)
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from timing import spread

from ci_sim import load_config, sweep
from ci_sim.simulation.ensemble import run_seeds
from ci_sim.studies.execution.plan import Plan, plan_of

WORKERS = 2
OVER = "over=[context.conflict,context.trust,commitment.quorum,trust.half_life]"
MILLISECOND = [OVER, "population.size=24", "weeks=104", "design.samples=1024", "replicates=16"]  # 16,384 runs
ROUNDS = 5


def configured(folder: Path, overrides: list[str]):
    """Return the configuration of a quiet sweep into a folder."""
    return load_config("sweep", [*overrides, "quiet=true", f"executor.workers={WORKERS}", f"output_dir='{folder}'"])


def engine_seconds(plan: Plan) -> float:
    """Return how long the engine alone takes for all runs of a plan, prepared beforehand, on as many threads."""
    jobs = []
    for chunk in range(plan.chunks):
        settings, _, replicates = plan.identified(np.array(plan.runs_in(chunk)))
        jobs.append((plan.told(plan.bases[0][0], settings), plan.seeds_of(settings, replicates)))
    start = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda job: run_seeds(*job, with_series=False), jobs))
    return time.perf_counter() - start


def sweep_seconds(overrides: list[str]) -> float:
    """Return how long a whole sweep takes, from its configuration to its finished table."""
    with TemporaryDirectory() as folder:
        config = configured(Path(folder) / "sweep", overrides)
        start = time.perf_counter()
        sweep(config)
        return time.perf_counter() - start


def overhead() -> dict[str, float]:
    """Return what a sweep takes beyond its engine, sides in turns; the median of the ratios, the least and the greatest."""
    with TemporaryDirectory() as folder:
        plan = plan_of(configured(Path(folder), MILLISECOND))
    engine_seconds(plan)  # warm
    pairs = [(engine_seconds(plan), sweep_seconds(MILLISECOND)) for _ in range(ROUNDS)]
    extra = spread(np.array([whole / engine - 1.0 for engine, whole in pairs]))
    return {
        "runs": plan.runs,
        "ms_a_run_and_core": 1e3 * WORKERS * float(np.median([engine for engine, _ in pairs])) / plan.runs,
        **{f"overhead_{name}": value for name, value in extra._asdict().items()},
    }


def size(samples: int) -> dict[str, float]:
    """Return what a sweep of the default population takes, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--one", str(samples)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _one(samples: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        config = configured(Path(folder) / "sweep", [OVER, f"design.samples={samples}", "replicates=16"])
        start = time.perf_counter()
        result = sweep(config)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        table = result.folder / "outcomes.parquet"
        start = time.perf_counter()
        rows = len(pd.read_parquet(table))
        opened = time.perf_counter() - start
        return {
            "runs": rows,
            "seconds": seconds,
            "runs_per_second": rows / seconds,
            "peak_gib": peak,
            "table_mb": table.stat().st_size / 1e6,
            "seconds_to_open": opened,
        }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", action="store_true", help="100,000 runs too")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(given.one)))
        return
    show("a sweep beside its engine alone", overhead())
    if given.size:
        for samples in (625, 6250):
            show(f"{16 * samples:,} runs", size(samples))


def show(title: str, figures: dict[str, float]) -> None:
    """Print some figures."""
    print(title)
    for name, value in figures.items():
        print(f"  {name.replace('_', ' '):<24}{value:,.4g}" if value < 1000 else f"  {name:<24}{value:,.0f}")


if __name__ == "__main__":
    main()
