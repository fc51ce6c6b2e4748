"""How many runs do synchronized random streams save? As a curve over the size of the effect.

    python benchmarks/streams.py [--short]

Each row changes one parameter of the baseline by a little or a lot, and compares both settings in pairs of runs on

- independent seeds: the variance of the difference is the sum of the two variances;
- the same seed with drifting streams: one sequential generator (the C twin's), so that the luck of the two runs is the same only
  until they take another turn for the first time;
- the same seed with synchronized streams: the engine's, keyed by (seed, week, who, whom, purpose).

A factor is the ratio of the variances of the difference: so many times as many runs the other design needs for an effect that is
known as precisely. The size of an effect is the difference of means over the outcome's standard deviation.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from c_twin import compile_twin, run
from omegaconf import OmegaConf

from ci_sim import load_config
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.execution.runner import run_jobs

CHANGED = ("meeting.rate", "trust.half_life", "trust.broken_weight", "commitment.cost", "delivery.observation")
BY = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
OUTCOMES = ("trust_across", "formed")
COLUMNS = (
    "parameter", "change", "outcome", "effect", "effect_size", "pairs", "against_independent", "independent_low",
    "independent_high", "against_drifting", "drifting_low", "drifting_high",
)  # fmt: skip


def curve(pairs: int, by: tuple[float, ...] = BY, seed: int = 1) -> pd.DataFrame:
    """Return the factors, one row a changed parameter, change and outcome, with 95 % bootstrap intervals."""
    base = load_config("baseline")
    rows = []
    with TemporaryDirectory() as folder:
        twin = compile_twin(Path(folder), "C, sequential draws")
        seeds = np.arange(pairs)
        synchronized, drifting = _keyed(base, pairs, seed), run(twin, base, seeds)
        for key in CHANGED:
            default = OmegaConf.select(base, key)
            for change in by:
                other = load_config("baseline", [f"{key}={default * (1 + change)}"])
                moved, drifted = _keyed(other, pairs, seed), run(twin, other, seeds)
                for place, outcome in enumerate(OUTCOMES):
                    at = OUTCOME_ROW.index(outcome)
                    found = factors(
                        synchronized[:, place], moved[:, place], drifting[:, at], drifted[:, at],
                        np.random.default_rng(seed),
                    )  # fmt: skip
                    rows.append((key, change, outcome, *found))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _keyed(config, pairs: int, seed: int) -> np.ndarray:
    """Return the outcomes of the engine's runs, of shape (pairs, len(OUTCOMES))."""
    job = job_from(config)
    return run_jobs([job], seed, pairs, quiet=True)[0][job.name].outcomes[list(OUTCOMES)].to_numpy(float)


def factors(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, rng: np.random.Generator, resamples: int = 1000
) -> tuple:
    """Return the effect, its size, the number of pairs, and both factors with their intervals.

    Args:
        a, b: synchronized pairs; c, d: drifting pairs; each of shape (pairs,), NaN where a run has no value.
    """
    known, both = ~(np.isnan(a) | np.isnan(b)), ~(np.isnan(c) | np.isnan(d))
    a, b, c, d = a[known], b[known], c[both], d[both]

    def ratios(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        apart = np.var(b[x] - a[x])
        if apart == 0.0:
            return np.nan, np.nan
        return (np.var(a[x]) + np.var(b[x])) / apart, np.var(d[y] - c[y]) / apart

    n, m = len(a), len(c)
    found = ratios(np.arange(n), np.arange(m))
    drawn = np.array([ratios(rng.integers(n, size=n), rng.integers(m, size=m)) for _ in range(resamples)])
    (low_i, low_d), (high_i, high_d) = np.nanquantile(drawn, (0.025, 0.975), axis=0)
    effect = float(np.mean(b) - np.mean(a))
    return effect, abs(effect) / np.std(a), n, found[0], low_i, high_i, found[1], low_d, high_d


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what synchronized random streams save.")
    parser.add_argument("--short", action="store_true", help="100 pairs and two changes instead of 1,000 and six")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table as CSV too")
    arguments = parser.parse_args()
    table = curve(100, (0.01, 0.1)) if arguments.short else curve(1000)
    if arguments.csv:
        table.to_csv(arguments.csv, index=False)
    print(table.to_string(index=False, float_format="{:.3g}".format))


if __name__ == "__main__":
    main()
