"""Figures of sensitivity: a tornado for each response, and a heat map of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ci_sim.figures.style import INK, MUTED, new_figure, theme

MAIN = {"sobol": "ST", "morris": "mu_star", "pawn": "pawn"}  # the measure that ranks
AXIS = {
    "sobol": "share of the variance: with all interactions (bar), alone (tick)",
    "morris": "mean size of what the whole range of a parameter changes",
    "pawn": "PAWN index: how far the distribution moves, 0 to 1",
}
_BAR = "#0072B2"
_MOST = 12


def tornado(rows: pd.DataFrame, method: str, title: str) -> Figure:
    """Return the parameters by how much they decide, the first twelve, with 95 % intervals.

    Args:
        rows: of one response and outcome: parameter, measure, estimate, ci_low, ci_high.
    """
    main = rows[rows["measure"] == MAIN[method]].sort_values("estimate", ascending=False).head(_MOST)
    alone = rows[rows["measure"] == "S1"].set_index("parameter")["estimate"]
    with theme():
        figure = new_figure(9, 1.1 + 0.36 * len(main))
        axes = figure.add_subplot()
        places = np.arange(len(main))
        axes.barh(places, main["estimate"], color=_BAR, height=0.66)
        low = np.clip(main["estimate"] - main["ci_low"], 0, None)
        high = np.clip(main["ci_high"] - main["estimate"], 0, None)
        axes.errorbar(main["estimate"], places, xerr=[low, high], fmt="none", ecolor=INK, elinewidth=1.4)
        for place, name in zip(places, main["parameter"], strict=True):
            if name in alone:
                axes.plot([alone[name]] * 2, [place - 0.33, place + 0.33], color="#D55E00", linewidth=2.5)
        axes.set_yticks(places, list(main["parameter"]))
        axes.invert_yaxis()
        axes.axvline(0.0, color=MUTED, linewidth=1)
        axes.set_xlabel(AXIS[method])
        axes.set_title(title)
        axes.grid(axis="y", visible=False)
    return figure


def heat_map(indices: pd.DataFrame, method: str) -> Figure:
    """Return how much each parameter decides (rows) of each response and outcome (columns), as colour and number."""
    main = indices[indices["measure"] == MAIN[method]]
    labels = main["response"] + "\n" + main["outcome"]
    grid = main.assign(label=labels).pivot_table(index="parameter", columns="label", values="estimate", sort=False)
    grid = grid.loc[grid.max(axis=1).sort_values(ascending=False).index]
    scaled = grid / grid.max() if method == "morris" else grid  # effects have the unit of their outcome
    with theme():
        figure = new_figure(3.4 + 1.5 * grid.shape[1], 1.4 + 0.36 * len(grid))
        axes = figure.add_subplot()
        axes.imshow(scaled.to_numpy(), cmap="Blues", vmin=0.0, vmax=max(1e-9, float(np.nanmax(scaled))), aspect="auto")
        for row in range(len(grid)):
            for column in range(grid.shape[1]):
                value = grid.iloc[row, column]
                dark = scaled.iloc[row, column] > 0.6 * np.nanmax(scaled)
                axes.text(
                    column, row, f"{value:.2g}", ha="center", va="center", color="white" if dark else INK, fontsize=10
                )
        axes.set_xticks(range(grid.shape[1]), list(grid.columns))
        axes.set_yticks(range(len(grid)), list(grid.index))
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in axes.spines.values():
            side.set_visible(False)
    return figure
