"""The page of a comparison: what was compared and what came out, in plain words, in one file that opens anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape
from omegaconf import OmegaConf

from ci_sim.configuration.composition import own_settings
from ci_sim.figures import comparison as figures
from ci_sim.figures.style import cause_label, scenario_label, signed_number
from ci_sim.report.page import about, does, saved, write_page
from ci_sim.report.terminal import Terminal, plain_table
from ci_sim.studies.questions.comparison import Comparison, scenarios_of
from ci_sim.studies.questions.turning import DISTANCE
from ci_sim.studies.statistics.intervals import wilson
from ci_sim.texts import DIRECTIONS, text

_OF_SUMMARY = (
    "scenario",
    "formed",
    "stands",
    "week",
    "hours",
    "hours_each",
    "coalition",
    "of_convened",
    "of_field",
    "trust",
    "least",
)
_TOO_WIDE = ("hours", "coalition", "of_convened", "of_field")  # for a terminal


def _said(key: str, locale: str, **facts: object) -> str:
    return text(f"comparison.{key}", locale, **facts)


def summary_table(outcomes: pd.DataFrame, locale: str = "en") -> pd.DataFrame:
    """Return one row of texts a scenario: chance, time, price, breadth, trust and fairness."""
    rows = []
    for name, runs in outcomes.groupby("scenario", sort=False):
        low, high = wilson(runs["formed"].mean(), len(runs))
        rows.append(
            (
                scenario_label(str(name), locale),
                f"{runs['formed'].mean():.0%} ({100 * low:.0f}–{100 * high:.0f})",
                f"{runs['standing'].mean():.0%}",
                _whole(runs["formation_week"].median()),
                _whole(runs["hours_spent"].mean()),
                _whole(hours_for_each(runs)),
                f"{runs['coalition_size'].mean():.1f}",
                f"{runs['breadth_convened'].mean():.0%}",
                f"{runs['breadth_field'].mean():.0%}",
                _hundredths(runs["trust_across"].mean()),
                _hundredths(runs["satisfaction_min"].mean()),
            )
        )
    return pd.DataFrame(rows, columns=[_said(f"columns.{name}", locale) for name in _OF_SUMMARY])


def hours_for_each(runs: pd.DataFrame) -> float:
    """Return the hours that are spent for each initiative that forms, those of failed attempts included; NaN if none does."""
    formed = int(runs["formed"].sum())
    return runs["hours_spent"].sum() / formed if formed else float("nan")


def first_of_all(result: Comparison, reference: str, locale: str = "en") -> str:
    """Return, where every run forms or none does, that it is so, why, and what would make it a question; else nothing."""
    shares = result.outcomes.groupby("scenario")["formed"].mean()
    if not shares.isin([0.0, 1.0]).all():
        return ""
    nearest = _nearest(result.turning, shares[reference] == 1.0, locale)
    return f"{_always(result.outcomes, reference, locale)} {nearest}"


def _always(outcomes: pd.DataFrame, reference: str, locale: str) -> str:
    if outcomes["formed"].all():
        return _said("all_form", locale)
    always = _said("each_always" if outcomes["formed"].any() else "none_form", locale)
    lost = outcomes.loc[(outcomes["scenario"] == reference) & ~outcomes["standing"], "cause"].dropna()
    if lost.empty:
        return always
    cause, share = lost.mode()[0], (lost == lost.mode()[0]).mean()
    facts = {"reference": scenario_label(reference, locale), "cause": cause_label(cause, locale)}
    return f"{always} {_said('in_the_way', locale, share=f'{share:.0%}', **facts)}"


def _nearest(turning: pd.DataFrame, formed: bool, locale: str) -> str:
    if turning.empty:
        return _said("no_turn", locale)
    what, *others = (_turn(row, locale) for row in turning.head(3).itertuples())
    said = _said("turn_fails" if formed else "turn_forms", locale, what=what)
    return f"{said} {_said('farther', locale, others='; '.join(others))}" if others else said


def _turn(row: Any, locale: str) -> str:
    """Return what is moved from where to where."""
    what = (
        f"{row.condition} ({about(row.condition, locale)})" if row.condition != DISTANCE else _said("distance", locale)
    )
    return _said(
        "turn",
        locale,
        what=what,
        now=_range(row.now_low, row.now_high, locale),
        then=_range(row.then_low, row.then_high, locale),
    )


def _range(low: float, high: float, locale: str) -> str:
    ends = f"{low:.2f}", f"{high:.2f}"
    return ends[0] if ends[0] == ends[1] else _said("interval", locale, low=ends[0], high=ends[1])


def _whole(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:,.0f}"


def _hundredths(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def summary_sentences(outcomes: pd.DataFrame, effects: pd.DataFrame, reference: str, locale: str = "en") -> list[str]:
    """Return what came out, in plain words: one text for each scenario that is compared with the reference."""
    runs = {str(name): rows for name, rows in outcomes.groupby("scenario", sort=False)}
    against, sentences = scenario_label(reference, locale), []
    for name, rows in runs.items():
        if name != reference:
            effect = effects[effects["contrast"] == f"{name} - {reference}"].set_index("outcome")
            shares = {"share": f"{rows['formed'].mean():.0%}", "before": f"{runs[reference]['formed'].mean():.0%}"}
            verdict = _verdict(effect.loc["formed"], locale)
            chance = _said(
                "chance", locale, scenario=scenario_label(name, locale), reference=against, verdict=verdict, **shares
            )
            sentences.append(f"{chance} {_price(rows, runs[reference], effect, locale)}")
    return sentences


def _verdict(row: pd.Series, locale: str) -> str:
    """Return an effect on the chance of forming with its interval, and what the interval says."""
    words = "more_often" if row.ci_low > 0 else "less_often" if row.ci_high < 0 else "no_difference"
    points, low, high = (signed_number(100 * value) for value in (row.estimate, row.ci_low, row.ci_high))
    return _said("verdict", locale, words=_said(words, locale), points=points, low=low, high=high)


def _price(rows: pd.DataFrame, others: pd.DataFrame, effect: pd.DataFrame, locale: str) -> str:
    """Return what a scenario costs in hours and weeks, how broad it is, and what it does to the least satisfied partner."""
    hours, before = rows["hours_spent"].mean(), others["hours_spent"].mean()
    change = effect.loc["hours_spent"]
    how = "same_hours" if change.ci_low <= 0 <= change.ci_high else "more_hours" if hours > before else "fewer_hours"
    parts = [_said("price_said", locale, how=_said(how, locale), hours=f"{hours:,.0f}", before=f"{before:,.0f}")]
    both_form = rows["formed"].any() and others["formed"].any()
    if both_form:
        each, each_before = hours_for_each(rows), hours_for_each(others)
        parts.append(_said("each", locale, hours=f"{each:,.0f}", before=f"{each_before:,.0f}"))
    ended = (rows["launch_week"].isna() & (rows["cause"] == "no_gain")).mean()
    if ended >= 0.01:
        parts.append(_said("ended", locale, share=f"{ended:.0%}"))
    if both_form:
        week, week_before = rows["formation_week"].median(), others["formation_week"].median()
        parts.append(_said("by_week", locale, week=f"{week:.0f}", before=f"{week_before:.0f}"))
    breadths = {name: f"{rows[f'breadth_{name}'].mean():.0%}" for name in ("convened", "field")}
    breadths |= {f"{name}_before": f"{others[f'breadth_{name}'].mean():.0%}" for name in ("convened", "field")}
    parts.append(_said("breadth", locale, **breadths))
    least = effect.loc["satisfaction_min"]
    if least.ci_low > 0 or least.ci_high < 0:
        better = "least_better" if least.estimate > 0 else "least_worse"
        parts.append(_said(better, locale, points=signed_number(100 * least.estimate)))
    return "; ".join(parts) + "."


def savings_sentence(effects: pd.DataFrame, reference: str, locale: str) -> str:
    """Return what the common seeds saved on two outcomes, in words: how many times as many runs independent seeds would take."""
    parts = []
    for outcome in ("formed", "trust_across"):
        rows = effects[(effects["outcome"] == outcome) & effects["variance_reduction"].notna()]
        factors = [
            f"{row.variance_reduction:.1f} ({scenario_label(row.contrast.removesuffix(f' - {reference}'), locale)})"
            for row in rows.itertuples()
        ]
        if factors:
            idle = rows["variance_reduction"].max() < 1.05
            facts = {"outcome": _said(f"outcomes.{outcome}", locale).lower(), "factors": ", ".join(factors)}
            parts.append(_said("saves_nothing" if idle else "saves", locale, **facts))
    return _said("savings", locale, parts="; ".join(parts)) if parts else ""


def write_report(folder: Path, config: Any, result: Comparison, command: str) -> Path:
    """Draw the figures into `figures/` and write `report.html`, which carries them inside; return the page's path."""
    _, reference = scenarios_of(config)
    locale = config.locale
    drawn = {
        "formation": figures.formation_curves(result.outcomes, reference, config.weeks, locale),
        "why_not": figures.why_not(result.outcomes, locale),
        "effects": figures.effects_forest(result.effects, reference, locale),
        "price": figures.price_and_result(result.outcomes, reference, locale),
        "trust": figures.trust_over_time(result.weekly, reference, locale),
    }
    if len(result.by_context):
        drawn["contexts"] = figures.effects_in_contexts(result.by_context, reference, locale)
    pictures = saved(folder, drawn)
    contexts = result.by_context["context"].drop_duplicates()
    return write_page(
        folder / "report.html",
        say=lambda key, **facts: Markup(_said(key, locale, **{name: escape(fact) for name, fact in facts.items()})),
        locale=locale,
        direction=DIRECTIONS[locale],
        title=_title(config.title, locale),
        reference=scenario_label(reference, locale),
        first=first_of_all(result, reference, locale),
        sentences=summary_sentences(result.outcomes, result.effects, reference, locale),
        table=summary_table(result.outcomes, locale),
        pictures=pictures,
        scenarios={
            scenario_label(name, locale): does(name, told, locale) for name, told in result.descriptions.items()
        },
        replicates=len(result.outcomes) // len(result.descriptions),
        stopped=result.stopped.said(locale) if result.stopped else "",
        savings=savings_sentence(result.effects, reference, locale),
        organizations=_said(f"sources.{config.population.source}", locale, n=result.organizations, file=_file(config)),
        assumed=[name if locale == "en" else text(f"whatif.traits.{name}", locale) for name in result.assumed],
        readings_title=text("whatif.readings", locale),
        readings=[reading.said(locale) for reading in result.readings],
        contexts={_said(f"named_contexts.{name}", locale): about(f"context.{name}", locale) for name in contexts},
        weeks=config.weeks,
        seed=config.seed,
        effects=_effects_in_words(result.effects, reference, locale),
        own_settings=own_settings(config),
        command=command,
        config=OmegaConf.to_yaml(config, resolve=True),
    )


