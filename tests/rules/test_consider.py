"""What an organization weighs explains what it does: the numbers that are shown are those that it decided by."""

import numpy as np
import pytest

from ci_sim import load_config
from ci_sim.rules.engine import NOBODY_ASKED, run_weeks
from ci_sim.rules.mechanisms.commit import CONSIDERATION
from ci_sim.rules.population import build
from ci_sim.rules.state import MEMBER
from ci_sim.simulation.ensemble import job_from, memory_for

SETTINGS = [
    ("baseline", []),
    ("four_insights", ["population=knoke"]),
    ("intra_sector", ["group.active=false", "commitment.quorum=0.75"]),
    ("sixth_component", ["commitment.known=false", "events=[matching_grant,budget_cut]"]),
    ("lab_start_large", []),
    ("baseline", ["context.difficulty=0", "commitment.noise=0"]),
]


@pytest.mark.parametrize(("scenario", "overrides"), SETTINGS)
def test_every_decision_of_a_run_follows_from_what_is_said_to_be_weighed(scenario, overrides):
    job = job_from(load_config(scenario, overrides))
    state, unasked, rules = memory_for(job), memory_for(job), job.rules[0]
    considered = np.empty((len(job.partners.ids), len(CONSIDERATION)))
    column = {name: considered[:, k] for k, name in enumerate(CONSIDERATION)}
    build(state, job.partners.given, rules, 5)
    decided = yes = 0
    for week in range(40):
        run_weeks(state, rules, job.events, job.weeks, week + 1, considered)
        members = ~np.isnan(column["intends"])
        assert np.isnan(considered[~members]).all()
        assert members[state.orgs["membership"] == MEMBER].all()
        would = (column["benefit"] * column["expected"] > column["demanded"]) | (column["demanded"] < 0)
        clear = members & (np.abs(column["benefit"] * column["expected"] - column["demanded"]) > 1e-9)
        assert (would[clear] == (column["intends"][clear] == 1)).all()
        same = members & (state.orgs["membership"] == MEMBER)  # who has not left in the same week
        assert (column["intends"][same] == state.orgs["intends"][same]).all()
        np.testing.assert_allclose(
            column["benefit"][members],
            (column["salience"] * column["closeness"] * column["worth"])[members],
            rtol=1e-12,
        )
        decided, yes = decided + members.sum(), yes + int(column["intends"][members].sum())
    build(unasked, job.partners.given, rules, 5)
    run_weeks(unasked, rules, job.events, job.weeks, 40, NOBODY_ASKED)
    assert (unasked.orgs == state.orgs).all()  # being asked changes nothing
    assert (unasked.ties == state.ties).all()
    assert 0 < yes < decided or (scenario, overrides) == SETTINGS[-1]  # there was something to explain
