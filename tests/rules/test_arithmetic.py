"""The rules' own functions of mathematics, against exact arithmetic (mpmath, 200 bits), in units in the last place."""

import math

import mpmath
import numba
import numpy as np
import pytest

from ci_sim.rules import arithmetic
from ci_sim.rules.beliefs import _NODES, _WEIGHTS
from ci_sim.rules.state import SHOCKS

DRAWN = np.random.default_rng(1)


def ulps(got: np.ndarray, exact: list[mpmath.mpf]) -> np.ndarray:
    """Return how far numbers are from the exact ones, in units in the last place of these."""
    spacing = np.spacing(np.abs([float(x) for x in exact]))
    return np.array(
        [float(abs(mpmath.mpf(float(g)) - x) / mpmath.mpf(s)) for g, x, s in zip(got, exact, spacing, strict=True)]
    )


def of_each(name: str, points: np.ndarray) -> np.ndarray:
    """Return what a function gives for each point, compiled; (n,), or (2, n) where it gives two numbers."""
    rule = getattr(arithmetic, name)
    called = numba.njit(error_model="numpy")(rule.py_func) if hasattr(rule, "py_func") else rule
    return np.array([called(x) for x in points]).T


@pytest.fixture(autouse=True)
def exactly():
    with mpmath.workprec(200):
        yield


ALL = np.concatenate([DRAWN.uniform(-708, 709, 3000), DRAWN.uniform(-1, 1, 3000), DRAWN.normal(0, 1e-6, 500), [0.0]])
LATE = np.concatenate([DRAWN.uniform(0, 1022, 3000), DRAWN.uniform(0, 2, 3000), np.arange(20.0)])
POSITIVE = np.concatenate([np.exp(DRAWN.uniform(-708, 709, 3000)), DRAWN.uniform(0.4, 2.2, 6000), [2.0**-1022, 0.5, 2]])


@pytest.mark.parametrize(
    ("name", "points", "exact", "bound"),
    [
        ("exp", ALL, mpmath.exp, 1.0),
        ("halved", LATE, lambda x: mpmath.mpf(2) ** -x, 1.0),
        ("log", POSITIVE, mpmath.log, 1.0),
        ("log2", POSITIVE, lambda x: mpmath.log(x, 2), 3.0),
    ],
)
def test_functions_of_a_number_are_as_near_as_they_say(name, points, exact, bound):
    got = of_each(name, points)
    assert ulps(got, [exact(mpmath.mpf(float(x))) for x in points]).max() <= bound


def test_a_power_is_as_near_as_it_says():
    x, y = np.exp(DRAWN.uniform(-5, 5, 3000)), DRAWN.uniform(-20, 20, 3000)
    power = numba.njit(arithmetic.power.py_func) if hasattr(arithmetic.power, "py_func") else arithmetic.power
    exact = [mpmath.mpf(float(a)) ** mpmath.mpf(float(b)) for a, b in zip(x, y, strict=True)]
    assert (
        ulps(np.array([power(a, b) for a, b in zip(x, y, strict=True)]), exact) <= 2.0 + 2.0 * np.abs(y * np.log(x))
    ).all()


def test_the_cosine_and_the_sine_of_a_turn_are_as_near_as_they_say():
    turns = np.concatenate([DRAWN.uniform(0, 1, 4000), DRAWN.uniform(-3, 3, 2000), np.arange(-8, 9) / 8])
    got = of_each("cos_sin", turns)
    for numbers, exact in zip(got, (mpmath.cospi, mpmath.sinpi), strict=True):
        assert ulps(numbers, [exact(2 * mpmath.mpf(float(x))) for x in turns]).max() <= 2.0


def test_quarters_of_a_turn_are_exact():
    cosines, sines = of_each("cos_sin", np.array([0.0, 0.25, 0.5, 0.75, 1.0, -0.25]))
    assert cosines.tolist() == [1, 0, -1, 0, 1, 0]
    assert sines.tolist() == [0, 1, 0, -1, 0, -1]


def test_the_normal_distribution_is_as_near_as_it_says():
    z = np.concatenate([DRAWN.uniform(-8, 8, 4000), DRAWN.normal(0, 1, 4000), DRAWN.uniform(-35, 35, 1000), [0.0]])
    got = of_each("normal", z)
    for numbers, exact in zip(got, (mpmath.npdf, mpmath.ncdf), strict=True):
        assert (ulps(numbers, [exact(mpmath.mpf(float(x))) for x in z]) <= 4.0 + z * z).all()


def test_what_lies_beyond_the_range_of_numbers_is_0_or_infinite():
    assert of_each("exp", np.array([-1e300, -746.0, 709.8, 1e300, math.inf])).tolist() == [
        0,
        0,
        math.inf,
        math.inf,
        math.inf,
    ]
    assert of_each("exp", np.array([-745.0]))[0] == 2.0**-1074
    assert of_each("halved", np.array([1074.0, 1e6, math.inf])).tolist() == [2.0**-1074, 0, 0]
    assert of_each("normal", np.array([-50.0, 50.0])).tolist() == [[0, 0], [0, 1]]


def test_the_nodes_are_those_of_gauss_and_hermite():
    """The mean over a standard normal variable of a polynomial of up to the thirteenth degree is exact."""
    assert len(_NODES) == SHOCKS
    for degree in range(0, 14, 2):
        mean = _WEIGHTS[0] * _NODES[0] ** degree + 2 * (_WEIGHTS[1:] * _NODES[1:] ** degree).sum()
        assert mean == pytest.approx(math.prod(range(1, degree, 2)), rel=1e-13)
