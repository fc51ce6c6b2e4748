"""Figures of one initiative: its network by sector, and its course."""

from __future__ import annotations

import math
import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from ci_sim.figures.style import (
    INK,
    MUTED,
    SECTOR_COLOURS,
    SECTOR_MARKERS,
    label_ends,
    new_figure,
    theme,
    years,
)
from ci_sim.texts import text

_GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))
_EDGES = {  # rung of the ladder: colour, width
    "none": ("#dddddd", 0.6),
    "understanding": ("#b9b9b9", 0.9),
    "joint_step": ("#7a7a7a", 1.3),
    "signed": ("#222222", 2.0),
}
_NAMED = 15  # up to so many organizations are written with their names,
_MARKED = 40  # and up to so many with their ids, which are shorter


def network(organizations: pd.DataFrame, ties: pd.DataFrame, locale: str = "en") -> Figure:
    """Return the organizations, by sector, and their agreements.

    Args:
        organizations: columns id, name, sector, membership, in_coalition, signatory, influence.
        ties: columns source, target (ids) and agreement.
        locale: language of what is written.
    """
    places = _by_sector(organizations)
    with theme():
        figure = new_figure(8.2, 7.2)
        axes = figure.add_subplot()
        for rung, (colour, width) in _EDGES.items():
            rows = ties[ties["agreement"] == rung]
            lines = [(places[a], places[b]) for a, b in zip(rows["source"], rows["target"], strict=True)]
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=1))
        size = 110 * min(1.0, 60 / len(organizations))
        for sector, rows in organizations.groupby("sector"):
            _draw_sector(axes, rows, places, SECTOR_COLOURS[sector], SECTOR_MARKERS[sector], size)
        if len(organizations) <= _MARKED:
            crowded = len(organizations) > _NAMED
            for row in organizations.itertuples():
                label = textwrap.shorten(str(row.id) if crowded else row.name, 16 if crowded else 34, placeholder=" …")
                axes.annotate(
                    label, places[row.id], xytext=(0, 9), textcoords="offset points", ha="center", fontsize=9,
                    path_effects=[withStroke(linewidth=3, foreground="white")], zorder=3,
                )  # fmt: skip
        inside, signatories = int(organizations["in_coalition"].sum()), int(organizations["signatory"].sum())
        title = "network.with_charter" if signatories else "network.inside"
        axes.set_title(text(title, locale, n=inside, all=len(organizations), signatories=signatories))
        axes.set_aspect("equal")
        axes.axis("off")
        axes.margins(0.12)
        axes.legend(
            handles=_key(organizations, locale),
            loc="upper center",
            bbox_to_anchor=(0.5, 0.0),
            ncols=4,
            frameon=False,
            fontsize=9,
        )
    return figure


