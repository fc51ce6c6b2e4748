"""What do trust and agreements change, which part of them does it, and where does the sign turn?

The sixth component and its parts (the circle's charter, repair after breaches, small first steps between two) against the
baseline, on the same luck, in settings that were chosen to show it helping and hurting, each with the rule on signatures held
as it is and taken away: a charter is a promise and a signature, and only so can the two be told apart.

    python experiments/sixth_component.py [key=value …]

Look first at the table that it prints; it is written to `results/sixth_component/effects.csv`. A minute and
a half on two cores; `replicates=100` is a quick look.
"""

import sys

import pandas as pd

from ci_sim import compare, load_config
from ci_sim.studies.execution.output import open_folder, write_table

DEFAULTS = ("replicates=500", "output_dir=results/sixth_component")
SCENARIOS = ("sixth_component", "charter_only", "charter_and_repair", "small_steps_only")
SETTINGS = {
    "default": [],
    "hard task, high trust": ["context.difficulty=[0.65,0.85]", "context.trust=[0.65,0.85]"],
    "easy task, low trust": ["context.difficulty=[0.45,0.6]", "context.trust=[0.25,0.4]"],
    "sectors far apart": ["context.conflict=[0.5,0.7]"],
    "many minds, no joint text": [
        "context.spread=[0.2,0.3]",
        "context.reliability=[0.9,0.97]",
        "context.difficulty=[0.45,0.65]",
        "components.common_agenda.active=false",
    ],
}
SIGNATURE_RULES = {
    "the charter signs": [],
    "only two can sign": ["charter.signs=false"],
    "no signature asked": ["commitment.signature=false"],
}


def effects_in(setting: list[str], overrides: list[str]) -> pd.DataFrame:
    """Return the effect of each scenario on the chance of forming, with the baseline's share."""
    names = f"scenarios=[baseline,{','.join(SCENARIOS)}]"
    config = load_config("compare", [*DEFAULTS, *overrides, names, *setting])
    result = compare(config)
    shares = result.outcomes.groupby("scenario")[["formed", "standing"]].mean()
    rows = result.effects[result.effects["outcome"] == "formed"]
    scenario = rows["contrast"].str.removesuffix(" - baseline")
    return rows.assign(
        scenario=scenario,
        baseline=shares.loc["baseline", "formed"],
        formed=scenario.map(shares["formed"]),
        standing=scenario.map(shares["standing"]),
    )[["scenario", "baseline", "formed", "standing", "estimate", "ci_low", "ci_high", "n"]]


def main(overrides: list[str]) -> None:
    """Compare in every setting under every rule on signatures; print and write the table."""
    tables = [
        effects_in([*setting, *rule], overrides).assign(setting=name, signature=words)
        for name, setting in SETTINGS.items()
        for words, rule in SIGNATURE_RULES.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    table = table[["setting", "signature", *(name for name in table if name not in ("setting", "signature"))]]
    path = open_folder(load_config("compare", [*DEFAULTS, *overrides]).output_dir) / "effects.csv"
    write_table(table, path)
    print(table.round(3).to_string(index=False))
    print(f"\n{path}")


if __name__ == "__main__":
    main(sys.argv[1:])
