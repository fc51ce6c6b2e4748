import mesa
import numpy as np
import pandas as pd
import pytest

from ci_sim import InitiativeModel
from ci_sim.rules.outcomes import QUANTITIES


def test_it_is_a_mesa_model_of_agents_with_the_fields_words(small_model):
    model = small_model("scenario=four_insights")
    assert isinstance(model, mesa.Model)
    assert isinstance(model.agents, mesa.agent.AgentSet)
    assert len(model.agents) == len(model.organizations) == 12
    assert set(model.agents.get("sector")) == {"government", "business", "civil_society"}
    assert set(model.agents.get("membership")) == {"uninvited"}
    model.step()
    assert len(model.circle) == 6
    assert model.week == model.steps == 1


def test_agents_are_views_on_the_state_and_can_be_written_to(small_model):
    model = small_model()
    organization = model.organizations[3]
    organization.salience, organization.reliability, organization.capacity = 0.25, 0.5, 3.0
    organization.position[0] = 0.9
    record = model.state.orgs[3]
    assert (record.salience, record.reliability, record.capacity, record.position[0]) == (0.25, 0.5, 3.0, 0.9)
    model.step()
    assert organization.hours_spent == model.state.orgs[3].hours_spent
    assert 0 < organization.trust_in(model.organizations[4]) < 1
    assert organization.partners.agg("index", len) == model.state.orgs[3].degree


def test_a_rule_can_be_replaced_and_added_in_plain_python(small_model):
    model = small_model()
    seen = []
    model.mechanisms["commit"] = lambda m: None
    model.mechanisms["watch"] = lambda m: seen.append(m.week)
    model.run_model()
    assert seen[:3] == [1, 2, 3]
    assert not model.formed
    assert model.outcomes()["coalition_size"].item() == 0


def test_an_event_of_ones_own_happens_in_its_week(small_model):
    plain, struck = small_model("context.difficulty=0.4"), small_model("context.difficulty=0.4")
    struck.at(10, lambda m: [setattr(o, "reliability", 0.01) for o in m.organizations])
    plain.run_model()
    struck.run_model()
    before, after = plain.weekly(), struck.weekly()
    pd.testing.assert_frame_equal(before[:9], after[:9], check_exact=True)
    assert after["promises_kept"].iloc[-1] < 0.7 * before["promises_kept"].iloc[-1]


def test_without_observers_the_weeks_pass_at_once_and_events_happen_in_theirs(small_model):
    runs = []
    for collect in (True, False):
        model, seen = small_model("context.difficulty=0.4", collect=collect), []
        for week in (1, 10, 11, 400):
            model.at(week, lambda m, seen=seen: seen.append(m.week))
        model.at(11, lambda m: [setattr(o, "reliability", 0.01) for o in m.organizations])
        model.run_model()
        runs.append((model.outcomes(), seen, model.steps, model.running))
    pd.testing.assert_frame_equal(runs[0][0], runs[1][0], check_exact=True)
    assert runs[0][1:] == runs[1][1:]
    assert runs[1][1:3] == ([1, 10, 11], int(runs[1][0]["collapse_week"].fillna(model.weeks).item()))


def test_a_step_of_ones_own_is_taken_every_week(small_model):
    class Watched(InitiativeModel):
        def step(self):
            super().step()
            seen.append(self.week)

    seen = []
    Watched(small_model().config, seed=1, collect=False).run_model()
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 1


def test_the_data_collector_holds_the_weekly_quantities(small_model):
    model = small_model()
    model.run_model()
    weekly = model.weekly()
    assert list(weekly.columns) == ["week", "formed", "members", "fund", *QUANTITIES]
    assert list(weekly["week"]) == list(range(1, model.week + 1))
    last = weekly.iloc[-1]
    outcomes = model.outcomes().iloc[0]
    for name in QUANTITIES:
        np.testing.assert_equal(last[name], outcomes[name])
    assert not small_model().datacollector.model_vars["week"]


def test_the_snapshots_tell_who_holds_what_with_whom(small_model):
    model = small_model()
    model.run_model()
    organizations, ties = model.organizations_table(), model.ties_table()
    assert len(organizations) == 12
    signed = pd.concat([ties["source"], ties["target"]])[(pd.concat([ties["agreement"]] * 2) == "signed").to_numpy()]
    counted = signed.value_counts().reindex(organizations["id"], fill_value=0).to_numpy()
    np.testing.assert_array_equal(counted, organizations["signed"])
    assert ties[["trust_source", "trust_target"]].stack().between(0, 1).all()


def test_without_a_configuration_it_is_the_baseline():
    model = InitiativeModel(seed=4)
    assert len(model.organizations) == 60
    assert model.config.scenario.name == "baseline"


@pytest.mark.parametrize("weeks", [1, 5])
def test_it_stops_at_the_horizon(small_model, weeks):
    model = small_model(f"weeks={weeks}")
    model.run_model()
    assert model.week == weeks
    assert not model.running
    model.run_model()
    assert model.week == weeks


@pytest.mark.parametrize("signature", ["true", "false"])
def test_the_table_of_organizations_counts_the_coalition_as_the_outcomes_do(small_model, signature):
    model = small_model(f"commitment.signature={signature}", "context.difficulty=0.3", "context.trust=0.65")
    model.run_model()
    assert model.organizations_table()["in_coalition"].sum() == model.outcomes()["coalition_size"][0]
    assert model.organizations_table()["committed"].any()
