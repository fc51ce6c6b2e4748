"""The default setting is contested, and levers cut both ways. Seeds are fixed; error rates are of a fresh seed."""

import numpy as np

from ci_sim import load_config
from ci_sim.ensemble import job_from
from ci_sim.studies.runner import run_jobs


def formed(scenario: str, replicates: int, *overrides: str) -> np.ndarray:
    job = job_from(load_config(scenario, overrides))
    runs, _ = run_jobs([job], seed=1, replicates=replicates, quiet=True)
    return runs[scenario].outcomes["formed"].to_numpy()


def test_the_baseline_forms_in_thirty_to_seventy_percent_of_contexts():
    """400 contexts; the standard error of the share is 2.5 points."""
    assert 0.3 <= formed("baseline", 400).mean() <= 0.7


def context(**values: float) -> list[str]:
    return [f"context.{name}={value}" for name, value in values.items()]


EASY = context(conflict=0.2, spread=0.12, reliability=0.9, urgency=0.65, trust=0.52, difficulty=0.42)
HARD = context(conflict=0.2, spread=0.12, reliability=0.92, urgency=0.65, trust=0.55, difficulty=0.62)
SPREAD = context(conflict=0.28, spread=0.19, reliability=0.9, urgency=0.67, trust=0.45, difficulty=0.56)
DIVIDED = context(conflict=0.66, spread=0.07, reliability=0.95, urgency=0.52, trust=0.5, difficulty=0.52)
