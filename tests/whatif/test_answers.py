"""Answers: the same numbers as single runs, differences on the same luck, as many runs as asked, and pages that run nothing."""

import html
import json
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ci_sim import load_config, simulate
from ci_sim.cli import main
from ci_sim.figures.style import save
from ci_sim.figures.whatif import chances, people
from ci_sim.report.whatif import sentences, told, write_answer_pages, write_pdf
from ci_sim.rules.streams import replicate_seeds
from ci_sim.simulation.ensemble import job_from
from ci_sim.whatif.answers import MONTH, answer, horizons
from ci_sim.whatif.runs import look

FEW = ["population=knoke", "quiet=true", "replicates=60", "precision=null"]
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


@pytest.fixture(scope="module")
def found():
    config = load_config(
        "whatif", [*FEW, "ask={gone:{happens:[{month:8,leaves:MAYR}]},charter:{scenario:charter_only}}"]
    )
    return config, answer(config)


def test_runs_are_those_of_the_engine(found):
    config, result = found
    for name, scenario, happenings in (
        ("base", "baseline", []),
        ("charter", "charter_only", []),
        ("gone", "baseline", ["happenings=[{month: 8, leaves: MAYR}]"]),
    ):
        own = result.outcomes[result.outcomes["scenario"] == name].reset_index(drop=True)
        alone = simulate(load_config(scenario, ["population=knoke", *happenings]), replicate_seeds(config.seed, 60))
        shared = [column for column in own if column not in ("run_id", "scenario")]
        pd.testing.assert_frame_equal(own[shared], alone[shared])


def test_chances_and_differences_are_counted(found):
    config, result = found
    weeks = {name: rows["formation_week"].to_numpy() for name, rows in result.outcomes.groupby("scenario")}
    for months in (12, 24, 36):
        within = {name: week <= months * MONTH for name, week in weeks.items()}
        assert result.level("base", f"by_{months}").estimate == within["base"].mean()
        change = result.difference("charter", f"by_{months}")
        assert change.estimate == pytest.approx(within["charter"].mean() - within["base"].mean())
        assert change.ci_low < change.estimate < change.ci_high
    assert horizons(config.weeks) == [12, 24, 36]
    assert horizons(60) == [12]
    assert horizons(20) == [4]


def test_what_became_of_everyone_is_what_the_coalition_counts(found):
    _, result = found
    for name, rows in result.organizations.groupby("alternative"):
        runs = result.outcomes[result.outcomes["scenario"] == name]
        assert rows["signs"].sum() == pytest.approx(runs["coalition_size"].mean())
        assert rows["least_satisfied"].sum() == pytest.approx(1)
        assert (rows["convened"] >= rows["signs"]).all()
    gone = result.organizations.set_index(["alternative", "id"])
    assert gone.loc[("gone", "MAYR"), "signs"] == 0 < gone.loc[("base", "MAYR"), "signs"]


def test_the_least_satisfied_is_the_one_of_the_outcomes():
    config = load_config("baseline", ["population=knoke"])
    outcomes, fates = look(job_from(config), replicate_seeds(3, 20))
    own = simulate(config, replicate_seeds(3, 20))
    convened, _, _, closeness = np.moveaxis(fates, 1, 0)
    least = np.where(convened > 0, closeness, np.inf).min(axis=1)
    np.testing.assert_allclose(least, own["satisfaction_min"], atol=1e-6)
    assert len(outcomes) == 20


def test_as_many_runs_as_the_question_needs_and_no_more():
    asked = ["population=knoke", "quiet=true", "replicates=100", "ask={charter:{scenario:charter_only}}"]
    wide = answer(load_config("whatif", [*asked, "precision=0.12"]))
    assert (wide.replicates, wide.stopping) == (100, "asked")
    narrow = answer(load_config("whatif", [*asked, "precision=0.05"]))
    half = (narrow.level("base", "by_36").ci_high - narrow.level("base", "by_36").ci_low) / 2
    assert half <= 0.05
    assert 100 < narrow.replicates < 600
    limited = answer(load_config("whatif", [*asked, "precision=0.01", "max_replicates=150"]))
    assert (limited.replicates, limited.stopping) == (150, "limit")


