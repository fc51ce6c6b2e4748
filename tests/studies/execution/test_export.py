"""A run for other tools, read back by libraries that read what these tools read."""

import networkx as nx
import openpyxl
import pandas as pd
import pytest

from ci_sim import load_config, record, run
from ci_sim.errors import UserError
from ci_sim.studies.execution.export import write_gexf, write_graphml, write_kumu, write_workbook
from ci_sim.studies.execution.output import now
from ci_sim.studies.questions import single

HOSTILE = ["=HYPERLINK(1)", "<b>&\x07\x0b", "‮גימל", "x" * 40_000]


@pytest.fixture(scope="module")
def recording():
    return record(load_config("four_insights", ["population=knoke", "weeks=60"]), 3)


def test_a_dynamic_graph_has_every_week_of_ties_and_members(recording, tmp_path):
    names = {who: f"name of {who}" for who in recording.organizations["id"].unique()}
    write_gexf(recording, names, tmp_path / "network.gexf")
    graph = nx.read_gexf(tmp_path / "network.gexf")
    assert graph.graph["mode"] == "dynamic"
    assert {data["label"] for _, data in graph.nodes(data=True)} == set(names.values())
    ties = recording.ties
    for week in (1, 20, 60):
        then = ties[ties["week"] == week]
        alive = {
            frozenset(pair)
            for *pair, data in graph.edges(data=True)
            if any(float(a) <= week < float(b) for a, b in data["spells"])
        }
        assert alive == {frozenset(pair) for pair in zip(then["source"], then["target"], strict=True)}
        for row in then.itertuples():
            spells = graph.edges[row.source, row.target]["trust"]
            (value,) = [value for value, a, b in spells if float(a) <= week < float(b)]
            assert value == pytest.approx(min(row.trust_source, row.trust_target), abs=0.00501)
    people = recording.organizations.set_index(["week", "id"])
    for who, data in graph.nodes(data=True):
        (then,) = [value for value, a, b in data["membership"] if float(a) <= 30 < float(b)]
        assert then == people.loc[(30, who), "membership"]


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    organizations = pd.DataFrame({"id": HOSTILE, "name": HOSTILE, "sector": "business", "salience": [0.5, None, 1, 0]})
    ties = pd.DataFrame({"source": HOSTILE[:1], "target": HOSTILE[1:2], "agreement": "signed"})
    sides = {f"{what}_{side}": 0.5 for what in ("trust", "willingness") for side in ("source", "target")}
    return organizations, ties.assign(**sides)


def test_any_name_is_readable_in_a_graph(tmp_path):
    write_graphml(*tables(), tmp_path / "network.graphml")
    graph = nx.read_graphml(tmp_path / "network.graphml")
    assert [data["name"] for _, data in graph.nodes(data=True)] == [HOSTILE[0], "<b>&", *HOSTILE[2:]]
    assert graph.number_of_edges() == 1


def test_no_text_of_a_workbook_is_a_formula(tmp_path):
    write_kumu(*tables(), tmp_path / "kumu.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "kumu.xlsx")
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert HOSTILE[0] in {cell.value for cell in cells}
    assert pd.read_excel(tmp_path / "kumu.xlsx", "Connections")["Direction"].tolist() == ["directed"] * 2


def test_kumus_sheets_hold_each_organization_and_both_sides_of_each_tie(tmp_path):
    result = run(load_config("run", ["population=knoke", "weeks=30", "quiet=true"]))
    write_kumu(result.organizations, result.ties, tmp_path / "kumu.xlsx")
    elements = pd.read_excel(tmp_path / "kumu.xlsx", "Elements")
    connections = pd.read_excel(tmp_path / "kumu.xlsx", "Connections")
    assert set(connections["From"]) | set(connections["To"]) <= set(elements["Label"])
    assert len(connections) == 2 * len(result.ties)
    assert sorted(connections["Trust"]) == pytest.approx(
        sorted([*result.ties["trust_source"], *result.ties["trust_target"]])
    )


def test_truths_and_gaps_survive_in_a_workbook(tmp_path):
    write_workbook({"one": pd.DataFrame({"a": [True, False], "b": [None, "x"]})}, tmp_path / "one.xlsx")
    back = pd.read_excel(tmp_path / "one.xlsx", "one")
    assert back["a"].tolist() == [True, False]
    assert back["b"].isna().tolist() == [True, False]


def test_a_run_is_written_in_the_formats_that_are_asked_for(tmp_path):
    config = load_config(
        "run",
        ["population=knoke", "weeks=20", "quiet=true", f"output_dir='{tmp_path}'", "formats=[gexf,kumu,xlsx]"],
    )
    single.write_run(config, run(config), now(), lambda *_: None)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"network.gexf", "kumu.xlsx", "run.xlsx"} <= names
    assert "network.graphml" not in names


def test_an_unknown_format_and_a_run_too_large_to_play_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"formats: 'gefx' is unknown \(did you mean gexf\?\)"):
        load_config("run", ["formats=[gefx]"])
    monkeypatch.setattr(single, "KEPT_ROWS", 10)
    config = load_config(
        "run", ["population=knoke", "weeks=5", "quiet=true", f"output_dir='{tmp_path}'", "formats=[gexf]"]
    )
    with pytest.raises(UserError, match="gexf plays every week"):
        single.write_run(config, run(config), now(), lambda *_: None)
