"""The table of ties: a list of pairs, the rows of a survey, or a matrix with the partners' names on both of its edges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ci_sim.partners.account import Account, near
from ci_sim.partners.files import Sheet
from ci_sim.partners.organizations import Organizations, Said, is_of_organizations, number_in, usual_scale
from ci_sim.partners.tables import (
    LOOKED_AT,
    Entry,
    Table,
    choose,
    filled_rows,
    header_row,
    quoted,
    table_of,
    without_table,
)
from ci_sim.partners.words import Called, answer_of, cleaned, direction_of, in_brackets, plain

NEEDED = ("source", "target")
_USUAL_TRUST = ((0.0, 1.0), (1.0, 4.0), (1.0, 5.0), (1.0, 7.0), (0.0, 10.0), (0.0, 100.0))
_NUMBERED_ANSWER = (
    re.compile(r"\(?(\d+(?:[.,]\d+)?)\)?\s*(?:[-–—:.=)]\s*|\s+)\D.*"),
    re.compile(r"\D*[(\[](\d+(?:[.,]\d+)?)[)\]]"),
)


class Ties(NamedTuple):
    """Who knows whom, by places in the list of organizations, and what trust is stated."""

    pairs: np.ndarray  # (E, 2)
    trust: np.ndarray  # (E,) 0 to 1; NaN: a tie of unstated trust


class _Answer(NamedTuple):
    """What one cell, or the row of one pair, says."""

    label: str  # of the sheet, in messages
    row: int
    columns: tuple[str, str]  # in which source and target stand
    ends: tuple[str, str]  # source and target, as they stand there
    answers: list[tuple[str, str]]  # column and cell of each question about trust
    declared: tuple[float, float] | None  # scale of the column
    both: bool  # whether it holds in both directions
    zero_is_none: bool  # whether 0 is no tie


class Names:
    """How organizations may be called: by name or id, however it is typed, or as the user's mapping says."""

    def __init__(self, organizations: Organizations, said: Said, account: Account):
        """Note no name yet."""
        self.organizations, self.account = organizations, account
        self.called = Called(organizations.ids, organizations.names)
        self.said = {plain(word): cleaned(name) for word, name in said.names.items()}

    def place(self, word: str) -> int | None:
        """Return the organization that a word means, by its place; None if it means none, or several."""
        if plain(word) in self.said:
            return self.called.exact.get(self.said[plain(word)])
        found = self.called.place(word)
        if found is not None and cleaned(word) not in self.called.exact:
            self.account.note("name", word=word, name=self.organizations.names[found])
        return found

    def known(self, word: str) -> bool:
        """Return whether a word means an organization, without a note of it."""
        return self.called.place(word) is not None or plain(word) in self.said

    def listed(self) -> list[str]:
        """Return all names and ids."""
        return [*self.organizations.names, *self.organizations.ids]


def read_ties(
    path: Path,
    sheets: list[Sheet],
    wanted: str | None,
    names: Names,
    scale: Sequence[float] | None,
    said: Said,
    account: Account,
    needed: bool = True,
) -> Ties | None:
    """Return the ties of a file's sheets; what is wrong is noted, and left out.

    Args:
        scale: from the lowest to the highest trust that answers can state; None: the columns declare it, or the first usual
            scale that holds all answers is assumed.
        needed: whether it is an error that there is none; otherwise None is returned.

    Raises:
        UserError: if there is no table of ties, or several.
    """
    others = [sheet for sheet in sheets if not (len(sheets) > 1 and is_of_organizations(sheet, said))]

    def fits(sheet: Sheet) -> bool:
        listed = header_row("ties", sheet, NEEDED, said.columns) is not None
        return sheet in others and (listed or matrix_top(sheet, names) is not None)

    sheet = choose("ties", path, sheets, fits, wanted, account)
    if sheet is None and not needed:
        return None
    if sheet is None and len(others) != 1:
        raise without_table(path, sheets, NEEDED, account)
    sheet = sheet or others[0]
    top = matrix_top(sheet, names) if header_row("ties", sheet, NEEDED, said.columns) is None else None
    if top is None:
        told = list(_of_list(table_of("ties", sheet, NEEDED, said.columns, account), said, account))
    else:
        told = list(_of_matrix(sheet, top, names, account))
    return _gathered(told, names, scale, said, account)


def matrix_top(sheet: Sheet, names: Names) -> int | None:
    """Return the row of a sheet that names partners along the upper edge of a matrix; None if there is none."""
    rows = filled_rows(sheet)
    for number in rows[:LOOKED_AT]:
        row = sheet.rows[number]
        columns = [place for place, cell in enumerate(row) if cell and names.known(in_brackets(cell) or cell)]
        if len(columns) >= 2 and _left_edge(sheet, number, columns[0], names) is not None:
            return number
    return None


