"""The page of a validation: each pattern, what was published, what the model does, and the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ci_sim.figures.validation import arms_of_a_pattern, measure_label
from ci_sim.report.page import saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.studies.questions.validation import FAILS, HOLDS, OPEN, Validation


def tally(claims: pd.DataFrame) -> str:
    """Return how many claims hold, fail and are open, in words."""
    counts = claims["verdict"].value_counts()
    found = {verdict: int(counts.get(verdict, 0)) for verdict in (HOLDS, FAILS, OPEN)}
    most = f"{int(claims['n'].max()):,}"
    where = f"over {most} settings" if "supports" in claims else f"at {most} runs an arm"
    return (
        f"Of {len(claims)} claims from {claims['pattern'].nunique()} patterns, {found[HOLDS]} hold, {found[FAILS]} fail, "
        f"and {found[OPEN]} {'is' if found[OPEN] == 1 else 'are'} open {where}."
    )


def claims_in_words(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the claims as texts.

    Returns:
        columns `pattern, claim, measured, simulated, interval, n, verdict, again` (that it was asked again); of a validation
        in many settings also `settings`, the median and the central 90 % of what they say, and `supports`, the share of them
        that supports the claim.
    """
    words = {
        "pattern": claims["pattern"],
        "claim": claims["claim"],
        "measured": claims["measure"].map(measure_label),
        "simulated": claims["simulated"].map(number_in_words),
        "interval": _from_to(claims["ci_low"], claims["ci_high"]),
        "n": claims["n"].astype(str),
        "verdict": claims["verdict"],
        "again": [", asked again" if again else "" for again in claims["asked_again"]],
    }
    if "supports" in claims:
        spread = _from_to(claims["setting_low"], claims["setting_high"])
        middle = claims["setting_median"].map(number_in_words)
        words["settings"] = [f"{m} ({around})" for m, around in zip(middle, spread, strict=True)]
        words["supports"] = [f"{share:.0%}" for share in claims["supports"]]
    return pd.DataFrame(words)


def _from_to(low: pd.Series, high: pd.Series) -> list[str]:
    return [f"{number_in_words(a)} to {number_in_words(b)}" for a, b in zip(low, high, strict=True)]


def number_in_words(value: float) -> str:
    """Return a measure as a reader would write it."""
    if pd.isna(value):
        return "–"
    return (f"{value:.0f}" if abs(value) >= 10 else f"{value:.3f}").replace("-", "−")


def write_validation_page(folder: Path, config: Any, result: Validation, command: str) -> Path:
    """Draw a figure for each pattern into `figures/`, and write `validation.html`, which carries them; return its path."""
    arms = result.arms.groupby("pattern", sort=False)
    pictures = saved(folder, {name: arms_of_a_pattern(rows) for name, rows in arms})
    words = claims_in_words(result.claims)
    return write_page(
        folder / "validation.html",
        tally=tally(result.claims),
        patterns=[
            (rows.iloc[0], words.loc[rows.index], pictures[name])
            for name, rows in result.claims.groupby("pattern", sort=False)
        ],
        replicates=config.replicates if config.settings_file is None else config.setting_replicates,
        settings_file=config.settings_file,
        ask_again=config.ask_again,
        again=int(result.claims["asked_again"].sum()),
        seed=config.seed,
        command=command,
    )


def print_validation(config: Any, result: Any, page: Path) -> None:
    """Print each claim with its verdict, how many hold, and where everything is."""
    console = Terminal()
    table = plain_table()
    words = claims_in_words(result.claims).drop(columns=["measured", "n", "settings", "again"], errors="ignore")
    words = words.rename(columns={"interval": "95% interval"})
    for column in words.columns:
        numeric = column in ("simulated", "95% interval", "supports")
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric or column == "verdict")
    for row in words.itertuples(index=False):
        table.add_row(*row, style={HOLDS: "", FAILS: "bold red", OPEN: "dim"}[row.verdict])
    console.print(table)
    console.print(tally(result.claims), markup=False)
    console.print(f"\nThe page, to open in a browser: {page}", markup=False)
