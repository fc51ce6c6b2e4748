"""The organizations of a run: drawn by share of sector, the packaged example, or read from a user's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from ci_sim.errors import UserError
from ci_sim.parameters import SECTORS
from ci_sim.population import Given

_EXAMPLE = Path(__file__).parent / "data" / "knoke"
_TRAITS = {"capacity": (0.0, 168.0), "influence": (1e-9, 1e9), "salience": (0.0, 1.0), "reliability": (0.0, 1.0)}


class Partners(NamedTuple):
    """Who takes part, and what is known of them before a run."""

    given: Given
    ids: list[str]
    names: list[str]
    assumed: list[str]  # what no table gives, so that each replicate draws it anew
    max_ties: int  # ties that an organization keeps at most: the configured number, or more if the tables need it


def partners_from(config: Any) -> Partners:
    """Return the organizations that a checked configuration names.

    Raises:
        UserError: if a table cannot be used; the message names the file, the row and the column.
    """
    population = config.population
    if population.source == "synthetic":
        return _synthetic(config)
    if population.source == "knoke":
        return _from_tables(_EXAMPLE / "organizations.csv", _EXAMPLE / "ties.csv", config)
    return _from_tables(Path(config.organizations), Path(config.ties) if config.ties else None, config)


def _synthetic(config: Any) -> Partners:
    """Sizes of the sectors are the shares of the size, rounded by largest remainder."""
    shares = np.array([config.population[f"share_{s}"] if s in config.sectors else 0.0 for s in SECTORS])
    exact = shares / shares.sum() * config.population.size
    counts = np.floor(exact).astype(int)
    for s in np.argsort(counts - exact, kind="stable")[: config.population.size - counts.sum()]:
        counts[s] += 1
    sector = np.repeat(np.arange(3), counts)
    ids = [f"{SECTORS[s][:3]}-{k + 1}" for s in range(3) for k in range(counts[s])]
    blank = np.full(len(ids), np.nan)
    position = np.full((len(ids), config.population.dimensions), np.nan)
    no_ties = np.empty((0, 2), np.int64)
    given = Given(sector, blank, blank, blank, blank, position, np.array([1]), no_ties, np.empty(0))
    return Partners(given, ids, ids, [*_TRAITS, "positions", "ties"], config.population.max_ties)


def _from_tables(organizations: Path, ties: Path | None, config: Any) -> Partners:
    table = _read(organizations, ("name", "sector"))
    table["id"] = table["id"] if "id" in table else table["name"]
    _refuse_bad_organizations(organizations, table)
    table = table[table["sector"].isin(list(config.sectors))].reset_index(drop=True)
    for sector in config.sectors:
        if sector not in set(table["sector"]):
            raise UserError(
                f"{organizations}: no organization of the sector {sector}; leave it out with sectors=[…], or add one"
            )
    traits = {name: _numbers(organizations, table, name, *limits) for name, limits in _TRAITS.items()}
    position = _positions(organizations, table, config.population.dimensions)
    pairs, trust = _ties(ties, organizations, table, list(config.population.trust_scale))
    given = Given(
        sector=table["sector"].map(SECTORS.index).to_numpy(np.int64),
        **traits,
        position=position,
        draw_ties=np.array([int(ties is None)]),
        ties=pairs,
        tie_trust=trust,
    )
    assumed = [name for name, values in traits.items() if np.isnan(values).any()]
    assumed += ["positions"] if np.isnan(position).any() else []
    assumed += ["ties"] if ties is None else (["trust in ties"] if np.isnan(trust).any() else [])
    busiest = int(
        max((len({*pairs[pairs[:, 0] == i, 1], *pairs[pairs[:, 1] == i, 0]}) for i in range(len(table))), default=0)
    )
    max_ties = max(config.population.max_ties, busiest)
    return Partners(given, table["id"].tolist(), table["name"].tolist(), assumed, max_ties)


def _read(path: Path, required: tuple[str, ...]) -> pd.DataFrame:
    """Read a table (CSV with commas, semicolons or tabs, or XLSX) as text, with its columns' names in lower case."""
    try:
        if path.suffix.lower() == ".xlsx":
            table = pd.read_excel(path, dtype=str)
        else:
            table = pd.read_csv(path, dtype=str, sep=_separator(path), encoding="utf-8-sig", skipinitialspace=True)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file") from None
    except pd.errors.EmptyDataError:
        raise UserError(f"{path}: the file is empty; it needs the columns {', '.join(required)}") from None
    except (ValueError, OSError, ImportError, BadZipFile) as error:  # among them wrong encodings and torn rows
        raise UserError(f"{path}: cannot be read as a table: {' '.join(str(error).split())}") from None
    table.columns = [str(name).strip().lower() for name in table.columns]
    for column in required:
        if column not in table:
            raise UserError(f"{path}: row 1: there is no column {column!r}; there are: {', '.join(table.columns)}")
    table = table.apply(lambda column: column.str.strip()).dropna(how="all").reset_index(drop=True)
    if table.empty:
        raise UserError(f"{path}: there are no rows below the header")
    return table