def _left_edge(sheet: Sheet, top: int, first: int, names: Names) -> int | None:
    """Return the column nearest to the left of a matrix that names partners."""
    below = [row for row in filled_rows(sheet) if row > top]
    for place in range(first - 1, -1, -1):
        if any(names.known(_cell(sheet, row, place)) for row in below):
            return place
    return None


def _cell(sheet: Sheet, row: int, place: int) -> str:
    return sheet.rows[row][place] if place < len(sheet.rows[row]) else ""


def _of_matrix(sheet: Sheet, top: int, names: Names, account: Account) -> Iterator[_Answer]:
    """Give what each cell of a matrix says: the row's partner of the column's; the diagonal, 0 and blanks are no ties."""
    edge, columns = _edges(sheet, top, names, account)
    corner = sheet.rows[top][edge] or str(edge + 1)
    account.note("matrix", file=sheet.path.name, row=top + 1)
    for number in filled_rows(sheet):
        who = _cell(sheet, number, edge)
        cells = [(place, _cell(sheet, number, place)) for place in columns]
        if number <= top or not (who or any(cell for _, cell in cells)):
            continue
        if not who:
            account.cell(sheet.label, number + 1, corner, None, "no_end")
        elif _whole(sheet.label, number + 1, corner, who, names, account) is not None:
            for place, cell in cells:
                whom = columns[place]
                if cell and names.place(whom) != names.place(who):
                    yield _Answer(
                        sheet.label, number + 1, (corner, whom), (who, whom), [(whom, cell)], None, False, True
                    )


def _edges(sheet: Sheet, top: int, names: Names, account: Account) -> tuple[int, dict[int, str]]:
    """Return the place of a matrix's left edge, and the partner of each column; what is no partner there is noted.

    The upper edge goes from the first partner to the last, and on to what looks like one misspelt.
    """
    header = [in_brackets(cell) or cell for cell in sheet.rows[top]]
    known = [place for place, cell in enumerate(header) if cell and names.known(cell)]
    last = known[-1]
    while last + 1 < len(header) and near(header[last + 1], names.listed()):
        last += 1
    edge = _left_edge(sheet, top, known[0], names)
    assert edge is not None
    columns = {}
    for place in range(known[0], last + 1):
        name = header[place]
        if name and _whole(sheet.label, top + 1, str(place + 1), name, names, account) is not None:
            columns[place] = name
    formulas = [at for at in sheet.formulas if at[0] > top and at[1] in columns]
    for number, place in formulas:
        cell, _, formula = sheet.formulas[number, place].partition(" ")
        account.cell(sheet.label, number + 1, columns[place], formula, "formula", cell=cell)
    unread = [cell for place, cell in enumerate(header) if cell and not known[0] <= place <= last and place != edge]
    if unread:
        account.note("unread_ties", file=sheet.path.name, columns=quoted(unread))
    return edge, columns


def _whole(label: str, row: int, column: str, word: str, names: Names, account: Account) -> int | None:
    """Return whom a word means; nobody is noted."""
    place = names.place(word)
    if place is None:
        account.cell(
            label, row, column, word, "nobody", organizations=names.organizations.label, near=near(word, names.listed())
        )
    return place


def _of_list(table: Table, said: Said, account: Account) -> Iterator[_Answer]:
    """Give what each row of a list of pairs, or of a survey, says."""
    source, target, direction = (table.place(column) for column in (*NEEDED, "direction"))
    trust = table.place("trust")
    questions = [place for place, column in table.columns.items() if column == "question"]
    asked = [*([trust] if trust is not None else []), *questions]
    if questions and len(asked) > 1:
        account.note("questions", file=table.sheet.path.name, columns=quoted(table.header[p] for p in asked))
    declared = [scale for place in asked if (scale := table.scale(place, said.scales))]
    assert source is not None
    assert target is not None
    for entry in table.entries:
        ends = [_end(table, entry, place, account) for place in (source, target)]
        both = _both_ways(table, entry, direction, account)
        if None in ends or both is None:
            continue
        answers = [(table.header[place], entry.cells[place]) for place in asked if place in entry.cells]
        columns = (table.header[source], table.header[target])
        yield _Answer(table.sheet.label, entry.row, columns, (str(ends[0]), str(ends[1])), answers,
                      declared[0] if declared else None, both, False)  # fmt: skip


def _end(table: Table, entry: Entry, place: int, account: Account) -> str | None:
    if table.blank(entry, place):
        account.cell(table.sheet.label, entry.row, table.header[place], None, "no_end")
    return entry.cells.get(place)


