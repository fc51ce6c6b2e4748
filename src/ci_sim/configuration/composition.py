"""Configurations: composed by Hydra from `configs/`, checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import ConfigCompositionException, HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ci_sim.configuration.checks import (
    check_choices,
    check_names,
    check_number,
    check_precision,
    check_scenario,
    in_figures,
)
from ci_sim.configuration.commands import (
    EFFECTS_ON,
    FORMATS,
    CalibrationConfig,
    ComparisonConfig,
    DiscoveryConfig,
    ExplorationConfig,
    InsightsConfig,
    MatchConfig,
    RunConfig,
    SensitivityConfig,
    SequentialConfig,
    SweepConfig,
    ValidationConfig,
    WhatIfConfig,
)
from ci_sim.errors import UserError
from ci_sim.rules.parameters import PARTS, Config, choices, declared, settings
from ci_sim.texts import suggestion

_FREE = ("over.", "ask.", "executor.slurm.")  # what stands below these is the user's

_SCHEMAS = {
    "run": RunConfig,
    "compare": ComparisonConfig,
    "validate": ValidationConfig,
    "insights": InsightsConfig,
    "match": MatchConfig,
    "calibrate": CalibrationConfig,
    "sweep": SweepConfig,
    "sensitivity": SensitivityConfig,
    "discover": DiscoveryConfig,
    "explore": ExplorationConfig,
    "whatif": WhatIfConfig,
}


@lru_cache
def declare(command: str) -> None:
    """Tell Hydra the schema of a command, which takes as long as composing it, so that no other command should wait for it."""
    ConfigStore.instance().store(name=f"{command}_schema", node=_SCHEMAS[command])


def configs_folder() -> Path:
    """Return the folder of the configurations: inside the installed package, or beside `src/` in a checkout."""
    inside = Path(__file__).parents[1] / "configs"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "configs"


@lru_cache
def options(group: str) -> tuple[str, ...]:
    """Return the names of the configurations in a group."""
    return tuple(sorted(path.stem for path in (configs_folder() / group).glob("*.yaml")))


def scenario_names() -> tuple[str, ...]:
    """Return the names of the ready scenarios."""
    return options("scenario")


def groups_of(command: str) -> dict[str, tuple[str, ...]]:
    """Return the groups of a command with their options."""
    groups = [path.name for path in sorted(configs_folder().iterdir()) if path.is_dir()]
    sweeps = ("sweep", "sensitivity", "discover")
    own = {
        "experiment": ("compare",),
        "form": ("validate",),
        "design": sweeps,
        "pattern": (),
        "target": (),
        "studies": (),
        "plans": (),
        "ready_questions": (),
        "space": (),
    }
    return {group: options(group) for group in groups if command in own.get(group, (command,))}


def explained_keys(config: DictConfig) -> list[tuple[str, str, str]]:
    """Return the keys of a configuration with their values and meanings, as texts."""
    schema = _schema_of(config)
    known = {**declared(schema), **choices(schema), **settings(schema)}
    rows = []
    values = flat(OmegaConf.to_container(config, resolve=True))
    for key, value in values.items():
        if key.startswith("scenario."):
            continue
        meta = known.get(key, {})
        unit = f" ({meta['unit']})" if meta.get("unit") else ""
        options = f": {', '.join(meta['choices'])}" if meta.get("choices") else ""
        rows.append((key, as_typed(value), f"{meta.get('about', 'switch')}{options}{unit}"))
    return rows


def load_config(name: str = "run", overrides: Sequence[str] = ()) -> DictConfig:
    """Compose and check a configuration.

    Args:
        name: a command (`run`, `compare`), or a ready scenario, which is short for `run` with `scenario=NAME`.
        overrides: Hydra overrides, such as `"stages=all"` or `"trust.half_life=26"`.

    Raises:
        UserError: if a name, type, range or combination is wrong; the message says which and what is allowed.
    """
    overrides = completed(name, overrides)
    if name not in _SCHEMAS:
        if name not in scenario_names():
            allowed = ", ".join((*sorted(_SCHEMAS), *scenario_names()))
            raise UserError(
                f"configuration {name!r} is unknown{suggestion(name, scenario_names())}; there are: {allowed}"
            )
        name, overrides = "run", [f"scenario={name}", *overrides]
    config = _compose(name, overrides)
    check(config)
    return config


def completed(command: str, overrides: Sequence[str]) -> list[str]:
    """Return a command's overrides with what follows from them.

    Scenarios of one's own choice are an experiment of their own, partners of one's own are read from their files where one asks
    what if, and a plan or a study stands for what its file says, which the
    other overrides come on top of.

    Raises:
        UserError: if the plan or the study cannot be read, or if `over` is given more than once.
    """
    varied = [override.partition("=")[2] for override in overrides if override.partition("=")[0] == "over"]
    if len(varied) > 1:
        keys = ",".join(text.strip("[]{}") for text in varied)
        raise UserError(
            f"over is given {len(varied)} times; give it once, with all that varies: over=[A,B] or over={{A:null,"
            f"B:[low,high]}} (here: {keys})"
        )
    chosen = {override.partition("=")[0] for override in overrides}
    for key, folder, example in _WRITTEN:
        named = [override.partition("=")[2] for override in overrides if override.startswith(f"{key}=")]
        if named and named[-1] != "null":
            written = _written_in(key, named[-1].strip("'\""), folder, example)
            overrides = [*(line for line in written if line.partition("=")[0] not in chosen), *overrides]
    if command == "compare" and "scenarios" in chosen and "experiment" not in chosen:
        return ["experiment=own", *overrides]
    if command == "whatif" and "organizations" in chosen and "population" not in chosen:
        return ["population=from_files", *overrides]
    return list(overrides)


# Keys whose value is a YAML file of keys with their values: where ready ones lie, and one to look at.
_WRITTEN = (("plan", "plans", "partners_first"), ("study", "studies", "when_stages_help"))


def _written_in(key: str, name: str, folder: str, example: str) -> list[str]:
    """Return what a YAML file says, as overrides; it is named, if it is a ready one of `configs/`, or given by its path."""
    path, content = read_yaml(key, name, folder)
    if not isinstance(content, dict):
        ready = configs_folder() / folder / f"{example}.yaml"
        raise UserError(f"{path}: must hold keys with their values, as in {ready}")
    whole = {key: content.pop(key) for key in ("over",) if key in content}
    return [f"{key}={as_typed(value)}" for key, value in {**whole, **flat(content)}.items()]


def read_yaml(key: str, name: str, folder: str) -> tuple[Path, Any]:
    """Return the path and the content of a YAML file: of one in that folder of `configs/`, by its name, or of the user's own.

    Raises:
        UserError: that names the key, if there is no such file, or if it is not YAML.
    """
    path = configs_folder() / folder / f"{name}.yaml" if name in options(folder) else Path(name)
    if not path.is_file():
        there = ", ".join(options(folder))
        raise UserError(f"{key}={name}: there is no such file; give a YAML file, or one of {there}")
    try:
        return path, yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as YAML ({' '.join(str(error).split())})") from None


def as_typed(value: Any) -> str:
    """Return a value as it would be typed behind a key, in Hydra's grammar."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{as_typed(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(as_typed(v) for v in value)}]"
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z_][\w./-]*", value):
        return quoted(value)
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def quoted(text: str) -> str:
    """Return a text in quotes, as Hydra's grammar wants one that holds spaces, commas or signs of equality."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _compose(name: str, overrides: list[str]) -> DictConfig:
    declare(name)
    try:
        if GlobalHydra.instance().is_initialized():
            return compose(name, overrides)
        with initialize_config_dir(str(configs_folder().absolute()), version_base="1.3"):
            return compose(name, overrides)
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(explain(error)) from error


def in_scenario(config: DictConfig, name: str) -> DictConfig:
    """Return a copy of a configuration moved to another ready scenario: what the two scenarios differ in, and nothing else.

    Raises:
        UserError: if the result is not a possible configuration.
    """
    moved = config.copy()
    here, there, own = _leaves(config.scenario.name), _leaves(name), _own(config)
    for key in there:
        if here.get(key) != there[key]:
            if own.get(key, there[key]) != there[key]:
                raise UserError(
                    f"{key}={own[key]}: the scenario {name} sets it to {there[key]}; leave out one of the two"
                )
            OmegaConf.update(moved, key, there[key], merge=False)
    check_scenario(moved)
    return moved


def combined(config: DictConfig, names: Sequence[str]) -> DictConfig:
    """Return a copy of a configuration in the baseline scenario, with all that each of these ready scenarios adds to it.

    Raises:
        UserError: if the result is not a possible configuration.
    """
    mixed, plain = in_scenario(config, "baseline"), _leaves("baseline")
    for name in names:
        for key, value in _leaves(name).items():
            if plain.get(key) != value and not key.startswith("scenario."):
                OmegaConf.update(mixed, key, value, merge=False)
    check_scenario(mixed)
    return mixed


def with_values(config: DictConfig, values: Mapping[str, Any]) -> DictConfig:
    """Return a checked copy of a configuration with other values; the key of a group stands for one of its options.

    Raises:
        UserError: if the result is not a possible configuration.
    """
    changed = config.copy()
    set_values(changed, values)
    return changed


def set_values(config: DictConfig, values: Mapping[str, Any]) -> None:
    """Set values of a configuration itself, as `with_values` does in a copy.

    Raises:
        UserError: if the result is not a possible configuration.
    """
    for key, value in values.items():
        if options(key):
            for leaf, content in _contents(key)[value].items():
                OmegaConf.update(config, leaf, content, merge=False)
        elif OmegaConf.select(config, key) != value:
            OmegaConf.update(config, key, value, merge=False)
    check_scenario(config)


@lru_cache
def _contents(group: str) -> dict[str, dict[str, Any]]:
    """Return what each option of a group sets, with all that some other option of it would set differently, by key."""
    leaves = {name: flat(_composed(f"{group}={name}")[group], f"{group}.") for name in options(group)}
    differing = {key for one in leaves.values() for other in leaves.values() for key in one if other[key] != one[key]}
    return {name: {key: value for key, value in own.items() if key in differing} for name, own in leaves.items()}


def _composed(override: str) -> Any:
    return OmegaConf.to_container(_compose("run", [override]), resolve=False)


def _own(config: DictConfig) -> dict[str, Any]:
    """Return the values that differ from the configuration's scenario as it stands in `configs/`, by key."""
    plain = _leaves(config.scenario.name)
    now = flat(OmegaConf.to_container(config, resolve=False))
    return {key: value for key, value in now.items() if key in plain and value != plain[key]}


