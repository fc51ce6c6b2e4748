"""Validation: patterns that others have published, against what the model does, with one set of parameters for all.

A pattern is a file in `configs/pattern/`: where it comes from, what was found, the *arms* that are simulated (a ready scenario,
and what is different in it), what is *measured* in each run, and the *claims*:

- `{more: A, than: B}`: the measure is greater in arm A than in arm B (it fails too if the interval rules out that it is
  greater by a hundredth);
- `{same: [A, B], within: D}`: it differs by less than D;
- `{arm: A, from: L, to: H}`: it lies between L and H.

A claim holds when the whole 95 % interval says so, fails when the whole interval contradicts it, and is open otherwise.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from omegaconf import OmegaConf

from ci_sim.configuration.composition import check, configs_folder, in_scenario, options
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.execution.output import clear_pictures_and_pages, open_folder, write_record, write_table
from ci_sim.studies.execution.runner import run_jobs
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
    "simulated", "ci_low", "ci_high", "n", "method", "verdict",
)  # fmt: skip


class Validation(NamedTuple):
    """What came out, as tables."""

    claims: pd.DataFrame  # one row a claim, with the columns COLUMNS
    arms: pd.DataFrame  # one row a pattern, measure and arm: estimate, ci_low, ci_high, n, method
    outcomes: pd.DataFrame  # one row a run, with the columns of every outcomes table after pattern and arm
    complete: bool  # False after Ctrl-C


def patterns(names: list[str] | None = None) -> dict[str, Any]:
    """Return the patterns by name, all of them or those that are asked for."""
    folder = configs_folder() / "pattern"
    return {name: OmegaConf.load(folder / f"{name}.yaml") for name in names or options("pattern")}


def validate(config: Any) -> Validation:
    """Simulate the patterns, and judge their claims.

    Args:
        config: a checked configuration, `ci_sim.load_config("validate", overrides)`; what it sets, it sets for all patterns.
    """
    claims, arms, outcomes, complete = [], [], [], True
    for name, pattern in patterns(config.patterns).items():
        jobs = {arm: job_from(arm_config(config, spec))._replace(name=arm) for arm, spec in pattern.arms.items()}
        runs, complete = run_jobs(
            list(jobs.values()), config.seed, config.replicates, config.executor, bool(config.quiet),
            with_series=True, what=name,
        )  # fmt: skip
        if not complete:
            break
        for arm, rows in runs.items():
            table = rows.outcomes.assign(
                run_id=name + "-" + rows.outcomes["run_id"], scenario=pattern.arms[arm]["scenario"]
            )
            table.insert(0, "pattern", name)
            table.insert(1, "arm", arm)
            outcomes.append(table)
        values = {m: {arm: measured(m, runs[arm]) for arm in jobs} for m in _measures(pattern)}
        arms += [(name, m, arm, *level_of(m, v)) for m, by_arm in values.items() for arm, v in by_arm.items()]
        for claim in pattern.claims:
            m = claim.get("measure", pattern.measure)
            words, found, verdict = judge(claim, m, values[m])
            told = (
                pattern.title,
                words,
                pattern.source,
                pattern.basis,
                pattern.published,
                pattern.get("discussion", ""),
            )
            facts = (name, *told, m)
            claims.append((*facts, *found, verdict))
    return Validation(
        pd.DataFrame(claims, columns=list(COLUMNS)),
        pd.DataFrame(arms, columns=["pattern", "measure", "arm", *Estimate._fields]),
        pd.concat(outcomes, ignore_index=True) if outcomes else pd.DataFrame(),
        complete,
    )


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


def judge(claim: Any, measure: str, values: dict[str, np.ndarray]) -> tuple[str, Estimate, str]:
    """Return a claim in words, the estimate that it is judged by, and the verdict.

    Args:
        values: arm -> the measure of each run, (runs,), paired by seed over the arms.
    """
    if "more" in claim:
        found = _difference(measure, values[claim.more], values[claim.than])
        verdict = HOLDS if found.ci_low > 0 else FAILS if found.ci_high < _TELLING else OPEN
        return f"more in “{claim.more}” than in “{claim.than}”", found, verdict
    if "same" in claim:
        a, b = claim.same
        found = _difference(measure, values[a], values[b])
        words = f"the same in “{a}” and “{b}”, within {claim.within:g}"
        return words, found, _verdict(found, -claim.within, claim.within)
    found = level_of(measure, values[claim.arm])
    words = f"from {claim['from']:g} to {claim['to']:g} in “{claim.arm}”"
    return words, found, _verdict(found, claim["from"], claim["to"])


def _verdict(found: Estimate, low: float, high: float) -> str:
    """Return whether an interval lies within [low, high] (holds), outside of it (fails), or neither (open)."""
    if low <= found.ci_low and found.ci_high <= high:
        return HOLDS
    return FAILS if found.ci_low > high or found.ci_high < low else OPEN


def write_validation(config: Any, result: Validation, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the configuration and the manifest; return the folder."""
    folder = open_folder(config.output_dir)
    clear_pictures_and_pages(folder)
    tables = [folder / "patterns.csv", folder / "arms.csv", folder / "outcomes.parquet"]
    for table, path in zip(result[:3], tables, strict=True):
        write_table(table, path)
    verdicts = result.claims["verdict"].value_counts().to_dict()
    facts = {"replicates": config.replicates, "complete": result.complete, "verdicts": verdicts}
    write_record(folder, config, tables, started, command, **facts)
    return folder
