"""Designs: settings of some parameters, by the samplers of scipy and SALib, and the runs that a scenario has in each of them.

A design is a table with a row a setting and a column a configuration key; a missing value leaves the key as it is configured.
The samplers choose points of the unit cube; each `Axis` says which value of its key a coordinate stands for.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from omegaconf import OmegaConf
from scipy.stats import qmc

from ci_sim import interrupts
from ci_sim.configuration.checks import check_names
from ci_sim.configuration.composition import flat, options
from ci_sim.errors import UserError
from ci_sim.rules.parameters import Config, declared, is_whole
from ci_sim.studies.statistics.extras import need_studies
from ci_sim.texts import suggestion

_SIZE = (
    "population.size"  # decides who takes part; all other keys of a calibration or a boundary map are read by the rules
)
GROUPS = ("components", "events", "intra_sector", "population", "stages")  # levers that a list of their options varies
_FIXED = ("seed", "replicates", "output_dir", "quiet", "organizations", "ties", "title", "study", "question", "shard")


class Axis(NamedTuple):
    """What a key is varied over: a range of numbers, or some values."""

    key: str
    low: float = 0.0
    high: float = 1.0
    values: tuple = ()  # none: the range

    def at(self, unit: np.ndarray) -> np.ndarray:
        """Return the values that coordinates in [0, 1] stand for; whole numbers and listed values are each as likely."""
        if self.values:
            place = np.minimum((unit * len(self.values)).astype(int), len(self.values) - 1)
            return np.array(self.values, dtype=None if _numeric(self.values) else object)[place]
        if is_whole(self.key):
            whole = np.floor(self.low + (self.high - self.low + 1) * unit)
            return np.clip(whole, self.low, self.high).astype(int)
        return unit * (self.high - self.low) + self.low

    def spread(self, levels: int) -> list:
        """Return the listed values, or as many values as `levels` from the least to the greatest of the range."""
        if self.values:
            return list(self.values)
        numbers = np.linspace(self.low, self.high, levels)
        return list(dict.fromkeys(np.rint(numbers).astype(int).tolist())) if is_whole(self.key) else numbers.tolist()


def _numeric(values: Iterable) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def spans() -> dict[str, tuple[float, float]]:
    """Return the span over which studies vary each parameter that has one, by configuration key."""
    return {key: meta["span"] for key, meta in declared().items() if meta.get("span")}


def is_default(config: Any, key: str) -> bool:
    """Return whether a configuration leaves a key as it is declared, so that settings may decide about it."""
    return key not in declared() or bool(OmegaConf.select(config, key) == declared()[key]["default"])


def space_filling(over: Mapping[str, tuple[float, float]], samples: int, seed: int) -> pd.DataFrame:
    """Return a scrambled Sobol design (Owen 1998), one row a setting and one column a configuration key.

    Args:
        over: the least and the greatest value of each key, such as `spans()`.
        samples: settings; a power of two keeps the design balanced.
        seed: of the scrambling.
    """
    return _settings([Axis(key, *limits) for key, limits in over.items()], _sobol(len(over), samples, seed))


def latin_hypercube(over: Mapping[str, tuple[float, float]], samples: int, seed: int) -> pd.DataFrame:
    """Return a Latin hypercube design (McKay, Beckman & Conover 1979), one row a setting and one column a configuration key.

    Where only some of the settings are kept, by some of the keys, the values of the other keys stay evenly spread among them;
    in a Sobol design of many keys they need not, since few of its points lie evenly in every pair of keys.

    Args:
        over: the least and the greatest value of each key, such as `spans()`.
        samples: settings.
        seed: of the sampler.
    """
    return _settings([Axis(key, *limits) for key, limits in over.items()], _latin(len(over), samples, seed))


def _settings(axes: list[Axis], unit: np.ndarray) -> pd.DataFrame:
    interrupts.heed()  # after a Ctrl-C that scipy has lost the points are wrong
    return pd.DataFrame({axis.key: axis.at(unit[:, a]) for a, axis in enumerate(axes)})


def _sobol(dimensions: int, samples: int, seed: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the key's explanation says what a power of two is good for
        return qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed)).random(samples)


def _latin(dimensions: int, samples: int, seed: int) -> np.ndarray:
    return qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed)).random(samples)


def axes_of(config: Any) -> list[Axis]:
    """Return what the keys of a sweep's `over` are varied over; the word `spans` stands for every key that has a span.

    Raises:
        UserError: that names the key, what it was given and what is allowed.
    """
    over = OmegaConf.to_container(config.over, resolve=True) if OmegaConf.is_config(config.over) else config.over
    if over == "spans":
        over = list(spans())
    if isinstance(over, list):
        over = dict.fromkeys(over)
    if not isinstance(over, dict | type(None)):
        raise UserError(f"over={over}: must name keys, such as over=[trust.half_life,context.conflict]")
    return [_axis(str(key), given) for key, given in (over or {}).items()]


def _axis(key: str, given: Any) -> Axis:
    known = declared().get(key)
    if key in _FIXED or key.startswith("executor.") or key not in (*GROUPS, *_keys()):
        raise UserError(f"over: {key!r} cannot be varied{suggestion(key, [*spans(), *GROUPS])}; see docs/parameters.md")
    if given is None:
        return _span_of(key)
    if known and isinstance(given, list) and len(given) == 2 and _numeric(given):
        return _range(key, given[0], given[1])
    return _listed(key, given["values"] if isinstance(given, dict) and list(given) == ["values"] else given)


def _span_of(key: str) -> Axis:
    if key in spans():
        return Axis(key, *spans()[key])
    if key in GROUPS:
        return Axis(key, values=options(key))
    raise UserError(f"over: {key}: has no span of its own; give [low, high] or a list of values")


def _range(key: str, low: float, high: float) -> Axis:
    if not low < high:
        raise UserError(f"over: {key}: [{low}, {high}]: the first number must be below the second")
    _check_value(key, low)
    _check_value(key, high)
    return Axis(key, low, high)


def _listed(key: str, given: Any) -> Axis:
    if not isinstance(given, list) or not given:
        raise UserError(f"over: {key}: {given}: must be [low, high], or a list of values, or {{values: [a, b]}}")
    for value in given:
        _check_value(key, value)
    if not _numeric(given) and len({type(value) for value in given}) > 1:
        raise UserError(f"over: {key}: {given}: must be values of one kind; words such as 'true' need quotes")
    return Axis(key, values=tuple(given))


@lru_cache
def _keys() -> dict[str, Any]:
    return flat(OmegaConf.to_container(OmegaConf.structured(Config), resolve=False))


def _check_value(key: str, value: Any) -> None:
    """Refuse a value that a key cannot have, where that can be said without the others; the rest shows when it is composed."""
    if key in GROUPS:
        check_names(f"over: {key}", [value], options(key))
        return
    meta = declared().get(key)
    if meta and not (_numeric([value]) and meta["low"] <= value <= meta["high"]):
        raise UserError(f"over: {key}: {value} must be a number from {meta['low']:g} to {meta['high']:g}")


def design_of(config: Any) -> pd.DataFrame:
    """Return the settings of a sweep, one row a setting and one column a key; the same configuration gives the same design.

    Raises:
        UserError: if the keys or the numbers of the design are impossible.
    """
    design = config.design
    if design.method == "file":
        return settings_in("design.file", design.file)
    axes = axes_of(config)
    if not axes:
        raise UserError("over: name what to vary, such as over=[trust.half_life,context.conflict], or study=FILE.yaml")
    return DESIGNERS[design.method](axes, design, config.seed)


def _sobol_design(axes: list[Axis], design: Any, seed: int) -> pd.DataFrame:
    return _settings(axes, _sobol(len(axes), design.samples, seed))


def _latin_hypercube(axes: list[Axis], design: Any, seed: int) -> pd.DataFrame:
    return _settings(axes, _latin(len(axes), design.samples, seed))


def _factorial(axes: list[Axis], design: Any, seed: int) -> pd.DataFrame:
    rows = itertools.product(*(axis.spread(design.levels) for axis in axes))
    return pd.DataFrame(list(rows), columns=[axis.key for axis in axes])


def _fractional_factorial(axes: list[Axis], design: Any, seed: int) -> pd.DataFrame:
    need_studies()
    from SALib.sample import ff

    unit = np.unique(ff.sample(problem(axes))[:, : len(axes)], axis=0)  # without the columns that only pad it
    return _settings(axes, unit)


def _one_at_a_time(axes: list[Axis], design: Any, seed: int) -> pd.DataFrame:
    rows: list[dict] = [{}]
    rows += [{axis.key: value} for axis in axes for value in axis.spread(design.levels)]
    return pd.DataFrame(rows, columns=[axis.key for axis in axes])


def _morris(axes: list[Axis], design: Any, seed: int) -> pd.DataFrame:
    return _settings(axes, morris_points(axes, design, seed))


def morris_points(axes: list[Axis], design: Any, seed: int) -> np.ndarray:
    """Return the points of the unit cube that Morris' trajectories go through, of shape (settings, axes).

    Raises:
        UserError: if the number of levels is odd.
    """
    need_studies()
    from SALib.sample import morris

    if design.levels % 2:
        raise UserError(f"design.levels={design.levels}: must be even for design=morris")
    return morris.sample(problem(axes), design.samples, num_levels=design.levels, seed=seed)


def _saltelli(axes: list[Axis], design: Any, seed: int) -> pd.DataFrame:
    need_studies()
    from SALib.sample import sobol

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        unit = sobol.sample(problem(axes), design.samples, calc_second_order=design.second_order, seed=seed)
    return _settings(axes, unit)


DESIGNERS: dict[str, Callable[[list[Axis], Any, int], pd.DataFrame]] = {
    "sobol": _sobol_design,
    "latin_hypercube": _latin_hypercube,
    "factorial": _factorial,
    "fractional_factorial": _fractional_factorial,
    "one_at_a_time": _one_at_a_time,
    "morris": _morris,
    "saltelli": _saltelli,
}


def problem(axes: list[Axis]) -> dict[str, Any]:
    """Return what SALib calls a problem, over the unit cube."""
    return {"num_vars": len(axes), "names": [axis.key for axis in axes], "bounds": [[0.0, 1.0]] * len(axes)}


def settings_in(key: str, name: str | None) -> pd.DataFrame:
    """Return the settings in a user's table, one row a setting and one column a configuration key.

    Args:
        key: that names the file, for messages.
        name: a CSV or Parquet file.

    Raises:
        UserError: if there is no such file, if it cannot be read or is empty, or if a column or a value is no setting.
    """
    path = Path(name or "")
    if not name or not path.is_file():
        raise UserError(f"{key}={name}: there is no such file; give a CSV or Parquet table with a column a key")
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise UserError(f"{key}={name}: cannot be read ({' '.join(str(error).split())[:200]})") from None
    if table.empty or not len(table.columns):
        raise UserError(f"{key}={name}: has no rows")
    for column in table:
        values = table[column].dropna().unique().tolist()
        if values:
            _axis(str(column), {"values": values})
    return table


def encoded(settings: pd.DataFrame) -> pd.DataFrame:
    """Return settings as numbers: two words as 0 and 1, more as a column each (`KEY = VALUE`); missing ones as the column's mean.

    A column that two words share is named for the second of them, so that a limit on it reads as a rule.
    """
    columns: dict[str, np.ndarray] = {}
    for key, column in settings.items():
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            columns[str(key)] = column.fillna(column.mean()).to_numpy(float)
            continue
        words = list(dict.fromkeys(column.dropna()))
        for word in words if len(words) > 2 else words[1:]:
            columns[f"{key} = {str(word).lower() if isinstance(word, bool) else word}"] = (column == word).to_numpy(
                float
            )
    return pd.DataFrame(columns)
