"""The functions of mathematics that the rules use, made of what IEEE 754 fixes: the same bits on every processor and system.

Libraries of mathematics differ in the last bits, and so, in the end, would runs. Here everything is made of additions,
multiplications, divisions and the bits of a number, in one order: an argument is brought into a small range, where a series or
a quotient of polynomials does the rest (Muller 2016, *Elementary Functions*). The bounds are in units in the last place of the
result (ulp), against exact arithmetic (`tests/rules/test_arithmetic.py`).
"""

import math

from ci_sim.compilation.bits import bits_of, from_bits
from ci_sim.compilation.compiled import compiled

_EXPONENT = 52  # where the exponent of a number stands in its bits, and what is added to it there
_BIAS = 1023
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD  # the bits of the root of 1/2

_LOG2_E = 1.4426950408889634
_LN2 = 0.6931471805599453
_LN2_HIGH = 0.6931471803691238  # to so few bits that its product with an exponent is exact (Cody & Waite 1980)
_LN2_LOW = 1.9082149292705877e-10  # what is missing
_HALF_PI = 1.5707963267948966
_SQRT_HALF = 0.7071067811865476
_INV_SQRT_2PI = 0.3989422804014327
_INV_SQRT_PI = 0.5641895835477563


@compiled
def exp(x):
    """Return e^x of a number, within 1 ulp, or below 2^-1022 within 2^-1074; infinity above 709.78."""
    x = min(710.0, max(-746.0, x))
    k = math.floor(x * _LOG2_E + 0.5)
    return _scaled(_exp_near_0((x - k * _LN2_HIGH) - k * _LN2_LOW), k)


@compiled
def halved(times):
    """Return 2^-times, what is left of 1 after so many half-lives, 0 or more; as precise as `exp`."""
    times = min(1100.0, times)
    k = math.floor(times + 0.5)
    return _scaled(_exp_near_0((k - times) * _LN2), -k)


@compiled
def _exp_near_0(r):
    """Return e^r for r up to ln(2)/2 in size, by Taylor's series up to the 13th power, halves side by side (Estrin 1960)."""
    r2 = r * r
    r4 = r2 * r2
    first = (1 / 2 + 1 / 6 * r) + r2 * (1 / 24 + 1 / 120 * r)
    second = (1 / 720 + 1 / 5040 * r) + r2 * (1 / 40320 + 1 / 362880 * r)
    third = (1 / 3628800 + 1 / 39916800 * r) + r2 * (1 / 479001600 + 1 / 6227020800 * r)
    return 1.0 + (r + r2 * (first + r4 * (second + r4 * third)))


@compiled
def _scaled(x, k):
    """Return 2^k x, in two steps, as 2^k may lie beyond the range of numbers."""
    part = k >> 1
    return x * from_bits((part + _BIAS) << _EXPONENT) * from_bits((k - part + _BIAS) << _EXPONENT)


@compiled
def log(x):
    """Return the natural logarithm of a number of 2^-1022 or more, within 1 ulp.

    Where x = 2^k (1 + f) with 1 + f between the roots of 1/2 and 2, and s = f / (2 + f), it is k ln 2 + 2 artanh(s): Taylor's
    series up to the 21st power, its sums in the order of Sun's fdlibm (1993).
    """
    k = (bits_of(x) - _SQRT_HALF_BITS) >> _EXPONENT
    f = from_bits(bits_of(x) - (k << _EXPONENT)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    first = (2 / 3 + 2 / 5 * z) + z2 * (2 / 7 + 2 / 9 * z)
    second = (2 / 11 + 2 / 13 * z) + z2 * (2 / 15 + 2 / 17 * z)
    series = z * (first + z4 * (second + z4 * (2 / 19 + 2 / 21 * z)))
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + series) + k * _LN2_LOW)) - f)


@compiled
def log2(x):
    """Return the logarithm to base 2 of such a number, within 3 ulp."""
    return log(x) * _LOG2_E


@compiled
def power(x, y):
    """Return x^y for such a number x, within 2 + 2 |y ln x| ulp."""
    return exp(y * log(x))