def test_words_say_how_sure_it_is(found):
    config, result = found
    said = sentences(result, config.weeks)
    charter = next(line for line in said if line.startswith("charter"))
    change = result.difference("charter", "by_36")
    assert ("That is clear." in charter) == (change.ci_low > 0 or change.ci_high < 0)
    assert all(any("א" <= c <= "ת" for c in line) for line in sentences(result, config.weeks, "he"))


def test_both_pages_the_sheet_and_the_tables_are_written_in_both_languages(tmp_path):
    for locale in ("en", "he"):
        folder = tmp_path / locale
        line = ["whatif", *FEW, "questions=sign_a_charter", f"locale={locale}", f"output_dir={folder}"]
        with pytest.raises(SystemExit) as end:
            main(line)
        assert end.value.code == 0
        page = (folder / "meeting.html").read_text(encoding="utf-8")
        assert f'dir="{"rtl" if locale == "he" else "ltr"}"' in page
        assert "http://" not in re.sub(r"http://www\.w3\.org/\S+", "", page.partition("<template")[0])
        assert (folder / "meeting.pdf").read_bytes().startswith(b"%PDF")
        assert not list(folder.glob(".meeting*"))
        assert openpyxl.load_workbook(folder / "tables.xlsx").sheetnames
        assert (folder / "effects.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        for name in (
            "modeller.html",
            "outcomes.parquet",
            "manifest.json",
            "config.yaml",
            "levels.csv",
            "organizations.csv",
        ):
            assert (folder / name).is_file()


def test_hostile_names_are_shown_as_typed_and_run_nothing(hostile, tmp_path, chromium):
    folder = tmp_path / "out"
    line = ["whatif", f"organizations={hostile}", *FEW[1:], "replicates=20", f"output_dir={folder}"]
    with pytest.raises(SystemExit) as end:
        main(line)
    assert end.value.code == 0
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    page = chromium.new_page(viewport={"width": 375, "height": 800})
    page.goto((folder / "modeller.html").as_uri())
    shown = page.locator("body").inner_text()
    assert all(name[:100].strip() in shown for name in HOSTILE)
    assert "run" not in page.title()
    page.goto((folder / "meeting.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("button", name="Open the live page").click()
    page.frame_locator("iframe").get_by_text("Watch").first.wait_for()
    assert "run" not in page.title()
    page.close()


def test_the_sheet_is_one_page_whatever_is_asked(found, tmp_path):
    """As many ways as one may ask about, with long names: the PDF stays one page."""
    config, result = found
    said = told(config, result)
    said["sentences"] = [sentence * 4 for sentence in said["sentences"] * 4]
    said["prices"] = [["A very long name of a way to go on " * 4, *row[1:]] for row in said["prices"] * 4]
    said["assumed_list"] = [line * 3 for line in said["assumed_list"] * 4]
    (tmp_path / "figures").mkdir()
    titles = {alternative.name: alternative.title for alternative in result.question.alternatives}
    save(chances(result.levels, titles, [12, 24, 36], "en"), tmp_path / "figures" / "chances.png")
    save(
        people(result.organizations[result.organizations["alternative"] == "base"], "en"),
        tmp_path / "figures" / "people.png",
    )
    write_pdf(tmp_path, said)
    assert b"/Type/Pages/Count 1/" in (tmp_path / "meeting.pdf").read_bytes()


def test_the_live_page_plays_the_plans_that_are_asked_about(tmp_path):
    config = load_config("whatif", [*FEW, "questions=no_mapping", "happenings=[{month: 8, leaves: COUN}]"])
    write_answer_pages(tmp_path, config, answer(config))
    page = (tmp_path / "meeting.html").read_text(encoding="utf-8")
    live = html.unescape(page.partition('<template id="page">')[2].partition("</template>")[0])
    beginning = json.loads(re.search(r'id="beginning">(.*?)</script>', live, re.DOTALL)[1])
    plan, without = beginning["plans"]
    assert plan["population"] == without["population"] == "knoke"
    stages = [f"stages.{stage}.active" for stage in ("recognize", "map", "convene", "found")]
    assert [plan["set"].get(key, False) for key in stages] == [True, True, True, True]
    assert [without["set"].get(key, False) for key in stages] == [True, False, True, True]
    assert plan["set"]["happenings"] == without["set"]["happenings"] == [0]
    assert beginning["happenings"] == [
        {"typed": {"month": 8, "leaves": "COUN"}, "row": [31.0, 6.0, 0.5, 1e9], "who": ["COUN"]}
    ]
