"""What stands in the way, and whether an initiative stands."""

import numpy as np
import pytest

from ci_sim import load_config, simulate
from ci_sim.rules import engine
from ci_sim.rules.outcomes import CAUSES
from ci_sim.rules.state import MEMBER
from ci_sim.simulation.model import InitiativeModel

ALIKE = (
    "components=none",
    "population.size=12",
    "weeks=400",
    "population.acquaintances=0",
    "context.conflict=0",
    "mandates.active=false",
)
GOVERNMENT, CIVIL_SOCIETY = slice(0, 3), slice(6, 12)


def launched(*overrides: str) -> InitiativeModel:
    """Return a model of twelve members (three, three and six of a sector) of which all care, would commit and have signed."""
    model = InitiativeModel(load_config("run", [*ALIKE, *overrides]), seed=5, collect=False)
    engine.begin_week(model.state, model.rules)
    for name in ("convene", "deliberate"):
        model.mechanisms[name](model)
    orgs = model.state.orgs
    orgs["salience"], orgs["intends"], orgs["committed"], orgs["signed"] = 1, 1, 1, 1
    return model


def pass_weeks(model: InitiativeModel, weeks: int) -> InitiativeModel:
    for _ in range(weeks):
        engine.begin_week(model.state, model.rules)
        engine.assess(model.state, model.rules, model.weeks)
    return model


def take_away(model: InitiativeModel, what: str) -> None:
    orgs = model.state.orgs
    if what == "gain":
        orgs["salience"][:8] = 0.01
    if what in ("gain", "belief"):
        orgs["intends"][:8] = orgs["committed"][:8] = 0
    if what in ("gain", "belief", "signature"):
        orgs["signed"][:8] = 0
    if what == "breadth":
        orgs["intends"][GOVERNMENT] = orgs["committed"][GOVERNMENT] = 0


@pytest.mark.parametrize("what", ["gain", "belief", "signature", "breadth"])
def test_the_cause_is_the_first_thing_that_is_missing(what):
    model = launched()
    take_away(model, what)
    pass_weeks(model, 5)
    assert (model.formed, model.standing, model.cause) == (False, False, f"no_{what}")


def test_one_that_formed_and_keeps_its_quorum_stands_without_a_cause():
    model = pass_weeks(launched(), 8)
    assert (model.formed, model.standing, model.cause) == (True, True, None)


def test_one_that_formed_and_lost_its_quorum_has_broken_off():
    model = pass_weeks(launched(), 8)
    take_away(model, "belief")
    assert pass_weeks(model, 7).standing  # it takes as many weeks without a quorum as forming takes with one
    assert not pass_weeks(model, 1).standing
    assert (model.formed, model.cause) == (True, "broken_off")
    assert model.outcomes()["broken_off_week"].iloc[0] == 17


def test_one_that_broke_off_can_stand_again_and_keeps_its_first_week():
    model = pass_weeks(launched(), 8)
    take_away(model, "breadth")
    assert not pass_weeks(model, 8).standing
    model.state.orgs["committed"] = 1
    assert not pass_weeks(model, 7).standing
    assert pass_weeks(model, 1).standing
    row = model.outcomes().iloc[0]
    assert (row.formation_week, row.standing) == (9, True)
    assert np.isnan(row.broken_off_week)


def test_recent_weeks_weigh_more():
    model = launched()
    take_away(model, "signature")
    pass_weeks(model, 30)
    take_away(model, "gain")
    assert pass_weeks(model, 3).cause == "no_signature"
    assert pass_weeks(model, 20).cause == "no_gain"


def test_a_quorum_without_the_launch_is_no_quorum():
    model = launched("stages=[found]", "stages.max_weeks=99")
    assert model.initiative.stage < 4
    assert not pass_weeks(model, 9).formed


@pytest.mark.parametrize("scenario", ["baseline", "four_insights", "stage_map"])
def test_there_is_a_cause_if_and_only_if_it_does_not_stand(scenario):
    table = simulate(load_config(scenario, ["population.size=18", "weeks=60"]), range(120))
    assert (table["cause"].isna() == table["standing"]).all()
    assert table["cause"].dropna().isin(CAUSES).all()
    assert ((table["cause"] == "broken_off") == (table["formed"] & ~table["standing"])).all()
    assert table["standing"].any()
    assert table["cause"].nunique() > 1
    assert table["came_off"].dropna().between(0, 1).all()
    assert np.isfinite(table["belief_in_group"].dropna()).all()


def test_the_coalition_is_measured_by_the_convened_and_by_the_whole_field():
    """Of twelve organizations the first six are convened, of which three commit and have signed."""
    model = launched("stages=[convene]", "stages.core=6", "stages.max_weeks=999")
    orgs, convened = model.state.orgs, np.flatnonzero(model.state.orgs["membership"] == MEMBER)
    assert len(convened) == 6
    orgs["committed"] = 0
    orgs["committed"][convened[:3]] = 1
    row = model.outcomes().iloc[0]
    assert (row.coalition_size, row.breadth_convened, row.breadth_field) == (3, 0.5, 0.25)
