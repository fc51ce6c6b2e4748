"""The texts of pages and reports: one file a language, `en.yaml` and `he.yaml`, with the same keys."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LOCALES = ("en", "he")
DIRECTIONS = {"en": "ltr", "he": "rtl"}


@lru_cache
def texts(locale: str) -> dict[str, Any]:
    """Return all texts of a language, nested by key."""
    return words_in(Path(__file__).parent / f"{locale}.yaml")


def words_in(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file of words, by the quicker parser where it is there."""
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def suggestion(word: str, known: Iterable[str], compared: Callable[[str], str] = str) -> str:
    """Return “ (did you mean …?)” with the known word that is closest, or nothing if none is close.

    Args:
        compared: returns a word in the form in which words are compared.
    """
    words = {compared(name): name for name in known}
    close = difflib.get_close_matches(compared(word), words, n=1, cutoff=0.6)
    return text("partners.near", near=words[close[0]]) if close else ""


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


def meaning(key: str, locale: str) -> str:
    """Return what a parameter is in another language than English, in which it is declared with the parameter itself.

    Raises:
        KeyError: if the language has no text for it, nor one for all that are alike but for a name in the middle (`*`).
    """
    told = texts(locale)["parameters"]
    return told[key] if key in told else told[re.sub(r"^(\w+)\.\w+\.", r"\1.*.", key)]
