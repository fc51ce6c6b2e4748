"""What a discovery shows: a page with its picture, and its rules in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ci_sim.figures.discovery import cases_and_box
from ci_sim.report.page import about, saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.studies.questions.discovery import SEPARATES, Discovery


def in_sentences(found: Discovery) -> list[str]:
    """Return what was found, and how well it holds on the settings that did not find it."""
    share = found.of_interest.mean()
    if found.box is None:
        few = "few" if share < 0.5 else "different from the others"
        return [f"These settings are too {few} to say where they lie; more settings may (design.samples)."]
    box = found.box
    if not box.limits:
        return ["No limits separate these settings from the others."]
    said = [
        f"Most of all where {found.rule}.",
        f"On the settings that did not find the rule: {box.density:.0%} of those inside are such settings, against "
        f"{box.base_rate:.0%} everywhere, and {box.coverage:.0%} of all such settings lie inside.",
    ]
    if not box.density >= SEPARATES * box.base_rate:
        said.append("That is hardly better than no rule: what matters here is not a simple region.")
    return said


def write_discovery_page(folder: Path, config: Any, found: Discovery, command: str) -> Path:
    """Draw the picture into `figures/`, and write the page that carries it."""
    limits = [
        {"key": key, "about": about(key), "low": f"{low:.3g}", "high": f"{high:.3g}"}
        for key, (low, high) in (found.box.limits if found.box else {}).items()
    ]
    return write_page(
        folder / "discovery.html",
        title=found.title,
        question=found.question,
        share=f"{found.of_interest.mean():.0%}",
        settings=f"{len(found.inputs):,}",
        sentences=in_sentences(found),
        limits=limits,
        leaves=[leaf for leaf in found.leaves if leaf.inside],
        pictures=saved(folder, {"cases": cases_and_box(found)}),
        sweep=found.sweep,
        seed=config.seed,
        command=command,
    )


def print_discovery(config: Any, found: Discovery, page: Path) -> None:
    """Print the question, the box in words with its quality on settings that did not find it, and the tree's leaves."""
    console = Terminal()
    share = found.of_interest.mean()
    console.print(f"Where {found.question}: {share:.0%} of {len(found.inputs):,} settings.", style="bold", markup=False)
    for sentence in in_sentences(found):
        console.print(sentence, markup=False)
    if found.leaves:
        table = plain_table()
        for column in ("a small tree says", "such settings inside", "of all such settings", "settings"):
            table.add_column(column, justify="left" if column.startswith("a ") else "right")
        for leaf in (leaf for leaf in found.leaves if leaf.inside):
            table.add_row(leaf.rule, f"{leaf.density:.0%}", f"{leaf.coverage:.0%}", str(leaf.inside))
        console.print(table)
    console.print(f"The page, to open in a browser: {page}", markup=False)