def own_settings(config: DictConfig) -> list[str]:
    """Return what the user has set besides the scenario, as KEY=VALUE, without what only says how often and where it is run."""
    apart = (
        "seed",
        "replicates",
        "quiet",
        "output_dir",
        "executor.",
        "organizations",
        "ties",
        "mapping",
        "locale",
        "population.source",
        "plan",
    )
    return [f"{key}={value}" for key, value in _own(config).items() if not key.startswith(apart)]


@lru_cache
def _leaves(scenario: str) -> dict[str, Any]:
    """Return the values of a ready scenario by configuration key, without what is not part of the scenario."""
    leaves = flat(_composed(f"scenario={scenario}"))
    del leaves["output_dir"]
    return leaves


def flat(node: Any, prefix: str = "") -> dict[str, Any]:
    """Return the values of a nested dictionary by dotted key."""
    found: dict[str, Any] = {}
    for key, value in node.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def explain(error: Exception) -> str:
    """Return one line for a composition error: what is wrong, and what would be right."""
    text = str(error)
    unknown = re.search(r"Could not override '([^']+)'", text) or re.search(r"[Kk]ey '([^']+)' (?:is )?not in", text)
    if isinstance(error, ConfigCompositionException) and unknown:
        key = unknown.group(1)
        groups = [path.name for path in configs_folder().iterdir() if path.is_dir()]
        if key in groups:
            return f"{key}: is not for this command; `ci-sim COMMAND --help` lists the groups and keys of each"
        known = [*declared(), *groups]
        return f"{key} is not a known key{suggestion(key, known)}; `ci-sim run --cfg job` lists all keys"
    missing = re.search(r"Could not (?:find|load) '([^'/]+)/([^']*)'", text)
    if missing:
        group, option = missing.groups()
        there = options(group)
        return f"{group}={option} is unknown{suggestion(option, there)}; there are: {', '.join(there)}"
    if "Ambiguous value for argument" in text or "sweep" in text.lower():
        return "several values for one key: a list is written KEY=[a,b], without spaces (one run for each value: --multirun)"
    merging = re.match(r"Error merging override (\S+)", text)
    if merging:
        return f"{merging.group(1)}: {_wanted(merging.group(1).partition('=')[0])}"
    if "antlr" in repr(error.__cause__) or "See https://hydra.cc" in text or "parsing" in text:
        return f"cannot read an argument ({text.splitlines()[0]}); arguments are KEY=VALUE, with lists as KEY=[a,b] and no spaces"
    return " ".join(text.split())


