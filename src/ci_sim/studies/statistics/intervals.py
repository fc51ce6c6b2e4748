"""Estimates with their 95 % intervals: of one sample, and of paired samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

_Z = stats.norm.ppf(0.975)


class Estimate(NamedTuple):
    """An estimate, its 95 % interval (NaN where too few values say anything), the number of values or pairs, and the method."""

    estimate: float
    ci_low: float
    ci_high: float
    n: int
    method: str


def wilson(share: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the score interval of shares of n values (Wilson 1927)."""
    center = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = np.sqrt(_Z**2 * (share * (1 - share) / n + _Z**2 / (4 * n * n))) / (1 + _Z**2 / n)
    return np.maximum(0.0, center - half), np.minimum(1.0, center + half)


def yes_or_no(*samples: np.ndarray) -> bool:
    """Return whether samples hold nothing but zeros and ones."""
    return all(bool(np.isin(sample, (0.0, 1.0)).all()) for sample in samples)


def level(values: np.ndarray) -> Estimate:
    """Return the mean of a sample; of a sample of zeros and ones, the share of ones.

    Args:
        values: (n,) without missing values.
    """
    n = len(values)
    if n and yes_or_no(values):
        share = float(np.mean(values))
        low, high = wilson(np.array(share), n)
        return Estimate(share, float(low), float(high), n, "share, Wilson interval")
    return mean_of(values, "mean, t interval")


def median(values: np.ndarray) -> Estimate:
    """Return the median of a sample (n,) with the distribution-free interval of order statistics."""
    ordered, n = np.sort(values), len(values)
    below = int(stats.binom.ppf(0.025, n, 0.5)) if n else 0
    known = below >= 1
    low, high = (ordered[below - 1], ordered[n - below]) if known else (np.nan, np.nan)
    middle = float(np.median(ordered)) if n else np.nan
    return Estimate(middle, float(low), float(high), n, "median, interval of order statistics")


def mean_difference(a: np.ndarray, b: np.ndarray) -> Estimate:
    """Return the mean of the paired differences a - b, both of shape (n,), with its t interval."""
    return mean_of(a - b, "mean of paired differences, t interval")


def mean_of(values: np.ndarray, method: str) -> Estimate:
    """Return the mean of a sample (n,) with its t interval, under the name of the method that made the values."""
    n = len(values)
    if n < 2:
        return Estimate(float(values.mean()) if n else np.nan, np.nan, np.nan, n, method)
    half = stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return Estimate(values.mean(), values.mean() - half, values.mean() + half, n, method)


def risk_difference(a: np.ndarray, b: np.ndarray) -> Estimate:
    """Return the difference of two paired proportions, of zeros and ones of shape (n,), by Agresti & Min (2005).

    Half a pair is added to each cell of the 2 x 2 table, so that the interval has width also where no pair differs.
    """
    n = len(a)
    method = "difference of paired proportions, Agresti-Min interval"
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, method)
    gained, lost = float(np.sum(a > b)) + 0.5, float(np.sum(a < b)) + 0.5
    center = (gained - lost) / (n + 2)
    half = _Z * np.sqrt(gained + lost - (gained - lost) ** 2 / (n + 2)) / (n + 2)
    return Estimate(float(np.mean(a - b)), max(-1.0, center - half), min(1.0, center + half), n, method)


def complete_pairs(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return those values of two samples of shape (n,) that are known in both."""
    known = ~(np.isnan(a) | np.isnan(b))
    return a[known], b[known]


def paired_effect(outcome: str, a: np.ndarray, b: np.ndarray) -> Estimate:
    """Return the paired effect on an outcome, both samples of shape (n,), over the pairs in which both runs have a value."""
    return (risk_difference if outcome == "formed" else mean_difference)(*complete_pairs(a, b))


def variance_reduction(a: np.ndarray, b: np.ndarray) -> float:
    """Return what pairing two samples of shape (n,) saves: the variance of the difference of independent ones over that of a - b.

    So many times as many pairs would be needed with independent seeds for an interval as narrow; below 1 pairing harms. NaN
    where no pair differs, or where fewer than two pairs say anything.
    """
    apart = np.var(a - b) if len(a) > 1 else 0.0
    return float((np.var(a) + np.var(b)) / apart) if apart > 0.0 else np.nan


def unpaired_difference(a: np.ndarray, b: np.ndarray) -> Estimate:
    """Return the difference of the means of two samples, of shapes (n,) and (m,), with Welch's interval; n counts the fewer."""
    method = "difference of means, Welch interval"
    difference, n = float(a.mean() - b.mean()) if len(a) and len(b) else np.nan, min(len(a), len(b))
    if n < 2:
        return Estimate(difference, np.nan, np.nan, n, method)
    interval = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    return Estimate(difference, float(interval.low), float(interval.high), n, method)
