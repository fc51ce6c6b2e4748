"""Make `docs/evidence.md`, the insights' pages and the reference results from the two studies that `make evidence` runs.

python docs/evidence.py FOLDER    FOLDER holds validation/ (of `ci-sim validate`) and insights/ (of `ci-sim insights`)
"""

import argparse
import json
import shutil
from pathlib import Path

import pandas as pd

from ci_sim.figures.style import save
from ci_sim.figures.validation import arms_of_a_pattern
from ci_sim.report.insights import components_page, insight_page, write_pictures
from ci_sim.report.validation import claims_in_words, tally
from ci_sim.studies.insights import INSIGHTS, LESS, MORE, Answers
from ci_sim.studies.validation import FAILS

DOCS = Path(__file__).parent
PICTURES = DOCS / "images" / "evidence"
REFERENCE = DOCS.parent / "results" / "reference"
LARGE = ("settings", "setting_effects")  # too large to be committed


def answers_from(folder: Path) -> Answers:
    """Read the tables of the insights' study."""
    tables = []
    for name in Answers._fields:
        path = folder / f"{name}.csv"
        tables.append(pd.read_csv(path) if path.exists() else pd.read_parquet(path.with_suffix(".parquet")))
    return Answers(*tables)


def keep_reference(folder: Path) -> dict[str, dict]:
    """Copy the small tables and the manifests into `results/reference/`; return the manifests."""
    manifests = {}
    for study in ("validation", "insights"):
        target = REFERENCE / study
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in sorted((folder / study).glob("*.csv")):
            shutil.copy(path, target)
        shutil.copy(folder / study / "manifest.json", target)
        manifests[study] = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return manifests


def validation_part(claims: pd.DataFrame) -> str:
    """Return the table of claims as it came out, and the discussion of what fails."""
    words = claims_in_words(claims)
    source = claims["source"] + " (" + claims["basis"] + ")"
    rows = [
        "| pattern and source | claim | measured | simulated | 95 % interval | n | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    told = claims["published"] + " " + source
    first = ~claims["pattern"].duplicated()
    for (_, row), published, opens in zip(words.iterrows(), told, first, strict=True):
        verdict = row["verdict"] if row["verdict"] != FAILS else "**fails**"
        pattern = f"`{row['pattern']}`: {published}" if opens else f"`{row['pattern']}`"
        cells = [pattern, row["claim"], row["measured"], row["simulated"]]
        rows.append(f"| {' | '.join([*cells, row['95% interval'], row['n'], verdict])} |")
    failed = claims[claims["verdict"] == FAILS].drop_duplicates("pattern")
    discussions = [f"- `{row.pattern}`: {row.discussion}" for row in failed.itertuples()]
    return "\n".join([tally(claims), "", *rows, "", "### What fails, and why", "", *discussions])


def insights_part(answers: Answers) -> str:
    """Return a row for each insight: the default setting, and the settings in which it helps and fails."""
    rows = ["| insight | default setting | helps in | fails in | page |", "|---|---|---|---|---|"]
    default = answers.default_effects.set_index(["insight", "outcome"])
    shares = answers.shares.set_index(["insight", "outcome"])
    for insight in INSIGHTS:
        row, share = default.loc[(insight.number, "formed")], shares.loc[(insight.number, "formed")]
        change = f"{100 * row.estimate:+.1f} points ({100 * row.ci_low:+.1f} to {100 * row.ci_high:+.1f})".replace(
            "-", "−"
        )
        page = f"[insight {insight.number}](insight_{insight.number}.md)"
        cells = [insight.title, change, f"{100 * share[MORE]:.1f} %", f"{100 * share[LESS]:.1f} %", page]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    """Write the pages, the pictures and the reference results."""
    parser = argparse.ArgumentParser(description="Make the evidence pages from the results of `make evidence`.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    manifests = keep_reference(folder)
    answers = answers_from(folder / "insights")
    claims = pd.read_csv(folder / "validation" / "patterns.csv").fillna({"discussion": ""})
    write_pictures(PICTURES, answers)
    for name, arms in pd.read_csv(folder / "validation" / "arms.csv").groupby("pattern"):
        save(arms_of_a_pattern(arms), PICTURES / f"pattern_{name}.png")
    study = manifests["insights"]
    pairs = int(study["setting_pairs"])
    for insight in INSIGHTS:
        page = insight_page(insight, answers, {"setting_pairs": pairs}, "images/evidence")
        (DOCS / f"insight_{insight.number}.md").write_text(page, encoding="utf-8")
    (DOCS / "components.md").write_text(components_page(answers, "images/evidence") + "\n", encoding="utf-8")
    frame = (DOCS / "evidence.md.in").read_text(encoding="utf-8")
    page = frame.replace("@VALIDATION@", validation_part(claims)).replace("@INSIGHTS@", insights_part(answers))
    for name, manifest in manifests.items():
        facts = f"`{manifest['command']}`, seed {manifest['seed']}, {manifest['seconds'] / 60:.0f} minutes"
        page = page.replace(f"@{name.upper()} RUN@", facts)
    (DOCS / "evidence.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
