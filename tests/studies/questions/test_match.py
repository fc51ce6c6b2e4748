import re

import numpy as np
import pandas as pd
import pytest
import yaml

from ci_sim import UserError, load_config
from ci_sim.report.match import print_match, write_match_page
from ci_sim.studies.execution.output import now
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.match import match, read_numbers, write_match
from ci_sim.studies.statistics.design import spans
from ci_sim.studies.statistics.intervals import wilson

PAIR = {"arms": {"pair": {"scenario": "lab_pair", "weeks": 12}}, "measure": "everyone_commits"}


def study_of(folder, claims, *overrides, **content):
    file = folder / "numbers.yaml"
    file.write_text(yaml.safe_dump({**PAIR, "claims": claims, **content}), encoding="utf-8")
    return Study(load_config("match", [f"numbers='{file}'", "samples=64", "quiet=true", *overrides]))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("match")
    claims = [{"arm": "pair", "from": 0.57, "to": 0.98}, {"more": "pair", "than": "pair"}]
    return study_of(folder, claims, "replicates=40", f"output_dir='{folder}'")


@pytest.fixture(scope="module")
def found(study):
    return match(study)


def test_a_setting_is_ruled_out_when_its_whole_interval_misses_the_range(found):
    """Held against Wilson's interval of each setting's share of 40 runs."""
    low, high = wilson(found.settings["pair, everyone_commits"].to_numpy(), 40)
    plausible = (high >= 0.57) & (low <= 0.98)
    assert 0 < plausible.sum() < 64
    assert found.settings["plausible"].to_numpy().tolist() == plausible.tolist()
    assert len(found.plausible) == plausible.sum()
    row = found.numbers.iloc[0]
    assert row["ruled_out"] == row["alone"] == pytest.approx(1 - plausible.mean())


def test_pairs_that_are_neither_too_good_nor_too_bad_say_something_about_the_group_only(found):
    """Who trusts partners or the group more ends at the efficient level more often; hours of a field's stages say nothing."""
    by_key = found.parameters.set_index("parameter")
    assert list(by_key.index[:3]).count("group.prior") == 1
    assert by_key.loc["stages.map_hours", "p"] > 0.05 / len(by_key)
    assert set(found.plausible) == set(spans())


def test_what_is_set_is_set_in_all_settings(tmp_path):
    result = match(study_of(tmp_path, [{"arm": "pair", "from": 0, "to": 1}], "group.prior=0.7", "replicates=4"))
    assert "group.prior" not in result.plausible
    assert len(result.plausible) == 64


def test_where_nothing_is_left_the_number_that_excludes_the_most_is_named(tmp_path):
    claims = [
        {"arm": "pair", "from": 0.3, "to": 1.0},
        {"arm": "pair", "from": 2, "to": 3, "measure": "mean_contribution"},
    ]
    study = study_of(tmp_path, claims, "replicates=20")
    with pytest.raises(
        UserError, match=r"^none of the 64 settings is plausible: mean_contribution from 2 to 3 in “pair” excludes 100"
    ):
        match(study)
    assert len(study.outcomes) >= 64 * 20  # and the runs are not lost


def test_what_is_left_is_written_for_other_commands(found, study, capsys):
    folder = write_match(study, found, now())
    page = write_match_page(folder, study.config, found, "ci-sim match")
    print_match(study.config, found, page)
    text = page.read_text(encoding="utf-8")
    assert "http" not in re.sub(r"base64,[^\"]+", "", text)
    assert text.count("data:image/png;base64,") == 2
    assert f"{len(found.plausible)} of 64 settings are plausible" in capsys.readouterr().out
    asked = [f"settings_file='{folder / 'plausible.csv'}'", "quiet=true"]
    pd.testing.assert_frame_equal(pd.read_csv(folder / "plausible.csv"), found.plausible, check_dtype=False)
    assert load_config("validate", asked).settings_file.endswith("plausible.csv")
    assert np.isfinite(found.numbers["default_setting"]).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"arms": None}, "needs `arms`, each with a scenario"),
        ({"claims": None}, "needs a list of `claims`"),
        ({"claims": [{"more": "pair", "than": "pair"}]}, "has no claim of a range"),
        ({"claims": [{"arm": "pear", "from": 0, "to": 1}]}, "arm: must be one of pair"),
        (
            {"claims": [{"arm": "pair", "from": 1, "to": 0}]},
            "from and to must be numbers, the first not above the second",
        ),
        ({"claims": [{"arm": "pair", "from": "low", "to": 0}]}, "from and to must be numbers"),
        ({"claims": [{"arm": "pair", "from": 0, "to": 1, "measure": "luck"}]}, "measure: must be one of"),
    ],
)
def test_numbers_that_cannot_be_matched_are_refused_in_one_line(tmp_path, content, message):
    file = tmp_path / "numbers.yaml"
    file.write_text(yaml.safe_dump({**PAIR, "claims": [], **content}), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_numbers(str(file))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
