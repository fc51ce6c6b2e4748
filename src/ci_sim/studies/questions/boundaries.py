"""Where each insight stops being true: its contrasts in many settings, and the settings in which it wins and loses most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.configuration.composition import combined
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.contrasts import (
    ALONE,
    CONTRASTS,
    LESS,
    MORE,
    NEITHER,
    OUTCOMES,
    SCENARIOS,
    Contrast,
    matrix_of,
    named,
)
from ci_sim.studies.questions.discovery import Box, find_box
from ci_sim.studies.questions.sensitivity import pawn_indices
from ci_sim.studies.statistics.intervals import Estimate, complete_pairs, mean_of, paired_effect

CHANCES = ("never", "sometimes", "always")
_WIDE = (0.05, 0.95)  # the central 90 % of the settings
_Values = Mapping[str, np.ndarray]  # by outcome, of shape (settings, pairs)


class Boundaries(NamedTuple):
    """The contrasts in many settings, as tables."""

    # insight, beside, setting, outcome, estimate, ci_low, ci_high, verdict, reference (the outcome's mean without the insight);
    # the verdict is by the 95 % interval of the setting's own pairs
    effects: pd.DataFrame
    chance: pd.DataFrame  # one row a scenario: the shares of the settings in which it forms never, sometimes and always


def boundary_map(study: Study, settings: pd.DataFrame, pairs: int) -> Boundaries:
    """Return the effect of each insight on each outcome in each setting, alone and on top of the others.

    Args:
        settings: one row a setting, one column a configuration key.
        pairs: paired seeds in each setting, its own: shared by all settings, the luck of a few seasons would look like a result.
    """
    config, values = study.config, {}
    for made_of in SCENARIOS:
        name = named(made_of)
        jobs = jobs_of(combined(config, made_of), settings)
        runs = study.run(jobs, pairs, f"settings, {name}", scenario=name, own_luck=True)
        values[name] = {outcome: matrix_of(runs.values(), outcome, config.weeks) for outcome in OUTCOMES}
    rows = [
        (c.insight.number, c.beside, setting, outcome, *_judged(outcome, setting, *_pair(values, c)))
        for c in CONTRASTS
        for outcome in OUTCOMES
        for setting in range(len(settings))
    ]
    columns = ["insight", "beside", "setting", "outcome", "estimate", "ci_low", "ci_high", "verdict", "reference"]
    return Boundaries(pd.DataFrame(rows, columns=columns), chance_of_forming(values))


def _pair(values: Mapping[str, _Values], contrast: Contrast) -> tuple[_Values, _Values]:
    return values[named(contrast.with_it)], values[named(contrast.without)]


def _judged(outcome: str, setting: int, with_it: _Values, without: _Values) -> tuple[float, float, float, str, float]:
    a, b = complete_pairs(with_it[outcome][setting], without[outcome][setting])
    found = paired_effect(outcome, a, b)
    verdict = MORE if found.ci_low > 0 else LESS if found.ci_high < 0 else NEITHER
    reference = float(b.mean()) if len(b) else np.nan
    return found.estimate, found.ci_low, found.ci_high, verdict, reference


def chance_of_forming(values: Mapping[str, _Values]) -> pd.DataFrame:
    """Return, a row a scenario, the shares of the settings in which it forms never, sometimes and always.

    Args:
        values: by scenario, and by outcome, of which only `formed` is asked.
    """
    rows = []
    for name, by_outcome in values.items():
        formed = by_outcome["formed"].mean(axis=1)
        always, never = float((formed == 1).mean()), float((formed == 0).mean())
        rows.append((name, never, 1 - never - always, always, formed.mean(), len(formed)))
    return pd.DataFrame(rows, columns=["scenario", *CHANCES, "mean", "settings"])


def shares(effects: pd.DataFrame) -> pd.DataFrame:
    """Return, for each contrast and outcome, the share of settings with each verdict, and the effect over settings.

    Returns:
        columns `insight, beside, outcome, more, no clear difference, less, mean_effect, ci_low, ci_high, median, low, high,
        settings`; the interval is that of the mean over settings, low to high holds the central 90 % of the settings.
    """
    rows = []
    for key, cells in effects.groupby(["insight", "beside", "outcome"], sort=False):
        counts = cells["verdict"].value_counts(normalize=True)
        verdicts = [float(counts.get(verdict, 0.0)) for verdict in (MORE, NEITHER, LESS)]
        known = cells["estimate"].dropna().to_numpy()
        mean = mean_of(known, "mean over settings")
        spread = np.quantile(known, (0.5, *_WIDE)) if len(known) else [np.nan] * 3
        rows.append((*key, *verdicts, *mean[:3], *spread, len(cells)))
    columns = ["insight", "beside", "outcome", MORE, NEITHER, LESS, "mean_effect", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=[*columns, "median", "low", "high", "settings"])


def clear_cases(study: Study, settings: pd.DataFrame, effects: pd.DataFrame, pairs: int) -> pd.DataFrame:
    """Return the settings in which each insight wins most and loses most, simulated anew.

    The map chooses the setting, by the end of its interval that lies nearer to 0; luck of its own judges it, since the largest
    of many estimates is too large.

    Args:
        settings: of the map, effects: `Boundaries.effects`.
        pairs: in each setting.

    Returns:
        columns `insight, beside, verdict` (what the map says), `setting, estimate, ci_low, ci_high, n, method, looked_in`.
    """
    formed = effects[effects["outcome"] == "formed"]
    rows = []
    for contrast in CONTRASTS:
        own = formed[(formed["insight"] == contrast.insight.number) & (formed["beside"] == contrast.beside)]
        chosen = {MORE: own.loc[own["ci_low"].idxmax(), "setting"], LESS: own.loc[own["ci_high"].idxmin(), "setting"]}
        values = []
        for made_of in (contrast.with_it, contrast.without):
            jobs = jobs_of(combined(study.config, made_of), settings.iloc[list(chosen.values())])
            part = f"insight {contrast.insight.number} beside {contrast.beside}, {named(made_of)}"
            runs = study.run(jobs, pairs, part, named(made_of), study.config.seed + 1)
            values.append(matrix_of(runs.values(), "formed", study.config.weeks))
        for k, (verdict, setting) in enumerate(chosen.items()):
            found = paired_effect("formed", values[0][k], values[1][k])
            rows.append((contrast.insight.number, contrast.beside, verdict, setting, *found, len(own)))
    columns = ["insight", "beside", "verdict", "setting", *Estimate._fields, "looked_in"]
    return pd.DataFrame(rows, columns=columns)


def what_decides(
    config: Any, settings: pd.DataFrame, effects: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return which parameters decide, and where, about the effects on the chance of forming and about that chance itself.

    Returns:
        the PAWN indices of each insight alone, with columns insight and beside; of each contrast the boxes in which more, or
        fewer, of a setting's pairs form with the insight than without; and the indices of the baseline's chance of forming.
    """
    tables, regions = [], []
    formed = effects[effects["outcome"] == "formed"]
    with progress(bool(config.quiet), len(CONTRASTS) + 1, "contrasts", "what decides") as advance:
        for contrast in CONTRASTS:
            number, beside = contrast.insight.number, contrast.beside
            cells = formed[(formed["insight"] == number) & (formed["beside"] == beside)]
            if beside == ALONE:
                indices = pawn_indices(settings, cells["estimate"].to_numpy(), config.seed)
                tables.append(indices.assign(insight=number, beside=beside))
            for verdict, so in ((MORE, cells["estimate"] > 0), (LESS, cells["estimate"] < 0)):
                box = find_box(settings, so.to_numpy(), config.seed)
                regions += [] if box is None else _rows_of(number, beside, verdict, box)
            advance(1)
        baseline = formed[(formed["insight"] == 1) & (formed["beside"] == ALONE)]["reference"]
        chance = pawn_indices(settings, baseline.to_numpy(), config.seed)
        advance(1)
    columns = ["insight", "beside", "verdict", "parameter", "from", "to", *Box._fields[1:]]
    return pd.concat(tables, ignore_index=True), pd.DataFrame(regions, columns=columns), chance


def _rows_of(number: int, beside: str, verdict: str, box: Box) -> list[tuple]:
    return [(number, beside, verdict, key, low, high, *box[1:]) for key, (low, high) in box.limits.items()]
