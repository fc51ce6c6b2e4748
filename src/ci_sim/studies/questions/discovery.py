"""Discovery: readable rules for the region of the parameters in which something happens.

The Patient Rule Induction Method (Friedman & Fisher 1999; for scenario discovery Bryant & Lempert 2010), by ema_workbench: a box,
an interval for a few of the inputs, in which the cases of interest are dense. *Density* is the share of cases of interest among
the settings in the box; *coverage* the share of all cases of interest that lie in it. The box is found on one half of the
settings and judged on the other. A small tree says the same in another way: it divides all settings.
"""

from __future__ import annotations

import logging
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ci_sim.errors import UserError
from ci_sim.studies.execution.folder import SweepFolder
from ci_sim.studies.execution.output import clear_pictures_and_pages, open_folder, write_record, write_table
from ci_sim.studies.statistics.design import encoded
from ci_sim.studies.statistics.extras import need_studies
from ci_sim.studies.statistics.intervals import paired_effect

MOST_RULES = 3  # a rule that a reader keeps in mind
SEPARATES = 1.25  # a rule is worth having if its density exceeds the base rate by a quarter
_HARDLY = 0.01  # share of the settings


class Box(NamedTuple):
    """A region, and how well it separates, on the half of the settings that did not find it."""

    limits: dict[str, tuple[float, float]]  # parameter -> from, to; in the order in which they separate
    coverage: float  # share of the cases of interest that lie inside
    density: float  # share of cases of interest inside
    base_rate: float  # share of cases of interest everywhere
    inside: int  # settings inside
    settings: int


def find_box(settings: pd.DataFrame, of_interest: np.ndarray, seed: int) -> Box | None:
    """Return a box of at most MOST_RULES limits in which the cases of interest are dense, or None where they are too few.

    Args:
        settings: (n, inputs), one row a setting.
        of_interest: (n,) of truth values.
        seed: of the halves.
    """
    half = _half(len(settings), seed)
    found, tested = settings[half].reset_index(drop=True), settings[~half]
    if of_interest[half].sum() < 10 or of_interest[~half].sum() < 10:
        return None
    limits = _peel(found, of_interest[half])
    inside = np.ones(len(tested), bool)
    for key, (low, high) in limits.items():
        inside &= tested[key].between(low, high).to_numpy()
    hits = of_interest[~half]
    density, coverage = _judged(inside, hits)
    return Box(limits, coverage, density, float(hits.mean()), int(inside.sum()), len(tested))


def _judged(inside: np.ndarray, hits: np.ndarray) -> tuple[float, float]:
    """Return the density and the coverage of a rule on settings that did not find it."""
    density = float(hits[inside].mean()) if inside.any() else float("nan")
    return density, float(hits[inside].sum() / hits.sum())


def _half(settings: int, seed: int) -> np.ndarray:
    """Return which settings rules are found on; they are judged on the others."""
    return np.random.default_rng(seed).permutation(settings) < settings // 2


def _telling(settings: pd.DataFrame, of_interest: np.ndarray) -> list[str]:
    """Return the inputs whose values differ most between the cases of interest and the others (Kolmogorov-Smirnov distance)."""
    distance = {
        key: stats.ks_2samp(column[of_interest], column[~of_interest]).statistic for key, column in settings.items()
    }
    return sorted(distance, key=distance.__getitem__, reverse=True)[:MOST_RULES]


