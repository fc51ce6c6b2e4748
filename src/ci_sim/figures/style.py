"""How all figures look: colours that colour-blind readers can tell apart, names in words, labels beside the lines."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ci_sim.texts import text

INK = "#333333"  # text, and the reference scenario
MUTED = "#7a7a7a"
# Okabe & Ito (2008), without the yellow that vanishes on white.
_HUES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#6A51A3")
# From the ninth scenario on, colours come again with another dash.
_DASHES = ((), (5, 2), (2, 2), (6, 2, 1, 2), (9, 3), (1, 3))

SECTOR_COLOURS = {"government": "#0072B2", "business": "#E69F00", "civil_society": "#009E73"}
SECTOR_MARKERS = {"government": "s", "business": "^", "civil_society": "o"}
SECTOR_LABELS = {"government": "Government", "business": "Business", "civil_society": "Civil society"}

CAUSE_COLOURS = {
    "no_gain": "#6A51A3",
    "no_belief": "#0072B2",
    "no_mandate_or_money": "#56B4E9",
    "no_signature": "#E69F00",
    "no_breadth": "#CC79A7",
    "broken_off": "#D55E00",
}


def scenario_label(name: str, locale: str = "en") -> str:
    """Return a scenario's name in words; one that the texts do not know, by its key."""
    try:
        return text(f"scenarios.{name}.name", locale)
    except KeyError:
        return name.replace("_", " ").capitalize()


def cause_label(cause: str, locale: str = "en") -> str:
    """Return in words what stood in the way."""
    return text(f"causes.{cause}.name", locale)


def lines_of(scenarios: Sequence[str], reference: str) -> dict[str, dict]:
    """Return how each scenario is drawn: the reference in dark grey, the others in their order."""
    looks: dict[str, dict] = {}
    for k, name in enumerate(name for name in scenarios if name != reference):
        looks[name] = {"color": _HUES[k % len(_HUES)], "dashes": _DASHES[k // len(_HUES) % len(_DASHES)]}
    looks[reference] = {"color": INK, "dashes": ()}
    return {name: looks[name] for name in scenarios}


@contextmanager
def theme() -> Iterator[None]:
    """Draw in the project's theme, and leave the user's settings alone."""
    settings = {
        "font.size": 11,
        "lines.markersize": 6,
        "lines.markeredgewidth": 1,
        "patch.edgecolor": "white",
        "patch.force_edgecolor": True,
        "patch.linewidth": 1,
        "xtick.major.width": 1.25,
        "ytick.major.width": 1.25,
        "xtick.major.pad": 3.5,
        "ytick.major.pad": 3.5,
        "axes.labelsize": 11,
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": MUTED,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 10,
        "ytick.labelsize": 10,
        "axes.grid": True,
        "grid.color": "#e6e6e6",
        "axes.axisbelow": True,
        "lines.linewidth": 2,
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
        "figure.facecolor": "white",
    }
    with mpl.style.context(["seaborn-v0_8-ticks", "seaborn-v0_8-notebook", settings]):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return a figure of this size in inches, outside pyplot's memory."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure; the format follows from the path's ending (png, svg, pdf)."""
    # more work at compressing makes it no smaller
    quick: dict[str, Any] = {"pil_kwargs": {"compress_level": 1}} if path.suffix == ".png" else {}
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Glyph", UserWarning
        )  # a name may hold what the font does not have, such as emoji
        figure.savefig(path, dpi=160, **quick)


def label_ends(axes: Axes, ends: dict[str, float], looks: dict[str, dict], texts: dict[str, str]) -> None:
    """Write each line's label at its right end, moved apart where labels would overlap.

    Args:
        ends: height of each line's end, in the axes' data units; NaN: no line, no label.
    """
    known = sorted((name for name in ends if np.isfinite(ends[name])), key=lambda name: ends[name])
    low, high = axes.get_ylim()
    places = [(ends[name] - low) / (high - low) for name in known]
    figure: Any = axes.figure
    panels: Any = axes.get_gridspec()
    gap = 0.25 * panels.nrows / figure.get_size_inches()[1]  # a line of text, as a share of the axes' height
    for name, place in zip(known, _spread(places, gap), strict=True):
        axes.annotate(
            texts[name],
            xy=(1.0, place),
            xytext=(6, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=looks[name]["color"],
            fontsize=10,
            fontweight="bold" if looks[name]["color"] == INK else "normal",
            annotation_clip=False,
        )


def _spread(places: Sequence[float], gap: float) -> list[float]:
    """Move sorted places apart to at least `gap`: each group that touches is centred on its mean."""
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _bottom(groups[-1], gap) < _top(groups[-2], gap) + gap:
            last = groups.pop()
            groups[-1] += last
    apart = [_bottom(group, gap) + gap * k for group in groups for k in range(len(group))]
    above = max(0.0, apart[-1] - 1.0) if apart else 0.0  # keep the labels beside the axes
    below = max(0.0, -(apart[0] - above)) if apart else 0.0
    return [place - above + below for place in apart]


def _bottom(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _top(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) + gap * (len(group) - 1) / 2


def height_for(lines: int, least: float) -> float:
    """Return the height in inches of a figure whose labels need so many lines."""
    return max(least, 1.2 + 0.27 * lines)


def signed_number(value: float, decimals: int = 1) -> str:
    """Return a difference with its sign, and what rounds to nothing without one."""
    text = f"{value:+.{decimals}f}".replace("-", "−")
    return text if any(digit in text for digit in "123456789") else text[1:]


def years(axes: Axes, weeks: int, locale: str = "en") -> None:
    """Mark the weeks on the horizontal axis by the half year, or coarser over a long horizon."""
    step = next((s for s in (4, 13, 26, 52, 104) if weeks / s <= 7), 52 * max(1, round(weeks / 52 / 6)))
    axes.set_xlim(0, weeks)
    axes.set_xticks(range(0, weeks + 1, step))
    axes.set_xlabel(text("course.week", locale))
