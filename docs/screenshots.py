"""Make the pictures of the page that the documentation shows, in Chromium.

python docs/screenshots.py
"""

import shutil
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from ci_sim import load_config
from ci_sim.browser.page import page
from ci_sim.texts import text

IMAGES = Path(__file__).parent / "images"


def watch(opened: Page) -> None:
    """Somebody is looked at."""
    opened.locator(".reasons select").select_option("2")
    opened.wait_for_timeout(1500)  # until the picture has come to rest


def compare(opened: Page) -> None:
    """Both plans have run."""
    opened.get_by_role("button", name=text("results.start", n=200)).click()
    opened.get_by_text(text("results.done", n=200, all=200)).wait_for(timeout=120_000)
    opened.wait_for_timeout(500)


PICTURES = {
    "explore_watch": ("en", "#view=watch&seed=22&week=60&population=knoke", (1400, 1000), watch),
    "explore_watch_he": ("he", "#view=watch&seed=22&week=60&scenario=four_insights", (1400, 1000), watch),
    "explore_compare": (
        "en",
        "#view=compare&seed=3&scenario=baseline&b.scenario=intra_sector&week=12",
        (1400, 1500),
        compare,
    ),
}


def _keep(picture: bytes, path: Path) -> None:
    """Write a picture in few colours, which it has, so that it is small."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


def main() -> None:
    """Take all pictures."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "page.html"
        path.write_text(page(load_config("explore")), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (locale, address, (width, height), act) in PICTURES.items():
            opened = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
            opened.goto(f"{path.as_uri()}?locale={locale}{address}")
            act(opened)
            _keep(opened.screenshot(), IMAGES / f"{name}.png")
            opened.close()
        browser.close()


if __name__ == "__main__":
    main()
