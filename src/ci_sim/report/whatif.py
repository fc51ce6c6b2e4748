"""What is said of answers: in the terminal, on the page for the meeting (HTML, and a PDF of one page), and for the modeller."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from omegaconf import OmegaConf

from ci_sim.configuration.partners import Partners
from ci_sim.figures import whatif as figures
from ci_sim.report.page import saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.rules.parameters import SECTORS
from ci_sim.studies.execution.export import write_workbook
from ci_sim.studies.execution.output import written_whole
from ci_sim.texts import DIRECTIONS, text
from ci_sim.whatif.answers import Answer, horizons
from ci_sim.whatif.check import Checked, Warned
from ci_sim.whatif.questions import BASE

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ON_THE_PAGE = (
    "answer", "picture", "picture_about", "people", "people_about", "price", "price_about", "sure", "assumed", "readings",
    "guesses", "cannot", "cannot_list", "change", "live", "live_about", "live_open", "modeller", "modeller_about",
)  # fmt: skip
_MOST_IN_A_PAGE = 500  # organizations
_FOR_THE_MODELLER = (
    "modeller", "modeller_about", "repeat", "changes", "estimates", "measure", "estimate", "interval", "runs", "method", "way",
    "organization", "sector", "convened", "signs", "drops_out", "least", "readings", "guesses",
)  # fmt: skip


def sentences(found: Answer, weeks: int, locale: str = "en") -> list[str]:
    """Return the answer in plain words: the base's chance, when, what each alternative changes, and what stands in the way."""
    last = horizons(weeks)[-1]
    titles = {alternative.name: alternative.title for alternative in found.question.alternatives}
    base = found.level(BASE, f"by_{last}")
    said = [text("whatif.level", locale, title=titles[BASE], months=last, p=of_100(base.estimate), low=of_100(base.ci_low),
                 high=of_100(base.ci_high))]  # fmt: skip
    own = found.outcomes[found.outcomes["scenario"] == BASE]
    median = own["formation_week"].median()
    said.append(
        text("whatif.never", locale)
        if pd.isna(median)
        else text("whatif.when", locale, month=max(1, round(median * 12 / 52)))
    )
    said += [_said_of(found, name, titles[name], last, locale) for name in titles if name != BASE]
    causes = found.causes[found.causes["alternative"] == BASE].sort_values("share", ascending=False)
    if len(causes) and causes["share"].iloc[0] > 0.0:
        first = causes.iloc[0]
        cause = text(f"whatif.causes.{first['cause']}", locale)
        said.append(text("whatif.in_the_way", locale, cause=cause, share=of_100(first["share"])))
    assumed = len(found.partners.assumed) + sum(reading.assumed for reading in found.partners.readings)
    return [*said, text("whatif.rests_on", locale, n=assumed)] if assumed else said


def _said_of(found: Answer, name: str, title: str, months: int, locale: str) -> str:
    """Return what an alternative changes, in words that say how sure that is."""
    change = found.difference(name, f"by_{months}")
    low, middle, high = 100 * change.ci_low, 100 * change.estimate, 100 * change.ci_high
    if low > 0.0 or high < 0.0:
        ends = sorted((abs(low), abs(high)))
        facts = {"n": f"{abs(middle):.0f}", "low": f"{ends[0]:.0f}", "high": f"{ends[1]:.0f}"}
        return text(f"whatif.{'more' if low > 0.0 else 'fewer'}", locale, title=title, months=months, **facts)
    leaning = "same" if abs(middle) < 0.25 * (high - low) else "rather_more" if middle > 0.0 else "rather_fewer"
    return text(f"whatif.{leaning}", locale, title=title, low=f"{abs(low):.0f}", high=f"{abs(high):.0f}")


def of_100(share: float) -> str:
    """Return a share as a whole number of 100."""
    return f"{100 * share:.0f}"


