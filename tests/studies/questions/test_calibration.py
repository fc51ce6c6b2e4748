import numpy as np
import pandas as pd
import pytest
import yaml

from ci_sim import UserError, load_config, simulate, sweep
from ci_sim.report.calibration import closest_setting, tally_of_targets, write_calibration_page
from ci_sim.studies.execution.output import now
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.calibration import (
    calibrate,
    read_task,
    regression_adjusted,
    weighted_quantile,
    write_calibration,
)

# Two players who contribute in the first round with a chance that depends on what they think of groups.
ARM = {"scenario": "lab_pair", "population.trust_homophily": 0, "population.trust_spread": 0}
ARM |= {"commitment.noise": 0.1, "weeks": 2}
TARGET = {"name": "first round", "arm": ARM, "measure": "first_round", "value": 0.5, "error": 0.05}


def targets_file(tmp_path, **content):
    path = tmp_path / "targets.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def config_of(path, *overrides):
    return load_config("calibrate", [f"targets='{path}'", "quiet=true", f"output_dir='{path.parent}'", *overrides])


def test_the_regression_finds_the_posterior_of_a_normal_mean():
    """Mean of a normal with s.d. 1, one value 0.5, prior uniform over [-8, 8]: the posterior is normal (0.5, 1).

    6,000 kept of 20,000 draws: the standard errors of mean and s.d. are about 0.013 and 0.01, with room for the kernel's bias.
    """
    rng = np.random.default_rng(1)
    mean = rng.uniform(-8, 8, 20_000)
    seen = rng.normal(mean, 1)
    distance = np.abs(seen - 0.5)
    kept = distance < np.quantile(distance, 0.3)
    weights = 1 - (distance[kept] / distance[kept].max()) ** 2
    adjusted = regression_adjusted(mean[kept, None], seen[kept, None], np.array([0.5]), weights, [(-8.0, 8.0)])[:, 0]
    center = np.average(adjusted, weights=weights)
    assert center == pytest.approx(0.5, abs=0.08)
    assert np.sqrt(np.average((adjusted - center) ** 2, weights=weights)) == pytest.approx(1, abs=0.12)
    unadjusted = np.sqrt(np.average((mean[kept] - center) ** 2, weights=weights))
    assert unadjusted > 1.2  # rejection alone is too wide


def test_a_statistic_that_never_changes_moves_nothing():
    values = np.array([[0.2], [0.6]])
    assert regression_adjusted(values, np.ones((2, 1)), np.array([0.0]), np.ones(2), [(0.0, 1.0)]) == pytest.approx(
        values
    )


def test_a_weighted_quantile_counts_the_weight():
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 8.0]), 0.5) == 2
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), np.array([8.0, 1.0, 1.0]), 0.5) == 3


@pytest.fixture(scope="module")
def recovered(tmp_path_factory):
    """A calibration to what the model does at a prior about groups of 0.65, and a parameter that decides nothing there."""
    folder = tmp_path_factory.mktemp("calibration")
    arm = {**ARM, "group.prior": 0.65}
    path = targets_file(folder, parameters=["group.prior"], targets=[{**TARGET, "arm": arm}])
    fixed = Study(config_of(path, "samples=64", "replicates=200", "accept=0.4", "checks=40"))
    truth = float(calibrate(fixed).targets.loc[0, "default_setting"])
    path = targets_file(
        folder, parameters=["group.prior", "trust.half_life"], targets=[{**TARGET, "value": truth, "error": 0.02}]
    )
    study = Study(config_of(path, "samples=512", "replicates=200", "accept=0.2"))
    return study, calibrate(study)


def test_a_parameter_that_made_the_target_is_found_again(recovered):
    parameters = recovered[1].parameters.set_index("parameter")
    found = parameters.loc["group.prior"]
    assert found["ci_low"] < 0.65 < found["ci_high"]
    assert found["median"] == pytest.approx(0.65, abs=0.02)
    assert found["learnt"] > 0.5
    assert (
        parameters.loc["trust.half_life", "learnt"] < 0.35
    )  # what is decided in the first round knows nothing of forgetting
    assert recovered[1].targets["met"].all()
    assert recovered[1].together > 0.5


