"""Do the twins still play by the engine's rules? The C twin run by run, the plain Mesa twin in distribution."""

from pathlib import Path

import c_twin
import mesa_twin
import numpy as np
from scipy import stats

from ci_sim import load_config, simulate
from ci_sim.compilation.compiled import rules_fingerprint
from ci_sim.rules.outcomes import QUANTITIES
from ci_sim.simulation.ensemble import job_from, run_seeds


def moved_on() -> list[str]:
    """Return a line for each twin that was last checked against other rules than today's."""
    now = rules_fingerprint()
    return [
        f"{twin.__name__} mirrors the rules {twin.RULES}; today's are {now}: compare them, then set RULES"
        for twin in (c_twin, mesa_twin)
        if now != twin.RULES
    ]


def agreement_with_c(folder: Path, runs: int) -> float:
    """Return the share of runs whose outcomes are the engine's, to nine digits."""
    config, seeds = load_config("baseline"), np.arange(runs)
    ours = run_seeds(job_from(config), seeds, with_series=False)[0]
    theirs = c_twin.run(c_twin.compile_twin(folder), config, seeds)
    return float(np.isclose(ours, theirs, rtol=1e-9, atol=1e-12, equal_nan=True).all(axis=1).mean())


def agreement_with_mesa(runs: int) -> float:
    """Return the least p value of the comparisons of outcomes' distributions, corrected for their number (Bonferroni).

    The plain Mesa twin runs `runs` times, the engine ten times as often; a share by Fisher's exact test, quantities by
    Kolmogorov and Smirnov's.
    """
    config = load_config("baseline")
    seeds = range(2000, 2000 + runs)  # after Python's first 1,500 seeds, whose first draws are visibly not uniform
    theirs = [mesa_twin.run(config, seed) for seed in seeds]
    ours = simulate(config, range(10 * runs))
    formed = [int(sum(row["formed"] for row in theirs)), int(ours["formed"].sum())]
    table = [[formed[0], runs - formed[0]], [formed[1], 10 * runs - formed[1]]]
    p = [stats.fisher_exact(table).pvalue]
    for name in QUANTITIES:
        sample = np.array([row[name] for row in theirs], dtype=float)
        p.append(stats.ks_2samp(sample[~np.isnan(sample)], ours[name].dropna().to_numpy(float)).pvalue)
    return float(min(1.0, min(p) * len(p)))
