import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf

from ci_sim import UserError, load_config
from ci_sim.figures.validation import MEASURE_LABELS
from ci_sim.studies.questions.validation import FAILS, HOLDS, OPEN, arm_config, jobs_in, judge, patterns, validate
from ci_sim.studies.statistics.measures import measure_names

ONES, ZEROS, MIXED = np.ones(50), np.zeros(50), np.tile([0.0, 1.0], 25)
CONFIG = load_config("validate", ["quiet=true"])


@pytest.mark.parametrize("name", patterns())
def test_every_pattern_can_be_simulated_and_says_where_it_comes_from(name):
    pattern = patterns()[name]
    assert set(pattern) - {"discussion"} == {"title", "source", "published", "basis", "measure", "arms", "claims"}
    assert pattern.basis in ("read", "recalled")
    for spec in pattern.arms.values():
        arm_config(CONFIG, spec)
    for claim in pattern.claims:
        named = [claim.more, claim.than] if "more" in claim else claim.same if "same" in claim else [claim.arm]
        assert set(named) <= set(pattern.arms)
        measure = claim.get("measure", pattern.measure)
        assert measure in measure_names()
        assert measure in MEASURE_LABELS


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"more": "ones", "than": "zeros"}, HOLDS),
        ({"more": "zeros", "than": "ones"}, FAILS),
        ({"more": "mixed", "than": "mixed"}, OPEN),
        ({"more": "all", "than": "all"}, FAILS),  # 1,000 pairs without a difference
        ({"same": ["ones", "ones"], "within": 0.1}, HOLDS),
        ({"same": ["ones", "zeros"], "within": 0.1}, FAILS),
        ({"same": ["ones", "ones"], "within": 0.001}, OPEN),
        ({"arm": "ones", "from": 0.9, "to": 1}, HOLDS),
        ({"arm": "ones", "from": 0, "to": 0.9}, FAILS),
        ({"arm": "mixed", "from": 0.4, "to": 0.5}, OPEN),
    ],
)
def test_a_claim_is_judged_by_the_whole_interval(claim, verdict):
    values = {"ones": ONES, "zeros": ZEROS, "mixed": MIXED, "all": np.ones(1000)}
    assert judge(OmegaConf.create(claim), "formed", values)[2] == verdict


def test_the_laboratory_shows_group_size_growth_and_what_promises_and_talk_do():
    """At the published stakes, by the default parameters: 100 runs an arm, each claim by its 95 % interval."""
    shown = "[group_size,small_groups,growth,growth_at_published_stakes,conditional_commitments,horizon]"
    claims = validate(load_config("validate", ["quiet=true", "replicates=100", f"patterns={shown}"])).claims
    directions = claims[claims["claim"].str.startswith("more")]
    assert len(directions) == 12
    assert (directions["verdict"] == HOLDS).all(), directions[["pattern", "claim", "verdict"]]


def test_what_the_command_sets_is_set_in_all_patterns():
    config = load_config("validate", ["quiet=true", "trust.half_life=20"])
    for pattern in patterns().values():
        for spec in pattern.arms.values():
            assert arm_config(config, spec).trust.half_life == 20


def test_the_same_command_gives_the_same_table():
    config = load_config("validate", ["quiet=true", "replicates=5", "patterns=[asymmetry,horizon]"])
    pd.testing.assert_frame_equal(validate(config).claims, validate(config).claims, check_exact=True)


def test_an_unknown_pattern_is_refused():
    with pytest.raises(UserError, match=r"patterns: 'grow' is unknown \(did you mean growth\?\); there are: asymmetry"):
        load_config("validate", ["patterns=[grow]"])


SETTINGS = pd.DataFrame({"population.size": [12, 20, 30], "group.prior": [0.5, 0.6, 0.7]})


@pytest.fixture(scope="module")
def over_settings(tmp_path_factory):
    file = tmp_path_factory.mktemp("settings") / "settings.csv"
    SETTINGS.to_csv(file, index=False)
    asked = ["patterns=[power]", "setting_replicates=4", "weeks=30", "quiet=true", "ask_again=0"]
    return validate(load_config("validate", [*asked, f"settings_file='{file}'"]))


def test_over_settings_each_gives_a_value_of_its_own_and_the_claim_is_about_their_mean(over_settings):
    by_setting = over_settings.outcomes.groupby(["arm", "setting"])["trust_across"].mean()
    difference = (by_setting["shared"] - by_setting["concentrated"]).to_numpy()
    claim = over_settings.claims.iloc[0]
    assert (claim["simulated"], claim["n"]) == (pytest.approx(difference.mean()), 3)
    assert claim["setting_median"] == pytest.approx(np.median(difference))
    assert claim["supports"] == pytest.approx((difference > 0).mean())


def test_over_settings_arms_are_paired_and_settings_independent(over_settings):
    seeds = over_settings.outcomes.groupby(["arm", "setting"])["seed"].agg(tuple).unstack("arm")
    assert (seeds.nunique(axis=1) == 1).all()
    assert over_settings.outcomes["seed"].nunique() == 3 * 4
    assert over_settings.outcomes["run_id"].is_unique


def test_what_an_arm_sets_is_the_same_in_every_setting():
    """Sixty organizations are the default, which one arm keeps and another changes: no setting decides about it."""
    arms = list(patterns(["circle_size"])["circle_size"].arms.values())
    twelve, sixty, *_ = jobs_in(CONFIG, arms, SETTINGS)
    assert {len(job.partners.ids) for job in twelve} == {12}
    assert {len(job.partners.ids) for job in sixty} == {60}
    assert [float(job.rules["group_prior"][0]) for job in sixty] == pytest.approx([0.5, 0.6, 0.7])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["settings_file=nowhere.csv"], "settings_file=nowhere.csv: there is no such file"),
        (["settings_file={file}", "group.prior=0.5"], "group.prior=0.5: is decided by settings_file="),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, asked, message):
    file = tmp_path / "settings.csv"
    SETTINGS.to_csv(file, index=False)
    with pytest.raises(UserError, match=message):
        validate(load_config("validate", ["quiet=true", *(word.format(file=f"'{file}'") for word in asked)]))


def test_a_claim_that_stays_open_is_asked_again_on_fresh_luck_and_the_second_answer_counts():
    few = ["quiet=true", "patterns=[circle_size]", "weeks=104", "replicates=40"]
    once = validate(load_config("validate", [*few, "ask_again=0"])).claims
    found = validate(load_config("validate", few))
    left = once["verdict"] == OPEN
    assert left.any()
    assert not left.all()
    assert (found.claims["asked_again"] == left).all()
    pd.testing.assert_frame_equal(found.claims[~left], once[~left])
    fresh = [*few[:3], "replicates=160", "ask_again=0", f"seed={CONFIG.seed + 2_000_003}"]
    second = validate(load_config("validate", fresh)).claims[left]
    pd.testing.assert_frame_equal(found.claims[left].drop(columns="asked_again"), second.drop(columns="asked_again"))
    parts = found.outcomes.groupby("pattern")["seed"].agg(set)
    assert not parts["circle_size"] & parts["circle_size, again"]
    assert found.outcomes["run_id"].is_unique