def _prices(found: Answer, weeks: int) -> list[list[str]]:
    """Return a row of texts for each alternative: chance, difference, month, hours, money, signers, least, bias, standing."""
    last, rows = horizons(weeks)[-1], []
    for alternative in found.question.alternatives:
        name = alternative.name
        chance = found.level(name, f"by_{last}")
        row = [alternative.title, f"{of_100(chance.estimate)} ({of_100(chance.ci_low)}–{of_100(chance.ci_high)})"]
        if name == BASE:
            row.append("–")
        else:
            change = found.difference(name, f"by_{last}")
            row.append(f"{_signed(change.estimate)} ({_signed(change.ci_low)} … {_signed(change.ci_high)})")
        values = {measure: found.level(name, measure).estimate for measure in found.levels["measure"].unique()}
        row += [f"{values['month']:.0f}", f"{values['hours_spent']:,.0f}", f"{values['money_spent']:,.0f}",
                f"{values['coalition_size']:.1f}", f"{values['satisfaction_min']:.2f}", f"{_plain(values['influence_bias'])}",
                f"{of_100(values['standing'])}"]  # fmt: skip
        rows.append(row)
    return rows


def _signed(share: float) -> str:
    points = round(100 * share)
    return f"{points:+d}".replace("-", "−") if points else "0"


