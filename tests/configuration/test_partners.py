import numpy as np
import pytest

from ci_sim import InitiativeModel, UserError, compare, load_config
from ci_sim.configuration.partners import partners_from
from ci_sim.partners import reading as reading_module


@pytest.fixture
def tables(tmp_path):
    """Return a maker of partners from the text of two tables."""

    def make(organizations: str, ties: str | None = None, *overrides: str, encoding: str = "utf-8"):
        (tmp_path / "orgs.csv").write_bytes(organizations.encode(encoding))
        given = ["population=from_files", f"organizations='{tmp_path}/orgs.csv'"]
        if ties is not None:
            (tmp_path / "ties.csv").write_text(ties, encoding="utf-8")
            given.append(f"ties='{tmp_path}/ties.csv'")
        return partners_from(load_config("run", [*given, *overrides]))

    return make


THREE = "name,sector\nA,government\nB,business\nC,civil_society\n"
WITH_SALIENCE = "name,sector,salience\nA,government,0.5\nB,business,\n"


def test_only_name_and_sector_are_needed_and_the_rest_is_listed_as_assumed(tables):
    partners = tables(THREE)
    assert partners.names == ["A", "B", "C"]
    assert list(partners.given.sector) == [0, 1, 2]
    assert np.isnan(partners.given.capacity).all()
    assert partners.assumed == [
        "capacity",
        "influence",
        "salience",
        "reliability",
        "listening",
        "firmness",
        "turnover",
        "board_weeks",
        "positions",
        "ties",
    ]


def test_what_is_given_is_taken_and_what_is_partly_given_is_assumed_too(tables):
    head = "Name ; Sector;salience;reliability;position_1\n"
    rows = "A;government;0.4;0.9;0.1\nB;Business;0.5;;0.2\nC;civil society;1;1;0.3\n"
    partners = tables(
        head + rows, "source,target,trust\nA,B,1\nB,A,3\nA,C,yes\nB,C,no\n", "population.trust_scale=[1,4]"
    )
    assert list(partners.given.salience) == [0.4, 0.5, 1.0]
    assert partners.given.position.shape == (3, 1)
    assert partners.assumed == [
        "capacity",
        "influence",
        "reliability",
        "listening",
        "firmness",
        "turnover",
        "board_weeks",
        "trust in ties",
    ]
    assert partners.given.ties.tolist() == [[0, 1], [1, 0], [0, 2]]
    np.testing.assert_allclose(partners.given.tie_trust, [0.0, 2 / 3, np.nan])


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-8")])
def test_separators_a_byte_order_mark_and_hebrew_are_read(tables, separator, encoding):
    names = ["משרד החינוך", "אינטל", "שיתופים"]
    rows = [
        ["name", "sector"],
        *([name, s] for name, s in zip(names, ("government", "business", "Civil-Society"), strict=True)),
    ]
    partners = tables("\r\n".join(separator.join(row) for row in rows), encoding=encoding)
    assert partners.names == names
    assert list(partners.given.sector) == [0, 1, 2]


def test_a_spreadsheet_is_read(tmp_path):
    import pandas as pd

    path = tmp_path / "partners.xlsx"
    pd.DataFrame(
        {"name": ["A", "B", "C"], "sector": ["government", "business", "civil society"], "capacity": [5, None, 7]}
    ).to_excel(path, index=False)
    partners = partners_from(load_config("run", ["population=from_files", f"organizations='{path}'"]))
    np.testing.assert_array_equal(partners.given.capacity, [5, np.nan, 7])


def test_what_spreadsheets_add_is_understood(tables):
    """A line for Excel itself, decimal commas, trailing separators, and names that other programs take for missing."""
    text = "sep=;\nname;sector;salience;;\nNA;government;0,5;;\nnull;business;;;\n;;;;\nNone;civil society;1;;\n"
    partners = tables(text)
    assert partners.names == ["NA", "null", "None"]
    np.testing.assert_array_equal(partners.given.salience, [0.5, np.nan, 1.0])


