"""Does the model serve a process within a single sector?

Civil-society organizations among themselves, with the five components (reference), with stronger ties among them, and with
all additions.

    python experiments/single_sector.py [key=value …]

Look first at `figures/formation.png`. There is no trust across sectors here, so that its panels say so.
"""

import sys

from ci_sim.cli import main

if __name__ == "__main__":
    main(["compare", "experiment=single_sector", *sys.argv[1:]])
