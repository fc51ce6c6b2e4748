"""The pages of the insights' study: for each insight what the article claims beside what the model says, in plain words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from markdown_it import MarkdownIt

from ci_sim.configuration.composition import load_config
from ci_sim.figures import insights as figures
from ci_sim.figures.style import save, signed_number
from ci_sim.report.page import about, does, embedded, template
from ci_sim.rules.parameters import declared
from ci_sim.studies.questions.boundaries import CHANCES
from ci_sim.studies.questions.contrasts import ALONE, INSIGHTS, LESS, MORE, NEITHER, ON_TOP, Insight
from ci_sim.studies.questions.discovery import SEPARATES
from ci_sim.studies.questions.insights import Answers
from ci_sim.studies.questions.sensitivity import DUMMY
from ci_sim.texts import DIRECTIONS, text

_TOLD = 4  # parameters that a case is told by
_FACTORS = {"formed": 100, "trust_across": 100, "satisfaction_min": 100}  # from units of 1 to points
_ASKED = {MORE: "wins", LESS: "loses"}
_BESIDE = {ALONE: "alone", ON_TOP: "on_top"}


class MapFacts(NamedTuple):
    """How the settings of the boundary map were chosen, for its readers."""

    chosen: str  # in words
    pairs: int  # of runs in each setting


def _said(key: str, locale: str, /, **facts: object) -> str:
    return text(f"insights.{key}", locale, **facts)


def map_facts(settings_file: str | None, pairs: int, locale: str = "en") -> MapFacts:
    """Return how the settings of the boundary map were chosen: by the user's file of settings, or over the spans."""
    if settings_file is None:
        return MapFacts(_said("evenly", locale), pairs)
    return MapFacts(_said("of_file", locale, file=settings_file), pairs)


