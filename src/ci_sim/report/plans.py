"""What is said of plans: in the terminal, and on a page with a short list to choose from."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any, NamedTuple

from ci_sim.figures import whatif as figures
from ci_sim.report.page import saved
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.report.whatif import of_100, today, write_finding
from ci_sim.studies.execution.export import write_workbook
from ci_sim.texts import text
from ci_sim.whatif.plans import Plans, added_late, said_of

_WORDS = (
    "chosen",
    "title",
    "answer",
    "list",
    "about",
    "shared",
    "picture",
    "picture_about",
    "take_along",
    "take_along_about",
)


def _month(config: Any) -> int:
    return round((config.plans.weeks or config.weeks) * 12 / 52)


def sentences(config: Any, found: Plans, locale: str = "en") -> list[str]:
    """Return what the search found, in plain words."""
    best = found.short.loc[found.short["chance"].idxmax()]
    facts = {"p": of_100(best["chance"]), "low": of_100(best["ci_low"]), "high": of_100(best["ci_high"])}
    facts |= {"hours": f"{best['hours']:,.0f}", "money": f"{best['money']:,.0f}"}
    said = [
        text("plans.best", locale, month=_month(config), **facts),
        text("plans.front", locale, n=int(found.tried["best"].sum())),
    ]
    if len(found.tried) == found.size:
        return said
    return [*said, text("plans.late", locale, p=of_100(added_late(found.tried)))]


class _Listed(NamedTuple):
    """The short list, in words: a column a plan."""

    heads: list[str]
    reached: list[list[str]]  # a row for each thing that was found, with its title first
    chosen: list[list[str]]  # a row for each choice in which the plans differ
    shared: list[tuple[str, str]]  # choices that are the same in all


def _listed(config: Any, found: Plans, locale: str) -> _Listed:
    short = found.short
    heads = [text("plans.plan", locale, letter=letter) for letter in string.ascii_uppercase[: len(short)]]
    reached = [
        [text("plans.chance", locale, month=_month(config)),
         *(f"{of_100(r['chance'])} ({of_100(r['ci_low'])}–{of_100(r['ci_high'])})" for _, r in short.iterrows())],
        [text("plans.weeks", locale), *(f"{w * 12 / 52:.0f}" for w in short["weeks"])],
        [text("plans.hours", locale), *(f"{h:,.0f}" for h in short["hours"])],
        [text("plans.money", locale), *(f"{m:,.0f}" for m in short["money"])],
        [text("plans.fairness", locale), *(f"{f:.2f}" for f in short["fairness"])],
        [text("plans.coalition", locale), *(f"{c:.0f}" for c in short["coalition"])],
        [text("plans.regret", locale), *(of_100(r) for r in short["regret"])],
        [text("plans.fails", locale), *(_fails(row, locale) for _, row in short.iterrows())],
    ]  # fmt: skip
    told = [dict(said_of(found.choices, row, locale)) for _, row in short.iterrows()]
    chosen = [[title, *(one[title] for one in told)] for title in told[0]]
    alike = [len(told) > 1 and len(set(row[1:])) == 1 for row in chosen]
    apart = [row for row, same in zip(chosen, alike, strict=True) if not same]
    shared = [(row[0], row[1]) for row, same in zip(chosen, alike, strict=True) if same]
    return _Listed(heads, reached, apart, shared)


def _fails(row: Any, locale: str) -> str:
    """Return where a plan does worst."""
    context, _, half = row["worst_where"].partition(" ")
    if not half:
        return "–"
    said = text(f"whatif.contexts.{context}", locale)
    return text(f"plans.fails_{half}", locale, context=said, p=of_100(row["worst_chance"]))


def write_plans_page(folder: Path, config: Any, found: Plans, command: str | None = None) -> Path:
    """Write the page and the tables as a workbook; return the page's path."""
    locale = config.locale
    listed = _listed(config, found, locale)
    keys = [choice.name for choice in found.choices]
    pictures = saved(folder, {"plans": figures.plans(found.tried, found.short, keys, locale)})
    lead = {"tried": f"{len(found.tried):,}", "size": f"{found.size:,}", "runs": config.plans.replicates}
    page = write_finding(
        folder / "plans.html",
        config,
        found.partners,
        found.warnings,
        command,
        lead=text("plans.lead", locale, again=config.plans.finalists, date=today(locale), **lead),
        words={word: text(f"plans.{word}", locale) for word in _WORDS},
        sentences=sentences(config, found, locale),
        listed=listed,
        picture=pictures["plans"],
        overrides=list(zip(listed.heads, found.short["overrides"], strict=True)),
    )
    write_workbook({"short_list": found.short, "tried": found.tried}, folder / "tables.xlsx")
    return page


def print_plans(config: Any, found: Plans, page: Path) -> None:
    """Print the short list, in English, and where the page is."""
    console = Terminal()
    for sentence in sentences(config, found):
        console.print(f"  {sentence}", markup=False, soft_wrap=True)
    listed = _listed(config, found, "en")
    table = plain_table()
    for head in ("", *listed.heads):
        table.add_column(head, justify="left" if not head else "right")
    for row in listed.reached:
        table.add_row(*row)
    console.print(table)
    plans = [(head, [(row[0], row[k]) for row in listed.chosen]) for k, head in enumerate(listed.heads, start=1)]
    for head, chosen in [*plans, *([("All of these", listed.shared)] if listed.shared else [])]:
        said = "; ".join(f"{title}: {value}" for title, value in chosen)
        console.print(f"  {head}. {said}", markup=False, soft_wrap=True)
    console.print(f"\nThe page, to open in a browser: {page}", markup=False)
