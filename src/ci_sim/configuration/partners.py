"""The organizations of a run: drawn by share of sector, the packaged example, or read from a user's own tables."""

from __future__ import annotations

import csv
import difflib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from ci_sim.errors import UserError
from ci_sim.rules.parameters import SECTORS
from ci_sim.rules.population import Given
from ci_sim.texts import text

_REAL = Path(__file__).parent / "data"  # a folder for each packaged population of real organizations
TRAITS = {  # columns of a table, and fields of `population.Given`, with what is allowed
    "capacity": (0.0, 168.0),
    "influence": (0.0, 1e9),
    "salience": (0.0, 1.0),
    "reliability": (0.0, 1.0),
    "listening": (0.0, 100.0),
    "firmness": (0.0, 1.0),
    "turnover": (0.0, 1.0),
    "board_weeks": (1.0, 1000.0),
}


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
    if population.source == "from_files":
        return _from_tables(Path(config.organizations), Path(config.ties) if config.ties else None, config)
    folder = _REAL / population.source
    return _from_tables(folder / "organizations.csv", folder / "ties.csv", config)


class _Asked(NamedTuple):
    """What of a configuration decides what is read of tables."""

    sectors: tuple[str, ...]
    dimensions: int
    max_ties: int
    trust_scale: tuple[float, ...]


def _from_tables(organizations: Path, ties: Path | None, config: Any) -> Partners:
    """Return what tables say; scenarios that ask the same of the same files share it."""
    population = config.population
    asked = _Asked(
        tuple(config.sectors),
        population.dimensions,
        population.max_ties,
        tuple(float(t) for t in population.trust_scale),
    )
    return _read_tables(organizations, ties, _stamp(organizations), _stamp(ties), asked)


def _stamp(path: Path | None) -> tuple[int, int] | None:
    """Return what changes when a file is written anew."""
    if path is None or not path.is_file():
        return None
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size


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
    given = Given(
        sector,
        **dict.fromkeys(TRAITS, blank),
        position=position,
        draw_ties=np.array([1]),
        ties=no_ties,
        tie_trust=np.empty(0),
    )
    return Partners(given, ids, ids, [*TRAITS, "positions", "ties"], config.population.max_ties)


