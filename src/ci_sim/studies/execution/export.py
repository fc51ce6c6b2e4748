"""A run for other tools: GraphML and GEXF (Gephi, Cytoscape), Kumu's two sheets, a workbook.

Names come from users' tables, so that any text must be readable where it arrives and run nothing there: a text that begins
with `=` is a text in a workbook too, and what no XML may hold is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ci_sim.simulation.recording import Recording
from ci_sim.studies.execution.output import written_whole

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767  # letters that a cell of a workbook holds


def write_graphml(organizations: pd.DataFrame, ties: pd.DataFrame, path: Path) -> None:
    """Write organizations and ties, as `snapshots` has them, as a graph whose attributes any reader of GraphML understands."""
    import networkx as nx

    graph = nx.Graph()
    for row in organizations.to_dict("records"):
        graph.add_node(_safe(row.pop("id")), **_attributes(row))
    for row in ties.to_dict("records"):
        graph.add_edge(_safe(row.pop("source")), _safe(row.pop("target")), **_attributes(row))
    with written_whole(path) as temporary:
        nx.write_graphml(graph, temporary)


def write_gexf(recording: Recording, names: dict[str, str], path: Path) -> None:
    """Write a recorded run as a dynamic graph, which Gephi's timeline plays: one unit of its time is a week.

    Ties have spells, the weeks in which there is one, and trust (the lesser of both sides, to two decimals) and agreement that
    change; organizations have membership and whether they are in the coalition.

    Args:
        names: of the organizations, by id.
    """
    import networkx as nx

    graph = nx.Graph(mode="dynamic")
    people, ties = recording.organizations, recording.ties
    weeks, sectors = people["week"].to_numpy(), people["sector"].to_numpy()
    membership, inside = people["membership"].to_numpy(), people["in_coalition"].to_numpy()
    for who, rows in people.groupby("id", observed=True, sort=False).indices.items():
        spells = {
            "membership": _spells(weeks[rows], membership[rows]),
            "in_coalition": _spells(weeks[rows], inside[rows]),
        }
        graph.add_node(_safe(who), label=_safe(names[who]), sector=str(sectors[rows[0]]), **spells)
    weeks, agreement = ties["week"].to_numpy(), ties["agreement"].to_numpy()
    trust = ties[["trust_source", "trust_target"]].min(axis=1).round(2).to_numpy()
    for (source, target), rows in ties.groupby(["source", "target"], observed=True, sort=False).indices.items():
        spells = {"trust": _spells(weeks[rows], trust[rows]), "agreement": _spells(weeks[rows], agreement[rows])}
        present = [(first, after) for _, first, after in _spells(weeks[rows], np.ones(len(rows)))]
        graph.add_edge(_safe(source), _safe(target), spells=present, **spells)
    with written_whole(path) as temporary:
        nx.write_gexf(graph, temporary)


def write_kumu(organizations: pd.DataFrame, ties: pd.DataFrame, path: Path) -> None:
    """Write a workbook with the two sheets that Kumu imports, Elements and Connections; each side of a tie is a connection."""
    named = organizations.set_index("id")["name"]
    elements = organizations.rename(columns={"name": "Label", "sector": "Type"}).drop(columns="id")
    sides = [("source", "target"), ("target", "source")]
    connections = [
        pd.DataFrame(
            {
                "From": ties[a].map(named),
                "To": ties[b].map(named),
                "Direction": "directed",
                "Type": ties["agreement"],
                "Trust": ties[f"trust_{a}"],
                "Willingness": ties[f"willingness_{a}"],
            }
        )
        for a, b in sides
    ]
    write_workbook({"Elements": elements, "Connections": pd.concat(connections, ignore_index=True)}, path)


def write_workbook(sheets: dict[str, pd.DataFrame], path: Path) -> None:
    """Write tables as sheets of a workbook, in which every text is a text: none is a formula."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, table in sheets.items():
        sheet = workbook.create_sheet(title)
        sheet.freeze_panes = "A2"
        for row in [list(table.columns), *table.itertuples(index=False, name=None)]:
            sheet.append([_cell(value) for value in row])
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # also where it begins with "="
    with written_whole(path) as temporary:
        workbook.save(temporary)


def _cell(value: Any) -> Any:
    plain = _plain(value)
    return _safe(plain)[:_LONGEST] if isinstance(plain, str) else None if pd.isna(plain) else plain


def _plain(value: Any) -> Any:
    """Return a value as a plain Python text, truth value or number."""
    return value.item() if isinstance(value, np.generic) else value


def _safe(text: str) -> str:
    """Return a text without what no XML may hold."""
    return _NOT_IN_XML.sub("", str(text))


def _attributes(row: dict[str, Any]) -> dict[str, Any]:
    """Return attributes of a graph: what is missing is left out."""
    plain = {key: _plain(value) for key, value in row.items()}
    return {
        key: _safe(value) if isinstance(value, str) else value for key, value in plain.items() if not pd.isna(value)
    }


def _spells(weeks: np.ndarray, values: np.ndarray) -> list[tuple[Any, int, int]]:
    """Return spells: weeks in a row with the same value, as that value, the first week and the one after the last."""
    new = np.flatnonzero(np.append(True, (values[1:] != values[:-1]) | (np.diff(weeks) != 1)))
    last = np.append(new[1:], len(weeks)) - 1
    return [(_plain(values[a]), int(weeks[a]), int(weeks[b]) + 1) for a, b in zip(new, last, strict=True)]
