import numpy as np
import pytest
from scipy import stats

from ci_sim.studies.statistics.intervals import level, median, unpaired_difference


def test_a_share_has_wilsons_interval():
    """Against statsmodels' and Newcombe's (1998) worked example: 81 of 263 gives 0.2553 to 0.3662."""
    found = level(np.repeat([1.0, 0.0], [81, 182]))
    assert (found.ci_low, found.ci_high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert found.method.startswith("share")


def test_a_mean_has_a_t_interval():
    values = np.random.default_rng(1).normal(5, 2, 40)
    found, theirs = level(values), stats.ttest_1samp(values, 0).confidence_interval()
    assert (found.ci_low, found.ci_high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize("n", [6, 25, 100])
def test_the_interval_of_a_median_covers_it_at_least_as_often_as_it_says(n):
    """2,000 samples of a skewed distribution: four standard errors below 95 % are 93.1 %; order statistics are conservative."""
    rng, truth = np.random.default_rng(n), np.log(2)
    found = [median(rng.exponential(size=n)) for _ in range(2000)]
    assert np.mean([f.ci_low <= truth <= f.ci_high for f in found]) >= 0.931


def test_a_median_of_few_values_has_no_interval():
    assert np.isnan(median(np.arange(5.0)).ci_low)
    assert np.isnan(median(np.empty(0)).estimate)


def test_an_unpaired_difference_has_welchs_interval():
    a, b = np.random.default_rng(1).normal(size=20), np.random.default_rng(2).normal(1, 3, 30)
    found, theirs = unpaired_difference(a, b), stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert (found.ci_low, found.ci_high, found.n) == (pytest.approx(theirs.low), pytest.approx(theirs.high), 20)
    assert np.isnan(unpaired_difference(a, b[:0]).estimate)
