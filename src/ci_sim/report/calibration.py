"""The page of a calibration: what the targets say about the parameters, and whether the result meets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ci_sim.figures import calibration as figures
from ci_sim.report.page import saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.rules.parameters import declared, is_whole
from ci_sim.studies.questions.calibration import Calibration


def parameters_in_words(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters as texts: default, range, median, 90 % interval, and by how much the targets narrow it."""
    return pd.DataFrame(
        {
            "parameter": parameters["parameter"],
            "default": parameters["default"].map(_number),
            "range": _from_to(parameters["low"], parameters["high"]),
            "median": parameters["median"].map(_number),
            "90% interval": _from_to(parameters["ci_low"], parameters["ci_high"]),
            "narrower by": [f"{share:.0%}" for share in parameters["learnt"]],
        }
    )


def targets_in_words(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the targets as texts: what is known, the default setting, the calibrated ones, and whether they meet it."""
    known = [f"{_number(v)} ± {_number(e)}" for v, e in zip(targets["value"], targets["error"], strict=True)]
    return pd.DataFrame(
        {
            "target": targets["target"],
            "known": known,
            "default": targets["default_setting"].map(_number),
            "calibrated": targets["simulated"].map(_number),
            "90% interval": _from_to(targets["ci_low"], targets["ci_high"]),
            "met": ["yes" if met else "no" for met in targets["met"]],
        }
    )


def tally_of_targets(result: Calibration) -> str:
    """Return how many targets the calibrated settings meet, each alone and all at once, in words."""
    missed = result.targets.loc[~result.targets["met"], "target"].tolist()
    met = "every target" if not missed else f"{len(result.targets) - len(missed)} of {len(result.targets)} targets"
    but = f" (not: {'; '.join(missed)})" if missed else ""
    return f"Taken one by one, the calibrated settings meet {met}{but}; {result.together:.0%} of them meet all targets at once."


def closest_setting(result: Calibration) -> str:
    """Return the simulated setting closest to the targets, as overrides that any command takes."""
    best = result.settings.loc[result.settings["distance"].idxmin()]
    return " ".join(f"{key}={_rounded(key, best[key])}" for key in result.parameters["parameter"])


def _rounded(key: str, value: float) -> str:
    return str(int(value)) if is_whole(key) else f"{value:.4g}"


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.3g}".replace("-", "−")


def _from_to(low: pd.Series, high: pd.Series) -> list[str]:
    return [f"{_number(a)} to {_number(b)}" for a, b in zip(low, high, strict=True)]


def write_calibration_page(folder: Path, config: Any, result: Calibration, command: str) -> Path:
    """Draw the figures into `figures/`, and write `calibration.html`, which carries them; return its path."""
    pictures = saved(
        folder,
        {
            "parameters": figures.prior_and_posterior(result.parameters, result.posterior),
            "targets": figures.known_and_simulated(result.targets),
        },
    )
    return write_page(
        folder / "calibration.html",
        title=result.title,
        tally=tally_of_targets(result),
        parameters=parameters_in_words(result.parameters),
        about={key: declared()[key]["about"] for key in result.parameters["parameter"]},
        targets=targets_in_words(result.targets),
        sources=result.targets["source"].tolist(),
        closest=closest_setting(result),
        pictures=pictures,
        samples=len(result.settings),
        kept=int((result.settings["weight"] > 0).sum()),
        replicates=result.replicates,
        sweep=result.sweep,
        checks=config.checks,
        seed=config.seed,
        command=command,
    )


def print_calibration(config: Any, result: Any, page: Path) -> None:
    """Print what the targets say about each parameter, which targets can be met together, and where everything is."""
    console = Terminal()
    for words in (parameters_in_words(result.parameters), targets_in_words(result.targets)):
        table = plain_table()
        for k, column in enumerate(words.columns):
            table.add_column(column, justify="left" if k == 0 else "right", no_wrap=k > 0, overflow="fold")
        for row in words.itertuples(index=False):
            table.add_row(*row)
        console.print(table)
    console.print(tally_of_targets(result), markup=False)
    console.print(f"The setting that comes closest: {closest_setting(result)}", markup=False, soft_wrap=True)
    console.print(f"\nThe page, to open in a browser: {page}", markup=False)
