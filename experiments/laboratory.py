"""Do the rules play the published coordination games as people did?

Weak-link games as in the laboratory, set up by configuration alone (`configs/laboratory/weak_link.yaml`): group size (Van
Huyck, Battalio & Beil 1990), growth (Weber 2006), speed of entry (Ranehill, Schneider & Weber 2014), horizon and stakes (Gärtner,
Östling & Tebbe 2022), early time and careful inclusion (Johnston et al. 2011), conditional commitments, talk and silence
(Gürdal et al. 2024; Avoyan & Ramos 2023).

    python experiments/laboratory.py [key=value …]

Look first at `validation.html`. One game against another, week by week:
`ci-sim compare scenarios=[lab_start_large,lab_grown]`.
"""

import sys

from ci_sim.cli import main

GAMES = (
    "group_size,small_groups,conditional_commitments,growth,growth_at_published_stakes,"
    "speed_of_entry,horizon,time_and_inclusion"
)

if __name__ == "__main__":
    main(["validate", f"patterns=[{GAMES}]", "output_dir=results/laboratory", *sys.argv[1:]])
