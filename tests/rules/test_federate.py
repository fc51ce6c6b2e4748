"""A sector's own charter, its spokesperson, and processes of some sectors first."""

import numpy as np
import pytest

from ci_sim import UserError, load_config, simulate
from ci_sim.rules import engine
from ci_sim.rules.parameters import SECTORS
from ci_sim.rules.state import FEDERATION_HOURS, LAUNCHED, MEMBER, NOBODY
from ci_sim.simulation.model import InitiativeModel

# Three, three and six organizations of a sector, alike and of one mind, without noise; civil society is strengthened.
ALIKE = (
    *("components=none", "population.size=12", "weeks=60", "population.acquaintances=0", "mandates.active=false"),
    *("population.capacity_spread=0", "population.trust_spread=0", "population.trust_homophily=0", "context.trust=0.9"),
    *("context.conflict=0", "context.spread=0", "deliberation.misperception=0", "commitment.noise=0"),
    *("group.active=false", "commitment.shared_fate=0", "meeting.rate=0", "population.difference=0"),
    *("intra_sector=civil_society", "commitment.cost=0.15", "delivery.season=0", "population.listening_spread=0"),
)
CIVIL_SOCIETY = slice(6, 12)


def circle(*overrides: str) -> InitiativeModel:
    """Return a model of twelve members that all care fully, in its first week."""
    model = InitiativeModel(load_config("run", [*ALIKE, *overrides]), seed=5, collect=False)
    model.state.orgs["salience"] = 1
    return next_week(model, "convene")


def next_week(model: InitiativeModel, *mechanisms: str) -> InitiativeModel:
    engine.begin_week(model.state, model.rules)
    for name in mechanisms:
        model.mechanisms[name](model)
    return model


def federated(model: InitiativeModel) -> list[int]:
    return list(np.flatnonzero(model.state.orgs["federated"]))


def tie(model: InitiativeModel, i: int, j: int, kept: float) -> None:
    """Open a tie; j has kept so many promises to i."""
    orgs, ties = model.state.orgs, model.state.ties
    for here, there in ((i, j), (j, i)):
        side = ties[here, orgs[here].degree]
        model.state.partners[here, orgs[here].degree] = there
        side.mirror, side.kept = orgs[there].degree, kept if here == i else 0.0
        side.week = model.initiative.week
    for here in (i, j):
        orgs[here].degree += 1


@pytest.mark.parametrize(("caring", "signing"), [(6, 6), (3, 3), (2, 0)])
def test_a_sectors_charter_is_in_force_if_a_quorum_of_it_holds_together(caring, signing):
    """Little of the sector must deliver, so that who cares would; half of the six are needed."""
    model = circle("context.difficulty=0.1")
    model.state.orgs["salience"][CIVIL_SOCIETY] = [1.0] * caring + [0.01] * (6 - caring)
    model.mechanisms["federate"](model)
    assert federated(model) == list(range(6, 6 + signing))
    assert model.initiative.federation_week[2] == int(signing > 0)


def test_only_the_sectors_own_members_count_in_its_charter():
    """All must deliver: a set of six at a trust of 0.9 can be borne (0.59), twelve not all willing cannot."""
    model = circle("context.difficulty=1", "commitment.cost=0.5")
    model.mechanisms["federate"](model)
    assert federated(model) == list(range(6, 12))
    model.mechanisms["commit"](model)
    assert not model.state.orgs["intends"].any()


def test_a_round_takes_hours_of_the_sector_only_and_a_failed_one_is_felt_by_it_only():
    model = circle(
        "context.difficulty=1",
        "commitment.cost=0.9",
        "group.active=true",
        "charter.hours=1",
        "charter.mediator_hours=0.25",
    )
    model.mechanisms["federate"](model)
    orgs = model.state.orgs
    assert list(orgs["hours_spent"]) == [0] * 6 + [1.25] * 6
    assert list(orgs["group_failure"]) == [0] * 6 + [1] * 6
    assert model.initiative.hours_by_purpose[FEDERATION_HOURS] == 7.5
    next_week(model, "federate")
    assert model.initiative.sector_rounds[2] == 1  # the next one is due four weeks later


def test_everyone_takes_the_federated_to_be_willing():
    model = circle("context.difficulty=0.1")
    model.mechanisms["federate"](model)
    model.mechanisms["commit"](model)
    first, last = model.organizations[0], model.organizations[11]
    assert first.willingness_in(last) == 1
    assert last.willingness_in(first) < 1


