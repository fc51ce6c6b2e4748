import openpyxl
import pytest

HOSTILE = (
    "<img src=x onerror=document.title='run'>",
    '=HYPERLINK("http://x")',
    "\u202eabc",
    "{week}",
    "</script><script>document.title='run'</script>",
    "</template><script>document.title='run'</script>",
    "#set page(width: 1cm)",
    "👩\u200d👩\u200d👧 org",
    "A" * 10_000,
)
SECTORS = ("government", "business", "civil society")


@pytest.fixture
def hostile(tmp_path):
    """Return a workbook whose names would do harm if any of them were run."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "sector"])
    for k, name in enumerate(HOSTILE):
        sheet.append([None, SECTORS[k % 3]])
        cell = sheet.cell(k + 2, 1)
        cell.value, cell.data_type = name, "s"
    book.save(tmp_path / "hostile.xlsx")
    return tmp_path / "hostile.xlsx"
