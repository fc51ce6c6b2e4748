"""Tables of the kinds that people really have: each is read, and how is said; or refused, with everything that is wrong."""

import zipfile

import numpy as np
import openpyxl
import pytest

from ci_sim import UserError
from ci_sim.partners.account import SHOWN
from ci_sim.partners.files import MOST_BYTES
from ci_sim.partners.reading import read_files

ABC = "name,sector\nAlpha,government\nBeta,business\nGamma,civil_society\n"
HEBREW = 'שם,מגזר\nמשרד החינוך,ממשלה\nקרן אור,מגזר עסקי\n"עמותת תנ״ך",מלכ"ר\n'


@pytest.fixture
def read(tmp_path):
    """Return a reader of a table of organizations and one of ties, given as text, bytes or the sheets of a workbook."""

    def written(name: str, content):
        if isinstance(content, dict):
            path, book = tmp_path / f"{name}.xlsx", openpyxl.Workbook()
            book.remove(book.active)
            for title, rows in content.items():
                sheet = book.create_sheet(title)
                for row in rows:
                    sheet.append(row)
            book.save(path)
            return path
        path = tmp_path / f"{name}.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def files(organizations=ABC, ties=None, scale=None, mapping=None):
        if mapping is not None:
            (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
        return read_files(
            str(written("organizations", organizations)),
            None if ties is None else str(written("ties", ties)),
            None if mapping is None else str(tmp_path / "mapping.yaml"),
            scale,
        )

    return files


def said(files) -> str:
    return "\n".join(reading.said() for reading in files.readings)


def guesses(files) -> list[str]:
    return [reading.said() for reading in files.readings if reading.assumed]


def ties_of(files) -> dict[tuple[str, str], float]:
    names = files.organizations.names
    pairs = zip(files.ties.pairs.tolist(), files.ties.trust.tolist(), strict=True)
    return {(names[source], names[target]): trust for (source, target), trust in pairs}


# --- encodings and separators


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("cp1255", "Windows-1255"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("cp862", "DOS 862"),
    ],
)
def test_hebrew_is_read_in_whatever_encoding_it_was_saved(read, encoding, named):
    text = HEBREW if encoding != "cp862" else HEBREW.replace("״", '""')
    files = read(text.encode(encoding))
    assert files.organizations.names[:2] == ["משרד החינוך", "קרן אור"]
    assert files.organizations.sectors == ["government", "business", "civil_society"]
    assert f"read as {named}" in said(files)


@pytest.mark.parametrize(
    ("names", "encoding", "named"),
    [
        (("Zürich", "Société d'État", "Ärzte für Bildung"), "cp1252", "Windows-1252"),
        (("Министерство образования", "Завод «Свет»", "Общество знания"), "cp1251", "Windows-1251"),
    ],
)
def test_other_alphabets_are_recognized_and_said(read, names, encoding, named):
    sectors = ("government", "business", "civil society")
    text = "name,sector\n" + "".join(f"{name},{sector}\n" for name, sector in zip(names, sectors, strict=True))
    files = read(text.encode(encoding))
    assert tuple(files.organizations.names) == names
    assert guesses(files) == [f"organizations.csv: read as {named}"]


def test_tabs_in_utf_16_are_what_excel_calls_unicode_text(read):
    files = read(HEBREW.replace(",", "\t").encode("utf-16"))
    assert files.organizations.sectors == ["government", "business", "civil_society"]
    assert "separated by tabs" in said(files)


def test_decimal_commas_and_percentages_are_numbers(read):
    files = read("name;sector;salience;reliability\nA;government;0,5;80%\nB;business;1;7,5%\nC;civil society;;\n")
    np.testing.assert_allclose(files.organizations.traits["salience"], [0.5, 1, np.nan])
    np.testing.assert_allclose(files.organizations.traits["reliability"], [0.8, 0.075, np.nan])
    assert "percentages" in said(files)


# --- words for columns and sectors


@pytest.mark.parametrize(
    ("header", "sectors"),
    [
        ("Organization,Type", ("Ministry", "Private sector", "NGO")),
        ("Label,Type", ("Municipality", "company", "Nonprofit")),
        ("Partner name,Sector (choose one)", ("Public", "for-profit", "non-governmental organization")),
        ("שם הארגון,מגזר", ("ממשלתי", "פרטי", "עמותה")),
        ("שם,סוג", ("רשות מקומית", "חברה בע״מ", "המגזר השלישי")),
    ],
)
def test_usual_words_for_columns_and_sectors_are_understood_and_said(read, header, sectors):
    rows = "".join(f"O{k},{sector}\n" for k, sector in enumerate(sectors))
    files = read(f"{header}\n{rows}")
    assert files.organizations.sectors == ["government", "business", "civil_society"]
    for sector in sectors:
        assert sector in said(files)