def _by_sector(organizations: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return a place for each id: a disc for each sector, the most influential in its middle."""
    places = {}
    sectors = [sector for sector in SECTOR_COLOURS if (organizations["sector"] == sector).any()]
    radii = {s: math.sqrt((organizations["sector"] == s).sum()) for s in sectors}
    away = 0.0 if len(sectors) == 1 else 1.25 * max(radii.values())
    for k, sector in enumerate(sectors):
        angle = math.pi / 2 + 2 * math.pi * k / len(sectors)
        rows = organizations[organizations["sector"] == sector].sort_values("influence", ascending=False, kind="stable")
        for rank, name in enumerate(rows["id"]):
            radius, turn = math.sqrt(rank + 0.5), rank * _GOLDEN_ANGLE + k
            x = away * math.cos(angle) + radius * math.cos(turn)
            places[name] = (x, away * math.sin(angle) + radius * math.sin(turn))
    return places


def _draw_sector(axes: Axes, rows: pd.DataFrame, places: dict, colour: str, marker: str, size: float) -> None:
    """Draw a sector's organizations: full where they commit, hollow where they are only members, small outside.

    A ring is around those that have signed the charter, a broken one around those that have signed their sector's only.
    """
    member = (rows["membership"] == "member").to_numpy()
    full = rows["in_coalition"].to_numpy()
    at = np.array([places[name] for name in rows["id"]])
    for chosen, fill, edge, area in (
        (full, colour, "white", size),
        (member & ~full, "white", colour, size),
        (~member, "white", "#b0b0b0", size / 3),
    ):
        axes.scatter(
            at[chosen, 0], at[chosen, 1], s=area, marker=marker, c=fill, edgecolors=edge, linewidths=1.6, zorder=2
        )
    signed = rows["signatory"].to_numpy(bool)
    for ring, style in ((signed, "solid"), (rows["federated"].to_numpy(bool) & ~signed, (0, (2, 2)))):
        axes.scatter(
            at[ring, 0], at[ring, 1], s=2.6 * size, marker="o", c="none", edgecolors=INK, linewidths=1.1, zorder=2,
            linestyle=style,
        )  # fmt: skip


def _key(organizations: pd.DataFrame, locale: str) -> list[Line2D]:
    """Return what each mark of the network stands for, of those that are there."""

    def mark(marker: str, face: str, edge: str, size: float, label: str) -> Line2D:
        return Line2D([], [], marker=marker, color="none", markerfacecolor=face, markeredgecolor=edge, markersize=size,
                      markeredgewidth=1.6, label=label)  # fmt: skip

    handles = [
        mark(SECTOR_MARKERS[s], SECTOR_COLOURS[s], "white", 10, text(f"sectors.{s}", locale))
        for s in SECTOR_COLOURS
        if (organizations["sector"] == s).any()
    ]
    handles += [
        mark("o", "#555555", "white", 10, text("network.commits", locale)),
        mark("o", "white", "#555555", 9, text("network.member", locale)),
        mark("o", "white", "#b0b0b0", 6, text("network.outside", locale)),
    ]
    if organizations["signatory"].any():
        handles.append(mark("o", "none", INK, 13, text("network.signatory", locale)))
    if (organizations["federated"] & ~organizations["signatory"]).any():
        handles.append(mark("o", "none", INK, 13, text("network.federated", locale)))
    rungs = {text(f"network.rungs.{rung}", locale): look for rung, look in _EDGES.items()}
    return handles + [Line2D([], [], color=c, linewidth=max(w, 1.2), label=label) for label, (c, w) in rungs.items()]


def course(weekly: pd.DataFrame, locale: str = "en") -> Figure:
    """Return the course of one initiative, week by week: its coalition, what members believe, its circle, hours and fund.

    Args:
        weekly: one row a week.
        locale: language of what is written.
    """

    def said(key: str, **facts: object) -> str:
        return text(f"course.{key}", locale, **facts)

    weeks = max(4, int(weekly["week"].max()))
    formation = weekly.loc[weekly["formed"] == 1, "week"].min()
    with theme():
        figure = new_figure(14.6, 6.6)
        coalition, trust, group, circle, hours, fund = (figure.add_subplot(2, 3, k + 1) for k in range(6))
        for axes in (coalition, group):
            axes.set_ylim(-0.02, 1.02)
        looks = {sector: {"color": colour} for sector, colour in SECTOR_COLOURS.items()}
        shares = {f"share_{s}": text(f"sectors.{s}", locale) for s in SECTOR_COLOURS}
        _lines(coalition, weekly, shares, list(looks.values()), weeks, locale)
        formed = np.isfinite(formation)
        coalition.set_title(said("coalition_formed", week=f"{formation:.0f}") if formed else said("coalition"))
        ink, other = {"color": INK}, {"color": "#D55E00"}
        _lines(trust, weekly, {f"trust_{w}": said(w) for w in ("within", "across")}, [ink, other], weeks, locale)
        trust.set_title(said("trust"))
        believed = {name: said(name) for name in ("willingness", "belief_in_group")}
        _lines(group, weekly, believed, [{"color": "#6A51A3"}, {"color": "#0072B2"}], weeks, locale)
        group.set_title(said("beliefs"))
        for axes in (coalition, trust, group):
            axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        counts = {name: said(name) for name in ("agreements", "members")}
        lines: list[dict] = [other, ink, {"color": "#6A51A3", "dashes": (4, 2)}]
        counts |= {"signatories": said("signatories")} if weekly["signatories"].any() else {}
        _lines(circle, weekly, counts, lines[: len(counts)], weeks, locale)
        since = _charter_since(weekly)
        circle.set_title(said("circle_charter", week=since) if since else said("circle"))
        _lines(hours, weekly, {"hours_spent": said("hours")}, [ink], weeks, locale)
        hours.set_title(said("hours_until_formed") if formed else said("hours_spent"))
        _lines(fund, weekly, {"fund": said("usd")}, [ink], weeks, locale)
        fund.set_ylim(bottom=0)
        fund.set_title(said("fund"))
        for axes in (hours, fund):
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        if formed:
            for axes in figure.axes:
                axes.axvline(formation, color=MUTED, linewidth=1.2, linestyle=":")
    return figure


def _charter_since(weekly: pd.DataFrame) -> int:
    """Return the week since which the charter that is in force at the end has been, or 0."""
    without = weekly.loc[weekly["signatories"] == 0, "week"]
    if weekly["signatories"].iloc[-1] == 0:
        return 0
    return int(without.max() if len(without) else 0) + 1


def _lines(
    axes: Axes, weekly: pd.DataFrame, columns: dict[str, str], looks: list[dict], weeks: int, locale: str
) -> None:
    """Draw columns against the week, each labelled at its end."""
    shown = {c: look for c, look in zip(columns, looks, strict=True) if weekly[c].notna().any()}
    for column, look in shown.items():
        axes.plot(weekly["week"], weekly[column], **look)
    years(axes, weeks, locale)
    label_ends(axes, {c: weekly[c].iloc[-1] for c in shown}, shown, {c: columns[c] for c in shown})
