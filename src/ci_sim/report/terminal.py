"""What the terminal shows at the end of a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from ci_sim.configuration.composition import own_settings
from ci_sim.figures.style import SECTOR_LABELS, cause_label, scenario_label
from ci_sim.studies.questions.single import GRAPH_LIMIT


class Terminal(Console):
    """A console that highlights nothing by itself, and leaves it to the command line what a closed pipe means."""

    def __init__(self) -> None:
        """Write to standard output."""
        super().__init__(highlight=False)

    def on_broken_pipe(self) -> None:
        """Let the command line end."""
        raise BrokenPipeError


def plain_table(title: str | None = None) -> Table:
    """Return an empty table with a line below its bold header."""
    return Table(title=title, header_style="bold", box=SIMPLE, padding=(0, 1, 0, 0))


def print_page(config: Any, result: Any, page: Path) -> None:
    """Print where the page of a study is."""
    Terminal().print(f"The page, to open in a browser: {page}", markup=False)


def print_run(config: Any, result: Any, folder: Path) -> None:
    """Print what became of one initiative, and where everything is."""
    console = Terminal()
    row = result.outcomes.iloc[0]
    if row.formed:
        fate = f"formed in week {row.formation_week:.0f}"
        fate += f" and collapsed in week {row.collapse_week:.0f}" if row.collapsed else ""
        fate += f" and broke off in week {row.broken_off_week:.0f}" if not row.standing and not row.collapsed else ""
    else:
        fate = f"did not form; it ended in week {row.collapse_week:.0f}"
    if not row.formed:
        fate += f"; what stood in the way: {cause_label(row.cause)}"
    table = Table(box=None, show_header=False)
    promises = (
        "no promises were made" if pd.isna(row.promises_kept) else f"{row.promises_kept:.0%} of all promises were kept"
    )
    for label, text in {
        f"in week {int(result.weekly['week'].iloc[-1])}": f"{row.coalition_size} of {len(result.organizations)} organizations "
        f"have signed and commit: {row.breadth_convened:.0%} of those convened",
        "trust": f"{_trust(row.trust_within)} within sectors, {_trust(row.trust_across)} across (chance that a promise is kept)",
        "beliefs": f"{_trust(row.willingness)} that another would commit, {_trust(row.belief_in_group)} that enough deliver "
        "(chances, as members see them)",
        "agreements": f"{row.agreements} signed commitments between two; {promises}",
        **_secured(row, result.organizations),
        **_federations(row, result.organizations),
        **_charter(row, len(result.organizations)),
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
    if len(result.organizations) > GRAPH_LIMIT:
        console.print(
            f"  Above {GRAPH_LIMIT:,} organizations there is no graph and no picture of the network.", markup=False
        )
    if result.assumed:
        console.print(f"  Not given, so drawn: {', '.join(result.assumed)}.", markup=False)
    console.print(f"\nTables and pictures: {folder}", markup=False)


def _secured(row: Any, organizations: pd.DataFrame) -> dict[str, str]:
    """Return what became of mandates and money, where they were asked for."""
    told = {}
    if not organizations["mandate"].all():
        since = (
            "never enough" if pd.isna(row.mandate_week) else f"enough in week {row.mandate_week:.0f} for the first time"
        )
        told["mandates"] = f"{since}; {organizations['mandate'].sum()} of {len(organizations)} organizations hold one"
    if not pd.isna(row.funding_week):
        told["money"] = f"the backbone's reserve was first in hand in week {row.funding_week:.0f}"
    return told


def _federations(row: Any, organizations: pd.DataFrame) -> dict[str, str]:
    """Return which sectors have a charter of their own, how many it binds, and how many follow who speaks for them."""
    told = []
    for sector, label in SECTOR_LABELS.items():
        since = row[f"federation_week_{sector}"]
        if not pd.isna(since):
            size = int((organizations["sector"] == sector).sum())
            signed, follow = (round(row[f"{what}_{sector}"] * size) for what in ("represented", "following"))
            spoken = f", of whom {follow} follow one voice" if follow else ""
            told.append(f"{label.lower()} since week {since:.0f} ({signed} of {size} signed{spoken})")
    return {"sectors' own charters": "; ".join(told)} if told else {}


def _charter(row: Any, organizations: int) -> dict[str, str]:
    """Return what became of the circle's own agreement, if there was any round of it."""
    if not row.rounds:
        return {}
    held = "in no round agreed on"
    if not pd.isna(row.charter_week):
        held = f"in force since week {row.charter_week:.0f}, signed by {row.signatories} of {organizations}"
    broken = f"; {row.breaches} promises of it broken, {row.repairs} times made good" if row.breaches else ""
    return {"charter": f"{held} ({row.rounds} rounds){broken}"}


def _trust(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"