def test_a_sector_that_only_contains_a_known_word_is_a_guess(read):
    files = read("name,sector\nA,Ministry of Health\nB,business\nC,a small NGO\n")
    assert files.organizations.sectors == ["government", "business", "civil_society"]
    assert [guess.partition("“")[2].partition("”")[0] for guess in guesses(files)] == [
        "Ministry of Health",
        "a small NGO",
    ]


@pytest.mark.parametrize("sector", ["University", "public company of the state", "NGO and business"])
def test_a_sector_that_is_none_or_two_is_asked_for(read, sector):
    with pytest.raises(UserError, match=f"row 3, column sector: '{sector}' is not a sector") as refusal:
        read(f"name,sector\nA,government\nB,{sector}\nC,civil society\n")
    assert "there are: government, business, civil_society" in str(refusal.value)


def test_a_mapping_says_the_rest(read):
    files = read(
        "Who,Which,Note\nA,University,x\nB,business,y\nC,מכללה,z\n",
        "Who,To,Warmth\nA,Bee,lots\nB,C,some\n",
        (1, 4),
        "columns: {Who: name, Which: sector, Warmth: trust}\nsectors: {university: government, מכללה: civil_society}\n"
        "names: {Bee: B}\nanswers: {lots: 4, some: 2}\n",
    )
    assert files.organizations.sectors == ["government", "business", "civil_society"]
    assert ties_of(files) == {("A", "B"): 1.0, ("B", "C"): pytest.approx(1 / 3)}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("sectors: {University: academia}", ["sectors", "academia", "government, business, civil_society"]),
        ("columns: {Who: nme}", ["columns", "nme", "did you mean name"]),
        ("sector: {a: government}", ["sector", "did you mean sectors"]),
        ("- a", ["must hold keys"]),
        ("a: [", ["cannot be read as YAML"]),
        ("scales: {salience: [5, 1]}", ["salience", "[lowest, highest]"]),
        ("answers: {lots: many}", ["lots", "a number"]),
    ],
)
def test_a_wrong_mapping_is_refused(read, mapping, words):
    with pytest.raises(UserError) as refusal:
        read(ABC, None, None, mapping)
    assert "\n" not in str(refusal.value)
    for word in ("mapping.yaml", *words):
        assert word in str(refusal.value)


def test_of_two_columns_that_could_be_the_name_the_better_word_is_read(read):
    files = read("Organization,Type,Name,Sector\nx,y,A,government\nx,y,B,business\nx,y,C,civil society\n")
    assert files.organizations.names == ["A", "B", "C"]
    assert "not read" in said(files)
    assert "“Organization”, “Type”" in said(files)


# --- where the table stands


def test_titles_and_notes_above_the_header_are_passed_over(read):
    files = read(f"My partners 2026\nupdated in May,,\n\n{ABC}")
    assert files.organizations.names == ["Alpha", "Beta", "Gamma"]
    assert "named in row 4; above it stands “My partners 2026”" in said(files)


def test_faults_below_a_title_are_named_by_their_rows_in_the_file(read):
    with pytest.raises(UserError, match="row 5, column sector: 'bussiness'"):
        read(f"My partners\n\n{ABC.replace('business', 'bussiness')}")


def test_the_sheet_that_holds_the_columns_is_taken(read):
    table = [line.split(",") for line in ABC.split()]
    files = read({"Read me": [["Fill in the next sheet"]], "Partners": table, "Empty": []})
    assert files.organizations.names == ["Alpha", "Beta", "Gamma"]
    assert "from the sheet “Partners” (other sheets: Read me" in said(files)


def test_two_sheets_that_would_do_are_asked_about_and_one_can_be_named(read, tmp_path):
    table = [line.split(",") for line in ABC.split()]
    with pytest.raises(
        UserError, match="several sheets could be the table of organizations: 2025, 2026; name one"
    ) as refusal:
        read({"2025": table, "2026": table[:1] + table[2:]})
    assert "organizations.xlsx#2025" in str(refusal.value)
    path = tmp_path / "organizations.xlsx"
    assert read_files(f"{path}#2026", None, None, None).organizations.names == ["Beta", "Gamma"]
    with pytest.raises(UserError, match="there is no sheet '2027'"):
        read_files(f"{path}#2027", None, None, None)


