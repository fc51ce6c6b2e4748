"""How fast is the page? From opening it to the first picture, a week drawn, and hundreds of runs in the background.

    python benchmarks/page.py [--rounds N] [--json FILE]

In Debian's Chromium, without a graphics processor, so that a usual computer is faster. *Work a week* is the time that the page's
own thread is busy for a week that is shown, with everything that is drawn anew, where each frame shows another week; at 16 ms
that is 60 weeks a second.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from ci_sim import load_config
from ci_sim.browser.page import page
from ci_sim.texts import text

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}
SLOWER = 4  # times that a phone is slower
RUNS = 200
FIRST_PICTURE = """new Promise((found) => {
  const look = () => {
    const [mark] = performance.getEntriesByName("first picture");
    return mark ? found(mark.startTime) : setTimeout(look, 5);
  };
  look();
})"""


def first_picture(browser: Browser, address: str, slower: int = 1, **device: Any) -> float:
    """Return the seconds from opening the page to its first picture."""
    opened = browser.new_page(**device)
    opened.context.new_cdp_session(opened).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    opened.goto(address)
    seconds = opened.evaluate(FIRST_PICTURE) / 1000
    opened.close()
    return seconds


def work_a_week(browser: Browser, address: str, size: int) -> float:
    """Return the milliseconds of the page's thread for each week of a run that is stepped through."""
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(f"{address}#view=watch&scenario=four_insights&seed=1&population.size={size}")
    opened.evaluate(FIRST_PICTURE)
    session = opened.context.new_cdp_session(opened)
    session.send("Performance.enable")
    busy = _busy(session)
    weeks = opened.evaluate(
        """async () => {
          const slider = document.querySelector("input[type=range][max='156']");
          for (let week = 1; week <= 156; week++) {
            slider.value = week;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise(requestAnimationFrame);
          }
          return 156;
        }"""
    )
    milliseconds = 1000 * (_busy(session) - busy) / weeks
    opened.close()
    return milliseconds


def _busy(session: Any) -> float:
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"]


def many_runs(browser: Browser, address: str) -> float:
    """Return the seconds that twice 200 runs of 60 organizations take, from the click to the last pair."""
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(f"{address}#view=compare&scenario=baseline&b.scenario=sixth_component")
    start = opened.get_by_role("button", name=text("results.start", n=RUNS))
    start.wait_for()
    began = perf_counter()
    start.click()
    opened.get_by_text(text("results.done", n=RUNS, all=RUNS)).wait_for(timeout=120_000)
    seconds = perf_counter() - began
    opened.close()
    return seconds


def measured(rounds: int) -> dict[str, dict[str, float]]:
    """Return each figure's median, least and greatest over some rounds."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "page.html"
        path.write_text(page(load_config("explore")), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        address = path.as_uri()
        figures: dict[str, Callable[[], float]] = {
            "first picture, seconds": lambda: first_picture(browser, address),
            "first picture on a phone four times slower, seconds": lambda: first_picture(
                browser, address, SLOWER, **PHONE
            ),
            "work a week, 60 organizations, milliseconds": lambda: work_a_week(browser, address, 60),
            "work a week, 300 organizations, milliseconds": lambda: work_a_week(browser, address, 300),
            "2 x 200 runs of 60 organizations, seconds": lambda: many_runs(browser, address),
        }
        found = {name: [figure() for _ in range(rounds)] for name, figure in figures.items()}
        size = path.stat().st_size
    table = {name: {"median": median(v), "least": min(v), "greatest": max(v)} for name, v in found.items()}
    return table | {"the page as one file, megabytes": dict.fromkeys(("median", "least", "greatest"), size / 1e6)}


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if shutil.which("chromium") is None:
        parser.exit(2, "the page is measured in Chromium, which is not here (Debian's package chromium)\n")
    table = measured(arguments.rounds)
    for name, row in table.items():
        print(f"{name:<56}{row['median']:8.3g}   ({row['least']:.3g} to {row['greatest']:.3g})")
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
