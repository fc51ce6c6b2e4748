"""Make the pages of evidence, what changed, sectors, insights and the article, and the reference results, after `make evidence`.

python docs/evidence.py FOLDER    FOLDER holds a folder for each of STUDIES
"""

import argparse
import json
import shutil
from pathlib import Path

import pandas as pd
from pages import fill_in, markdown_table

from ci_sim.figures.calibration import known_and_simulated, ranges_and_settings
from ci_sim.figures.style import SECTOR_LABELS, save, signed_number
from ci_sim.figures.validation import arms_of_a_pattern, measure_label
from ci_sim.report.calibration import parameters_in_words, targets_in_words
from ci_sim.report.insights import MapFacts, chance_page, components_page, in_points, insight_page, write_pictures
from ci_sim.report.match import clearly_moved, left_of, numbers_in_words
from ci_sim.report.validation import claims_in_words, number_in_words, tally
from ci_sim.studies.questions.boundaries import CHANCES
from ci_sim.studies.questions.contrasts import ALONE, INSIGHTS, LESS, MORE, NEITHER, ON_TOP, Insight
from ci_sim.studies.questions.insights import Answers
from ci_sim.studies.questions.validation import FAILS, HOLDS
from ci_sim.texts import text

DOCS = Path(__file__).parent
PICTURES = DOCS / "images" / "evidence"
REFERENCE = DOCS.parent / "results" / "reference"
STUDIES = (
    "match",
    "validation",
    "plausible",
    "calibration",
    "insights",
    "which_sector_first",
    "single_sector",
    "sources_of_luck",
    "real_cases",
    "sixth_component",
    "ablations",
)
FIRST = REFERENCE / "first_edition"  # tables of the first edition's evidence, as they were


def title_of(insight: Insight) -> str:
    """Return the title of an insight."""
    return text(f"insights.of.{insight.scenario}.title")


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
    for study in STUDIES:
        target = REFERENCE / study
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in sorted((folder / study).glob("*.csv")):
            shutil.copy(path, target)
        if (manifest := folder / study / "manifest.json").exists():
            shutil.copy(manifest, target)
            manifests[study] = json.loads(manifest.read_text(encoding="utf-8"))
    return manifests


def validation_part(claims: pd.DataFrame, plausible: pd.DataFrame) -> str:
    """Return the table of claims, at the defaults and over plausible settings, and the discussion of what does not hold."""
    words, over = claims_in_words(claims), claims_in_words(plausible)
    source = claims["source"] + " (" + claims["basis"] + ")"
    told = claims["published"] + " " + source
    first = ~claims["pattern"].duplicated()
    rows = []
    for k, (one, many) in enumerate(zip(words.itertuples(), over.itertuples(), strict=True)):
        pattern = f"`{one.pattern}`: {told[k]}" if first[k] else f"`{one.pattern}`"
        default, mean = (f"{row.simulated} ({row.interval})" for row in (one, many))
        one_verdict, many_verdict = (f"{bold(row.verdict)}{row.again}" for row in (one, many))
        cells = [pattern, one.claim, one.measured, default, one_verdict]
        rows.append([*cells, mean, many.settings, many.supports, many_verdict])
    header = [
        "pattern and source", "claim", "measured", "default setting", "verdict", "plausible settings, mean",
        "median (90 % of settings)", "settings that support it", "verdict",
    ]  # fmt: skip
    failing = claims[(claims["verdict"] != HOLDS) | (plausible["verdict"] != HOLDS)].drop_duplicates("pattern")
    discussions = [f"- `{row.pattern}`: {row.discussion}" for row in failing.itertuples()]
    tallies = f"In the default setting: {tally(claims)}\n\nOver plausible settings: {tally(plausible)}"
    return "\n".join(
        [tallies, "", markdown_table(header, rows), "", "### What does not hold, and why", "", *discussions]
    )


def bold(verdict: str) -> str:
    """Return a verdict, bold where the claim fails."""
    return f"**{verdict}**" if verdict == FAILS else verdict