@lru_cache(maxsize=8)
def _read_tables(organizations: Path, ties: Path | None, *facts: Any) -> Partners:
    asked: _Asked = facts[-1]
    everyone = _read(organizations, ("name", "sector"), ("id", *TRAITS))
    if "id" not in everyone:
        everyone["id"] = everyone["name"]
    _refuse_bad_organizations(organizations, everyone)
    table = everyone[everyone["sector"].isin(list(asked.sectors))]
    for sector in asked.sectors:
        if sector not in set(table["sector"]):
            raise _refusal("sector_without", path=organizations, sector=sector)
    traits = {name: _numbers(organizations, table, name, *limits) for name, limits in TRAITS.items()}
    position = _positions(organizations, table, asked.dimensions)
    pairs, trust = _ties(ties, organizations, everyone, table, list(asked.trust_scale))
    given = Given(
        sector=np.array([SECTORS.index(sector) for sector in table["sector"]]),
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
    max_ties = max(asked.max_ties, busiest)
    return Partners(given, table["id"].tolist(), table["name"].tolist(), assumed, max_ties)


def _read(path: Path, required: tuple[str, ...], optional: tuple[str, ...]) -> pd.DataFrame:
    """Read a table as text, its index the row in the file (the header is row 1), its columns' names in lower case.

    Blank cells are missing, blank rows are left out, and columns without a name and content too.
    """
    rows = _rows(path)
    filled = [row for row, cells in enumerate(rows) if any(cells)]
    if not filled:
        raise _refusal("empty", path=path, columns=", ".join(required))
    top, *below = filled
    header = [name.lower() for name in rows[top]]
    _refuse_bad_header(path, top, header, required, optional)
    if not below:
        raise _refusal("no_rows", path=path)
    for row in below:
        extra = [cell for place, cell in enumerate(rows[row]) if cell and not (header[place:] or [""])[0]]
        if extra:
            raise _refusal("extra", path=path, row=row + 1, value=repr(extra[0]))
    cells = [[*rows[row], *[""] * len(header)][: len(header)] for row in below]
    table = pd.DataFrame(cells, columns=header, index=[row + 1 for row in below]).replace("", None)
    return table[[name for name in header if name]]


def _rows(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file (commas, semicolons or tabs) or an XLSX sheet, without the space around them."""
    if path.is_dir() or not path.exists():
        raise _refusal("no_file", path=path)
    try:
        if path.suffix.lower() == ".xlsx":
            sheet = pd.read_excel(path, header=None, dtype=str, keep_default_na=False, engine="openpyxl")
            return [[str(cell).strip() for cell in row] for row in sheet.to_numpy().tolist()]
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _refusal("not_utf8", path=path) from None
    except (ValueError, KeyError, OSError, BadZipFile):
        raise _refusal("unreadable", path=path) from None
    lines = content.splitlines(keepends=True)
    if lines and re.fullmatch(r"sep=.\s*", lines[0]):  # a line that Excel writes for itself
        lines[0] = "\n"
    first = next((line for line in lines if line.strip()), "")
    cells = csv.reader(lines, delimiter=max(",;\t", key=first.count), skipinitialspace=True)
    return [[cell.strip() for cell in row] for row in cells]


def _refuse_bad_header(
    path: Path, row: int, header: list[str], required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    for column in required:
        if column not in header:
            raise _refusal("no_column", path=path, row=row + 1, column=repr(column), columns=", ".join(header))
    for name in filter(None, header):
        if header.count(name) > 1:
            raise _refusal("column_twice", path=path, row=row + 1, column=repr(name))
        close = difflib.get_close_matches(name, (*required, *optional), n=1, cutoff=0.8)
        if close and name not in close:
            raise _refusal("unknown_column", path=path, row=row + 1, column=repr(name), near=close[0])


def _refusal(key: str, **facts: object) -> UserError:
    """Return the error of a key of the texts below `partners`, which the page in a browser says in the same words."""
    return UserError(text(f"partners.{key}", **facts))


def _refuse(path: Path, row: Any, column: str, value: Any, key: str, **facts: object) -> None:
    """Raise the error for a value in a row of the file."""
    facts = {"path": path, "row": row, "column": column, "what": text(f"partners.{key}", **facts)}
    raise _refusal("cell", **facts) if value is None else _refusal("cell_with", value=repr(value), **facts)


def _refuse_bad_organizations(path: Path, table: pd.DataFrame) -> None:
    table["sector"] = table["sector"].str.lower().str.replace(r"[ -]+", "_", regex=True)
    for row, entry in table.iterrows():
        for column in ("name", "id"):
            if pd.isna(entry[column]):
                _refuse(path, row, column, None, f"no_{column}")
        if entry["sector"] not in SECTORS:
            sector = None if pd.isna(entry["sector"]) else entry["sector"]
            key = "sector_missing" if sector is None else "not_a_sector"
            _refuse(path, row, "sector", sector, key, sectors=", ".join(SECTORS))
    for column in ("name", "id"):
        repeated = table[column].duplicated()
        if repeated.any():
            row = repeated.idxmax()
            _refuse(path, row, column, table[column][row], "repeated")


def _numbers(path: Path, table: pd.DataFrame, column: str, low: float, high: float) -> np.ndarray:
    """Return a column as numbers; a missing column or an empty cell is NaN."""
    if column not in table:
        return np.full(len(table), np.nan)
    cells = table[column].items()
    return np.array(
        [np.nan if pd.isna(cell) else _number(path, row, column, cell, low, high, "number") for row, cell in cells]
    )


def _number(path: Path, row: Any, column: str, cell: str, low: float, high: float, allowed: str) -> float:
    """Return a cell as a number; a decimal comma is read as a point."""
    try:
        value = float(re.sub(r"^([+-]?\d*),(\d+)$", r"\1.\2", cell))
    except ValueError:
        value = np.nan
    if not low <= value <= high:
        _refuse(path, row, column, cell, allowed, low=f"{low:g}", high=f"{high:g}")
    return value


def _positions(path: Path, table: pd.DataFrame, dimensions: int) -> np.ndarray:
    """Return the positions of shape (N, D): as many dimensions as the table gives, or else those configured."""
    given = [name for name in table.columns if name.startswith("position_")]
    expected = [f"position_{d + 1}" for d in range(len(given))]
    if len(given) > 4:
        raise _refusal("positions_many", path=path, n=len(given))
    if sorted(given) != sorted(expected):
        raise _refusal("positions_gap", path=path, columns=", ".join(given))
    if not given:
        return np.full((len(table), dimensions), np.nan)
    return np.column_stack([_numbers(path, table, name, 0.0, 1.0) for name in expected])


def _ties(
    path: Path | None, organizations: Path, everyone: pd.DataFrame, table: pd.DataFrame, scale: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of shape (E, 2) and their trust (E,), from 0 to 1; "yes" or an empty cell is a tie of unstated trust.

    Args:
        everyone: the organizations in the file; table: those whose sector takes part.
    """
    if path is None:
        return np.empty((0, 2), np.int64), np.empty(0)
    rows = _read(path, ("source", "target"), ("trust",))
    known = set(everyone["name"]) | set(everyone["id"])
    places = {key: place for column in ("name", "id") for place, key in enumerate(table[column])}
    pairs: dict[tuple[int, int], float] = {}
    for row, entry in rows.iterrows():
        for column in ("source", "target"):
            if pd.isna(entry[column]):
                _refuse(path, row, column, None, "no_end")
            if entry[column] not in known:
                _refuse(path, row, column, entry[column], "nobody", organizations=organizations)
        stated = _stated_trust(path, row, entry.get("trust"), scale)
        if stated is None or entry["source"] not in places or entry["target"] not in places:
            continue  # "no", or a partner whose sector takes no part
        pair = (places[entry["source"]], places[entry["target"]])
        if pair[0] == pair[1]:
            _refuse(path, row, "target", entry["target"], "itself")
        if pair in pairs:
            _refuse(path, row, "target", entry["target"], "tie_repeated", source=repr(entry["source"]))
        pairs[pair] = stated
    return np.array(list(pairs), np.int64).reshape(-1, 2), np.array(list(pairs.values()))


def _stated_trust(path: Path, row: Any, cell: Any, scale: list[float]) -> float | None:
    """Return trust from 0 to 1 on the declared scale, NaN for a tie of unstated trust, None for no tie."""
    if cell is None or pd.isna(cell) or cell.lower() in ("yes", "true"):
        return np.nan
    if cell.lower() in ("no", "false"):
        return None
    return (_number(path, row, "trust", cell, scale[0], scale[1], "trust") - scale[0]) / (scale[1] - scale[0])
