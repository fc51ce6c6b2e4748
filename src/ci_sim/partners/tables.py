"""Sheets as tables: which sheet and which row hold the columns, and what each column is."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ci_sim.partners.account import Account, near, shown
from ci_sim.partners.files import Sheet
from ci_sim.partners.words import columns_of, known_columns, plain, scale_in

LOOKED_AT = 30  # filled rows among which a header is looked for


class Entry(NamedTuple):
    """A row of a table: its number in the file, the header being row 1 where nothing stands above it, and its filled cells."""

    row: int
    cells: Mapping[int, str]  # by place


class Table(NamedTuple):
    """A sheet whose columns are understood."""

    sheet: Sheet
    top: int  # the header's row in the sheet, from 0
    header: list[str]
    columns: dict[int, str]  # what each column is, by its place
    entries: list[Entry]

    def place(self, column: str) -> int | None:
        """Return where a column stands."""
        return next((place for place, name in self.columns.items() if name == column), None)

    def blank(self, entry: Entry, place: int) -> bool:
        """Return whether a cell is empty, and not by a formula that has no value, which is noted with the others."""
        return place not in entry.cells and (entry.row - 1, place) not in self.sheet.formulas

    def scale(self, place: int, said: Mapping[str, Sequence[float]]) -> tuple[float, float] | None:
        """Return the scale that is declared for a column: by the user for what it is, or in its header."""
        column = (
            self.columns[place].partition("_")[0] if self.columns[place].startswith("position") else self.columns[place]
        )
        declared = said.get("trust" if column == "question" else column)
        return (float(declared[0]), float(declared[1])) if declared else scale_in(self.header[place])


def filled_rows(sheet: Sheet) -> list[int]:
    """Return the rows of a sheet in which something stands."""
    return [number for number, row in enumerate(sheet.rows) if any(row)]


def header_row(kind: str, sheet: Sheet, needed: Sequence[str], said: Mapping[str, str | None]) -> int | None:
    """Return the first row of a sheet that holds the needed columns of a table of this kind."""
    for number in filled_rows(sheet)[:LOOKED_AT]:
        if set(needed) <= set(columns_of(kind, sheet.rows[number], said).values()):
            return number
    return None


def choose(
    kind: str, path: object, sheets: list[Sheet], fits: Callable[[Sheet], bool], wanted: str | None, account: Account
) -> Sheet | None:
    """Return the sheet that holds a table: the one that the user names, or the only one that fits; None if none does.

    Raises:
        UserError: if there is no sheet of that name, or if several fit.
    """
    names = [sheet.name or "" for sheet in sheets]
    if wanted is not None:
        if wanted not in names:
            listed = ", ".join(names)
            raise account.refuse("no_sheet", path=path, sheet=shown(wanted), near=near(wanted, names), sheets=listed)
        return sheets[names.index(wanted)]
    fitting = [sheet for sheet in sheets if fits(sheet)]
    if len(fitting) > 1:
        listed = _named(fitting)
        example = f"{kind}={path}#{fitting[0].name}"
        raise account.refuse("several_sheets", path=path, kind=kind, sheets=listed, example=example)
    if fitting and len(sheets) > 1:
        others = _named(sheet for sheet in sheets if sheet is not fitting[0])
        account.note(f"sheet_of_{kind}", file=fitting[0].path.name, sheet=fitting[0].name, others=others)
    return fitting[0] if fitting else None


def without_table(path: object, sheets: list[Sheet], needed: Sequence[str], account: Account) -> Exception:
    """Return the error that none of several sheets holds the needed columns."""
    return account.refuse("no_such_sheet", path=path, columns=", ".join(needed), sheets=_named(sheets))


def _named(sheets: Iterable[Sheet]) -> str:
    return ", ".join(str(sheet.name) for sheet in sheets)


def table_of(kind: str, sheet: Sheet, needed: Sequence[str], said: Mapping[str, str | None], account: Account) -> Table:
    """Return a sheet as a table, with every reading of its header noted.

    Raises:
        UserError: if it holds no table of this kind.
    """
    filled = filled_rows(sheet)
    if not filled:
        raise account.refuse("empty", path=sheet.label, columns=", ".join(needed))
    top = header_row(kind, sheet, needed, said)
    if top is None:
        raise _without_columns(kind, sheet, filled[0], needed, said, account)
    header = sheet.rows[top]
    table = Table(sheet, top, header, columns_of(kind, header, said), [])
    _note_header(kind, table, filled[0], account)
    _refuse_bad_header(kind, table, account)
    table = table._replace(entries=_entries(table, [row for row in filled if row > top], account))
    if not table.entries and not account.faults:
        raise account.refuse("no_rows", path=sheet.label)
    if not table.entries:
        account.end_if_wrong()
    return table


def _without_columns(
    kind: str, sheet: Sheet, row: int, needed: Sequence[str], said: Mapping[str, str | None], account: Account
) -> Exception:
    """Return the error that says which column the most promising row lacks."""
    rows = filled_rows(sheet)[:LOOKED_AT]
    best = max(
        rows, key=lambda number: (len(set(needed) & set(columns_of(kind, sheet.rows[number], said).values())), -number)
    )
    found = columns_of(kind, sheet.rows[best], said).values()
    if not set(needed) & set(found):
        best = row
    missing = next(column for column in needed if column not in found)
    there = [cell for cell in sheet.rows[best] if cell]
    columns = ", ".join(cell.lower() if len(cell) < 60 else f"{cell[:60]}…" for cell in there[:20])
    return account.refuse(
        "no_column", path=sheet.label, row=best + 1, column=repr(missing), columns=columns, near=near(missing, there)
    )


def _note_header(kind: str, table: Table, first: int, account: Account) -> None:
    file = table.sheet.path.name
    if table.top != first:
        account.note("header_row", file=file, row=table.top + 1, above=quoted(c for c in table.sheet.rows[first] if c))
    for place, column in table.columns.items():
        if plain(table.header[place]) != plain(column):
            account.note("column", file=file, column=column, header=table.header[place])
    unread = [name for place, name in enumerate(table.header) if name and place not in table.columns]
    if unread:
        account.note(f"unread_{kind}", file=file, columns=quoted(unread))


def quoted(names: Iterable[str]) -> str:
    """Return some names, each in quotes and cut where it is long, twenty at most."""
    return ", ".join(f"“{name if len(name) < 60 else name[:60] + '…'}”" for name in list(names)[:20])


def _refuse_bad_header(kind: str, table: Table, account: Account) -> None:
    """Note columns that are there twice, and those that look like a slip of the pen."""
    label, row = table.sheet.label, table.top + 1
    names = [name.lower() for name in table.header]
    known = known_columns(kind)
    for place, name in enumerate(names):
        if name and names.count(name) > 1 and names.index(name) == place:
            account.fault("column_twice", path=label, row=row, column=repr(name))
        if name not in known and place not in table.columns and difflib.get_close_matches(name, known, n=1, cutoff=0.8):
            account.fault("unknown_column", path=label, row=row, column=repr(name), near=near(name, known))


def _entries(table: Table, rows: list[int], account: Account) -> list[Entry]:
    """Return the rows below the header, and note what stands in none of its columns, and formulas that have no value."""
    entries = []
    for number in rows:
        row = table.sheet.rows[number]
        cells = {place: cell for place, cell in enumerate(row) if cell}
        extra = next((cell for place, cell in cells.items() if not (table.header[place : place + 1] or [""])[0]), None)
        if extra is not None:
            account.fault("extra", path=table.sheet.label, row=number + 1, value=shown(extra))
            continue
        entries.append(Entry(number + 1, cells))
    for (number, place), formula in table.sheet.formulas.items():
        if number > table.top and place in table.columns:
            cell, _, written = formula.partition(" ")
            account.cell(table.sheet.label, number + 1, table.header[place], written, "formula", cell=cell)
    return entries
