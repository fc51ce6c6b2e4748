"""Files as people have them, read as sheets of text: CSV of any usual encoding, spreadsheets, and network files.

Nothing in a file is run: formulas are taken by their stored values, and markup stays text.
"""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from ci_sim.partners.account import Account
from ci_sim.texts import text

SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
NETWORKS = (".graphml", ".gexf")
MOST_BYTES = 300_000_000  # of a file, and of what a compressed one holds
MOST_ROWS = 100_000  # of a sheet of a spreadsheet
MOST_CELLS = 2_000_000

_MARKS = {  # of a byte order at a file's beginning
    codecs.BOM_UTF8: ("utf-8-sig", "UTF-8"),
    codecs.BOM_UTF16_LE: ("utf-16", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16", "UTF-16"),
}
# Alphabets of eight bits among which one is recognized; the first that shows a file in the same way is named.
_ALPHABETS = ("cp1255", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "cp862", "mac_roman")
_HEBREW_WORD = re.compile(r"(?<![^\W\d_])[א-ת]{2,}")


class Sheet(NamedTuple):
    """A table as text: its cells without the space around them."""

    path: Path
    name: str | None  # of the sheet; None where a file is one table
    rows: list[list[str]]
    formulas: dict[tuple[int, int], str] = {}  # by row and place: those whose value was never stored  # noqa: RUF012

    @property
    def label(self) -> str:
        """What messages call it."""
        return str(self.path) if self.name is None else text("partners.sheet", path=self.path, sheet=self.name)


def sheets_of(path: Path, account: Account) -> list[Sheet]:
    """Return the sheets of a file that hold anything.

    Raises:
        UserError: if there is no such file, or it cannot be read as what its name says.
    """
    if path.is_dir() or not path.exists():
        raise account.refuse("no_file", path=path)
    _refuse_large(path, path.stat().st_size, account)
    ending = path.suffix.lower()
    if ending in SPREADSHEETS:
        return _sheets_of_spreadsheet(path, account)
    if ending in NETWORKS:
        from ci_sim.partners.networks import sheets_of_network

        return sheets_of_network(path, account)
    return [Sheet(path, None, _rows(_decoded(path, account), account, path))]


def _refuse_large(path: Path, size: int, account: Account) -> None:
    if size > MOST_BYTES:
        raise account.refuse("file_large", path=path, size=f"{size / 1e6:,.0f}", most=f"{MOST_BYTES / 1e6:,.0f}")


def _decoded(path: Path, account: Account) -> str:
    """Return a text file's content: by its byte order mark, as UTF-8, or in an alphabet of eight bits that is recognized."""
    content = path.read_bytes()
    marked = _marked(content)
    if marked is None:
        plain = _in(content, "utf-8")
        return _recognized(path, content, account) if plain is None else plain
    encoding, name = marked
    decoded = _in(content, encoding)
    if decoded is None:
        raise account.refuse("unreadable", path=path)
    account.note("encoding", file=path.name, encoding=name)
    return decoded


def _marked(content: bytes) -> tuple[str, str] | None:
    """Return the encoding that a byte order mark tells, or zeros in every second place, and its name; None: neither is there."""
    for mark, found in _MARKS.items():
        if content.startswith(mark):
            return found
    even, odd = content[:1000:2].count(0), content[1:1000:2].count(0)
    return ("utf-16-le" if odd > even else "utf-16-be", "UTF-16") if even + odd else None


def _in(content: bytes, encoding: str) -> str | None:
    """Return a content in an encoding; None where it cannot be in it."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _recognized(path: Path, content: bytes, account: Account) -> str:
    """Return the content in the alphabet of eight bits that charset-normalizer finds most likely.

    Of few words it often cannot tell Hebrew from other alphabets. So Windows-1255 is taken wherever it gives whole Hebrew words
    and no other letters beyond ASCII, and the older alphabet of DOS where it does and is not ruled out.
    """
    from charset_normalizer import from_bytes

    likely = [match.encoding for match in from_bytes(content, cp_isolation=list(_ALPHABETS), threshold=0.6)]
    hebrew = [encoding for encoding in ("cp1255", *likely) if encoding in ("cp1255", "cp862")]
    encoding = next((encoding for encoding in hebrew if _all_hebrew(_in(content, encoding) or "")), None)
    if encoding is None and not likely:
        raise account.refuse("not_utf8", path=path)
    decoded = content.decode(encoding or likely[0])
    named = encoding or next(name for name in _ALPHABETS if _in(content, name) == decoded)
    account.note("encoding", assumed=True, file=path.name, encoding=_named(named))
    return decoded


def _all_hebrew(content: str) -> bool:
    """Return whether all letters beyond ASCII are Hebrew ones, some of them in words."""
    beyond = [c for c in content if ord(c) > 127 and c.isalpha()]
    return bool(beyond) and all("א" <= c <= "ת" for c in beyond) and bool(_HEBREW_WORD.search(content))


def _named(encoding: str) -> str:
    return {"cp862": "DOS 862", "mac_roman": "Mac Roman"}.get(encoding, encoding.replace("cp", "Windows-"))


def _rows(content: str, account: Account, path: Path) -> list[list[str]]:
    """Return the cells of a CSV file, with commas, semicolons or tabs between them."""
    lines = content.splitlines(keepends=True)
    if lines and re.fullmatch(r"sep=.\s*", lines[0]):  # a line that Excel writes for itself
        lines[0] = "\n"
    separator = _separator(lines)
    names = {";": "semicolons", "\t": "tabs", "|": "bars"}
    if separator in names:
        account.note(names[separator], file=path.name)
    csv.field_size_limit(MOST_BYTES)
    return [[tidy(cell) for cell in row] for row in csv.reader(lines, delimiter=separator, skipinitialspace=True)]


def _separator(lines: list[str]) -> str:
    """Return what separates the cells: what the first lines hold the same number of, or most of."""
    filled = [line for line in lines[:50] if line.strip()][:20]
    if not filled:
        return ","
    counts = {mark: [len(next(csv.reader([line], delimiter=mark), [])) for line in filled] for mark in ",;\t|"}
    return max(counts, key=lambda mark: (sum(n > 1 for n in counts[mark]), max(counts[mark])))


def tidy(cell: Any) -> str:
    """Return a cell as text, with plain single spaces; a whole number without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def _sheets_of_spreadsheet(path: Path, account: Account) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_bombs(path, account)
    sheets = []
    try:
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if (sheet.height or 0) > 0:
                    sheets.append(Sheet(path, name, _cells(path, name, sheet, account)))
    except (CalamineError, ValueError, KeyError, OSError, BadZipFile):
        raise account.refuse("unreadable", path=path) from None
    unknown = _formulas_without_values(path, {sheet.name: sheet.rows for sheet in sheets})
    return [sheet._replace(formulas=unknown.get(sheet.name, {})) for sheet in sheets if any(map(any, sheet.rows))]


def _refuse_bombs(path: Path, account: Account) -> None:
    """Refuse what unpacks to more than a table of partners can be, before it is kept anywhere, and what lies about its size."""
    if path.suffix.lower() == ".xls":
        return
    try:
        with ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            torn = unpacked <= MOST_BYTES and archive.testzip()  # reads no more of a part than it says it holds
    except (BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise account.refuse("unreadable", path=path) from None
    if torn:
        raise account.refuse("unreadable", path=path)
    _refuse_large(path, unpacked, account)


def _cells(path: Path, name: str, sheet: Any, account: Account) -> list[list[str]]:
    """Return the cells of a spreadsheet's sheet, by their rows in it, up to the last one that holds anything."""
    rows: list[list[str]] = []
    filled = cells = 0
    for number, row in enumerate(sheet.iter_rows()):
        texts = [tidy(cell) for cell in row]
        if any(texts):
            filled, cells = filled + 1, cells + len(texts)
            rows += [[]] * (number - len(rows))
            rows.append(texts)
        if filled > MOST_ROWS or cells > MOST_CELLS:
            raise account.refuse("sheet_large", path=path, sheet=name, most=f"{MOST_ROWS:,}")
    return rows


def _formulas_without_values(path: Path, rows: dict[str | None, list[list[str]]]) -> dict[str | None, dict]:
    """Return the cells of a workbook that hold an error, or a formula that was never calculated, by sheet, row and place."""
    if path.suffix.lower() not in (".xlsx", ".xlsm") or not _has_formulas(path):
        return {}
    import openpyxl

    found: dict[str | None, dict] = {}
    book = openpyxl.load_workbook(path, read_only=True)
    for name in book.sheetnames:
        for cells in book[name].iter_rows() if name in rows else ():
            for cell in cells:
                if cell.data_type in ("f", "e"):
                    row, place = cell.row - 1, cell.column - 1
                    stored = rows[name][row][place] if row < len(rows[name]) and place < len(rows[name][row]) else ""
                    if not stored:
                        found.setdefault(name, {})[row, place] = f"{cell.coordinate} {cell.value}"
    book.close()
    return found


def _has_formulas(path: Path) -> bool:
    with ZipFile(path) as archive:
        sheets = [part for part in archive.namelist() if part.startswith("xl/worksheets/")]
        return any(mark in archive.read(part) for part in sheets for mark in (b"<f>", b"<f ", b't="e"'))