def _peel(settings: pd.DataFrame, of_interest: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return the limits of the box that balances coverage and density best (their harmonic mean), of PRIM's ever smaller ones."""
    keys = _telling(settings, of_interest)
    need_studies()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("EMA").setLevel(logging.ERROR)
        from ema_workbench.analysis import prim

        box = prim.Prim(
            settings[keys].astype(float), of_interest, threshold=0.0, peel_alpha=0.05, mass_min=0.03
        ).find_box()
    density = box.peeling_trajectory["mean"]
    coverage = density * box.peeling_trajectory["n"] / of_interest.sum()
    best = box.box_lims[int(np.argmax(2 * coverage * density / (coverage + density)))]
    whole = box.box_lims[0]
    limits = {}
    for key in keys:
        low, high = best[key].iloc[0], best[key].iloc[1]
        if low > whole[key].iloc[0] or high < whole[key].iloc[1]:
            limits[key] = (float(low), float(high))
    return limits


class Leaf(NamedTuple):
    """A leaf of the tree: its rule, and what it holds of the settings that did not grow the tree."""

    rule: str
    density: float  # share of cases of interest inside
    coverage: float  # share of the cases of interest that lie inside
    inside: int  # settings inside


class Discovery(NamedTuple):
    """Where something happens."""

    question: str  # what counts as a case of interest, in words
    inputs: pd.DataFrame  # (settings, inputs), as numbers
    of_interest: np.ndarray  # (settings,) of truth values
    box: Box | None  # None: too few cases, or too many
    rule: str  # the box in words
    leaves: list[Leaf]  # the densest first
    sweep: Path
    title: str  # of the sweep


def discover(folder: SweepFolder, config: Any) -> Discovery:
    """Return where in a sweep an outcome is high, or where a scenario's paired effect on it is clearly of one sign.

    Raises:
        UserError: if `effect_of` is not one of the sweep's scenarios, or is the reference.
    """
    question, of_interest = _cases(folder, config)
    inputs = encoded(folder.settings)
    box = find_box(inputs, of_interest, config.seed)
    rule = in_words(box.limits, inputs) if box else ""
    leaves = grow_tree(inputs, of_interest, config.seed) if box else []
    return Discovery(question, inputs, of_interest, box, rule, leaves, folder.path, folder.config.title)


def _cases(folder: SweepFolder, config: Any) -> tuple[str, np.ndarray]:
    first = folder.scenarios[0]
    if config.effect_of is not None and config.effect_of not in folder.scenarios[1:]:
        others = ", ".join(folder.scenarios[1:]) or "none: the sweep has one scenario"
        raise UserError(f"effect_of={config.effect_of}: must be a scenario of the sweep besides {first}: {others}")
    values = folder.response(config.outcome, config.effect_of or first)
    if config.effect_of is None:
        means = _known_mean(values)
        above = _dividing(config.outcome, means) if config.above is None else config.above
        _refuse_all_or_none(config.outcome, means, above)
        return f"{config.outcome} is above {above:.3g} in {first}", means > above
    reference = folder.response(config.outcome, first)
    effects = [paired_effect(config.outcome, a, b) for a, b in zip(values, reference, strict=True)]
    low, high = (np.array([getattr(effect, end) for effect in effects]) for end in ("ci_low", "ci_high"))
    clear = high < 0 if config.sign == "negative" else low > 0
    side = "below" if config.sign == "negative" else "above"
    return f"the effect of {config.effect_of} on {config.outcome} is clearly {side} 0, against {first}", clear


def _dividing(outcome: str, means: np.ndarray) -> float:
    """Return the value above which lie as near to half of the settings as there can: the median, if many share no value.

    Raises:
        UserError: if all are the same.
    """
    distinct, counts = np.unique(means[~np.isnan(means)], return_counts=True)
    if len(distinct) < 2:
        value = f"{distinct[0]:.3g}" if len(distinct) else "missing"
        raise UserError(f"outcome={outcome}: never varies: it is {value} in all settings, so there is no where to find")
    share_above = 1.0 - np.cumsum(counts)[:-1] / counts.sum()
    return float(distinct[np.argmin(np.abs(share_above - 0.5))])


def _refuse_all_or_none(outcome: str, means: np.ndarray, above: float) -> None:
    low, high = np.nanmin(means), np.nanmax(means)
    if not low <= above < high:
        raise UserError(
            f"above={above:.3g}: {outcome} is from {low:.3g} to {high:.3g} in these settings; choose a value in between, "
            "or leave it out"
        )


def _known_mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the runs that have a value; NaN where none has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, axis=1)


