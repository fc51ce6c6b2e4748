"""The pages of the insights' study: for each insight what the article claims beside what the model says, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from markdown_it import MarkdownIt

from ci_sim.configuration.composition import load_config
from ci_sim.figures import insights as figures
from ci_sim.figures.style import save, signed_number
from ci_sim.report.page import embedded, template
from ci_sim.rules.parameters import declared
from ci_sim.studies.questions.discovery import SEPARATES
from ci_sim.studies.questions.insights import INSIGHTS, LESS, MORE, NEITHER, Answers, Insight
from ci_sim.studies.questions.sensitivity import DUMMY

_UNITS = {"formed": (100, "points"), "trust_across": (100, "points of 100"), "satisfaction_min": (100, "points of 100"),
          "time_to_formation": (1, "weeks"), "hours_spent": (1, "hours")}  # fmt: skip


def write_pictures(folder: Path, answers: Answers) -> None:
    """Draw every figure of the study into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for insight in INSIGHTS:
        own = answers.shares[answers.shares["insight"] == insight.number]
        save(figures.where_it_holds(own), folder / f"insight_{insight.number}_where.png")
        indices = answers.sensitivity[answers.sensitivity["insight"] == insight.number]
        save(figures.what_decides(indices), folder / f"insight_{insight.number}_decides.png")
    formed = answers.interactions[answers.interactions["outcome"] == "formed"]
    labelled = formed.assign(label=formed["effect"].map(figures.effect_label))
    axis = "chance of forming, percentage points"
    save(figures.contrasts_forest(labelled, axis, 100), folder / "interactions.png")
    kinds = answers.kind_shares.assign(factor="all_" + answers.kind_shares["factor"])
    shares = pd.concat([answers.component_shares, kinds])
    own_share = shares[shares["contribution"] == "share"].assign(label=lambda t: t["factor"].map(figures.effect_label))
    save(figures.contrasts_forest(own_share, f"Shapley share of the {axis}", 100), folder / "component_shares.png")


def insight_page(insight: Insight, answers: Answers, setting_pairs: int, pictures: str) -> str:
    """Return the page of an insight as Markdown.

    Args:
        setting_pairs: pairs of runs in each setting.
        pictures: where the figures lie, as the page links to them.
    """
    default = answers.default_effects[answers.default_effects["insight"] == insight.number].set_index("outcome")
    cells = answers.setting_effects[answers.setting_effects["insight"] == insight.number]
    formed = cells[cells["outcome"] == "formed"]
    contested = formed[formed["reference"].between(0, 1, inclusive="neither")]
    return template("insights.md.j2").render(
        insight=insight,
        description=load_config(insight.scenario).scenario.description,
        default_sentence=_default_sentence(default.loc["formed"]),
        default_rows=[_default_row(outcome, default.loc[outcome]) for outcome in default.index],
        tests=len(answers.default_effects),
        boundary_sentence=_boundary_sentence(formed),
        contested_sentence=_verdicts(contested) + ".",
        settled=_percent(1 - len(contested) / len(formed)),
        parameters=answers.settings.shape[1],
        setting_pairs=setting_pairs,
        regions=_regions(answers.regions[answers.regions["insight"] == insight.number]),
        suspicious=_suspicion(formed, len(formed)),
        decides_sentence=_decides(answers.sensitivity[answers.sensitivity["insight"] == insight.number]),
        interaction_sentence=_interactions(answers.interactions, insight),
        pictures=pictures,
    )


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


def _boundary_sentence(formed: pd.DataFrame) -> str:
    mean = signed_number(100 * formed["estimate"].mean())
    return f"Over {len(formed):,} settings, {_verdicts(formed)}. The mean change over all settings is {mean} points."


def _suspicion(formed: pd.DataFrame, settings: int) -> str:
    hurts = int((formed["verdict"] == LESS).sum())
    if hurts / settings > 0.01:
        return ""
    worst = formed.nsmallest(3, "estimate")["estimate"]
    found = ", ".join(f"{signed_number(100 * value, 0)} points" for value in worst)
    return (
        f"A lever that takes hours should hurt somewhere, and this one clearly lowers the chance of forming in only {hurts} "
        f"settings, hardly more than chance would show. What was done to look for a failure: {settings:,} settings spread over "
        f"all spans, the settings with the largest losses ({found}) among them, and the other outcomes above, where it does cost."
    )


def _regions(rows: pd.DataFrame) -> list[dict[str, str]]:
    """Return, for where it helps and where it fails, a title, the rule in words, and how well the rule separates."""
    titles = {MORE: "Where it helps (more pairs form with it):", LESS: "Where it fails (fewer pairs form with it):"}
    found = []
    for verdict in (MORE, LESS):
        box = rows[rows["verdict"] == verdict]
        if len(box):
            facts = box.iloc[0]
            quality = (
                f"In the half of the settings that did not find this rule, this is so in {_percent(facts.density)} of the "
                f"{facts.inside} settings inside it (density), against {_percent(facts.base_rate)} of all; the rule holds "
                f"{_percent(facts.coverage)} of the settings in which it is so (coverage)."
            )
            if facts.density < SEPARATES * facts.base_rate:
                quality += " That is hardly better than no rule: what matters here is not a simple region."
            rule = " and ".join(_limit(row) for row in box.to_dict("records"))
            found.append({"title": titles[verdict], "rule": rule, "quality": quality})
    return found


def _limit(row: dict[str, Any]) -> str:
    meta = declared()[row["parameter"]]
    low, high = meta["span"]
    about = f"`{row['parameter']}` ({meta['about'].partition(';')[0].partition(':')[0]})"
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


def write_insights_page(folder: Path, config: Any, answers: Answers, command: str) -> Path:
    """Draw the figures into `figures/`, and write all pages as one file, `insights.html`; return its path."""
    write_pictures(folder / "figures", answers)
    pages = [insight_page(insight, answers, config.setting_pairs, "figures") for insight in INSIGHTS]
    pages.append(components_page(answers, "figures"))
    pages.append(f"# How to repeat it\n\n```\n{command}\n```\n")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render("\n".join(pages))
    for picture in sorted((folder / "figures").glob("*.png")):
        body = body.replace(f'src="figures/{picture.name}"', f'src="{embedded(picture)}"')
    path = folder / "insights.html"
    path.write_text(template("plain.html.j2").render(title="The four insights · ci_sim", body=body), encoding="utf-8")
    return path
