"""The four insights as questions: what each changes in the default setting, where that stops being true, and how they interact.

- `default_effects`: each insight against the baseline, paired by seed, with p values corrected for the number of outcomes and
  insights (Holm 1979).
- `boundary_map`: the same contrast in many settings, spread over the spans of all parameters (`studies.design`), each with its
  own paired seeds; the share of settings in which it is clearly more, clearly less, or neither.
- `interactions`: all combinations of the four (`studies.factorial`).
- `component_shares`: all combinations of the six components, and what each of them and of their kinds contributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ci_sim.configuration.composition import combined, in_scenario
from ci_sim.rules.parameters import COMPONENTS, KINDS
from ci_sim.simulation.ensemble import Runs, job_from
from ci_sim.studies.execution.output import clear_pictures_and_pages, open_folder, write_record, write_table
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.discovery import Box, find_box
from ci_sim.studies.questions.sensitivity import pawn_indices
from ci_sim.studies.statistics.design import space_filling, spans
from ci_sim.studies.statistics.effects import paired_effects, time_to_formation
from ci_sim.studies.statistics.extras import need_studies
from ci_sim.studies.statistics.factorial import contrasts, shapley_shares, subsets
from ci_sim.studies.statistics.intervals import Estimate, complete_pairs, level, paired_effect, yes_or_no


class Insight(NamedTuple):
    """One of the article's claims, and the contrast that stands for it."""

    number: int
    title: str
    claim: str  # what the article says
    scenario: str  # compared with the baseline


INSIGHTS = (
    Insight(1, "Preliminary stages", "Four critical stages precede the formal activity and affect how the initiative takes "
            "shape.", "preliminary_stages"),
    Insight(2, "Kinds of components", "Telling content, process and infrastructure components apart sharpens what each "
            "contributes and how they relate.", "kinds_in_sequence"),
    Insight(3, "A sixth component", "Building trust and forming agreements belongs beside the five known components.",
            "sixth_component"),
    Insight(4, "Stronger ties within each sector", "Strengthening ties among partners within each sector advances the work "
            "between sectors.", "intra_sector"),
)  # fmt: skip
OUTCOMES = ("formed", "time_to_formation", "trust_across", "hours_spent", "satisfaction_min")
MORE, LESS, NEITHER = "more", "less", "no clear difference"


def default_effects(study: Study, pairs: int) -> pd.DataFrame:
    """Return the effect of each insight in the default setting.

    Returns:
        columns `insight, contrast, outcome, estimate, ci_low, ci_high, n, method, p, p_holm`; p is of an exact McNemar test or
        a paired t test, p_holm corrected for all rows.
    """
    names = ["baseline", *(insight.scenario for insight in INSIGHTS)]
    config = study.config
    jobs = [job_from(in_scenario(config, name)) for name in names]
    outcomes = pd.concat([runs.outcomes for runs in study.run(jobs, pairs, "default setting").values()])
    effects = paired_effects(outcomes, "baseline", config.weeks)
    effects = effects[effects["outcome"].isin(OUTCOMES)].reset_index(drop=True)
    values = outcomes.assign(time_to_formation=time_to_formation(outcomes["formation_week"], config.weeks)).set_index(
        "scenario"
    )
    scenarios = effects["contrast"].str.removesuffix(" - baseline")
    effects["p"] = [
        _p_value(values.loc[scenario, outcome].to_numpy(float), values.loc["baseline", outcome].to_numpy(float))
        for scenario, outcome in zip(scenarios, effects["outcome"], strict=True)
    ]
    effects["p_holm"] = holm(effects["p"].to_numpy())
    effects.insert(0, "insight", scenarios.map({insight.scenario: insight.number for insight in INSIGHTS}))
    return effects


def _p_value(a: np.ndarray, b: np.ndarray) -> float:
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    if yes_or_no(a, b):
        gained, lost = int(np.sum(a > b)), int(np.sum(a < b))
        return float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    return float(stats.ttest_rel(a, b).pvalue) if (a != b).any() else 1.0


