"""How long does a strategist wait? Whole commands of `ci-sim whatif`, from the start of the program to the last file.

    python benchmarks/answers.py [--rounds N] [--long] [--json FILE]

The rules are compiled and kept by a first command that is not counted. The template is filled in with the ten organizations of
Knoke & Wood (1981) and their ties, as a user would. `--long` measures the search over plans too.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import openpyxl

from ci_sim import load_config
from ci_sim.configuration.partners import partners_from
from ci_sim.rules.parameters import SECTORS
from ci_sim.texts import text

QUESTIONS = ("half_a_year_of_stages", "the_ministry_leaves", "sign_a_charter")
Commands = list[list[str]]


def filled_in(book: Path, locale: str) -> None:
    """Fill a template in with the real organizations and who is in touch with whom."""
    partners = partners_from(load_config("baseline", ["population=knoke"]))
    workbook = openpyxl.load_workbook(book)
    people, ties = (workbook[text(f"template.{name}", locale)] for name in ("organizations", "ties"))
    for sheet in (people, ties):
        sheet.delete_rows(2, sheet.max_row)
    for name, sector in zip(partners.names, partners.given.sector, strict=True):
        people.append([name, text(f"sectors.{SECTORS[sector]}", locale)])
    for source, target in partners.given.ties:
        ties.append([partners.names[source], partners.names[target]])
    workbook.save(book)


def way_of_a_strategist(folder: Path, locale: str) -> Commands:
    """Return the commands from a template that is filled in to three questions with all their pages."""
    book = folder / "partners.xlsx"
    asked = [f"organizations='{book}'", f"locale={locale}"]
    questions = [[*asked, f"questions={name}", f"output_dir='{folder / name}'"] for name in QUESTIONS]
    return [["check", *asked], *questions]


def seconds_of(commands: Commands) -> float:
    """Return how long commands take, one after the other."""
    start = perf_counter()
    for words in commands:
        subprocess.run(
            [sys.executable, "-m", "ci_sim", "whatif", *words, "quiet=true"], check=True, stdout=subprocess.DEVNULL
        )
    return perf_counter() - start


def measured(folder: Path, rounds: int, long: bool) -> dict[str, float]:
    """Return the median seconds of each wait, by what it is for."""
    out = f"output_dir='{folder / 'out'}'"
    first: dict[str, Commands] = {
        "an answer, 60 partners": [["population.size=60", out]],
        "an answer, 60 partners, in Hebrew": [["population.size=60", "locale=he", out]],
    }
    once: dict[str, Commands] = {"who matters, 40 partners": [["who", "population.size=40", out]]}
    if long:
        once["a search over plans, 60 partners"] = [["plans", "population.size=60", f"output_dir='{folder / 'plans'}'"]]
    seconds_of([["replicates=100", "precision=null", out]])
    found = {name: median(seconds_of(commands) for _ in range(rounds)) for name, commands in first.items()}
    both = 0.0
    for locale in ("en", "he"):
        start = perf_counter()
        seconds_of([[f"template='{folder / locale}'", f"locale={locale}"]])
        filled_in(folder / locale / "partners.xlsx", locale)
        both += perf_counter() - start + seconds_of(way_of_a_strategist(folder / locale, locale))
    found["template, filled in, check, three questions, in both languages"] = both
    return found | {name: seconds_of(commands) for name, commands in once.items()}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="times that a short command is measured")
    parser.add_argument("--long", action="store_true", help="measure the search over plans too")
    parser.add_argument("--json", type=Path, help="also write the seconds here")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        found = measured(Path(folder), arguments.rounds, arguments.long)
    for name, seconds in found.items():
        print(f"{name:<70}{seconds:8.1f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
