"""What does a direct launch cost?

All additions (reference) against the same without the preliminary stages, so that everyone is convened and the effort
launched in the first week, and against the five components of 2011 alone.

    python experiments/direct_launch.py [key=value …]

Look first at `figures/formation.png` for the time that the stages take, then at `figures/price.png` for what they save.
"""

import sys

from ci_sim.cli import main

if __name__ == "__main__":
    main(["compare", "experiment=direct_launch", *sys.argv[1:]])
