"""The rules run as plain Python too, and give the same numbers."""

import os
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import sys
import numpy as np
from ci_sim import load_config
from ci_sim.simulation.ensemble import job_from, run_seeds
config = load_config(sys.argv[1], ["population.size=12", "weeks=30", "stages.core=4", "stages.max_weeks=6", *sys.argv[3:]])
outcomes, series = run_seeds(job_from(config), np.arange(4), with_series=True)
np.savez(sys.argv[2], outcomes=outcomes, series=series)
"""


@pytest.mark.parametrize(
    ("scenario", "overrides"),
    [
        ("baseline", []),
        (
            "four_insights",
            [
                "events=[election,crisis,champion_lost,funder_leaves]",
                "events.election.week=9",
                "events.crisis.week=15",
                "events.champion_lost.week=18",
                "events.funder_leaves.week=21",
            ],
        ),
        ("without_content", ["population.size=25", "commitment.noise=0"]),
    ],
)
def test_plain_python_and_compiled_rules_agree_to_the_last_bit(tmp_path, scenario, overrides):
    results = []
    for disabled in ("0", "1"):
        path = tmp_path / f"{disabled}.npz"
        environment = os.environ | {"NUMBA_DISABLE_JIT": disabled}
        subprocess.run([sys.executable, "-c", SCRIPT, scenario, str(path), *overrides], env=environment, check=True)
        results.append(np.load(path))
    for name in ("outcomes", "series"):
        np.testing.assert_array_equal(results[0][name], results[1][name])
    assert not np.isnan(results[0]["series"][:, -1, 0]).any()