@compiled
def cos_sin(turns):
    """Return the cosine and the sine of an angle of so many full turns, each within 2 ulp; `turns` below 2^50 in size.

    Quarters of a turn come off exactly; the rest, an eighth or less, goes into Taylor's series up to the 17th power.
    """
    k = math.floor(4.0 * turns + 0.5)
    a = (4.0 * turns - k) * _HALF_PI
    z = a * a
    z2 = z * z
    z4 = z2 * z2
    odd = (-1 / 6 + 1 / 120 * z) + z2 * (-1 / 5040 + 1 / 362880 * z)
    odd += z4 * ((-1 / 39916800 + 1 / 6227020800 * z) + z2 * (-1 / 1307674368000 + 1 / 355687428096000 * z))
    even = (1 / 24 - 1 / 720 * z) + z2 * (1 / 40320 - 1 / 3628800 * z)
    even += z4 * ((1 / 479001600 - 1 / 87178291200 * z) + z2 * (1 / 20922789888000))
    half = 0.5 * z
    near = 1.0 - half
    sine, cosine = a + a * (z * odd), near + (((1.0 - near) - half) + z2 * even)
    if k & 1:
        sine, cosine = cosine, -sine
    return (-cosine, -sine) if k & 2 else (cosine, sine)


@compiled
def normal(z):
    """Return the density of the standard normal distribution at z, and the chance to lie below z.

    Both within 4 + z^2 ulp, where they are not below 2^-1022; the second by W. J. Cody's (1969) rational approximations of the
    error function.
    """
    bell = exp(-0.5 * z * z)
    x = abs(z) * _SQRT_HALF
    if x <= 0.46875:
        below = 0.5 + 0.5 * z * _SQRT_HALF * _erf_over_x(x * x)
    else:
        tail = 0.5 * bell * (_erfc_over_bell(x) if x <= 4.0 else _erfc_over_bell_far(x))
        below = tail if z < 0.0 else 1.0 - tail
    return _INV_SQRT_2PI * bell, below


@compiled
def _erf_over_x(y):
    """Return erf(x) / x for y = x^2, x up to 0.46875 (Cody 1969)."""
    p = ((1.85777706184603153e-1 * y + 3.16112374387056560) * y + 1.13864154151050156e2) * y + 3.77485237685302021e2
    q = ((y + 2.36012909523441209e1) * y + 2.44024637934444173e2) * y + 1.28261652607737228e3
    return (p * y + 3.20937758913846947e3) / (q * y + 2.84423683343917062e3)


@compiled
def _erfc_over_bell(x):
    """Return e^(x^2) erfc(x) for x from 0.46875 to 4 (Cody 1969)."""
    p = ((2.15311535474403846e-8 * x + 5.64188496988670089e-1) * x + 8.88314979438837594) * x + 6.61191906371416295e1
    p = ((p * x + 2.98635138197400131e2) * x + 8.81952221241769090e2) * x + 1.71204761263407058e3
    q = ((x + 1.57449261107098347e1) * x + 1.17693950891312499e2) * x + 5.37181101862009858e2
    q = ((q * x + 1.62138957456669019e3) * x + 3.29079923573345963e3) * x + 4.36261909014324716e3
    p = (p * x + 2.05107837782607147e3) * x + 1.23033935479799725e3
    return p / ((q * x + 3.43936767414372164e3) * x + 1.23033935480374942e3)


@compiled
def _erfc_over_bell_far(x):
    """Return e^(x^2) erfc(x) for x from 4 on (Cody 1969)."""
    y = 1.0 / (x * x)
    p = ((1.63153871373020978e-2 * y + 3.05326634961232344e-1) * y + 3.60344899949804439e-1) * y
    p = ((p + 1.25781726111229246e-1) * y + 1.60837851487422766e-2) * y + 6.58749161529837803e-4
    q = ((y + 2.56852019228982242) * y + 1.87295284992346725) * y + 5.27905102951428412e-1
    q = (q * y + 6.05183413124413191e-2) * y + 2.33520497626869185e-3
    return (_INV_SQRT_PI - y * p / q) / x
