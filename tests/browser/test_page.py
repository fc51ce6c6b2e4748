"""The page, as its readers use it: every view in both languages, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ci_sim import load_config, simulate
from ci_sim.browser.page import page as page_of
from ci_sim.configuration.partners import partners_from
from ci_sim.errors import UserError
from ci_sim.rules.streams import replicate_seeds
from ci_sim.studies.statistics.effects import paired_effects
from ci_sim.texts import text

VIEWS = ("watch", "compare", "learn", "partners", "teach")
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FAILS = "#view=watch&seed=22&scenario=baseline"  # and forms with the sixth component


@pytest.fixture(scope="session")
def one_file(tmp_path_factory) -> Path:
    """Return the page as one file, as `ci-sim explore output=FILE` writes it."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page_of(load_config("explore")), encoding="utf-8")
    return path


class Watched:
    """A page whose complaints and requests are noted."""

    def __init__(self, page):
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture
def visit(chromium, one_file) -> Iterator[Callable]:
    """Return what opens the page at an address, in a fresh browser's profile; it must not complain, nor ask for anything."""
    contexts, opened = [], []

    def open_page(address: str = "", locale: str = "en", before: str = "", file: Path = one_file, **options):
        context = chromium.new_context(**({"viewport": {"width": 1400, "height": 1000}} | options))
        contexts.append(context)
        watched = Watched(context.new_page())
        opened.append(watched)
        if before:
            watched.page.add_init_script(before)
        watched.page.goto(f"{file.as_uri()}?locale={locale}{address}")
        return watched.page

    yield open_page
    for watched in opened:
        assert watched.complaints == []
        assert [url for url in watched.requests if not url.startswith(("file:", "blob:", "data:"))] == []
    for context in contexts:
        context.close()


def button(page, key: str, locale: str = "en", **facts: object):
    """Return the button of a text."""
    return page.get_by_role("button", name=text(key, locale, **facts), exact=True)


def to_the_end(page, locale: str = "en") -> None:
    button(page, "watch.to_end", locale).click()


# What is shown, in both languages


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(visit, view, locale):
    page = visit(f"#view={view}", locale)
    page.get_by_role("heading", level=1, name=text("title", locale)).wait_for()
    assert page.locator("html").get_attribute("lang") == locale
    assert page.locator("html").get_attribute("dir") == ("rtl" if locale == "he" else "ltr")
    shown = page.locator("main").inner_text()
    if locale == "he":
        assert re.search("[א-ת]", shown)
        assert not re.search(r"\b(the|with|circle|organization)\b", shown, re.IGNORECASE)
    assert not re.search(r"\{\w+\}|\b(watch|levers|results|learn|reasons)\.\w+", shown)  # nothing left to fill in


