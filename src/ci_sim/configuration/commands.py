"""What each command can be told besides the model's parameters: dataclasses that are also Hydra's structured configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ci_sim.rules.parameters import Config, choice, number, setting
from ci_sim.texts import LOCALES

DESIGNS = (
    "sobol",
    "latin_hypercube",
    "factorial",
    "fractional_factorial",
    "one_at_a_time",
    "morris",
    "saltelli",
    "file",
)
EFFECTS_ON = (  # the outcomes on which effects are estimated
    "formed",
    "time_to_formation",
    "coalition_size",
    "trust_within",
    "trust_across",
    "agreements",
    "promises_kept",
    "hours_spent",
    "satisfaction_mean",
    "satisfaction_min",
    "influence_bias",
    "breadth_convened",
    "breadth_field",
)


FORMATS = ("graphml", "gexf", "kumu", "xlsx")  # in which a run is written for other tools


@dataclass
class RunConfig(Config):
    """One initiative, looked at closely."""

    formats: list[str] = setting(
        ["graphml"], "what is written for other tools: graphml and gexf (every week; Gephi, Cytoscape), kumu, xlsx"
    )
    locale: str = choice("en", LOCALES, "language of the pictures")


@dataclass
class SequentialConfig(Config):
    """As many replicates as it takes to know an outcome, or an effect on it, as precisely as asked."""

    precision: float | None = setting(
        None, "add replicates until what is asked for is known to ± this (null: as many as given)"
    )
    precision_outcome: str = choice("formed", EFFECTS_ON, "the outcome that `precision` is about")
    max_replicates: int = number(100_000, "runs", 1, 100_000_000, "most replicates that `precision` may take")


@dataclass
class Plans:
    """What a search over plans may spend, and how long it looks."""

    hours: float | None = setting(None, "hours of all organizations that a plan may take on average (null: any)")
    money: float | None = setting(None, "USD of the backbone's staff that a plan may take on average (null: any)")
    weeks: int | None = setting(None, "week by which a plan's initiative should have formed (null: the horizon)")
    evaluations: int = number(2400, "plans", 10, 1_000_000, "plans that are tried at most")
    replicates: int = number(64, "runs", 8, 100_000, "runs of each plan that is tried")
    finalists: int = number(400, "runs", 50, 100_000, "runs, on fresh luck, of each plan of the short list")
    space: str = setting("plans", "what may be chosen: a file of configs/space, or a YAML file of your own")


@dataclass
class ComparisonConfig(SequentialConfig):
    """Several scenarios, compared with a reference by paired seeds."""

    scenarios: list[str] = setting([], "scenarios to compare (`ci-sim scenarios` lists them)")
    reference: str | None = setting(None, "the scenario that the others are compared with (null: the first)")
    title: str = setting("Comparison", "title of the report")
    locale: str = choice("en", LOCALES, "language of the report")


@dataclass
class MatchConfig(Config):
    """A history match: the settings, over the spans of all parameters, that published numbers do not rule out."""

    numbers: str = setting(
        "group_size", "whose ranges are known: a pattern of configs/pattern, or a YAML file of your own like those"
    )
    samples: int = number(2048, "settings", 64, 10_000_000, "settings drawn from the spans")


@dataclass
class OverSettingsConfig(Config):
    """A study that can be made over many settings."""

    settings_file: str | None = setting(
        None,
        "settings to judge over: a CSV or Parquet table with a column a key, such as plausible.csv of ci-sim match",
    )


@dataclass
class ValidationConfig(OverSettingsConfig):
    """Published patterns, against what the model does."""

    patterns: list[str] | None = setting(None, "patterns to check, files of configs/pattern (null: all)")
    setting_replicates: int = number(24, "runs", 1, 10_000, "runs of each arm in each setting of settings_file")
    ask_again: int = number(
        4,
        "times",
        0,
        1000,
        "times as many runs, on fresh luck, for claims that stay open; their answer counts (0: stay open)",
    )


@dataclass
class InsightsConfig(OverSettingsConfig):
    """The four insights as questions: the default setting, the boundary map, and all combinations."""

    pairs: int = number(2000, "pairs", 2, 1_000_000, "pairs of runs in the default setting")
    settings: int = number(
        512, "settings", 64, 1_000_000, "settings of the boundary map without a settings_file; best a power of two"
    )
    setting_pairs: int = number(24, "pairs", 2, 10_000, "pairs of runs in each setting")
    case_pairs: int = number(500, "pairs", 2, 1_000_000, "pairs in the settings where each insight wins or loses most")
    combinations: int = number(1000, "runs", 2, 1_000_000, "replicates of each of the 16 combinations of the insights")
    subsets: int = number(400, "runs", 2, 1_000_000, "replicates of each of the 64 subsets of the components")
    locale: str = choice("en", LOCALES, "language of the page")


@dataclass
class CalibrationConfig(Config):
    """Which values of some parameters could have produced what is known, by approximate Bayesian computation."""

    targets: str = setting("published", "what is known: a file of configs/target, or a YAML file of your own")
    parameters: list[str] | None = setting(None, "parameters to calibrate (null: those that the targets' file names)")
    samples: int = number(1024, "settings", 64, 10_000_000, "settings drawn from the spans; best a power of two")
    accept: float = number(0.05, "share", 1e-6, 1, "share of the settings, those closest to the targets, that is kept")
    sweep: str | None = setting(
        None, "folder of a complete sweep whose settings are judged (null: settings are drawn and run here)"
    )
    checks: int = number(100, "settings", 20, 100_000, "settings of the result that are simulated anew, as a check")


@dataclass
class Design:
    """In which settings a sweep runs: how the parameters of `over` are varied together."""

    method: str = choice("sobol", DESIGNS, "how settings are chosen")
    samples: int = number(256, "settings", 1, 100_000_000, "settings of sobol and latin_hypercube (best a power of two), base "
                          "samples of saltelli, trajectories of morris")  # fmt: skip
    levels: int = number(
        3, "values", 2, 1000, "values of each range in factorial and one_at_a_time; grid of morris (even)"
    )
    second_order: bool = setting(True, "saltelli: settings for second-order indices too")
    file: str | None = setting(None, "table of settings for method=file: CSV or Parquet, a column a key")


@dataclass
class SweepConfig(SequentialConfig):
    """Many settings of some parameters, in one or several scenarios, on the same seeds or on seeds of their own."""

    study: str | None = setting(None, "a study: a file of configs/studies, or a YAML file of your own")
    title: str = setting("Sweep", "title of the study")
    question: str = setting("", "what the study asks, for whoever reads its folder later")
    scenarios: list[str] = setting([], "scenarios that each setting is run in, paired by seeds (none: the chosen one)")
    over: Any = setting(
        None,
        "parameters to vary: KEY: null (its span), [low, high] or a list of values; spans: all that have one",
    )
    design: Design = field(default_factory=Design)
    common_seeds: bool = setting(True, "all settings have the same seeds (false: each its own; scenarios stay paired)")
    shard: str | None = setting(
        None, "K/N: do only the K-th of N equal parts, for job arrays; a sweep without it merges"
    )


@dataclass
class OfSweepConfig(SweepConfig):
    """A question asked of a sweep that is there already, or is run for it."""

    sweep: str | None = setting(None, "folder of a complete sweep (null: run one, as `over` and `design` say)")


@dataclass
class SensitivityConfig(OfSweepConfig):
    """Which parameters decide."""

    outcomes: list[str] = setting(["formed"], "outcomes whose sensitivity is asked for")


@dataclass
class DiscoveryConfig(OfSweepConfig):
    """Where something happens, in words."""

    outcome: str = choice("formed", EFFECTS_ON, "what happens")
    effect_of: str | None = setting(
        None, "a scenario: ask about its paired effect on the outcome (null: the outcome itself)"
    )
    sign: str = choice(
        "negative", ("negative", "positive"), "effect_of: where the effect is clearly below, or above, 0"
    )
    above: float | None = setting(
        None, "settings whose mean outcome is above this (null: what divides them most evenly)"
    )


@dataclass
class ExplorationConfig(Config):
    """The page in a browser, and what it begins with."""

    locale: str = choice("en", LOCALES, "language of the page")
    port: int = number(8765, "port", 0, 65535, "port on this machine to serve the page at (0: any that is free)")
    open: bool = setting(True, "open the page in a browser")
    output: str | None = setting(None, "write the page as one file instead, and serve nothing")


@dataclass
class WhatIfConfig(SequentialConfig):
    """What if: one's own partners in, answers for a meeting out."""

    task: str = choice(
        "answer", ("answer", "check", "who", "plans"), "answer questions, check tables, who matters, or search plans"
    )
    questions: str | None = setting(
        None, "what is asked: a file of configs/ready_questions, or a YAML file of your own"
    )
    ask: Any = setting(
        None, "what is asked, typed: alternatives by name, such as ask={gone:{happens:[{month:8,leaves:NAME}]}}"
    )
    title: str = setting("", "title of the page (empty: that of the questions)")
    locale: str = choice("en", LOCALES, "language of pages and tables")
    template: str | None = setting(None, "write an example workbook to fill in into this folder, and do nothing else")
    live: bool = setting(True, "put the live page, on which levers are moved, into the page for the meeting")
    top: int = number(
        40, "organizations", 1, 1000, "who matters: how many organizations are asked about, the most connected first"
    )
    plans: Plans = field(default_factory=lambda: Plans())
