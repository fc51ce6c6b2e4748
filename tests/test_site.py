"""The documentation as a site: it is built without a warning, and works from a folder."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    pytest.importorskip("sphinx")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(ROOT / "docs"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_link_and_picture_leads_to_a_file_of_the_site(site):
    pages = [path for path in site.rglob("*.html") if not path.name.startswith("live")]
    assert len(pages) > 20
    for page in pages:
        for target in re.findall(r'(?:href|src)="([^"#?]+)[^"]*"', page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target):
                assert (page.parent / unquote(target)).exists(), f"{page.name}: {target}"


def test_nothing_is_fetched_from_elsewhere(site):
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert (
            re.findall(r'<(?:script|img|iframe)[^>]*src="https?:|<link[^>]*rel="stylesheet"[^>]*href="https?:', text)
            == []
        )


def test_the_live_page_is_in_it_in_both_languages(site):
    first = (site / "index.html").read_text(encoding="utf-8")
    shown = re.search(r'<iframe src="([^"#]+)', first)[1]
    for name in (shown, "live_he.html"):
        assert 'id="engine"' in (site / name).read_text(encoding="utf-8")
