"""Calibration: which values of some parameters could have produced what is known, by approximate Bayesian computation (ABC).

The plain algorithm, for a handful of parameters and of targets:

1. Settings are drawn from the prior, uniform over the spans of the parameters (a scrambled Sobol design).
2. In each setting every target's arm is simulated, on luck of its own, and what it gives is blurred by the target's error, as
   the value itself is: the result is the posterior under that error (Wilkinson 2013). The distance to the targets is the root
   mean square of (simulated - value) / error.
3. The share `accept` of the settings with the smallest distance is kept, weighted by Epanechnikov's kernel, and adjusted by a
   local linear regression on the simulated statistics, in logits so that no value leaves its span (Beaumont, Zhang & Balding
   2002; Blum & Francois 2010).
4. Settings of this posterior sample are simulated anew, on other luck, and held against the targets (a posterior predictive
   check), beside the default setting.

The settings of 1 and 2 may also be those of a sweep that has been run, of the targets' scenarios and with seeds of each setting's
own: settings that shared their luck would make every distance too small or too large together, and the posterior too narrow.

It is written out here since the libraries for it bring databases and process pools of their own around one Python call a
simulation, which would cost more than the compiled runs themselves.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from omegaconf import OmegaConf

from ci_sim.configuration.checks import finite
from ci_sim.configuration.composition import configs_folder, flat, load_config, read_yaml
from ci_sim.errors import UserError
from ci_sim.rules.parameters import declared, is_whole
from ci_sim.simulation.ensemble import Job, Runs, job_from
from ci_sim.studies.execution.folder import SweepFolder, read_sweep
from ci_sim.studies.execution.output import write_study
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.validation import arm_config, jobs_in, level_of
from ci_sim.studies.statistics.design import axes_of, is_default, space_filling, spans
from ci_sim.studies.statistics.measures import measure_names, measured, needs_series
from ci_sim.texts import suggestion

_WIDE = (0.05, 0.95)  # the central 90 %


class Target(NamedTuple):
    """Something that is known, and what to simulate for it."""

    name: str
    source: str
    arm: dict[str, Any]  # a ready scenario, and what is different in it, by key
    measure: str
    value: float
    error: float  # the value's standard error, in the measure's unit


class Task(NamedTuple):
    """What a calibration is about."""

    title: str
    over: dict[str, tuple[float, float]]  # parameter -> its least and greatest value
    targets: list[Target]


class Calibration(NamedTuple):
    """What a calibration found, as tables."""

    title: str
    parameters: pd.DataFrame  # parameter, default, low, high (prior), median, ci_low, ci_high (90 %), learnt
    # target, source, measure, value, error, default_setting, simulated, ci_low, ci_high (90 %), met
    targets: pd.DataFrame
    settings: pd.DataFrame  # one row a setting: parameters, statistic of each target, distance, weight (0: not kept)
    posterior: pd.DataFrame  # one row a kept setting: adjusted parameters, weight
    replicates: int  # of each target in each setting
    sweep: str | None  # the folder whose settings these are; None: drawn for the calibration
    together: float  # share of the settings simulated anew that lie within the 95 % interval of every target at once


def read_task(config: Any) -> Task:
    """Read what is known, from a file of `configs/target` or of the user's.

    Raises:
        UserError: in one line that names the file, the entry and what is allowed.
    """
    path, content = read_yaml("targets", str(config.targets), "target")
    if not isinstance(content, dict) or not isinstance(content.get("targets"), list) or not content["targets"]:
        raise UserError(f"{path}: needs a list of `targets`, as in {configs_folder() / 'target' / 'published.yaml'}")
    targets = [_target(path, n, entry) for n, entry in enumerate(content["targets"], start=1)]
    names = [target.name for target in targets]
    if len(set(names)) < len(names):
        raise UserError(f"{path}: two targets have the same name; names must differ")
    over = {} if config.sweep is not None else _parameters(path, content.get("parameters"), config)
    return Task(str(content.get("title", path.stem)), over, targets)


def _target(path: Path, n: int, entry: Any) -> Target:
    def refused(key: str, why: str) -> UserError:
        return UserError(f"{path}: target {n}: {key}: {why}")

    entry = entry if isinstance(entry, dict) else {}
    for key in {**dict.fromkeys(("name", "arm", "measure", "value", "error")), **entry}:
        if key not in Target._fields:
            raise refused(
                key, f"is not known{suggestion(str(key), Target._fields)}; there are: {', '.join(Target._fields)}"
            )
        if entry.get(key) is None:
            raise refused(key, "is missing")
    if not isinstance(entry["arm"], dict) or "scenario" not in entry["arm"]:
        raise refused("arm", "must name a scenario, such as {scenario: baseline}")
    measure, known = str(entry["measure"]), measure_names()
    if measure not in known:
        raise refused("measure", f"{measure!r} is unknown{suggestion(measure, known)}; there are: {', '.join(known)}")
    value, error = (finite(entry[key]) for key in ("value", "error"))
    if value is None:
        raise refused("value", f"{entry['value']!r} must be a number")
    if error is None or error <= 0:
        raise refused("error", f"{entry['error']!r} must be a number above 0: the value's standard error")
    return Target(str(entry["name"]), str(entry.get("source", "")), entry["arm"], measure, value, error)


def _parameters(path: Path, given: Any, config: Any) -> dict[str, tuple[float, float]]:
    """Return the parameters to calibrate with their ranges: their spans, or what the file gives."""
    if isinstance(given, list):
        given = dict.fromkeys(given)
    if given is not None and not isinstance(given, dict):
        raise UserError(f"{path}: parameters: must be a list of keys, or keys with ranges [low, high]")
    ranges = given or {}
    keys = list(config.parameters or ranges)
    if not keys:
        raise UserError(
            f"parameters=null: name what to calibrate, such as parameters=[commitment.noise,context.trust], or in {path}"
        )
    over = {}
    for key in keys:
        if key not in spans():
            raise UserError(
                f"parameters: {key!r} cannot be calibrated{suggestion(str(key), list(spans()))}; there are: {', '.join(spans())}"
            )
        meta, limits = declared()[key], ranges.get(key) or spans()[key]
        numbers = (
            isinstance(limits, list | tuple) and len(limits) == 2 and all(isinstance(v, int | float) for v in limits)
        )
        if not numbers or not meta["low"] <= limits[0] < limits[1] <= meta["high"]:
            raise UserError(
                f"{path}: parameters: {key}: {limits} must be [low, high] within {meta['low']:g} to {meta['high']:g}"
            )
        if not is_default(config, key):
            raise UserError(f"{key}={OmegaConf.select(config, key)}: is calibrated here; leave out one of the two")
        over[key] = (limits[0], limits[1])
    return over


def calibrate(study: Study) -> Calibration:
    """Calibrate parameters to targets.

    Args:
        study: of a checked configuration, `ci_sim.load_config("calibrate", overrides)`.

    Raises:
        UserError: if the targets cannot be read, or if no setting gives a value for each of them.
        Unfinished: at Ctrl-C.
    """
    config = study.config
    task = read_task(config)
    names, known = [t.name for t in task.targets], np.array([t.value for t in task.targets])
    errors = np.array([t.error for t in task.targets])
    if config.sweep is not None:
        _refuse_what_the_sweep_decides(config)
        swept = read_sweep(Path(config.sweep))
        base, task, settings = swept.config, task._replace(over=_varied_in(swept)), swept.settings
        statistics = _in_sweep(swept, task)
        arms = [arm_config(base, target.arm) for target in task.targets]
    else:
        base, settings = config, space_filling(task.over, config.samples, config.seed)
        arms = [arm_config(base, target.arm) for target in task.targets]
        statistics = _simulated(study, base, task, arms, settings, "settings", config.seed)
    rng = np.random.default_rng(config.seed)
    blurred = statistics + rng.normal(0.0, errors, statistics.shape)
    weights = _weights(_distance(blurred, known, errors), config.accept, len(names))
    kept = weights > 0
    posterior = pd.DataFrame(
        regression_adjusted(
            settings[kept].to_numpy(float), blurred[kept], known, weights[kept], list(task.over.values())
        ),
        columns=list(task.over),
    )
    drawn = rng.choice(len(posterior), config.checks, p=weights[kept] / weights[kept].sum())
    redrawn = _simulated(
        study, base, task, arms, _whole(posterior.iloc[drawn]).reset_index(drop=True), "check", config.seed + 1
    )
    default = _by_default(study, base, task, arms)
    settings = pd.concat([settings, pd.DataFrame(statistics, columns=names)], axis=1)
    return Calibration(
        title=task.title,
        parameters=_parameters_table(task, posterior, weights[kept]),
        targets=_targets_table(task, redrawn, default),
        settings=settings.assign(distance=_distance(statistics, known, errors), weight=weights),
        posterior=posterior.assign(weight=weights[kept]),
        replicates=base.replicates,
        sweep=config.sweep,
        together=float((np.abs(redrawn - known) <= 1.96 * errors).all(axis=1).mean()),
    )


def _refuse_what_the_sweep_decides(config: Any) -> None:
    """Refuse to be told besides a sweep what that has decided already: its parameters, and how it ran."""
    default = flat(OmegaConf.to_container(load_config("calibrate"), resolve=True))
    own = ("seed", "quiet", "output_dir", "sweep", "targets", "accept", "checks")
    for key, value in flat(OmegaConf.to_container(config, resolve=True)).items():
        if key not in own and not key.startswith("executor.") and value != default.get(key):
            raise UserError(f"{key}={value}: is decided by the sweep in {config.sweep}; leave out one of the two")


def _varied_in(swept: SweepFolder) -> dict[str, tuple[float, float]]:
    """Return what a sweep varies, with the ranges that are the prior.

    Raises:
        UserError: if its settings are no sample of independent runs over ranges.
    """
    config = swept.config
    if config.common_seeds:
        raise UserError(
            f"sweep={swept.path}: its settings share their seeds, which would make the result far too sure; sweep with "
            "common_seeds=false"
        )
    if config.design.method not in ("sobol", "latin_hypercube"):
        raise UserError(f"sweep={swept.path}: design={config.design.method} is no sample; sweep with design=sobol")
    if config.precision is not None:
        raise UserError(
            f"sweep={swept.path}: its settings have unequal numbers of replicates; sweep without precision="
        )
    axes = axes_of(config)
    for axis in axes:
        if axis.values or axis.key not in spans():
            raise UserError(
                f"sweep={swept.path}: over: {axis.key}: only ranges of parameters that have a span can be calibrated "
                "(docs/parameters.md)"
            )
    return {axis.key: (axis.low, axis.high) for axis in axes}


def _in_sweep(swept: SweepFolder, task: Task) -> np.ndarray:
    """Return each target's statistic in each setting of a sweep, of shape (settings, targets).

    Raises:
        UserError: if the sweep does not tell what a target is about.
    """
    for target in task.targets:
        if list(target.arm) != ["scenario"] or target.arm["scenario"] not in swept.scenarios:
            raise UserError(
                f"sweep={swept.path}: the arm of the target {target.name!r} must be one of its scenarios, and no more: "
                f"{', '.join(swept.scenarios)}"
            )
        if needs_series(target.measure):
            raise UserError(f"sweep={swept.path}: {target.measure} is read from weekly series, which no sweep keeps")
    outcomes = {name: swept.outcomes(name) for name in {target.arm["scenario"] for target in task.targets}}
    no_series = np.empty((0, 0, 0))
    return np.array(
        [
            [
                level_of(t.measure, measured(t.measure, Runs(own, no_series))).estimate
                for own in outcomes[t.arm["scenario"]]
            ]
            for t in task.targets
        ]
    ).T


def _simulated(
    study: Study, base: Any, task: Task, arms: list[Any], settings: pd.DataFrame, part: str, seed: int
) -> np.ndarray:
    """Return each target's statistic in each setting of a configuration, of shape (settings, targets).

    What a target's arm itself sets, such as the stakes of a laboratory's game, stays as it is there; a sweep varies that too.
    """
    columns = []
    for target, arm in zip(task.targets, arms, strict=True):
        jobs = jobs_of(arm, settings) if study.config.sweep is not None else jobs_in(base, [target.arm], settings)[0]
        columns.append(_statistics(study, target, jobs, base.replicates, part, seed))
    return np.column_stack(columns)


def _by_default(study: Study, base: Any, task: Task, arms: list[Any]) -> list[float]:
    """Return each target's statistic in the default setting, from as many runs as the check takes."""
    runs, seed = study.config.checks * base.replicates, study.config.seed + 1
    return [
        float(_statistics(study, target, [job_from(arm)], runs, "default setting", seed)[0])
        for target, arm in zip(task.targets, arms, strict=True)
    ]