def test_one_workbook_holds_organizations_and_ties(read):
    table = [line.split(",") for line in ABC.split()]
    files = read(
        {"Organizations": table, "Ties": [["from", "to", "trust (1-4)"], ["Alpha", "Beta", 4], ["Beta", "Gamma", 2]]}
    )
    assert ties_of(files) == {("Alpha", "Beta"): 1.0, ("Beta", "Gamma"): pytest.approx(1 / 3)}
    assert "ties are read from the sheet “Ties”" in said(files)


def test_kumus_sheets_are_read(read):
    elements = [["Label", "Type", "Tags"], ["Alpha", "Government", "a"], ["Beta", "Business", ""], ["Gamma", "NGO", ""]]
    connections = [
        ["From", "To", "Direction", "Label", "Type"],
        ["Alpha", "Beta", "mutual", "", "x"],
        ["Beta", "Gamma", "directed", "", ""],
    ]
    files = read({"Elements": elements, "Connections": connections})
    assert list(ties_of(files)) == [("Alpha", "Beta"), ("Beta", "Alpha"), ("Beta", "Gamma")]
    assert np.isnan(list(ties_of(files).values())).all()


@pytest.mark.parametrize("direction", ["mutual", "undirected", "both", "הדדי"])
def test_a_connection_in_both_directions_is_two_ties(read, direction):
    files = read(ABC, f"From,To,Direction\nAlpha,Beta,{direction}\nBeta,Alpha,{direction}\n")
    assert sorted(ties_of(files)) == [("Alpha", "Beta"), ("Beta", "Alpha")]


# --- ties in other forms


def test_a_matrix_is_read_by_rows_without_its_diagonal_and_zeros(read):
    files = read(ABC, ",Alpha,Beta,Gamma\nAlpha,4,3,\nBeta,0,,4\nGamma,1,1,0\n", (1, 4))
    assert ties_of(files) == {
        ("Alpha", "Beta"): pytest.approx(2 / 3), ("Beta", "Gamma"): 1.0, ("Gamma", "Alpha"): 0.0, ("Gamma", "Beta"): 0.0,
    }  # fmt: skip
    assert "a matrix" in said(files)


def test_a_matrix_of_ones_states_no_trust(read):
    files = read(ABC, "x;Gamma;Alpha\nAlpha;1;0\nBeta;0;1\n", (0, 1))
    assert list(ties_of(files)) == [("Alpha", "Gamma"), ("Beta", "Alpha")]
    assert np.isnan(list(ties_of(files).values())).all()


def test_a_survey_tools_grid_is_a_matrix(read):
    head = "Timestamp,Your organization,How far do you trust? [Alpha],How far do you trust? [Beta],Comments\n"
    files = read(ABC, f"{head}2026-01-01,Alpha,,4,fine\n2026-01-02,Gamma,1,3,\n", (1, 4))
    assert ties_of(files) == {("Alpha", "Beta"): 1.0, ("Gamma", "Alpha"): 0.0, ("Gamma", "Beta"): pytest.approx(2 / 3)}
    assert "“Timestamp”, “Comments”" in said(files)


def test_a_misspelt_partner_on_the_edge_of_a_matrix_is_refused_with_the_nearest_name(read):
    with pytest.raises(UserError) as refusal:
        read(ABC, ",Alpha,Beta,Gama\nAlpha,0,3,1\nBetta,2,0,4\n", (1, 4))
    assert "2 things cannot be read" in str(refusal.value)
    assert "'Gama' is neither an id nor a name in" in str(refusal.value)
    assert "(did you mean Gamma?)" in str(refusal.value)
    assert "row 3, column 1: 'Betta'" in str(refusal.value)


def test_the_rows_of_a_survey_with_several_questions_give_their_mean(read):
    head = "Respondent,About organization,Reliability,Openness to discussion,Shared mission,Remarks\n"
    files = read(ABC, f"{head}Alpha,Beta,4,3,2,ok\nBeta,Gamma,1,,2,\nGamma,Alpha,,,,\n", (1, 4))
    trust = ties_of(files)
    assert trust["Alpha", "Beta"] == pytest.approx(2 / 3)
    assert trust["Beta", "Gamma"] == pytest.approx(1 / 6)
    assert np.isnan(trust["Gamma", "Alpha"])
    assert "the mean of several questions: “Reliability”, “Openness to discussion”, “Shared mission”" in said(files)