def _both_ways(table: Table, entry: Entry, place: int | None, account: Account) -> bool | None:
    """Return whether a row is a tie in both directions; None where it says something unknown, which is noted."""
    cell = entry.cells.get(place) if place is not None else None
    if cell is None or place is None:
        return False
    direction = direction_of(cell)
    if direction is None:
        account.cell(table.sheet.label, entry.row, table.header[place], cell, "direction")
        return None
    if direction == "mutual":
        account.note("mutual", file=table.sheet.path.name)
    return direction == "mutual"


def _gathered(told: list[_Answer], names: Names, scale: Sequence[float] | None, said: Said, account: Account) -> Ties:
    """Return the ties that answers tell of."""
    counted = {plain(word): float(number) for word, number in said.answers.items()}
    limits = _scale_of(told, scale, counted, account)
    ties: dict[tuple[int, int], float] = {}
    for answer in told:
        label, row, (from_column, to_column) = answer.label, answer.row, answer.columns
        source = _whole(label, row, from_column, answer.ends[0], names, account)
        target = _whole(label, row, to_column, answer.ends[1], names, account)
        trust = _trust(answer, limits, counted, account)
        if source is None or target is None or trust is None:
            continue
        if source == target:
            account.cell(label, row, to_column, answer.ends[1], "itself")
            continue
        for pair in ((source, target), (target, source)) if answer.both else ((source, target),):
            same = pair in ties and (ties[pair] == trust or (np.isnan(ties[pair]) and np.isnan(trust)))
            if pair in ties and not (same and answer.both):
                account.cell(label, row, to_column, answer.ends[1], "tie_repeated", source=repr(answer.ends[0]))
            ties[pair] = trust
    return Ties(np.array(list(ties), np.int64).reshape(-1, 2), np.array(list(ties.values())))


def _numbers(told: Iterable[_Answer], counted: dict[str, float]) -> Iterator[float]:
    """Give the numbers that answers state, without the zeros that are no ties."""
    for answer in told:
        for _, cell in answer.answers:
            value = _stated(cell, counted)
            if value is not None and not (answer.zero_is_none and value == 0.0):
                yield value


def _scale_of(
    told: list[_Answer], scale: Sequence[float] | None, counted: dict[str, float], account: Account
) -> tuple[float, float]:
    """Return the lowest and the highest answer to a question about trust: as declared, or assumed."""
    declared = next((answer.declared for answer in told if answer.declared), None)
    values = list(_numbers(told, counted))
    if declared:
        limits, assumed = declared, False
    elif scale is not None:
        limits, assumed = (float(scale[0]), float(scale[1])), False
    else:
        found = usual_scale(values, _USUAL_TRUST)
        limits, assumed = found or (0.0, 1.0), found is not None
    matrix_of_ones = told and all(answer.zero_is_none for answer in told) and set(values) == {1.0}
    if values and not matrix_of_ones and (assumed or limits != (0.0, 1.0)):
        account.note("trust_scale", assumed, low=f"{limits[0]:g}", high=f"{limits[1]:g}")
    if matrix_of_ones:
        account.note("ones")
    return (np.nan, np.nan) if matrix_of_ones else limits


def _stated(cell: str, counted: dict[str, float]) -> float | None:
    """Return the number of an answer: a number, one with words (“4 - a great deal”), or words whose number is declared."""
    if plain(cell) in counted:
        return counted[plain(cell)]
    value = number_in(cell)
    if value is not None:
        return value
    for form in _NUMBERED_ANSWER:
        if found := form.fullmatch(cleaned(cell)):
            return float(found[1].replace(",", "."))
    return None


def _trust(answer: _Answer, limits: tuple[float, float], counted: dict[str, float], account: Account) -> float | None:
    """Return the trust of a tie from 0 to 1: the mean of its answers, NaN: none is stated; None: no tie, or a noted fault."""
    low, high = limits
    values, says_no = [], False
    for column, cell in answer.answers:
        said = None if plain(cell) in counted else answer_of(cell)
        value = None if said else _stated(cell, counted)
        if said == "unknown":
            account.note("unknown_answer", cell=cell)
        elif said == "yes":
            continue
        elif said == "no" or (value == 0.0 and answer.zero_is_none):
            says_no = True
        elif np.isnan(low) and value == 1.0:
            continue
        elif value is None or not low <= value <= high:
            numbered = {"low": f"{low:g}", "high": f"{high:g}"}
            account.cell(answer.label, answer.row, column, cell, "trust", **numbered)
            return None
        else:
            if number_in(cell) is None:
                account.note("worded_answer", cell=cell, value=f"{value:g}")
            values.append((value - low) / (high - low))
    if says_no and not values:
        return None
    return float(np.mean(values)) if values else np.nan
