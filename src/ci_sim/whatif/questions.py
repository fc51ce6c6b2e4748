"""Questions: a base plan and alternatives to it, each a few changes and events with dates, from a file or typed.

A file holds `title`, `base` and `alternatives`, by name; `base` and each alternative hold any of

- `title`: what it is called on the page; a text, or a text for each language (`{en: …, he: …}`);
- `scenario`: a ready scenario to start from;
- `set`: configuration keys with their values, nested or dotted, and groups with their options (`stages: all`);
- `happens`: events with dates (see `ci_sim.configuration.happenings`).

A partner is named, or chosen: `@most_connected`, `@most_connected government`, `@most_connected 2` stand for the one (the 2nd)
with the most ties in the table, of all or of a sector; where there are no ties, the most influential; where neither is known, the
first of the table. In a title it stands in braces: `{@most_connected} leaves`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from omegaconf import OmegaConf

from ci_sim.configuration.composition import (
    as_typed,
    configs_folder,
    flat,
    in_scenario,
    read_yaml,
    scenario_names,
    with_values,
)
from ci_sim.configuration.partners import Partners, partners_from
from ci_sim.errors import UserError
from ci_sim.rules.parameters import SECTORS
from ci_sim.simulation.ensemble import Job, job_from
from ci_sim.texts import LOCALES, suggestion, text

BASE = "base"
_OF_FILE = ("title", "base", "alternatives")
_OF_ALTERNATIVE = ("title", "scenario", "set", "happens")
_CHOSEN = re.compile(rf"@most_connected(?: (?P<sector>{'|'.join(SECTORS)}))?(?: (?P<rank>\d+))?")


class Alternative(NamedTuple):
    """One way in which things could go."""

    name: str
    title: str
    config: Any
    job: Job
    changes: tuple[str, ...]  # what it sets besides the base, as KEY=VALUE, for whoever wants to repeat it


class Question(NamedTuple):
    """What is asked: the base first, then its alternatives."""

    title: str
    alternatives: list[Alternative]
    chosen: dict[str, str]  # which partner stands for what was written, such as `@most_connected government`


def question_of(config: Any) -> Question:
    """Return what a checked configuration of `whatif` asks; without questions, of the base alone whether it will form.

    Raises:
        UserError: that names the file and the alternative, and what is allowed.
    """
    where, content = _asked(config)
    partners, chosen = partners_from(config), {}  # type: ignore[var-annotated]
    base_told = _told(where, BASE, content.get("base") or {})
    base = _changed(where, BASE, config, base_told, partners, chosen)
    alternatives = [_alternative(where, BASE, base_told, base, config, config.locale)]
    for name, told in (content.get("alternatives") or {}).items():
        own = _told(where, str(name), told)
        changed = _changed(where, str(name), base, own, partners, chosen)
        alternatives.append(_alternative(where, str(name), own, changed, base, config.locale))
    title = config.title or _in_language(
        where, "title", content.get("title", text("whatif.will_it_form", config.locale)), config.locale
    )
    return Question(title, alternatives, chosen)


def _asked(config: Any) -> tuple[str, dict[str, Any]]:
    """Return where the questions stand, and what they say."""
    if config.questions and config.ask is not None:
        raise UserError("questions and ask: give one of the two")
    if config.ask is not None:
        told: Any = OmegaConf.to_container(config.ask, resolve=True) if OmegaConf.is_config(config.ask) else config.ask
        if not isinstance(told, dict):
            raise UserError("ask: must be alternatives by name, such as ask={gone:{happens:[{month:8,leaves:NAME}]}}")
        return "ask", {"alternatives": told, "title": text("whatif.asked", config.locale)}
    if not config.questions:
        return "questions", {}
    path, content = read_yaml("questions", config.questions, "ready_questions")
    if not isinstance(content, dict):
        raise UserError(f"{path}: must hold {', '.join(_OF_FILE)}")
    for key in content:
        if key not in _OF_FILE:
            raise UserError(
                f"{path}: {key} is not known{suggestion(str(key), _OF_FILE)}; there are: {', '.join(_OF_FILE)}"
            )
    if not isinstance(content.get("alternatives") or {}, dict):
        raise UserError(f"{path}: alternatives: must be named: NAME: {{title: …, set: …, happens: …}}")
    if BASE in (content.get("alternatives") or {}):
        raise UserError(f"{path}: alternatives: base is the name of what they are compared with; name it otherwise")
    return str(path), content


def _told(where: str, name: str, told: Any) -> dict[str, Any]:
    """Return what is told of one alternative."""
    if not isinstance(told, Mapping):
        raise UserError(f"{where}: {name}: must hold some of {', '.join(_OF_ALTERNATIVE)}")
    for key in told:
        if key not in _OF_ALTERNATIVE:
            slip = suggestion(str(key), _OF_ALTERNATIVE)
            raise UserError(f"{where}: {name}: {key} is not known{slip}; there are: {', '.join(_OF_ALTERNATIVE)}")
    if not isinstance(told.get("set") or {}, Mapping) or not isinstance(told.get("happens") or [], list):
        raise UserError(f"{where}: {name}: set must be keys with their values, and happens a list of events")
    return dict(told)


def _changed(
    where: str, name: str, config: Any, told: dict[str, Any], partners: Partners, chosen: dict[str, str]
) -> Any:
    """Return the configuration of an alternative."""
    try:
        if told.get("scenario"):
            if told["scenario"] not in scenario_names():
                there = suggestion(str(told["scenario"]), scenario_names())
                raise UserError(f"scenario={told['scenario']}: is unknown{there}; `ci-sim scenarios` lists them")
            config = in_scenario(config, str(told["scenario"]))
        values = {str(key): value for key, value in flat(dict(told.get("set") or {})).items()}
        _refuse_unknown(config, values)
        happens = [_with_names(happening, partners, chosen) for happening in told.get("happens") or []]
        before = OmegaConf.to_container(config.happenings, resolve=True)
        return with_values(config, {**values, **({"happenings": [*before, *happens]} if happens else {})})  # type: ignore[misc]
    except UserError as error:
        raise UserError(f"{where}: {name}: {error}") from None


def _refuse_unknown(config: Any, values: dict[str, Any]) -> None:
    """Refuse keys that the model does not have."""
    known = [*flat(OmegaConf.to_container(config, resolve=False)), "stages", "components", "intra_sector", "events"]
    for key in values:
        if key not in known:
            raise UserError(f"{key} is not a known key{suggestion(key, known)}; docs/parameters.md lists them")


def _with_names(happening: Any, partners: Partners, chosen: dict[str, str]) -> Any:
    """Return a happening with the name of each partner that it chooses."""
    if isinstance(happening, Mapping):
        return {key: _with_names(value, partners, chosen) for key, value in happening.items()}
    if isinstance(happening, list):
        return [_with_names(value, partners, chosen) for value in happening]
    if not isinstance(happening, str) or not happening.startswith("@"):
        return happening
    place = _chosen(happening, partners)
    chosen[happening] = partners.names[place]
    return partners.ids[place]


def _chosen(written: str, partners: Partners) -> int:
    """Return the place of the partner that is chosen by its ties."""
    found = _CHOSEN.fullmatch(" ".join(written.split()))
    if not found:
        raise UserError(f"{written}: must be @most_connected, with a sector and a rank behind it or not")
    ranked = by_connections(partners, found["sector"])
    rank = int(found["rank"] or 1)
    if not 1 <= rank <= len(ranked):
        raise UserError(f"{written}: there are {len(ranked)} such organizations")
    return ranked[rank - 1]


def by_connections(partners: Partners, sector: str | None = None) -> list[int]:
    """Return the organizations, of all or of a sector, the most connected first (see the module), by their places."""
    ties = np.bincount(partners.given.ties.ravel(), minlength=len(partners.ids))
    influence = np.nan_to_num(partners.given.influence)
    places = [i for i in range(len(partners.ids)) if sector is None or SECTORS[partners.given.sector[i]] == sector]
    return sorted(places, key=lambda i: (-ties[i], -influence[i], i))


def _alternative(where: str, name: str, told: dict[str, Any], config: Any, reference: Any, locale: str) -> Alternative:
    """Return an alternative, ready to run."""
    default = text("whatif.base", locale) if name == BASE else name.replace("_", " ")
    title = _in_language(where, name, told.get("title", default), locale)
    job = job_from(config)._replace(name=name)
    title = re.sub(r"\{(@[^{}]*)\}", lambda found: job.partners.names[_chosen(found[1], job.partners)], title)
    now, before = (flat(OmegaConf.to_container(c, resolve=True)) for c in (config, reference))  # type: ignore[arg-type]
    changes = tuple(
        f"{key}={as_typed(value)}"
        for key, value in now.items()
        if before.get(key) != value and not key.startswith("scenario.")
    )
    return Alternative(name, title, config, job, changes)


def _in_language(where: str, name: str, told: Any, locale: str) -> str:
    """Return a text that is given once, or for each language."""
    if isinstance(told, Mapping):
        if not told or not set(told) <= set(LOCALES):
            raise UserError(f"{where}: {name}: title: must be a text, or one for each of {', '.join(LOCALES)}")
        return str(told.get(locale, next(iter(told.values()))))
    return str(told)


def ready_questions() -> tuple[Path, ...]:
    """Return the ready questions' files."""
    return tuple(sorted((configs_folder() / "ready_questions").glob("*.yaml")))
