"""Figures of calibrations and matches: what was learnt about each parameter, and what settings make of each known number."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ci_sim.figures.style import INK, MUTED, new_figure, theme

_CALIBRATED, _KNOWN = "#0072B2", "#D55E00"


def prior_and_posterior(parameters: pd.DataFrame, posterior: pd.DataFrame, kept: str = "calibrated") -> Figure:
    """Return a histogram of each parameter's kept values over its whole range, four to a row, with the default marked.

    Args:
        parameters: one row a parameter, with columns parameter, default, low, high.
        posterior: one row a kept setting: the parameters and weight.
        kept: what the kept settings are called.
    """
    rows = -(-len(parameters) // 4)
    with theme():
        figure = new_figure(11, 2.3 * rows + 0.4)
        for k, row in enumerate(parameters.itertuples()):
            axes = figure.add_subplot(rows, min(4, len(parameters)), k + 1)
            sns.histplot(
                posterior, x=row.parameter, weights="weight", stat="probability", bins=12,
                binrange=(row.low, row.high), color=_CALIBRATED, alpha=1, ax=axes,
            )  # fmt: skip
            axes.axhline(1 / 12, color=MUTED, linewidth=1.5, linestyle=":")
            axes.axvline(row.default, color=INK, linewidth=1.5, linestyle="--")
            axes.set_xlim(row.low, row.high)
            axes.set(xlabel="", ylabel="", yticks=[], ylim=(0, 1.08 * max(1 / 12, axes.dataLim.y1)))
            axes.xaxis.set_major_locator(MaxNLocator(4))
            axes.grid(visible=False)
            axes.set_title(row.parameter, fontsize=10)
        figure.supxlabel(f"blue: {kept}; dotted: before (even over the range); dashed: default", fontsize=10)
    return figure


def known_and_simulated(targets: pd.DataFrame) -> Figure:
    """Return what is known (with its 95 % interval), the default setting and the calibrated settings (90 %), a panel a target."""
    columns = 2 if len(targets) in (2, 4) else min(3, len(targets))
    rows = -(-len(targets) // columns)
    with theme():
        figure = new_figure(11, 1.7 * rows + 0.4)
        for k, row in enumerate(targets.itertuples()):
            axes = figure.add_subplot(rows, columns, k + 1)
            axes.errorbar(row.value, 2, xerr=1.96 * row.error, fmt="s", color=_KNOWN, elinewidth=2.5)
            axes.plot(row.default_setting, 1, "D", color=INK)
            reach = [[max(0.0, row.simulated - row.ci_low)], [max(0.0, row.ci_high - row.simulated)]]
            axes.errorbar(row.simulated, 0, xerr=np.nan_to_num(reach), fmt="o", color=_CALIBRATED, elinewidth=2.5)
            axes.set_ylim(-0.6, 2.6)
            axes.set_yticks([2, 1, 0], ["known", "default", "calibrated"] if k % columns == 0 else [""] * 3)
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.grid(axis="y", visible=False)
            axes.set_title(textwrap.fill(row.target, 36), fontsize=10)
    return figure


def ranges_and_settings(numbers: pd.DataFrame, settings: pd.DataFrame) -> Figure:
    """Return what settings make of each number, before and after the match, with the published range shaded, a panel a number.

    Args:
        numbers: columns arm, low, high, default_setting, and label, what is measured.
        settings: one row a setting: a column a number, in their order, and plausible.
    """
    columns = min(3, len(numbers))
    rows = -(-len(numbers) // columns)
    with theme():
        figure = new_figure(11, 2.6 * rows + 0.4)
        for k, row in enumerate(numbers.itertuples()):
            axes = figure.add_subplot(rows, columns, k + 1)
            values = settings.iloc[:, k]
            edges = np.linspace(min(values.min(), row.low), max(values.max(), row.high), 26).tolist()
            axes.axvspan(row.low, row.high, color=_KNOWN, alpha=0.18, linewidth=0)
            for chosen, colour in ((values, MUTED), (values[settings["plausible"]], _CALIBRATED)):
                axes.hist(chosen, edges, weights=np.full(len(chosen), 1 / len(values)), color=colour, alpha=0.75)
            axes.axvline(row.default_setting, color=INK, linewidth=1.5, linestyle="--")
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
            axes.grid(visible=False)
            axes.set_title(textwrap.fill(f"{row.arm}: {row.label}", 36), fontsize=10)
        figure.supxlabel("grey: all settings; blue: plausible ones; shaded: published; dashed: default", fontsize=10)
    return figure
