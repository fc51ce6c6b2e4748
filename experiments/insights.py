"""What does each of the four insights change, where does that stop being true, and how do they act together?

Each insight against the baseline and on top of the other three, in the default setting; the same contrasts in settings spread
over the spans of all parameters, or in those of `settings_file=`, with the parameters that decide and rules for the regions; all
sixteen combinations of the insights; and the Shapley shares of the six components and their three kinds.

    python experiments/insights.py [key=value …]

About a quarter of an hour on two cores; `settings=128 setting_pairs=8` is a quick look. Open `insights.html`: for each insight
the article's claim stands beside what the model says.
"""

import sys

from ci_sim.cli import main

if __name__ == "__main__":
    main(["insights", *sys.argv[1:]])