def _statistics(study: Study, target: Target, jobs: list[Job], replicates: int, part: str, seed: int) -> np.ndarray:
    runs = study.run(
        jobs,
        replicates,
        f"{part}, {target.name}",
        target.arm["scenario"],
        seed,
        needs_series(target.measure),
        own_luck=True,
    )
    return np.array([level_of(target.measure, measured(target.measure, runs[job.name])).estimate for job in jobs])


def _distance(statistics: np.ndarray, known: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the distance of each setting to the targets, of shape (settings,); infinite where a statistic is missing."""
    distance = np.sqrt((((statistics - known) / errors) ** 2).mean(axis=1))
    return np.where(np.isnan(distance), np.inf, distance)


def _weights(distance: np.ndarray, accept: float, targets: int) -> np.ndarray:
    """Return Epanechnikov weights of the settings closest to the targets, 0 for all others.

    Raises:
        UserError: if fewer settings give every statistic than a regression on the targets needs.
    """
    keep = max(int(np.ceil(accept * len(distance))), 4 * (targets + 1))
    reached = np.sort(distance[np.isfinite(distance)])
    if len(reached) <= keep:
        raise UserError(
            f"only {len(reached)} settings give a value for every target, and {keep + 1} are needed: raise samples= (of a sweep: "
            "design.samples=)"
        )
    beyond = reached[reached > reached[keep - 1]]  # settings as far away as the last one that is kept are kept too
    edge = beyond[0] if len(beyond) else np.finfo(float).max
    return np.where(distance < edge, 1.0 - (distance / edge) ** 2, 0.0)


def regression_adjusted(
    values: np.ndarray,
    statistics: np.ndarray,
    known: np.ndarray,
    weights: np.ndarray,
    ranges: list[tuple[float, float]],
) -> np.ndarray:
    """Return kept settings moved to where their statistics would have equalled the targets (Beaumont, Zhang & Balding 2002).

    Args:
        values: (n, p) parameters.
        statistics: (n, k) simulated; known: (k,) targets; weights: (n,) of the settings.
        ranges: p least and greatest values; the regression is on logits within them.
    """
    low, high = np.array(ranges, dtype=float).T
    unit = np.clip((values - low) / (high - low), 1e-6, 1.0 - 1e-6)
    logits = np.log(unit / (1.0 - unit))
    off = statistics - known
    spread = off.std(axis=0)
    off = off[:, spread > 0] / spread[spread > 0]
    design = np.column_stack([np.ones(len(off)), off]) * np.sqrt(weights)[:, None]
    slopes = np.linalg.lstsq(design, logits * np.sqrt(weights)[:, None], rcond=None)[0][1:]
    moved = logits - off @ slopes
    return low + (high - low) / (1.0 + np.exp(-np.clip(moved, -700.0, 700.0)))


def _whole(settings: pd.DataFrame) -> pd.DataFrame:
    """Return settings with whole numbers where the parameter is one."""
    whole = [key for key in settings if is_whole(key)]
    return settings.assign(**{key: settings[key].round().astype(int) for key in whole})


def weighted_quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the least value at or below which at least a share of the weight lies."""
    order = np.argsort(values)
    below = np.cumsum(weights[order]) / weights.sum()
    place = int(np.searchsorted(below, share))
    return float(values[order][min(place, len(values) - 1)])


def _parameters_table(task: Task, posterior: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    """Say what was learnt about each parameter: by how much the 90 % interval is narrower than the prior's."""
    rows = []
    for key, (low, high) in task.over.items():
        median, ci_low, ci_high = (weighted_quantile(posterior[key].to_numpy(), weights, q) for q in (0.5, *_WIDE))
        default = declared()[key]["default"]
        learnt = max(0.0, 1.0 - (ci_high - ci_low) / (0.9 * (high - low)))
        rows.append((key, float(np.mean(default)), low, high, median, ci_low, ci_high, learnt))
    columns = ["parameter", "default", "low", "high", "median", "ci_low", "ci_high", "learnt"]
    return pd.DataFrame(rows, columns=columns)


def _targets_table(task: Task, redrawn: np.ndarray, default: list[float]) -> pd.DataFrame:
    """Hold the settings simulated anew against the targets; one is met if the 90 % interval reaches its 95 % interval."""
    rows = []
    for k, target in enumerate(task.targets):
        values = redrawn[~np.isnan(redrawn[:, k]), k]
        median, low, high = np.quantile(values, (0.5, *_WIDE)) if len(values) else [np.nan] * 3
        met = bool(low <= target.value + 1.96 * target.error and high >= target.value - 1.96 * target.error)
        facts = (target.name, target.source, target.measure, target.value, target.error, default[k])
        rows.append((*facts, median, low, high, met))
    columns = [
        "target",
        "source",
        "measure",
        "value",
        "error",
        "default_setting",
        "simulated",
        "ci_low",
        "ci_high",
        "met",
    ]
    return pd.DataFrame(rows, columns=columns)


def write_calibration(study: Study, result: Calibration, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the outcomes of all runs, the configuration and the manifest; return the folder."""
    outcomes = study.outcomes
    tables = {
        "outcomes.parquet": outcomes,
        "settings.parquet": result.settings,
        "posterior.csv": result.posterior,
        "parameters.csv": result.parameters,
        "targets.csv": result.targets,
    }
    facts = {"title": result.title, "runs": len(outcomes), "together": result.together}
    return write_study(study.config, tables, started, command, **facts)
