"""The four insights as questions: what each changes in the default setting, where that stops being true, and how they interact.

Each insight is judged twice: against the baseline, and on top of the other three, against these without it.

- `default_effects`: what each changes in the default setting, paired by seed, with p values corrected for the number of tests
  (Holm 1979).
- `boundary_map`: the same contrasts in many settings, paired by seed: those that a history match left (`settings_file`), or
  settings spread over the spans of all parameters; the share of settings in which it is clearly more, clearly less, or neither.
- `clear_cases`: the setting in which each wins most and the one in which it loses most, simulated anew on other luck.
- the chance of forming: in which share of the settings a scenario forms always, never, or sometimes.
- `interactions`: all combinations of the four (`studies.factorial`).
- `component_shares`: all combinations of the six components, and what each of them and of their kinds contributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ci_sim.configuration.composition import combined
from ci_sim.errors import UserError
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.execution.output import write_study, write_table
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.boundaries import boundary_map, clear_cases, shares, what_decides
from ci_sim.studies.questions.combinations import component_shares, interactions
from ci_sim.studies.questions.contrasts import CONTRASTS, OUTCOMES, SCENARIOS, matrix_of, named
from ci_sim.studies.questions.validation import settings_of
from ci_sim.studies.statistics.design import space_filling, spans
from ci_sim.studies.statistics.effects import paired_effects
from ci_sim.studies.statistics.extras import need_studies
from ci_sim.studies.statistics.intervals import yes_or_no

_FEWEST = 64  # settings that can say what decides


def default_effects(study: Study, pairs: int) -> pd.DataFrame:
    """Return the effect of each insight in the default setting.

    Returns:
        columns `insight, beside, contrast, outcome, estimate, ci_low, ci_high, n, method, p, p_holm`; p is of an exact McNemar
        test or a paired t test, p_holm corrected for all rows.
    """
    config = study.config
    jobs = [job_from(combined(config, made_of))._replace(name=named(made_of)) for made_of in SCENARIOS]
    runs = study.run(jobs, pairs, "default setting")
    tables = []
    for contrast in CONTRASTS:
        a, b = (runs[named(made_of)] for made_of in (contrast.with_it, contrast.without))
        found = paired_effects(pd.concat([b.outcomes, a.outcomes]), named(contrast.without), config.weeks)
        found = found[found["outcome"].isin(OUTCOMES)].drop(columns="variance_reduction")
        found.insert(0, "insight", contrast.insight.number)
        found.insert(1, "beside", contrast.beside)
        tables.append(found.assign(p=[_p_value(*matrix_of([a, b], o, config.weeks)) for o in found["outcome"]]))
    effects = pd.concat(tables, ignore_index=True)
    return effects.assign(p_holm=holm(effects["p"].to_numpy()))


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


class Answers(NamedTuple):
    """What the study of the insights found, as tables; each is written under its name."""

    default_effects: pd.DataFrame
    settings: pd.DataFrame
    setting_effects: pd.DataFrame
    shares: pd.DataFrame
    chance: pd.DataFrame  # of forming: shares of the settings in which each scenario forms never, sometimes and always
    cases: pd.DataFrame  # the settings in which each insight wins and loses most, simulated anew
    case_settings: pd.DataFrame  # their parameters, one row a case, as a design for `ci-sim sweep design=file`
    sensitivity: pd.DataFrame  # of each insight's effect on the chance of forming, with columns insight and beside
    regions: pd.DataFrame  # boxes in which more, or fewer, of a setting's pairs form with an insight than without
    chance_sensitivity: pd.DataFrame  # of the baseline's chance of forming
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
    settings = _settings(config)
    yield "settings", settings
    yield "default_effects", default_effects(study, config.pairs)
    yield from zip(("combinations", "interactions"), interactions(study, config.combinations), strict=True)
    names = ("subsets", "component_shares", "kind_shares")
    yield from zip(names, component_shares(study, config.subsets), strict=True)
    effects, chance = boundary_map(study, settings, config.setting_pairs)
    yield "setting_effects", effects
    yield "shares", shares(effects)
    yield "chance", chance
    cases = clear_cases(study, settings, effects, config.case_pairs)
    yield "cases", cases
    yield "case_settings", settings.iloc[cases["setting"]]
    names = ("sensitivity", "regions", "chance_sensitivity")
    yield from zip(names, what_decides(config, settings, effects), strict=True)


def _settings(config: Any) -> pd.DataFrame:
    """Return the settings of the map: those of the user's file, or as many as asked for, spread over the spans.

    Raises:
        UserError: if the file cannot be read, or holds other keys than parameters that have a span, or too few settings.
    """
    if config.settings_file is None:
        return space_filling(spans(), config.settings, config.seed)
    settings = settings_of(config)
    if spanless := [key for key in settings if key not in spans()]:
        raise UserError(
            f"settings_file={config.settings_file}: {spanless[0]!r} is no parameter that has a span (docs/parameters.md), by "
            "which the pages tell where an insight holds; leave out its column"
        )
    if len(settings) < _FEWEST or settings.isna().to_numpy().any():
        raise UserError(
            f"settings_file={config.settings_file}: has {len(settings)} settings; {_FEWEST} are needed, with no value missing, "
            "to say what decides (ci-sim match samples= draws more)"
        )
    return settings


def _file_of(name: str) -> str:
    return f"{name}.{'parquet' if name.startswith('setting') else 'csv'}"  # the two large tables


def write_answers(study: Study, answers: Answers, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the outcomes of all runs, the configuration and the manifest; return the folder."""
    outcomes = study.outcomes
    named_answers = {_file_of(name): table for name, table in answers._asdict().items()}
    facts = {"setting_pairs": study.config.setting_pairs, "runs": len(outcomes)}
    return write_study(study.config, {"outcomes.parquet": outcomes} | named_answers, started, command, **facts)
