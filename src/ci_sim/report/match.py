"""The page of a history match: what each number rules out, and what is left of each parameter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ci_sim.figures import calibration as figures
from ci_sim.figures.validation import measure_label
from ci_sim.report.calibration import parameters_in_words
from ci_sim.report.page import saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.rules.parameters import declared
from ci_sim.studies.questions.match import Match

_FEWEST, _MOST = 4, 12  # parameters that are shown


def left_of(plausible: int, settings: int) -> str:
    """Return how many settings are plausible, in words."""
    return f"{plausible:,} of {settings:,} settings are plausible ({plausible / settings:.1%})."


def clearly_moved(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters that are spread otherwise than before the match, beyond doubt after correction for their number."""
    return parameters[parameters["p"] < 0.05 / len(parameters)]


def numbers_in_words(numbers: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers as texts: what was published, the default setting, what is ruled out, and plausible settings."""
    return pd.DataFrame(
        {
            "number": [f"{n.arm}: {measure_label(n.measure)}" for n in numbers.itertuples()],
            "published": [f"{n.low:g} to {n.high:g}" for n in numbers.itertuples()],
            "default": numbers["default_setting"].map("{:.3g}".format),
            "rules out": numbers["ruled_out"].map("{:.1%}".format),
            "it alone": numbers["alone"].map("{:.1%}".format),
            "plausible settings (90%)": [
                f"{n.plausible_low:.3g} to {n.plausible_high:.3g}" for n in numbers.itertuples()
            ],
        }
    )


def write_match_page(folder: Path, config: Any, result: Match, command: str) -> Path:
    """Draw the figures into `figures/`, and write `match.html`, which carries them; return its path."""
    told = len(clearly_moved(result.parameters))
    shown = result.parameters.head(min(max(told, _FEWEST), _MOST))
    labelled = result.numbers.assign(label=result.numbers["measure"].map(measure_label))
    reached = result.settings.iloc[:, -1 - len(result.numbers) :]
    pictures = saved(
        folder,
        {
            "numbers": figures.ranges_and_settings(labelled, reached),
            "parameters": figures.prior_and_posterior(shown, result.plausible.assign(weight=1.0), "plausible"),
        },
    )
    return write_page(
        folder / "match.html",
        title=result.title,
        tally=left_of(len(result.plausible), len(result.settings)),
        numbers=numbers_in_words(result.numbers),
        parameters=parameters_in_words(shown),
        told=told,
        free=len(result.parameters),
        about={key: declared()[key]["about"] for key in shown["parameter"]},
        pictures=pictures,
        folder=config.output_dir,
        replicates=config.replicates,
        seed=config.seed,
        command=command,
    )


def print_match(config: Any, result: Match, page: Path) -> None:
    """Print what each number rules out, how many settings are left, and where everything is."""
    console = Terminal()
    table = plain_table()
    words = numbers_in_words(result.numbers).iloc[:, :-1]
    for k, column in enumerate(words.columns):
        table.add_column(column, justify="right" if k else "left", no_wrap=k > 0, min_width=0 if k else 30)
    for row in words.itertuples(index=False):
        table.add_row(*row)
    console.print(table)
    console.print(left_of(len(result.plausible), len(result.settings)), markup=False)
    file = page.with_name("plausible.csv")
    console.print(
        f"To judge over them: ci-sim validate settings_file={file}, and ci-sim insights", markup=False, soft_wrap=True
    )
    console.print(f"\nThe page, to open in a browser: {page}", markup=False)
