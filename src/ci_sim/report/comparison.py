"""The page of a comparison: what was compared and what came out, in plain words, in one file that opens anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import OmegaConf

from ci_sim.configuration.composition import own_settings
from ci_sim.figures import comparison as figures
from ci_sim.figures.style import CAUSES, scenario_label, signed_number
from ci_sim.report.page import saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.rules.parameters import declared
from ci_sim.studies.questions.comparison import Comparison, scenarios_of
from ci_sim.studies.statistics.intervals import wilson

SHOWN = {  # outcome: what it is called in the page's table of effects
    "formed": "Chance of forming",
    "time_to_formation": "Weeks until it forms (restricted mean)",
    "coalition_size": "Organizations in the coalition",
    "trust_within": "Trust within sectors",
    "trust_across": "Trust across sectors",
    "agreements": "Signed commitments",
    "promises_kept": "Share of promises kept",
    "hours_spent": "Hours spent",
    "satisfaction_mean": "Satisfaction, mean",
    "satisfaction_min": "Satisfaction of the least satisfied",
    "influence_bias": "Bias towards the influential",
    "breadth_convened": "Share of the convened in the coalition",
    "breadth_field": "Share of the whole field in the coalition",
}


def summary_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return one row of texts a scenario: chance, time, price, breadth, trust and fairness."""
    rows = []
    for name, runs in outcomes.groupby("scenario", sort=False):
        low, high = wilson(runs["formed"].mean(), len(runs))
        rows.append(
            {
                "Scenario": scenario_label(str(name)),
                "Formed": f"{runs['formed'].mean():.0%} ({100 * low:.0f}–{100 * high:.0f})",
                "Stands": f"{runs['standing'].mean():.0%}",
                "Week": _whole(runs["formation_week"].median()),
                "Hours": _whole(runs["hours_spent"].mean()),
                "Hours each": _whole(hours_for_each(runs)),
                "Coalition": f"{runs['coalition_size'].mean():.1f}",
                "Of convened": f"{runs['breadth_convened'].mean():.0%}",
                "Of field": f"{runs['breadth_field'].mean():.0%}",
                "Trust": _hundredths(runs["trust_across"].mean()),
                "Least satisfied": _hundredths(runs["satisfaction_min"].mean()),
            }
        )
    return pd.DataFrame(rows)


def hours_for_each(runs: pd.DataFrame) -> float:
    """Return the hours that are spent for each initiative that forms, those of failed attempts included; NaN if none does."""
    formed = int(runs["formed"].sum())
    return runs["hours_spent"].sum() / formed if formed else float("nan")


def first_of_all(result: Comparison, reference: str) -> str:
    """Return, where every run forms or none does, that it is so, why, and what would make it a question; else nothing."""
    shares = result.outcomes.groupby("scenario")["formed"].mean()
    if not shares.isin([0.0, 1.0]).all():
        return ""
    return f"{_always(result.outcomes, reference)} {_nearest(result.turning, shares[reference] == 1.0)}"


def _always(outcomes: pd.DataFrame, reference: str) -> str:
    if outcomes["formed"].all():
        return "Every initiative forms, in every scenario: here the scenarios cannot differ in their chance."
    always = (
        "No initiative forms, in any scenario"
        if not outcomes["formed"].any()
        else "Each scenario forms always or never"
    )
    lost = outcomes.loc[(outcomes["scenario"] == reference) & ~outcomes["standing"], "cause"].dropna()
    if lost.empty:
        return f"{always}."
    cause, share = lost.mode()[0], (lost == lost.mode()[0]).mean()
    return f"{always}. What stood in the way in “{scenario_label(reference)}”: {CAUSES[cause][0]} ({share:.0%} of its runs)."


