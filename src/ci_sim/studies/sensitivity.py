"""Sensitivity: which parameters decide, from runs of any space-filling design.

Borgonovo's delta (2007) says how much the whole distribution of an output moves when one input is known, whatever the form of
the dependence; it is estimated from given data (Plischke, Borgonovo & Smith 2013) by SALib, with bootstrap intervals. An input
that cannot matter, drawn at random, shows what an index of nothing looks like.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ci_sim.studies.extras import needed_for_studies

DUMMY = "(an input that cannot matter)"


def given_data_indices(settings: pd.DataFrame, output: np.ndarray, seed: int) -> pd.DataFrame:
    """Return delta and the first-order index of each input, the largest delta first.

    Args:
        settings: (n, inputs), one row a setting.
        output: (n,), without missing values.
        seed: of the bootstrap and of the input that cannot matter.

    Returns:
        columns `parameter, delta, delta_low, delta_high, first_order, first_order_low, first_order_high` (95 % intervals).
    """
    with needed_for_studies():
        from SALib.analyze import delta
    inputs = settings.assign(**{DUMMY: np.random.default_rng(seed).uniform(size=len(settings))})
    bounds = [[float(column.min()), float(column.max())] for _, column in inputs.items()]
    problem = {"num_vars": inputs.shape[1], "names": list(inputs.columns), "bounds": bounds}
    found = delta.analyze(problem, inputs.to_numpy(float), np.asarray(output, float), num_resamples=50, seed=seed)
    table = pd.DataFrame({"parameter": inputs.columns})
    for name, key in (("delta", "delta_balanced"), ("first_order", "S1")):
        table[name] = found[key]
        table[f"{name}_low"], table[f"{name}_high"] = (
            found[key] - found[f"{key}_conf"],
            found[key] + found[f"{key}_conf"],
        )
    return table.sort_values("delta", ascending=False, ignore_index=True)