@pytest.mark.parametrize("remark", ["Trust comments", "Why this level of trust?", "הערות על האמון"])
def test_a_remark_on_trust_is_no_question_about_it(read, remark):
    files = read(ABC, f'source,target,trust,{remark}\nAlpha,Beta,4,"They were late, twice"\n', (1, 4))
    assert ties_of(files) == {("Alpha", "Beta"): 1.0}
    assert f"not read, as columns of nothing that the model knows of ties: “{remark}”" in said(files)


def test_a_mapping_says_which_column_is_not_read(read):
    table = "Number,Organization,Type\n7,Alpha,NGO\n7,Beta,company\n8,Gamma,ministry\n"
    with pytest.raises(UserError, match="row 3, column Number: '7' stands in an earlier row already"):
        read(table)
    files = read(table, mapping="columns: {Number: null}")
    assert files.organizations.ids == ["Alpha", "Beta", "Gamma"]
    assert "“Number”" in said(files)


@pytest.mark.parametrize(
    ("answer", "trust"),
    [("4 - a great deal", 1.0), ("(2) a little", 1 / 3), ("1. not at all", 0.0), ("a lot (3)", 2 / 3), ("3 – some", 2 / 3),
     ("2,5", 0.5), ("4", 1.0), ("3 במידה רבה", 2 / 3)],
)  # fmt: skip
def test_words_with_numbers_are_read_by_their_number(read, answer, trust):
    files = read(ABC, f'source,target,trust\nAlpha,Beta,"{answer}"\n', (1, 4))
    assert ties_of(files) == {("Alpha", "Beta"): pytest.approx(trust)}


def test_words_without_a_number_are_refused(read):
    with pytest.raises(UserError, match="row 2, column trust: 'a great deal' must be yes, no, or a number from 1 to 4"):
        read(ABC, "source,target,trust\nAlpha,Beta,a great deal\n", (1, 4))


@pytest.mark.parametrize(
    ("answer", "tie"),
    [("yes", True), ("כן", True), ("x", True), ("✓", True), ("don't know", True), ("no", False), ("לא", False)],
)
def test_yes_and_no_are_ties_of_unstated_trust_and_no_ties(read, answer, tie):
    files = read(ABC, f"source,target,trust\nAlpha,Beta,{answer}\nBeta,Gamma,yes\n")
    assert (("Alpha", "Beta") in ties_of(files)) == tie


@pytest.mark.parametrize(
    ("answers", "low_high"),
    [((1, 4, 2), (1, 4)), ((1, 5, 2), (1, 5)), ((7, 2, 3), (1, 7)), ((0, 3, 3), (0, 10)), ((90, 20, 5), (0, 100))],
)
def test_an_undeclared_scale_of_whole_numbers_is_assumed_and_said(read, answers, low_high):
    a, b, c = answers
    low, high = low_high
    files = read(ABC, f"source,target,trust\nAlpha,Beta,{a}\nBeta,Gamma,{b}\nGamma,Alpha,{c}\n")
    np.testing.assert_allclose(files.ties.trust, [(answer - low) / (high - low) for answer in answers])
    assert f"on a scale from {low} to {high}" in guesses(files)[0]


def test_a_scale_that_the_header_declares_is_no_guess(read):
    files = read(ABC, "source,target,trust (1–5)\nAlpha,Beta,3\n")
    assert files.ties.trust == [0.5]
    assert guesses(files) == []


def test_undeclared_answers_that_are_not_whole_are_on_a_scale_from_0_to_1(read):
    with pytest.raises(UserError, match=r"'3\.5' must be yes, no, or a number from 0 to 1 \(population\.trust_scale"):
        read(ABC, "source,target,trust\nAlpha,Beta,3.5\n")


# --- names


@pytest.mark.parametrize(
    "typed", ["Beta Org", "beta org", " Beta\u00a0Org\u00a0", "Beta  Org", "\u200fBeta Org\u200f", "Beta-Org", "B"]
)
def test_names_are_matched_however_they_are_typed(read, typed):
    organizations = "id,name,sector\nA,Alpha,government\nB,Beta\u00a0Org ,business\nC,Gamma,NGO\n"
    assert list(ties_of(read(organizations, f'source,target\nAlpha,"{typed}"\n'))) == [("Alpha", "Beta Org")]


@pytest.mark.parametrize("typed", ['עמותת תנ"ך', "עמותת תנ״ך", "עמותת תנ''ך"])
def test_hebrew_quotes_are_all_alike(read, typed):
    files = read(HEBREW, f"מקור;יעד\nמשרד החינוך;{typed}\n")
    assert list(ties_of(files)) == [("משרד החינוך", "עמותת תנ״ך")]


