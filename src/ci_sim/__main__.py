"""`python -m ci_sim` is `ci-sim`."""

from ci_sim.cli import main

main()
