"""Do the four insights change whether, when and how well a collective-impact initiative forms?

The five components of 2011 (reference) against: the preliminary stages added, the sixth component added, ties within the
sectors strengthened, and all of these together. (Insight 2, the kinds of components, has a study of its own:
`component_kinds.py`.)

    python experiments/four_insights.py [key=value …]

Look first at `figures/effects.png`, then at `figures/contexts.png`: an effect that changes its sign between contexts is not
described by its mean.
"""

import sys

from ci_sim.cli import main

if __name__ == "__main__":
    main(["compare", "experiment=four_insights", *sys.argv[1:]])
