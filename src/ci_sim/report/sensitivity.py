"""What a sensitivity analysis shows: figures in its folder, and the first parameters of each response in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ci_sim.figures.sensitivity import MAIN, heat_map, tornado
from ci_sim.figures.style import save
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.studies.sensitivity import DUMMY, Sensitivity

_FIRST = 3


def draw_sensitivity(found: Sensitivity, folder: Path) -> None:
    """Write a tornado for each response and outcome, and the heat map of all, into `figures/`."""
    (folder / "figures").mkdir(exist_ok=True)
    for (response, outcome), rows in found.indices.groupby(["response", "outcome"], sort=False):
        name = f"{outcome}_{response}".replace(" - ", "_against_").replace(" ", "_")
        save(tornado(rows, found.method, f"{outcome}: {response}"), folder / "figures" / f"tornado_{name}.png")
    save(heat_map(found.indices, found.method), folder / "figures" / "heat_map.png")


def print_sensitivity(config: Any, found: Sensitivity, folder: Path) -> None:
    """Print what decides most, beside an input that cannot matter, and how much of what differs is luck."""
    console = Terminal()
    main = found.indices[found.indices["measure"] == MAIN[found.method]]
    table = plain_table()
    for column in ("of", f"what decides most ({MAIN[found.method]})", "parameters / luck", "luck left in means"):
        table.add_column(column, justify="right" if "luck" in column else "left")
    for noise in found.noise.to_dict("records"):
        own = main[(main["response"] == noise["response"]) & (main["outcome"] == noise["outcome"])]
        ranked = own.sort_values("estimate", ascending=False)
        first = pd.concat([ranked[ranked["parameter"] != DUMMY].head(_FIRST), ranked[ranked["parameter"] == DUMMY]])
        words = "\n".join(f"{p}: {e:.2g}" for p, e in zip(first["parameter"], first["estimate"], strict=True))
        left = f"{noise['in_means']:.0%}" if np.isfinite(noise["in_means"]) else "?"
        table.add_row(f"{noise['outcome']}\n{noise['response']}", words, _shares(noise), left)
    console.print(table)
    console.print(
        "Parameters / luck: shares of the variance of single runs. Luck left in means: what more replicates would still take "
        "out of the settings' means; no parameter can explain that part.",
        markup=False,
    )
    console.print(f"Tables and figures: {folder}", markup=False)


def _shares(noise: dict[str, Any]) -> str:
    if not np.isfinite(noise["parameters"]):
        return "?"
    return f"{noise['parameters']:.0%} / {noise['luck'] + noise['luck_in_setting']:.0%}"
