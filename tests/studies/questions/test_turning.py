"""What would make it a question: the nearest single change, found on the same luck."""

import numpy as np
import pandas as pd
import pytest

from ci_sim import compare, load_config, simulate, turning_points
from ci_sim.report.comparison import first_of_all, hours_for_each
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.questions.turning import DISTANCE, _conditions, _towards

QUICK = ["population.size=12", "weeks=60", "commitment.windows=0", "quiet=true"]
HARD = [*QUICK, "context.difficulty=0.98", "commitment.cost=0.5"]


def share_formed(*overrides: str) -> float:
    config = load_config("baseline", [*QUICK, *overrides])
    seeds = compare(load_config("compare", [*QUICK, "replicates=40", "scenarios=[baseline,direct_launch]"])).outcomes[
        "seed"
    ]
    return float(simulate(config, seeds.unique())["formed"].mean())


def test_where_none_forms_the_nearest_change_lets_half_of_them_form_on_the_same_luck():
    table = turning_points(load_config("baseline", [*QUICK, "commitment.cost=0.5"]))
    assert (table["formed_now"] == 0).all()
    assert (table["formed_then"] >= 0.5).all()
    assert table["moved"].abs().is_monotonic_increasing
    cost = table.set_index("condition").loc["commitment.cost"]
    assert cost["moved"] < 0  # the cost has to fall
    then = cost["then_low"]
    assert share_formed(f"commitment.cost={then - 0.01}") >= 0.5
    assert share_formed(f"commitment.cost={then + 0.02}") < 0.5


def test_where_all_form_the_change_goes_the_other_way():
    easy = ["commitment.cost=0.02", "context.difficulty=0.1", "commitment.signature=false", "mandates.active=false"]
    table = turning_points(load_config("baseline", [*QUICK, *easy]))
    assert (table["formed_now"] == 1).all()
    assert (table["formed_then"] < 0.5).all()
    assert table.set_index("condition").loc["commitment.cost", "moved"] > 0


def test_where_only_some_form_it_is_a_question_already():
    assert turning_points(load_config("baseline", QUICK)).empty


def test_traits_that_a_table_gives_move_with_their_context(tmp_path):
    path = tmp_path / "orgs.csv"
    path.write_text("name,sector,salience,position_1\nA,government,0.2,0\nB,business,0.4,1\n", encoding="utf-8")
    given = ["population=from_files", f"organizations='{path}'", "sectors=[government,business]"]
    job = job_from(load_config("run", given))
    conditions = {c.name: c for c in _conditions(job)}
    moved = conditions["context.urgency"].moved(job, 0.5).partners.given.salience
    np.testing.assert_allclose(moved, [0.2 + 0.5 * 0.79, 0.4 + 0.5 * 0.59])
    closer = conditions[DISTANCE].moved(job, -0.5).partners.given.position
    np.testing.assert_allclose(closer[:, 0], [0.25, 0.75])
    assert job.partners.given.salience.tolist() == [0.2, 0.4]  # the job itself stays as it is


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.4), (1.0, 1.0), (-1.0, 0.0), (0.5, 0.7), (-0.5, 0.2)])
def test_a_value_moves_by_a_share_of_the_way_to_its_limit(share, expected):
    assert _towards(0.4, share, 0.0, 1.0) == pytest.approx(expected)


def test_a_comparison_in_which_nothing_forms_says_so_first_and_what_would_change_it():
    result = compare(load_config("compare", [*HARD, "scenarios=[baseline,intra_sector]", "replicates=30"]))
    said = first_of_all(result, "baseline")
    assert said.startswith("No initiative forms, in any scenario. What stood in the way in “Baseline”: ")
    assert "would form, on the same luck, with one thing moved" in said or "moved alone as far as it can be" in said
    contested = compare(load_config("compare", [*QUICK, "scenarios=[baseline,intra_sector]", "replicates=60"]))
    assert first_of_all(contested, "baseline") == ""


def test_hours_for_each_that_forms_include_those_of_the_others():
    runs = pd.DataFrame({"formed": [True, False, False], "hours_spent": [100.0, 50.0, 30.0]})
    assert hours_for_each(runs) == 180
    assert np.isnan(hours_for_each(runs.assign(formed=False)))