def test_names_that_differ_in_case_alone_are_two(read):
    files = read("name,sector\nalpha,government\nAlpha,business\nC,NGO\n", "source,target\nAlpha,C\nalpha,C\n")
    assert list(ties_of(files)) == [("Alpha", "C"), ("alpha", "C")]
    with pytest.raises(UserError, match="'ALPHA' is neither an id nor a name"):
        read("name,sector\nalpha,government\nAlpha,business\nC,NGO\n", "source,target\nALPHA,C\n")


def test_names_are_shown_as_typed(read):
    names = [
        "<img src=x onerror=alert(1)>",
        '=HYPERLINK("http://x")',
        "\u202eabc",
        "👩\u200d👩\u200d👧 org",
        "{week}",
        "A" * 10_000,
    ]
    sectors = ("government", "business", "civil society")
    files = read(
        {"p": [["name", "sector"], *([name, sectors[k % 3]] for k, name in enumerate(names) if name[0] != "=")]}
    )
    assert files.organizations.names == [name for name in names if name[0] != "="]


# --- network files


@pytest.mark.parametrize("ending", ["graphml", "gexf"])
@pytest.mark.parametrize("directed", [True, False])
def test_networks_are_read_with_their_attributes(tmp_path, ending, directed):
    import networkx as nx

    graph = nx.DiGraph() if directed else nx.Graph()
    for node, (name, sector) in {
        "n1": ("Alpha", "government"),
        "n2": ("Beta", "Company"),
        "n3": ("Gamma", "ngo"),
    }.items():
        graph.add_node(node, label=name, sector=sector, influence=2.0)
    graph.add_edge("n1", "n2", trust=0.5)
    graph.add_edge("n2", "n3", trust=1.0)
    path = tmp_path / f"network.{ending}"
    (nx.write_graphml if ending == "graphml" else nx.write_gexf)(graph, path)
    files = read_files(str(path), None, None, None)
    assert files.organizations.names == ["Alpha", "Beta", "Gamma"]
    assert files.organizations.sectors == ["government", "business", "civil_society"]
    assert files.organizations.traits["influence"].tolist() == [2, 2, 2]
    ties = {("Alpha", "Beta"): 0.5, ("Beta", "Gamma"): 1.0}
    assert ties_of(files) == ties | ({} if directed else {(b, a): trust for (a, b), trust in ties.items()})


def test_a_network_without_names_is_called_by_its_ids(tmp_path):
    import networkx as nx

    graph = nx.Graph()
    graph.add_node("Alpha", sector="government")
    graph.add_node("Beta", sector="business")
    graph.add_edge("Alpha", "Beta")
    nx.write_graphml(graph, tmp_path / "n.graphml")
    assert read_files(str(tmp_path / "n.graphml"), None, None, None).organizations.names == ["Alpha", "Beta"]


@pytest.mark.parametrize(
    "content", ["<graphml>", "no xml", '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><graphml>&y;</graphml>']
)
def test_what_is_no_network_is_refused(tmp_path, content):
    (tmp_path / "n.graphml").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=r"n\.graphml: cannot be read as a network"):
        read_files(str(tmp_path / "n.graphml"), None, None, None)


# --- numbers


def test_positions_share_one_scale(read):
    files = read("name,sector,position_1,position_2\nA,government,-1,0\nB,business,1,0\nC,NGO,0,1\n")
    np.testing.assert_allclose(files.organizations.position, [[0, 0.5], [1, 0.5], [0.5, 1]])
    assert "go from -1 to 1, all on one scale" in guesses(files)[0]


def test_positions_are_declared_by_a_header_or_the_mapping(read):
    files = read("name,sector,Stance 1 (1-5)\nA,government,1\nB,business,2\nC,NGO,3\n")
    np.testing.assert_allclose(files.organizations.position[:, 0], [0, 0.25, 0.5])
    files = read(
        "name,sector,position_1\nA,government,1\nB,business,2\nC,NGO,3\n", None, None, "scales: {position: [0, 4]}"
    )
    np.testing.assert_allclose(files.organizations.position[:, 0], [0.25, 0.5, 0.75])
    assert guesses(files) == []


