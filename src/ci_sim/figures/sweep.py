"""The figure of a sweep: the chance of forming against each parameter that was varied."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ci_sim.figures.style import lines_of, new_figure, scenario_label, theme

_BINS = 8
_ACROSS = 3
_MOST = 12  # panels


def chance_by_parameter(cells: pd.DataFrame, keys: list[str]) -> Figure:
    """Return a panel a parameter: the chance of forming in each scenario, a mean over all that else is varied.

    Args:
        cells: one row a setting and scenario: the keys, scenario, formed (share of the replicates).
        keys: the parameters; the first 12 are drawn.
    """
    keys = keys[:_MOST]
    scenarios = list(cells["scenario"].unique())
    looks = lines_of(scenarios, scenarios[0])
    rows = -(-len(keys) // _ACROSS)
    with theme():
        figure = new_figure(4.2 * min(_ACROSS, len(keys)), 3.1 * rows + 0.4)
        panels = figure.subplots(rows, min(_ACROSS, len(keys)), squeeze=False, sharey=True).ravel()
        for axes in panels[len(keys) :]:
            axes.set_visible(False)
        for axes, key in zip(panels, keys, strict=False):
            for name in scenarios:
                places, chance = _curve(cells[cells["scenario"] == name], key)
                axes.plot(places, chance, marker="o", label=scenario_label(name), **looks[name])
            axes.set_xlabel(key)
            axes.set_ylim(-0.02, 1.02)
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        for axes in panels[:: min(_ACROSS, len(keys))]:
            axes.set_ylabel("runs that form")
        if len(scenarios) > 1:
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=4, frameon=False)
    return figure


def _curve(cells: pd.DataFrame, key: str) -> tuple[list, np.ndarray]:
    """Return values of a parameter and the mean chance at each; a range is cut into parts with as many settings each."""
    known = cells.dropna(subset=[key])
    if not pd.api.types.is_numeric_dtype(known[key]) or known[key].nunique() <= _BINS:
        means = known.groupby(key, sort=pd.api.types.is_numeric_dtype(known[key]))["formed"].mean()
        numeric = pd.api.types.is_numeric_dtype(known[key]) and not pd.api.types.is_bool_dtype(known[key])
        return (means.index.tolist() if numeric else [str(v) for v in means.index]), means.to_numpy()
    parts = known.groupby(pd.qcut(known[key], _BINS, duplicates="drop"), observed=True)
    return parts[key].mean().tolist(), parts["formed"].mean().to_numpy()
