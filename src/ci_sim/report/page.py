"""What all pages share: the templates, and pictures carried inside, so that a page is one file that opens anywhere."""

from __future__ import annotations

import base64
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from matplotlib.figure import Figure

from ci_sim.figures.style import save
from ci_sim.rules.parameters import declared
from ci_sim.texts import meaning, text


def template(name: str) -> Any:
    """Return a page's template; what it is not given is an error."""
    environment = Environment(
        loader=PackageLoader("ci_sim.report", "."),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def saved(folder: Path, figures: dict[str, Figure]) -> dict[str, str]:
    """Write figures as `figures/NAME.png`, and return each as a text that a page can carry."""
    (folder / "figures").mkdir(exist_ok=True)
    for name, figure in figures.items():
        save(figure, folder / "figures" / f"{name}.png")
    return {name: embedded(folder / "figures" / f"{name}.png") for name in figures}


def write_page(path: Path, **facts: Any) -> Path:
    """Write a page from the template of its name, with what the template is told; return its path."""
    page = template(f"{path.name}.j2").render(version=version("ci-sim"), **facts)
    path.write_text(page, encoding="utf-8")
    return path


def about(key: str, locale: str = "en") -> str:
    """Return what a parameter is, in words; an input that stands for a word of one, `KEY = WORD`, is 0 or 1."""
    name, _, word = key.partition(" = ")
    if locale != "en":
        return meaning(name, locale)
    told = declared().get(name, {}).get("about", "a lever" if "." not in name else "a switch")
    return f"{told} (1: {word}, 0: another)" if word else told


def does(scenario: str, described: str, locale: str) -> str:
    """Return what a scenario is, in a line; in another language than English as described where the texts do not know it."""
    try:
        return described if locale == "en" else text(f"scenarios.{scenario}.does", locale)
    except KeyError:  # a laboratory's
        return described


def embedded(picture: Path) -> str:
    """Return a picture as a text that an `img` element of a page can carry."""
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"
