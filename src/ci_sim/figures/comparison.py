"""Figures of a comparison: who forms and when, how trust grows, what changes, and at what price."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ci_sim.figures.style import (
    CAUSE_COLOURS,
    INK,
    MUTED,
    cause_label,
    height_for,
    label_ends,
    lines_of,
    new_figure,
    scenario_label,
    signed_number,
    theme,
    years,
)
from ci_sim.studies.statistics.intervals import Estimate, level, wilson
from ci_sim.texts import text

_FOREST = {  # outcome: factor from the table's unit to that of the axis, which side is better
    "formed": (100.0, "right"),
    "time_to_formation": (1.0, "left"),
    "hours_spent": (1e-3, "left"),
    "coalition_size": (1.0, "right"),
    "trust_across": (100.0, "right"),
    "satisfaction_min": (100.0, "right"),
}
_HARM_TO_HELP = LinearSegmentedColormap.from_list("harm to help", ["#B84A00", "#ffffff", "#005A8F"])


def _said(key: str, locale: str, **facts: object) -> str:
    return text(f"comparison.figures.{key}", locale, **facts)


def formation_curves(outcomes: pd.DataFrame, reference: str, weeks: int, locale: str = "en") -> Figure:
    """Return the share of initiatives formed by each week, with pointwise 95 % Wilson intervals.

    A run that has collapsed counts as not formed for good; every run is followed to its end, so no other correction is needed.
    """
    names = list(outcomes["scenario"].drop_duplicates())
    looks = lines_of(names, reference)
    at = np.arange(weeks + 1)
    with theme():
        figure = new_figure(8.6, height_for(len(names), 4.6))
        axes = figure.add_subplot()
        ends, texts, top = {}, {}, 0.0
        for name in names:
            times = outcomes.loc[outcomes["scenario"] == name, "formation_week"]
            share = (times.to_numpy()[:, None] <= at).mean(axis=0)
            low, high = wilson(share, len(times))
            top = max(top, float(high[-1]))
            axes.plot(at, share, drawstyle="steps-post", **looks[name])
            axes.fill_between(at, low, high, step="post", color=looks[name]["color"], alpha=0.1, linewidth=0)
            ends[name], texts[name] = share[-1], f"{scenario_label(name, locale)}  {share[-1]:.0%}"
        axes.set_ylim(0, min(1.03, max(0.1, 1.05 * top)))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_ylabel(_said("formed_by", locale))
        years(axes, weeks, locale)
        label_ends(axes, ends, looks, texts)
        axes.set_title(_said("formation", locale, n=len(outcomes) // len(names)))
    return figure


def why_not(outcomes: pd.DataFrame, locale: str = "en") -> Figure:
    """Return for each scenario the share of its runs that stand at the end, and what stood in the way of the others."""
    names = list(outcomes["scenario"].drop_duplicates())
    with theme():
        figure = new_figure(10.6, 1.7 + 0.42 * len(names))
        axes = figure.add_subplot()
        for y, name in enumerate(names):
            runs, left = outcomes.loc[outcomes["scenario"] == name, ["standing", "cause"]], 0.0
            shares = {"stands": runs["standing"].mean()} | {c: (runs["cause"] == c).mean() for c in CAUSE_COLOURS}
            for what, share in shares.items():
                words = _said(what, locale) if what == "stands" else cause_label(what, locale)
                colour = CAUSE_COLOURS.get(what, "#c9c9c9")
                axes.barh(y, share, left=left, color=colour, height=0.7, label=words if y == 0 else None)
                if share >= 0.04:
                    inside = INK if what in ("stands", "no_mandate_or_money", "no_signature", "no_breadth") else "white"
                    axes.text(left + share / 2, y, f"{share:.0%}", ha="center", va="center", fontsize=9, color=inside)
                left += share
        axes.set_yticks(range(len(names)), [scenario_label(name, locale) for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.grid(visible=False)
        axes.tick_params(axis="y", length=0)
        axes.set_title(_said("why_not", locale))
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure


def trust_over_time(weekly: pd.DataFrame, reference: str, locale: str = "en") -> Figure:
    """Return mean trust within and across sectors, week by week."""
    names = list(weekly["scenario"].drop_duplicates())
    looks = lines_of(names, reference)
    panels = {f"trust_{where}": _said(where, locale) for where in ("within", "across")}
    known = 100 * weekly[list(panels)].to_numpy()
    low, high = (np.nanmin(known), np.nanmax(known)) if np.isfinite(known).any() else (0.0, 100.0)
    margin = 0.06 * max(high - low, 5.0)
    with theme():
        figure = new_figure(10.6, height_for(len(names), 4.4))
        for k, (column, title) in enumerate(panels.items()):
            axes = figure.add_subplot(1, 2, k + 1)
            ends = {}
            for name in names:
                course = weekly[weekly["scenario"] == name]
                axes.plot(course["week"], 100 * course[column], **looks[name])
                ends[name] = 100 * course[column].iloc[-1]
            axes.set_ylim(low - margin, high + margin)
            axes.yaxis.set_major_locator(MaxNLocator(7, integer=True))
            years(axes, int(weekly["week"].max()), locale)
            axes.set_title(title)
            if k == 0:
                axes.set_ylabel(_said("trust", locale))
        if not np.isfinite(list(ends.values())).any():  # one sector: there is nobody across
            axes.text(0.5, 0.5, _said("one_sector", locale), transform=axes.transAxes, ha="center", color=MUTED)
            axes = figure.axes[0]
            ends = {name: 100 * weekly.loc[weekly["scenario"] == name, "trust_within"].iloc[-1] for name in names}
        label_ends(axes, ends, looks, {name: scenario_label(name, locale) for name in names})
    return figure


def effects_forest(effects: pd.DataFrame, reference: str, locale: str = "en") -> Figure:
    """Return the effects against the reference, one panel an outcome, with their 95 % intervals."""
    contrasts = list(effects["contrast"].drop_duplicates())
    names = [contrast.removesuffix(f" - {reference}") for contrast in contrasts]
    looks = lines_of([reference, *names], reference)
    with theme():
        figure = new_figure(11, 1.9 + 0.62 * max(2, len(names)) * 2)
        for k, (outcome, (factor, better)) in enumerate(_FOREST.items()):
            title, unit = (text(f"comparison.forest.{outcome}.{part}", locale) for part in ("title", "unit"))
            axes = figure.add_subplot(2, 3, k + 1)
            rows = effects[effects["outcome"] == outcome].set_index("contrast").loc[contrasts]
            if outcome == "hours_spent" and rows[["ci_low", "ci_high"]].abs().to_numpy().max() < 1000:
                unit, factor = _said("hours", locale), 1.0
            for y, (name, row) in enumerate(zip(names, rows.itertuples(), strict=True)):
                center, low, high = factor * row.estimate, factor * row.ci_low, factor * row.ci_high
                axes.plot([low, high], [y, y], color=looks[name]["color"], linewidth=2.5, solid_capstyle="round")
                axes.plot(center, y, "o", color=looks[name]["color"], markersize=7)
                axes.annotate(
                    signed_number(center) if np.isfinite(center) else _said("none_in_common", locale),
                    (center if np.isfinite(center) else 0.0, y),
                    xytext=(-5, 6) if center < 0 else (5, 6),  # away from the line at 0
                    textcoords="offset points",
                    ha="right" if center < 0 else "left",
                    fontsize=9,
                    path_effects=[withStroke(linewidth=3, foreground="white")],
                    zorder=3,
                )
            axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
            if not rows[["ci_low", "ci_high"]].to_numpy().any():  # no pair differs
                axes.set_xlim(-1, 1)
            axes.set_ylim(len(names) - 0.4, -0.75)
            axes.set_yticks(range(len(names)), [scenario_label(name, locale) for name in names] if k % 3 == 0 else [])
            axes.tick_params(axis="y", length=0)
            axes.margins(x=0.15)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.grid(axis="y", visible=False)
            axes.set_title(title)
            axes.set_xlabel(_said(f"better_{better}", locale, unit=unit), fontsize=10)
        figure.suptitle(
            _said("forest", locale, reference=scenario_label(reference, locale).lower()),
            x=0.01,
            ha="left",
            fontsize=12,
            fontweight="bold",
        )
    return figure


def price_and_result(outcomes: pd.DataFrame, reference: str, locale: str = "en") -> Figure:
    """Return what was reached against the hours that it took, with 95 % intervals both ways."""
    names = list(outcomes["scenario"].drop_duplicates())
    looks = lines_of(names, reference)
    panels = {column: _said(column, locale) for column in ("formed", "coalition_size")}
    with theme():
        figure = new_figure(11, height_for(len(names), 4.4))
        for k, (column, title) in enumerate(panels.items()):
            axes = figure.add_subplot(1, 2, k + 1)
            for name in names:
                runs = outcomes[outcomes["scenario"] == name]
                hours = level(runs["hours_spent"].to_numpy() / 1000)
                reached = level(runs[column].to_numpy(float))
                axes.errorbar(
                    hours.estimate, reached.estimate, xerr=_bar(hours), yerr=_bar(reached), fmt="o",
                    color=looks[name]["color"], markersize=9, elinewidth=1.5, label=scenario_label(name, locale),
                )  # fmt: skip
            axes.margins(x=0.1, y=0.14)
            axes.set_xlim(left=max(0.0, axes.get_xlim()[0]))
            axes.set_title(title)
            axes.set_xlabel(_said("thousand_hours", locale))
            axes.annotate(
                _said("more_for_less", locale), (0, 1), xytext=(6, -4), xycoords="axes fraction", textcoords="offset points",
                va="top", color=MUTED, fontsize=10,
            )  # fmt: skip
        figure.axes[0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        figure.legend(
            *figure.axes[0].get_legend_handles_labels(), loc="outside right center", frameon=False, fontsize=10
        )
    return figure


def _bar(found: Estimate) -> np.ndarray:
    """Return how far the interval of an estimate reaches to the left and to the right, as an errorbar takes it."""
    return np.nan_to_num([[found.estimate - found.ci_low], [found.ci_high - found.estimate]])


def effects_in_contexts(by_context: pd.DataFrame, reference: str, locale: str = "en") -> Figure:
    """Return the effects on the chance of forming, in points, in the lower and the upper half of each context."""
    contrasts = list(by_context["contrast"].drop_duplicates())
    contexts = list(by_context["context"].drop_duplicates())
    names = [scenario_label(contrast.removesuffix(f" - {reference}"), locale) for contrast in contrasts]
    cells = by_context.set_index(["contrast", "context", "half"])
    columns = [(context, half) for context in contexts for half in ("low", "high")]
    effect = np.array([[100 * cells.loc[(c, *column), "estimate"] for column in columns] for c in contrasts])
    strongest = max(10.0, np.nanmax(np.abs(effect)))
    with theme():
        figure = new_figure(11, 1.6 + 0.42 * len(names))
        axes = figure.add_subplot()
        axes.imshow(effect, cmap=_HARM_TO_HELP, vmin=-strongest, vmax=strongest, aspect="auto")
        for y, contrast in enumerate(contrasts):
            for x, column in enumerate(columns):
                cell = cells.loc[(contrast, *column)]
                clear = cell["ci_low"] > 0 or cell["ci_high"] < 0
                dark = abs(effect[y, x]) > 0.6 * strongest
                axes.text(
                    x, y, signed_number(effect[y, x], 0), ha="center", va="center", fontsize=10,
                    fontweight="bold" if clear else "normal", color="white" if dark else INK,
                )  # fmt: skip
        axes.set_yticks(range(len(names)), names)
        axes.set_xticks(range(len(columns)), [_said(half, locale) for _, half in columns])
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for k, context in enumerate(contexts):
            axes.annotate(
                text(f"comparison.named_contexts.{context}", locale), (2 * k + 0.5, 1.0),
                xycoords=("data", "axes fraction"), xytext=(0, 4),
                textcoords="offset points", ha="center", va="bottom", fontsize=11,
            )  # fmt: skip
            if k:
                axes.axvline(2 * k - 0.5, color="white", linewidth=5)
        axes.spines[:].set_visible(False)
        axes.set_title(_said("contexts", locale), pad=24)
    return figure