def holm(p: np.ndarray) -> np.ndarray:
    """Return p values, of shape (m,), corrected for their number by the step-down method of Holm (1979)."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1.0, stepped)
    return corrected


def boundary_map(study: Study, samples: int, pairs: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the design, one row a setting, and the effect of each insight on each outcome in each setting.

    Args:
        samples: settings.
        pairs: paired seeds in each setting.

    Returns:
        the settings; and the effects, with columns `insight, setting, outcome, estimate, ci_low, ci_high, verdict, reference`
        (the outcome's mean in the baseline). The verdict is by the 95 % interval of the setting's own pairs.
    """
    config = study.config
    settings = space_filling(spans(), samples, config.seed)
    names = ["baseline", *(insight.scenario for insight in INSIGHTS)]
    values = {}
    for name in names:
        runs = study.run(jobs_of(in_scenario(config, name), settings), pairs, f"settings, {name}", scenario=name)
        values[name] = {outcome: _matrix(runs.values(), outcome, config.weeks) for outcome in OUTCOMES}
    rows = [
        (insight.number, setting, outcome, *_judged(outcome, values[insight.scenario], values["baseline"], setting))
        for insight in INSIGHTS
        for outcome in OUTCOMES
        for setting in range(samples)
    ]
    columns = ["insight", "setting", "outcome", "estimate", "ci_low", "ci_high", "verdict", "reference"]
    return settings, pd.DataFrame(rows, columns=columns)


def _matrix(runs: Iterable[Runs], outcome: str, weeks: int) -> np.ndarray:
    """Return an outcome of every run, of shape (settings, pairs)."""
    if outcome == "time_to_formation":
        return np.stack([time_to_formation(r.outcomes["formation_week"], weeks).to_numpy(float) for r in runs])
    return np.stack([r.outcomes[outcome].to_numpy(float) for r in runs])


def _judged(outcome: str, with_it: dict, without: dict, setting: int) -> tuple[float, float, float, str, float]:
    a, b = complete_pairs(with_it[outcome][setting], without[outcome][setting])
    found = paired_effect(outcome, a, b)
    verdict = MORE if found.ci_low > 0 else LESS if found.ci_high < 0 else NEITHER
    reference = float(b.mean()) if len(b) else np.nan
    return found.estimate, found.ci_low, found.ci_high, verdict, reference


def shares(effects: pd.DataFrame) -> pd.DataFrame:
    """Return, for each insight and outcome, the share of settings with each verdict, and the mean effect over settings.

    Returns:
        columns `insight, outcome, more, no clear difference, less, mean_effect, settings`.
    """
    rows = []
    for (insight, outcome), cells in effects.groupby(["insight", "outcome"], sort=False):
        counts = cells["verdict"].value_counts(normalize=True)
        found = [float(counts.get(verdict, 0.0)) for verdict in (MORE, NEITHER, LESS)]
        rows.append((insight, outcome, *found, cells["estimate"].mean(), len(cells)))
    return pd.DataFrame(rows, columns=["insight", "outcome", MORE, NEITHER, LESS, "mean_effect", "settings"])


