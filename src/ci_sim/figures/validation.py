"""Figures of a validation: what each arm of a pattern came to, with its interval."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ci_sim.figures.style import INK, new_figure, theme

# measure: what the axis says, and whether it is a share of 1
MEASURE_LABELS = {
    "mean_contribution": ("share that contributes, over all rounds", True),
    "everyone_commits": ("groups in which everyone contributes at the end", True),
    "share_civil_society": ("players who contribute at the end", True),
    "first_round": ("players who contribute in the first round", True),
    "formed": ("initiatives that form", True),
    "trust_within": ("trust at the end", True),
    "trust_across": ("trust across sectors at the end", True),
    "satisfaction_mean": ("satisfaction with the agenda, mean", True),
    "satisfaction_if_formed": ("satisfaction with the agenda where it formed, mean", True),
    "breadth_if_formed": ("share of the convened in the coalition where it formed", True),
    "time_to_formation": ("weeks until it forms (restricted mean)", False),
    "trust_gap_at_start": ("trust within minus across sectors, week 1", False),
    "change_of_trust_gap": ("change of that gap in three years", False),
    "trust_moved_in_five_weeks": ("change of trust in five rounds", False),
    "median_launch_week": ("week of the launch, median", False),
}


def measure_label(measure: str) -> str:
    """Return what a measure is called in figures and tables."""
    return MEASURE_LABELS.get(measure, (measure.replace("_", " "), False))[0]


def arms_of_a_pattern(arms: pd.DataFrame) -> Figure:
    """Return one panel a measure, with a dot and its 95 % interval for each arm.

    Args:
        arms: the rows of one pattern, with columns measure, arm, estimate, ci_low, ci_high.
    """
    measures = list(arms["measure"].drop_duplicates())
    places = {arm: -k for k, arm in enumerate(arms["arm"].drop_duplicates())}
    with theme():
        figure = new_figure(2.6 + 3.1 * len(measures), 1.1 + 0.34 * max(2, len(places)))
        for k, measure in enumerate(measures):
            axes = figure.add_subplot(1, len(measures), k + 1)
            rows = arms[(arms["measure"] == measure) & arms["estimate"].notna()]
            reach = [rows["estimate"] - rows["ci_low"], rows["ci_high"] - rows["estimate"]]
            axes.errorbar(
                rows["estimate"], rows["arm"].map(places), xerr=[r.clip(lower=0).fillna(0) for r in reach],
                fmt="o", color=INK, markersize=7, elinewidth=2,
            )  # fmt: skip
            _scale(axes, measure)
            axes.set_yticks(list(places.values()), list(places) if k == 0 else [""] * len(places))
            axes.set_ylim(-len(places) + 0.4, 0.6)
            axes.tick_params(axis="y", length=0)
    return figure


def _scale(axes: Axes, measure: str) -> None:
    """Name the horizontal axis, and let it show the whole scale of a share, or at least the zero."""
    label, is_share = MEASURE_LABELS.get(measure, (measure_label(measure), False))
    if is_share:
        axes.set_xlim(-0.03, 1.03)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    else:
        low, high = axes.get_xlim()
        room = 0.06 * (max(high, 0.0) - min(low, 0.0))
        axes.set_xlim(min(low - room, 0.0), max(high + room, 0.0))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(textwrap.fill(label, 32))