def test_positions_between_0_and_1_are_taken_as_they_are_and_others_must_be_whole_to_be_rescaled(read):
    files = read("name,sector,position_1\nA,government,0.2\nB,business,1\nC,NGO,0\n")
    assert files.organizations.position[:, 0].tolist() == [0.2, 1, 0]
    with pytest.raises(UserError, match=r"row 3, column position_1: '12\.5' must be a number from 0 to 1"):
        read("name,sector,position_1\nA,government,0.2\nB,business,12.5\nC,NGO,0\n")


def test_answers_on_a_declared_scale_become_shares(read):
    files = read("name,sector,Importance (1-5)\nA,government,1\nB,business,3\nC,NGO,5\n")
    assert files.organizations.traits["salience"].tolist() == [0, 0.5, 1]


def test_influence_may_be_0(read):
    assert read("name,sector,השפעה\nA,government,0\nB,business,3\nC,NGO,1\n").organizations.traits[
        "influence"
    ].tolist() == [0, 3, 1]


def test_a_formula_without_a_value_is_refused_with_its_cell(read):
    table = [["name", "sector", "capacity"], ["A", "government", "=2+3"], ["B", "business", 4], ["=A2&1", "NGO", 5]]
    with pytest.raises(UserError) as refusal:
        read({"Sheet": table})
    for words in (
        "2 things",
        "row 2, column capacity: '=2+3' is a formula in C2",
        "'=A2&1' is a formula in A4",
        "never calculated",
    ):
        assert words in str(refusal.value)


# --- everything that is wrong, at once; and nothing exhausted


def test_all_faults_of_both_tables_are_listed_at_once(read):
    organizations = "name,sector,salience\nA,goverment,2\n,business,0.5\nC,NGO,much\nC,NGO,1\nD,,1\n"
    with pytest.raises(UserError) as refusal:
        read(organizations, "source,target,trust\nC,Dee,9.5\nC,C,\nC,,1\n")
    message = str(refusal.value)
    for words in (
        "10 things cannot be read",
        "organizations.csv: row 2, column sector: 'goverment' is not a sector (did you mean government?)",
        "row 2, column salience: '2'",
        "row 3, column name: is missing",
        "row 4, column salience: 'much'",
        "row 5, column name: 'C' stands in an earlier row",
        "row 6, column sector: is missing",
        "ties.csv: row 2, column target: 'Dee'",
        "row 2, column trust: '9.5'",
        "row 3, column target: 'C' is the source itself",
        "row 4, column target: is missing",
    ):
        assert words in message, words
    assert len(message.splitlines()) == 1 + int(message.split()[0])


def test_very_many_faults_are_counted(read):
    with pytest.raises(UserError, match=f"… and {200 - SHOWN} more"):
        read("name,sector\n" + "".join(f"O{k},nonsense{k}\n" for k in range(200)))


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(MOST_BYTES // 1_000_000 + 1):
            part.write(b"0" * 1_000_000)
    with pytest.raises(UserError, match="unpacks to 301 MB"):
        read_files(str(path), None, None, None)


def test_a_workbook_that_lies_about_what_it_unpacks_to_is_refused(tmp_path):
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    content = path.read_bytes()
    path.write_bytes(content.replace((5_000_000).to_bytes(4, "little"), (5_000).to_bytes(4, "little")))
    with pytest.raises(UserError, match="cannot be read as a table"):
        read_files(str(path), None, None, None)


def test_a_cell_that_holds_an_error_is_no_blank(tmp_path):
    book = openpyxl.Workbook()
    for row in (["name", "sector", "capacity"], ["A", "government", 1], ["B", "business", 2], ["C", "NGO", 3]):
        book.active.append(row)
    book.active["C3"].value, book.active["C3"].data_type = "#N/A", "e"
    book.save(tmp_path / "o.xlsx")
    with pytest.raises(UserError, match=r"row 3, column capacity: '#N/A' is a formula in C3"):
        read_files(str(tmp_path / "o.xlsx"), None, None, None)


def test_a_sheet_of_too_many_rows_is_refused(tmp_path, monkeypatch, read):
    monkeypatch.setattr("ci_sim.partners.files.MOST_ROWS", 100)
    with pytest.raises(UserError, match="has more than 100 rows"):
        read({"p": [["name", "sector"], *([f"O{k}", "business"] for k in range(101))]})


def test_every_reading_is_said_in_hebrew_too(read):
    files = read(f"My partners\n{HEBREW}".encode("cp1255"), "מקור,יעד,אמון\nמשרד החינוך,קרן אור,3 - הרבה\n")
    assert len(files.readings) > 6
    for reading in files.readings:
        assert any("א" <= letter <= "ת" for letter in reading.said("he").replace("משרד", ""))
