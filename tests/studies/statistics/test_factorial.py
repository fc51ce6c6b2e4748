import numpy as np
import pytest

from ci_sim.studies.statistics.factorial import contrasts, shapley_shares, subsets

FACTORS = ("a", "b", "c")
RNG = np.random.default_rng(2)
NOISE = RNG.normal(size=40)


def outcomes_of(value) -> dict:
    return {chosen: NOISE + value(set(chosen)) for chosen in subsets(FACTORS)}


def test_contrasts_find_planted_effects_and_interactions():
    """y = 2a + 3ab with factors 0 or 1: a's effect is 2 + 3/2, b's 3/2, and their interaction 3/2, half of 3."""
    table = contrasts(outcomes_of(lambda s: 2 * ("a" in s) + 3 * ({"a", "b"} <= s)), FACTORS).set_index("effect")
    expected = {"a": 3.5, "b": 1.5, "c": 0, "a x b": 1.5, "a x c": 0, "b x c": 0, "a x b x c": 0}
    assert table["estimate"].to_dict() == pytest.approx(expected, abs=1e-12)


def test_the_noise_that_runs_share_cancels_and_that_of_their_own_does_not():
    own = {chosen: RNG.normal(size=40) for chosen in subsets(FACTORS)}
    table = contrasts(own, FACTORS)
    per_run = sum((1 if "a" in chosen else -1) * y for chosen, y in own.items()) / 4
    width = table.set_index("effect").loc["a", "ci_high"] - table.set_index("effect").loc["a", "estimate"]
    assert width == pytest.approx(2.0227 * per_run.std(ddof=1) / np.sqrt(40), rel=1e-4)


def test_shapley_shares_divide_a_known_game():
    """The glove game (Shapley & Shubik 1969): one left glove and two right ones: 2/3, 1/6, 1/6."""
    table = shapley_shares(outcomes_of(lambda s: float("a" in s and len(s) > 1)), FACTORS)
    share = table[table["contribution"] == "share"].set_index("factor")["estimate"]
    assert share.to_dict() == pytest.approx({"a": 2 / 3, "b": 1 / 6, "c": 1 / 6})
    alone = table[table["contribution"] == "alone"].set_index("factor")["estimate"]
    last = table[table["contribution"] == "last"].set_index("factor")["estimate"]
    assert alone.to_dict() == pytest.approx({"a": 0, "b": 0, "c": 0}, abs=1e-12)
    assert last.to_dict() == pytest.approx({"a": 1, "b": 0, "c": 0}, abs=1e-12)


def test_shapley_shares_add_up_to_what_all_change():
    own = {chosen: RNG.normal(size=40) for chosen in subsets(FACTORS)}
    table = shapley_shares(own, FACTORS)
    total = table.loc[table["contribution"] == "share", "estimate"].sum()
    assert total == pytest.approx((own[FACTORS] - own[()]).mean())
