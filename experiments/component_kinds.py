"""What does each kind of component contribute: content, process, infrastructure?

All six components (reference) against the six without the content components, without the process components, and without
the infrastructure. A kind that can be left out without loss, or with a gain, costs more hours than it is worth there.

    python experiments/component_kinds.py [key=value …]

Look first at `figures/price.png`: leaving out a kind also saves its hours.
"""

import sys

from ci_sim.cli import main

if __name__ == "__main__":
    main(["compare", "experiment=component_kinds", *sys.argv[1:]])
