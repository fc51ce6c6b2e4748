"""How fast is it? Ratios measured side by side in one run, and the seconds that 500 default runs take on one core.

    make bench                                    or: python benchmarks/speed.py
    make bench ARGS="--short --json FILE"         a quick one, also as JSON

Each figure is the best of three rounds; within a round the two sides of a ratio take turns.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from ci_sim import InitiativeModel, load_config, simulate
from ci_sim.ensemble import job_from
from ci_sim.studies.runner import run_jobs

ROUNDS = 3


def seconds(action: Callable[[], object]) -> float:
    """Return the wall time of an action."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def side_by_side(*actions: Callable[[], object]) -> list[float]:
    """Return the best time of each action over rounds in which they take turns."""
    rounds = [[seconds(action) for action in actions] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def mesa_runs(config, seeds: range) -> None:
    """Run the model by its Mesa face, without observers."""
    for seed in seeds:
        InitiativeModel(config, seed=seed, collect=False).run_model()


def measure(short: bool) -> dict[str, float]:
    """Return every figure by name."""
    runs = 50 if short else 500
    config = load_config("baseline")
    job = job_from(config)
    large, small = (load_config("baseline", [f"population.size={n}", "weeks=52"]) for n in (6000, 60))
    simulate(config, [0])  # compile
    mesa_runs(config, range(1))
    engine, mesa = side_by_side(lambda: simulate(config, range(runs)), lambda: mesa_runs(config, range(runs // 10)))
    one, two = side_by_side(
        lambda: run_jobs([job], 1, runs, workers=1, quiet=True), lambda: run_jobs([job], 1, runs, workers=2, quiet=True)
    )
    big, little = side_by_side(lambda: simulate(large, range(1)), lambda: simulate(small, range(20)))
    return {
        "runs": runs,
        "seconds, one core": engine,
        "seconds for 500 runs, one core": engine * 500 / runs,
        "milliseconds a run": 1000 * engine / runs,
        "speed of the engine over the Mesa face": (mesa * 10) / engine,
        "speed of two workers over one": one / two,
        "time per organization-week at 6000 organizations over that at 60": (big / 6000) / (little / (20 * 60)),
        "cores": os.cpu_count() or 1,
    }


def main() -> None:
    """Measure, print, and write JSON if asked for."""
    parser = argparse.ArgumentParser(description="Measure the speed of ci_sim.")
    parser.add_argument("--short", action="store_true", help="50 runs instead of 500")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    arguments = parser.parse_args()
    figures = measure(arguments.short)
    for name, value in figures.items():
        print(f"{name:<68}{value:>10.3g}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
