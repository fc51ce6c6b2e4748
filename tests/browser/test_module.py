"""The WebAssembly module runs the same rules: it gives the engine's outcomes to the last bit."""

from pathlib import Path

import numpy as np
import pytest

from ci_sim import load_config
from ci_sim.browser.host import Built, Host
from ci_sim.browser.module import BUILT
from ci_sim.simulation.ensemble import Job, job_from, run_seeds
from ci_sim.studies.execution.plan import jobs_of
from ci_sim.studies.statistics.design import space_filling, spans

SCENARIOS = ("baseline", "preliminary_stages", "kinds_in_sequence", "sixth_component", "intra_sector", "four_insights")
HAPPENING = ["events=[election,crisis,champion_lost,funder_leaves,matching_grant,budget_cut]"]
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TABLES = [
    "population=from_files",
    f"organizations='{EXAMPLES / 'organizations.csv'}'",
    f"ties='{EXAMPLES / 'ties.csv'}'",
    "population.trust_scale=[1,4]",
]


@pytest.fixture(scope="module")
def built() -> Built:
    return Built.read(BUILT)


def drawn_jobs(settings: int) -> list[Job]:
    """Return jobs of settings over the spans of all parameters, the scenarios in turn."""
    drawn = space_filling(spans(), settings, 1)
    by_scenario = [jobs_of(load_config(name), drawn.iloc[k :: len(SCENARIOS)]) for k, name in enumerate(SCENARIOS)]
    return [job for jobs in by_scenario for job in jobs]


def told_jobs() -> list[Job]:
    """Return jobs of tables, events, a sequence, a single sector and a laboratory."""
    told = [
        ("four_insights", ["population=knoke", *HAPPENING]),
        ("sixth_component", ["population=chemnet"]),
        ("intra_sector", TABLES),
        ("baseline", ["sequence.first=[civil_society]", "sequence.weeks=13", "population.dimensions=4"]),
        ("civil_society_four_insights", ["commitment.noise=0", "population.dimensions=1", *HAPPENING]),
        ("lab_charter", []),
    ]
    return [job_from(load_config(name, overrides)) for name, overrides in told]


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays are the same to the last bit, the sign of a zero and what is missing included."""
    return np.array_equal(a.view(np.int64), b.view(np.int64))


def test_the_module_needs_nothing_from_outside(built):
    assert list(built.module.imports) == []


@pytest.mark.parametrize(
    ("jobs", "runs"), [(drawn_jobs(48), 18), (told_jobs(), 30)], ids=["drawn settings", "tables and more"]
)
def test_more_than_a_thousand_runs_give_the_engines_outcomes_to_the_last_bit(built, jobs, runs):
    """864 runs of drawn settings and 180 of tables and more."""
    for k, job in enumerate(jobs):
        seeds = np.arange(1000 * k, 1000 * k + runs)
        page = Host(built, job, seeds)
        page.ask("run", 0, runs)
        assert same_bits(page.read("outcomes"), run_seeds(job, seeds, with_series=False)[0]), (job.name, k)


def test_week_by_week_it_is_the_same_run(built):
    job, seeds = job_from(load_config("four_insights", ["population=knoke", "weeks=60"])), np.arange(2)
    outcomes, series = run_seeds(job, seeds, with_series=True)
    page = Host(built, job, seeds)
    page.ask("begin", 1, 2)
    for week in range(60):
        page.ask("week", 1, 2)
        assert same_bits(page.read("series"), series[1, week])
    page.ask("end", 1, 2)
    assert same_bits(page.read("outcomes")[1], outcomes[1])
