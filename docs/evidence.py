"""Make `docs/evidence.md`, the insights' pages and the reference results from the studies that `make evidence` runs.

python docs/evidence.py FOLDER    FOLDER holds validation/, calibration/, insights/, sixth_component/ and ablations/, made by
                                  `make evidence`
"""

import argparse
import json
import shutil
from pathlib import Path

import pandas as pd
from pages import fill_in, markdown_table

from ci_sim.figures.calibration import known_and_simulated
from ci_sim.figures.style import save
from ci_sim.figures.validation import arms_of_a_pattern
from ci_sim.report.calibration import parameters_in_words, targets_in_words
from ci_sim.report.insights import components_page, in_points, insight_page, write_pictures
from ci_sim.report.validation import claims_in_words, tally
from ci_sim.studies.questions.insights import INSIGHTS, LESS, MORE, Answers
from ci_sim.studies.questions.validation import FAILS, HOLDS

DOCS = Path(__file__).parent
PICTURES = DOCS / "images" / "evidence"
REFERENCE = DOCS.parent / "results" / "reference"


def answers_from(folder: Path) -> Answers:
    """Read the tables of the insights' study."""
    tables = []
    for name in Answers._fields:
        path = folder / f"{name}.csv"
        tables.append(pd.read_csv(path) if path.exists() else pd.read_parquet(path.with_suffix(".parquet")))
    return Answers(*tables)


def keep_reference(folder: Path) -> dict[str, dict]:
    """Copy the small tables and the manifests (an experiment has none) into `results/reference/`; return the manifests."""
    manifests = {}
    for study in ("validation", "calibration", "insights", "sixth_component", "ablations"):
        target = REFERENCE / study
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in sorted((folder / study).glob("*.csv")):
            shutil.copy(path, target)
        if (manifest := folder / study / "manifest.json").exists():
            shutil.copy(manifest, target)
            manifests[study] = json.loads(manifest.read_text(encoding="utf-8"))
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


def calibration_part(targets: pd.DataFrame, parameters: pd.DataFrame, together: float) -> str:
    """Return what the calibrated settings make of the targets, and what the targets say about the parameters."""
    picture = "![Targets, the default setting and the calibrated settings](images/evidence/calibration.png)"
    share = f"{100 * together:.0f} % of the calibrated settings lie within the 95 % interval of every target at once."
    known, learnt = (
        markdown_table(words.columns, words.itertuples(index=False))
        for words in (targets_in_words(targets), parameters_in_words(parameters))
    )
    return "\n\n".join([picture, known, share, learnt])


def insights_part(answers: Answers) -> str:
    """Return a row for each insight: the default setting, and the settings in which it helps and fails."""
    rows = ["| insight | default setting | helps in | fails in | page |", "|---|---|---|---|---|"]
    default = answers.default_effects.set_index(["insight", "outcome"])
    shares = answers.shares.set_index(["insight", "outcome"])
    for insight in INSIGHTS:
        row, share = default.loc[(insight.number, "formed")], shares.loc[(insight.number, "formed")]
        change = in_points(row, " points")
        page = f"[insight {insight.number}](insight_{insight.number}.md)"
        cells = [insight.title, change, f"{100 * share[MORE]:.1f} %", f"{100 * share[LESS]:.1f} %", page]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def points(row: pd.Series) -> str:
    """Return an effect on the chance of forming in points, bold where its interval leaves out 0."""
    return f"**{in_points(row)}**" if row.ci_low > 0 or row.ci_high < 0 else in_points(row)


def sixth_component_part(effects: pd.DataFrame) -> str:
    """Return what the sixth component and its parts change in each setting, under each rule on signatures."""
    rows = []
    for (setting, signature), own in effects.groupby(["setting", "signature"], sort=False):
        cells = own.set_index("scenario")
        rows.append(
            [setting, signature, f"{cells['baseline'].iloc[0]:.0%}", *(points(row) for _, row in cells.iterrows())]
        )
    names = [name.replace("_", " ") for name in effects["scenario"].drop_duplicates()]
    return markdown_table(["setting", "signatures", "baseline forms", *names], rows)


def ablations_part(claims: pd.DataFrame, insights: pd.DataFrame) -> str:
    """Return how many claims hold without each mechanism, which are lost and won, and what the insights change without it."""
    whole = claims[claims["off"] == "nothing"].set_index(["pattern", "claim"])["verdict"]
    rows = []
    for off, own in claims.groupby("off", sort=False):
        verdict = own.set_index(["pattern", "claim"])["verdict"]
        lost = verdict.index[(whole == HOLDS) & (verdict != HOLDS)].get_level_values(0)
        won = verdict.index[(whole != HOLDS) & (verdict == HOLDS)].get_level_values(0)
        effects = insights[insights["off"] == off].set_index("insight")
        told = [points(effects.loc[name]) if name in effects.index else "–" for name in insights["insight"].unique()]
        share = f"{effects['baseline'].iloc[0]:.0%}"
        rows.append([off, f"{(verdict == HOLDS).sum()}", _counted(lost), _counted(won), share, *told])
    names = [name.replace("_", " ") for name in insights["insight"].unique()]
    return markdown_table(["without", "claims that hold", "lost", "won", "baseline forms", *names], rows)


def _counted(patterns: pd.Index) -> str:
    """Return patterns with how many of their claims are meant."""
    return ", ".join(f"`{name}` {count}" for name, count in patterns.value_counts(sort=False).items()) or "–"


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
    targets, parameters = (pd.read_csv(folder / "calibration" / f"{name}.csv") for name in ("targets", "parameters"))
    save(known_and_simulated(targets), PICTURES / "calibration.png")
    study = manifests["insights"]
    pairs = int(study["setting_pairs"])
    for insight in INSIGHTS:
        page = insight_page(insight, answers, pairs, "images/evidence")
        (DOCS / f"insight_{insight.number}.md").write_text(page, encoding="utf-8")
    (DOCS / "components.md").write_text(components_page(answers, "images/evidence") + "\n", encoding="utf-8")
    parts = {
        "VALIDATION": validation_part(claims),
        "CALIBRATION": calibration_part(targets, parameters, manifests["calibration"]["together"]),
        "CALIBRATED": str(len(parameters)),
        "INSIGHTS": insights_part(answers),
        "SIXTH": sixth_component_part(pd.read_csv(folder / "sixth_component" / "effects.csv")),
        "ABLATIONS": ablations_part(
            *(pd.read_csv(folder / "ablations" / f"{name}.csv") for name in ("claims", "insights"))
        ),
    }
    for name, manifest in manifests.items():
        seconds = manifest["seconds"]
        time = f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
        parts[f"{name.upper()} RUN"] = f"`{manifest['command']}`, seed {manifest['seed']}, {time}"
    fill_in(DOCS / "evidence.md", parts)


if __name__ == "__main__":
    main()
