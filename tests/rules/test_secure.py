"""Mandates and money take their time; sectors differ by their profiles."""

import numpy as np
import pytest

from ci_sim import load_config, simulate
from ci_sim.rules import engine
from ci_sim.rules.parameters import PROFILE, SECTORS
from ci_sim.rules.state import CONVENE, LAUNCHED, MEMBER
from ci_sim.simulation.model import InitiativeModel

# Twelve organizations, three, three and six of a sector, whose boards meet every four weeks.
SMALL = ("population.size=12", "population.difference=0", "mandates.board_weeks=4", "commitment.noise=0")


def convened(*overrides: str) -> InitiativeModel:
    """Return a model in its first week, with everyone convened and the effort launched."""
    model = InitiativeModel(load_config("run", [*SMALL, *overrides]), seed=5, collect=False)
    return next_week(model, "secure", "convene")


def next_week(model: InitiativeModel, *mechanisms: str) -> InitiativeModel:
    engine.begin_week(model.state, model.rules)
    for name in mechanisms:
        model.mechanisms[name](model)
    return model


def test_a_board_gives_its_mandate_when_it_meets_to_who_would_commit_or_has_promised():
    model = convened()
    orgs, internal = model.state.orgs, model.state.internal
    internal["board_meets"] = np.where(np.arange(12) < 8, 2, 3)
    orgs["intends"][:4] = 1
    orgs["signatory"][4] = orgs["federated"][5] = 1
    orgs["intends"][8:] = 1
    next_week(model, "secure")
    assert list(np.flatnonzero(orgs["mandate"])) == [0, 1, 2, 3, 4, 5]
    assert (internal["board_meets"][:8] == 6).all()
    orgs["intends"][:] = 0
    next_week(model, "secure")
    assert orgs["mandate"].sum() == 6  # it holds; and who no longer would commit gets none


def test_boards_meet_at_weeks_of_their_own_as_often_as_their_sector_has_it():
    model = InitiativeModel(load_config("run", ["population.size=600"]), seed=2, collect=False)
    internal, sector = model.state.internal, model.state.orgs["sector"]
    for s, factor in enumerate((1.6, 1.0, 0.9)):
        assert internal["board_weeks"][sector == s] == pytest.approx(8 * factor)
        share = internal["board_meets"][sector == s] / (8 * factor)
        assert 0 <= share.min() < 0.05 < 0.95 < share.max() <= 1


def test_without_mandates_everyone_is_free_to_commit():
    assert InitiativeModel(load_config("run", ["mandates.active=false"]), seed=1).state.orgs["mandate"].all()


def test_who_has_no_mandate_does_not_commit_and_says_so():
    model = convened("components=none", "context.difficulty=0.1", "delivery.observation=1", "group.prior=0.9")
    orgs = model.state.orgs
    orgs["salience"] = 1
    orgs["mandate"], orgs["board_met"] = 1, 1
    orgs["mandate"][0] = 0
    next_week(model, "meet", "commit")
    assert orgs["intends"].all()
    assert list(orgs["committed"]) == [0] + [1] * 11
    next_week(model, "deliver")
    about_0 = [
        model.state.ties[j, model.state.ties[0, k].mirror]
        for k, j in enumerate(model.state.partners[0, : orgs[0].degree])
    ]
    assert about_0
    assert all(tie.unwilling == 0 for tie in about_0)


@pytest.mark.parametrize(("holding", "called"), [((2, 2, 3), 1), ((1, 3, 6), 0), ((3, 3, 2), 0)])
def test_the_effort_is_called_for_once_a_quorum_of_each_sector_holds_a_mandate(holding, called):
    model = convened()
    orgs = model.state.orgs
    orgs["board_met"] = 1
    for first, count in zip((0, 3, 6), holding, strict=True):
        orgs["mandate"][first : first + count] = 1
    next_week(model, "commit")
    assert model.initiative.called == called
    assert model.initiative.mandate_week == 2 * called
    assert orgs["committed"].any() == bool(called and orgs["intends"].any())


def test_the_first_call_waits_until_every_board_has_met():
    model = convened()
    model.state.orgs["mandate"] = model.state.orgs["board_met"] = 1
    model.state.orgs["board_met"][3] = 0
    assert next_week(model, "commit").initiative.called == 0
    model.state.orgs["board_met"][3] = 1
    assert next_week(model, "commit").initiative.called == 1
    model.state.orgs["board_met"][3] = 0
    assert next_week(model, "commit").initiative.called == 1  # who joins later does not stop it