def _separator(path: Path) -> str:
    """Return what separates the columns in the first line: a comma, a semicolon or a tab."""
    with path.open(encoding="utf-8-sig") as lines:
        header = lines.readline()
    return max(",;\t", key=header.count)


def _refuse(path: Path, row: int, column: str, value: Any, allowed: str) -> None:
    """Raise the error for a value in a data row (counted from 0; the header is row 1 for the user)."""
    raise UserError(f"{path}: row {row + 2}, column {column}: {value!r} {allowed}")


def _refuse_bad_organizations(path: Path, table: pd.DataFrame) -> None:
    table["sector"] = table["sector"].str.lower().str.replace(r"[ -]+", "_", regex=True)
    for row, entry in table.iterrows():
        if pd.isna(entry["name"]):
            _refuse(path, row, "name", "", "is missing: every organization needs a name")
        if entry["sector"] not in SECTORS:
            _refuse(path, row, "sector", entry["sector"], f"is not a sector; there are: {', '.join(SECTORS)}")
    for column in ("name", "id"):
        repeated = table[column].duplicated()
        if repeated.any():
            row = int(repeated.idxmax())
            _refuse(path, row, column, table[column][row], "stands in an earlier row already")


def _numbers(path: Path, table: pd.DataFrame, column: str, low: float, high: float) -> np.ndarray:
    """Return a column as numbers; a missing column or an empty cell is NaN."""
    values = np.full(len(table), np.nan)
    if column in table:
        for row, text in enumerate(table[column]):
            if not pd.isna(text):
                values[row] = _number(path, row, column, text, low, high)
    return values


def _number(path: Path, row: int, column: str, text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not low <= value <= high:
        _refuse(path, row, column, text, f"must be a number from {low:g} to {high:g}")
    return value


def _positions(path: Path, table: pd.DataFrame, dimensions: int) -> np.ndarray:
    """Return the positions of shape (N, D): as many dimensions as the table gives, or else those configured."""
    given = [name for name in table.columns if name.startswith("position_")]
    expected = [f"position_{d + 1}" for d in range(len(given))]
    if sorted(given) != sorted(expected) or len(given) > 4:
        raise UserError(
            f"{path}: row 1: positions must be named position_1 to position_4 without a gap, not {', '.join(given)}"
        )
    if not given:
        return np.full((len(table), dimensions), np.nan)
    return np.column_stack([_numbers(path, table, name, 0.0, 1.0) for name in expected])


def _ties(
    path: Path | None, organizations: Path, table: pd.DataFrame, scale: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of shape (E, 2) and their trust (E,), from 0 to 1; "yes" or an empty cell is a tie of unstated trust."""
    if path is None:
        return np.empty((0, 2), np.int64), np.empty(0)
    rows = _read(path, ("source", "target"))
    everyone = _read(organizations, ("name", "sector"))
    known = set(everyone["name"]) | set(everyone.get("id", []))
    places = {key: place for column in ("name", "id") for place, key in enumerate(table[column])}
    pairs: list[tuple[int, int]] = []
    trust: list[float] = []
    for row, entry in rows.iterrows():
        for column in ("source", "target"):
            if entry[column] not in known:
                _refuse(path, row, column, entry[column], f"is neither an id nor a name in {organizations}")
        stated = _stated_trust(path, row, entry.get("trust"), scale)
        if stated is None or entry["source"] not in places or entry["target"] not in places:
            continue  # "no", or a partner whose sector takes no part
        pair = (places[entry["source"]], places[entry["target"]])
        if pair[0] == pair[1]:
            _refuse(path, row, "target", entry["target"], "is the source itself")
        if pair in pairs:
            _refuse(path, row, "target", entry["target"], f"stands in an earlier row with {entry['source']!r} already")
        pairs.append(pair)
        trust.append(stated)
    return np.array(pairs, np.int64).reshape(-1, 2), np.array(trust)


def _stated_trust(path: Path, row: int, text: Any, scale: list[float]) -> float | None:
    """Return trust from 0 to 1 on the declared scale, NaN for a tie of unstated trust, None for no tie."""
    if text is None or pd.isna(text) or text.lower() in ("yes", "true"):
        return np.nan
    if text.lower() in ("no", "false"):
        return None
    return (_number(path, row, "trust", text, *scale) - scale[0]) / (scale[1] - scale[0])
