"""How fast is it? Everything measured side by side in one run, as ratios with their spread.

    make bench                                    or: python benchmarks/speed.py
    make bench ARGS="--short --json FILE"         a quick one, also as JSON

The engine stands beside the same rules in C (`twin.c`, the limit) and in plain Mesa (`mesa_twin.py`, what everybody would have
written), and beside its own Mesa face; then come two workers, sizes up to a million organizations, and start-up times.
"""

import argparse
import json
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import c_twin
import mesa_twin
import numpy as np
from size import measured
from start_up import start_up
from timing import in_turns, spread
from twins import agreement_with_c, agreement_with_mesa, moved_on

from ci_sim import InitiativeModel, load_config, record, simulate
from ci_sim.browser.host import Built, Host
from ci_sim.browser.module import BUILT
from ci_sim.compilation.compiled import rules_fingerprint
from ci_sim.simulation.ensemble import job_from, run_seeds


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    packages = {name: version(name) for name in ("ci-sim", "mesa", "numba", "numpy")}
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count() or 1,
        "system": platform.platform(),
        "python": platform.python_version(),
        **packages,
        "rules": rules_fingerprint(),
    }


def speed(short: bool, folder: Path) -> dict[str, Any]:
    """Return milliseconds a run of each side, and the ratios between them, over rounds in which the sides take turns."""
    config, rounds = load_config("baseline"), 3 if short else 7
    runs, face_runs, mesa_runs = (40, 10, 2) if short else (200, 40, 6)
    job, seeds = job_from(config), np.arange(runs)
    twins = {name: c_twin.compile_twin(folder, name) for name in c_twin.VARIANTS}

    page = Host(Built.read(BUILT), job, seeds)

    def one_by_one(what: Any) -> None:
        for seed in range(face_runs):
            what(config, seed)

    def faces() -> None:
        for seed in range(face_runs):
            InitiativeModel(config, seed=seed, collect=False).run_model()

    def plain_mesa(collect: bool) -> None:
        for seed in range(mesa_runs):
            mesa_twin.Initiative(config, seed, collect).run_model()

    def two_workers() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda part: run_seeds(job, part, False), np.split(np.arange(2 * runs), 8)))

    times = in_turns(
        {
            "engine": lambda: run_seeds(job, seeds, False),
            "engine, weekly series kept": lambda: run_seeds(job, seeds, True),
            "engine, two workers": two_workers,
            **{name: partial(c_twin.run, twin, config, seeds) for name, twin in twins.items()},
            "WebAssembly module": lambda: page.ask("run", 0, runs),
            "a run by itself": lambda: one_by_one(lambda config, seed: simulate(config, [seed])),
            "a run recorded whole": lambda: one_by_one(record),
            "Mesa face of the engine": faces,
            "plain Mesa": lambda: plain_mesa(False),
            "plain Mesa, with its DataCollector": lambda: plain_mesa(True),
        },
        rounds,
    )
    counts = dict.fromkeys(times, runs)
    counts |= {"engine, two workers": 2 * runs}
    counts |= dict.fromkeys(("a run by itself", "a run recorded whole", "Mesa face of the engine"), face_runs)
    counts |= dict.fromkeys(("plain Mesa", "plain Mesa, with its DataCollector"), mesa_runs)
    each = {name: 1000 * values / counts[name] for name, values in times.items()}
    watched = each["plain Mesa, with its DataCollector"]
    ratios = {
        "engine_time_over_c": each["engine"] / each["C"],
        "engine_speed_over_plain_mesa": each["plain Mesa"] / each["engine"],
        "engine_speed_over_plain_mesa_both_observed": watched / each["engine, weekly series kept"],
        "two_workers_speed_over_plain_mesa": each["plain Mesa"] / each["engine, two workers"],
        "two_workers_speed_over_plain_mesa_both_observed": watched / each["engine, two workers"],
        "c_speed_over_plain_mesa": each["plain Mesa"] / each["C"],
        "two_workers_speed_over_one": each["engine"] / each["engine, two workers"],
        "webassembly_module_time_over_engine": each["WebAssembly module"] / each["engine"],
        "recorded_whole_time_over_a_run_by_itself": each["a run recorded whole"] / each["a run by itself"],
        "mesa_face_time_over_engine": each["Mesa face of the engine"] / each["engine"],
    }
    tried = {name: each[name] / each["C"] for name in list(twins)[1:]}
    return {
        "rounds": rounds,
        "milliseconds_a_run": {name: spread(values)._asdict() for name, values in each.items()},
        "ratios": {name: spread(values)._asdict() for name, values in ratios.items()},
        "variants_of_c_time_over_c": {name: spread(values)._asdict() for name, values in tried.items()},
    }


def measure(short: bool) -> dict[str, Any]:
    """Return all figures by section."""
    with TemporaryDirectory() as folder:
        twins = {
            "moved_on": moved_on(),
            "runs_equal_to_c": agreement_with_c(Path(folder), 50 if short else 500),
            "least_corrected_p_against_plain_mesa": agreement_with_mesa(20 if short else 150),
        }
        found = {"machine": machine(), "short": short, "twins": twins, **speed(short, Path(folder))}
    sizes = [1000, 10_000] if short else [1000, 10_000, 100_000, 1_000_000]
    found["sizes"] = [measured(size) for size in sizes]
    found["start_up_seconds"] = start_up(cold=not short)
    return found


def print_all(found: dict[str, Any]) -> None:
    """Print the figures as aligned text."""
    twins = {name: value for name, value in found["twins"].items() if name != "moved_on"}
    for name, value in {**found["machine"], **twins}.items():
        print(f"{name.replace('_', ' '):<48}{value}")
    for line in found["twins"]["moved_on"]:
        print(line)
    for section in ("milliseconds_a_run", "ratios", "variants_of_c_time_over_c"):
        print(f"\n{section.replace('_', ' '):<58}{'median':>10}{'least':>10}{'greatest':>10}")
        for name, row in found[section].items():
            print(f"  {name.replace('_', ' '):<56}{row['median']:>10.3g}{row['least']:>10.3g}{row['greatest']:>10.3g}")
    print("\nsizes")
    for row in found["sizes"]:
        print("  " + ", ".join(f"{name.replace('_', ' ')} {value:,.4g}" for name, value in row.items()))
    print("\nstart-up, seconds")
    for name, value in found["start_up_seconds"].items():
        print(f"  {name:<56}{value:>10.2f}")


def main() -> None:
    """Measure, print, and write JSON if asked for."""
    parser = argparse.ArgumentParser(description="Measure the speed of ci_sim.")
    parser.add_argument("--short", action="store_true", help="fewer runs, smaller sizes, no cold start: about a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    arguments = parser.parse_args()
    try:
        found = measure(arguments.short)
    except RuntimeError as error:  # there is no C compiler
        sys.exit(f"benchmarks: {error}")
    print_all(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
