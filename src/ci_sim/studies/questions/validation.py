"""Validation: patterns that others have published, against what the model does, with one set of parameters for all.

A pattern is a file in `configs/pattern/`: where it comes from, what was found, the *arms* that are simulated (a ready scenario,
and what is different in it), what is *measured* in each run, and the *claims*:

- `{more: A, than: B}`: the measure is greater in arm A than in arm B (it fails too if the interval rules out that it is
  greater by a hundredth);
- `{same: [A, B], within: D}`: it differs by less than D;
- `{arm: A, from: L, to: H}`: it lies between L and H.

A claim holds when the whole 95 % interval says so, fails when the whole interval contradicts it, and is open otherwise. One that
is open is asked again, on fresh luck with `ask_again` times as many runs, and the second answer counts: the runs that left it
open have no part in it.

The runs are in one setting, the configured one, or in many (`settings_file`), such as all that a history match leaves
(`ci_sim.studies.questions.match`). Then each setting gives a value of its own, and the claim is about their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from omegaconf import OmegaConf

from ci_sim.configuration.composition import check, configs_folder, in_scenario, options
from ci_sim.errors import UserError
from ci_sim.simulation.ensemble import Job, Runs, job_from
from ci_sim.studies.execution.output import write_study
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.execution.runner import run_jobs
from ci_sim.studies.statistics.design import is_default, settings_in
from ci_sim.studies.statistics.intervals import (
    Estimate,
    complete_pairs,
    level,
    mean_difference,
    median,
    risk_difference,
    unpaired_difference,
    yes_or_no,
)
from ci_sim.studies.statistics.measures import measured

HOLDS, FAILS, OPEN = "holds", "fails", "open"
_TELLING = 0.01  # the smallest difference that would support a claim of more
COLUMNS = (
    "pattern", "title", "claim", "source", "basis", "published", "discussion", "measure",
    "simulated", "ci_low", "ci_high", "n", "method", "verdict", "asked_again",
)  # fmt: skip
_FRESH = 2_000_003  # added to the seed for the luck on which open claims are asked again


class Validation(NamedTuple):
    """What came out, as tables."""

    claims: pd.DataFrame  # one row a claim, with the columns COLUMNS; in many settings those of `_over_settings` too
    arms: pd.DataFrame  # one row a pattern, measure and arm: estimate, ci_low, ci_high, n, method
    # one row a run: pattern (“NAME, again” where it is asked again), arm, setting, and the columns of every outcomes table
    outcomes: pd.DataFrame
    complete: bool  # False after Ctrl-C


def patterns(names: list[str] | None = None) -> dict[str, Any]:
    """Return the patterns by name, all of them or those that are asked for."""
    folder = configs_folder() / "pattern"
    return {name: OmegaConf.load(folder / f"{name}.yaml") for name in names or options("pattern")}


def validate(config: Any) -> Validation:
    """Simulate the patterns, and judge their claims.

    Args:
        config: a checked configuration, `ci_sim.load_config("validate", overrides)`; what it sets, it sets for all patterns.

    Raises:
        UserError: if the file of settings cannot be read.
    """
    way = _ONE_SETTING if config.settings_file is None else _many_settings(settings_of(config))
    claims: list[dict[str, Any]] = []
    arms: list[tuple[Any, ...]] = []
    outcomes: list[pd.DataFrame] = []
    for name, pattern in patterns(config.patterns).items():
        values = _values(way, config, name, pattern, outcomes)
        if values is None:
            return _validation(claims, arms, outcomes, complete=False)
        arms += [(name, m, arm, *level_of(m, v)) for m, by_arm in values.items() for arm, v in by_arm.items()]
        rows = [_judged(name, pattern, claim, way, values) for claim in pattern.claims]
        left = [k for k, row in enumerate(rows) if row["verdict"] == OPEN]
        if left and config.ask_again:
            part = _about(pattern, [pattern.claims[k] for k in left])
            values = _values(way, _on_fresh_luck(config), f"{name}, again", part, outcomes)
            if values is None:
                return _validation(claims + rows, arms, outcomes, complete=False)
            for k in left:
                rows[k] = _judged(name, pattern, pattern.claims[k], way, values) | {"asked_again": True}
        claims += rows
    return _validation(claims, arms, outcomes, complete=True)


def _values(
    way: _Way, config: Any, name: str, pattern: Any, outcomes: list[pd.DataFrame]
) -> dict[str, dict[str, np.ndarray]] | None:
    """Return each measure of a pattern, by arm, of each run or in each setting; None after Ctrl-C.

    Args:
        outcomes: to which those of all runs are added.
    """
    runs = way.simulate(config, name, pattern)
    if runs is None:
        return None
    outcomes += [_told_apart(name, pattern, arm, own) for arm, own in runs.items()]
    return {m: {arm: way.value(m, own) for arm, own in runs.items()} for m in _measures(pattern)}


def _judged(name: str, pattern: Any, claim: Any, way: _Way, values: dict[str, dict[str, np.ndarray]]) -> dict[str, Any]:
    """Return the row of a claim."""
    m = claim.get("measure", pattern.measure)
    words, found, verdict = judge(claim, m, values[m], way.difference)
    told = (pattern.title, words, pattern.source, pattern.basis, pattern.published, pattern.get("discussion", ""))
    row = dict(zip(COLUMNS, (name, *told, m, *found, verdict, False), strict=True))
    return row | way.spread(claim, values[m])


def _about(pattern: Any, claims: list[Any]) -> Any:
    """Return a pattern with some of its claims, and the arms that they are about."""
    named = {arm for claim in claims for arm in (*_compared(claim), claim.get("arm")) if arm}
    arms = {arm: spec for arm, spec in pattern.arms.items() if arm in named}
    return OmegaConf.create({"measure": pattern.measure, "arms": arms, "claims": claims})


def _compared(claim: Any) -> tuple[str, ...]:
    """Return the arms that a claim compares."""
    return (claim.more, claim.than) if "more" in claim else tuple(claim.get("same", ()))


def _on_fresh_luck(config: Any) -> Any:
    """Return a configuration with other seeds, and more runs."""
    fresh = config.copy()
    fresh.seed += _FRESH
    for key in ("replicates", "setting_replicates"):
        fresh[key] *= config.ask_again
    return fresh


def _validation(claims: list[dict], arms: list[tuple], outcomes: list[pd.DataFrame], complete: bool) -> Validation:
    return Validation(
        pd.DataFrame(claims) if claims else pd.DataFrame(columns=list(COLUMNS)),
        pd.DataFrame(arms, columns=["pattern", "measure", "arm", *Estimate._fields]),
        pd.concat(outcomes, ignore_index=True) if outcomes else pd.DataFrame(),
        complete,
    )


def settings_of(config: Any) -> pd.DataFrame:
    """Return the settings of a command's `settings_file`.

    Raises:
        UserError: if it cannot be read, or if it decides about what the user has set too.
    """
    settings = settings_in("settings_file", config.settings_file)
    for key in settings:
        if not is_default(config, str(key)):
            given = OmegaConf.select(config, str(key))
            raise UserError(
                f"{key}={given}: is decided by settings_file={config.settings_file}; leave out one of the two"
            )
    return settings


def _in_the_setting(config: Any, name: str, pattern: Any) -> dict[str, list[Runs]] | None:
    """Return the runs of each arm in the configured setting, or None after Ctrl-C."""
    jobs = [job_from(arm_config(config, spec))._replace(name=arm) for arm, spec in pattern.arms.items()]
    runs, complete = run_jobs(
        jobs, config.seed, config.replicates, config.executor, bool(config.quiet), with_series=True, what=name
    )
    return {arm: [own] for arm, own in runs.items()} if complete else None


def _in_each_setting(settings: pd.DataFrame, config: Any, name: str, pattern: Any) -> dict[str, list[Runs]] | None:
    """Return the runs of each arm in each setting, paired over the arms and independent over settings; None after Ctrl-C."""
    found = {}
    for arm, jobs in zip(pattern.arms, jobs_in(config, list(pattern.arms.values()), settings), strict=True):
        runs, complete = run_jobs(
            [job._replace(name=f"{arm}-{job.name}") for job in jobs], config.seed, config.setting_replicates,
            config.executor, bool(config.quiet), with_series=True, what=f"{name}, {arm}", own_luck=True,
        )  # fmt: skip
        if not complete:
            return None
        found[arm] = list(runs.values())
    return found


def jobs_in(config: Any, arms: Sequence[Any], settings: pd.DataFrame) -> list[list[Job]]:
    """Return a job for each arm and setting.

    What any of the arms itself sets, such as the stakes of a laboratory's game, is in every setting as the arms say.

    Args:
        config: a checked configuration.
        arms: what each arm sets: a ready scenario, and keys on top of it.
        settings: one row a setting and one column a key.
    """
    configs = [arm_config(config, spec) for spec in arms]
    own = [
        key
        for key in settings
        if any(key in spec or _differs(key, arm, config) for spec, arm in zip(arms, configs, strict=True))
    ]
    return [jobs_of(arm, settings.drop(columns=own)) for arm in configs]


def _differs(key: str, arm: Any, config: Any) -> bool:
    return OmegaConf.select(arm, key) != OmegaConf.select(config, key)


def _told_apart(name: str, pattern: Any, arm: str, runs: list[Runs]) -> pd.DataFrame:
    """Return the outcomes of the runs of an arm in each setting, with the pattern, the arm and the setting."""
    table = pd.concat([own.outcomes for own in runs], ignore_index=True)
    table = table.assign(run_id=f"{name}-" + table["run_id"], scenario=pattern.arms[arm]["scenario"])
    settings = np.repeat(np.arange(len(runs)), [len(own.outcomes) for own in runs])
    for place, (column, value) in enumerate({"pattern": name, "arm": arm, "setting": settings}.items()):
        table.insert(place, column, value)
    return table


def arm_config(config: Any, spec: Any) -> Any:
    """Return the configuration of an arm: a ready scenario, with what the arm sets on top of it.

    Raises:
        UserError: if that is not a possible configuration.
    """
    changed = in_scenario(config, spec["scenario"])
    for key, value in spec.items():
        if key != "scenario":
            OmegaConf.update(changed, key, value, merge=False)
    check(changed)
    return changed


def _measures(pattern: Any) -> list[str]:
    """Return what is measured in a pattern, its own measure first."""
    return list(dict.fromkeys([pattern.measure, *(c.measure for c in pattern.claims if "measure" in c)]))


def level_of(measure: str, values: np.ndarray) -> Estimate:
    """Return a measure's level over the runs that have it: their median where its name says so, otherwise their mean."""
    known = values[~np.isnan(values)]
    return median(known) if measure.startswith("median_") else level(known)


