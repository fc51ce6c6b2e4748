from concurrent.futures import Future

import numpy as np
import pandas as pd
import pytest

from ci_sim import UserError, compare, load_config
from ci_sim.report.comparison import savings_sentence
from ci_sim.studies.execution import executors
from ci_sim.studies.execution.sequential import next_look
from ci_sim.studies.statistics.intervals import mean_difference, risk_difference, variance_reduction

SMALL = ["scenarios=[baseline,intra_sector]", "population.size=12", "weeks=40", "quiet=true"]


def small(*overrides):
    return compare(load_config("compare", [*SMALL, *overrides]))


@pytest.fixture(scope="module")
def precise():
    return small("replicates=30", "precision=0.004", "precision_outcome=trust_across")


def half_width(result, outcome):
    row = result.effects.set_index("outcome").loc[outcome]
    return (row["ci_high"] - row["ci_low"]) / 2


def test_replicates_are_added_until_the_effect_is_known_as_precisely_as_asked(precise):
    assert half_width(small("replicates=30"), "trust_across") > 0.004
    assert half_width(precise, "trust_across") <= 0.004
    assert "as asked" in precise.stopped.said()


def test_it_is_the_comparison_that_the_final_number_of_replicates_would_have_made(precise):
    replicates = precise.outcomes["replicate"].nunique()
    assert replicates > 33
    given = small(f"replicates={replicates}")
    pd.testing.assert_frame_equal(precise.outcomes, given.outcomes, check_exact=True)
    pd.testing.assert_frame_equal(precise.effects, given.effects, check_exact=True)
    pd.testing.assert_frame_equal(precise.weekly, given.weekly)


def test_the_cap_ends_it_and_is_said():
    result = small("replicates=30", "precision=0.0001", "precision_outcome=trust_across", "max_replicates=50")
    assert result.outcomes["replicate"].nunique() == 50
    assert result.stopped.said().startswith("50 replicates, the most that max_replicates allows: ")


def test_a_comparison_that_is_stopped_before_its_first_run_is_empty_but_whole(monkeypatch, ctrl_c):
    def interrupted(*call):
        ctrl_c()
        return Future()

    monkeypatch.setattr(executors.ThreadPoolExecutor, "submit", interrupted)
    result = small("replicates=30", "precision=0.01")
    assert (result.complete, len(result.outcomes), len(result.weekly)) == (False, 0, 80)
    assert result.weekly["formed"].isna().all()


def test_the_interval_at_stopping_keeps_its_coverage():
    """2,000 sequential comparisons of each kind: the s.e. of a coverage of 95 % is 0.5 points; 93.5 % is three of them below."""
    rng = np.random.default_rng(3)
    for interval, draw, truth, precision in (
        (risk_difference, lambda n: (rng.uniform(size=n) < 0.3, rng.uniform(size=n) < 0.2), 0.1, 0.08),
        (mean_difference, lambda n: (rng.exponential(1.0, n), rng.exponential(1.0, n)), 0.0, 0.15),
    ):
        covered = 0
        for _ in range(2000):
            a, b = draw(100)
            while True:
                found = interval(a.astype(float), b.astype(float))
                reach = (found.ci_high - found.ci_low) / 2
                if reach <= precision:
                    break
                more = draw(next_look(len(a), reach, precision) - len(a))
                a, b = np.concatenate([a, more[0]]), np.concatenate([b, more[1]])
            covered += found.ci_low <= truth <= found.ci_high
        assert covered / 2000 > 0.935


def test_the_next_look_is_a_tenth_on_at_least_and_no_more_than_the_double():
    assert next_look(100, 0.0201, 0.02) == 110
    assert next_look(100, 0.025, 0.02) == 157
    assert next_look(100, 0.04, 0.02) == 200
    assert next_look(100, np.inf, 0.02) == 200


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("precision=0", "precision=0.0: must be a number above 0, or null"),
        ("precision=fine", "precision=fine: must be a number above 0, or null"),
        ("precision_outcome=form", "precision_outcome=form: must be one of formed, "),
        ("max_replicates=0", "max_replicates=0: must be a number from 1"),
    ],
)
def test_a_precision_that_cannot_be_reached_is_refused(override, message):
    with pytest.raises(UserError, match=message):
        load_config("compare", [override])


def test_the_variance_reduction_is_that_of_the_known_correlation():
    """With correlation r pairing saves a factor of 1 / (1 - r); 100,000 pairs know it to a hundredth."""
    rng = np.random.default_rng(5)
    shared, own = rng.normal(size=100_000), rng.normal(size=(2, 100_000))
    a, b = (0.8**0.5 * shared + 0.2**0.5 * own[k] for k in range(2))
    assert variance_reduction(a, b) == pytest.approx(5, rel=0.02)
    assert variance_reduction(own[0], own[1]) == pytest.approx(1, rel=0.02)
    assert np.isnan(variance_reduction(a, a))


def test_the_report_says_what_pairing_saves_and_where_it_saves_nothing():
    effects = pd.DataFrame(
        {
            "contrast": ["intra_sector - baseline"] * 2,
            "outcome": ["formed", "trust_across"],
            "variance_reduction": [1.01, 2.5],
        }
    )
    sentence = savings_sentence(effects, "baseline", "en")
    assert "on the chance of forming, 1.0 (Ties within sectors) – there pairing saves nothing" in sentence
    assert "on the trust across sectors, 2.5 (Ties within sectors)." in sentence