def test_the_language_can_be_changed_and_nothing_is_lost(visit):
    page = visit("#view=watch&seed=5&week=30&scenario=sixth_component")
    page.get_by_role("button", name="עברית").click()
    page.get_by_text(text("watch.week", "he", week=30), exact=True).wait_for()
    assert page.locator("select").first.input_value() == "sixth_component"


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_an_accessibility_checker_finds_nothing_serious(visit, view, locale, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(f"#view={view}&seed=22&week=60", locale, color_scheme=scheme, bypass_csp=True)
    page.get_by_role("heading", level=1).wait_for()
    if view == "watch":
        page.locator(".reasons select").select_option("3")
        page.locator(".group > summary").nth(3).click()
        to_the_end(page, locale)
    found = axe.run(page).response["violations"]
    serious = [
        (rule["id"], rule["nodes"][0]["html"][:200]) for rule in found if rule["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_needs_no_scrolling_sideways(visit, view, locale):
    page = visit(f"#view={view}&week=40", locale, viewport={"width": 360, "height": 740}, device_scale_factor=2)
    page.get_by_role("heading", level=1).wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    if view == "watch":  # the picture is the first thing to be seen
        assert page.locator("canvas").bounding_box()["y"] < 500


def test_a_page_of_one_file_is_small(one_file):
    assert one_file.stat().st_size <= 1_500_000


# The numbers are those of the engine

PLANS = [
    ("baseline", [], ""),
    ("four_insights", ["population=knoke"], "&population=knoke"),
    ("sixth_component", ["population=chemnet", "commitment.quorum=0.7"], "&population=chemnet&commitment.quorum=0.7"),
    ("preliminary_stages", ["stages.admission=calendar", "weeks=80"], "&stages.admission=calendar&weeks=80"),
    (
        "intra_sector",
        ["sectors=[business,civil_society]", "population.size=31", "population.dimensions=3"],
        "&sectors=[%22business%22,%22civil_society%22]&population.size=31&population.dimensions=3",
    ),
    (
        "four_insights",
        ["intra_sector.every=false", "intra_sector.business.active=true", "intra_sector.business.levels=[caucus]"],
        "&intra_sector.every=false&intra_sector.business.active=true&intra_sector.business.levels=[%22caucus%22]",
    ),
    (
        "sixth_component",
        ["components.trust_and_agreements.parts=[charter]", "components.without=[content]", "group.active=false"],
        "&components.trust_and_agreements.parts=[%22charter%22]&components.without=[%22content%22]&group.active=false",
    ),
    (
        "baseline",
        ["sequence.first=[civil_society]", "sequence.weeks=13", "commitment.required_sectors=[government,business]"],
        "&sequence.first=[%22civil_society%22]&sequence.weeks=13&commitment.required_sectors=[%22government%22,%22business%22]",
    ),
    (
        "baseline",
        ["events=[election,matching_grant]", "events.election.week=20", "events.matching_grant.weeks=40"],
        "&events.election.active=true&events.matching_grant.active=true&events.election.week=20&events.election.size=0.3"
        "&events.matching_grant.weeks=40",
    ),
    (
        "baseline",
        ["context.conflict=0.3", "context.trust=[0.5,0.6]", "population.civil_society.spread=1.6"],
        "&context.conflict=0.3&context.trust=[0.5,0.6]&population.civil_society.spread=1.6",
    ),
    (
        "kinds_in_sequence",
        ["sectors=[government,civil_society]", "population=knoke"],
        "&sectors=[%22government%22,%22civil_society%22]&population=knoke",
    ),
]  # fmt: skip


def same_runs(page, address: str, scenario: str, overrides: list[str], runs: int = 12) -> None:
    """The page's outcomes of a plan are those of the command line, to the last bit."""
    got = page.evaluate(
        "([address, runs]) => ciSim.outcomes(address, runs).map(row =>"
        " Object.fromEntries(Object.entries(row).map(([k, v]) => [k, Number.isNaN(v) ? null : v])))",
        [f"#seed=9{address}", runs],
    )
    native = simulate(load_config(scenario, overrides), replicate_seeds(9, runs)).drop(columns="cause")
    for name in native.columns[4:]:
        column = np.array([np.nan if row[name] is None else row[name] for row in got])
        assert np.array_equal(column, native[name].to_numpy(float), equal_nan=True), name


@pytest.mark.parametrize(("scenario", "overrides", "address"), PLANS)
def test_the_page_has_the_engines_numbers_to_the_last_bit(visit, scenario, overrides, address):
    page = visit("#view=partners")
    page.get_by_role("heading", level=1).wait_for()
    same_runs(page, f"&scenario={scenario}{address}", scenario, overrides)


DATED = (
    "happenings=[{month: 3, leaves: MAYR}, {week: 9, crisis: 0.4}, {effort: COUN, times: 0.5, weeks: 30},"
    " {month: 2, silent: [NEWS, WEST]}]"
)


@pytest.fixture
def dated(tmp_path) -> Path:
    """Return a page that begins with ten real organizations and events with a date."""
    path = tmp_path / "dated.html"
    config = load_config("explore", ["population=knoke", "scenario=sixth_component", DATED])
    path.write_text(page_of(config), encoding="utf-8")
    return path


def test_events_with_a_date_happen_as_at_the_command_line(visit, dated, tmp_path):
    page = visit("#view=watch&seed=9", file=dated)
    page.get_by_role("heading", level=1).wait_for()
    known = ["population=knoke", DATED]
    same_runs(page, "", "sixth_component", known)
    same_runs(page, "&happenings=[]", "sixth_component", known[:1])
    same_runs(page, "&happenings=[0]", "sixth_component", ["population=knoke", "happenings=[{month: 3, leaves: MAYR}]"])
    same_runs(page, "&population=synthetic", "sixth_component", ["happenings=[{week: 9, crisis: 0.4}]"])
    (tmp_path / "plan.yaml").write_text(page.locator(".yaml").text_content(), encoding="utf-8")
    config = load_config("run", [f"plan='{tmp_path / 'plan.yaml'}'"])
    assert [dict(one) for one in config.happenings] == [dict(one) for one in load_config("run", known).happenings]


@pytest.mark.parametrize("locale", ["en", "he"])
def test_events_with_a_date_can_be_switched_off_and_are_told(visit, dated, locale):
    page = visit("#view=watch&seed=9", locale, file=dated)
    page.locator(".group > summary", has_text=text("levers.events", locale)).click()
    leaves = text("log.happens_leaves", locale, who="\u2068Mayor's Office\u2069")
    lever = page.locator("label.switch", has_text=leaves).locator("input")
    assert lever.is_checked()
    to_the_end(page, locale)
    page.locator(".log", has_text=leaves).wait_for()
    lever.click()
    page.wait_for_url(re.compile(r"happenings=\[1,2,3\]"))
    to_the_end(page, locale)
    page.locator(".log li").first.wait_for()
    assert page.locator(".log", has_text=leaves).count() == 0


def test_what_is_watched_is_the_run_of_the_command_line(visit):
    page = visit("#view=watch&seed=2&scenario=sixth_component")
    native = simulate(load_config("sixth_component"), replicate_seeds(2, 1)).iloc[0]
    to_the_end(page)
    assert native.standing
    page.get_by_text(text("verdict.stands", week=int(native.formation_week))).wait_for()
    coalition = text("verdict.coalition", n=native.coalition_size, all=60, hours=f"{native.hours_spent:,.0f}")
    assert coalition in page.locator(".verdict").inner_text()


def test_effects_of_many_runs_are_those_of_the_command_line(visit):
    page = visit("#view=compare&seed=4&scenario=baseline&b.scenario=sixth_component")
    button(page, "results.start", n=200).click()
    page.get_by_text(text("results.done", n=200, all=200)).wait_for(timeout=60_000)
    seeds = replicate_seeds(4, 200)
    runs = [simulate(load_config(name), seeds) for name in ("baseline", "sixth_component")]
    import pandas as pd

    effects = paired_effects(pd.concat(runs), "baseline", 156).set_index("outcome")
    for outcome, scale, decimals in (
        ("formed", 100, 1),
        ("time_to_formation", 1, 1),
        ("satisfaction_mean", 100, 1),
        ("hours_spent", 1, 0),
    ):
        row = page.locator(f"[data-outcome={outcome}]")
        shown = [
            float(number) for number in re.findall(r"[-+]?\d[\d,]*\.?\d*", row.inner_text().replace(",", "")[-40:])
        ][-3:]
        expected = effects.loc[outcome, ["estimate", "ci_low", "ci_high"]].to_numpy(float) * scale
        np.testing.assert_allclose(shown, expected, atol=0.51 * 10.0**-decimals)


# Watch


@pytest.mark.parametrize("locale", ["en", "he"])
def test_one_fails_a_lever_is_switched_and_it_forms(visit, locale):
    page = visit(f"{FAILS}&weeks=60", locale)
    button(page, "watch.speed_1", locale).click()  # faster
    button(page, "watch.play", locale).click()
    page.get_by_text(text("verdict.failed", locale)).wait_for(timeout=30_000)
    assert text("causes.no_signature.because", locale) in page.locator(".verdict").inner_text()
    button(page, "verdict.tries.components.trust_and_agreements.active", locale).click()
    page.wait_for_url(re.compile("components.trust_and_agreements.active=true"))
    button(page, "watch.play", locale).click()
    page.locator(".verdict.good").wait_for(timeout=30_000)


def test_dragging_goes_to_any_week_and_stepping_on(visit):
    page = visit("#view=watch&seed=3&scenario=baseline")
    slider = page.get_by_role("slider", name=text("watch.to_week")).first
    slider.fill("70")
    page.get_by_text(text("watch.week", week=70), exact=True).wait_for()
    button(page, "watch.step").click()
    page.get_by_text(text("watch.week", week=71), exact=True).wait_for()
    page.wait_for_url(re.compile("week=71"))


def test_a_click_on_an_organization_says_why(visit):
    page = visit("#view=watch&seed=22&week=60&scenario=baseline&population=knoke")
    page.wait_for_timeout(1500)  # until the picture has come to rest
    box = page.locator("canvas").bounding_box()
    for step in range(-6, 7):  # somebody stands on the way through the middle
        page.mouse.click(box["x"] + box["width"] / 2 + 14 * step, box["y"] + box["height"] / 2 + 9 * step)
        if page.locator(".because").count():
            break
    because = page.locator(".because").inner_text()
    assert re.match("It would", because)
    gain, demand = (
        float(n)
        for n in re.search(
            r"expects ([\d.]+) and demands (\d+\.\d+)", page.locator(".scale .does").inner_text()
        ).groups()
    )
    assert ("It would not" in because) == (gain <= demand)


def test_what_happened_is_told_in_words(visit):
    page = visit("#view=watch&seed=2&week=30&scenario=sixth_component&population=knoke")
    told = page.locator(".log ol").inner_text()
    assert text("log.charter") in told
    assert re.search(r"Week \d+: .*(City Council|Chamber of Commerce).* signed the charter", told)
    page.get_by_label(text("log_everything")).check()
    assert re.search(r"joint step", page.locator(".log ol").inner_text())


# Compare


def test_two_plans_part_and_it_is_said_where_and_why(visit):
    page = visit("#view=compare&seed=3&scenario=baseline&b.scenario=intra_sector")
    told = page.locator(".parting").inner_text()
    assert re.search(r"Week \d+: .* (in A and not in B|in B and not in A)", told)
    assert re.search(r"What differs most: .*, .* in A and .* in B", told)
    page.locator(".parting button").first.click()
    page.wait_for_url(re.compile(r"week=\d+"))


def test_two_plans_that_are_the_same_do_not_part(visit):
    page = visit("#view=compare&seed=3&scenario=baseline&b.scenario=baseline")
    assert text("compare.alike") in page.locator(".parting").inner_text()


def test_a_second_plan_can_begin_as_the_first(visit):
    page = visit("#view=compare&seed=3&scenario=baseline&context.trust=0.5&b.scenario=intra_sector")
    button(page, "compare.copy").click()
    assert text("compare.alike") in page.locator(".parting").inner_text()
    page.get_by_role("checkbox", name=re.compile("^Trust and agreements")).check()
    assert re.search(r"Week \d+:", page.locator(".parting").inner_text())
    page.wait_for_url(re.compile("b.context.trust=0.5"))


def test_many_runs_can_be_stopped(visit):
    page = visit("#view=compare&scenario=baseline&population.size=200&b.population.size=200")
    button(page, "results.start", n=200).click()
    button(page, "results.stop").click()
    button(page, "results.again").wait_for()
    done = page.locator(".results .does").nth(1).inner_text()
    page.wait_for_timeout(500)
    assert page.locator(".results .does").nth(1).inner_text() == done


def test_a_worker_that_dies_is_announced(visit):
    dies = "postMessage() { setTimeout(() => this.onerror(new ErrorEvent('error'))); } terminate() {}"
    broken = f"window.Worker = class {{ {dies} }};"
    page = visit("#view=compare", before=broken)
    button(page, "results.start", n=200).click()
    page.get_by_role("alert").filter(has_text=text("results.workers_died")).wait_for()
    button(page, "results.again").wait_for()


# Learn


@pytest.mark.parametrize("locale", ["en", "he"])
def test_a_chapter_from_the_bet_to_the_code_and_the_teachers_page(visit, locale):
    page = visit("#view=learn&seed=77", locale)
    page.locator(".chapters button").nth(2).click()
    on = button(page, "learn.next", locale)
    on.click()
    assert on.is_disabled()  # the bet comes first
    button(page, "learn.bet_more", locale).click()
    on.click()
    button(page, "learn.run", locale, n=200).click()
    page.locator(".answer").wait_for(timeout=60_000)
    assert text("learn.right", locale, bet=text("learn.bet_more", locale)) in page.locator(".answer").inner_text()
    page.get_by_role("button", name=text("learn.contents", locale)).click()
    code = page.locator(".code code").inner_text()
    button(page, "views.watch", locale).click()
    button(page, "views.learn", locale).click()
    assert page.locator(".code code").inner_text() == code  # looking elsewhere loses nothing
    button(page, "learn.teacher", locale).click()
    page.locator("textarea").fill(f"{code} CI-1.x.x.x.x-00")
    assert "CI-1.x.x.x.x-00" in page.get_by_role("alert").inner_text()  # its check does not fit
    page.get_by_text(text("teach.read", locale, n=1)).wait_for()
    assert text("chapters.sixth.title", locale) in page.locator("main").inner_text()


# Partners


def tables_of(folder: Path, organizations: str, ties: str | None = None) -> list[Path]:
    paths = [folder / "o.csv", folder / "t.csv"]
    for path, content in zip(paths, (organizations, ties), strict=True):
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return paths[: 1 + (ties is not None)]


GOOD = "name,sector\nAlpha,government\nBeta,business\nGamma,civil society\n"
FIVE_ISSUES = """name,sector,position_1,position_2,position_3,position_4,position_5
A,government,0,0,0,0,0
B,business,0,0,0,0,0
C,civil society,0,0,0,0,0
"""
BAD = {
    "no column": ("nme,sector\nA,government\n", None),
    "empty": ("", None),
    "no rows": ("name,sector\n", None),
    "misspelt column": ("name,sector,capcity\nA,government,3\n", None),
    "column twice": ("name,sector,sector\nA,government,business\n", None),
    "no sector": ("name,sector\nA,\n", None),
    "wrong sector": ("name,sector\nA,goverment\n", None),
    "no name": ("name,sector\n,government\n", None),
    "name twice": ("name,sector\nA,government\nA,business\nB,civil society\n", None),
    "number": ("name,sector,capacity\nA,government,many\nB,business,1\nC,civil society,1\n", None),
    "out of range": ("name,sector,salience\nA,government,1.5\nB,business,1\nC,civil society,1\n", None),
    "nameless column": ("name,sector\nA,government,7\n", None),
    "five positions": (FIVE_ISSUES, None),
    "gap": ("name,sector,position_1,position_3\nA,government,0,0\nB,business,0,0\nC,civil society,0,0\n", None),
    "nobody": (GOOD, "source,target\nAlpha,Delta\n"),
    "itself": (GOOD, "source,target\nAlpha,Alpha\n"),
    "tie twice": (GOOD, "source,target\nAlpha,Beta\nAlpha,Beta\n"),
    "no end": (GOOD, "source,target\nAlpha,\n"),
    "trust": (GOOD, "source,target,trust\nAlpha,Beta,7\n"),
    "a quote's name": (GOOD, "source,target\nAlpha,\"O'Hara \"\"x\"\"\"\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_table_is_refused_in_the_words_of_the_command_line(visit, tmp_path, monkeypatch, name):
    organizations, ties = BAD[name]
    paths = tables_of(tmp_path, organizations, ties)
    monkeypatch.chdir(tmp_path)
    overrides = ["population=from_files", "organizations=o.csv", *(["ties=t.csv"] if ties else [])]
    with pytest.raises(UserError) as refusal:
        partners_from(load_config("baseline", overrides))
    page = visit("#view=partners")
    for path, field in zip(paths, ("organizations", "ties"), strict=False):
        page.locator(f"input[name={field}]").set_input_files(path)
    assert page.get_by_role("alert").inner_text() == str(refusal.value)


def test_a_table_that_the_command_line_would_recognize_is_refused_by_the_page_with_what_to_do(visit, tmp_path):
    (tmp_path / "o.csv").write_bytes("name,sector\nמשרד,government\n".encode("cp1255"))
    page = visit("#view=partners")
    page.locator("input[name=organizations]").set_input_files(tmp_path / "o.csv")
    assert page.get_by_role("alert").inner_text() == text("partners.not_utf8", path="o.csv")


def test_a_wrong_table_is_refused_in_hebrew_too(visit, tmp_path):
    page = visit("#view=partners", "he")
    page.locator("input[name=organizations]").set_input_files(tables_of(tmp_path, BAD["wrong sector"][0])[0])
    assert "אינו מגזר" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_ones_own_partners_are_read_and_watched(visit, tmp_path, monkeypatch, ending):
    import pandas as pd

    overrides = ["population=from_files", "population.trust_scale=[1,4]"]
    paths = []
    for name in ("organizations", "ties"):
        paths.append(EXAMPLES / f"{name}.csv" if ending == "csv" else tmp_path / f"{name}.xlsx")
        if ending == "xlsx":
            pd.read_csv(EXAMPLES / f"{name}.csv").to_excel(paths[-1], index=False)
        overrides.append(f"{name}='{paths[-1]}'")
    native = simulate(load_config("sixth_component", overrides), replicate_seeds(2, 1)).iloc[0]
    page = visit("#view=partners&seed=2&scenario=sixth_component")
    for field, path in zip(("organizations", "ties"), paths, strict=True):
        page.locator(f"input[name={field}]").set_input_files(path)
    page.get_by_label(text("partners_view.highest")).fill("4")
    page.get_by_label(text("partners_view.lowest")).fill("1")
    button(page, "views.watch").click()
    button(page, "views.partners").click()
    assert page.get_by_label(text("partners_view.highest")).input_value() == "4"  # looking elsewhere loses nothing
    button(page, "partners_view.use").click()
    to_the_end(page)
    if native.standing:
        assert text("verdict.stands", week=int(native.formation_week)) in page.locator(".verdict").inner_text()
    else:
        assert text(f"causes.{native.cause}.because") in page.locator(".verdict").inner_text()
    plan = page.locator(".yaml").text_content()
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    monkeypatch.chdir(paths[0].parent)  # the file stands beside the tables
    again = simulate(load_config("run", [f"plan='{tmp_path / 'plan.yaml'}'"]), replicate_seeds(2, 1)).iloc[0]
    assert again.hours_spent == native.hours_spent


HOSTILE = (
    "<img src=x onerror=document.title='run'>",
    "=HYPERLINK(1)",
    "‮abc",
    "{week}",
    "</script><script>document.title='run'</script>",
)


def test_names_of_a_table_are_shown_as_typed_and_run_nothing(visit, tmp_path):
    import pandas as pd

    sectors = ["government", "business", "civil society"]
    table = pd.DataFrame({"name": HOSTILE, "sector": [sectors[k % 3] for k in range(len(HOSTILE))]})
    table.to_csv(tmp_path / "o.csv", index=False)
    page = visit("#view=partners&seed=2")
    page.locator("input[name=organizations]").set_input_files(tmp_path / "o.csv")
    shown = page.locator("table tbody").inner_text()
    for name in HOSTILE:
        assert name in shown
    button(page, "partners_view.use").click()
    to_the_end(page)
    page.get_by_label(text("log_everything")).check()
    page.wait_for_timeout(300)
    assert page.title() == text("title")


def test_a_page_that_is_given_partners_shows_hostile_names_too(chromium, tmp_path):
    import pandas as pd

    sectors = ["government", "business", "civil society"]
    table = pd.DataFrame({"name": HOSTILE, "sector": [sectors[k % 3] for k in range(len(HOSTILE))]})
    table.to_csv(tmp_path / "o.csv", index=False)
    config = load_config("explore", ["population=from_files", f"organizations='{tmp_path / 'o.csv'}'"])
    (tmp_path / "page.html").write_text(page_of(config), encoding="utf-8")
    page = chromium.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    options = page.locator(".reasons option")
    options.nth(1).wait_for(state="attached")
    assert options.all_text_contents()[1:] == list(HOSTILE)
    assert page.title() == text("title")
    page.close()


# The address, and the file


def test_a_link_shares_the_whole_state(visit):
    page = visit("#view=watch&seed=3&scenario=baseline")
    page.locator("select").first.select_option("intra_sector")
    page.get_by_role("checkbox", name=re.compile("^Trust and agreements")).check()
    page.get_by_role("slider", name=text("watch.to_week")).first.fill("44")
    page.wait_for_url(re.compile("week=44"))
    other = visit("#" + page.url.partition("#")[2])
    other.get_by_text(text("watch.week", week=44), exact=True).wait_for()
    assert other.locator("select").first.input_value() == "intra_sector"
    assert other.get_by_role("checkbox", name=re.compile("^Trust and agreements")).is_checked()
    assert other.locator(".status").inner_text() == page.locator(".status").inner_text()


def test_the_way_back_leads_to_the_view_before(visit):
    page = visit("#view=watch&seed=3")
    button(page, "views.learn").click()
    page.get_by_role("heading", name=text("learn.title")).wait_for()
    page.wait_for_url(re.compile("view=learn"))
    page.go_back()
    page.locator(".transport").wait_for()


@pytest.mark.parametrize(
    "wrong",
    [
        "context.conflct=0.3",
        "context.conflict=7",
        "scenario=nothing",
        "view=dance",
        "seed=-1",
        "stages.map.active=3",
        "%E0%A4%A=1",
        "week=9e9",
    ],
)
def test_what_an_address_says_wrongly_is_said_and_left_out(visit, wrong):
    page = visit(f"#view=watch&seed=3&{wrong}&context.trust=0.5")
    notice = page.get_by_role("alert")
    assert text("refusals.address") in notice.inner_text()
    assert notice.locator("li").count() == 1
    page.get_by_text(text("watch.week", week=0), exact=True).wait_for()
    page.wait_for_url(re.compile("context.trust=0.5"))  # what was right stays


def test_a_plan_that_cannot_run_says_why(visit):
    page = visit("#view=watch&sectors=[]")
    assert text("refusals.no_sector") in page.get_by_role("alert").first.inner_text()


def test_the_file_of_a_plan_gives_the_same_numbers_at_the_command_line(visit, tmp_path):
    page = visit(
        "#view=watch&seed=6&scenario=sixth_component&population=knoke&context.difficulty=0.7"
        "&components.trust_and_agreements.parts=[%22charter%22]&intra_sector.every=true"
    )
    (tmp_path / "plan.yaml").write_text(page.locator(".yaml").text_content(), encoding="utf-8")
    config = load_config("run", [f"plan='{tmp_path / 'plan.yaml'}'"])
    native = simulate(config, replicate_seeds(config.seed, 1)).iloc[0]
    got = page.evaluate("ciSim.outcomes(location.hash, 1)[0]")
    assert config.seed == 6
    assert got["hours_spent"] == native.hours_spent
    assert got["promises_kept"] == native.promises_kept


def test_a_link_to_partners_that_were_not_sent_says_so(visit):
    page = visit("#view=watch&population=own")
    assert text("refusals.no_partners") in page.get_by_role("alert").inner_text()


# Keyboard, old browsers


def test_the_keyboard_alone_is_enough(visit):
    page = visit(FAILS)
    page.get_by_role("heading", level=1).wait_for()
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "document.activeElement.textContent || document.activeElement.getAttribute('aria-label') || ''"
            )
        )
        if text("watch.to_end") in seen[-1]:
            break
    page.keyboard.press("Enter")
    page.get_by_text(text("verdict.failed")).wait_for()
    page.keyboard.press("Shift+Tab")  # the weeks
    page.keyboard.press("ArrowLeft")
    page.get_by_text(text("watch.week", week=155), exact=True).wait_for()
    assert any(text("skip") in words for words in seen[:2])


def test_a_browser_without_webassembly_is_told(visit):
    page = visit(before="delete window.WebAssembly;")
    assert text("no_webassembly") in page.get_by_role("alert").inner_text()


def test_the_tables_of_the_page_are_those_of_the_code():
    from ci_sim.browser.tables import TABLES, tables

    assert json.loads(TABLES.read_text(encoding="utf-8")) == json.loads(json.dumps(tables())), "make page remakes them"
