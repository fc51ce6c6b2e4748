"""The texts of pages: each language has all of them, with the same things to fill in."""

import re
from string import Formatter

import pytest
from omegaconf import OmegaConf

from ci_sim.browser.page import page_texts
from ci_sim.configuration.composition import configs_folder
from ci_sim.texts import LOCALES, text, texts

OTHERS = [locale for locale in LOCALES if locale != "en"]


def leaves(node: dict, prefix: str = "") -> dict[str, str]:
    """Return all texts by key, the parts of which are joined by bars."""
    found: dict[str, str] = {}
    for key, value in node.items():
        found |= leaves(value, f"{prefix}{key}|") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


@pytest.mark.parametrize("locale", OTHERS)
def test_no_text_is_missing_in_another_language(locale):
    english, other = leaves(page_texts("en")), leaves(page_texts(locale))
    assert set(other) == set(english)
    assert [key for key, value in other.items() if not isinstance(value, str)] == []
    assert [key for key, value in other.items() if not value and english[key]] == []


@pytest.mark.parametrize("locale", OTHERS)
def test_texts_are_filled_in_with_the_same_facts_in_all_languages(locale):
    english, other = leaves(texts("en")), leaves(texts(locale))

    def facts(value: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(value) if name}

    assert [key for key in english if facts(english[key]) != facts(other[key])] == []


def test_hebrew_texts_are_in_hebrew():
    letters = re.compile(r"[א-ת]")
    latin = {key for key, value in leaves(texts("he")).items() if value and not letters.search(value)}
    assert latin <= {
        "log|event",
        "partners|cell",
        "partners|cell_with",
        "insights|percent",
        "insights|below",
    }  # which only place what they are given


def test_every_experiment_has_a_title_in_all_languages():
    titles = {str(OmegaConf.load(path).title) for path in (configs_folder() / "experiment").glob("*.yaml")}
    assert titles <= set(texts("en")["comparison"]["titles"])


def test_no_parameter_has_a_text_that_is_of_none():
    told, asked = texts("he")["parameters"], page_texts("en")["parameters"]
    used = {key if key in told else re.sub(r"^(\w+)\.\w+\.", r"\1.*.", key) for key in asked}
    assert set(told) == used


def test_a_text_says_what_it_was_not_told():
    assert text("partners.no_file", path="x.csv") == "x.csv: there is no such file"
    with pytest.raises(KeyError):
        text("partners.no_file")
