"""Questions from files and typed: what they set, whom they choose, and what is refused."""

import numpy as np
import pytest

from ci_sim import UserError, load_config
from ci_sim.rules.parameters import EVENTS
from ci_sim.whatif.questions import question_of, ready_questions

KNOKE = ["population=knoke"]


@pytest.fixture
def asked(tmp_path):
    """Return the question of a file's text."""

    def ask(text: str, *overrides: str):
        (tmp_path / "q.yaml").write_text(text, encoding="utf-8")
        return question_of(load_config("whatif", [*KNOKE, f"questions='{tmp_path}/q.yaml'", *overrides]))

    return ask


def test_without_questions_the_plan_itself_is_asked_about():
    question = question_of(load_config("whatif", KNOKE))
    assert question.title == "Will it form?"
    assert [alternative.name for alternative in question.alternatives] == ["base"]


def test_changes_and_events_stand_on_top_of_the_base(asked):
    question = asked(
        "title: T\nbase:\n  set: {stages: all, commitment: {quorum: 0.6}}\nalternatives:\n"
        "  gone: {title: Gone, happens: [{month: 8, leaves: City Council}]}\n"
        "  both: {scenario: sixth_component, set: {trust.half_life: 26}}\n"
    )
    base, gone, both = (alternative.config for alternative in question.alternatives)
    assert base.stages.map.active
    assert gone.stages.map.active
    assert base.commitment.quorum == both.commitment.quorum == 0.6
    assert both.components.trust_and_agreements.active
    assert both.trust.half_life == 26
    assert not base.components.trust_and_agreements.active
    assert question.alternatives[1].job.events[:, :2].tolist() == [[31, len(EVENTS)]]
    assert question.alternatives[1].changes[0].startswith("happenings=")
    assert [alternative.title for alternative in question.alternatives] == ["As planned", "Gone", "both"]


def test_questions_can_be_typed():
    question = question_of(
        load_config("whatif", [*KNOKE, "ask={gone:{happens:[{month:8,leaves:COUN}]},charter:{scenario:charter_only}}"])
    )
    assert [alternative.name for alternative in question.alternatives] == ["base", "gone", "charter"]


def test_what_happens_anyway_happens_in_every_way():
    typed = [*KNOKE, "happenings=[{week:9,crisis:0.5}]", "ask={gone:{happens:[{month:8,leaves:COUN}]}}"]
    base, gone = question_of(load_config("whatif", typed)).alternatives
    assert base.job.events[:, 0].tolist() == [9]
    assert gone.job.events[:, 0].tolist() == [9, 31]


@pytest.mark.parametrize(
    ("written", "who"),
    [
        ("@most_connected", "Mayor's Office"),
        ("@most_connected civil_society", "United Way"),
        ("@most_connected 2", None),
    ],
)
def test_a_partner_can_be_chosen_by_its_ties(asked, written, who):
    question = asked(f"alternatives: {{a: {{happens: [{{leaves: '{written}'}}]}}}}")
    chosen = question.chosen[written]
    partners = question.alternatives[0].job.partners
    ties = np.bincount(partners.given.ties.ravel())
    place = partners.names.index(chosen)
    assert who in (None, chosen)
    assert (ties > ties[place]).sum() <= (written.endswith("2")) or who == "United Way"
    assert question.alternatives[1].job.events[0, 4] == place


@pytest.mark.parametrize("path", ready_questions(), ids=lambda path: path.stem)
@pytest.mark.parametrize("locale", ["en", "he"])
def test_ready_questions_work_on_any_table(tmp_path, path, locale):
    (tmp_path / "o.csv").write_text("name,sector\nA,government\nB,business\nC,NGO\nD,NGO\n", encoding="utf-8")
    config = load_config("whatif", [f"organizations='{tmp_path}/o.csv'", f"questions={path.stem}", f"locale={locale}"])
    question = question_of(config)
    titles = [question.title, *(alternative.title for alternative in question.alternatives)]
    assert all(any("א" <= c <= "ת" for c in title) == (locale == "he") for title in titles)


def test_there_are_a_dozen_ready_questions():
    assert len(ready_questions()) >= 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a", ["must hold title, base, alternatives"]),
        ("titel: x", ["titel is not known", "did you mean title"]),
        ("alternatives: {a: {sets: {}}}", ["a: sets is not known", "did you mean set"]),
        (
            "alternatives: {a: {set: {trust.half_live: 3}}}",
            ["a: trust.half_live is not a known key", "trust.half_life"],
        ),
        ("alternatives: {a: {set: {trust.half_life: -3}}}", ["a: trust.half_life=-3", "must be a number"]),
        ("alternatives: {a: {scenario: sixth}}", ["a: scenario=sixth: is unknown"]),
        ("alternatives: {a: {happens: [{leaves: Nobody}]}}", ["a: happenings", "'Nobody' is no organization"]),
        ("alternatives: {a: {happens: [{leaves: City Counsil}]}}", ["did you mean City Council?"]),
        ("alternatives: {a: {happens: [{leaves: '@loudest'}]}}", ["@loudest: must be @most_connected"]),
        ("alternatives: {a: {happens: [{leaves: '@most_connected business 9'}]}}", ["there are 3 such organizations"]),
        ("alternatives: {a: {happens: {leaves: A}}}", ["happens a list of events"]),
        ("alternatives: [a]", ["alternatives: must be named"]),
        ("alternatives: {base: {}}", ["base is the name"]),
        ("alternatives: {a: 3}", ["a: must hold some of"]),
        ("alternatives: {a: {title: {fr: x}}}", ["title: must be a text"]),
        ("a: [", ["cannot be read as YAML"]),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(asked, text, words):
    with pytest.raises(UserError) as refusal:
        asked(text)
    assert "\n" not in str(refusal.value)
    for word in ("q.yaml", *words):
        assert word in str(refusal.value)


def test_a_file_that_is_not_there_is_refused_with_the_ready_ones():
    with pytest.raises(
        UserError, match=r"questions=x: there is no such file; give a YAML file, or one of .*will_it_form"
    ):
        question_of(load_config("whatif", [*KNOKE, "questions=x"]))
