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
from ci_sim.report.page import embedded, template
from ci_sim.rules.parameters import declared
from ci_sim.studies.questions.boundaries import CHANCES
from ci_sim.studies.questions.contrasts import ALONE, INSIGHTS, LESS, MORE, NEITHER, ON_TOP, Insight
from ci_sim.studies.questions.discovery import SEPARATES
from ci_sim.studies.questions.insights import Answers
from ci_sim.studies.questions.sensitivity import DUMMY

_TOLD = 4  # parameters that a case is told by
_UNITS = {"formed": (100, "points"), "trust_across": (100, "points of 100"), "satisfaction_min": (100, "points of 100"),
          "time_to_formation": (1, "weeks"), "hours_spent": (1, "hours")}  # fmt: skip


class MapFacts(NamedTuple):
    """How the settings of the boundary map were chosen, for its readers."""

    chosen: str  # in words
    pairs: int  # of runs in each setting


def map_facts(settings_file: str | None, pairs: int) -> MapFacts:
    """Return how the settings of the boundary map were chosen: by the user's file of settings, or over the spans."""
    return MapFacts("spread evenly over the spans" if settings_file is None else f"those of `{settings_file}`", pairs)


def write_pictures(folder: Path, answers: Answers) -> None:
    """Draw every figure of the study into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for insight in INSIGHTS:
        save(figures.where_it_holds(_of(answers.shares, insight)), folder / f"insight_{insight.number}_where.png")
        indices = _of(answers.sensitivity, insight)
        save(figures.what_decides(indices), folder / f"insight_{insight.number}_decides.png")
    save(figures.chance_of_forming(answers.chance), folder / "chance.png")
    label = "how far knowing it moves the distribution of the chance (PAWN index)"
    save(figures.what_decides(answers.chance_sensitivity, label), folder / "chance_decides.png")
    formed = answers.interactions[answers.interactions["outcome"] == "formed"]
    labelled = formed.assign(label=formed["effect"].map(figures.effect_label))
    axis = "chance of forming, percentage points"
    save(figures.contrasts_forest(labelled, axis, 100), folder / "interactions.png")
    kinds = answers.kind_shares.assign(factor="all_" + answers.kind_shares["factor"])
    shares = pd.concat([answers.component_shares, kinds])
    own_share = shares[shares["contribution"] == "share"].assign(label=lambda t: t["factor"].map(figures.effect_label))
    save(figures.contrasts_forest(own_share, f"Shapley share of the {axis}", 100), folder / "component_shares.png")


def _of(table: pd.DataFrame, insight: Insight, beside: str = ALONE) -> pd.DataFrame:
    """Return the rows of a table that are about an insight alone, or on top of the others."""
    return table[(table["insight"] == insight.number) & (table["beside"] == beside)]


def insight_page(insight: Insight, answers: Answers, study: MapFacts, pictures: str) -> str:
    """Return the page of an insight as Markdown.

    Args:
        study: how the settings of the map were chosen.
        pictures: where the figures lie, as the page links to them.
    """
    default = _of(answers.default_effects, insight).set_index("outcome")
    formed = _formed(answers.setting_effects, insight, ALONE)
    contested = formed[formed["reference"].between(0, 1, inclusive="neither")]
    return template("insights.md.j2").render(
        insight=insight,
        description=load_config(insight.scenario).scenario.description,
        default_sentence=_default_sentence(default.loc["formed"]),
        default_rows=[_default_row(outcome, default.loc[outcome]) for outcome in default.index],
        default_on_top=in_points(_formed(answers.default_effects, insight, ON_TOP).iloc[0], " points"),
        tests=len(answers.default_effects),
        boundary_sentence=_boundary_sentence(formed, _formed(answers.shares, insight, ALONE).iloc[0]),
        on_top_sentence=_boundary_sentence(
            _formed(answers.setting_effects, insight, ON_TOP), _formed(answers.shares, insight, ON_TOP).iloc[0]
        ),
        contested_sentence=_verdicts(contested) + ".",
        settled=_percent(1 - len(contested) / len(formed)),
        parameters=answers.settings.shape[1],
        study=study,
        regions=_regions(_of(answers.regions, insight)),
        regions_on_top=_regions(_of(answers.regions, insight, ON_TOP)),
        cases=_cases(answers, insight),
        suspicious=_suspicion(formed, len(formed)),
        decides_sentence=_decides(_of(answers.sensitivity, insight)),
        interaction_sentence=_interactions(answers.interactions, insight),
        pictures=pictures,
    )


def _formed(table: pd.DataFrame, insight: Insight, beside: str) -> pd.DataFrame:
    own = _of(table, insight, beside)
    return own[own["outcome"] == "formed"]


def _cases(answers: Answers, insight: Insight) -> list[str]:
    """Say of the settings in which an insight wins and loses most what came out on other luck, and what they are like."""
    told = []
    keys = [key for key in _of(answers.sensitivity, insight)["parameter"] if key != DUMMY][:_TOLD]
    for beside, words in ((ALONE, "alone"), (ON_TOP, "on top of the others")):
        for _, row in _of(answers.cases, insight, beside).iterrows():
            asked = "wins" if row["verdict"] == MORE else "loses"
            change = in_points(row, " points")
            if row["ci_low"] > 0 if row["verdict"] == MORE else row["ci_high"] < 0:
                setting = answers.settings.loc[row["setting"]]
                values = ", ".join(f"`{key}={setting[key]:.3g}`" for key in keys)
                told.append(f"It clearly **{asked}** {words}: {change}, with {values}.")
            else:
                told.append(
                    f"It {asked} clearly {words} **nowhere** that was looked: of {row['looked_in']:,} settings the one that "
                    f"looked most like it gives {change} on other luck."
                )
    return told


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _default_sentence(row: pd.Series) -> str:
    words = (
        "more often" if row.ci_low > 0 else "less often" if row.ci_high < 0 else "neither clearly more nor less often"
    )
    sure = "also after correction" if row.p_holm < 0.05 else "not beyond doubt after correction"
    change = f"{signed_number(100 * row.estimate)} points"
    return f"Initiatives form **{words}** ({change}; {sure} for the number of tests)."


def _default_row(outcome: str, row: pd.Series) -> tuple[str, ...]:
    factor, unit = _UNITS[outcome]
    decimals = 0 if outcome == "hours_spent" else 1
    change, low, high = (signed_number(factor * value, decimals) for value in (row.estimate, row.ci_low, row.ci_high))
    p = "< 0.001" if row.p_holm < 0.001 else f"{row.p_holm:.3f}"
    return figures.OUTCOME_LABELS[outcome], f"{change} {unit}", f"{low} to {high}", f"{row.n:,}", p


def _verdicts(cells: pd.DataFrame) -> str:
    shares = cells["verdict"].value_counts(normalize=True)
    more, less, neither = (_percent(float(shares.get(verdict, 0.0))) for verdict in (MORE, LESS, NEITHER))
    return f"it forms clearly more often in {more}, clearly less often in {less}, and neither in {neither}"


def _boundary_sentence(formed: pd.DataFrame, share: pd.Series) -> str:
    mean, ci_low, ci_high, median, low, high = (
        signed_number(100 * share[name]) for name in ("mean_effect", "ci_low", "ci_high", "median", "low", "high")
    )
    return (
        f"Over {len(formed):,} settings, {_verdicts(formed)}. The mean change over them is {mean} points "
        f"({ci_low} to {ci_high}), the median {median}, and nine tenths of the settings lie between {low} and {high}."
    )


def _suspicion(formed: pd.DataFrame, settings: int) -> str:
    hurts = int((formed["verdict"] == LESS).sum())
    if hurts / settings > 0.01:
        return ""
    worst = formed.nsmallest(3, "estimate")["estimate"]
    found = ", ".join(f"{signed_number(100 * value, 0)} points" for value in worst)
    return (
        f"A lever that takes hours should hurt somewhere, and this one clearly lowers the chance of forming in only {hurts} "
        f"settings, hardly more than chance would show. What was done to look for a failure: {settings:,} settings, "
        f"those with the largest losses ({found}) among them, and the other outcomes above, where it does cost."
    )


def _regions(rows: pd.DataFrame) -> list[dict[str, str]]:
    """Return, for where it helps and where it fails, a title, the rule in words, and how well the rule separates."""
    titles = {MORE: "Where it helps (more pairs form with it):", LESS: "Where it fails (fewer pairs form with it):"}
    found = []
    for verdict in (MORE, LESS):
        box = rows[rows["verdict"] == verdict]
        if len(box):
            facts = box.iloc[0]
            rule, quality = "no simple region tells, where settings that did not find the rule are asked.", ""
            if facts.density >= SEPARATES * facts.base_rate:
                rule = " and ".join(_limit(row) for row in box.to_dict("records")) + "."
                quality = (
                    f"In the half of the settings that did not find this rule, this is so in {_percent(facts.density)} of the "
                    f"{facts.inside} settings inside it (density), against {_percent(facts.base_rate)} of all; the rule holds "
                    f"{_percent(facts.coverage)} of the settings in which it is so (coverage)."
                )
            found.append({"title": titles[verdict], "rule": rule, "quality": quality})
    return found


def _limit(row: dict[str, Any]) -> str:
    meta = declared()[row["parameter"]]
    low, high = meta["span"]
    about = f"`{row['parameter']}` ({re.split(r'[;:(]', meta['about'])[0].strip()})"
    margin = 0.02 * (high - low)
    if row["from"] <= low + margin:
        return f"{about} is at most {row['to']:.3g}"
    if row["to"] >= high - margin:
        return f"{about} is at least {row['from']:.3g}"
    return f"{about} is from {row['from']:.3g} to {row['to']:.3g}"


def _decides(indices: pd.DataFrame) -> str:
    known = indices.set_index("parameter")
    dummy = known.loc[DUMMY]
    beyond = known[known["ci_low"] > dummy["ci_high"]].drop(index=DUMMY, errors="ignore").head(5)
    if beyond.empty:
        return "No parameter decides alone: none stands out from an input that cannot matter."
    names = ", ".join(
        f"`{key}` ({row['index']:.2f}, {row['ci_low']:.2f} to {row['ci_high']:.2f})" for key, row in beyond.iterrows()
    )
    return f"Clearly beyond an input that cannot matter ({dummy['index']:.2f}), these decide most: {names}."


def _interactions(table: pd.DataFrame, insight: Insight) -> str:
    formed = table[
        (table["outcome"] == "formed") & table["effect"].str.split(" x ").map(lambda e: insight.scenario in e)
    ]
    main = formed[formed["order"] == 1].iloc[0]
    clear = formed[(formed["order"] == 2) & ((formed["ci_low"] > 0) | (formed["ci_high"] < 0))]
    words = [f"{figures.effect_label(str(row['effect']))} {in_points(row)}" for _, row in clear.iterrows()]
    together = (
        f"It interacts with the others in pairs: {'; '.join(words)}." if words else "No interaction in pairs is clear."
    )
    return (
        f"Averaged over all combinations of the other three, it changes the chance of forming by "
        f"{in_points(main)} points. {together} An interaction is half the change of one's effect when the other is added."
    )


def components_page(answers: Answers, pictures: str) -> str:
    """Return what the components and their kinds contribute, as Markdown."""
    lines = ["# What the components contribute", ""]
    whole = answers.subsets.set_index("combination")["estimate"]
    everything = answers.subsets.iloc[-1]
    lines += [
        f"Without any component {_percent(whole['none'])} of the initiatives form, with all six "
        f"{_percent(everything['estimate'])}. A Shapley share divides the difference among the components (or their kinds): "
        "the mean of what one adds, over all orders in which they could be added. *Alone*: added to none; *last*: added to "
        f"all the others. In percentage points, with 95 % intervals, {int(everything['n'])} runs of each of the 64 subsets "
        "on the same luck.",
        "", f"![Shapley shares of the components and of their kinds]({pictures}/component_shares.png)", "",
    ]  # fmt: skip
    for title, table in (("kind", answers.kind_shares), ("component", answers.component_shares)):
        lines += [f"| {title} | Shapley share | alone | last |", "|---|---|---|---|"]
        for factor, rows in table.groupby("factor", sort=False):
            found = rows.set_index("contribution")
            cells = [in_points(found.loc[kind]) for kind in ("share", "alone", "last")]
            lines.append(f"| {figures.effect_label(str(factor))} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def in_points(row: pd.Series, unit: str = "") -> str:
    """Return an effect on a probability in points, with its interval."""
    estimate, low, high = (signed_number(100 * value) for value in (row.estimate, row.ci_low, row.ci_high))
    return f"{estimate}{unit} ({low} to {high})"


def chance_page(answers: Answers, pictures: str) -> str:
    """Return in which share of the settings scenarios form never, sometimes and always, and what decides, as Markdown."""
    baseline = answers.chance.set_index("scenario").loc["baseline"]
    never, sometimes, always = (_percent(baseline[part]) for part in CHANCES)
    parts = [
        "# Always, never, or sometimes",
        f"In {sometimes} of {int(baseline['settings']):,} settings the baseline forms neither always nor never; it never "
        f"forms in {never} and always in {always}.",
        f"![In which share of the settings each scenario forms never, sometimes and always]({pictures}/chance.png)",
        f"What decides about the baseline's chance of forming? {_decides(answers.chance_sensitivity)}",
        f"![Parameters by how much they decide about the chance of forming]({pictures}/chance_decides.png)",
    ]
    return "\n\n".join(parts) + "\n"


def write_insights_page(folder: Path, config: Any, answers: Answers, command: str) -> Path:
    """Draw the figures into `figures/`, and write all pages as one file, `insights.html`; return its path."""
    write_pictures(folder / "figures", answers)
    facts = map_facts(config.settings_file, config.setting_pairs)
    pages = [insight_page(insight, answers, facts, "figures") for insight in INSIGHTS]
    pages.append(chance_page(answers, "figures"))
    pages.append(components_page(answers, "figures"))
    pages.append(f"# How to repeat it\n\n```\n{command}\n```\n")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render("\n".join(pages))
    for picture in sorted((folder / "figures").glob("*.png")):
        body = body.replace(f'src="figures/{picture.name}"', f'src="{embedded(picture)}"')
    path = folder / "insights.html"
    path.write_text(template("plain.html.j2").render(title="The four insights · ci_sim", body=body), encoding="utf-8")
    return path