def _wanted(key: str) -> str:
    """Return what a key takes, for a value of the wrong type."""
    number = declared(ComparisonConfig).get(key)
    if number:
        kind = "a whole number" if isinstance(number["default"], int) else "a number"
        return f"must be {kind} from {in_figures(number['low'])} to {in_figures(number['high'])}"
    known = flat(OmegaConf.to_container(OmegaConf.structured(ComparisonConfig), resolve=False))
    within = [name for name in known if name.startswith(f"{key}.")]
    if within:
        return f"is a group of keys; set one of them, such as {within[0]}=…"
    if isinstance(known.get(key), list) or key in ("commitment.required_sectors", "patterns", "parameters"):
        return f"must be a list, such as {key}=[a,b], without spaces"
    if isinstance(known.get(key), bool):
        return "must be true or false"
    if key == "precision":
        return "must be a number above 0, or null"
    return "must be a whole number, or null" if key == "executor.workers" else "is of the wrong type"


def check(config: DictConfig) -> None:
    """Refuse a configuration that cannot be run.

    Raises:
        UserError: with one line that names the key, the value and what is allowed.
    """
    schema = _schema_of(config)
    known = flat(OmegaConf.to_container(OmegaConf.structured(schema), resolve=False))
    for key in flat(OmegaConf.to_container(config, resolve=False)):
        if key not in known and not key.startswith(_FREE):
            raise UserError(
                f"{key} is not a known key{suggestion(key, list(known))}; `ci-sim run --cfg job` lists all keys"
            )
    check_scenario(config)
    for key in declared(schema).keys() - declared().keys():  # the command's own numbers
        check_number(key, OmegaConf.select(config, key), declared(schema)[key])
    check_choices(config, schema)
    if schema in (RunConfig, ComparisonConfig):
        _refuse_idle_parts(config)
    if schema is ComparisonConfig:
        _check_comparison(config)
    if issubclass(schema, SequentialConfig):
        check_precision(config)
    if issubclass(schema, SweepConfig):
        check_names("scenarios", config.scenarios, scenario_names())
    for key, allowed in (("formats", FORMATS), ("outcomes", EFFECTS_ON), ("patterns", options("pattern"))):
        if key in config:
            check_names(key, config[key] or (), allowed)