def _nearest(turning: pd.DataFrame, formed: bool) -> str:
    if turning.empty:
        return (
            "No single context, nor the cost of committing, nor a trait of the partners, moved alone as far as it can be, would "
            "change that."
        )
    nearest = turning.iloc[0]
    key = nearest.condition
    what = f"{key} ({declared()[key]['about']})" if key in declared() else key
    rest = "; ".join(f"{row.condition} from {row.now} to {row.then}" for row in turning.iloc[1:3].itertuples())
    others = f" Farther off: {rest}." if rest else ""
    return (
        f"Half of them would {'fail' if formed else 'form'}, on the same luck, with one thing moved: {what} from "
        f"{nearest.now} to {nearest.then}.{others}"
    )


def _whole(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:,.0f}"


def _hundredths(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def summary_sentences(outcomes: pd.DataFrame, effects: pd.DataFrame, reference: str) -> list[str]:
    """Return what came out, in plain words: one text for each scenario that is compared with the reference."""
    runs = {str(name): rows for name, rows in outcomes.groupby("scenario", sort=False)}
    against = scenario_label(reference)
    sentences = []
    for name, rows in runs.items():
        if name != reference:
            effect = effects[effects["contrast"] == f"{name} - {reference}"].set_index("outcome")
            chance = (
                f"{scenario_label(name)}: {rows['formed'].mean():.0%} form, against "
                f"{runs[reference]['formed'].mean():.0%} in “{against}” ({_verdict(effect.loc['formed'])})."
            )
            sentences.append(f"{chance} {_price(rows, runs[reference], effect)}")
    return sentences


def _verdict(row: pd.Series) -> str:
    """Return an effect on the chance of forming with its interval, and what the interval says."""
    words = "more often" if row.ci_low > 0 else "less often" if row.ci_high < 0 else "no clear difference"
    low, high = signed_number(100 * row.ci_low), signed_number(100 * row.ci_high)
    return f"{words}: {signed_number(100 * row.estimate)} points, 95% interval {low} to {high}"


def _price(rows: pd.DataFrame, others: pd.DataFrame, effect: pd.DataFrame) -> str:
    """Return what a scenario costs in hours and weeks, how broad it is, and what it does to the least satisfied partner."""
    hours, before = rows["hours_spent"].mean(), others["hours_spent"].mean()
    change = effect.loc["hours_spent"]
    how = (
        "no clear difference in hours"
        if change.ci_low <= 0 <= change.ci_high
        else "more hours"
        if hours > before
        else "fewer hours"
    )
    parts = [f"Price: {how} ({hours:,.0f} against {before:,.0f})"]
    if rows["formed"].any() and others["formed"].any():
        each, each_before = hours_for_each(rows), hours_for_each(others)
        parts.append(
            f"for each initiative that forms {each:,.0f} hours, failed attempts included, against {each_before:,.0f}"
        )
    ended = (rows["launch_week"].isna() & (rows["cause"] == "no_gain")).mean()
    if ended >= 0.01:
        parts.append(f"{ended:.0%} were ended early by mapping, which makes them cheap")
    if rows["formed"].any() and others["formed"].any():
        week, week_before = rows["formation_week"].median(), others["formation_week"].median()
        parts.append(f"half of those that form do so by week {week:.0f}, against week {week_before:.0f}")
    parts.append(
        f"in the coalition are {rows['breadth_convened'].mean():.0%} of the convened, {rows['breadth_field'].mean():.0%} of the "
        f"whole field, against {others['breadth_convened'].mean():.0%} and {others['breadth_field'].mean():.0%}"
    )
    least = effect.loc["satisfaction_min"]
    if least.ci_low > 0 or least.ci_high < 0:
        better = "better" if least.estimate > 0 else "less well"
        parts.append(
            f"the agenda suits the least satisfied partner {better} ({signed_number(100 * least.estimate)} points of 100)"
        )
    return "; ".join(parts) + "."


def savings_sentence(effects: pd.DataFrame, reference: str) -> str:
    """Return what the common seeds saved on two outcomes, in words: how many times as many runs independent seeds would take."""
    parts = []
    for outcome in ("formed", "trust_across"):
        rows = effects[(effects["outcome"] == outcome) & effects["variance_reduction"].notna()]
        factors = [
            f"{row.variance_reduction:.1f} ({scenario_label(row.contrast.removesuffix(f' - {reference}'))})"
            for row in rows.itertuples()
        ]
        if factors:
            idle = " – there pairing saves nothing" if rows["variance_reduction"].max() < 1.05 else ""
            parts.append(f"on the {SHOWN[outcome].lower()}, {', '.join(factors)}{idle}")
    if not parts:
        return ""
    return f"Without common seeds, effects as precise would take so many times as many runs: {'; '.join(parts)}."


def write_report(folder: Path, config: Any, result: Comparison, command: str) -> Path:
    """Draw the figures into `figures/` and write `report.html`, which carries them inside; return the page's path."""
    _, reference = scenarios_of(config)
    drawn = {
        "formation": figures.formation_curves(result.outcomes, reference, config.weeks),
        "why_not": figures.why_not(result.outcomes),
        "effects": figures.effects_forest(result.effects, reference),
        "price": figures.price_and_result(result.outcomes, reference),
        "trust": figures.trust_over_time(result.weekly, reference),
    }
    if len(result.by_context):
        drawn["contexts"] = figures.effects_in_contexts(result.by_context, reference)
    pictures = saved(folder, drawn)
    return write_page(
        folder / "report.html",
        title=config.title,
        reference=scenario_label(reference),
        first=first_of_all(result, reference),
        sentences=summary_sentences(result.outcomes, result.effects, reference),
        table=summary_table(result.outcomes),
        pictures=pictures,
        scenarios={scenario_label(name): text for name, text in result.descriptions.items()},
        replicates=len(result.outcomes) // len(result.descriptions),
        stopping=result.stopping,
        savings=savings_sentence(result.effects, reference),
        organizations=result.organizations,
        assumed=result.assumed,
        readings=result.readings,
        contexts={
            name: declared()[f"context.{name}"]["about"] for name in result.by_context["context"].drop_duplicates()
        },
        weeks=config.weeks,
        seed=config.seed,
        effects=_effects_in_words(result.effects, reference),
        own_settings=own_settings(config),
        command=command,
        config=OmegaConf.to_yaml(config, resolve=True),
    )


def _effects_in_words(effects: pd.DataFrame, reference: str) -> list[tuple[str, ...]]:
    """Return the table of effects as texts: scenario, outcome, estimate, interval, pairs, what pairing saved, method."""
    return [
        (
            scenario_label(row.contrast.removesuffix(f" - {reference}")),
            SHOWN[row.outcome],
            f"{row.estimate:+.4g}",
            f"{row.ci_low:+.4g} to {row.ci_high:+.4g}",
            str(row.n),
            "–" if pd.isna(row.variance_reduction) else f"{row.variance_reduction:.2f}",
            row.method,
        )
        for row in effects.itertuples()
    ]


def print_comparison(config: Any, result: Any, page: Path) -> None:
    """Print the scenarios' outcomes, what they mean in words, and where everything is."""
    console = Terminal()
    too_wide = ["Hours", "Coalition", "Of convened", "Of field"]  # a terminal is narrow
    summary = summary_table(result.outcomes).drop(columns=too_wide)
    replicates = len(result.outcomes) // len(result.descriptions)
    title = f"{config.title}: {replicates:,} runs of each scenario, {config.weeks} weeks"
    table = plain_table(title)
    for column in summary.columns:
        words = column == "Scenario"
        table.add_column(str(column), justify="left" if words else "right", no_wrap=not words)
    for row in summary.itertuples(index=False):
        table.add_row(*(str(value) for value in row))
    console.print(table)
    reference = scenarios_of(config)[1]
    if first := first_of_all(result, reference):
        console.print(f"  {first}", markup=False, style="bold")
    for sentence in summary_sentences(result.outcomes, result.effects, reference):
        console.print(f"  • {sentence}", markup=False)
    if result.stopping:
        console.print(f"  {result.stopping}", markup=False)
    if result.assumed:
        console.print(f"  Not given, so drawn anew in each run: {', '.join(result.assumed)}.", markup=False)
    console.print(f"\nThe report, to open in a browser: {page}", markup=False)