def test_what_is_no_text_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "orgs.csv").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(UserError, match=r"orgs\.csv: "):
        partners_from(load_config("run", ["population=from_files", f"organizations='{tmp_path}/orgs.csv'"]))


def test_a_text_that_is_called_a_spreadsheet_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "orgs.xlsx"
    path.write_text(THREE)
    with pytest.raises(UserError, match="cannot be read as a table; save it again"):
        partners_from(load_config("run", ["population=from_files", f"organizations='{path}'"]))


def test_ties_name_partners_by_id_or_name(tables):
    text = "id,name,sector\n1,A,government\n2,B,business\n3,C,civil_society\n"
    assert tables(text, "source,target\n1,B\nC,2\n").given.ties.tolist() == [[0, 1], [2, 1]]


def test_sectors_that_take_no_part_are_left_out_with_their_ties(tables):
    partners = tables(THREE, "source,target\nA,B\nA,C\n", "sectors=[government,civil_society]")
    assert partners.names == ["A", "C"]
    assert partners.given.ties.tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("organizations", "ties", "words"),
    [
        ("name,sector\nA,government\nB,bussiness\n", None, ["orgs.csv", "row 3", "sector", "bussiness", "business"]),
        ("name,sector\nA,government\nA,business\n", None, ["orgs.csv", "row 3", "name", "'A'", "earlier"]),
        ("id,name,sector\n1,A,government\n1,B,business\n", None, ["row 3", "column id", "'1'"]),
        ("name,sector\nA,government\n,business\n", None, ["orgs.csv", "row 3", "name", "missing"]),
        ("name,sector\nA,\n", None, ["orgs.csv", "row 2", "sector"]),
        ("name,kind\nA,government\n", None, ["orgs.csv", "row 1", "sector", "name, kind"]),
        ("", None, ["orgs.csv", "empty"]),
        ("name,sector\n", None, ["orgs.csv", "no rows"]),
        (f"{WITH_SALIENCE}C,civil_society,high\n", None, ["row 4", "salience", "'high'", "0 to 1"]),
        (f"{WITH_SALIENCE}C,civil_society,1.5\n", None, ["row 4", "salience", "'1.5'", "0 to 1"]),
        (WITH_SALIENCE.replace("salience", "position_2") + "C,civil_society,1\n", None, ["orgs.csv", "without a gap"]),
        ("name,sector\nA,government\nB,business\n", None, ["orgs.csv", "civil_society", "sectors="]),
        (THREE, "source,target\nA,Zoe\n", ["ties.csv", "row 2", "target", "Zoe"]),
        (THREE, "source,target\nA,\n", ["ties.csv", "row 2", "target"]),
        (THREE, "source,target\nA,A\n", ["ties.csv", "row 2", "itself"]),
        (THREE, "source,target\nA,B\nB,A\nA,B\n", ["ties.csv", "row 4", "'B'", "earlier"]),
        (THREE, "source,target,trust\nA,B,7\n", ["ties.csv", "row 2", "trust", "'7'", "0 to 1"]),
        (THREE, "here,there\nA,B\n", ["ties.csv", "row 1", "source"]),
        (THREE, "", ["ties.csv", "empty"]),
        ("name,sector\nA,government\n\n\nB,bussiness\n", None, ["orgs.csv", "row 5", "bussiness"]),
        ("name,sector\nx,A,government\n", None, ["orgs.csv", "row 2", "'government'", "without a name"]),
        ("name,sector,salience,salience\nA,government,1,1\n", None, ["orgs.csv", "row 1", "'salience'", "twice"]),
        ("name,sector,influense\nA,government,1\n", None, ["orgs.csv", "row 1", "'influense'", "influence"]),
        ("id,name,sector\n,A,government\n", None, ["orgs.csv", "row 2", "column id", "missing"]),
        (THREE, "source,target,trust\nA,B,9\n", ["ties.csv", "row 2", "'9'", "population.trust_scale"]),
    ],
)
def test_a_wrong_table_is_refused_with_file_row_and_column(tables, organizations, ties, words):
    with pytest.raises(UserError) as refusal:
        tables(organizations, ties)
    message = str(refusal.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_the_packaged_example_is_knokes_ten_organizations():
    """Out- and in-degrees as printed in Knoke & Kuklinski (1982), in the order of the table."""
    partners = partners_from(load_config("run", ["population=knoke"]))
    assert len(partners.names) == 10
    ties = partners.given.ties
    assert np.bincount(ties[:, 0]).tolist() == [4, 7, 6, 4, 8, 3, 3, 6, 3, 5]
    assert np.bincount(ties[:, 1]).tolist() == [5, 8, 4, 5, 8, 1, 9, 2, 5, 2]
    assert set(partners.given.sector) == {0, 1, 2}
    assert "trust in ties" in partners.assumed


def test_the_second_packaged_example_is_schneiders_thirty_organizations():
    """342 directed ties, 105 of them answered; the sixteen of government are its ministries, agencies, parties and bodies."""
    partners = partners_from(load_config("run", ["population=chemnet"]))
    assert len(partners.names) == 30
    assert np.bincount(partners.given.sector).tolist() == [16, 4, 10]
    ties = {tuple(pair) for pair in partners.given.ties.tolist()}
    assert (len(ties), sum((b, a) in ties for a, b in ties) // 2) == (342, 105)
    positions = partners.given.position
    assert (positions.min(), positions.max()) == (0, 1)
    assert partners.given.influence[partners.ids.index("VCI")] == 1 + 25
    assert "positions" not in partners.assumed


def test_an_organization_with_many_given_ties_keeps_them_all(tables):
    names = [f"O{k}" for k in range(30)]
    text = "name,sector\n" + "".join(
        f"{name},{('government', 'business', 'civil_society')[k % 3]}\n" for k, name in enumerate(names)
    )
    partners = tables(text, "source,target\n" + "".join(f"O0,{name}\n" for name in names[1:]))
    assert partners.max_ties == 29


def test_influence_may_be_zero_since_nobody_may_have_named_an_organization(tables):
    partners = tables("name,sector,influence\nA,government,0\nB,business,2\nC,civil_society,0\n")
    assert list(partners.given.influence) == [0, 2, 0]


def test_organizations_without_any_influence_write_an_agenda_of_equals(tmp_path):
    table = "name,sector,influence,position_1\nA,government,0,0.2\nB,business,0,0.6\nC,civil_society,0,0.7\n"
    (tmp_path / "orgs.csv").write_text(table, encoding="utf-8")
    given = ["population=from_files", f"organizations='{tmp_path}/orgs.csv'", "components=none", "weeks=1"]
    model = InitiativeModel(load_config("run", given), seed=1)
    model.run_model()
    assert model.initiative.agenda[0] == pytest.approx(model.state.orgs["position"][:, 0].mean(), abs=1e-9)
    assert model.outcomes()["influence_bias"][0] == 0


def test_more_than_four_issues_are_refused_as_too_many(tables):
    head = ",".join(f"position_{d}" for d in range(1, 6))
    with pytest.raises(UserError, match="there are 5 columns of positions; organizations stand on four issues at most"):
        tables(f"name,sector,{head}\nA,government,0,0,0,0,0\n", None, "sectors=[government]")


def test_scenarios_read_the_same_table_once_and_a_changed_table_again(tmp_path, monkeypatch):
    read, path = [], tmp_path / "orgs.csv"
    reading = reading_module.sheets_of
    monkeypatch.setattr(reading_module, "sheets_of", lambda path, account: read.append(path) or reading(path, account))
    path.write_text(THREE, encoding="utf-8")
    given = ["population=from_files", f"organizations='{path}'", "scenarios=[baseline,stage_found,intra_sector]"]
    own = [*given, "replicates=2", "weeks=4", "quiet=true"]
    compare(load_config("compare", own))
    assert read == [path]
    path.write_text(THREE + "D,business\n", encoding="utf-8")
    assert len(partners_from(load_config("compare", own)).names) == 4
