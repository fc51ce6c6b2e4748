"""Sensitivity: which parameters decide, from runs of any space-filling design.

PAWN (Pianosi & Wagener 2015, 2018) says how far the whole distribution of an output moves when one input is known to lie in a
slice of its range: the median, over slices, of the Kolmogorov-Smirnov distance from the distribution over all settings, by SALib.
It needs no variance and no density, so that outputs that are skewed, or often exactly zero, are no obstacle. Intervals are from
the bootstrap over settings. An input that cannot matter, drawn at random, shows what an index of nothing looks like.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ci_sim.studies.extras import need_studies

DUMMY = "(an input that cannot matter)"
_RESAMPLES = 50


def pawn_indices(settings: pd.DataFrame, output: np.ndarray, seed: int) -> pd.DataFrame:
    """Return the PAWN index of each input, the largest first.

    Args:
        settings: (n, inputs), one row a setting.
        output: (n,), without missing values.
        seed: of the bootstrap and of the input that cannot matter.

    Returns:
        columns `parameter, index, ci_low, ci_high` (95 % percentile intervals, less the bootstrap's own bias: resampling
        repeats settings, which makes distances between distributions larger).
    """
    need_studies()
    from SALib.analyze import pawn  # heavy, as is ema_workbench: imported where it is used

    rng = np.random.default_rng(seed)
    inputs = settings.assign(**{DUMMY: rng.uniform(size=len(settings))})
    problem = {"num_vars": inputs.shape[1], "names": list(inputs.columns)}
    x, y = inputs.to_numpy(float), np.asarray(output, float)

    def index(rows: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return np.asarray(pawn.analyze(problem, x[rows], y[rows], S=10, print_to_console=False)["median"])

    n = len(y)
    resampled = np.array([index(rng.integers(n, size=n)) for _ in range(_RESAMPLES)])
    found = index(np.arange(n))
    low, high = np.maximum(0.0, np.percentile(resampled, [2.5, 97.5], axis=0) - (resampled.mean(axis=0) - found))
    table = pd.DataFrame({"parameter": inputs.columns, "index": found, "ci_low": low, "ci_high": high})
    return table.sort_values("index", ascending=False, ignore_index=True)
