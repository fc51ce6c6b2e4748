"""Pictures of answers, narrow enough to be read on a phone: how likely and by when; who signs and who drops out."""

from __future__ import annotations

import string
import textwrap
from typing import Any

import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ci_sim.figures.style import INK, MUTED, SECTOR_COLOURS, SECTOR_MARKERS, new_figure, signed_number, theme
from ci_sim.texts import DIRECTIONS, text

_WIDTH = 4.6  # inches
_SHADES = ("#9ecae1", "#4292c6", "#08519c")  # the later, the darker
_MOST = 40  # partners in a picture
_MARKS = {"ltr": "\u200e", "rtl": "\u200f"}  # by which a text that begins with a foreign name keeps its direction


def chances(levels: pd.DataFrame, titles: dict[str, str], months: list[int], locale: str) -> Figure:
    """Return the chance of each alternative to have formed within so many months, with its interval.

    Args:
        levels: `ci_sim.whatif.answers.Answer.levels`.
        titles: what each alternative is called, by name, in their order.
    """
    with theme():
        figure = new_figure(_WIDTH, 1.0 + 0.34 * len(titles) * (len(months) + 0.9))
        axes = figure.subplots()
        labels, places = [], []
        for row, (name, title) in enumerate(titles.items()):
            top = row * (len(months) + 0.9)
            for k, month in enumerate(months):
                found = levels[(levels["alternative"] == name) & (levels["measure"] == f"by_{month}")].iloc[0]
                low, middle, high = (100 * found[part] for part in ("ci_low", "estimate", "ci_high"))
                shade = _SHADES[k - len(months)]
                axes.barh(top + k, middle, height=0.82, color=shade, edgecolor="none")
                axes.plot([low, high], [top + k, top + k], color=INK, linewidth=1.6)
                beyond = high > 88
                axes.text(
                    low - 2 if beyond else high + 2, top + k, f"{middle:.0f}", va="center",
                    ha="right" if beyond else "left", fontsize=10, color="white" if beyond and k else INK,
                )  # fmt: skip
            axes.text(
                0,
                top - 0.85,
                f"{_MARKS[DIRECTIONS[locale]]}{_cut(title, 52)}",
                fontsize=10.5,
                fontweight="bold",
                va="center",
            )
            places += [top + k for k in range(len(months))]
            labels += [text("whatif.months", locale, n=month) for month in months]
        axes.set_yticks(places, labels)
        axes.set_ylim(max(places) + 0.6, -1.4)
        axes.set_xlim(0, 100)
        axes.set_xlabel(text("whatif.axis", locale))
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    return figure


def people(organizations: pd.DataFrame, locale: str) -> Figure:
    """Return how often each partner has signed and commits at the end, and how often it came and left.

    Args:
        organizations: the rows of one alternative of `ci_sim.whatif.answers.Answer.organizations`.
    """
    table: Any = (
        organizations.sort_values(["signs", "name"], ascending=[False, True]).head(_MOST).reset_index(drop=True)
    )
    with theme():
        figure = new_figure(_WIDTH, 1.2 + 0.23 * len(table))
        axes = figure.subplots()
        for row in table.itertuples():
            colour, marker = SECTOR_COLOURS[row.sector], SECTOR_MARKERS[row.sector]
            axes.plot([0, 100 * row.signs], [row.Index, row.Index], color=colour, linewidth=1.4, alpha=0.5)
            axes.plot(100 * row.signs, row.Index, marker, color=colour, markersize=7)
            axes.plot(100 * row.drops_out, row.Index, "x", color=MUTED, markersize=6)
        axes.set_yticks(range(len(table)), [_cut(name, 34) for name in table["name"]])
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.set_xlim(-2, 102)
        axes.set_xlabel(text("whatif.people_axis", locale))
        axes.tick_params(axis="y", labelsize=9, length=0)
        handles = [
            axes.plot(
                [], [], SECTOR_MARKERS[sector], color=SECTOR_COLOURS[sector], label=text(f"sectors.{sector}", locale)
            )[0]
            for sector in SECTOR_COLOURS
            if sector in set(table["sector"])
        ]
        handles += axes.plot([], [], "x", color=MUTED, label=text("whatif.drops_out", locale))
        figure.legend(handles=handles, loc="outside upper center", ncols=2, frameon=False, fontsize=9)
    return figure


def importance(effects: pd.DataFrame, kinds: list[str], locale: str) -> Figure:
    """Return what each kind of case changes with each partner, in points of 100.

    Args:
        effects: `ci_sim.whatif.who.Importance.effects`.
        kinds: in their order.
    """
    wide = effects.pivot(index="id", columns="kind", values="estimate")[kinds]
    order = wide.abs().max(axis=1).sort_values(ascending=False).index[:_MOST]
    clear = effects.pivot(index="id", columns="kind", values="clear")[kinds].loc[order]
    points, names = 100 * wide.loc[order], effects.drop_duplicates("id").set_index("id")["name"].loc[order]
    limit = max(10.0, float(points.abs().to_numpy().max()))
    with theme():
        figure = new_figure(_WIDTH + 0.6, 1.5 + 0.27 * len(order))
        axes = figure.subplots()
        axes.imshow(points.to_numpy(), cmap=_diverging(), vmin=-limit, vmax=limit, aspect="auto")
        for row in range(len(order)):
            for column in range(len(kinds)):
                value, bold = points.iloc[row, column], bool(clear.iloc[row, column])
                axes.text(
                    column, row, signed_number(float(value), 0), ha="center", va="center", fontsize=9,
                    color=INK if abs(value) < 0.6 * limit else "white", fontweight="bold" if bold else "normal",
                    bbox={"boxstyle": "square,pad=0.25", "fill": False, "edgecolor": INK} if bold else None,
                )  # fmt: skip
        heads = [textwrap.fill(text(f"who.kinds.{kind}", locale), 13) for kind in kinds]
        axes.set_xticks(range(len(kinds)), heads, fontsize=8.5)
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(order)), [_cut(name, 30) for name in names], fontsize=9)
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return figure


def plans(tried: pd.DataFrame, short: pd.DataFrame, keys: list[str], locale: str) -> Figure:
    """Return the chance and the hours of every plan that was tried, those that no other beats, and the short list by letters.

    Args:
        tried, short: of `ci_sim.whatif.plans.Plans`.
        keys: what plans choose.
    """
    shown = tried[tried["affordable"]]
    with theme():
        figure = new_figure(_WIDTH + 0.6, 4.0)
        axes = figure.subplots()
        for rows, colour, size in ((shown[~shown["best"]], "#c9c9c9", 12), (shown[shown["best"]], "#0072B2", 26)):
            axes.scatter(rows["hours"], 100 * rows["chance"], s=size, color=colour, linewidths=0)
        for letter, row in zip(string.ascii_uppercase, short[keys].itertuples(index=False), strict=False):
            own = shown[(shown[keys] == list(row)).all(axis=1)].iloc[0]
            axes.annotate(
                letter,
                (own["hours"], 100 * own["chance"]),
                xytext=(5, 5),
                textcoords="offset points",
                fontweight="bold",
            )
        axes.set_xlabel(text("plans.axis_hours", locale))
        axes.set_ylabel(text("plans.axis_chance", locale))
        axes.set_ylim(-2, 102)
    return figure


def _diverging() -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("fewer and more", ["#D55E00", "#f7f7f7", "#0072B2"])


def _cut(name: str, most: int) -> str:
    """Return a name that fits beside a picture."""
    return textwrap.shorten(name, most, placeholder="…") if len(name) > most and " " in name[:most] else name[:most]
