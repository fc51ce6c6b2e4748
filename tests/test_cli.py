"""The command line as a user meets it: exit codes, one-line errors, and what lies in the folder afterwards."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from hashlib import sha256
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from omegaconf import OmegaConf

from ci_sim import UserError, cli, interrupts
from ci_sim.configuration.composition import configs_folder
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.texts import text

QUICK = ["population.size=12", "weeks=30", "replicates=6"]


def ci_sim(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ci_sim", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("a folder with spaces")
    done = ci_sim("compare", "scenarios=[baseline,four_insights]", *QUICK, "output_dir=out = 1, put", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "All additions" in done.stdout
    assert "report.html" in done.stdout
    return folder / "out = 1, put"


def test_compare_writes_all_that_it_promises(compared):
    outcomes = pd.read_parquet(compared / "outcomes.parquet")
    assert list(outcomes.columns) == ["run_id", "scenario", "replicate", "seed", *OUTCOME_ROW]
    assert len(outcomes) == 12
    assert outcomes["run_id"].is_unique
    by_scenario = outcomes.groupby("scenario")["seed"].apply(list)
    assert by_scenario["baseline"] == by_scenario["four_insights"]
    effects = pd.read_csv(compared / "effects.csv")
    assert list(effects.columns[:7]) == ["contrast", "outcome", "estimate", "ci_low", "ci_high", "n", "method"]
    assert list(effects.columns[7:]) == ["variance_reduction"]
    assert set(effects["contrast"]) == {"four_insights - baseline"}
    assert {path.name for path in (compared / "figures").iterdir()} == {
        "formation.png",
        "effects.png",
        "price.png",
        "trust.png",
        "contexts.png",
        "why_not.png",
    }


def test_the_manifest_names_versions_seeds_counts_and_checksums(compared):
    manifest = json.loads((compared / "manifest.json").read_text())
    assert manifest["runs"] == 12
    assert manifest["seed"] == 1
    assert manifest["complete"] is True
    assert manifest["command"].startswith("ci-sim compare 'scenarios=[baseline,four_insights]'")
    assert {"numba", "numpy", "mesa"} <= set(manifest["packages"])
    for name, digest in manifest["sha256"].items():
        assert sha256((compared / name).read_bytes()).hexdigest() == digest
    assert OmegaConf.load(compared / "config.yaml").population.size == 12


def test_the_report_is_one_file_without_outside_parts(compared):
    page = (compared / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 6
    assert "http" not in page.replace("https://", "http://").split("<body>")[0]
    assert 'src="http' not in page
    assert "{{" not in page
    for words in ("All additions", "95% interval", "ci-sim compare", "What this can and cannot tell"):
        assert words in page


def test_run_writes_the_initiative_as_tables_graph_and_pictures(tmp_path):
    done = ci_sim("run", "population=knoke", "weeks=30", "output_dir=one", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    graph = nx.read_graphml(tmp_path / "one" / "network.graphml")
    organizations = pd.read_csv(tmp_path / "one" / "organizations.csv")
    assert len(graph) == len(organizations) == 10
    assert len(pd.read_csv(tmp_path / "one" / "ties.csv")) == graph.number_of_edges()
    assert len(pd.read_parquet(tmp_path / "one" / "outcomes.parquet")) == 1
    last = pd.read_csv(tmp_path / "one" / "weekly.csv")["week"].max()
    assert last <= 30
    by_week = pd.read_parquet(tmp_path / "one" / "ties_by_week.parquet")
    assert by_week["week"].max() == last
    assert (by_week["week"] == last).sum() == graph.number_of_edges()
    assert len(pd.read_parquet(tmp_path / "one" / "organizations_by_week.parquet")) == 10 * last
    for picture in ("network.png", "course.png"):
        assert (tmp_path / "one" / picture).read_bytes().startswith(b"\x89PNG")
    assert "drawn" in done.stdout  # what the tables do not give


def test_run_with_replicates_adds_their_outcomes(tmp_path):
    done = ci_sim("run", *QUICK, "output_dir=six", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(pd.read_parquet(tmp_path / "six" / "outcomes.parquet")) == 6
    assert "Of 6 replicates" in done.stdout


def test_scenarios_lists_each_with_its_explanation(tmp_path):
    done = ci_sim("scenarios", folder=tmp_path)
    assert done.returncode == 0
    assert "direct_launch" in done.stdout
    assert "the five components of 2011" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compere"], ["compere", "compare"]),
        (["run", "commitment.quorum=2"], ["commitment.quorum=2", "0 to 1"]),
        (["compare", "scenarios=[baseline,nope]"], ["nope", "four_insights"]),
        (["compare", "scenarios=[baseline]"], ["scenarios", "two"]),
        (["compare", "reference=nope"], ["reference=nope", "baseline"]),
        (["compare", "experiment=nope"], ["experiment=nope", "direct_launch"]),
        (["run", "population=from_files", "organizations=missing.csv"], ["missing.csv", "no such file"]),
        (["run", "output_dir=/dev/null/x"], ["output_dir=/dev/null/x", "written"]),
        (["scenarios", "all"], ["all", "no arguments"]),
        (["run", "--bogus"], ["--bogus", "--cfg job"]),
        (["run", "seed=1,2"], ["several values", "--multirun"]),
    ],
)
def test_a_users_error_is_one_line_and_exit_code_2(tmp_path, arguments, words):
    done = ci_sim(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert not list(tmp_path.iterdir())


def test_help_and_configuration_are_shown_without_running(tmp_path):
    for arguments in (["--help"], ["run", "--help"], ["compare", "--cfg", "job"], ["--version"]):
        done = ci_sim(*arguments, folder=tmp_path)
        assert done.returncode == 0
        assert done.stdout
    assert not list(tmp_path.iterdir())


def test_the_help_of_a_command_explains_its_groups_and_keys(tmp_path):
    shown = ci_sim("compare", "--help", "population.size=33", folder=tmp_path).stdout
    assert "population.size=33" in shown
    assert "experiment" in shown
    assert "precision_outcome=formed" in shown
    assert "the outcome that `precision` is about: formed, " in shown
    assert "form  " not in shown  # the group of validate


def wait_for(path):
    """Return once there is something at the path, or after a minute."""
    deadline = time.time() + 60
    while not path.exists() and time.time() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("command", "seconds"), [("compare", 0.0), ("compare", 10.0), ("calibrate", 0.0), ("calibrate", 10.0)]
)
def test_ctrl_c_keeps_the_finished_runs_and_ends_with_130(tmp_path, compared, command, seconds):
    """Interrupted as soon as the folder is there, and in mid-run; the rules are compiled by then (`compared`)."""
    command = [sys.executable, "-m", "ci_sim", command, "replicates=6000", "output_dir=cut"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )
    wait_for(tmp_path / "cut")
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=120)
    assert process.returncode == 130, message
    assert "stopped" in message
    assert "Traceback" not in message
    if seconds:
        outcomes = pd.read_parquet(tmp_path / "cut" / "outcomes.parquet")
        assert len(outcomes) > 0
        assert not json.loads((tmp_path / "cut" / "manifest.json").read_text())["complete"]
        assert f"the {len(outcomes)} finished runs" in message


def test_a_ctrl_c_that_compiled_code_of_a_library_loses_is_still_a_ctrl_c(tmp_path):
    """scipy's table for Sobol designs is read where its Cython code can raise nothing: it prints the error and goes on."""
    program = """
        import os, signal
        import numpy
        from ci_sim import cli

        def interrupted(file):
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000): pass

        numpy.load = interrupted
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main(["calibrate", "replicates=8", "output_dir=cut"])
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr.count("Traceback")) == (130, 0), done.stderr
    assert done.stderr == "ci-sim: stopped before the end; tables that were finished stay\n"
    assert not (tmp_path / "cut" / "outcomes.parquet").exists()


def test_a_ctrl_c_in_a_text_that_a_library_runs_ends_with_130_too(tmp_path):
    """`python -m` ends by the signal itself if a KeyboardInterrupt has left `exec` of a text, caught or not."""
    program = """
        from ci_sim import cli

        def interrupted(arguments):
            exec("raise KeyboardInterrupt")

        cli._dispatch = interrupted
        cli.main(["run"])
    """
    (tmp_path / "program.py").write_text(textwrap.dedent(program))
    command = [sys.executable, "-m", "program"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (130, 1), done.stderr


def test_a_ctrl_c_that_a_library_makes_an_error_of_is_still_a_ctrl_c(monkeypatch, ctrl_c, capsys):
    def lose(arguments):
        try:
            ctrl_c()
        except KeyboardInterrupt:
            raise UserError("something else") from None

    monkeypatch.setattr(cli, "_dispatch", lose)
    with pytest.raises(SystemExit) as ended:
        cli.main(["run"])
    assert ended.value.code == 130
    assert capsys.readouterr().err == "ci-sim: stopped before the end; tables that were finished stay\n"
    assert not interrupts.noted()  # what Python does next in this process goes its way
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("own", [["replicates=1"], ["sectors=[government]", "population.size=1", "commitment.noise=0"]])
def test_a_comparison_with_next_to_nothing_to_compare_still_has_its_report(tmp_path, own):
    fixed = [f"context.{name}=0.5" for name in ("conflict", "spread", "reliability", "urgency", "trust", "difficulty")]
    done = ci_sim("compare", "population.size=12", "weeks=10", "replicates=2", *own, *fixed, folder=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "results" / "four_insights" / "report.html").exists()


def test_what_stands_in_the_way_in_the_output_folder_is_said_in_one_line(tmp_path):
    (tmp_path / "out" / "report.html").mkdir(parents=True)
    done = ci_sim("compare", *QUICK, "quiet=true", "output_dir=out", folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "report.html" in done.stderr


def test_pictures_of_an_earlier_study_do_not_stay_beside_new_tables(tmp_path):
    for scenarios in ("[baseline,four_insights]", "[baseline,stage_map]"):
        ci_sim("compare", f"scenarios={scenarios}", *QUICK, "context.trust=0.5", "output_dir=out", folder=tmp_path)
    ci_sim("run", *QUICK, "output_dir=out", folder=tmp_path)
    assert not list(tmp_path.glob("out/figures/*"))
    assert not (tmp_path / "out" / "report.html").exists()


def test_each_job_of_a_multirun_has_a_folder_of_its_own(tmp_path):
    done = ci_sim("run", "-m", "seed=1,2", "population.size=12", "weeks=5", "output_dir=out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [OmegaConf.load(tmp_path / "out" / job / "config.yaml").seed for job in "01"] == [1, 2]


def test_a_reader_that_has_had_enough_is_no_error(tmp_path):
    line = (
        f"'{sys.executable}' -m ci_sim run population.size=12 weeks=5 output_dir=out | head -1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines()[-1] == "0", done.stderr


def test_validate_writes_a_table_figures_and_a_page(tmp_path):
    done = ci_sim("validate", "patterns=[asymmetry,growth]", "replicates=5", "output_dir=out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    claims = pd.read_csv(tmp_path / "out" / "patterns.csv")
    assert set(claims["pattern"]) == {"asymmetry", "growth"}
    assert claims["verdict"].isin(["holds", "fails", "open"]).all()
    assert {path.name for path in (tmp_path / "out" / "figures").iterdir()} == {"asymmetry.png", "growth.png"}
    outcomes = pd.read_parquet(tmp_path / "out" / "outcomes.parquet")
    assert outcomes["run_id"].is_unique
    first = ~outcomes["pattern"].str.endswith(", again")  # claims that five runs leave open are asked again with twenty
    assert outcomes[first].groupby("arm").size().eq(5).all()
    assert outcomes[~first].groupby("arm").size().eq(20).all()
    page = (tmp_path / "out" / "validation.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert page.count("data:image/png;base64,") == 2
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert sum(manifest["verdicts"].values()) == len(claims)


def test_an_unknown_pattern_is_an_error_of_one_line(tmp_path):
    done = ci_sim("validate", "patterns=[grwth]", folder=tmp_path)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert "growth" in done.stderr


SMALL_CALIBRATION = ("samples=64", "replicates=2", "checks=20", "accept=0.4", "stages.map_weeks=3")


def test_calibrate_prints_and_writes_what_it_found(tmp_path):
    targets = tmp_path / "my targets, 1.yaml"
    shutil.copy(configs_folder() / "target" / "published.yaml", targets)
    done = ci_sim("calibrate", f"targets={targets.name}", *SMALL_CALIBRATION, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "The setting that comes closest: commitment.noise=" in done.stdout
    folder = tmp_path / "results" / "calibrate"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["sha256"]) == {
        "outcomes.parquet", "settings.parquet", "posterior.csv", "parameters.csv", "targets.csv",
    }  # fmt: skip
    assert (folder / "calibration.html").stat().st_size > 50_000
    assert manifest["runs"] == 4 * (64 * 2 + 20 * 2 + 20 * 2) == len(pd.read_parquet(folder / "outcomes.parquet"))


SWEEP = [
    "sweep",
    "over=[context.conflict,context.trust]",
    "population.size=6",
    "weeks=20",
    "commitment.cost=0.05",
    "commitment.windows=0",
    "design.samples=64",
    "replicates=4",
]


def test_a_sweep_and_what_is_said_of_it(tmp_path):
    done = ci_sim(
        *SWEEP, "scenarios=[baseline,stage_map]", "title=Where, and when?", "output_dir=my sweep", folder=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "Where, and when?: 512 runs" in done.stdout
    assert (tmp_path / "my sweep" / "sweep.png").stat().st_size > 10_000
    again = ci_sim(*SWEEP, "scenarios=[baseline,stage_map]", "output_dir=my sweep", folder=tmp_path)
    assert again.returncode == 0, again.stderr
    checked = ci_sim("verify", "my sweep", "sample=20", folder=tmp_path)
    assert checked.returncode == 0
    assert "20 of 512 runs, drawn at random, are the same to the last bit" in checked.stdout
    weighed = ci_sim("sensitivity", "sweep=my sweep", "outcomes=[formed,trust_across]", folder=tmp_path)
    assert weighed.returncode == 0, weighed.stderr
    place = tmp_path / "results" / "sensitivity"
    assert set(pd.read_csv(place / "sensitivity.csv")["response"]) == {"baseline", "stage_map", "stage_map - baseline"}
    assert len(list((place / "figures").glob("tornado_*.png"))) == 6
    page = (place / "sensitivity.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 7
    assert "<h1>Where, and when?</h1>" in page
    found = ci_sim("discover", "sweep=my sweep", "outcome=trust_across", folder=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "Most of all where context.trust" in found.stdout
    page = (tmp_path / "results" / "discover" / "discovery.html").read_text(encoding="utf-8")
    assert "Most of all where context.trust" in page
    assert "data:image/png;base64," in page


def test_a_sensitivity_analysis_runs_its_own_sweep(tmp_path):
    done = ci_sim("sensitivity", *SWEEP[1:], "design=morris", "design.samples=4", "output_dir=out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "sweep" / "outcomes.parquet").is_file()
    assert set(pd.read_csv(tmp_path / "out" / "sensitivity.csv")["measure"]) == {"mu_star", "sigma"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sweep"], ["over", "name what to vary"]),
        (["sweep", "study=nowhere.yaml"], ["study=nowhere.yaml", "no such file", "when_stages_help"]),
        (["sweep", "study=mine.yaml"], ["over: 'trust.halflife' cannot be varied", "trust.half_life"]),
        (["sweep", "study=wrong.yaml"], ["replicate is not a known key", "replicates"]),
        (["sweep", "study=torn.yaml"], ["torn.yaml", "cannot be read as YAML"]),
        ([*SWEEP, "shard=5/3"], ["shard=5/3", "K/N"]),
        ([*SWEEP, "scenarios=[baseline,stage_mapp]"], ["scenarios", "stage_map"]),
        (["sensitivity", "sweep=nowhere"], ["sweep=nowhere", "holds no sweep"]),
        (["sensitivity", "sweep=nowhere", "outcomes=[form]"], ["outcomes", "'form' is unknown", "formed"]),
        (["discover", "sweep=nowhere", "outcome=form"], ["outcome=form", "formed"]),
        (["verify", "nowhere"], ["nowhere", "no complete sweep"]),
        (["verify", "nowhere", "sample=many"], ["sample=many", "whole numbers"]),
    ],
)
def test_a_users_error_in_a_sweep_is_one_line_and_exit_code_2(tmp_path, arguments, words):
    (tmp_path / "mine.yaml").write_text("over: {trust.halflife: [1, 2]}\n")
    (tmp_path / "wrong.yaml").write_text("over: {trust.half_life: [10, 20]}\nreplicate: 3\n")
    (tmp_path / "torn.yaml").write_text("over: [unclosed\n")
    done = ci_sim(*arguments, folder=tmp_path)
    assert done.returncode == 2, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("seconds", [0.0, 0.5, 2.0])
def test_ctrl_c_at_a_terminal_is_answered_in_a_line_though_it_reaches_the_process_that_draws(tmp_path, seconds):
    process = subprocess.Popen(
        [sys.executable, "-m", "ci_sim", "run", "replicates=100000", "quiet=true"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(tmp_path / "results")
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    _, message = process.communicate(timeout=120)
    assert process.returncode == 130
    assert len(message.splitlines()) == 1, message


def test_ctrl_c_stops_a_sweep_and_the_same_command_goes_on(tmp_path):
    arguments = ["sweep", "over=[context.conflict]", "population.size=12", "design.samples=1024", "output_dir=cut"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ci_sim", *arguments],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(tmp_path / "cut" / "parts")
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=120)
    assert process.returncode == 130, message
    assert "Traceback" not in message
    kept = int(message.split("stopped; ")[1].split()[0].replace(",", ""))
    assert 0 < kept < 16_384
    assert ci_sim(*arguments, folder=tmp_path).returncode == 0
    assert len(pd.read_parquet(tmp_path / "cut" / "outcomes.parquet")) == 16_384


def test_a_multirun_through_joblib_gives_each_scenario_a_folder(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    scenarios = "scenario=baseline,four_insights"
    done = ci_sim("run", "-m", scenarios, "hydra/launcher=joblib", *QUICK, "output_dir=two", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    names = [pd.read_parquet(tmp_path / "two" / n / "outcomes.parquet")["scenario"].iloc[0] for n in "01"]
    assert names == ["baseline", "four_insights"]


@pytest.mark.parametrize("cost", [0.1, 0.6])  # in the second none forms, which is told first, with what would change it
def test_the_report_of_a_comparison_speaks_hebrew(tmp_path, cost):
    line = [
        "compare",
        "population=knoke",
        "scenarios=[baseline,sixth_component]",
        "replicates=6",
        "weeks=30",
        "quiet=true",
    ]
    line += ["precision=2", f"commitment.cost={cost}"]
    with pytest.raises(SystemExit) as end:
        cli.main([*line, "locale=he", "title=מה עדיף?", f"output_dir={tmp_path}"])
    assert end.value.code == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<html lang="he" dir="rtl">' in page
    assert (
        text("comparison.stopped.as_asked", "he", runs=6, outcome="סיכוי להיווצר", known="", precision="").split("‎")[0]
        in page
    )
    assert (text("comparison.none_form", "he") in page) == (cost == 0.6)
    said = re.sub(r"<(style|pre)\b.*?</\1>|<code>.*?</code>|data:image[^\"]*|<[^>]*>", " ", page, flags=re.DOTALL)
    keys = {word for key in ("commitment.cost", "context.difficulty", "context.trust") for word in key.split(".")}
    apart = {
        "ci_sim",
        "seed",
        "weeks",
        "precision",
        "Knoke",
        "Wood",
        "Agresti",
        "Min",
        "amp",
        *keys,
    }  # names, and what the user set
    assert set(re.findall(r"[A-Za-z_]{3,}", said)) - apart == set()