def _plain(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0.00"


def _heads(months: int, locale: str) -> list[str]:
    names = ("way", "chance", "difference", "month", "hours", "money", "signers", "least", "bias", "stands")
    return [text(f"whatif.{name}", locale, months=months) for name in names]


def _changes(found: Answer, locale: str) -> list[str]:
    """Return the conditions under which the base's chance differs clearly, those that matter most first."""
    halves = found.halves
    rows = []
    for context, pair in halves.groupby("context", sort=False):
        low, high = (pair[pair["half"] == half].iloc[0] for half in ("low", "high"))
        apart = low["ci_high"] < high["ci_low"] or high["ci_high"] < low["ci_low"]
        if apart:
            what = text(f"whatif.contexts.{context}", locale)
            facts = {"high": of_100(high["estimate"]), "low": of_100(low["estimate"])}
            rows.append(
                (abs(high["estimate"] - low["estimate"]), text("whatif.change_row", locale, context=what, **facts))
            )
    rows.sort(key=lambda row: -row[0])
    return [said for _, said in rows[:4]] or [text("whatif.change_none", locale)]


def _sure(config: Any, found: Answer, locale: str) -> list[str]:
    points = f"{100 * (config.precision or 0):g}"
    return [
        text(f"whatif.sure_{found.stopping}", locale, points=points, runs=found.replicates),
        text("whatif.sure_model", locale),
    ]


def assumed_in_words(
    partners: Partners, warnings: list[Warned], chosen: dict[str, str], locale: str
) -> dict[str, list[str]]:
    """Return what was assumed, what was guessed of the tables, and how the rest of them was read, in words."""
    traits = ", ".join(text(f"whatif.traits.{name}", locale) for name in partners.assumed)
    assumed = text("whatif.assumed_traits", locale, traits=traits) if traits else text("whatif.assumed_none", locale)
    named = [text("whatif.chosen", locale, written=key, name=name) for key, name in chosen.items()]
    return {
        "assumed_list": [assumed, *named, *(warned.said(locale) for warned in warnings)],
        "guesses_list": [reading.said(locale) for reading in partners.readings if reading.assumed],
        "readings_list": [reading.said(locale) for reading in partners.readings if not reading.assumed],
    }


def write_finding(
    path: Path, config: Any, partners: Partners, warnings: list[Warned], command: str | None, **facts: Any
) -> Path:
    """Write the page of a finding, with what all of them say at their end; return its path."""
    locale = config.locale
    shared = ("assumed", "guesses", "readings", "cannot", "cannot_list", "repeat")
    return write_page(
        path,
        locale=locale,
        direction=DIRECTIONS[locale],
        outer={word: text(f"whatif.{word}", locale) for word in shared},
        sure=text("whatif.sure_model", locale),
        command=command or "ci_sim.whatif",
        **assumed_in_words(partners, warnings, {}, locale),
        **facts,
    )


def _assumed(found: Answer, locale: str) -> dict[str, list[str]]:
    return assumed_in_words(found.partners, found.warnings, found.question.chosen, locale)


def today(locale: str) -> str:
    """Return the date as a language writes it."""
    now = date.today()
    return f"{now:%d.%m.%Y}" if locale != "en" else f"{now.day} {_MONTHS[now.month - 1]} {now.year}"


def told(config: Any, found: Answer) -> dict[str, Any]:
    """Return everything that the page for the meeting says, as texts in the configuration's language."""
    locale, months = config.locale, horizons(config.weeks)[-1]
    own = found.organizations[found.organizations["alternative"] == BASE]
    worst = own.sort_values("least_satisfied", ascending=False).head(3)
    names = ", ".join(f"{row['name'][:60]} ({of_100(row['least_satisfied'])})" for _, row in worst.iterrows())
    facts = {"n": len(found.partners.ids), "runs": found.replicates, "date": today(locale)}
    return {
        "locale": locale,
        "direction": DIRECTIONS[locale],
        "title": found.question.title,
        "lead": text("whatif.lead", locale, **facts),
        "sentences": sentences(found, config.weeks, locale),
        "heads": _heads(months, locale),
        "prices": _prices(found, config.weeks),
        "worst": text("whatif.worst", locale, names=names),
        "sure_list": _sure(config, found, locale),
        "changes": _changes(found, locale),
        "page_title": text("whatif.page_title", locale, title=found.question.title),
        "words": {word: text(f"whatif.{word}", locale) for word in _ON_THE_PAGE},
        **_assumed(found, locale),
    }


def write_answer_pages(folder: Path, config: Any, found: Answer, command: str | None = None) -> Path:
    """Write the page for the meeting, its PDF, the modeller's page and the tables as a workbook; return the first."""
    said = told(config, found)
    titles = {alternative.name: alternative.title for alternative in found.question.alternatives}
    drawn = {
        "chances": figures.chances(found.levels, titles, horizons(config.weeks), config.locale),
        "people": figures.people(found.organizations[found.organizations["alternative"] == BASE], config.locale),
    }
    pictures = saved(folder, drawn)
    playable = config.live and len(found.partners.ids) <= _MOST_IN_A_PAGE
    live = _live(found, config.locale) if playable else _Live("", "")
    page = write_page(folder / "meeting.html", **said, pictures=pictures, live=live)
    write_pdf(folder, said)
    _write_modeller(folder, config, found, command)
    sheets = {
        "levels": found.levels,
        "differences": found.differences,
        "organizations": found.organizations,
        "causes": found.causes,
    }
    named = {text(f"whatif.sheets.{name}", config.locale): table for name, table in sheets.items()}
    write_workbook(named, folder / "tables.xlsx")
    return page


class _Live(NamedTuple):
    """The page of `ci-sim explore` that a page carries."""

    page: str
    compares: str  # what stands under Compare, in words; nothing where there is but one plan


def _live(found: Answer, locale: str) -> _Live:
    """Return the live page that begins with these partners, the base and the first alternative."""
    from ci_sim.browser.page import page

    base, *others = found.question.alternatives
    other = next((each for each in others[:1] if set(each.config.sectors) <= set(base.config.sectors)), None)
    plans = [_explored(each.config, found.partners) for each in (base, other) if each]
    compares = text("whatif.live_compares", locale, title=other.title) if other else ""
    return _Live(page(*plans), compares)


def _explored(config: Any, partners: Partners) -> Any:
    """Return a plan as a configuration of `explore`."""
    from ci_sim.configuration.composition import load_config

    explored = load_config("explore", [f"locale={config.locale}"])
    for key in map(str, explored):
        if key in config and key not in ("output_dir", "plan"):
            OmegaConf.update(explored, key, config[key], merge=False)
    if explored.population.trust_scale is None:  # as it was read, so that a plan that is saved there says it
        read = [dict(reading.facts) for reading in partners.readings if reading.key == "trust_scale"]
        explored.population.trust_scale = [float(read[0][end]) for end in ("low", "high")] if read else [0.0, 1.0]
    return explored


def write_pdf(folder: Path, said: dict[str, Any]) -> None:
    """Write the PDF of one page: the same words, set by typst."""
    import matplotlib
    import typst

    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    markup = (Path(__file__).parent / "meeting.typ").read_bytes()
    with written_whole(folder / "meeting.pdf") as temporary:
        pdf = typst.compile(  # type: ignore[misc]  # it takes a folder beside a text
            markup,
            root=folder.resolve(),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(said, ensure_ascii=False)},
        )
        temporary.write_bytes(pdf)


