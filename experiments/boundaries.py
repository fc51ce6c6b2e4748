"""Where does each of the four insights stop being true?

The baseline and the four insights, each on the same seeds, in 2,048 settings spread over the spans of all parameters: 246,000
runs, written as they finish, gone on with by the same command. Then, from the table: which parameters decide, and where each
insight clearly helps and clearly hurts. The method section is `configs/studies/boundaries_of_the_insights.yaml`.

    python experiments/boundaries.py [key=value …]

About a quarter of an hour on two cores; `design.samples=256 output_dir=results/boundaries_short` is a quick look at the figures,
as rules need more settings. Look first at `sweep.png`, then at `hurts/` and `helps/`: the rules are in `rules.csv`, their
picture in `cases.png`.
"""

import sys

from ci_sim.cli import main
from ci_sim.configuration.composition import load_config

STUDY = "study=boundaries_of_the_insights"


def step(*arguments: str) -> None:
    """Run a command, and go on if it ends well."""
    try:
        main(list(arguments))
    except SystemExit as end:
        if end.code:
            raise


if __name__ == "__main__":
    config = load_config("sweep", [STUDY, *sys.argv[1:]])
    folder = config.output_dir
    step("sweep", STUDY, *sys.argv[1:])
    step("sensitivity", f"sweep={folder}", f"output_dir={folder}/sensitivity")
    for scenario in config.scenarios[1:]:
        for name, sign in (("hurts", "negative"), ("helps", "positive")):
            step(
                "discover",
                f"sweep={folder}",
                f"effect_of={scenario}",
                f"sign={sign}",
                f"output_dir={folder}/{name}/{scenario}",
            )
