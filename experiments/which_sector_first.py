"""Which sector should be strengthened first, and does it pay to let it come together before the others join?

Each sector is strengthened (its caucus, its own charter, a spokesperson) against the baseline, on the same luck, by three plans:

- *at once*: from the first week of the initiative on;
- *at equal cost*: at once, as strongly as makes the hours of a large sector's meetings those of the smallest;
- *first*: for half a year the sector comes together by itself; then the initiative of all begins, with as many weeks as ever.

The settings tell apart what "above all in civil society" can rest on: its number, its profile, how fragmented it is, and whether
a signature under a sector's own charter counts as one for the initiative.

    python experiments/which_sector_first.py [key=value …]

Look first at the tables that it prints; `results/which_sector_first/effects.csv` has the effect of each plan on the chance of
forming, with the hours that strengthening took, and `differences.csv` the difference between sectors, with 95 % intervals;
`settings.csv` has both over all plausible settings, at equal cost (`settings_file=` names them; those of the committed history
match if it is left out). Five minutes on two cores; `replicates=100 setting_pairs=4` is a quick look.
"""

import sys
from itertools import combinations
from typing import Any

import pandas as pd

from ci_sim import load_config
from ci_sim.configuration.composition import with_values
from ci_sim.rules.parameters import SECTORS
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.execution.output import open_folder, write_table
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.execution.runner import run_jobs
from ci_sim.studies.questions.contrasts import matrix_of
from ci_sim.studies.statistics.design import settings_in
from ci_sim.studies.statistics.intervals import mean_of, risk_difference

DEFAULTS = (
    "replicates=400",
    "settings_file=results/reference/match/plausible.csv",
    "output_dir=results/which_sector_first",
)
BASELINE = "baseline"
WEEKS_FIRST = 26
THIRDS = [f"population.share_{sector}=1" for sector in SECTORS]
SETTINGS = {
    "as profiled": [],
    "sectors alike but in number": ["population.difference=0"],
    "as profiled, a third each": THIRDS,
    "alike, a third each": [*THIRDS, "population.difference=0"],
    "civil society organized": [
        "population.civil_society.trust_homophily=1",
        "population.civil_society.acquaintances_within=1.2",
    ],
    "civil society fragmented": [
        "population.civil_society.trust_homophily=-1",
        "population.civil_society.acquaintances_within=0.4",
    ],
}
SIGNATURES = {"the charter signs": [], "only two can sign": ["charter.signs=false"]}


def plans(sector: str, setting: list[str]) -> dict[str, list[str]]:
    """Return what strengthens a sector by each plan."""
    config = load_config(BASELINE, setting)
    on = [f"intra_sector.{sector}.active=true"]
    weeks = config.weeks + WEEKS_FIRST
    return {
        "at once": on,
        "at equal cost": [*on, f"intra_sector.{sector}.strength={strength_at_equal_cost(config, sector)}"],
        "first": [*on, f"sequence.first=[{sector}]", f"sequence.weeks={WEEKS_FIRST}", f"weeks={weeks}"],
    }


def strength_at_equal_cost(config: Any, sector: str) -> float:
    """Return how strongly a sector is strengthened at the cost of the smallest, in its members' hours."""
    shares = {s: config.population[f"share_{s}"] for s in SECTORS}
    return min(shares.values()) / shares[sector]


def over_settings(config: Any) -> pd.DataFrame:
    """Return the effect of strengthening each sector at equal cost, and the differences, as means over all settings of a file."""
    settings, formed = settings_in("settings_file", config.settings_file), {}
    for sector in ("", *SECTORS):
        group = f"intra_sector.{sector}"
        more = {f"{group}.active": True, f"{group}.strength": strength_at_equal_cost(config, sector)} if sector else {}
        jobs, what = jobs_of(with_values(config, more), settings), f"settings, {sector or 'nobody'} strengthened"
        runs, _ = run_jobs(jobs, config.seed, config.setting_pairs, quiet=config.quiet, what=what, own_luck=True)
        formed[sector] = matrix_of(runs.values(), "formed", config.weeks).mean(axis=1)
    pairs = [(sector, "") for sector in SECTORS] + [("civil_society", s) for s in SECTORS if s != "civil_society"]
    found = [(more, less, mean_of(formed[more] - formed[less], "mean over settings")) for more, less in pairs]
    rows = [(more, less, e.estimate, e.ci_low, e.ci_high, e.n) for more, less, e in found]
    return pd.DataFrame(rows, columns=["sector", "against", "estimate", "ci_low", "ci_high", "settings"])


def runs_of(setting: list[str], asked: list[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the outcomes of the baseline, under ("", ""), and of each plan for each sector, on the same luck."""
    told = {("", ""): []} | {(plan, s): own for s in SECTORS for plan, own in plans(s, setting).items()}
    configs = [
        load_config(BASELINE, [*asked, *setting, *more, f"scenario.name=plan_{k}"])
        for k, more in enumerate(told.values())
    ]
    done, _ = run_jobs([job_from(c) for c in configs], configs[0].seed, configs[0].replicates, quiet=configs[0].quiet)
    return {key: done[f"plan_{k}"].outcomes for k, key in enumerate(told)}


def difference(table: pd.DataFrame, reference: pd.DataFrame) -> dict[str, float]:
    """Return the difference in the chance of forming, with its interval."""
    estimate = risk_difference(table["formed"].to_numpy(float), reference["formed"].to_numpy(float))
    return {name: getattr(estimate, name) for name in ("estimate", "ci_low", "ci_high")}


def effects_in(runs: dict[tuple[str, str], pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the effect of each plan on the chance of forming, and its difference between any two sectors."""
    baseline = runs["", ""]
    effects = [
        {"plan": plan, "sector": sector, "baseline": baseline["formed"].mean(), "formed": table["formed"].mean()}
        | difference(table, baseline)
        | {"strengthening_hours": table["strengthening_hours"].mean(), "hours_spent": table["hours_spent"].mean()}
        for (plan, sector), table in runs.items()
        if plan
    ]
    differences = [
        {"plan": plan, "sector": more, "against": less} | difference(runs[plan, more], runs[plan, less])
        for plan in dict.fromkeys(plan for plan, _ in runs if plan)
        for less, more in combinations(SECTORS, 2)
    ]
    return pd.DataFrame(effects), pd.DataFrame(differences)


def main(overrides: list[str]) -> None:
    """Compare the sectors in every setting under both rules on signatures; print and write the tables."""
    config = load_config("insights", [*DEFAULTS, *overrides])
    asked = [a for a in (*DEFAULTS, *overrides) if not a.startswith(("settings_file=", "setting_pairs="))]
    effects, differences = [], []
    for name, setting in SETTINGS.items():
        for words, rule in SIGNATURES.items():
            tables = effects_in(runs_of([*setting, *rule], asked))
            for told, table in zip((effects, differences), tables, strict=True):
                told.append(table.assign(setting=name, signature=words))
    folder = open_folder(config.output_dir)
    plausible = over_settings(config)
    write_table(plausible, folder / "settings.csv")
    print(plausible.round(3).to_string(index=False), end="\n\n")
    for stem, told in (("effects", effects), ("differences", differences)):
        table = pd.concat(told, ignore_index=True)
        write_table(table, folder / f"{stem}.csv")
        keys = ["setting", "signature", "plan", "sector", *(["against"] if stem == "differences" else [])]
        print(table.set_index(keys)[["estimate", "ci_low", "ci_high"]].round(3).to_string(), end="\n\n")
    print(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
