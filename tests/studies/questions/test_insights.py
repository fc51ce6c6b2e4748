import re

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf
from scipy import stats

from ci_sim import UserError, load_config, sweep
from ci_sim.report.insights import insight_page, map_facts, write_insights_page
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.studies.execution.output import now
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions import sensitivity
from ci_sim.studies.questions.boundaries import boundary_map, shares
from ci_sim.studies.questions.contrasts import ALONE, CONTRASTS, INSIGHTS, LESS, MORE, NEITHER, ON_TOP, OUTCOMES
from ci_sim.studies.questions.insights import answer, holm, write_answers
from ci_sim.studies.statistics.design import space_filling, spans
from ci_sim.texts import text

SMALL = [
    "population.acquaintances=2",
    "weeks=30",
    "settings=64",
    "setting_pairs=2",
    "pairs=12",
    "combinations=6",
    "subsets=4",
    "case_pairs=5",
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
    assert len(answers.setting_effects) == 64 * len(CONTRASTS) * len(OUTCOMES)
    assert len(answers.default_effects) == len(CONTRASTS) * len(OUTCOMES)
    assert len(answers.cases) == len(answers.case_settings) == 2 * len(CONTRASTS)
    assert answers.chance[["never", "sometimes", "always"]].sum(axis=1).to_numpy() == pytest.approx(1)
    assert len(answers.combinations) == 16
    assert len(answers.subsets) == 64
    assert answers.shares[[MORE, NEITHER, LESS]].sum(axis=1).to_numpy() == pytest.approx(1)


def test_shares_count_the_verdicts():
    cells = pd.DataFrame(
        {
            "insight": 1, "beside": ALONE, "outcome": "formed", "estimate": [0.5, 0, 0, -1],
            "verdict": [MORE, NEITHER, NEITHER, LESS],
        }
    )  # fmt: skip
    row = shares(cells).iloc[0]
    assert (row[MORE], row[NEITHER], row[LESS], row["mean_effect"], row["median"]) == (0.25, 0.5, 0.25, -0.125, 0)


def test_on_top_of_the_others_is_the_difference_that_the_last_one_makes():
    for contrast in CONTRASTS:
        assert set(contrast.with_it) - set(contrast.without) == {contrast.insight.scenario}
        assert len(contrast.without) == {ALONE: 0, ON_TOP: 3}[contrast.beside]


def test_cases_are_chosen_by_the_map_and_judged_on_other_luck(study, answers):
    formed = answers.setting_effects[answers.setting_effects["outcome"] == "formed"]
    for row in answers.cases.itertuples():
        own = formed[(formed["insight"] == row.insight) & (formed["beside"] == row.beside)].set_index("setting")
        best = own["ci_low"].max() if row.verdict == MORE else own["ci_high"].min()
        assert own.loc[row.setting, "ci_low" if row.verdict == MORE else "ci_high"] == best
    told = study.outcomes
    cases, mapped = told[told["part"].str.startswith("insight 1")], told[told["part"].str.startswith("settings")]
    assert len(cases)
    assert not set(cases["seed"]) & set(mapped["seed"])


def test_the_p_values_are_those_of_the_tests_that_they_name(answers):
    row = answers.default_effects.set_index(["insight", "beside", "outcome"]).loc[(4, ALONE, "hours_spent")]
    t = row["estimate"] / ((row["ci_high"] - row["estimate"]) / stats.t.ppf(0.975, row["n"] - 1))
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(t), row["n"] - 1), rel=1e-6)


def test_the_study_is_written_with_a_page_for_each_insight(answers, study):
    folder = write_answers(study, answers, now())
    page = write_insights_page(folder, study.config, answers, "ci-sim insights")
    written = page.read_text(encoding="utf-8")
    for insight in INSIGHTS:
        assert text(f"insights.of.{insight.scenario}.claim") in written
        assert f"Insight {insight.number}" in written
    assert "http" not in re.sub(r"base64,[^\"]+", "", written)
    assert written.count("data:image/png;base64,") == 11
    assert len(pd.read_csv(folder / "shares.csv")) == 40
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    runs = 10 * 12 + 16 * 6 + 64 * 4 + 10 * 64 * 2 + 8 * 2 * 2 * 5
    assert (len(outcomes), outcomes["run_id"].nunique()) == (runs, runs)
    assert outcomes[outcomes["scenario"] == "preliminary_stages"].groupby("part").size().to_dict() == {
        "2^4 factorial": 6, "default setting": 12, "settings, preliminary_stages": 64 * 2,
        "insight 1 beside nothing, preliminary_stages": 2 * 5,
    }  # fmt: skip
    assert "nan" not in insight_page(INSIGHTS[0], answers, map_facts(None, 2), "figures")


def test_the_page_speaks_hebrew(answers, study, tmp_path):
    config = OmegaConf.merge(study.config, {"locale": "he"})
    written = write_insights_page(tmp_path, config, answers, "ci-sim insights locale=he").read_text(encoding="utf-8")
    assert '<html lang="he" dir="rtl">' in written
    said = re.sub(r"<(style|pre|code)\b.*?</\1>|data:image[^\"]*|<[^>]*>", " ", written, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z_]{2,}", said)) <= {"ci_sim", "Holm", "lt"}  # names, and the sign for “less than”


def test_the_boundary_map_is_the_sweep_of_its_study(tmp_path):
    """The runs behind the insights' map and those of `study=boundaries_of_the_insights` are the same, to the last bit."""
    small = ["weeks=30", "quiet=true"]
    study = Study(load_config("insights", small))
    boundary_map(study, space_filling(spans(), 8, study.config.seed), pairs=2)
    mapped = study.outcomes
    mapped = mapped[~mapped["scenario"].str.contains(" + ", regex=False)]
    asked = ["study=boundaries_of_the_insights", "design.samples=8", "replicates=2", f"output_dir='{tmp_path}'"]
    swept = sweep(load_config("sweep", [*asked, *small])).outcomes
    assert len(swept) == len(mapped) == 8 * 2 * 5
    order = ["scenario", "setting", "replicate"]
    mapped = mapped.assign(setting=mapped["setting"].astype(int)).sort_values(order, ignore_index=True)
    columns = ["seed", *OUTCOME_ROW]
    pd.testing.assert_frame_equal(
        swept.sort_values(order, ignore_index=True)[columns], mapped[columns], check_exact=True, check_dtype=False
    )


@pytest.mark.parametrize(
    ("columns", "settings", "message"),
    [
        ({"group.prior": (0.4, 0.8)}, 16, r"own\.csv: has 16 settings; 64 are needed"),
        ({"group.prior": (0.4, 0.8), "weeks": (30, 60)}, 64, r"own\.csv: 'weeks' is no parameter that has a span"),
    ],
)
def test_settings_of_a_file_that_say_nothing_are_refused_before_anything_runs(tmp_path, columns, settings, message):
    space_filling(columns, settings, 1).to_csv(tmp_path / "own.csv", index=False)
    study = Study(load_config("insights", ["quiet=true", f"settings_file='{tmp_path / 'own.csv'}'"]))
    with pytest.raises(UserError, match=message):
        answer(study)
    assert study.outcomes.empty
