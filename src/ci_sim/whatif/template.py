"""An example workbook to fill in: a sheet of instructions, one of organizations and one of ties, with lists to choose from."""

from __future__ import annotations

from pathlib import Path

from ci_sim.rules.parameters import SECTORS
from ci_sim.studies.execution.output import open_folder, written_whole
from ci_sim.texts import text

_ROWS = 300  # rows in which one can choose from a list
_TRAITS = ("capacity", "influence", "salience", "reliability")  # of those a table can hold, the ones that people know
_EXAMPLES = ((10, 3, 0.7, 0.9), (6, 2, 0.5, 0.9), (4, 1, 0.9, 0.95))  # of _TRAITS, an organization of each sector


def write_template(folder: str, locale: str) -> Path:
    """Write `partners.xlsx` into a folder; return its path.

    What it holds is read back as it stands: header names, sectors and answers are words that the import knows.

    Raises:
        UserError: if the folder cannot be written to.
    """
    import openpyxl
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    def said(key: str, **facts: object) -> str:
        return text(f"template.{key}", locale, **facts)

    book = openpyxl.Workbook()
    notes = book.worksheets[0]
    notes.title = said("instructions")
    for line in text("template.lines", locale).split("\n"):
        notes.append([line])
    notes.column_dimensions["A"].width = 110
    notes["A1"].font = Font(bold=True, size=14)
    sheets: dict[str, tuple[list[str], list[list]]] = {
        "organizations": (["name", "sector", *_TRAITS, "position_1"], _organizations(locale)),
        "ties": (["source", "target", "trust"], _ties(locale)),
    }
    for kind, (columns, rows) in sheets.items():
        sheet = book.create_sheet(said(kind))
        sheet.append([said(f"columns.{column}") for column in columns])
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
        for number in range(1, len(columns) + 1):
            sheet.column_dimensions[get_column_letter(number)].width = 34 if number < 3 else 20
        sheet.freeze_panes = "A2"
    first, second = (book[said(kind)] for kind in sheets)
    sectors = DataValidation(type="list", formula1=f'"{",".join(_sectors(locale))}"', allow_blank=True)
    names = DataValidation(type="list", formula1=f"'{first.title}'!$A$2:$A${_ROWS}", allow_blank=True)
    answers = DataValidation(type="list", formula1=f'"{",".join(_answers(locale))}"', allow_blank=True)
    for sheet, choice, cells in (
        (first, sectors, f"B2:B{_ROWS}"),
        (second, names, "A2:B3000"),
        (second, answers, "C2:C3000"),
    ):
        choice.showErrorMessage = False  # other words are read, or refused with what to do, by the import
        sheet.add_data_validation(choice)
        choice.add(cells)
    for sheet in book.worksheets:
        sheet.sheet_view.rightToLeft = locale == "he"
    path = open_folder(folder) / "partners.xlsx"
    with written_whole(path) as temporary:
        book.save(temporary)
    return path


def _sectors(locale: str) -> list[str]:
    return [text(f"sectors.{sector}", locale) for sector in SECTORS]


def _answers(locale: str) -> list[str]:
    return [text(f"template.answers.answer_{k}", locale) for k in range(1, 5)]


def _example(k: int, locale: str) -> str:
    return text(f"template.examples.example_{k + 1}", locale)


def _organizations(locale: str) -> list[list]:
    rows = zip(_EXAMPLES, _sectors(locale), strict=True)
    return [[_example(k, locale), sector, *traits, 0.25 * (k + 1)] for k, (traits, sector) in enumerate(rows)]


def _ties(locale: str) -> list[list]:
    answers = _answers(locale)
    return [
        [_example(0, locale), _example(1, locale), answers[2]],
        [_example(2, locale), _example(0, locale), answers[1]],
    ]
