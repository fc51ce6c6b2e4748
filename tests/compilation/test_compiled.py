"""Rules compute the same compiled, taken into others, joined with others, and as plain Python."""

from typing import NamedTuple

import numba
import numpy as np
import pytest
from numba.core import config as numba_config

from ci_sim.compilation.compiled import compiled, entry, joined, passed_whole

as_machine_code = pytest.mark.skipif(bool(numba_config.DISABLE_JIT), reason="nothing is compiled")


@passed_whole
class Ledger(NamedTuple):
    accounts: np.ndarray
    history: np.ndarray


@compiled
def share(total, parts):
    return total / parts


@compiled
def pay(ledger, k, amount):
    ledger.accounts[k] += share(amount, ledger.accounts.shape[0])


@entry
def pay_all(ledger, amount):
    for k in range(ledger.accounts.shape[0]):
        pay(ledger, k, amount)


@entry
def note(ledger, turn):
    ledger.history[turn] = ledger.accounts.sum()


@joined
def turns(ledger, amount):
    for turn in range(ledger.history.shape[0]):
        pay_all(ledger, amount * (turn + 1.0))
        note(ledger, turn)


def test_rules_joined_and_taken_in_write_to_the_arrays_that_they_are_given():
    ledger = Ledger(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(3))
    turns(ledger, 2.0)
    assert ledger.accounts.tolist() == [4.0, 5.0, 6.0, 7.0]  # each turn 2, 4 and 6, shared by four
    assert ledger.history.tolist() == [12.0, 16.0, 22.0]
    pay_all(ledger, 4.0)
    assert ledger.accounts.tolist() == [5.0, 6.0, 7.0, 8.0]


@as_machine_code
def test_a_rule_that_is_taken_in_has_no_machine_code_of_its_own():
    assert numba.njit(lambda total: share(total, 4.0))(2.0) == 0.5  # kept in no cache, so compiled now
    assert share.overloads
    for version in share.overloads.values():
        assert not list(version.library.get_defined_functions())


@as_machine_code
def test_python_is_told_that_only_rules_call_a_rule_that_is_taken_in():
    with pytest.raises(TypeError, match="from Python use share"):
        share(1.0, 2)
    assert share.py_func(1.0, 2) == 0.5
