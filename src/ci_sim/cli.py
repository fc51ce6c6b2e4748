"""The command line: `ci-sim COMMAND [key=value …]`, one Hydra entry point a command."""

from __future__ import annotations

import atexit
import gc
import os
import shlex
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ci_sim import interrupts
from ci_sim.errors import UserError

USAGE = """\
ci-sim: how does a collective-impact initiative form?

usage: ci-sim COMMAND [key=value …]

commands
  run          one initiative: summary, weekly series, organizations, ties, pictures
  compare      several scenarios on the same luck: outcomes, effects, figures, report.html
  validate     published patterns against what the model does: verdicts, figures, validation.html
  insights     what each insight changes, where it stops being true, what decides (a quarter of an hour): insights.html
  match        which settings, over the spans of all parameters, published numbers do not rule out: plausible.csv, match.html
  calibrate    which parameters could have produced what you know (approximate Bayesian computation): calibration.html
  sweep        many settings of some parameters: designs, all cores or a cluster, resumed by the same command
  verify       rerun a sample of a sweep's runs, and compare them bit by bit
  sensitivity  which parameters decide (Sobol, Morris, PAWN), from a sweep's folder or one of its own
  discover     where something happens, or a lever hurts, in words (PRIM and a small tree)
  whatif       your own partners in, a page for the meeting out: questions, who matters, plans (whatif check: how tables are read)
  explore      a page in the browser: watch it form, switch a lever, see why, compare, learn (output=FILE.html: one file)
  scenarios    what ready scenarios there are, with a line of explanation each

for instance
  ci-sim compare                                          the four insights
  ci-sim compare scenarios=[baseline,direct_launch] replicates=200
  ci-sim run scenario=four_insights population=knoke seed=7
  ci-sim compare population=from_files organizations=FILE.csv ties=FILE.csv
  ci-sim explore
  ci-sim whatif template=my_partners
  ci-sim whatif check organizations=FILE.xlsx
  ci-sim whatif organizations=FILE.xlsx questions=sign_a_charter locale=he
  ci-sim validate form=short
  ci-sim match output_dir=results/match
  ci-sim validate settings_file=results/match/plausible.csv
  ci-sim calibrate targets=FILE.yaml
  ci-sim sweep study=FILE.yaml
  ci-sim sweep over=[context.conflict,trust.half_life] design.samples=512

`ci-sim COMMAND --help` lists every key, `ci-sim COMMAND --cfg job` prints the whole configuration.
"""


def main(arguments: list[str] | None = None) -> None:
    """Run a command, by default the one that the user typed, and end with its exit code.

    The codes are 0, 2 (a user's error, said in one line) and 130 (Ctrl-C, with all finished runs saved).
    """
    _collect_less()
    with interrupts.watched():
        try:
            sys.exit(_dispatch(sys.argv[1:] if arguments is None else arguments))
        except KeyboardInterrupt:
            _end_stopped()
        except Exception as error:
            if interrupts.noted():  # a library has made an error of its own of the Ctrl-C
                _end_stopped()
            _end_with(error)


def _end_stopped() -> NoReturn:
    print("ci-sim: stopped before the end; tables that were finished stay", file=sys.stderr)
    sys.exit(130)


def _end_with(error: Exception) -> NoReturn:
    """End with what a user should know of an error; one that is not the user's is raised as it is."""
    if isinstance(error, UserError):
        print(f"ci-sim: {error}", file=sys.stderr)
        sys.exit(2)
    if isinstance(error, BrokenPipeError):  # the reader of the output, `head` say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    if isinstance(error, OSError):  # a full disk, or a folder where a file should be
        print(
            f"ci-sim: {error.filename or 'the output'}: cannot be written to ({error.strerror or error})",
            file=sys.stderr,
        )
        sys.exit(2)
    raise error


def _collect_less() -> None:
    """Look for garbage less often, and not at the end: libraries and compiler make objects that stay, and it costs a second."""
    gc.set_threshold(200_000, 20, 20)
    atexit.register(gc.freeze)


