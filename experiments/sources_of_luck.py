"""What makes an initiative's fate open? Each source of luck is taken away, over all plausible settings.

In a setting an initiative forms always, never or sometimes. Where many small chances average out, as among dozens of
organizations, fate is decided by what the setting is; what stays open is due to luck that all share. Taken away are

- *windows*: from season to season the joint effort is worth more to all, or less (`commitment.windows=0` without);
- *hard seasons*: in some all keep fewer of their promises (`delivery.season=0` without);
- *both*.

    python experiments/sources_of_luck.py [key=value …]

`settings_file=` names the settings, those of the committed history match if it is left out. Look first at the table that it
prints, `results/sources_of_luck/chance.csv`: the share of settings in which the baseline, and all four insights, form never,
sometimes and always, of 24 runs each. Two minutes on two cores; `setting_pairs=4` is a quick look.
"""

import sys

import pandas as pd

from ci_sim import load_config
from ci_sim.configuration.composition import in_scenario
from ci_sim.studies.execution.output import open_folder, write_table
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.execution.runner import run_jobs
from ci_sim.studies.questions.boundaries import chance_of_forming
from ci_sim.studies.questions.contrasts import matrix_of
from ci_sim.studies.statistics.design import settings_in

DEFAULTS = ("settings_file=results/reference/match/plausible.csv", "output_dir=results/sources_of_luck")
SCENARIOS = ("baseline", "four_insights")
SOURCES = {
    "nothing": {},
    "windows": {"commitment.windows": 0.0},
    "hard seasons": {"delivery.season": 0.0},
    "both": {"commitment.windows": 0.0, "delivery.season": 0.0},
}


def main(overrides: list[str]) -> None:
    """Count the settings that form never, sometimes and always without each source; print and write the table."""
    config = load_config("insights", [*DEFAULTS, *overrides])
    settings, tables = settings_in("settings_file", config.settings_file), []
    for without, off in SOURCES.items():
        formed = {}
        for scenario in SCENARIOS:
            jobs = jobs_of(in_scenario(config, scenario), settings.assign(**off))
            what = f"without {without}, {scenario}"
            runs, _ = run_jobs(jobs, config.seed, config.setting_pairs, quiet=config.quiet, what=what, own_luck=True)
            formed[scenario] = {"formed": matrix_of(runs.values(), "formed", config.weeks)}
        tables.append(chance_of_forming(formed))
        tables[-1].insert(0, "without", without)
    table = pd.concat(tables, ignore_index=True)
    folder = open_folder(config.output_dir)
    write_table(table, folder / "chance.csv")
    print(table.round(3).to_string(index=False))
    print(f"\n{folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
