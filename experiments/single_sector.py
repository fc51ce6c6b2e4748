"""What does a process within a single sector end in?

Each sector among itself: with the five components, strengthened (its caucus, a charter of its own, a spokesperson), and with all
four additions, on the same luck.

    python experiments/single_sector.py [key=value …]

Look first at the table that it prints, `results/single_sector/ends.csv`: how often the process forms, when, and how broad it is;
and how often and since when the sector's own charter is in force, the federation with an agenda that it leaves behind. The
report on civil society's is `ci-sim compare experiment=single_sector`.
"""

import sys

import pandas as pd

from ci_sim import compare, load_config
from ci_sim.rules.parameters import SECTORS
from ci_sim.studies.execution.output import open_folder, write_table

DEFAULTS = ("replicates=400", "output_dir=results/single_sector")
SCENARIOS = ("baseline", "intra_sector", "four_insights")


def ends_of(sector: str, overrides: list[str]) -> pd.DataFrame:
    """Return what the process of a sector ends in, a row a scenario."""
    names = f"scenarios=[{','.join(SCENARIOS)}]"
    outcomes = compare(load_config("compare", [*DEFAULTS, *overrides, names, f"sectors=[{sector}]"])).outcomes
    runs = outcomes.groupby("scenario", sort=False)
    since = f"federation_week_{sector}"
    table = runs.agg(
        formed=("formed", "mean"),
        standing=("standing", "mean"),
        formation_week=("formation_week", "median"),
        breadth=("breadth_field", "mean"),
        federated=(since, lambda weeks: weeks.notna().mean()),
        federation_week=(since, "median"),
        hours=("hours_spent", "mean"),
    )
    return table.reset_index().assign(sector=sector)


def main(overrides: list[str]) -> None:
    """Let each sector work by itself; print and write the table."""
    table = pd.concat([ends_of(sector, overrides) for sector in SECTORS], ignore_index=True)
    folder = open_folder(load_config("compare", [*DEFAULTS, *overrides]).output_dir)
    write_table(table, folder / "ends.csv")
    print(table.set_index(["sector", "scenario"]).round(3).to_string())
    print(f"\n{folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
