import numpy as np
import pytest
from scipy import stats

from ci_sim.rules import streams
from conftest import from_python


def words(key: int, counter: tuple[int, int, int, int]) -> list[int]:
    philox = from_python(streams.philox)
    return [int(w) for w in philox(np.uint64(key), *(np.uint64(c) for c in counter))]


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        (0, (0, 0, 0, 0), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (2**64 - 1, (2**32 - 1,) * 4, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            0x299F31D0_A4093822,
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_published_known_answers(key, counter, expected):
    """The known answers are those of the Random123 distribution for philox4x32-10."""
    assert words(key, counter) == expected


def draws(count: int, purpose: int, seed: int = 3) -> np.ndarray:
    uniforms = from_python(streams.uniforms)
    return np.array([uniforms(seed, week, who, 7, purpose) for week in range(1, count // 20 + 1) for who in range(20)])


def test_draws_are_uniform_and_the_four_of_a_call_independent():
    """Eight tests at the 0.1 % level: a right generator fails here about once in 125 seeds; the seed is fixed."""
    sample = draws(4000, streams.CHOICE)
    for column in sample.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    for a, b in ((0, 1), (0, 2), (1, 3), (2, 3)):
        assert stats.pearsonr(sample[:, a], sample[:, b]).pvalue > 1e-3


def test_purposes_do_not_share_a_stream():
    """One test at the 0.1 % level."""
    a, b = draws(4000, streams.CHOICE)[:, 0], draws(4000, streams.TURNOVER)[:, 0]
    assert stats.pearsonr(a, b).pvalue > 1e-3


def test_normal_draws_are_standard_normal():
    """Four tests at the 0.1 % level."""
    normals = from_python(streams.normals)
    sample = np.array([normals(11, week, 3, 4, streams.PERCEPTION) for week in range(4000)])
    for column in sample.T:
        assert stats.kstest(column, "norm").pvalue > 1e-3


def test_seeds_of_replicates_do_not_depend_on_how_many_are_asked_for():
    many = streams.replicate_seeds(1, 2000)
    assert (many[:10] == streams.replicate_seeds(1, 10)).all()
    assert len(set(many)) == 2000
    assert many.max() < 2**52
    assert not set(many) & set(streams.replicate_seeds(2, 2000))


def test_a_rule_for_rules_only_refuses_to_be_called_from_python():
    if not hasattr(streams.philox, "py_func"):
        pytest.skip("uncompiled rules can be called from anywhere")
    with pytest.raises(TypeError, match="py_func"):
        streams.uniform(1, 1, 1, 1, 1)


def test_normal_draws_are_those_of_box_and_muller_at_the_angle_of_a_full_turn():
    uniforms, pair, four = (from_python(rule) for rule in (streams.uniforms, streams.normal_pair, streams.normals))
    for week in range(1, 20):
        a, b, c, d = uniforms(3, week, 4, 7, streams.TRAITS)
        expected = [
            np.sqrt(-2 * np.log(u)) * turn(2 * np.pi * v) for u, v in ((a, b), (c, d)) for turn in (np.cos, np.sin)
        ]
        np.testing.assert_allclose(four(3, week, 4, 7, streams.TRAITS), expected, rtol=1e-12)
        np.testing.assert_allclose(pair(3, week, 4, 7, streams.TRAITS), expected[:2], rtol=1e-12)