def _difference(measure: str, a: np.ndarray, b: np.ndarray) -> Estimate:
    if measure.endswith("_if_formed"):  # what a rule lets through differs between the arms
        return unpaired_difference(a[~np.isnan(a)], b[~np.isnan(b)])
    a, b = complete_pairs(a, b)
    return (risk_difference if yes_or_no(a, b) else mean_difference)(a, b)


def judge(
    claim: Any,
    measure: str,
    values: dict[str, np.ndarray],
    difference: Callable[[str, np.ndarray, np.ndarray], Estimate] = _difference,
) -> tuple[str, Estimate, str]:
    """Return a claim in words, the estimate that it is judged by, and the verdict.

    Args:
        values: arm -> the measure of each run, (runs,), paired by seed over the arms; or its level in each setting.
        difference: how two arms are compared.
    """
    if "more" in claim:
        found = difference(measure, values[claim.more], values[claim.than])
        verdict = HOLDS if found.ci_low > 0 else FAILS if found.ci_high < _TELLING else OPEN
        return f"more in “{claim.more}” than in “{claim.than}”", found, verdict
    if "same" in claim:
        a, b = claim.same
        found = difference(measure, values[a], values[b])
        words = f"the same in “{a}” and “{b}”, within {claim.within:g}"
        return words, found, _verdict(found, -claim.within, claim.within)
    found = level_of(measure, values[claim.arm])
    words = f"from {claim['from']:g} to {claim['to']:g} in “{claim.arm}”"
    return words, found, _verdict(found, claim["from"], claim["to"])


