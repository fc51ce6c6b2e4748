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

from ci_sim.browser.tables import TABLES, given_to_page, values_of
from ci_sim.configuration.partners import partners_from
from ci_sim.errors import UserError
from ci_sim.texts import DIRECTIONS, LOCALES, texts

_HERE = Path(__file__).parent
BUILT = _HERE / "built"
_TOLD = ("seed", "population.trust_scale")  # of a configuration, by the page in another place


def page(config: Any) -> str:
    """Return the page that begins with a checked configuration of `explore`.

    Raises:
        UserError: if events with a date are asked for, which the page does not know.
    """
    if config.happenings:
        raise UserError(
            "happenings: the page knows no events with a date; leave them out (run, compare and whatif know them)"
        )
    words = texts(config.locale)
    content = {
        "locale": config.locale,
        "direction": DIRECTIONS[config.locale],
        "version": version("ci-sim"),
        "title": words["title"],
        "noscript": words["no_webassembly"],
        "style": (BUILT / "style.css").read_text(encoding="utf-8"),
        "beginning": _json(_beginning(config)),
        "texts": _json({locale: page_texts(locale) for locale in LOCALES}),
        "tables": _json(_tables()),
        "engine": _compressed(BUILT / "engine.wasm"),
        "worker": _script(BUILT / "worker.js"),
        "licenses": (BUILT / "licenses.txt").read_text(encoding="utf-8").replace("<", "(").replace(">", ")"),
        "page": _script(BUILT / "page.js"),
    }
    frame = (_HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(r"%(\w+)%", lambda place: content[place[1]], frame)


def page_texts(locale: str) -> dict[str, Any]:
    """Return the texts of a language as the page takes them: with a meaning for each parameter, and a line for each scenario."""
    words, tables = texts(locale), _tables()
    if locale == "en":
        named = {name: words["scenarios"][name] | {"does": does} for name, does in tables["descriptions"].items()}
        return words | {"scenarios": named, "parameters": tables["meanings"]}
    told = words["parameters"]
    return words | {"parameters": {key: told.get(key, told.get(_alike(key))) for key in tables["meanings"]}}


def _alike(key: str) -> str:
    """Return the key of all that are alike but for a name in the middle."""
    return re.sub(r"^(\w+)\.\w+\.", r"\1.*.", key)


@lru_cache
def _tables() -> dict[str, Any]:
    """Return the tables that are built (see `tables`)."""
    return json.loads(TABLES.read_text(encoding="utf-8"))


def _beginning(config: Any) -> dict[str, Any]:
    """Return with what the page begins: a ready scenario, what the configuration sets besides, and the user's partners."""
    source = config.population.source
    own = _own_partners(config) if source == "from_files" else None
    tables = _tables()
    scenario = config.scenario.name if config.scenario.name in tables["scenarios"] else "baseline"
    ready = {key: parameter["value"] for key, parameter in tables["parameters"].items()}
    ready |= tables["populations"].get(source, {}).get("sets", {}) | tables["scenarios"][scenario]
    values = values_of(config)
    apart = {key: value for key, value in values.items() if ready[key] != value and key not in _TOLD}
    population = "own" if own else source
    return {
        "locale": config.locale,
        "seed": config.seed,
        "plan": {"scenario": scenario, "population": population, "set": apart},
        "own": own,
    }


def _own_partners(config: Any) -> dict[str, Any]:
    files = {
        "organizations": config.organizations,
        "ties": config.ties,
        "scale": list(config.population.trust_scale or (0.0, 1.0)),
    }
    return given_to_page(partners_from(config)) | {"files": files}


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
