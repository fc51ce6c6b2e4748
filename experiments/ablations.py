"""What does each mechanism of the second edition carry? Each is switched off alone, over all patterns and insights.

- *willingness*: all are taken to be willing, as in the first edition (`willingness.active=false`);
- *belief in the group*: members believe in each other one by one only (`group.active=false`);
- *both*;
- *the sixth component*: it has no strength, so that there is neither charter nor small step;
- *the decision rule*: it is not known, and only how the result is judged (`commitment.known=false`);
- *voice*: a plenary is no evidence (`deliberation.voice=0`);
- *the joint pilot* of the founding stage (`stages.pilot=false`);
- *seasons*: failures are independent (`delivery.season=0`);
- *windows*: the joint effort is worth the same in all seasons (`commitment.windows=0`);
- *manners*: all listen as far, and nobody stands firm (`population.listening_spread=0 population.firmness=0`);
- *crowding*: a large circle costs each member no more than one of ten (`components.crowding=0`);
- *profiles*: sectors differ in nothing but their number (`population.difference=0`);
- *mandates*: no board is asked (`mandates.active=false`);
- *instalments*: the backbone has all its money from the first week on, and convening waits for none;
- *gossip*: a caucus talks of no partner by name (`intra_sector.gossip=0`);
- *spokespersons*: strengthened sectors have a charter of their own, and nobody speaks for them;
- *sectors' charters*: they have caucuses only.

    python experiments/ablations.py [key=value …]

Look first at the table that it prints; `results/ablations/` has the verdict of every claim (`claims.csv`) and the effect of every
insight on the chance of forming (`insights.csv`) under each. Five minutes on two cores; `replicates=60` is a quick look.
"""

import sys

import pandas as pd

from ci_sim import compare, load_config
from ci_sim.rules.parameters import SECTORS
from ci_sim.studies.execution.output import open_folder, write_table
from ci_sim.studies.questions.validation import HOLDS, validate

FOLDER = "output_dir=results/ablations"


def levels(names: str) -> list[str]:
    """Return what leaves these levels of strengthening to every sector."""
    return [f"intra_sector.{sector}.levels=[{names}]" for sector in SECTORS]


ABLATIONS = {
    "nothing": [],
    "willingness": ["willingness.active=false"],
    "belief in the group": ["group.active=false"],
    "both beliefs": ["willingness.active=false", "group.active=false"],
    "the sixth component": ["components.trust_and_agreements.strength=0"],
    "the decision rule": ["commitment.known=false"],
    "voice": ["deliberation.voice=0"],
    "the joint pilot": ["stages.pilot=false"],
    "seasons": ["delivery.season=0"],
    "windows": ["commitment.windows=0"],
    "manners": ["population.listening_spread=0", "population.firmness=0"],
    "crowding": ["components.crowding=0"],
    "profiles": ["population.difference=0"],
    "mandates": ["mandates.active=false"],
    "instalments": ["components.fund=3000", "funding.instalment=0", "stages.reserve_weeks=0"],
    "gossip": ["intra_sector.gossip=0"],
    "spokespersons": levels("caucus,charter"),
    "sectors' charters": levels("caucus"),
}
INSIGHTS = ("preliminary_stages", "kinds_in_sequence", "sixth_component", "intra_sector")


def claims_without(off: list[str], overrides: list[str]) -> pd.DataFrame:
    """Return the verdict of every claim with some mechanisms off."""
    config = load_config("validate", ["replicates=100", "ask_again=0", *overrides, *off])
    return validate(config).claims[["pattern", "claim", "simulated", "ci_low", "ci_high", "verdict"]]


def insights_without(off: list[str], overrides: list[str]) -> pd.DataFrame:
    """Return the effect of every insight on the chance of forming, with the baseline's share."""
    names = [name for name in INSIGHTS if not (name == "sixth_component" and "trust_and_agreements" in "".join(off))]
    asked = f"scenarios=[baseline,{','.join(names)}]"
    result = compare(load_config("compare", ["replicates=300", *overrides, asked, *off]))
    rows = result.effects[result.effects["outcome"] == "formed"]
    baseline = result.outcomes.loc[result.outcomes["scenario"] == "baseline", "formed"].mean()
    return rows.assign(insight=rows["contrast"].str.removesuffix(" - baseline"), baseline=baseline)[
        ["insight", "baseline", "estimate", "ci_low", "ci_high", "n"]
    ]


def main(overrides: list[str]) -> None:
    """Judge all claims and insights without each mechanism; print and write what changes."""
    claims = pd.concat([claims_without(o, overrides).assign(off=name) for name, o in ABLATIONS.items()])
    insights = pd.concat([insights_without(o, overrides).assign(off=name) for name, o in ABLATIONS.items()])
    folder = open_folder(load_config("validate", [FOLDER, *overrides]).output_dir)
    write_table(claims, folder / "claims.csv")
    write_table(insights, folder / "insights.csv")
    held = claims[claims["verdict"] == HOLDS].groupby("off", sort=False).size()
    print(held.rename(f"claims that hold, of {claims['off'].value_counts().iloc[0]}").to_string())
    print(insights.pivot(index="off", columns="insight", values="estimate").loc[list(ABLATIONS)].round(3).to_string())
    print(f"\n{folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
