"""The documentation as a site: `make site` builds it in build/site, with the live page in it.

Sphinx, since it takes the pages as they are (Markdown, by MyST), the API from the docstrings, fails on a link that leads nowhere,
and gives a folder that works without a server or the internet; it has been kept for many years by many hands. Furo is its
plainest theme that reads well on a phone and in the dark.
"""

import os
import re
import shutil
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

from ci_sim import load_config
from ci_sim.browser.page import page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXTRA = ROOT / "build" / "extra"
INSIDE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}

project = "ci_sim"
author = "The ci_sim authors"
version = release = version_of("ci-sim")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["*.in", "examples", "notebooks"]
root_doc = "index"
html_theme = "furo"
html_title = "ci_sim"
html_copy_source = False
html_extra_path = [str(EXTRA)]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_fence_as_directive = ["math"]
html_math_renderer = "mathml"
myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
suppress_warnings = ["myst.header"]  # the pages begin at the level that their frames have

# The live page, in both languages, and what pages show of it.
shutil.rmtree(EXTRA, ignore_errors=True)
EXTRA.mkdir(parents=True)
for locale, name in (("en", "live.html"), ("he", "live_he.html")):
    (EXTRA / name).write_text(page(load_config("explore", [f"locale={locale}"])), encoding="utf-8")


def prepared(text: str, folder: Path) -> str:
    """Return a page as the site takes it: without mermaid's pictures, which lists below them say too, and with its links."""
    text = re.sub(r"```mermaid\n.*?```\n", "", text, flags=re.DOTALL)
    return re.sub(r"\[([^\]\n]+)\]\(([^)#:\s]+)(#[^)\s]*)?\)", lambda link: _led(link, folder), text)


def _led(link: re.Match, folder: Path) -> str:
    """Return a link as it leads in the site: files outside of the documentation are there to download, folders only named."""
    words, target, place = link[1], (folder / link[2]).resolve(), link[3] or ""
    if target.is_relative_to(DOCS) or words.startswith("!"):
        return f"[{words}]({os.path.relpath(target, DOCS)}{place})" if target.is_relative_to(DOCS) else link[0]
    inside = INSIDE.get(str(target.relative_to(ROOT)))
    if inside:
        return f"[{words}]({inside}{place})"
    return f"[{words}](path:{os.path.relpath(target, DOCS)})" if target.is_file() else words


def _read(_: Any, __: str, content: list[str]) -> None:
    content[0] = prepared(content[0], DOCS)


def _include(_: Any, path: Path, __: str, content: list[str]) -> None:
    content[0] = prepared(content[0], Path(path).parent if Path(path).is_absolute() else ROOT)


def _formula(writer: Any, node: Any) -> None:
    """Write a formula as MathML, which every browser draws by itself."""
    writer.body.append(convert(node.astext(), display="inline" if node.tagname == "math" else "block"))
    raise SkipNode


def setup(app: Any) -> None:
    """Tell Sphinx."""
    app.connect("source-read", _read)
    app.connect("include-read", _include)
    app.add_html_math_renderer("mathml", inline_renderers=(_formula, None), block_renderers=(_formula, None))
