"""The table of organizations: who takes part, their sectors, their traits and where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ci_sim.partners.account import Account, near
from ci_sim.partners.files import Sheet
from ci_sim.partners.tables import Entry, Table, choose, header_row, table_of, without_table
from ci_sim.partners.words import cleaned, plain, sector_of
from ci_sim.rules.parameters import SECTORS

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
NEEDED = ("name", "sector")
_LONGEST = 10_000  # characters of a name
_UNIT = (0.0, 1.0)
USUAL_SCALES = (
    _UNIT, (-1.0, 1.0), (1.0, 4.0), (1.0, 5.0), (1.0, 7.0), (-2.0, 2.0), (-3.0, 3.0), (0.0, 10.0), (-5.0, 5.0), (-10.0, 10.0),
    (0.0, 100.0), (-100.0, 100.0),
)  # fmt: skip


class Organizations(NamedTuple):
    """Everyone in a table, whether or not their sector takes part."""

    label: str  # of the sheet, in messages
    ids: list[str]
    names: list[str]
    sectors: list[str]
    traits: dict[str, np.ndarray]  # (N,) NaN: not given
    position: np.ndarray | None  # (N, D) None: no column of positions


class Said(NamedTuple):
    """What the user has said about words of the tables (`mapping=FILE.yaml`)."""

    columns: Mapping[str, str | None] = {}  # null: not read
    sectors: Mapping[str, str] = {}
    names: Mapping[str, str] = {}
    answers: Mapping[str, float] = {}
    scales: Mapping[str, Sequence[float]] = {}


def is_of_organizations(sheet: Sheet, said: Said) -> bool:
    """Return whether a sheet holds a table of organizations, and none of ties."""
    return (
        header_row("organizations", sheet, NEEDED, said.columns) is not None
        and header_row("ties", sheet, ("source", "target"), said.columns) is None
    )


def read_organizations(
    path: Path, sheets: list[Sheet], wanted: str | None, said: Said, account: Account
) -> Organizations:
    """Return the organizations of a file's sheets; what is wrong in a row is noted.

    Raises:
        UserError: if there is no table of organizations, or several.
    """
    sheet = choose("organizations", path, sheets, lambda sheet: is_of_organizations(sheet, said), wanted, account)
    if sheet is None and len(sheets) > 1:
        raise without_table(path, sheets, NEEDED, account)
    table = table_of("organizations", sheet or (sheets or [Sheet(path, None, [])])[0], NEEDED, said.columns, account)
    ids, names, sectors = _people(table, said, account)
    return Organizations(
        label=table.sheet.label,
        ids=ids,
        names=names,
        sectors=sectors,
        traits={trait: _trait(table, trait, said, account) for trait in TRAITS},
        position=_positions(table, said, account),
    )


def _people(table: Table, said: Said, account: Account) -> tuple[list[str], list[str], list[str]]:
    """Return the ids, the names and the sectors of all rows; empty texts stand for what is missing or wrong, which is noted."""
    places = {column: table.place(column) for column in ("name", "id", "sector")}
    mapped = {plain(word): sector for word, sector in said.sectors.items()}
    sectors = []
    for entry in table.entries:
        _refuse_nameless(table, entry, places, account)
        sectors.append(_sector(table, entry, places["sector"], mapped, account))
    named = {
        column: [entry.cells.get(place, "") for entry in table.entries]
        for column, place in places.items()
        if place is not None
    }
    for column in ("name", "id"):
        _refuse_repeated(table, column, named.get(column, []), account)
    return named.get("id", named["name"]), named["name"], sectors


def _refuse_nameless(table: Table, entry: Entry, places: Mapping[str, int | None], account: Account) -> None:
    """Note a name, or an id where there are ids, that is missing, or longer than any name."""
    for column in ("name", "id"):
        place = places[column]
        if place is None:
            continue
        value = entry.cells.get(place, "")
        if table.blank(entry, place):
            account.cell(table.sheet.label, entry.row, table.header[place], None, f"no_{column}")
        elif len(value) > _LONGEST:
            account.cell(table.sheet.label, entry.row, table.header[place], value, "too_long", most=f"{_LONGEST:,}")


def _sector(table: Table, entry: Entry, place: int | None, mapped: Mapping[str, str], account: Account) -> str:
    """Return the sector that a row names; one that is none is noted, and empty."""
    assert place is not None
    label, header, value = table.sheet.label, table.header[place], entry.cells.get(place)
    if value is None:
        if table.blank(entry, place):
            account.cell(label, entry.row, header, None, "sector_missing", sectors=", ".join(SECTORS))
        return ""
    found = (mapped[plain(value)], False) if plain(value) in mapped else sector_of(value)
    if found is None:
        account.cell(
            label, entry.row, header, value, "not_a_sector", sectors=", ".join(SECTORS), near=near(value, SECTORS)
        )
        return ""
    sector, guessed = found
    if plain(value) != plain(sector):
        account.note(f"sector_{sector}", guessed, file=table.sheet.path.name, value=value)
    return sector


def _refuse_repeated(table: Table, column: str, values: list[str], account: Account) -> None:
    place, seen = table.place(column), set()
    for entry, value in zip(table.entries, values, strict=False):
        if value and place is not None and cleaned(value) in seen:
            account.cell(table.sheet.label, entry.row, table.header[place], value, "repeated")
        seen.add(cleaned(value))


def number_in(cell: str) -> float | None:
    """Return a cell as a number; a decimal comma is read as a point, and a percentage as its share. None: it is none."""
    tidy = cleaned(cell).replace("\N{MINUS SIGN}", "-").replace(" ", "")
    share = 100.0 if tidy.endswith("%") else 1.0
    digits = re.sub(r"^([+-]?\d*),(\d+)$", r"\1.\2", tidy.removesuffix("%"))
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", digits):
        return None
    return float(digits) / share


def _trait(table: Table, trait: str, said: Said, account: Account) -> np.ndarray:
    """Return a column as numbers; a missing column or an empty cell is NaN."""
    place, (low, high) = table.place(trait), TRAITS[trait]
    if place is None:
        return np.full(len(table.entries), np.nan)
    scale = table.scale(place, said.scales) if (low, high) == _UNIT else None
    if scale and scale != _UNIT:
        account.note(
            "scale", file=table.sheet.path.name, column=table.header[place], low=f"{scale[0]:g}", high=f"{scale[1]:g}"
        )
    return np.array(
        [_number(table, entry, place, *(scale or (low, high)), bool(scale), account) for entry in table.entries]
    )


def _number(table: Table, entry: Entry, place: int, low: float, high: float, rescaled: bool, account: Account) -> float:
    """Return a cell as a number, on its scale from 0 to 1 if it is `rescaled`; one that is wrong is noted, and NaN."""
    cell = entry.cells.get(place)
    if cell is None:
        return np.nan
    value = number_in(cell)
    if value is None or not low <= value <= high:
        account.cell(
            table.sheet.label, entry.row, table.header[place], cell, "number", low=f"{low:g}", high=f"{high:g}"
        )
        return np.nan
    if cell.endswith("%"):
        account.note("percent", file=table.sheet.path.name, column=table.header[place])
    return (value - low) / (high - low) if rescaled else value


def _positions(table: Table, said: Said, account: Account) -> np.ndarray | None:
    """Return the positions of shape (N, D), from 0 to 1: as many dimensions as the table gives.

    All issues share one scale, so that distances on them can be compared: the declared one; or, if all are whole numbers, the
    first of USUAL_SCALES that holds them all; or else 0 to 1.
    """
    places = {column: place for place, column in table.columns.items() if column.startswith("position_")}
    expected = [f"position_{d + 1}" for d in range(len(places))]
    names = ", ".join(table.header[place].lower() for place in sorted(places.values()))
    if len(places) > 4:
        account.fault("positions_many", path=table.sheet.label, row=table.top + 1, n=len(places))
    elif sorted(places) != expected:
        account.fault("positions_gap", path=table.sheet.label, row=table.top + 1, columns=names)
    elif places:
        scale, assumed = _scale_of_positions(table, list(places.values()), said)
        if scale != _UNIT:
            low, high = (f"{end:g}" for end in scale)
            account.note("positions_scale", assumed, file=table.sheet.path.name, columns=names, low=low, high=high)
        return np.column_stack(
            [
                [_number(table, entry, places[name], *scale, scale != _UNIT, account) for entry in table.entries]
                for name in expected
            ]
        ).reshape(len(table.entries), len(expected))
    return None


def _scale_of_positions(table: Table, places: list[int], said: Said) -> tuple[tuple[float, float], bool]:
    """Return the scale of all positions, and whether it is assumed."""
    declared = [scale for place in places if (scale := table.scale(place, said.scales))]
    if declared:
        return declared[0], False
    cells: list[Any] = [
        number_in(entry.cells[place]) for entry in table.entries for place in places if place in entry.cells
    ]
    values = [value for value in cells if value is not None]
    scale = usual_scale(values, USUAL_SCALES)
    return (scale, scale != _UNIT) if scale else (_UNIT, False)


def usual_scale(values: Sequence[float], usual: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Return the first of some usual scales that holds answers in whole numbers; None if none does, or they are not whole."""
    if not all(float(value).is_integer() for value in values):
        return None
    return next((scale for scale in usual if all(scale[0] <= value <= scale[1] for value in values)), None)
