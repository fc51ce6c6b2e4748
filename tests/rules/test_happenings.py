"""Events of one organization, or of two: what each does in the rules, and what a configuration may ask for."""

import numpy as np
import pytest

from ci_sim import InitiativeModel, UserError, load_config
from ci_sim.configuration.happenings import happenings_from
from ci_sim.configuration.partners import partners_from
from ci_sim.rules.parameters import EVENTS, EVENTS_OF_ONE
from ci_sim.rules.state import LEFT, UNINVITED
from ci_sim.rules.streams import replicate_seeds
from ci_sim.simulation.ensemble import job_from, simulate

KNOKE = "population=knoke"
STAYING = ("meeting.rate=3", "leaving.patience=1000", "commitment.required_sectors=[government]")


def model_of(*happenings: str, overrides: tuple[str, ...] = (), seed: int = 5) -> InitiativeModel:
    told = f"happenings=[{','.join(happenings)}]"
    return InitiativeModel(load_config("run", [KNOKE, told, *overrides]), seed=seed)


def org(model: InitiativeModel, name: str):
    return model.organizations[model.job.partners.ids.index(name)]._record


def outcomes(*overrides: str):
    config = load_config("run", [KNOKE, *overrides])
    return simulate(config, replicate_seeds(config.seed, 40))


@pytest.fixture
def first() -> str:
    return partners_from(load_config("run", [KNOKE])).ids[0]


def test_who_leaves_takes_no_part_any_more(first):
    model = model_of(f"{{week: 3, leaves: {first}}}")
    for _ in range(2):
        model.step()
    assert org(model, first).membership not in (LEFT, UNINVITED)
    for _ in range(20):
        model.step()
    assert org(model, first).membership == LEFT
    assert org(model, first).committed == 0
    assert model.state.orgs["membership"].tolist().count(LEFT) >= 1


@pytest.mark.parametrize("scenario", ["baseline", "preliminary_stages", "charter_only"])
def test_who_leaves_beforehand_is_never_convened(first, scenario):
    model = model_of(f"{{leaves: {first}}}", overrides=(f"scenario={scenario}",))
    for _ in range(60):
        model.step()
        assert org(model, first).membership == UNINVITED
    assert sum(model.initiative.convened) == len(model.organizations) - 1


def test_effort_changes_hours_for_as_long_as_it_lasts(first):
    model = model_of(f"{{week: 2, effort: {first}, times: 3, weeks: 4}}")
    hours = float(org(model, first).capacity)
    seen = []
    for _ in range(8):
        model.step()
        seen.append(float(org(model, first).capacity) / hours)
    np.testing.assert_allclose(seen, [1, 3, 3, 3, 3, 1, 1, 1])


def test_new_people_cost_salience_and_all_that_was_known(first):
    plain, struck = model_of(), model_of(f"{{week: 2, new_people: {first}, size: 0.25}}")
    for model in (plain, struck):
        model.step()
        model.step()
    assert org(struck, first).salience == pytest.approx(0.75 * org(plain, first).salience)
    who = struck.job.partners.ids.index(first)
    degree = int(org(struck, first).degree)
    assert struck.state.ties["kept"][who, :degree].sum() == 0 < plain.state.ties["kept"][who, :degree].sum()


def test_who_pledges_does_its_part_whatever_others_do(first):
    """Where nothing is worth its while, nobody else commits."""
    alone = ("commitment.cost=1", "commitment.noise=0", "mandates.active=false", "components=five")
    model = model_of(f"{{week: 3, pledges: {first}, weeks: 5}}", overrides=alone)
    seen = []
    for _ in range(12):
        model.step()
        seen.append(sorted(np.array(model.job.partners.ids)[model.state.orgs["intends"] == 1]))
    assert seen == [[]] * 3 + [[first]] * 5 + [[]] * 4


def test_who_is_silent_does_not_meet():
    ids = partners_from(load_config("run", [KNOKE])).ids
    held: dict[bool, int] = {True: 0, False: 0}
    for apart in held:
        model = model_of(*([f"{{silent: [{ids[0]}, {ids[1]}]}}"] if apart else []), overrides=STAYING)
        for _ in range(60):
            model.step()
            met = model.state.meetings[: int(model.initiative.meetings), :2].tolist()
            held[apart] += [0, 1] in [sorted(pair) for pair in met]
    assert held[True] == 0 < held[False]


