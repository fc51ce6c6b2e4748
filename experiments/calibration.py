"""Which values of the parameters could have produced the published numbers, and can one set of values meet them all?

Approximate Bayesian computation on the targets of `configs/target/published.yaml`; a file of your own, with what you know about
your own partners, is `targets=FILE.yaml`.

    python experiments/calibration.py [key=value …]

A minute or two on two cores; `samples=128 replicates=4` is a quick look. Open `calibration.html`.
"""

import sys

from ci_sim.cli import main

if __name__ == "__main__":
    main(["calibrate", *sys.argv[1:]])