def test_a_sectors_charter_counts_as_a_signature_unless_told_otherwise():
    for signs, inside in ((True, 6), (False, 0)):
        model = circle("context.difficulty=0.1", f"charter.signs={signs}")
        model.mechanisms["federate"](model)
        model.state.orgs["committed"] = 1
        engine.assess(model.state, model.rules, model.weeks)
        assert model.state.orgs["inside"].sum() == inside


def test_the_most_trusted_member_speaks_for_the_sector():
    model = circle("context.difficulty=0.1")
    for i, kept in ((6, 1.0), (7, 1.0), (9, 2.0)):
        tie(model, i, 8, kept)
    tie(model, 8, 10, 9.0)  # trusted more, by fewer
    model.mechanisms["federate"](model)
    assert model.spokesperson("civil_society").index == 8
    assert model.spokesperson("business") is None


def test_members_follow_as_far_as_they_trust_if_the_spokesperson_stands_close_enough():
    model = circle("context.difficulty=0.1")
    model.state.orgs["position"][11, 0] = 1.0
    model.mechanisms["federate"](model)
    speaker, orgs = model.spokesperson("civil_society").index, model.state.orgs
    followers = [i for i in range(6, 12) if i not in (speaker, 11)]
    assert orgs["heed"][followers] == pytest.approx(0.9, abs=1e-6)
    assert orgs["heed"][[speaker, 11]] == pytest.approx(0)
    assert orgs["hours_spent"][speaker] == pytest.approx(1.25 + 1.5)  # the round, and the report


def test_who_follows_commits_by_what_the_spokesperson_judges():
    """The first six are trusted by nobody but the spokesperson, whose followers see through its eyes."""
    trusting, own = [], ("context.difficulty=0.9", "commitment.cost=0.3", "willingness.active=false")
    for levels in ("charter", "charter,spokesperson"):
        model = circle(*own, f"intra_sector.civil_society.levels=[{levels}]")
        model.mechanisms["federate"](model)
        model.initiative.spokesperson[2] = 6 if "spokesperson" in levels else NOBODY
        model.state.orgs["heed"][6] = 0
        model.state.orgs["heed"][7:12] = 0.9 if "spokesperson" in levels else 0
        model.state.orgs["prior"][7:12, :2] = 0.3
        model.state.orgs["prior"][6] = 0.99
        model.state.orgs["signatory"] = 1
        model.mechanisms["commit"](model)
        trusting.append(int(model.state.orgs["intends"][7:12].sum()))
    assert trusting == [0, 5]


def test_the_seat_is_the_spokespersons():
    model = circle("context.difficulty=0.1")
    model.mechanisms["federate"](model)
    speaker = model.spokesperson("civil_society").index
    model.state.orgs["influence"] = 1
    model.state.orgs["position"][:, 0] = 0.5
    model.state.orgs["position"][speaker, 0] = 0.8
    model.mechanisms["deliberate"](model)
    assert model.initiative.agenda[0] == pytest.approx(0.5 + 0.3 * 6 / 12)


def test_a_federation_that_few_follow_breaks_and_takes_its_sector_out_of_the_charter():
    model = circle("context.difficulty=0.1", "group.active=true", "group.prior=0.9")
    model.mechanisms["federate"](model)
    orgs = model.state.orgs
    orgs["signatory"], model.initiative.charter_week = 1, 1
    speaker = model.spokesperson("civil_society").index
    orgs["position"][speaker, 0] = 1.0  # it has drifted away from all
    next_week(model, "federate")
    assert not orgs["heed"].any()
    orgs["salience"][CIVIL_SOCIETY] = 0.01  # and nobody would sign anew
    next_week(model, "federate")
    assert not orgs["federated"].any()
    assert list(orgs["signatory"]) == [1] * 6 + [0] * 6
    assert (orgs["group_failure"][CIVIL_SOCIETY] > 0).all()
    assert model.spokesperson("civil_society") is None


def test_followers_sit_at_no_table_and_sign_with_their_spokesperson():
    model = circle("components=trust_and_agreements", "components.upkeep=0", "context.difficulty=0.1")
    model.mechanisms["federate"](model)
    spent = model.state.orgs["hours_spent"].copy()
    model.initiative.stage = LAUNCHED
    model.mechanisms["negotiate"](model)
    speaker = model.spokesperson("civil_society").index
    drafting = model.state.orgs["hours_spent"] - spent
    assert [i for i in range(12) if drafting[i] > 0] == sorted([*range(6), speaker])
    assert model.state.orgs["signatory"].all()