def write_pictures(folder: Path, answers: Answers, locale: str = "en") -> None:
    """Draw every figure of the study into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for insight in INSIGHTS:
        save(
            figures.where_it_holds(_of(answers.shares, insight), locale), folder / f"insight_{insight.number}_where.png"
        )
        decides = figures.what_decides(_of(answers.sensitivity, insight), "pawn_effect", locale)
        save(decides, folder / f"insight_{insight.number}_decides.png")
    save(figures.chance_of_forming(answers.chance, locale), folder / "chance.png")
    decides = figures.what_decides(answers.chance_sensitivity, "pawn_chance", locale)
    save(decides, folder / "chance_decides.png")
    formed = answers.interactions[answers.interactions["outcome"] == "formed"]
    kinds = answers.kind_shares.assign(factor="all_" + answers.kind_shares["factor"])
    shares = pd.concat([answers.component_shares, kinds]).rename(columns={"factor": "effect"})
    own_share = shares[shares["contribution"] == "share"]
    for name, axis, table in (("interactions", "points", formed), ("component_shares", "shapley", own_share)):
        labels = [figures.effect_label(effect, locale) for effect in table["effect"]]
        forest = figures.contrasts_forest(table.assign(label=labels), _said(f"figures.{axis}", locale), 100)
        save(forest, folder / f"{name}.png")


def _of(table: pd.DataFrame, insight: Insight, beside: str = ALONE) -> pd.DataFrame:
    """Return the rows of a table that are about an insight alone, or on top of the others."""
    return table[(table["insight"] == insight.number) & (table["beside"] == beside)]


def insight_page(insight: Insight, answers: Answers, study: MapFacts, pictures: str, locale: str = "en") -> str:
    """Return the page of an insight as Markdown.

    Args:
        study: how the settings of the map were chosen.
        pictures: where the figures lie, as the page links to them.
        locale: one of LOCALES.
    """
    default = _of(answers.default_effects, insight).set_index("outcome")
    formed = _formed(answers.setting_effects, insight, ALONE)
    contested = formed[formed["reference"].between(0, 1, inclusive="neither")]
    described = load_config(insight.scenario).scenario.description
    return template("insights.md.j2").render(
        say=lambda key, **facts: _said(key, locale, **facts),
        insight=insight,
        does=does(insight.scenario, described, locale),
        default_sentence=_default_sentence(default.loc["formed"], locale),
        default_rows=[_default_row(outcome, default.loc[outcome], locale) for outcome in default.index],
        default_on_top=in_points(_formed(answers.default_effects, insight, ON_TOP).iloc[0], locale, "points"),
        tests=len(answers.default_effects),
        boundary_sentence=_boundary_sentence(answers, insight, ALONE, locale),
        on_top_sentence=_boundary_sentence(answers, insight, ON_TOP, locale),
        contested_verdicts=_verdicts(contested, locale),
        settled=_percent(1 - len(contested) / len(formed), locale),
        parameters=answers.settings.shape[1],
        study=study,
        regions=_regions(_of(answers.regions, insight), locale),
        regions_on_top=_regions(_of(answers.regions, insight, ON_TOP), locale),
        cases=_cases(answers, insight, locale),
        suspicion=_suspicion(formed, locale),
        decides_sentence=_decides(_of(answers.sensitivity, insight), locale),
        interaction_sentence=_interactions(answers.interactions, insight, locale),
        pictures=pictures,
    )


def _formed(table: pd.DataFrame, insight: Insight, beside: str) -> pd.DataFrame:
    own = _of(table, insight, beside)
    return own[own["outcome"] == "formed"]


def _cases(answers: Answers, insight: Insight, locale: str) -> list[str]:
    """Say of the settings in which an insight wins and loses most what came out on other luck, and what they are like."""
    told = []
    keys = [key for key in _of(answers.sensitivity, insight)["parameter"] if key != DUMMY][:_TOLD]
    for beside, words in _BESIDE.items():
        for _, row in _of(answers.cases, insight, beside).iterrows():
            asked, change = _ASKED[row["verdict"]], in_points(row, locale, "points")
            if row["ci_low"] > 0 if row["verdict"] == MORE else row["ci_high"] < 0:
                setting = answers.settings.loc[row["setting"]]
                values = ", ".join(f"`{key}={setting[key]:.3g}`" for key in keys)
                told.append(_said(f"{asked}_{words}", locale, change=change, values=values))
            else:
                settings = f"{row['looked_in']:,}"
                told.append(_said(f"{asked}_nowhere_{words}", locale, change=change, settings=settings))
    return told


def _percent(share: float, locale: str) -> str:
    return _said("percent", locale, n=f"{100 * share:.1f}")


def _default_sentence(row: pd.Series, locale: str) -> str:
    how = "more_often" if row.ci_low > 0 else "less_often" if row.ci_high < 0 else "as_often"
    sure = "beyond" if row.p_holm < 0.05 else "not_beyond"
    facts = {"how": _said(how, locale), "sure": _said(sure, locale)}
    return _said("default_said", locale, points=signed_number(100 * row.estimate), **facts)


def _default_row(outcome: str, row: pd.Series, locale: str) -> tuple[str, ...]:
    factor, decimals = _FACTORS.get(outcome, 1), 0 if outcome == "hours_spent" else 1
    change, low, high = (signed_number(factor * value, decimals) for value in (row.estimate, row.ci_low, row.ci_high))
    p = _said("below", locale, n="0.001") if row.p_holm < 0.001 else f"{row.p_holm:.3f}"
    name, changed = _said(f"outcomes.{outcome}", locale), _said(f"units.{outcome}", locale, n=change)
    return name, changed, _said("interval", locale, low=low, high=high), f"{row.n:,}", p


def _verdicts(cells: pd.DataFrame, locale: str) -> str:
    shares = cells["verdict"].value_counts(normalize=True)
    more, less, neither = (_percent(float(shares.get(verdict, 0.0)), locale) for verdict in (MORE, LESS, NEITHER))
    return _said("verdicts", locale, more=more, less=less, neither=neither)


def _boundary_sentence(answers: Answers, insight: Insight, beside: str, locale: str) -> str:
    formed = _formed(answers.setting_effects, insight, beside)
    share = _formed(answers.shares, insight, beside).iloc[0]
    names = {
        "mean": "mean_effect",
        "low": "ci_low",
        "high": "ci_high",
        "median": "median",
        "least": "low",
        "most": "high",
    }
    facts = {name: signed_number(100 * share[column]) for name, column in names.items()}
    return _said("where_said", locale, n=f"{len(formed):,}", verdicts=_verdicts(formed, locale), **facts)


def _suspicion(formed: pd.DataFrame, locale: str) -> str:
    """Return, where a lever hurts hardly anywhere, what was done to find where it does; else nothing."""
    hurts, settings = int((formed["verdict"] == LESS).sum()), len(formed)
    if hurts / settings > 0.01:
        return ""
    worst = formed.nsmallest(3, "estimate")["estimate"]
    losses = ", ".join(_said("loss", locale, n=signed_number(100 * value, 0)) for value in worst)
    return _said("suspicious", locale, hurts=hurts, settings=f"{settings:,}", losses=losses)


def _regions(rows: pd.DataFrame, locale: str) -> list[str]:
    """Return, for where it helps and where it fails, the rule in words and how well the rule separates."""
    told = []
    for verdict, key in ((MORE, "helps"), (LESS, "fails")):
        box = rows[rows["verdict"] == verdict]
        if len(box):
            facts = box.iloc[0]
            separates = facts.density >= SEPARATES * facts.base_rate
            told.append(_said(key, locale, rule=_rule(box, locale) if separates else _said("no_rule", locale)))
    return told


def _rule(box: pd.DataFrame, locale: str) -> str:
    facts = box.iloc[0]
    limits = _said("limits_and", locale).join(_limit(row, locale) for row in box.to_dict("records"))
    shares = {"density": facts.density, "all": facts.base_rate, "coverage": facts.coverage}
    words = {name: _percent(share, locale) for name, share in shares.items()}
    return _said("rule", locale, limits=limits, inside=facts.inside, **words)


def _limit(row: dict[str, Any], locale: str) -> str:
    key, (low, high) = row["parameter"], declared()[row["parameter"]]["span"]
    told = re.split(r"[;:(]", about(key, locale))[0].strip()
    ends = {"low": f"{row['from']:.3g}", "high": f"{row['to']:.3g}"}
    margin = 0.02 * (high - low)
    way = "at_most" if row["from"] <= low + margin else "at_least" if row["to"] >= high - margin else "within"
    return _said(way, locale, key=key, about=told, **ends)


def _decides(indices: pd.DataFrame, locale: str) -> str:
    known = indices.set_index("parameter")
    dummy = known.loc[DUMMY]
    beyond = known[known["ci_low"] > dummy["ci_high"]].drop(index=DUMMY, errors="ignore").head(5)
    if beyond.empty:
        return _said("decides_none", locale)
    names = []
    for key, row in beyond.iterrows():
        facts = {"index": f"{row['index']:.2f}", "low": f"{row['ci_low']:.2f}", "high": f"{row['ci_high']:.2f}"}
        names.append(_said("decides_name", locale, key=key, **facts))
    return _said("decides_said", locale, dummy=f"{dummy['index']:.2f}", names=", ".join(names))


def _interactions(table: pd.DataFrame, insight: Insight, locale: str) -> str:
    formed = table[
        (table["outcome"] == "formed") & table["effect"].str.split(" x ").map(lambda e: insight.scenario in e)
    ]
    main = formed[formed["order"] == 1].iloc[0]
    clear = formed[(formed["order"] == 2) & ((formed["ci_low"] > 0) | (formed["ci_high"] < 0))]
    words = [
        f"{figures.effect_label(str(row['effect']), locale)} {in_points(row, locale)}" for _, row in clear.iterrows()
    ]
    pairs = _said("together_pairs", locale, pairs="; ".join(words)) if words else _said("together_none", locale)
    return _said("together_said", locale, change=in_points(main, locale), pairs=pairs)


def components_page(answers: Answers, pictures: str, locale: str = "en") -> str:
    """Return what the components and their kinds contribute, as Markdown."""
    whole = answers.subsets.set_index("combination")["estimate"]
    everything = answers.subsets.iloc[-1]
    none, complete = (_percent(share, locale) for share in (whole["none"], everything["estimate"]))
    lines = [
        f"# {_said('components', locale)}",
        "",
        _said("components_said", locale, none=none, all=complete, runs=int(everything["n"])),
        "",
        f"![{_said('components_alt', locale)}]({pictures}/component_shares.png)",
        "",
    ]
    for title, table in (("kind", answers.kind_shares), ("component", answers.component_shares)):
        heads = [_said(f"components_heads.{head}", locale) for head in (title, "share", "alone", "last")]
        lines += [f"| {' | '.join(heads)} |", "|---|---|---|---|"]
        for factor, rows in table.groupby("factor", sort=False):
            found = rows.set_index("contribution")
            cells = [in_points(found.loc[kind], locale) for kind in ("share", "alone", "last")]
            lines.append(f"| {figures.effect_label(str(factor), locale)} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def in_points(row: pd.Series, locale: str = "en", words: str = "estimate") -> str:
    """Return an effect on a probability in points, with its interval; with words=points, with the unit."""
    estimate, low, high = (signed_number(100 * value) for value in (row.estimate, row.ci_low, row.ci_high))
    return _said(words, locale, estimate=estimate, low=low, high=high)


def chance_page(answers: Answers, pictures: str, locale: str = "en") -> str:
    """Return in which share of the settings scenarios form never, sometimes and always, and what decides, as Markdown."""
    baseline = answers.chance.set_index("scenario").loc["baseline"]
    shares = {part: _percent(baseline[part], locale) for part in CHANCES}
    parts = [
        f"# {_said('chance', locale)}",
        _said("chance_said", locale, settings=f"{int(baseline['settings']):,}", **shares),
        f"![{_said('chance_alt', locale)}]({pictures}/chance.png)",
        _said("chance_decides", locale, decides=_decides(answers.chance_sensitivity, locale)),
        f"![{_said('chance_decides_alt', locale)}]({pictures}/chance_decides.png)",
    ]
    return "\n\n".join(parts) + "\n"


def write_insights_page(folder: Path, config: Any, answers: Answers, command: str) -> Path:
    """Draw the figures into `figures/`, and write all pages as one file, `insights.html`; return its path."""
    locale = config.locale
    write_pictures(folder / "figures", answers, locale)
    facts = map_facts(config.settings_file, config.setting_pairs, locale)
    pages = [insight_page(insight, answers, facts, "figures", locale) for insight in INSIGHTS]
    pages.append(chance_page(answers, "figures", locale))
    pages.append(components_page(answers, "figures", locale))
    pages.append(f"# {text('comparison.repeat', locale)}\n\n```\n{command}\n```\n")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render("\n".join(pages))
    for picture in sorted((folder / "figures").glob("*.png")):
        body = body.replace(f'src="figures/{picture.name}"', f'src="{embedded(picture)}"')
    path = folder / "insights.html"
    title = f"{_said('title', locale)} · ci_sim"
    page = template("plain.html.j2").render(title=title, body=body, locale=locale, direction=DIRECTIONS[locale])
    path.write_text(page, encoding="utf-8")
    return path