def match_part(numbers: pd.DataFrame, parameters: pd.DataFrame, left: int, settings: int) -> str:
    """Return what each number rules out, how many settings are left, and what is left of the parameters that moved."""
    words = numbers_in_words(numbers)
    moved = clearly_moved(parameters)
    told = parameters_in_words(moved)
    return "\n\n".join(
        [
            markdown_table(words.columns, words.itertuples(index=False)),
            f"{left_of(left, settings)} The {len(parameters)} parameters stay spread as they were drawn, but for these "
            f"({len(moved)}); others may be tied to them, which only the table of settings shows:",
            markdown_table(told.columns, told.itertuples(index=False)),
        ]
    )


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
    """Return a row for each insight, alone and on top of the others: the default setting, and what plausible settings say."""
    rows = []
    default = answers.default_effects.set_index(["insight", "beside", "outcome"])
    shares = answers.shares.set_index(["insight", "beside", "outcome"])
    for insight in INSIGHTS:
        for beside, words in ((ALONE, "alone"), (ON_TOP, "on top of the others")):
            share = shares.loc[(insight.number, beside, "formed")]
            mean = f"{in_points(share.rename({'mean_effect': 'estimate'}))}"
            spread = " to ".join(signed_number(100 * share[end], 0) for end in ("low", "high"))
            parts = [f"{100 * share[verdict]:.1f} %" for verdict in (MORE, LESS, NEITHER)]
            name = f"[{title_of(insight)}](insight_{insight.number}.md)" if beside == ALONE else ""
            change = points(default.loc[(insight.number, beside, "formed")])
            median = f"{signed_number(100 * share['median'])} ({spread})"
            rows.append([name, words, change, mean, median, *parts])
    header = ["insight", "", "default setting", "plausible settings, mean", "median (90 % of settings)"]
    return markdown_table([*header, "helps in", "hurts in", "neither in"], rows)


def cases_part(answers: Answers) -> str:
    """Return the settings in which each insight wins and loses most, simulated anew."""
    rows = []
    for insight in INSIGHTS:
        own = answers.cases[answers.cases["insight"] == insight.number].set_index(["beside", "verdict"])
        cells = [points(own.loc[(beside, verdict)]) for beside in (ALONE, ON_TOP) for verdict in (MORE, LESS)]
        rows.append([title_of(insight), *cells])
    header = ["insight", "wins most alone", "loses most alone", "wins most on top of the others", "loses most on top"]
    return markdown_table(header, rows)


def claims_then_and_now(claims: pd.DataFrame, plausible: pd.DataFrame) -> str:
    """Return every claim with its verdicts in the first edition, in this one, and over this one's plausible settings."""
    key = ["pattern", "claim", "measure"]
    first = pd.read_csv(FIRST / "patterns.csv").set_index(key)
    rows = []
    for now, over in zip(claims.itertuples(), plausible.itertuples(), strict=True):
        then = (
            first.loc[(now.pattern, now.claim, now.measure)]
            if (now.pattern, now.claim, now.measure) in first.index
            else None
        )
        old = ["–", "not asked"] if then is None else [number_in_words(then["simulated"]), bold(then["verdict"])]
        new = [number_in_words(now.simulated), bold(now.verdict), number_in_words(over.simulated), bold(over.verdict)]
        rows.append([f"`{now.pattern}`", now.claim, *old, *new])
    header = ["pattern", "claim", "0.1", "verdict", "0.2", "verdict", "0.2, plausible settings", "verdict"]
    counts = " ".join(
        f"{name}: {(table['verdict'] == HOLDS).sum()} of {len(table)} claims hold."
        for name, table in (("0.1", first), ("0.2", claims), ("0.2 over plausible settings", plausible))
    )
    return f"{counts}\n\n{markdown_table(header, rows)}"


def insights_then_and_now(answers: Answers) -> str:
    """Return each insight's effect on the chance of forming, in the default setting and over settings, then and now."""
    then, then_shares = (pd.read_csv(FIRST / f"{name}.csv") for name in ("default_effects", "shares"))
    rows = []
    for insight in INSIGHTS:
        old, old_share = (
            t[(t["insight"] == insight.number) & (t["outcome"] == "formed")].iloc[0] for t in (then, then_shares)
        )
        new, new_share = (
            t[(t["insight"] == insight.number) & (t["outcome"] == "formed")].set_index("beside")
            for t in (answers.default_effects, answers.shares)
        )
        settings = [
            f"{100 * share[MORE]:.1f} / {100 * share[LESS]:.1f} %"
            for share in (old_share, new_share.loc[ALONE], new_share.loc[ON_TOP])
        ]
        rows.append([title_of(insight), points(old), points(new.loc[ALONE]), points(new.loc[ON_TOP]), *settings])
    header = ["insight", "0.1, default", "0.2, default", "on top of the others"]
    return markdown_table([*header, "0.1: helps / hurts in", "0.2: helps / hurts in", "on top of the others"], rows)


def points(row: pd.Series) -> str:
    """Return an effect on the chance of forming in points, bold where its interval leaves out 0."""
    return bold_where_clear(row, in_points(row))


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


def sectors_part(effects: pd.DataFrame) -> str:
    """Return what strengthening each sector changes in each setting, under each rule on signatures, by each plan."""
    rows = []
    for (setting, signature, plan), own in effects.groupby(["setting", "signature", "plan"], sort=False):
        cells = [f"{points(row)}; {row.strengthening_hours:,.0f} h" for row in own.itertuples()]
        rows.append([setting, signature, plan, f"{own['baseline'].iloc[0]:.0%}", *cells])
    header = ["setting", "signatures", "plan", "baseline forms"]
    return markdown_table([*header, *(SECTOR_LABELS[sector] for sector in effects["sector"].unique())], rows)


