"""Figures of the insights' study: where an effect holds, which parameters decide, how the insights interact, who contributes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ci_sim.figures.style import INK, MUTED, new_figure, theme
from ci_sim.rules.parameters import COMPONENTS
from ci_sim.studies.questions.contrasts import INSIGHTS, LESS, MORE, NEITHER
from ci_sim.studies.questions.sensitivity import DUMMY
from ci_sim.texts import text

_GOOD, _BAD, _NEUTRAL = "#0072B2", "#D55E00", "#e4e4e4"
_MOST = 10  # parameters that are shown at most
_FEWER_IS_BETTER = ("time_to_formation", "hours_spent")


def _said(key: str, locale: str, /, **facts: object) -> str:
    return text(f"insights.{key}", locale, **facts)


def where_it_holds(shares: pd.DataFrame, locale: str = "en") -> Figure:
    """Return one insight's share of settings with more, no clear difference and less, a bar an outcome.

    Args:
        shares: the rows of one insight, with columns outcome and one for each verdict.
        locale: one of LOCALES.
    """
    with theme():
        figure = new_figure(9, 0.9 + 0.5 * len(shares))
        axes = figure.add_subplot()
        for y, row in enumerate(shares.to_dict("records")):
            worse_more = row["outcome"] in _FEWER_IS_BETTER
            colours = {MORE: _BAD if worse_more else _GOOD, NEITHER: _NEUTRAL, LESS: _GOOD if worse_more else _BAD}
            start = 0.0
            for verdict in (LESS, NEITHER, MORE):
                axes.barh(y, row[verdict], left=start, color=colours[verdict], height=0.72)
                if row[verdict] >= 0.04:
                    colour = INK if verdict == NEITHER else "white"
                    share = f"{row[verdict]:.0%}"
                    if verdict != NEITHER and row[verdict] >= 0.1:
                        share = f"{_said(f'figures.verdict.{verdict}', locale)} {share}"
                    axes.text(start + row[verdict] / 2, y, share, ha="center", va="center", color=colour, fontsize=10)
                start += row[verdict]
        labels = [_said(f"outcomes.{outcome}", locale) for outcome in shares["outcome"]]
        _of_all_settings(axes, labels, _said("figures.shares", locale))
    return figure


def chance_of_forming(chance: pd.DataFrame, locale: str = "en") -> Figure:
    """Return the shares of the settings in which scenarios form never, sometimes and always, a bar a scenario.

    Args:
        chance: columns scenario, never, sometimes, always.
        locale: one of LOCALES.
    """
    with theme():
        figure = new_figure(9, 0.9 + 0.42 * len(chance))
        axes = figure.add_subplot()
        start = np.zeros(len(chance))
        for part, colour, ink in (("never", _BAD, "white"), ("sometimes", _NEUTRAL, INK), ("always", _GOOD, "white")):
            bars = axes.barh(range(len(chance)), chance[part], left=start, color=colour, height=0.72)
            named = _said(f"figures.chances.{part}", locale)
            texts = [f"{named} {v:.0%}" if v >= 0.16 else f"{v:.0%}" if v >= 0.04 else "" for v in chance[part]]
            axes.bar_label(bars, texts, label_type="center", color=ink, fontsize=10)
            start += chance[part].to_numpy()
        labels = [_combination_label(name, locale) for name in chance["scenario"]]
        _of_all_settings(axes, labels, _said("figures.chances_axis", locale))
    return figure


def _of_all_settings(axes: Axes, labels: list[str], about: str) -> None:
    """Name bars, from the top, that divide all settings into shares."""
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False)
    axes.set_xlabel(about)


def _combination_label(name: str, locale: str) -> str:
    parts = name.split(" + ")
    if len(parts) == len(INSIGHTS):
        return _said("figures.all", locale)
    if len(parts) == len(INSIGHTS) - 1:
        (missing,) = (insight.scenario for insight in INSIGHTS if insight.scenario not in parts)
        return _said("figures.all_but", locale, short=effect_label(missing, locale).lower())
    return effect_label(name, locale)


def what_decides(indices: pd.DataFrame, about: str, locale: str = "en") -> Figure:
    """Return the parameters that decide most, with their 95 % intervals, and the input that cannot matter for comparison.

    Args:
        indices: columns parameter, index, ci_low, ci_high, the highest first.
        about: what the index is of: pawn_effect or pawn_chance.
        locale: one of LOCALES.
    """
    dummy = indices["parameter"] == DUMMY
    rows = pd.concat([indices[~dummy].head(_MOST), indices[dummy]])
    with theme():
        figure = new_figure(9, 0.9 + 0.32 * len(rows))
        axes = figure.add_subplot()
        places = np.arange(len(rows))
        colours = [MUTED if name == DUMMY else INK for name in rows["parameter"]]
        axes.barh(places, rows["index"], color=colours, height=0.6, alpha=0.35)
        axes.hlines(places, rows["ci_low"], rows["ci_high"], color=colours, linewidth=2.5)
        axes.set_yticks(places, rows["parameter"].replace({DUMMY: _said("figures.dummy", locale)}))
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(_said(f"figures.{about}", locale))
    return figure


def contrasts_forest(table: pd.DataFrame, label: str, factor: float) -> Figure:
    """Return estimates with their intervals, one line each.

    Args:
        table: columns label, estimate, ci_low, ci_high.
        label: what the axis says.
        factor: from the table's unit to the axis'.
    """
    with theme():
        figure = new_figure(9, 0.9 + 0.32 * len(table))
        axes = figure.add_subplot()
        for y, row in enumerate(table.itertuples()):
            clear = row.ci_low > 0 or row.ci_high < 0
            colour = (_GOOD if row.estimate > 0 else _BAD) if clear else MUTED
            axes.plot([factor * row.ci_low, factor * row.ci_high], [y, y], color=colour, linewidth=2.5)
            axes.plot(factor * row.estimate, y, "o", color=colour)
        axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
        axes.set_yticks(range(len(table)), table["label"])
        axes.invert_yaxis()
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_locator(MaxNLocator(7))
        axes.set_xlabel(label)
    return figure


def effect_label(effect: str, locale: str = "en") -> str:
    """Return what a main effect, an interaction or a share is of, in few words."""
    return " × ".join(_factor_label(name, locale) for name in effect.split(" x "))


def _factor_label(name: str, locale: str) -> str:
    """Return the short name of an insight, of a kind of components or of a component."""
    if name in COMPONENTS:
        return text(f"switches.components.{name}.active.name", locale)
    return _said(f"short.{name}", locale)
