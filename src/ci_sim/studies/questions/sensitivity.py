"""Sensitivity: which parameters decide, from the runs of a sweep.

The method follows from the design: Sobol indices from `design=saltelli`, elementary effects from `design=morris`, PAWN from any
other.

Sobol indices (Saltelli et al. 2010) divide the variance of an output among the inputs: `S1` is an input's own part, `ST` its part
with all interactions, second-order indices the part of a pair. Elementary effects (Morris 1991; Campolongo et al. 2007) screen
many inputs with few settings: `mu_star` is the mean size of what a step of an input changes, `sigma` its spread.

PAWN (Pianosi & Wagener 2015, 2018) says how far the whole distribution of an output moves when one input is known to lie in a
slice of its range: the median, over slices, of the Kolmogorov-Smirnov distance from the distribution over all settings, by SALib.
It needs no variance and no density, so that outputs that are skewed, or often exactly zero, are no obstacle. Intervals are from
the bootstrap over settings. An input that cannot matter, drawn at random, shows what an index of nothing looks like.

What is analysed is the mean over the replicates of each setting. How much of what differs between settings is parameters and how
much is luck that the replicates have not averaged out, `noise_of` says.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.errors import UserError
from ci_sim.studies.execution.folder import SweepFolder
from ci_sim.studies.execution.output import clear_pictures_and_pages, open_folder, write_record, write_table
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.statistics.design import Axis, axes_of, encoded, morris_points, problem
from ci_sim.studies.statistics.extras import need_studies

DUMMY = "(an input that cannot matter)"
_RESAMPLES = 50


def pawn_indices(settings: pd.DataFrame, output: np.ndarray, seed: int) -> pd.DataFrame:
    """Return the PAWN index of each input, the largest first.

    Args:
        settings: (n, inputs), one row a setting.
        output: (n,), without missing values.
        seed: of the bootstrap and of the input that cannot matter.

    Returns:
        columns `parameter, index, ci_low, ci_high` (95 % percentile intervals, less the bootstrap's own bias: resampling
        repeats settings, which makes distances between distributions larger).
    """
    need_studies()
    from SALib.analyze import pawn  # heavy, as is ema_workbench: imported where it is used

    rng = np.random.default_rng(seed)
    inputs = settings.assign(**{DUMMY: rng.uniform(size=len(settings))})
    problem = {"num_vars": inputs.shape[1], "names": list(inputs.columns)}
    x, y = inputs.to_numpy(float), np.asarray(output, float)

    def index(rows: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return np.asarray(pawn.analyze(problem, x[rows], y[rows], S=10, print_to_console=False)["median"])

    n = len(y)
    resampled = np.array([index(rng.integers(n, size=n)) for _ in range(_RESAMPLES)])
    found = index(np.arange(n))
    low, high = np.maximum(0.0, np.percentile(resampled, [2.5, 97.5], axis=0) - (resampled.mean(axis=0) - found))
    table = pd.DataFrame({"parameter": inputs.columns, "index": found, "ci_low": low, "ci_high": high})
    return table.sort_values("index", ascending=False, ignore_index=True)


def sobol_indices(axes: list[Axis], output: np.ndarray, second_order: bool, seed: int) -> pd.DataFrame:
    """Return first-order, total and second-order indices with bootstrap intervals, by SALib.

    Args:
        axes: the inputs, in the order of the design.
        output: (settings,) in the order of `design=saltelli`.

    Returns:
        columns `parameter, with, measure, estimate, ci_low, ci_high`; measure is S1, ST or S2.
    """
    need_studies()
    from SALib.analyze import sobol

    spread = output.std()
    standard = (output - output.mean()) / spread if spread > 0 else output * 0.0
    found = sobol.analyze(
        problem(axes), standard, calc_second_order=second_order, num_resamples=400, print_to_console=False, seed=seed
    )
    names = [axis.key for axis in axes]
    rows = [
        (name, "", measure, found[measure][a], found[f"{measure}_conf"][a])
        for measure in ("S1", "ST")
        for a, name in enumerate(names)
    ]
    if second_order:
        rows += [
            (names[a], names[b], "S2", found["S2"][a, b], found["S2_conf"][a, b])
            for a in range(len(names))
            for b in range(a + 1, len(names))
        ]
    return _with_intervals(rows)


def morris_effects(axes: list[Axis], points: np.ndarray, output: np.ndarray, levels: int, seed: int) -> pd.DataFrame:
    """Return the mean size (with its bootstrap interval) and the spread of each input's elementary effects, by SALib.

    Args:
        points: (settings, axes) in the unit cube, of `design.morris_points`; an effect is that of the whole range.
        output: (settings,).

    Returns:
        columns as `sobol_indices`; measure is mu_star or sigma.
    """
    need_studies()
    from SALib.analyze import morris

    found = morris.analyze(problem(axes), points, output, num_levels=levels, print_to_console=False, seed=seed)
    rows = [(axis.key, "", "mu_star", found["mu_star"][a], found["mu_star_conf"][a]) for a, axis in enumerate(axes)]
    rows += [(axis.key, "", "sigma", found["sigma"][a], np.nan) for a, axis in enumerate(axes)]
    return _with_intervals(rows)


def _with_intervals(rows: list[tuple]) -> pd.DataFrame:
    """Return a table of estimates, given with the half-widths of their 95 % intervals."""
    table = pd.DataFrame(rows, columns=["parameter", "with", "measure", "estimate", "half"])
    table["ci_low"], table["ci_high"] = table["estimate"] - table["half"], table["estimate"] + table["half"]
    return table.drop(columns="half")


class Noise(NamedTuple):
    """Where the variance of an output comes from: shares of the variance of single runs, and what is left in means."""

    parameters: float  # settings differ
    luck: float  # replicates differ in the same way in all settings, if they share seeds: drawn contexts, and chance
    luck_in_setting: float  # replicates differ, each setting in its own way
    in_means: float  # share of the variance of the settings' means that is the last of these, not averaged out


_UNKNOWN = Noise(np.nan, np.nan, np.nan, np.nan)


def noise_of(response: np.ndarray) -> Noise:
    """Return how much of an output is parameters and how much luck, by a two-way analysis of variance without replication.

    Args:
        response: (settings, replicates); two replicates at least say anything about luck. Where settings have unequally many,
            NaN filling up, all luck counts as each setting's own, since what they share does not cancel between them.
    """
    settings, replicates = response.shape
    if replicates < 2 or settings < 2:
        return _UNKNOWN
    common, own, left = _luck_within(response) if np.isnan(response).any() else _luck_shared(response)
    differing = np.nanmean(response, axis=1).var(ddof=1)
    between = max(0.0, differing - left)
    whole = between + common + own
    if not whole > 0.0:
        return _UNKNOWN
    return Noise(between / whole, common / whole, own / whole, min(1.0, left / max(differing, 1e-300)))


def _luck_shared(response: np.ndarray) -> tuple[float, float, float]:
    """Return the variance of luck that settings share, of luck of their own, and what of the latter is left in their means."""
    settings, replicates = response.shape
    means, lucks = response.mean(axis=1), response.mean(axis=0)
    rest = response - means[:, None] - lucks[None, :] + response.mean()
    own = (rest**2).sum() / ((settings - 1) * (replicates - 1))
    return max(0.0, lucks.var(ddof=1) - own / settings), own, own / replicates


def _luck_within(response: np.ndarray) -> tuple[float, float, float]:
    """Return the same where settings have unequally many replicates, with no luck shared."""
    within, made = np.nanvar(response, axis=1, ddof=1), (~np.isnan(response)).sum(axis=1)
    return 0.0, within.mean(), (within / made).mean()


class Sensitivity(NamedTuple):
    """Which parameters decide."""

    method: str  # sobol, morris or pawn
    indices: pd.DataFrame  # of what varies: response, outcome, parameter, with, measure, estimate, ci_low, ci_high
    noise: pd.DataFrame  # response, outcome, what it is in all settings (NaN: it varies), and the fields of Noise
    sweep: Path  # the folder that it is about
    title: str  # of the sweep
    question: str  # of the sweep; may be empty
    settings: int
    parameters: int  # that differ between the settings


def sensitivity(folder: SweepFolder, outcomes: list[str], seed: int, quiet: bool = True) -> Sensitivity:
    """Return which parameters of a sweep decide each outcome in each scenario, and each scenario's effect against the first.

    Args:
        seed: of the bootstrap.
        quiet: show no progress bar.

    Raises:
        UserError: if an outcome has no value in some setting.
    """
    indices, noises = [], []
    method = {"saltelli": "sobol", "morris": "morris"}.get(folder.config.design.method, "pawn")
    asked = [(outcome, *named) for outcome in outcomes for named in _responses(folder, outcome)]
    replicates = folder.replicates
    with progress(quiet, len(asked), "responses", "Weighing parameters") as advance:
        for outcome, name, response in asked:
            _refuse_gaps(outcome, (~np.isnan(response)).sum(axis=1) < replicates)
            output = np.nanmean(response, axis=1)
            always = float(output[0]) if np.ptp(output) == 0.0 else np.nan
            if np.isnan(always):
                indices.append(_indices(folder, method, output, seed).assign(response=name, outcome=outcome))
            noises.append({"response": name, "outcome": outcome, "always": always, **noise_of(response)._asdict()})
            advance(1)
    columns = ["response", "outcome", "parameter", "with", "measure", "estimate", "ci_low", "ci_high"]
    config = folder.config
    return Sensitivity(
        method=method,
        indices=pd.concat(indices, ignore_index=True)[columns] if indices else pd.DataFrame(columns=columns),
        noise=pd.DataFrame(noises),
        sweep=folder.path,
        title=config.title,
        question=config.question,
        settings=len(folder.settings),
        parameters=folder.settings.shape[1],
    )


def _refuse_gaps(outcome: str, gaps: np.ndarray) -> None:
    if gaps.any():
        raise UserError(
            f"outcomes: {outcome} has no value in some runs of {gaps.sum()} of {len(gaps)} settings; choose one that every run "
            "has, such as formed, time_to_formation or trust_across"
        )


def _responses(folder: SweepFolder, outcome: str) -> list[tuple[str, np.ndarray]]:
    levels = [(name, folder.response(outcome, name)) for name in folder.scenarios]
    first, reference = levels[0]
    return levels + [(f"{name} - {first}", values - reference) for name, values in levels[1:]]


def _indices(folder: SweepFolder, method: str, output: np.ndarray, seed: int) -> pd.DataFrame:
    config = folder.config
    if method == "sobol":
        return sobol_indices(axes_of(config), output, config.design.second_order, seed)
    if method == "morris":
        axes = axes_of(config)
        points = morris_points(axes, config.design, config.seed)
        return morris_effects(axes, points, output, config.design.levels, seed)
    table = pawn_indices(encoded(folder.settings), output, seed).rename(columns={"index": "estimate"})
    return table.assign(**{"with": "", "measure": "pawn"})


def write_sensitivity(config: Any, found: Sensitivity, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the configuration and the manifest; return the folder."""
    folder = open_folder(config.output_dir)
    clear_pictures_and_pages(folder)
    tables = [folder / "sensitivity.csv", folder / "noise.csv"]
    write_table(found.indices, tables[0])
    write_table(found.noise, tables[1])
    write_record(folder, config, tables, started, command, method=found.method, sweep=str(found.sweep), complete=True)
    return folder
