"""The notebooks of the documentation run from top to bottom, and show the numbers that are stored in them."""

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

NOTEBOOKS = sorted((Path(__file__).parents[1] / "docs" / "notebooks").glob("*.ipynb"))


def texts(notebook) -> list[str]:
    return [
        output["data"]["text/plain"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/plain" in output.get("data", {}) and "image/png" not in output["data"]
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_is_stored_in_it(path):
    stored = texts(nbformat.read(path, as_version=4))
    again = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(again, timeout=300, kernel_name="python3").execute()
    assert stored
    assert texts(again) == stored
    figures = [o for c in again.cells if c.cell_type == "code" for o in c.outputs if "image/png" in o.get("data", {})]
    assert figures
