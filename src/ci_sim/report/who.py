"""What is said of who matters: in the terminal, and on a page for a board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ci_sim.figures import whatif as figures
from ci_sim.report.page import saved
from ci_sim.report.terminal import Terminal
from ci_sim.report.whatif import assumed_in_words, of_100, today, write_finding
from ci_sim.studies.execution.export import write_workbook
from ci_sim.texts import text
from ci_sim.whatif.who import KINDS, Importance

_SHOWN = 5  # meetings
_WORDS = ("title", "answer", "picture", "picture_about", "links", "links_about", "links_none", "pairs", "trust", "meetings",
          "pair", "effect", "interval", "clear")  # fmt: skip


def sentences(found: Importance, locale: str = "en") -> list[str]:
    """Return who matters, in plain words: for each kind of case the partner with whom it changes most, if that is clear."""
    p, low, high = (of_100(value) for value in found.chance[:3])
    said = [text("who.chance", locale, p=p, low=low, high=high)]
    for kind in KINDS:
        name = text(f"who.kinds.{kind}", locale)
        rows = found.effects[(found.effects["kind"] == kind) & found.effects["clear"]]
        if rows.empty:
            said.append(text("who.none", locale, kind=name))
            continue
        most = rows.loc[rows["estimate"].abs().idxmax()]
        ends = sorted(abs(100 * most[end]) for end in ("ci_low", "ci_high"))
        direction = text(f"who.{'more' if most['estimate'] > 0 else 'fewer'}", locale)
        facts = {"n": f"{abs(100 * most['estimate']):.0f}", "low": f"{ends[0]:.0f}", "high": f"{ends[1]:.0f}"}
        said.append(text("who.most", locale, kind=name, name=most["name"][:100], direction=direction, **facts))
    return said


def _links(found: Importance, locale: str) -> list[list[str]]:
    """Return the links between sectors, the weakest first."""
    rows = []
    for _, row in found.links.sort_values("density").iterrows():
        sector, other = (text(f"sectors.{row[end]}", locale) for end in ("sector", "other"))
        pair = (
            text("who.within", locale, sector=sector)
            if row["sector"] == row["other"]
            else text("who.link", locale, sector=sector, other=other)
        )
        trust = "–" if pd.isna(row["trust"]) else f"{row['trust']:.2f}"
        rows.append([pair, f"{row['ties']} / {row['possible']} ({row['density']:.0%})", trust])
    return rows


def _meetings(found: Importance, locale: str) -> list[list[str]]:
    rows = []
    for _, row in found.meetings.head(_SHOWN).iterrows():
        clear = text(f"who.{'yes' if row['clear'] else 'no'}", locale)
        low, middle, high = (f"{100 * row[part]:+.0f}".replace("-", "−") for part in ("ci_low", "estimate", "ci_high"))
        rows.append([f"{row['name'][:80]} · {row['other'][:80]}", middle, f"{low} … {high}", clear])
    return rows


def write_importance_page(folder: Path, config: Any, found: Importance, command: str | None = None) -> Path:
    """Write the page and the tables as a workbook; return the page's path."""
    locale = config.locale
    pictures = saved(folder, {"who": figures.importance(found.effects, list(KINDS), locale)})
    asked, runs = found.effects["id"].nunique(), int(found.chance.n)
    page = write_finding(
        folder / "who.html",
        config,
        found.partners,
        found.warnings,
        command,
        lead=text("who.lead", locale, n=len(found.partners.ids), asked=asked, runs=runs, date=today(locale)),
        words={word: text(f"who.{word}", locale) for word in _WORDS},
        sentences=sentences(found, locale),
        picture=pictures["who"],
        links=_links(found, locale),
        meetings=_meetings(found, locale),
        meetings_about=text("who.meetings_about", locale, n=len(found.meetings)),
        meetings_none="" if found.meetings["clear"].any() else text("who.meetings_none", locale),
    )
    write_workbook({"effects": found.effects, "links": found.links, "meetings": found.meetings}, folder / "tables.xlsx")
    return page


def print_importance(config: Any, found: Importance, page: Path) -> None:
    """Print who matters, in English, and where the page is."""
    console = Terminal()
    for sentence in sentences(found):
        console.print(f"  {sentence}", markup=False, soft_wrap=True)
    for line in assumed_in_words(found.partners, found.warnings, {}, "en")["assumed_list"]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print(f"\nThe page, to open in a browser: {page}", markup=False)