def test_a_change_of_people_takes_the_mandate():
    model = convened("leaving.turnover=1")
    model.state.internal["turnover"][:6] = 1
    model.state.internal["turnover"][6:] = 0
    model.state.orgs["mandate"] = 1
    next_week(model, "leave")
    assert list(model.state.orgs["mandate"]) == [0] * 6 + [1] * 6


def test_an_instalment_is_the_influence_that_stands_behind_the_effort_times_its_interest():
    model = InitiativeModel(load_config("run", [*SMALL, "stages=convene", "funding.instalment=100"]), seed=5)
    next_week(model, "convene")
    orgs = model.state.orgs
    orgs["influence"], orgs["salience"] = 1, 0.5
    orgs["influence"][orgs["membership"] == MEMBER] = 3
    members = int((orgs["membership"] == MEMBER).sum())
    model.initiative.funding_due, before = 2, model.initiative.fund
    next_week(model, "secure")
    share = 3 * members * 0.5 / (3 * members + 12 - members)
    assert model.initiative.fund == pytest.approx(before + 100 * 12 * share)
    assert model.initiative.funding_due == 15


def test_convening_waits_for_mandates_and_for_the_reserve():
    model = InitiativeModel(load_config("run", [*SMALL, "stages=convene", "stages.founding_share=0.5"]), seed=5)
    next_week(model, "convene")
    for _ in range(8):
        model.state.orgs["mean_trust"] = 1
        next_week(model, "convene")
    assert (model.initiative.stage, model.initiative.invited) == (
        CONVENE,
        6,
    )  # the founding circle is complete, and waits
    model.state.orgs["mandate"] = 1
    assert next_week(model, "convene").initiative.stage == CONVENE
    model.initiative.fund = 26 * 0.5 * 12 * 50
    assert next_week(model, "convene").initiative.stage == LAUNCHED


def test_what_waits_for_mandates_fails_for_want_of_them():
    """Boards that meet every thousand weeks: who would commit never may."""
    slow = ["mandates.board_weeks=1000", "population.difference=0", "context.difficulty=0.1", "weeks=60"]
    causes = simulate(load_config("baseline", slow), range(40))["cause"].value_counts(normalize=True)
    assert causes["no_mandate_or_money"] > 0.9


@pytest.mark.parametrize("trait", PROFILE)
def test_a_profile_moves_its_trait_in_its_sector_only(trait):
    def drawn(*overrides: str) -> dict[str, np.ndarray]:
        model = InitiativeModel(load_config("run", ["population.size=60", *overrides]), seed=3, collect=False)
        orgs, internal = model.state.orgs, model.state.internal
        own = orgs["prior"][np.arange(60), orgs["sector"]]
        sector = orgs["sector"]
        kin = [
            np.mean(sector[model.state.partners[i, : orgs[i].degree]] == sector[i]) if orgs[i].degree else 0
            for i in range(60)
        ]
        return {
            "capacity": orgs["capacity"].copy(),
            "influence": orgs["influence"].copy(),
            "spread": orgs["position"].copy(),
            "trust_homophily": own,
            "acquaintances_within": np.array(kin),
            "turnover": internal["turnover"].copy(),
            "board_weeks": internal["board_weeks"].copy(),
        }

    plain, moved = drawn(), drawn(f"population.business.{trait}=1.3")
    business = slice(15, 30)
    assert not np.array_equal(plain[trait][business], moved[trait][business])
    for name in set(PROFILE) - {trait, "acquaintances_within"}:
        np.testing.assert_array_equal(plain[name], moved[name])
    if trait != "acquaintances_within":  # a tie has two sides
        np.testing.assert_array_equal(
            np.delete(plain[trait], np.s_[15:30], 0), np.delete(moved[trait], np.s_[15:30], 0)
        )


def test_alike_sectors_differ_in_nothing_whatever_their_profiles():
    told = [f"population.{sector}.{trait}=3" for sector in SECTORS for trait in PROFILE]
    plain, told = (simulate(load_config("run", ["population=alike", "weeks=30", *o]), range(5)) for o in ([], told))
    assert plain.equals(told)


def test_a_table_overrides_the_profile(tmp_path):
    rows = "name,sector,turnover,board_weeks\nA,government,0.5,20\nB,business,,\nC,civil_society,0,1\n"
    (tmp_path / "o.csv").write_text(rows)
    config = load_config("run", ["population=from_files", f"organizations='{tmp_path}/o.csv'"])
    internal = InitiativeModel(config, seed=1).state.internal
    assert list(internal["board_weeks"]) == [20, 8, 1]
    assert internal["turnover"] == pytest.approx([1 - 0.5 ** (1 / 52), 1 - 0.8 ** (1 / 52), 0])