def _over_settings(claim: Any, values: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the median and the central 90 % of what settings say of a claim, and the share whose own value supports it."""
    if "arm" in claim:
        said, low, high = values[claim.arm], claim["from"], claim["to"]
    elif "same" in claim:
        said, low, high = values[claim.same[0]] - values[claim.same[1]], -claim.within, claim.within
    else:
        said, low, high = values[claim.more] - values[claim.than], np.nextafter(0.0, 1.0), np.inf
    known = said[~np.isnan(said)]
    middle, least, most = np.quantile(known, (0.5, 0.05, 0.95)) if len(known) else [np.nan] * 3
    supports = float(np.mean((known >= low) & (known <= high))) if len(known) else np.nan
    return {"setting_median": middle, "setting_low": least, "setting_high": most, "supports": supports}


def _verdict(found: Estimate, low: float, high: float) -> str:
    """Return whether an interval lies within [low, high] (holds), outside of it (fails), or neither (open)."""
    if low <= found.ci_low and found.ci_high <= high:
        return HOLDS
    return FAILS if found.ci_low > high or found.ci_high < low else OPEN


class _Way(NamedTuple):
    """How the arms of a pattern are simulated, and what its claims are judged by."""

    simulate: Callable[[Any, str, Any], dict[str, list[Runs]] | None]
    value: Callable[[str, list[Runs]], np.ndarray]  # a measure of each run, or of each setting
    difference: Callable[[str, np.ndarray, np.ndarray], Estimate]
    spread: Callable[[Any, dict[str, np.ndarray]], dict[str, float]]  # what settings say of a claim


_ONE_SETTING = _Way(
    _in_the_setting, lambda measure, runs: measured(measure, runs[0]), _difference, lambda claim, values: {}
)


def _many_settings(settings: pd.DataFrame) -> _Way:
    return _Way(
        partial(_in_each_setting, settings),
        lambda measure, runs: np.array([level_of(measure, measured(measure, own)).estimate for own in runs]),
        lambda measure, a, b: mean_difference(*complete_pairs(a, b)),
        _over_settings,
    )


def write_validation(config: Any, result: Validation, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the configuration and the manifest; return the folder."""
    tables = {"patterns.csv": result.claims, "arms.csv": result.arms, "outcomes.parquet": result.outcomes}
    verdicts = result.claims["verdict"].value_counts().to_dict()
    runs = config.replicates if config.settings_file is None else config.setting_replicates
    facts = {"replicates": runs, "complete": result.complete, "verdicts": verdicts}
    return write_study(config, tables, started, command, **facts)