def _write_modeller(folder: Path, config: Any, found: Answer, command: str | None) -> None:
    locale = config.locale
    estimates = [
        [
            row["alternative"],
            row["measure"],
            *(f"{row[part]:.4g}" for part in ("estimate", "ci_low", "ci_high")),
            row["n"],
            row["method"],
        ]
        for table in (found.levels, found.differences)
        for _, row in table.iterrows()
    ]
    people = [
        [row["alternative"], row["name"][:200], text(f"sectors.{row['sector']}", locale),
         *(of_100(row[part]) for part in ("convened", "signs", "drops_out")), f"{row['closeness']:.2f}"]
        for _, row in found.organizations.iterrows()
    ]  # fmt: skip
    write_page(
        folder / "modeller.html",
        locale=locale,
        direction=DIRECTIONS[locale],
        title=found.question.title,
        words={word: text(f"whatif.{word}", locale) for word in _FOR_THE_MODELLER},
        command=command or "ci_sim.whatif",
        changes={
            alternative.title: alternative.changes for alternative in found.question.alternatives if alternative.changes
        },
        estimates=estimates,
        people=people,
        config=OmegaConf.to_yaml(config, resolve=True),
        **_assumed(found, locale),
    )


def print_answer(config: Any, found: Answer, page: Path) -> None:
    """Print the answer, in English, and where the pages are."""
    console = Terminal()
    console.print(found.question.title, markup=False, style="bold")
    for sentence in sentences(found, config.weeks):
        console.print(f"  {sentence}", markup=False, soft_wrap=True)
    table, heads = plain_table(), _heads(horizons(config.weeks)[-1], "en")
    rows = _prices(found, config.weeks)
    table.add_column("")
    for row in rows:
        table.add_column(row[0], justify="right")
    for k in range(1, len(heads)):
        table.add_row(heads[k], *(row[k] for row in rows))
    console.print(table)
    for kind, lines in _assumed(found, "en").items():
        for line in lines if kind != "readings_list" else ():
            console.print(f"  {'Guessed: ' if kind == 'guesses_list' else ''}{line}", markup=False, soft_wrap=True)
    console.print(f"\nThe page for the meeting: {page}", markup=False)
    console.print(
        f"As a PDF: {page.with_name('meeting.pdf')}; for the modeller: {page.with_name('modeller.html')}", markup=False
    )


def print_check(found: Checked) -> None:
    """Print how tables were read: every reading, the guesses apart; what is assumed; and warnings."""
    console, partners = Terminal(), found.partners
    counts = ", ".join(
        f"{sum(int(s) == k for s in partners.given.sector)} of {sector.replace('_', ' ')}"
        for k, sector in enumerate(SECTORS)
    )
    ties = "no table of ties" if partners.given.draw_ties[0] else f"{len(partners.given.ties)} ties"
    console.print(f"{len(partners.ids)} organizations ({counts}), {ties}", markup=False, style="bold")
    parts = {
        "Read": [reading.said() for reading in partners.readings if not reading.assumed],
        "Guessed, please look": [reading.said() for reading in partners.readings if reading.assumed],
        "Not given, so drawn anew in every run": [text(f"whatif.traits.{name}") for name in partners.assumed],
        "Warnings": [warned.said() for warned in found.warnings],
    }
    for title, lines in parts.items():
        if lines:
            console.print(f"\n{title}", markup=False)
            for line in lines:
                console.print(f"  {line}", markup=False, soft_wrap=True)
