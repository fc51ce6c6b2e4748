"""The default setting is contested, and levers cut both ways.

Seeds are fixed; those of the tests of a direction differ from the ones with which their contexts were found.
Each such test asks for a one-sided exact McNemar test below 1 %: where a lever did nothing, it would
pass by chance for less than one seed in a hundred.
"""

import numpy as np
from scipy import stats

from ci_sim import load_config
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.execution.runner import run_jobs


def formed(scenario: str, replicates: int, *overrides: str, seed: int = 1) -> np.ndarray:
    job = job_from(load_config(scenario, overrides))
    runs, _ = run_jobs([job], seed=seed, replicates=replicates, quiet=True)
    return runs[scenario].outcomes["formed"].to_numpy()


def chance_of_so_many(lever: str, reference: str, context: list[str], direction: str, replicates: int = 300) -> float:
    """Return the one-sided p value that `lever` forms more ("greater") or less ("less") often, in pairs that differ."""
    with_it, without = (formed(name, replicates, *context, seed=2) for name in (lever, reference))
    gained, lost = int((with_it & ~without).sum()), int((without & ~with_it).sum())
    return stats.binomtest(gained, max(1, gained + lost), alternative=direction).pvalue


def test_the_baseline_forms_in_thirty_to_seventy_percent_of_contexts():
    """400 contexts; the standard error of the share is 2.5 points."""
    assert 0.3 <= formed("baseline", 400).mean() <= 0.7


def test_preliminary_stages_help_where_groups_are_thought_little_of_sectors_agree_and_no_signature_is_asked_for():
    doubtful = ["group.prior=0.3", "commitment.signature=false", "context.conflict=0.1"]
    assert chance_of_so_many("preliminary_stages", "baseline", doubtful, "greater") < 0.01


def test_preliminary_stages_hurt_where_there_is_little_trust_at_the_start():
    wary = ["context.trust=[0.25,0.4]"]
    assert chance_of_so_many("preliminary_stages", "baseline", wary, "less") < 0.01


def test_the_sixth_component_helps_where_the_task_is_hard_and_trust_is_high():
    hard = ["context.difficulty=[0.65,0.85]", "context.trust=[0.65,0.85]"]
    assert chance_of_so_many("sixth_component", "baseline", hard, "greater") < 0.01


def test_the_sixth_component_hurts_where_groups_are_thought_little_of_and_the_charter_is_no_signature():
    doubtful = ["group.prior=0.4", "charter.signs=false"]
    assert chance_of_so_many("sixth_component", "baseline", doubtful, "less") < 0.01


def test_ties_within_sectors_help_where_little_is_asked_and_hurt_where_only_two_can_sign():
    easy = ["context.difficulty=[0.45,0.55]"]
    assert chance_of_so_many("intra_sector", "baseline", easy, "greater") < 0.01
    assert chance_of_so_many("intra_sector", "baseline", ["charter.signs=false"], "less") < 0.01