def test_a_talk_at_the_caucus_closes_what_two_know_of_a_common_partner():
    model = circle(
        "intra_sector.gossip=0.5",
        "meeting.rate=3",
        "intra_sector.share=1",
        "context.difficulty=1",
        "commitment.cost=0.9",
    )
    for i in range(6, 12):
        tie(model, i, 0, kept=8.0 if i == 6 else 0.0)
    before = sum(side.kept for side in (model.state.ties[i, 0] for i in range(7, 12)))
    for _ in range(4):
        next_week(model, "meet")
    after = sum(side.kept for side in (model.state.ties[i, 0] for i in range(7, 12)))
    assert before == 0 < after
    assert model.state.ties[6, 0].kept < 8


def test_a_spokesperson_meets_the_other_sectors_every_week():
    model = circle("context.difficulty=0.1")
    model.mechanisms["federate"](model)
    model.mechanisms["meet"](model)
    speaker = model.spokesperson("civil_society").index
    held = {frozenset(int(x) for x in pair) for pair in model.state.meetings[: model.initiative.meetings, :2]}
    partners = {next(iter(pair - {speaker})) for pair in held}
    assert len(held) == 2
    assert all(speaker in pair for pair in held)
    assert {int(model.state.orgs[i].sector) for i in partners} == {0, 1}


@pytest.mark.parametrize("sector", SECTORS)
def test_a_sector_comes_together_first_and_the_others_join_it_afterwards(sector):
    model = InitiativeModel(
        load_config(
            "run",
            [
                "population.size=12",
                "weeks=30",
                f"sequence.first=[{sector}]",
                "sequence.weeks=6",
                f"intra_sector={sector}",
            ],
        ),
        seed=3,
    )
    for week in range(1, 9):
        model.step()
        members = model.state.orgs["membership"] == MEMBER
        own = model.state.orgs["sector"] == SECTORS.index(sector)
        assert (members == own).all() if week <= 6 else members.all()
    assert model.initiative.launch_week == 7


def test_components_begin_with_the_initiative_of_all():
    first = ["sequence.first=[business]", "sequence.weeks=5", "weeks=20", "population.size=12"]
    model = InitiativeModel(load_config("run", first), seed=3)
    for _ in range(5):
        model.step()
    assert model.initiative.hours_by_purpose[0] == 0
    model.step()
    assert model.initiative.hours_by_purpose[0] > 0


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (["sectors=[government,business]", "intra_sector=civil_society"], "civil_society does not take part"),
        (["sequence.first=[business]", "sequence.weeks=156"], "leaves no week"),
        (["sequence.first=[business]"], "a sequence needs both"),
        (["sequence.weeks=4"], "a sequence needs both"),
        (["sequence.first=[buisness]", "sequence.weeks=4"], "did you mean business"),
        (["sectors=[government]", "sequence.first=[business]", "sequence.weeks=4"], "business does not take part"),
        (["population.busines.capacity=2"], "did you mean population.business.capacity"),
        (["intra_sector=business", "intra_sector.business.levels=[spokesperson]"], "add charter"),
        (["intra_sector=business", "intra_sector.business.levels=[caucas]"], "did you mean caucus"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(overrides, says):
    with pytest.raises(UserError) as refused:
        load_config("run", overrides)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_sector_is_each_that_takes_part():
    model = InitiativeModel(load_config("intra_sector", ["sectors=[government,business]"]), seed=1)
    assert list(model.rules.strengthening) == [1, 1, 0]


def test_outcomes_by_sector_say_who_is_represented_follows_and_is_least_satisfied():
    table = simulate(load_config("intra_sector", ["context.difficulty=0.45", "weeks=40"]), range(20))
    for sector in SECTORS:
        represented, following = table[f"represented_{sector}"], table[f"following_{sector}"]
        assert (following <= represented + 1e-12).all()
        assert represented.max() > 0.5
        assert (table[f"federation_week_{sector}"].notna() == (represented > 0)).all()
    least = table[[f"satisfaction_min_{sector}" for sector in SECTORS]].min(axis=1)
    np.testing.assert_allclose(least, table["satisfaction_min"])
    assert (table["strengthening_hours"] > 0).all()