def _refuse_idle_parts(config: DictConfig) -> None:
    """Refuse parts of the sixth component that the user names where the component is off in all that is run."""
    sixth = config.components.trust_and_agreements
    named = sorted(sixth.parts) != sorted(PARTS)
    on = "components.trust_and_agreements.active"
    if named and not sixth.active and not any(_leaves(name)[on] for name in config.get("scenarios", ())):
        raise UserError(
            f"components.trust_and_agreements.parts={list(sixth.parts)}: are parts of the sixth component, which is off; add "
            "components=six, or leave them out"
        )


def _schema_of(config: DictConfig) -> type[Config]:
    """Return the schema of the command that a configuration is for, by the key that only that command has."""
    own = {
        "questions": WhatIfConfig,
        "outcomes": SensitivityConfig,
        "effect_of": DiscoveryConfig,
        "over": SweepConfig,
        "scenarios": ComparisonConfig,
        "numbers": MatchConfig,
        "patterns": ValidationConfig,
        "setting_pairs": InsightsConfig,
        "targets": CalibrationConfig,
        "port": ExplorationConfig,
        "formats": RunConfig,
    }
    return next((schema for key, schema in own.items() if key in config), Config)


def _check_comparison(config: DictConfig) -> None:
    """Refuse scenarios that do not exist, that are too few to compare, or that cannot be run with the other keys."""
    if config.scenario.name != "baseline":
        raise UserError(f"scenario={config.scenario.name}: compare takes scenarios=[…]; scenario=… is for run")
    names = list(config.scenarios)
    check_names("scenarios", names, scenario_names())
    if len(set(names)) < 2:
        raise UserError(f"scenarios={names}: name at least two, for instance scenarios=[baseline,four_insights]")
    _refuse_twins(config, names)
    if config.reference is not None and config.reference not in names:
        raise UserError(f"reference={config.reference}: must be one of the scenarios: {', '.join(names)}")


def _refuse_twins(config: DictConfig, names: list[str]) -> None:
    """Refuse scenarios that the other keys have made the same."""
    seen: dict[str, str] = {}
    for name in dict.fromkeys(names):
        moved = flat(OmegaConf.to_container(in_scenario(config, name), resolve=False))
        text = repr({key: value for key, value in moved.items() if not key.startswith("scenario.")})
        if text in seen:
            own = ", ".join(own_settings(config)) or "nothing"
            raise UserError(f"scenarios={names}: {seen[text]} and {name} are the same, with {own} set for both")
        seen[text] = name