def _dispatch(arguments: list[str]) -> int:
    configured: dict[str, Callable[[Any, str], int]] = {
        "run": _run,
        "compare": _compare,
        "validate": _validate,
        "insights": _insights,
        "match": _match,
        "calibrate": _calibrate,
        "sweep": _sweep,
        "sensitivity": _sensitivity,
        "discover": _discover,
        "explore": _explore,
        "whatif": _whatif,
    }
    others: dict[str, Callable[[list[str]], int]] = {"verify": _verify, "scenarios": _scenarios}
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0
    if arguments[0] == "--version":
        from importlib.metadata import version

        print(f"ci_sim {version('ci-sim')}")
        return 0
    command, *given = arguments
    if command == "whatif":
        given = [f"task={word}" if word in ("check", "who", "plans") else word for word in given]
    if command in configured:
        return _configured(command, given, configured[command])
    if command in others:
        return others[command](given)
    names = ", ".join((*configured, *others))
    raise UserError(f"{command!r} is not a command; there are: {names} (see `ci-sim --help`)")


def _configured(command: str, arguments: list[str], job: Callable[[Any, str], int]) -> int:
    """Compose and check the command's configuration, and do the job with it and the line that the user typed."""
    from ci_sim.configuration.composition import load_config

    _refuse_flags(command, arguments)
    if {"-h", "--help"} & set(arguments):
        return _explain_keys(command, _quoted([argument for argument in arguments if "=" in argument]))
    if any("=" not in argument or "hydra" in argument.partition("=")[0] for argument in arguments):
        return _by_hydra(command, arguments, job)
    return job(load_config(command, _quoted(arguments)), _typed(command, arguments))


def _typed(command: str, arguments: list[str]) -> str:
    """Return the line that the user typed."""
    return shlex.join(["ci-sim", command, *arguments])


def _by_hydra(command: str, arguments: list[str], job: Callable[[Any, str], int]) -> int:
    """Leave the command to Hydra, whose flags it was given: several jobs of one line, or its configuration to look at."""
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from ci_sim.configuration.composition import check, completed, configs_folder, declare, explain

    codes: list[int] = []
    refusals: list[UserError | OSError] = []

    def checked(config: Any) -> None:
        try:
            _apart(config)
            check(config)
            codes.append(job(config, _typed(command, arguments)))
        except (UserError, OSError) as error:  # Hydra would announce it in a line of its own
            refusals.append(error)

    declare(command)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let errors come here, to be said in one line
    given = sys.argv
    sys.argv = ["ci-sim", *completed(command, _quoted(arguments))]
    try:
        hydra.main(config_path=str(configs_folder().absolute()), config_name=command, version_base="1.3")(checked)()
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(explain(error)) from error
    finally:
        sys.argv = given
    if refusals:
        raise refusals[0]
    return max(codes, default=0)


def _explain_keys(command: str, overrides: list[str]) -> int:
    """Print what a command can be told: its groups with their options, and its keys with their values and meanings."""
    from ci_sim.configuration.composition import explained_keys, groups_of, load_config

    config = load_config(command, overrides)
    print(f"ci-sim {command}: every key can be set as KEY=VALUE, e.g. population.size=30 stages=all seed=7")
    print("\ngroups: choose with GROUP=OPTION, or GROUP=[OPTION,OPTION]")
    for group, names in groups_of(command).items():
        print(textwrap.fill(f"  {group:<14}{', '.join(names)}", 120, subsequent_indent=16 * " "))
    print("\nkeys")
    for key, value, about in explained_keys(config):
        print(f"  {f'{key}={value}':<56}{about}".rstrip())
    print(
        "\nUnits, ranges and sources: docs/parameters.md. `--cfg job` prints the configuration alone, to keep or to compare."
    )
    return 0


def _refuse_flags(command: str, arguments: list[str]) -> None:
    flags = ("-h", "--help", "-m", "--multirun", "-c", "--cfg", "job", "--resolve", "--info", "--hydra-help")
    for argument in arguments:
        if "=" not in argument and argument not in flags:
            raise UserError(
                f"{argument!r} is neither KEY=VALUE nor one of --help, --multirun, --cfg job (see `ci-sim {command} --help`)"
            )


