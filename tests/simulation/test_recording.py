"""A recording is the run itself, week by week."""

import pandas as pd
import pytest

import ci_sim
from ci_sim import InitiativeModel, UserError, load_config
from ci_sim.studies.questions import single

HAPPENING = [
    "population=knoke",
    "weeks=50",
    "events=[champion_lost,crisis]",
    "events.champion_lost.week=20",
    "events.crisis.week=30",
]


@pytest.mark.parametrize("scenario", ["baseline", "four_insights"])
def test_every_week_of_a_recording_is_what_the_model_shows(scenario):
    config = load_config(scenario, HAPPENING)
    recording, model = ci_sim.record(config, 3), InitiativeModel(config, 3)
    while model.running:
        model.step()
        for kept, shown in (
            (recording.organizations, model.organizations_table()),
            (recording.ties, model.ties_table()),
        ):
            week = kept[kept["week"] == model.week].reset_index(drop=True)
            shared = [column for column in shown if column in week]
            assert len(shared) >= 7
            told = week[shared].astype({c: object for c in shared if isinstance(week[c].dtype, pd.CategoricalDtype)})
            pd.testing.assert_frame_equal(told, shown[shared], check_dtype=False, check_exact=True)
    pd.testing.assert_frame_equal(recording.weekly, model.weekly(), check_dtype=False, check_exact=True)
    pd.testing.assert_frame_equal(recording.outcomes, model.outcomes())


def test_a_recording_ends_with_a_collapse():
    config = load_config("stage_map", ["population.size=12", "commitment.cost=0.9"])
    recording = ci_sim.record(config, 1)
    assert recording.outcomes["collapsed"].item()
    assert recording.weekly["week"].max() == recording.outcomes["collapse_week"].item() < config.weeks
    assert recording.organizations["week"].max() == recording.weekly["week"].max()


def test_the_seed_of_a_recording_is_the_configurations_if_none_is_given():
    config = load_config("baseline", ["population.size=6", "weeks=10", "seed=9"])
    pd.testing.assert_frame_equal(ci_sim.record(config).ties, ci_sim.record(config, 9).ties)


def test_what_would_not_fit_is_refused():
    with pytest.raises(
        UserError, match=r"population\.size=1000000, weeks=156: a recording may take 1,248,000,000 rows of ties"
    ):
        ci_sim.record(load_config("baseline", ["population.size=1000000"]))


def test_a_run_looked_at_closely_is_the_same_whether_or_not_every_week_is_kept(monkeypatch):
    config = load_config("run", ["population=knoke", "weeks=40", "quiet=true"])
    kept = single.run(config)
    monkeypatch.setattr(single, "KEPT_ROWS", 0)
    plain = single.run(config)
    assert plain.recording is None
    assert kept.recording is not None
    for one, other in zip(kept[:4], plain[:4], strict=True):
        pd.testing.assert_frame_equal(one, other, check_dtype=False, check_exact=True)