def _title(title: str, locale: str) -> str:
    """Return the title of a ready experiment in another language; the user's own stays."""
    try:
        return _said(f"titles.{title}", locale)
    except KeyError:
        return title


def _file(config: Any) -> str:
    return Path(config.organizations).name if config.organizations else ""


def _effects_in_words(effects: pd.DataFrame, reference: str, locale: str) -> list[tuple[str, ...]]:
    """Return the table of effects as texts: scenario, outcome, estimate, interval, pairs, what pairing saved, method."""
    return [
        (
            scenario_label(row.contrast.removesuffix(f" - {reference}"), locale),
            _said(f"outcomes.{row.outcome}", locale),
            f"{row.estimate:+.4g}",
            _said("interval", locale, low=f"{row.ci_low:+.4g}", high=f"{row.ci_high:+.4g}"),
            str(row.n),
            "–" if pd.isna(row.variance_reduction) else f"{row.variance_reduction:.2f}",
            _said(f"methods.{row.method}", locale),
        )
        for row in effects.itertuples()
    ]


def print_comparison(config: Any, result: Any, page: Path) -> None:
    """Print the scenarios' outcomes, what they mean in words, and where everything is."""
    console = Terminal()
    summary = summary_table(result.outcomes).drop(columns=[_said(f"columns.{name}", "en") for name in _TOO_WIDE])
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
    if result.stopped:
        console.print(f"  {result.stopped.said()}", markup=False)
    if result.assumed:
        console.print(f"  Not given, so drawn anew in each run: {', '.join(result.assumed)}.", markup=False)
    console.print(f"\nThe report, to open in a browser: {page}", markup=False)
