"""The page as one file: the bundle, the rules' module, the tables and the texts, put into one HTML that asks for nothing else."""

from __future__ import annotations

import base64
import gzip
import json
import re
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from ci_sim.browser.tables import TABLES, given_to_page, values_of
from ci_sim.configuration.happenings import happenings_from
from ci_sim.configuration.partners import Partners, partners_from
from ci_sim.texts import DIRECTIONS, LOCALES, meaning, texts

_HERE = Path(__file__).parent
BUILT = _HERE / "built"
_OF_REPORTS = (  # texts that the page has no use for
    "comparison", "course", "insights", "network", "plans", "readings", "template", "warnings", "whatif", "who",
)  # fmt: skip
_TOLD = ("seed", "population.trust_scale")  # of a configuration, by the page in another place


def page(config: Any, other: Any = None) -> str:
    """Return the page that begins with a checked configuration of `explore`.

    Args:
        other: a configuration of the same partners, the second plan of the view in which two are compared.
    """
    words = texts(config.locale)
    content = {
        "locale": config.locale,
        "direction": DIRECTIONS[config.locale],
        "version": version("ci-sim"),
        "title": words["title"],
        "noscript": words["no_webassembly"],
        "style": (BUILT / "style.css").read_text(encoding="utf-8"),
        "beginning": _json(_beginning(config, other)),
        "texts": _json({locale: _of_page(page_texts(locale)) for locale in LOCALES}),
        "tables": _json(_tables()),
        "engine": _compressed(BUILT / "engine.wasm"),
        "worker": _script(BUILT / "worker.js"),
        "licenses": (BUILT / "licenses.txt").read_text(encoding="utf-8").replace("<", "(").replace(">", ")"),
        "page": _script(BUILT / "page.js"),
    }
    frame = (_HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(r"%(\w+)%", lambda place: content[place[1]], frame)


def page_texts(locale: str) -> dict[str, Any]:
    """Return all texts of a language as the page knows them: with a meaning for each parameter, and a line for each scenario."""
    words, tables = texts(locale), _tables()
    if locale == "en":
        named = {name: words["scenarios"][name] | {"does": does} for name, does in tables["descriptions"].items()}
        return words | {"scenarios": named, "parameters": tables["meanings"]}
    return words | {"parameters": {key: meaning(key, locale) for key in tables["meanings"]}}


@lru_cache
def _tables() -> dict[str, Any]:
    """Return the tables that are built (see `tables`)."""
    return json.loads(TABLES.read_text(encoding="utf-8"))


def _of_page(words: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in words.items() if key not in _OF_REPORTS}


def _beginning(config: Any, other: Any) -> dict[str, Any]:
    """Return with what the page begins: one plan or two, the events with a date that they know, and the user's partners."""
    partners = partners_from(config)
    own = given_to_page(partners) | {"files": _files(config)} if config.population.source == "from_files" else None
    happenings: list[dict[str, Any]] = []
    plans = [_plan(each, partners, happenings) for each in (config, other) if each is not None]
    return {"locale": config.locale, "seed": config.seed, "plans": plans, "happenings": happenings, "own": own}


def _plan(config: Any, partners: Partners, happenings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a plan as the page has it: a ready scenario, what the configuration sets besides, and which happenings are its own.

    Args:
        partners: those of the configuration.
        happenings: all that the page knows, to which those of this plan are added.
    """
    source, tables = config.population.source, _tables()
    scenario = config.scenario.name if config.scenario.name in tables["scenarios"] else "baseline"
    ready = {key: parameter["value"] for key, parameter in tables["parameters"].items()}
    ready |= tables["populations"].get(source, {}).get("sets", {}) | tables["scenarios"][scenario]
    values = values_of(config)
    apart = {key: value for key, value in values.items() if ready[key] != value and key not in _TOLD}
    told = _happenings(config, partners)
    happenings += [happening for happening in told if happening not in happenings]
    if told:
        apart["happenings"] = [happenings.index(happening) for happening in told]
    return {"scenario": scenario, "population": "own" if source == "from_files" else source, "set": apart}


def _happenings(config: Any, partners: Partners) -> list[dict[str, Any]]:
    """Return the events with a date, each as typed and as the rules read it, but for the ids of whom it is about."""
    typed: Any = OmegaConf.to_container(config.happenings, resolve=True)
    return [
        {"typed": told, "row": list(row[:4]), "who": [partners.ids[int(place)] for place in row[4:] if place >= 0]}
        for told, row in zip(typed, happenings_from(config, partners), strict=True)
    ]


def _files(config: Any) -> dict[str, Any]:
    """Return where the user's partners come from."""
    return {
        "organizations": config.organizations,
        "ties": config.ties,
        "mapping": config.mapping,
        "scale": list(config.population.trust_scale or (0.0, 1.0)),
    }


def _json(content: Any) -> str:
    """Return JSON that can stand in a page whatever texts it holds."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _script(path: Path) -> str:
    """Return a script that can stand in a page: no text of it ends the element that holds it."""
    return re.sub(
        r"</(?=script|style)|<!--", lambda found: found[0].replace("<", "\\x3c"), path.read_text(encoding="utf-8")
    )


def _compressed(path: Path) -> str:
    return base64.b64encode(gzip.compress(path.read_bytes(), mtime=0)).decode()