def above_all_part(differences: pd.DataFrame) -> str:
    """Return the difference between civil society and each other sector, in each setting, by each plan."""
    rows = []
    own = differences[differences["sector"] == "civil_society"]
    for (setting, signature, plan), pair in own.groupby(["setting", "signature", "plan"], sort=False):
        rows.append([setting, signature, plan, *(points(row) for row in pair.itertuples())])
    against = [f"against {SECTOR_LABELS[sector].lower()}" for sector in own["against"].unique()]
    return markdown_table(["setting", "signatures", "plan", *against], rows)


def article_parts(answers: Answers, effects: pd.DataFrame, over_settings: pd.DataFrame) -> dict[str, str]:
    """Return the numbers of the page about the article: each insight over plausible settings, and each sector's strengthening."""
    parts = {}
    shares = answers.shares.set_index(["insight", "beside", "outcome"])
    for insight in INSIGHTS:
        for beside, words in ((ALONE, "ALONE"), (ON_TOP, "TOP")):
            share = shares.loc[(insight.number, beside, "formed")]
            name = f"{insight.number} {words}"
            parts[name] = in_points(share.rename({"mean_effect": "estimate"}))
            parts[f"{name} HELPS"], parts[f"{name} HURTS"] = (f"{share[v]:.0%}" for v in (MORE, LESS))
    for row in effects.itertuples():
        parts[f"{row.setting}/{row.signature}/{row.plan}/{row.sector}"] = in_points(row)
    for row in over_settings[over_settings["against"].isna()].itertuples():
        parts[f"plausible/{row.sector}"] = in_points(row)
    return parts


def luck_part(chance: pd.DataFrame) -> str:
    """Return in which share of the settings two scenarios form never, sometimes and always, without each source of luck."""
    rows = []
    for without, own in chance.groupby("without", sort=False):
        by_scenario = own.set_index("scenario")
        cells = [f"{by_scenario.loc[name, chance_of]:.0%}" for name in by_scenario.index for chance_of in CHANCES]
        rows.append([without, *cells])
    names = [f"{name.replace('_', ' ')}: {chance_of}" for name in chance["scenario"].unique() for chance_of in CHANCES]
    return markdown_table(["without", *names], rows)


def sectors_over_settings_part(effects: pd.DataFrame) -> str:
    """Return the effect of strengthening each sector at equal cost over plausible settings, and the differences."""
    label = {sector: words.lower() for sector, words in SECTOR_LABELS.items()} | {"": "nobody strengthened"}
    told = effects.fillna({"against": ""}).itertuples()
    rows = [[SECTOR_LABELS[row.sector], label[row.against], points(row)] for row in told]
    return markdown_table(["strengthened", "against", "change of the chance of forming, mean"], rows)


def cases_effects_part(effects: pd.DataFrame, causes: pd.DataFrame) -> str:
    """Return what each insight changes among real organizations: the chance of forming, and what it takes."""
    rows = []
    for case, own in effects.groupby("case", sort=False):
        share = causes[(causes["case"] == case) & (causes["scenario"] == "baseline")]["formed"].iloc[0]
        for scenario, cells in own.groupby("scenario", sort=False):
            cell = cells.set_index("outcome")
            plain = [interval(cell.loc[name], 0) for name in ("time_to_formation", "hours_spent")]
            least = interval(cell.loc["satisfaction_min"], 2)
            rows.append([case, f"{share:.0%}", scenario.replace("_", " "), points(cell.loc["formed"]), *plain, least])
    header = ["case", "baseline forms", "insight", "chance of forming, points", "weeks until formation", "hours"]
    return markdown_table([*header, "least satisfied"], rows)


def interval(row: pd.Series, digits: int) -> str:
    """Return an effect with its interval, bold where the interval leaves out 0."""
    estimate, low, high = (signed_number(row[name], digits) for name in ("estimate", "ci_low", "ci_high"))
    return bold_where_clear(row, f"{estimate} ({low} to {high})")


def bold_where_clear(row: pd.Series, text: str) -> str:
    """Return what is said of an effect, bold where its interval leaves out 0."""
    return f"**{text}**" if row.ci_low > 0 or row.ci_high < 0 else text


def cases_causes_part(causes: pd.DataFrame) -> str:
    """Return how often each scenario stands at its end, and else what stood in the way."""
    shown = [name for name in causes if name not in ("case", "scenario")]
    rows = [
        [row["case"], row["scenario"].replace("_", " "), *(f"{row[name]:.0%}" for name in shown)]
        for _, row in causes.iterrows()
    ]
    return markdown_table(["case", "scenario", *(name.replace("_", " ") for name in shown)], rows)


