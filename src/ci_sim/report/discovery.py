"""What a discovery shows: the picture in its folder, and its rules in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ci_sim.figures.discovery import cases_and_box
from ci_sim.figures.style import save
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.studies.discovery import SEPARATES, Discovery


def draw_discovery(found: Discovery, folder: Path) -> None:
    """Write the picture."""
    save(cases_and_box(found), folder / "cases.png")


def print_discovery(config: Any, found: Discovery, folder: Path) -> None:
    """Print the question, the box in words with its quality on settings that did not find it, and the tree's leaves."""
    console = Terminal()
    share = found.of_interest.mean()
    console.print(f"Where {found.question}: {share:.0%} of {len(found.inputs):,} settings.", style="bold", markup=False)
    if found.box is None:
        few = "few" if share < 0.5 else "different from the others"
        console.print(
            f"These settings are too {few} to say where they lie; more settings may (design.samples).", markup=False
        )
    else:
        box = found.box
        console.print(f"Most of all where {found.rule}.", markup=False)
        console.print(
            f"On the settings that did not find the rule: {box.density:.0%} of those inside are such settings, against "
            f"{box.base_rate:.0%} everywhere, and {box.coverage:.0%} of all such settings lie inside.",
            markup=False,
        )
        if not box.density >= SEPARATES * box.base_rate:
            console.print("That is hardly better than no rule: what matters here is not a simple region.", markup=False)
        table = plain_table()
        for column in ("a small tree says", "such settings inside", "of all such settings", "settings"):
            table.add_column(column, justify="left" if column.startswith("a ") else "right")
        for leaf in found.leaves:
            table.add_row(leaf.rule, f"{leaf.density:.0%}", f"{leaf.coverage:.0%}", str(leaf.inside))
        console.print(table)
    console.print(f"Tables and picture: {folder}", markup=False)