def in_words(limits: dict[str, tuple[float, float]], inputs: pd.DataFrame) -> str:
    """Return limits as a rule: of each input where it must lie; a limit with hardly a setting beyond it is none."""
    parts = []
    for key, (low, high) in limits.items():
        from_below, to_above = ((inputs[key] < low).mean() > _HARDLY), ((inputs[key] > high).mean() > _HARDLY)
        if not (from_below or to_above):
            continue
        if " = " in key:
            name, _, word = key.partition(" = ")
            parts.append(f"{name} is {word}" if from_below else f"{name} is not {word}")
        elif from_below and to_above:
            parts.append(f"{key} between {low:.3g} and {high:.3g}")
        else:
            parts.append(f"{key} at least {low:.3g}" if from_below else f"{key} at most {high:.3g}")
    return " and ".join(parts) or "everywhere"


def grow_tree(inputs: pd.DataFrame, of_interest: np.ndarray, seed: int) -> list[Leaf]:
    """Return the leaves of a small classification tree (Breiman et al. 1984, by scikit-learn), the densest first.

    It is grown on one half of the settings, and its leaves are judged on the other.
    """
    need_studies()
    from sklearn.tree import DecisionTreeClassifier

    half = _half(len(inputs), seed)
    least = max(5, len(inputs) // 40)
    grower = DecisionTreeClassifier(max_depth=MOST_RULES, min_samples_leaf=least, random_state=seed)
    tree = grower.fit(inputs[half].to_numpy(float), of_interest[half]).tree_
    tested, hits = inputs[~half], of_interest[~half]
    at = tree.apply(tested.to_numpy(np.float32))
    leaves = []
    for leaf, limits in _paths(tree, inputs):
        inside = at == leaf
        leaves.append(Leaf(in_words(limits, inputs), *_judged(inside, hits), int(inside.sum())))
    return sorted(leaves, key=lambda leaf: -np.nan_to_num(leaf.density))


def _paths(tree: Any, inputs: pd.DataFrame) -> list[tuple[int, dict[str, tuple[float, float]]]]:
    """Return each leaf with the limits on the way to it."""
    found: list[tuple[int, dict[str, tuple[float, float]]]] = []
    waiting: list[tuple[int, dict[str, tuple[float, float]]]] = [(0, {})]
    while waiting:
        node, limits = waiting.pop()
        if tree.children_left[node] == tree.children_right[node]:
            found.append((node, limits))
            continue
        key, at = str(inputs.columns[tree.feature[node]]), float(tree.threshold[node])
        low, high = limits.get(key, (float(inputs[key].min()), float(inputs[key].max())))
        waiting.append((tree.children_left[node], {**limits, key: (low, at)}))
        waiting.append((tree.children_right[node], {**limits, key: (at, high)}))
    return found


def write_discovery(config: Any, found: Discovery, started: datetime, command: str | None = None) -> Path:
    """Write the settings with what they are, the rules, the configuration and the manifest; return the folder."""
    folder = open_folder(config.output_dir)
    clear_pictures_and_pages(folder)
    rules = [(leaf.rule, "tree", leaf.density, leaf.coverage, leaf.inside) for leaf in found.leaves]
    if found.box:
        rules.insert(0, (found.rule, "box", found.box.density, found.box.coverage, found.box.inside))
    tables = [folder / "cases.parquet", folder / "rules.csv"]
    write_table(found.inputs.assign(of_interest=found.of_interest), tables[0])
    write_table(pd.DataFrame(rules, columns=["rule", "method", "density", "coverage", "inside"]), tables[1])
    facts = {"question": found.question, "sweep": str(found.sweep), "cases": int(found.of_interest.sum())}
    write_record(folder, config, tables, started, command, settings=len(found.inputs), **facts, complete=True)
    return folder
