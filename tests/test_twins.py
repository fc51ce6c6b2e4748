"""The twins of the benchmarks play by the engine's rules."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from ci_sim import load_config, simulate
from ci_sim.simulation.ensemble import job_from, run_seeds

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def twins():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        import c_twin
        import mesa_twin

        yield c_twin, mesa_twin
    for name in ("c_twin", "mesa_twin"):
        sys.modules.pop(name, None)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
@pytest.mark.parametrize(
    "own", [[], ["population.size=12", "weeks=30"], ["population.max_ties=5", "commitment.noise=0"]]
)
def test_the_c_twin_gives_the_engines_outcomes_run_by_run(twins, tmp_path, own):
    config, seeds = load_config("baseline", own), np.arange(20)
    theirs = twins[0].run(twins[0].compile_twin(tmp_path), config, seeds)
    np.testing.assert_allclose(theirs, run_seeds(job_from(config), seeds, with_series=False)[0], rtol=1e-9, atol=1e-12)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
@pytest.mark.parametrize("variant", ["C, eight replicates week by week", "C, chances of delivery twice"])
def test_variants_of_the_c_twin_that_should_change_nothing_do_not(twins, tmp_path, variant):
    config, seeds = load_config("baseline", ["population.size=30", "weeks=30"]), np.arange(19)
    plainly = ["-ffp-contract=off"]  # the compiler rounds products as it comes upon them
    ours, theirs = (
        twins[0].run(twins[0].compile_twin(tmp_path, name, plainly), config, seeds) for name in ("C", variant)
    )
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
def test_the_c_twin_refuses_what_it_leaves_out(twins, tmp_path):
    library = twins[0].compile_twin(tmp_path)
    with pytest.raises(ValueError, match="the C twin leaves out: stages or the sixth component"):
        twins[0].run(library, load_config("four_insights"), np.arange(2))


def test_the_plain_mesa_twin_has_the_engines_distribution(twins):
    """150 runs of 12 organizations against 3,000 of the engine: each of three means within 4.5 standard errors (p < 1e-5)."""
    config = load_config("baseline", ["population.size=12", "weeks=20"])
    rows = [twins[1].run(config, seed) for seed in range(2000, 2150)]
    ours = simulate(config, range(3000))
    for name in ("trust_across", "coalition_size", "hours_spent"):
        sample = np.array([row[name] for row in rows], dtype=float)
        error = np.sqrt(np.nanvar(sample) / 150 + ours[name].var() / 3000)
        assert abs(np.nanmean(sample) - ours[name].mean()) < 4.5 * error, name
