"""What all pages share: the templates, and pictures carried inside, so that a page is one file that opens anywhere."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


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


def embedded(picture: Path) -> str:
    """Return a picture as a text that an `img` element of a page can carry."""
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"
