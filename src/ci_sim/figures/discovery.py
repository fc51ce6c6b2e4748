"""The figure of a discovery: settings over the two inputs that tell most, and the box around the cases of interest."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ci_sim.figures.style import INK, MUTED, new_figure, theme
from ci_sim.studies.questions.discovery import Discovery

_CASE = "#D55E00"


def cases_and_box(found: Discovery) -> Figure:
    """Return a dot a setting, over the two inputs that the box limits first (or the first two), with the box."""
    limits = found.box.limits if found.box else {}
    keys = [*limits, *(key for key in found.inputs if key not in limits)]
    x, y = keys[0], keys[min(1, len(keys) - 1)]
    with theme():
        figure = new_figure(8, 5.6)
        axes = figure.add_subplot()
        for cases, colour, size, label in ((False, MUTED, 14, "other settings"), (True, _CASE, 22, found.question)):
            own = found.inputs[found.of_interest == cases]
            axes.scatter(own[x], own[y], s=size, color=colour, alpha=0.75, linewidths=0, label=label)
        (left, right), (low, high) = (
            limits.get(key, (found.inputs[key].min(), found.inputs[key].max())) for key in (x, y)
        )
        if found.box:
            axes.add_patch(Rectangle((left, low), right - left, high - low, fill=False, edgecolor=INK, linewidth=2))
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        figure.legend(loc="outside upper left", frameon=False)
    return figure