def _apart(config: Any) -> None:
    """Give each job of a multirun a folder of its own, numbered, below the output folder."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    hydra_config = HydraConfig.get()
    if hydra_config.mode == RunMode.MULTIRUN:
        config.output_dir = f"{config.output_dir}/{hydra_config.job.num}"


def _quoted(arguments: list[str]) -> list[str]:
    """Quote the values of keys that hold paths and titles, so that they may contain spaces, commas and signs of equality."""
    from ci_sim.configuration.composition import quoted

    paths = (
        "organizations=",
        "ties=",
        "mapping=",
        "targets=",
        "study=",
        "plan=",
        "questions=",
        "template=",
        "output=",
        "sweep=",
        "design.file=",
        "output_dir=",
        "title=",
        "question=",
    )
    return [
        f"{key}={quoted(value)}"
        if a.startswith(paths) and value[:1] not in ("", "'", '"', "$") and value != "null"
        else a
        for a in arguments
        for key, _, value in [a.partition("=")]
    ]


def _scenarios(arguments: list[str]) -> int:
    from rich.console import Console
    from rich.table import Table

    from ci_sim.configuration.composition import load_config, scenario_names

    if arguments and arguments[0] not in ("-h", "--help"):
        raise UserError(f"scenarios takes no arguments, not {arguments[0]!r}")
    table = Table(box=None, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("what it is")
    for name in sorted(scenario_names(), key=lambda name: name.startswith("lab_")):  # the laboratory's games last
        table.add_row(name, load_config(name).scenario.description)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 0


def _run(config: Any, command: str) -> int:
    from ci_sim.figures.aside import drawn_aside

    with drawn_aside() as draw:
        from ci_sim.studies.execution.output import now, open_folder
        from ci_sim.studies.questions.single import run, write_run

        started = now()
        open_folder(config.output_dir)
        result = run(config)
        folder = write_run(config, result, started, draw, command)
    if not result.complete:
        return _stopped(result.outcomes, folder)
    if not config.quiet:
        from ci_sim.report.terminal import print_run

        print_run(config, result, folder)
    return 0


def _compare(config: Any, command: str) -> int:
    from ci_sim.report.comparison import print_comparison, write_report
    from ci_sim.studies.questions.comparison import compare, write_comparison

    return _ask(config, command, compare, write_comparison, write_report, print_comparison)


def _validate(config: Any, command: str) -> int:
    from ci_sim.report.validation import print_validation, write_validation_page
    from ci_sim.studies.questions.validation import validate, write_validation

    return _ask(config, command, validate, write_validation, write_validation_page, print_validation)


def _ask(config: Any, command: str, study: Callable, write: Callable, write_page: Callable, show: Callable) -> int:
    """Do a study, write its tables, and, if it came to its end, its page and what the terminal shows."""
    from ci_sim.studies.execution.executors import workers_kept
    from ci_sim.studies.execution.output import now, open_folder

    started = now()
    open_folder(config.output_dir)
    with workers_kept():
        result = study(config)
    folder = write(config, result, started, command)
    if not result.complete:
        return _stopped(result.outcomes, folder)
    return _present(config, command, result, folder, write_page, show)


def _explore(config: Any, command: str) -> int:
    from ci_sim.browser.page import page
    from ci_sim.browser.serve import serve, write

    content = page(config)
    if config.output:
        print(f"The page, to open in a browser: {write(content, config.output)}")
        return 0
    return serve(content, config.port, config.open)


def _whatif(config: Any, command: str) -> int:
    if config.template:
        from ci_sim.whatif.template import write_template

        print(f"The workbook, to fill in: {write_template(config.template, config.locale)}")
        return 0
    if config.task == "check":
        from ci_sim.report.whatif import print_check
        from ci_sim.whatif.check import checked

        print_check(checked(config))
        return 0
    if config.task == "who":
        from ci_sim.report.who import print_importance, write_importance_page
        from ci_sim.whatif.who import who_matters, write_importance

        return _ask(config, command, who_matters, write_importance, write_importance_page, print_importance)
    if config.task == "plans":
        from ci_sim.report.plans import print_plans, write_plans_page
        from ci_sim.whatif.plans import search, write_plans

        return _ask(config, command, search, write_plans, write_plans_page, print_plans)
    from ci_sim.report.whatif import print_answer, write_answer_pages
    from ci_sim.whatif.answers import answer, write_answer

    return _ask(config, command, answer, write_answer, write_answer_pages, print_answer)


def _match(config: Any, command: str) -> int:
    from ci_sim.report.match import print_match, write_match_page
    from ci_sim.studies.questions.match import match, write_match

    return _ask_in_parts(config, command, match, write_match, write_match_page, print_match)


def _calibrate(config: Any, command: str) -> int:
    from ci_sim.report.calibration import print_calibration, write_calibration_page
    from ci_sim.studies.questions.calibration import calibrate, write_calibration

    return _ask_in_parts(config, command, calibrate, write_calibration, write_calibration_page, print_calibration)


def _insights(config: Any, command: str) -> int:
    from ci_sim.report.insights import write_insights_page
    from ci_sim.report.terminal import print_page
    from ci_sim.studies.questions.insights import answer, write_answers

    return _ask_in_parts(config, command, answer, write_answers, write_insights_page, print_page)


def _ask_in_parts(
    config: Any, command: str, study: Callable, write: Callable, write_page: Callable, show: Callable
) -> int:
    """Do a study of several parts; if it is stopped, what was finished of it stays, with the outcomes of all finished runs."""
    from ci_sim.studies.execution.executors import workers_kept
    from ci_sim.studies.execution.output import now, open_folder, write_record, write_table
    from ci_sim.studies.execution.runner import Study, Unfinished

    started, folder, parts = now(), open_folder(config.output_dir), Study(config)
    try:
        with workers_kept():
            result = study(parts)
    except (Unfinished, UserError) as end:
        if len(parts.outcomes):
            write_table(parts.outcomes, folder / "outcomes.parquet")
            write_record(folder, config, [folder / "outcomes.parquet"], started, command, complete=False)
        if isinstance(end, UserError):
            raise
        return _stopped(parts.outcomes, folder)
    write(parts, result, started, command)
    return _present(config, command, result, folder, write_page, show)


def _sweep(config: Any, command: str) -> int:
    from ci_sim.report.sweep import print_sweep
    from ci_sim.studies.questions.sweep import sweep

    result = sweep(config, command)
    if result.stopped:
        rest = "it is complete" if result.complete else "the same command goes on"
        print(
            f"ci-sim: stopped; {result.runs_done:,} of {result.runs:,} runs are kept in {result.folder}; {rest}",
            file=sys.stderr,
        )
        return 130
    if not config.quiet:
        print_sweep(config, result)
    return 0


def _verify(arguments: list[str]) -> int:
    from ci_sim.report.sweep import print_check
    from ci_sim.studies.execution.verify import verify

    if not arguments or {"-h", "--help"} & set(arguments):
        print(
            "usage: ci-sim verify FOLDER [sample=100] [seed=1]\n\nReruns a random sample of the runs in a sweep's folder."
        )
        return 0 if arguments else 2
    given = dict(a.split("=", 1) for a in arguments[1:] if "=" in a)
    for name, value in given.items():
        if name not in ("sample", "seed") or not value.isdigit():
            raise UserError(f"{name}={value}: verify takes sample= and seed=, whole numbers")
    check = verify(Path(arguments[0]), int(given.get("sample", 100)), int(given.get("seed", 1)))
    print_check(check)
    return 0 if check.differing.empty else 1


def _sensitivity(config: Any, command: str) -> int:
    from ci_sim.report.sensitivity import print_sensitivity, write_sensitivity_page
    from ci_sim.studies.questions.sensitivity import sensitivity, write_sensitivity

    def study(folder: Any) -> Any:
        return sensitivity(folder, list(config.outcomes), config.seed, bool(config.quiet))

    return _ask_of_sweep(config, command, study, write_sensitivity, write_sensitivity_page, print_sensitivity)


def _discover(config: Any, command: str) -> int:
    from ci_sim.report.discovery import print_discovery, write_discovery_page
    from ci_sim.studies.questions.discovery import discover, write_discovery

    def study(folder: Any) -> Any:
        return discover(folder, config)

    return _ask_of_sweep(config, command, study, write_discovery, write_discovery_page, print_discovery)


def _ask_of_sweep(
    config: Any, command: str, study: Callable, write: Callable, write_page: Callable, show: Callable
) -> int:
    """Do a study of a sweep that is there, or that is run for it; write its tables and its page, and show it."""
    from ci_sim.studies.execution.output import now
    from ci_sim.studies.questions.sweep import sweep_of
    from ci_sim.studies.statistics.extras import need_studies

    need_studies()
    started, folder = now(), sweep_of(config, command)
    if folder is None:
        print("ci-sim: stopped; finished runs are kept, the same command goes on", file=sys.stderr)
        return 130
    found = study(folder)
    return _present(config, command, found, write(config, found, started, command), write_page, show)


def _present(config: Any, command: str, result: Any, folder: Path, write_page: Callable, show: Callable) -> int:
    page = write_page(folder, config, result, command)
    if not config.quiet:
        show(config, result, page)
    return 0


def _stopped(outcomes: Any, folder: Path) -> int:
    print(f"ci-sim: stopped; the {len(outcomes)} finished runs are in {folder}", file=sys.stderr)
    return 130