def test_the_calibration_is_written_with_its_page(recovered):
    study, result = recovered
    folder = write_calibration(study, result, now(), "ci-sim calibrate")
    page = write_calibration_page(folder, study.config, result, "ci-sim calibrate").read_text(encoding="utf-8")
    assert "http" not in page
    assert page.count("data:image/png;base64,") == 2
    assert tally_of_targets(result) in page
    assert closest_setting(result) in page
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    assert outcomes["run_id"].is_unique
    assert len(outcomes) == 200 * (512 + 100 + 100)
    assert len(pd.read_parquet(folder / "settings.parquet")) == 512
    load_config("run", closest_setting(result).split())


def test_what_an_arm_sets_stays_as_it_is_there(tmp_path):
    arm = {**ARM, "group.prior": 0.65}
    path = targets_file(tmp_path, parameters=["group.prior"], targets=[{**TARGET, "arm": arm}])
    settings = calibrate(Study(config_of(path, "samples=64", "replicates=100", "accept=0.4", "checks=20"))).settings
    slope, spread = np.polyfit(settings["group.prior"], settings["first round"], 1)[0], 0.4
    assert abs(slope) * spread < 0.1  # by the prior of the settings it would rise by half


def test_the_ready_targets_can_be_calibrated():
    task = read_task(load_config("calibrate", []))
    assert len(task.targets) == 4
    assert all(target.source for target in task.targets)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"targets": []}, "needs a list of `targets`, as in .*target/published.yaml"),
        ({"targets": [{**TARGET, "value": "high"}]}, "target 1: value: 'high' must be a number"),
        ({"targets": [{**TARGET, "error": 0}]}, "target 1: error: 0 must be a number above 0: the value's standard error"),
        ({"targets": [{**TARGET, "measure": "forms"}]}, r"target 1: measure: 'forms' is unknown \(did you mean formed\?\)"),
        ({"targets": [{k: v for k, v in TARGET.items() if k != "arm"}]}, "target 1: arm: is missing"),
        ({"targets": [{**TARGET, "arm": "baseline"}]}, "target 1: arm: must name a scenario"),
        ({"targets": [{**TARGET, "eror": 1}]}, r"target 1: eror: is not known \(did you mean error\?\)"),
        ({"targets": [TARGET, TARGET]}, "two targets have the same name"),
        ({"targets": ["formed"]}, "target 1: name: is missing"),
        ({"targets": [TARGET]}, "name what to calibrate"),
        ({"targets": [TARGET], "parameters": ["commitment.nois"]}, r"cannot be calibrated \(did you mean commitment.noise\?\)"),
        ({"targets": [TARGET], "parameters": {"commitment.noise": [0.2, 0.1]}}, r"\[0.2, 0.1\] must be \[low, high\]"),
        ({"targets": [TARGET], "parameters": "commitment.noise"}, "must be a list of keys"),
    ],
)  # fmt: skip
def test_targets_that_cannot_be_used_are_refused_in_one_line(tmp_path, content, message):
    path = targets_file(tmp_path, **content)
    with pytest.raises(UserError, match=message) as refused:
        read_task(config_of(path))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_not_yaml_is_refused(tmp_path):
    with pytest.raises(
        UserError, match=r"targets=none.yaml: there is no such file; give a YAML file, or one of published"
    ):
        read_task(load_config("calibrate", ["targets=none.yaml"]))
    path = tmp_path / "targets.yaml"
    path.write_text("targets: [", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be read as YAML"):
        read_task(config_of(path))


def test_what_is_calibrated_cannot_be_set_besides(tmp_path):
    path = targets_file(tmp_path, parameters=["commitment.noise"], targets=[TARGET])
    with pytest.raises(UserError, match=r"commitment.noise=0.05: is calibrated here; leave out one of the two"):
        read_task(config_of(path, "commitment.noise=0.05"))


def test_targets_that_no_setting_reaches_are_refused(tmp_path):
    target = {"name": "formation", "arm": {"scenario": "baseline", "weeks": 2, "population.size": 9}}
    target |= {"measure": "formation_week", "value": 50, "error": 5}
    path = targets_file(tmp_path, parameters=["commitment.noise"], targets=[target])
    with pytest.raises(UserError, match="only 0 settings give a value for every target"):
        calibrate(Study(config_of(path, "samples=64", "replicates=2")))


SWEPT = [
    "population.size=8",
    "weeks=15",
    "quiet=true",
    "over={meeting.rate:null}",
    "design.samples=256",
    "replicates=40",
]


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swept")
    sweep(load_config("sweep", [*SWEPT, "common_seeds=false", f"output_dir='{folder}'"]))
    return folder


def test_a_sweep_can_be_judged_by_targets(swept, tmp_path):
    """What 2,000 runs at a rate of 1 gave is found again in the settings of a sweep, and in what is simulated anew."""
    truth = simulate(load_config("baseline", ["population.size=8", "weeks=15", "meeting.rate=1"]), range(2000))
    arm = {"scenario": "baseline"}
    targets = [
        {"name": name, "arm": arm, "measure": name, "value": float(truth[name].mean()), "error": error}
        for name, error in (("hours_spent", 2.0), ("trust_across", 0.01))
    ]
    path = targets_file(tmp_path, targets=targets)
    study = Study(config_of(path, f"sweep='{swept}'", "accept=0.3"))
    found = calibrate(study)
    rate = found.parameters.set_index("parameter").loc["meeting.rate"]
    assert rate["ci_low"] < 1 < rate["ci_high"]
    assert (rate["low"], rate["high"]) == (0.3, 1.5)
    assert rate["learnt"] > 0.4
    assert found.targets["met"].all()
    assert len(found.settings) == 256
    assert len(study.outcomes) == 2 * (100 + 100) * 40  # only the check is simulated


@pytest.mark.parametrize("given", ["weeks=30", "replicates=5", "samples=512", "parameters=[context.trust]"])
def test_what_the_sweep_decides_is_not_told_again(swept, tmp_path, given):
    path = targets_file(tmp_path, targets=[{**TARGET, "arm": {"scenario": "baseline"}, "measure": "trust_across"}])
    with pytest.raises(UserError, match=f"{given.partition('=')[0]}=.* is decided by the sweep"):
        calibrate(Study(config_of(path, f"sweep='{swept}'", given)))


@pytest.mark.parametrize(
    ("target", "overrides", "said"),
    [
        ({"arm": {"scenario": "baseline", "weeks": 3}}, [], "must be one of its scenarios, and no more: baseline"),
        ({"arm": {"scenario": "four_insights"}}, [], "must be one of its scenarios, and no more: baseline"),
        ({"measure": "first_round"}, [], "first_round is read from weekly series"),
        ({}, ["common_seeds=true"], "share their seeds"),
        ({}, ["design=factorial"], "design=factorial is no sample"),
        ({}, ["over={meeting.rate:[0.5,1,1.5]}"], "meeting.rate: only ranges of parameters"),
        ({}, ["over={population.max_ties:[5,9]}"], "population.max_ties: only ranges of parameters"),
        ({}, ["precision=0.4", "max_replicates=4"], "unequal numbers of replicates"),
    ],
)
def test_a_sweep_that_cannot_be_judged_is_refused(swept, tmp_path, target, overrides, said):
    folder = swept
    if overrides:
        folder = tmp_path / "swept"
        small = ["design.samples=4", "replicates=2", "common_seeds=false", f"output_dir='{folder}'"]
        asked = [
            *(o for o in SWEPT if not overrides[0].startswith("over") or not o.startswith("over")),
            *small,
            *overrides,
        ]
        sweep(load_config("sweep", asked))
    target = {**TARGET, "arm": {"scenario": "baseline"}, "measure": "trust_across", **target}
    path = targets_file(tmp_path, targets=[target])
    with pytest.raises(UserError, match=said):
        calibrate(Study(config_of(path, f"sweep='{folder}'")))
