"""The record that the compiled rules read: one number a parameter, each under its own name, made from a configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
from omegaconf import OmegaConf

from ci_sim.rules.parameters import COMPONENTS, CONTEXTS, EVENTS, LEVELS, PARTS, PROFILE, SECTORS, STAGES

_FROM_GROUPS = {
    "trust": ("half_life", "broken_weight", "prior_weight", "generalization"),
    "willingness": ("prior", "half_life"),
    "group": ("prior", "prior_weight", "inside_weight"),
    "charter": ("hours", "mediator_hours", "account_hours", "restored"),
    "meeting": ("rate", "hours", "homophily"),
    "deliberation": ("bound", "convergence", "misperception", "voice"),
    "delivery": ("contact_stake", "small_stake", "step_hours", "observation", "season"),
    "agreement": ("step_trust", "signing_trust"),
    "commitment": ("cost", "noise", "shared_fate", "windows", "quorum"),
    "leaving": ("salience_half_life", "win", "participation_cost", "turnover", "turnover_loss"),
    "mandates": ("board_weeks",),
    "funding": ("instalment",),
    "intra_sector": ("share", "gossip"),
    "stages": ("readiness", "founding_share", "map_hours", "reserve_weeks"),
    "components": ("upkeep", "crowding", "easing", "reporting", "contact_saving", "staff", "introduction_hours", "fund", "wage"),
    "population": (
        "capacity", "capacity_spread", "influence_spread", "salience_spread", "reliability_spread", "trust_spread",
        "listening_spread", "firmness", "trust_homophily", "acquaintances", "acquaintances_within", "acquaintance_evidence",
        "difference",
    ),
}  # fmt: skip
_READ = (*_FROM_GROUPS, "context", "sequence")
_WHOLE_NUMBERS = {
    "charter": ("round_weeks", "tolerance"),
    "commitment": ("weeks",),
    "delivery": ("season_weeks",),
    "funding": ("round_weeks",),
    "leaving": ("patience",),
    "stages": ("core", "cohort", "cohort_weeks", "max_weeks", "map_weeks"),
}
_RENAMED = {
    ("meeting", "hours"): "meeting_hours",
    ("commitment", "weeks"): "formation_weeks",
    ("willingness", "prior"): "willingness",
    ("willingness", "half_life"): "willingness_half_life",
    ("group", "prior"): "group_prior",
    ("group", "prior_weight"): "group_prior_weight",
    ("charter", "hours"): "drafting_hours",
    ("funding", "round_weeks"): "funding_weeks",
    ("intra_sector", "share"): "caucus_share",
}

_SWITCHES = {  # that are read as they stand, and what the rules call them
    ("stages", "pilot"): "pilot",
    ("commitment", "known"): "known",
    ("commitment", "signature"): "signature",
    ("charter", "signs"): "charter_signs",
    ("willingness", "active"): "willingness_evidence",
    ("group", "active"): "group_evidence",
    ("mandates", "active"): "mandates",
}
_LEVERS = {*(("stages", name) for name in STAGES), *(("components", name) for name in COMPONENTS)}


def _rule_name(group: str, name: str) -> str:
    return _RENAMED.get((group, name), name)


def read_as_they_stand() -> dict[str, str]:
    """Return the configuration keys whose value is a number of the rules as it stands, and what the rules call it."""
    groups = (*_FROM_GROUPS.items(), *_WHOLE_NUMBERS.items())
    keys = {f"{group}.{name}": _rule_name(group, name) for group, names in groups for name in names}
    return keys | {f"{group}.{name}": rule for (group, name), rule in _SWITCHES.items()}


RULES = np.dtype(
    (
        np.record,
        [(_rule_name(group, name), "f8") for group, names in _FROM_GROUPS.items() for name in names]
        + [(_rule_name(group, name), "i8") for group, names in _WHOLE_NUMBERS.items() for name in names]
        + [(name, "f8") for name in (*STAGES, *COMPONENTS)]
        + [(f"{name}_{end}", "i8") for name in COMPONENTS for end in ("from", "until")]
        + [("calendar", "i8"), ("pilot", "i8"), ("known", "i8"), ("signature", "i8"), ("charter_signs", "i8")]
        + [("required", "i8", (3,))]
        + [(part, "i8") for part in PARTS]
        + [("willingness_evidence", "f8"), ("group_evidence", "f8")]
        + [("strengthening", "f8", (3,)), ("strengthening_from", "i8", (3,)), ("strengthening_until", "i8", (3,))]
        + [(f"sector_{level}", "i8", (3,)) for level in LEVELS]
        + [(f"profile_{trait}", "f8", (3,)) for trait in PROFILE]
        + [("mandates", "i8"), ("start_week", "i8"), ("first", "i8", (3,))]
        + [("context_low", "f8", (len(CONTEXTS),)), ("context_high", "f8", (len(CONTEXTS),))],
    )
)


def rules_from(config: Any) -> np.ndarray:
    """Return the record array of shape (1,) and dtype `RULES` that the compiled rules read, from a checked configuration."""
    table = np.zeros(1, dtype=RULES)
    rules = table[0]
    # Read at once, as each look into a configuration takes its time.
    told: Any = {group: OmegaConf.to_container(config[group], resolve=True) for group in _READ}
    for key, rule in read_as_they_stand().items():
        group, _, name = key.partition(".")
        rules[rule] = told[group][name]
    sequence = told["sequence"]
    rules.start_week = 1 + (sequence["weeks"] if sequence["first"] else 0)
    for name in STAGES:
        stage = told["stages"][name]
        rules[name] = stage["strength"] if stage["active"] else 0.0
    for component in COMPONENTS:
        lever = told["components"][component]
        at_work = lever["active"] and lever["kind"] not in told["components"]["without"]
        rules[component] = lever["strength"] if at_work else 0.0
        rules[f"{component}_from"] = max(lever["from_week"], rules.start_week)
        rules[f"{component}_until"] = lever["until_week"]
    rules.calendar = told["stages"]["admission"] == "calendar"
    for part in PARTS:
        rules[part] = part in told["components"]["trust_and_agreements"]["parts"]
    _set_sectors(rules, config, told)
    for c, name in enumerate(CONTEXTS):
        value = told["context"][name]
        rules.context_low[c], rules.context_high[c] = (value, value) if isinstance(value, int | float) else value
    return table


def _set_sectors(rules: Any, config: Any, told: Any) -> None:
    """Set what a record says of each sector."""
    required = told["commitment"]["required_sectors"]
    for s, sector in enumerate(SECTORS):
        strengthening = told["intra_sector"][sector]
        rules.strengthening[s] = strengthening["strength"] if strengthened(config, sector) else 0.0
        rules.strengthening_from[s], rules.strengthening_until[s] = (
            strengthening["from_week"],
            strengthening["until_week"],
        )
        for level in LEVELS:
            rules[f"sector_{level}"][s] = level in strengthening["levels"]
        for trait in PROFILE:
            rules[f"profile_{trait}"][s] = told["population"][sector][trait]
        rules.first[s] = sector in told["sequence"]["first"]
        rules.required[s] = sector in (config.sectors if required is None else required)


def strengthened(config: Any, sector: str) -> bool:
    """Return whether a configuration strengthens a sector: by itself, or with every sector that takes part."""
    asked = config["intra_sector"]
    return bool(asked[sector]["active"] or (asked["every"] and sector in config["sectors"]))


def set_rule(rules: np.ndarray, key: str, value: float | np.ndarray) -> None:
    """Set a number of the rules, in a record array of dtype `RULES`, by its configuration key.

    A context is fixed at the number; the strength of a lever is changed where the lever is on. An array sets a value a record.

    Raises:
        KeyError: if the rules have no number of that key.
    """
    group, _, name = key.partition(".")
    lever, _, what = name.partition(".")
    if what:
        _set_lever(rules, group, lever, what, value)
    elif group == "context":
        rules["context_low"][:, CONTEXTS.index(name)] = rules["context_high"][:, CONTEXTS.index(name)] = value
    elif name in (*_FROM_GROUPS.get(group, ()), *_WHOLE_NUMBERS.get(group, ())):
        rules[_rule_name(group, name)] = value
    else:
        raise KeyError(key)


def _set_lever(rules: np.ndarray, group: str, lever: str, what: str, value: float | np.ndarray) -> None:
    sector = group == "intra_sector" and lever in SECTORS
    if not sector and (group, lever) not in _LEVERS:
        raise KeyError(f"{group}.{lever}.{what}")
    field, column = ("strengthening", SECTORS.index(lever)) if sector else (lever, None)
    if what in ("from_week", "until_week") and group != "stages":
        weeks = rules[f"{field}_{what.removesuffix('_week')}"]
        begins = group == "components" and what == "from_week"
        (weeks if column is None else weeks[:, column])[:] = np.maximum(value, rules["start_week"]) if begins else value
    elif what == "strength":
        strengths = rules[field] if column is None else rules[field][:, column]
        strengths[:] = np.where(strengths > 0.0, value, 0.0)
    else:
        raise KeyError(f"{group}.{lever}.{what}")


def events_from(config: Any) -> np.ndarray:
    """Return the scheduled events of a checked configuration that concern all, as rows of `mechanisms.shocks`."""
    events = enumerate(config.events[name] for name in EVENTS)
    scheduled = [
        (event.week, kind, event.size, event.get("weeks", 1), -1, -1) for kind, event in events if event.active
    ]
    return np.array(scheduled, dtype=np.float64).reshape(-1, 6)
