"""The texts of pages and reports: one file a language, `en.yaml` and `he.yaml`, with the same keys."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LOCALES = ("en", "he")


@lru_cache
def texts(locale: str) -> dict[str, Any]:
    """Return all texts of a language, nested by key."""
    path = Path(__file__).parent / f"{locale}.yaml"
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def text(key: str, locale: str = "en", /, **facts: object) -> str:
    """Return the text of a dotted key in a language, what stands in {braces} filled in.

    Raises:
        KeyError: if there is no such text, or a fact is missing.
    """
    return _found(texts(locale), key).format_map(facts)


def _found(node: dict[str, Any], key: str) -> str:
    """Return the text under a dotted key; a name in the texts may have dots itself."""
    if isinstance(node.get(key), str):
        return node[key]
    for name, inner in node.items():
        if isinstance(inner, dict) and key.startswith(f"{name}."):
            return _found(inner, key.removeprefix(f"{name}."))
    raise KeyError(key)
