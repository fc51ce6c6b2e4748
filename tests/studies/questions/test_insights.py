import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ci_sim import load_config, sweep
from ci_sim.report.insights import insight_page, write_insights_page
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.studies.execution.output import now
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions import sensitivity
from ci_sim.studies.questions.insights import (
    INSIGHTS,
    LESS,
    MORE,
    NEITHER,
    OUTCOMES,
    answer,
    boundary_map,
    holm,
    shares,
    write_answers,
)

SMALL = [
    "population.acquaintances=2",
    "weeks=30",
    "settings=64",
    "setting_pairs=3",
    "pairs=12",
    "combinations=6",
    "subsets=4",
]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("insights")
    return Study(load_config("insights", [*SMALL, "quiet=true", f"output_dir='{folder}'"]))


@pytest.fixture(scope="module")
def answers(study):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sensitivity, "_RESAMPLES", 3)  # a short form: intervals of three resamples say nothing, but fast
        return answer(study)


def test_holm_is_the_step_down_method():
    """The example of Holm (1979) in the form of R's p.adjust: 0.01, 0.02, 0.03, 0.04 become 0.04, 0.06, 0.06, 0.06."""
    assert holm(np.array([0.03, 0.01, 0.04, 0.02])) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_holm_keeps_the_familywise_error():
    """2,000 families of 20 tests of nothing: the rate is 5 %, its standard error 0.5 points; 7 % is beyond four of them."""
    rng = np.random.default_rng(1)
    wrong = np.mean([(holm(rng.uniform(size=20)) < 0.05).any() for _ in range(2000)])
    assert wrong < 0.07


def test_every_table_covers_every_insight(answers):
    for table in (answers.default_effects, answers.setting_effects, answers.shares, answers.sensitivity):
        assert set(table["insight"]) == {insight.number for insight in INSIGHTS}
    assert len(answers.setting_effects) == 64 * len(INSIGHTS) * len(OUTCOMES)
    assert len(answers.combinations) == 16
    assert len(answers.subsets) == 64
    assert answers.shares[[MORE, NEITHER, LESS]].sum(axis=1).to_numpy() == pytest.approx(1)


def test_shares_count_the_verdicts():
    cells = pd.DataFrame(
        {"insight": 1, "outcome": "formed", "estimate": [0.5, 0, 0, -1], "verdict": [MORE, NEITHER, NEITHER, LESS]}
    )
    row = shares(cells).iloc[0]
    assert (row[MORE], row[NEITHER], row[LESS], row["mean_effect"]) == (0.25, 0.5, 0.25, -0.125)


def test_the_p_values_are_those_of_the_tests_that_they_name(answers):
    row = answers.default_effects.set_index(["insight", "outcome"]).loc[(4, "hours_spent")]
    t = row["estimate"] / ((row["ci_high"] - row["estimate"]) / stats.t.ppf(0.975, row["n"] - 1))
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(t), row["n"] - 1), rel=1e-6)


def test_the_study_is_written_with_a_page_for_each_insight(answers, study):
    folder = write_answers(study, answers, now())
    page = write_insights_page(folder, study.config, answers, "ci-sim insights")
    text = page.read_text(encoding="utf-8")
    for insight in INSIGHTS:
        assert insight.claim in text
        assert f"Insight {insight.number}" in text
    assert "http" not in text
    assert text.count("data:image/png;base64,") == 9
    assert len(pd.read_csv(folder / "shares.csv")) == 20
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    runs = 5 * 12 + 16 * 6 + 64 * 4 + 5 * 64 * 3
    assert (len(outcomes), outcomes["run_id"].nunique()) == (runs, runs)
    assert outcomes[outcomes["scenario"] == "preliminary_stages"].groupby("part").size().to_dict() == {
        "2^4 factorial": 6, "default setting": 12, "settings, preliminary_stages": 64 * 3,
    }  # fmt: skip
    assert "nan" not in insight_page(INSIGHTS[0], answers, 3, "figures")


def test_the_boundary_map_is_the_sweep_of_its_study(tmp_path):
    """The runs behind the insights' map and those of `study=boundaries_of_the_insights` are the same, to the last bit."""
    small = ["weeks=30", "quiet=true"]
    study = Study(load_config("insights", small))
    boundary_map(study, samples=8, pairs=2)
    mapped = study.outcomes
    asked = ["study=boundaries_of_the_insights", "design.samples=8", "replicates=2", f"output_dir='{tmp_path}'"]
    swept = sweep(load_config("sweep", [*asked, *small])).outcomes
    assert len(swept) == len(mapped) == 8 * 2 * 5
    order = ["scenario", "setting", "replicate"]
    mapped = mapped.assign(setting=mapped["setting"].astype(int)).sort_values(order, ignore_index=True)
    columns = ["seed", *OUTCOME_ROW]
    pd.testing.assert_frame_equal(
        swept.sort_values(order, ignore_index=True)[columns], mapped[columns], check_exact=True, check_dtype=False
    )