def interactions(study: Study, replicates: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the outcomes of the 16 combinations of the insights, and their main effects and interactions.

    Returns:
        the share that forms, by combination, with its interval; and the contrasts on each outcome (see `factorial.contrasts`).
    """
    factors = [insight.scenario for insight in INSIGHTS]
    values, levels = _all_combinations(
        study, factors, replicates, lambda chosen: combined(study.config, chosen), "2^4 factorial"
    )
    tables = [contrasts(by_combination, factors).assign(outcome=outcome) for outcome, by_combination in values.items()]
    return levels, pd.concat(tables, ignore_index=True)


def component_shares(study: Study, replicates: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the outcomes of all 64 subsets of the components, and the Shapley shares of the components and of their kinds."""
    bare = in_scenario(study.config, "baseline")

    def with_components(chosen: tuple[str, ...]) -> Any:
        changed = bare.copy()
        for name in COMPONENTS:
            changed.components[name].active = name in chosen
        return changed

    values, levels = _all_combinations(study, COMPONENTS, replicates, with_components, "64 subsets")
    kind_of = {name: bare.components[name].kind for name in COMPONENTS}
    by_kind = {
        chosen: values["formed"][tuple(name for name in COMPONENTS if kind_of[name] in chosen)]
        for chosen in subsets(KINDS)
    }
    return levels, shapley_shares(values["formed"], COMPONENTS), shapley_shares(by_kind, KINDS)


def _all_combinations(
    study: Study, factors: Iterable[str], replicates: int, config_of: Callable[[tuple[str, ...]], Any], what: str
) -> tuple[dict[str, dict[tuple[str, ...], np.ndarray]], pd.DataFrame]:
    """Run every combination; return each outcome by combination, and a table of how many form and what it takes."""
    chosen_sets = subsets(list(factors))
    jobs = [job_from(config_of(chosen))._replace(name=" + ".join(chosen) or "none") for chosen in chosen_sets]
    runs = study.run(jobs, replicates, what)
    values = {
        outcome: {
            c: _matrix([runs[j.name]], outcome, study.config.weeks)[0] for c, j in zip(chosen_sets, jobs, strict=True)
        }
        for outcome in OUTCOMES
        if outcome != "trust_across"  # missing where everyone has left
    }
    rows = []
    for job in jobs:
        table = runs[job.name].outcomes
        formed = level(table["formed"].to_numpy(float))
        rows.append((job.name, *formed[:4], table["hours_spent"].mean(), table["satisfaction_min"].mean()))
    columns = ["combination", *Estimate._fields[:4], "hours_spent", "satisfaction_min"]
    return values, pd.DataFrame(rows, columns=columns)


class Answers(NamedTuple):
    """What the study of the insights found, as tables; each is written under its name."""

    default_effects: pd.DataFrame
    settings: pd.DataFrame
    setting_effects: pd.DataFrame
    shares: pd.DataFrame
    sensitivity: pd.DataFrame  # of each insight's effect on the chance of forming, with a column insight
    regions: pd.DataFrame  # boxes in which more, or fewer, of a setting's pairs form with an insight than without
    combinations: pd.DataFrame
    interactions: pd.DataFrame
    subsets: pd.DataFrame
    component_shares: pd.DataFrame
    kind_shares: pd.DataFrame


def answer(study: Study, folder: Path | None = None) -> Answers:
    """Answer all questions.

    Args:
        study: of a checked configuration, `ci_sim.load_config("insights", overrides)`.
        folder: where each table is written as soon as it is there, so that an interruption loses no finished part.

    Raises:
        Unfinished: at Ctrl-C.
        UserError: if a library of the extra `studies` is missing.
    """
    need_studies()
    found: dict[str, pd.DataFrame] = {}
    for name, table in _answers_in_turn(study):
        found[name] = table
        if folder is not None:
            write_table(table, folder / _file_of(name))
    return Answers(**found)


def _answers_in_turn(study: Study) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each table of the study, under its name in `Answers`, as it is finished."""
    config = study.config
    yield "default_effects", default_effects(study, config.pairs)
    yield from zip(("combinations", "interactions"), interactions(study, config.combinations), strict=True)
    names = ("subsets", "component_shares", "kind_shares")
    yield from zip(names, component_shares(study, config.subsets), strict=True)
    settings, effects = boundary_map(study, config.settings, config.setting_pairs)
    yield "settings", settings
    yield "setting_effects", effects
    yield "shares", shares(effects)
    yield from zip(("sensitivity", "regions"), _what_decides(config, settings, effects), strict=True)


def _file_of(name: str) -> str:
    return f"{name}.{'parquet' if name.startswith('setting') else 'csv'}"  # the two large tables


def _what_decides(config: Any, settings: pd.DataFrame, effects: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return which parameters decide about each insight's effect on the chance of forming, and the regions of its signs."""
    tables, regions = [], []
    with progress(bool(config.quiet), len(INSIGHTS), "insights", "what decides") as advance:
        for insight in INSIGHTS:
            cells = effects[(effects["insight"] == insight.number) & (effects["outcome"] == "formed")]
            indices = pawn_indices(settings, cells["estimate"].to_numpy(), config.seed)
            tables.append(indices.assign(insight=insight.number))
            for verdict, so in ((MORE, cells["estimate"] > 0), (LESS, cells["estimate"] < 0)):
                box = find_box(settings, so.to_numpy(), config.seed)
                regions += [] if box is None else _rows_of(insight.number, verdict, box)
            advance(1)
    columns = ["insight", "verdict", "parameter", "from", "to", *Box._fields[1:]]
    return pd.concat(tables, ignore_index=True), pd.DataFrame(regions, columns=columns)


def _rows_of(number: int, verdict: str, box: Box) -> list[tuple]:
    return [(number, verdict, key, low, high, *box[1:]) for key, (low, high) in box.limits.items()]


def write_answers(study: Study, answers: Answers, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the outcomes of all runs, the configuration and the manifest; return the folder."""
    folder = open_folder(study.config.output_dir)
    clear_pictures_and_pages(folder)
    tables = [folder / "outcomes.parquet", *(folder / _file_of(name) for name in Answers._fields)]
    outcomes = study.outcomes
    for path, table in zip(tables, (outcomes, *answers), strict=True):
        write_table(table, path)
    pairs = study.config.setting_pairs
    write_record(folder, study.config, tables, started, command, setting_pairs=pairs, runs=len(outcomes))
    return folder
