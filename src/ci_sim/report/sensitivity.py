"""What a sensitivity analysis shows: a page with its figures, and the first parameters of each response in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ci_sim.figures.sensitivity import MAIN, heat_map, tornado
from ci_sim.figures.style import scenario_label
from ci_sim.report.page import about, saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.studies.questions.sensitivity import DUMMY, Sensitivity

_FIRST = 3
_METHODS = {
    "sobol": "Sobol indices (Saltelli et al. 2010).",
    "morris": "Elementary effects (Morris 1991).",
    "pawn": "PAWN indices (Pianosi & Wagener 2018), which suit skewed outcomes.",
}
_READING = {
    "sobol": "A bar is the share of the variance between settings that a parameter decides with all its interactions, a tick "
    "what it decides alone.",
    "morris": "A bar is the mean size of what the whole range of a parameter changes, in the unit of the outcome.",
    "pawn": "A bar is how far the distribution of the outcome moves when a parameter is known: 0 not at all, 1 altogether. The "
    "input that cannot matter shows what chance alone gives.",
}


def write_sensitivity_page(folder: Path, config: Any, found: Sensitivity, command: str) -> Path:
    """Draw a tornado for each response and the heat map of all into `figures/`, and write the page that carries them."""
    rows = {key: rows for key, rows in found.indices.groupby(["response", "outcome"], sort=False)}
    figures = {_name(*key): tornado(own, found.method, f"{key[1]}: {key[0]}") for key, own in rows.items()}
    if rows:
        figures["heat_map"] = heat_map(found.indices, found.method)
    responses = [
        {
            "outcome": noise.outcome,
            "name": _label(noise.response),
            "sentence": _never(noise.always) if varies_not else _sentence(rows[key], found.method),
            "picture": None if varies_not else _name(*key),
            "noise": "" if varies_not else _luck(noise._asdict()),
        }
        for noise in found.noise.itertuples()
        for key, varies_not in [((noise.response, noise.outcome), np.isfinite(noise.always))]
    ]
    return write_page(
        folder / "sensitivity.html",
        title=found.title,
        question=found.question,
        responses=responses,
        method=_METHODS[found.method],
        reading=_READING[found.method],
        settings=f"{found.settings:,}",
        parameters=found.parameters,
        about={key: about(key) for key in found.indices["parameter"].unique() if key != DUMMY},
        pictures=saved(folder, figures),
        sweep=found.sweep,
        seed=config.seed,
        command=command,
    )


def _name(response: str, outcome: str) -> str:
    return f"tornado_{outcome}_{response}".replace(" - ", "_against_").replace(" ", "_")


def _label(response: str) -> str:
    """Return a response as words: a scenario, or the effect of one against another."""
    scenario, _, reference = response.partition(" - ")
    return f"{scenario_label(scenario)} against {scenario_label(reference)}" if reference else scenario_label(scenario)


def _ranked(rows: pd.DataFrame, method: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the parameters of a response by how much they decide, and the input that cannot matter, if there is one."""
    main = rows[rows["measure"] == MAIN[method]].sort_values("estimate", ascending=False)
    return main[main["parameter"] != DUMMY], main[main["parameter"] == DUMMY]


def _sentence(rows: pd.DataFrame, method: str) -> str:
    """Say what decides most; of PAWN indices, what is told apart from an input that cannot matter."""
    ranked, dummy = _ranked(rows, method)
    clear = (ranked[ranked["ci_low"] > dummy["ci_high"].iloc[0]] if len(dummy) else ranked).head(_FIRST)
    if clear.empty:
        return "no parameter stands out from an input that cannot matter."
    names = [
        f"{row.parameter} ({row.estimate:.2g}, {row.ci_low:.2g} to {row.ci_high:.2g})" for row in clear.itertuples()
    ]
    return f"most of all {names[0]}" + (f"; then {', '.join(names[1:])}." if names[1:] else ".")


def _never(always: float) -> str:
    return f"it never varies: it is {always:.3g} in all settings, so no parameter decides it."


def _luck(noise: dict[str, Any]) -> str:
    if not np.isfinite(noise["parameters"]):
        return "Nothing can be said of luck here: that takes two replicates a setting, and runs that differ."
    luck = noise["luck"] + noise["luck_in_setting"]
    return (
        f"Of the variance of single runs, {noise['parameters']:.0%} is parameters and {luck:.0%} luck; of the variance of the "
        f"means, {noise['in_means']:.0%} is luck that is left."
    )


def print_sensitivity(config: Any, found: Sensitivity, page: Path) -> None:
    """Print what decides most, beside an input that cannot matter, and how much of what differs is luck."""
    console = Terminal()
    table = plain_table()
    for column in ("of", f"what decides most ({MAIN[found.method]})", "parameters / luck", "luck left in means"):
        table.add_column(column, justify="right" if "luck" in column else "left")
    for noise in found.noise.to_dict("records"):
        if np.isfinite(noise["always"]):
            table.add_row(f"{noise['outcome']}\n{noise['response']}", _never(noise["always"]), "–", "–")
            continue
        own = (found.indices["response"] == noise["response"]) & (found.indices["outcome"] == noise["outcome"])
        ranked, dummy = _ranked(found.indices[own], found.method)
        first = pd.concat([ranked.head(_FIRST), dummy])
        words = "\n".join(f"{p}: {e:.2g}" for p, e in zip(first["parameter"], first["estimate"], strict=True))
        left = f"{noise['in_means']:.0%}" if np.isfinite(noise["in_means"]) else "?"
        table.add_row(f"{noise['outcome']}\n{noise['response']}", words, _shares(noise), left)
    console.print(table)
    console.print(
        "Parameters / luck: shares of the variance of single runs. Luck left in means: what more replicates would still take "
        "out of the settings' means; no parameter can explain that part.",
        markup=False,
    )
    console.print(f"The page, to open in a browser: {page}", markup=False)


def _shares(noise: dict[str, Any]) -> str:
    if not np.isfinite(noise["parameters"]):
        return "?"
    return f"{noise['parameters']:.0%} / {noise['luck'] + noise['luck_in_setting']:.0%}"
