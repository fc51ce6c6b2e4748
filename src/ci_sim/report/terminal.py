"""What the terminal shows at the end of a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from ci_sim.configuration import own_settings
from ci_sim.figures.style import scenario_label
from ci_sim.report.calibration import closest_setting, parameters_in_words, tally_of_targets, targets_in_words
from ci_sim.report.comparison import summary_sentences, summary_table
from ci_sim.report.validation import claims_in_words, tally
from ci_sim.studies.comparison import scenarios_of
from ci_sim.studies.validation import FAILS, HOLDS, OPEN


class _Console(Console):
    """A console that leaves it to the command line what a closed pipe means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def print_page(config: Any, result: Any, page: Path) -> None:
    """Print where the page of a study is."""
    _Console(highlight=False).print(f"The page, to open in a browser: {page}", markup=False)


def print_comparison(config: Any, result: Any, page: Path) -> None:
    """Print the scenarios' outcomes, what they mean in words, and where everything is."""
    console = _Console(highlight=False)
    summary = summary_table(result.outcomes)
    title = f"{config.title}: {config.replicates} runs of each scenario, {config.weeks} weeks"
    table = Table(title=title, header_style="bold", box=SIMPLE, padding=(0, 1, 0, 0))
    for column in summary.columns:
        words = column == "Scenario"
        table.add_column(str(column), justify="left" if words else "right", no_wrap=not words)
    for row in summary.itertuples(index=False):
        table.add_row(*(str(value) for value in row))
    console.print(table)
    for sentence in summary_sentences(result.outcomes, result.effects, scenarios_of(config)[1]):
        console.print(f"  • {sentence}", markup=False)
    if result.assumed:
        console.print(f"  Not given, so drawn anew in each run: {', '.join(result.assumed)}.", markup=False)
    console.print(f"\nThe report, to open in a browser: {page}", markup=False)


def print_run(config: Any, result: Any, folder: Path) -> None:
    """Print what became of one initiative, and where everything is."""
    console = _Console(highlight=False)
    row = result.outcomes.iloc[0]
    if row.formed:
        fate = f"formed in week {row.formation_week:.0f}"
        fate += f" and collapsed in week {row.collapse_week:.0f}" if row.collapsed else ""
    else:
        fate = f"did not form; it ended in week {row.collapse_week:.0f}"
    table = Table(box=None, show_header=False)
    promises = (
        "no promises were made" if pd.isna(row.promises_kept) else f"{row.promises_kept:.0%} of all promises were kept"
    )
    for label, text in {
        f"in week {int(result.weekly['week'].iloc[-1])}": f"{row.coalition_size} of {len(result.organizations)} organizations "
        "have signed and commit",
        "trust": f"{_trust(row.trust_within)} within sectors, {_trust(row.trust_across)} across (chance that a promise is kept)",
        "agreements": f"{row.agreements} signed commitments; {promises}",
        "hours": f"{row.hours_spent:,.0f} spent by all organizations "
        + ("until it formed" if row.formed else "in all"),
        "satisfaction": f"{row.satisfaction_mean:.2f} on average, {row.satisfaction_min:.2f} for the least satisfied (0 to 1)",
    }.items():
        table.add_row(label, text)
    console.print(f"{scenario_label(config.scenario.name)}: the initiative {fate}.", markup=False, style="bold")
    console.print(table)
    if own_settings(config):
        console.print(f"  Set besides: {', '.join(own_settings(config))}.", markup=False)
    if len(result.outcomes) > 1:
        formed = int(result.outcomes["formed"].sum())
        console.print(
            f"  Of {len(result.outcomes)} replicates, of which this is the first, {formed} form.", markup=False
        )
    if result.assumed:
        console.print(f"  Not given, so drawn: {', '.join(result.assumed)}.", markup=False)
    console.print(f"\nTables and pictures: {folder}", markup=False)


def _trust(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def print_validation(config: Any, result: Any, page: Path) -> None:
    """Print each claim with its verdict, how many hold, and where everything is."""
    console = _Console(highlight=False)
    table = Table(header_style="bold", box=SIMPLE, padding=(0, 1, 0, 0))
    words = claims_in_words(result.claims).drop(columns=["measured", "n"])
    for column in words.columns:
        numeric = column in ("simulated", "95% interval")
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric or column == "verdict")
    for row in words.itertuples(index=False):
        table.add_row(*row, style={HOLDS: "", FAILS: "bold red", OPEN: "dim"}[row.verdict])
    console.print(table)
    console.print(tally(result.claims), markup=False)
    console.print(f"\nThe page, to open in a browser: {page}", markup=False)


def print_calibration(config: Any, result: Any, page: Path) -> None:
    """Print what the targets say about each parameter, which targets can be met together, and where everything is."""
    console = _Console(highlight=False)
    for words in (parameters_in_words(result.parameters), targets_in_words(result.targets)):
        table = Table(header_style="bold", box=SIMPLE, padding=(0, 1, 0, 0))
        for k, column in enumerate(words.columns):
            table.add_column(column, justify="left" if k == 0 else "right", no_wrap=k > 0, overflow="fold")
        for row in words.itertuples(index=False):
            table.add_row(*row)
        console.print(table)
    console.print(tally_of_targets(result), markup=False)
    console.print(f"The setting that comes closest: {closest_setting(result)}", markup=False, soft_wrap=True)
    console.print(f"\nThe page, to open in a browser: {page}", markup=False)