def single_sector_part(ends: pd.DataFrame) -> str:
    """Return what a process within each sector ends in."""
    rows = []
    for row in ends.itertuples():
        week = "–" if pd.isna(row.formation_week) else f"{row.formation_week:.0f}"
        rows.append([SECTOR_LABELS[row.sector], row.scenario.replace("_", " "), f"{row.formed:.0%}", f"{row.standing:.0%}",
                     week, f"{row.breadth:.0%}", f"{row.federated:.0%}", f"{row.hours:,.0f}"])  # fmt: skip
    header = [
        "sector",
        "scenario",
        "forms",
        "stands",
        "week, median",
        "breadth",
        "own charter in force",
        "hours until formed",
    ]
    return markdown_table(header, rows)


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
    claims, plausible = (
        pd.read_csv(folder / study / "patterns.csv").fillna({"discussion": ""}) for study in ("validation", "plausible")
    )
    write_pictures(PICTURES, answers)
    for name, arms in pd.read_csv(folder / "validation" / "arms.csv").groupby("pattern"):
        save(arms_of_a_pattern(arms), PICTURES / f"pattern_{name}.png")
    targets, parameters = (pd.read_csv(folder / "calibration" / f"{name}.csv") for name in ("targets", "parameters"))
    save(known_and_simulated(targets), PICTURES / "calibration.png")
    settings = pd.read_parquet(folder / "match" / "settings.parquet")
    numbers, left = (pd.read_csv(folder / "match" / f"{name}.csv") for name in ("numbers", "parameters"))
    labelled = numbers.assign(label=numbers["measure"].map(measure_label))
    save(ranges_and_settings(labelled, settings.iloc[:, -1 - len(numbers) :]), PICTURES / "match.png")
    facts = MapFacts("the plausible ones of the [history match](evidence.md#which-settings-are-plausible)",
                     int(manifests["insights"]["setting_pairs"]))  # fmt: skip
    for insight in INSIGHTS:
        page = insight_page(insight, answers, facts, "images/evidence")
        (DOCS / f"insight_{insight.number}.md").write_text(page, encoding="utf-8")
    (DOCS / "components.md").write_text(components_page(answers, "images/evidence") + "\n", encoding="utf-8")
    parts = {
        "MATCH": match_part(numbers, left, int(settings["plausible"].sum()), len(settings)),
        "VALIDATION": validation_part(claims, plausible),
        "CALIBRATION": calibration_part(targets, parameters, manifests["calibration"]["together"]),
        "CALIBRATED": str(len(parameters)),
        "INSIGHTS": insights_part(answers),
        "CASES": cases_part(answers),
        "CHANCE": chance_page(answers, "images/evidence").partition("\n\n")[2].rstrip(),
        "SIXTH": sixth_component_part(pd.read_csv(folder / "sixth_component" / "effects.csv")),
        "LUCK": luck_part(pd.read_csv(folder / "sources_of_luck" / "chance.csv")),
        "ABLATIONS": ablations_part(
            *(pd.read_csv(folder / "ablations" / f"{name}.csv") for name in ("claims", "insights"))
        ),
    }
    for name, manifest in manifests.items():
        seconds = manifest["seconds"]
        time = f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
        parts[f"{name.upper()} RUN"] = f"`{manifest['command']}`, seed {manifest['seed']}, {time}"
    fill_in(DOCS / "evidence.md", parts)
    effects, differences = (
        pd.read_csv(folder / "which_sector_first" / f"{name}.csv") for name in ("effects", "differences")
    )
    over_settings = pd.read_csv(folder / "which_sector_first" / "settings.csv")
    fill_in(DOCS / "the_article.md", article_parts(answers, effects, over_settings))
    fill_in(
        DOCS / "which_sector_first.md",
        {
            "EFFECTS": sectors_part(effects),
            "DIFFERENCES": above_all_part(differences),
            "PLAUSIBLE": sectors_over_settings_part(over_settings),
            "ENDS": single_sector_part(pd.read_csv(folder / "single_sector" / "ends.csv")),
        },
    )
    cases, causes = (pd.read_csv(folder / "real_cases" / f"{name}.csv") for name in ("effects", "causes"))
    fill_in(DOCS / "real_cases.md", {"CASES": cases_effects_part(cases, causes), "CAUSES": cases_causes_part(causes)})
    changed = {"CLAIMS": claims_then_and_now(claims, plausible), "INSIGHTS": insights_then_and_now(answers)}
    baseline = answers.chance.set_index("scenario").loc["baseline"]
    fill_in(DOCS / "what_changed.md", {**changed, "SOMETIMES": f"{baseline['sometimes']:.0%}"})


if __name__ == "__main__":
    main()