def test_silence_ends():
    ids = partners_from(load_config("run", [KNOKE])).ids
    model, weeks = model_of(f"{{week: 1, silent: [{ids[0]}, {ids[1]}], months: 6}}", overrides=STAYING), []
    for _ in range(80):
        model.step()
        met = model.state.meetings[: int(model.initiative.meetings), :2].tolist()
        if [0, 1] in [sorted(pair) for pair in met]:
            weeks.append(model.week)
    assert [week for week in weeks if 2 <= week <= 27] == []
    assert max(weeks) > 27


def test_an_event_of_all_is_the_same_by_its_date():
    by_date = outcomes("happenings=[{week: 20, funder_leaves: 0.8}]")
    by_key = outcomes("events=funder_leaves", "events.funder_leaves.week=20", "events.funder_leaves.size=0.8")
    assert by_date.equals(by_key)
    assert not by_date.equals(outcomes())


@pytest.mark.parametrize("kind", EVENTS_OF_ONE)
def test_each_changes_what_comes_out_and_luck_stays_the_same(first, kind):
    ids = partners_from(load_config("run", [KNOKE])).ids
    who = f"[{first}, {ids[1]}]" if kind == "silent" else first
    changed, plain = outcomes(f"happenings=[{{{kind}: {who}}}]"), outcomes()
    assert not changed.equals(plain)
    context = [column for column in plain if column.startswith("context_")]
    assert changed[context].equals(plain[context])


def test_steps_one_by_one_are_those_at_once(first):
    told = [f"{{leaves: {first}}}", "{month: 4, crisis: 0.5}"]
    at_once, step_by_step = model_of(*told), model_of(*told)
    step_by_step.mechanisms["commit"] = lambda model, own=step_by_step.mechanisms["commit"]: own(model)
    at_once.run_model()
    step_by_step.run_model()
    assert at_once.outcomes().equals(step_by_step.outcomes())


@pytest.mark.parametrize(
    ("when", "week"),
    [("", 0), ("week: 7", 7), ("month: 1", 1), ("month: 8", 31), ("month: 13", 53), ("year: 2", 53), ("year: 1.5", 27)],
)
def test_dates_are_weeks(first, when, week):
    config = load_config("run", [KNOKE, f"happenings=[{{{when + ', ' if when else ''}leaves: {first}}}]"])
    assert happenings_from(config, partners_from(config))[0, :2].tolist() == [week, len(EVENTS)]


@pytest.mark.parametrize(
    ("happening", "words"),
    [
        ("{leaves: Nobody}", ["'Nobody' is no organization"]),
        ("{lives: COUN}", ["must name one of", "did you mean leaves"]),
        ("{week: 3}", ["must name one of"]),
        ("{month: 0, leaves: COUN}", ["month must be a number from 1 on"]),
        ("{month: soon, leaves: COUN}", ["month must be a number"]),
        ("{year: 9, leaves: COUN}", ["after the horizon, weeks=156"]),
        ("{week: 2, month: 1, leaves: COUN}", ["give one of week, month, year"]),
        ("{effort: COUN, times: 0}", ["times must be a number from 0.01 to 100"]),
        ("{effort: COUN, tims: 2}", ["tims is not known", "did you mean times"]),
        ("{silent: COUN}", ["silent needs two"]),
        ("{silent: [COUN, coun]}", ["silent needs two"]),
        ("{leaves: [COUN, INDU]}", ["leaves needs one name"]),
        ("{week: 3, crisis: 2}", ["crisis must be a number from 0 to 1"]),
        ("{crisis: 0.5}", ["needs a date"]),
        ("{silent: [COUN, INDU], weeks: 0}", ["weeks must be a number of a week at least"]),
        ("leaves", ["must be a mapping"]),
    ],
)
def test_a_wrong_happening_is_refused_in_one_line(happening, words):
    with pytest.raises(UserError) as refusal:
        job_from(load_config("run", [KNOKE, f"happenings=[{happening}]"]))
    assert "\n" not in str(refusal.value)
    for word in ("happenings", *words):
        assert word in str(refusal.value)


def test_names_are_matched_however_they_are_typed(first):
    typed = first.lower()
    config = load_config("run", [KNOKE, f"happenings=[{{leaves: ' {typed} '}}]"])
    assert happenings_from(config, partners_from(config))[0, 4] == 0
