"""The first use after an installation: two processes compile the rules, and each finds in the cache what the other has compiled.

A command compiles the rules in the order in which they act, and at last the week, which all of them are part of. A helper
compiles about as much, in the order in which the command asks for it, so that neither waits for the other, or does what the other
is doing.
"""

import atexit
import subprocess
import sys
from typing import Any

import numba
import numpy as np

from ci_sim.compilation.compiled import first_use
from ci_sim.compilation.cores import usable_cores
from ci_sim.rules import engine
from ci_sim.rules.record import RULES
from ci_sim.rules.state import allocate


def share_compilation() -> None:
    """Let a helper compile along, if there is anything to compile and a second core to do it."""
    if first_use() and usable_cores() > 1:
        null = subprocess.DEVNULL
        helper = subprocess.Popen([sys.executable, "-P", "-m", __name__], stdin=null, stdout=null, stderr=null)
        atexit.register(helper.terminate)


def share_of_helper() -> list[tuple[Any, tuple]]:
    """Return what the helper compiles, in its order, with the types of the arguments."""
    state, rules, events = allocate(1, 1, 1), np.zeros(1, RULES)[0], np.empty((0, 6))
    row, pairs, trust, rungs = np.empty(0), np.empty((0, 2), np.int64), np.empty((0, 2)), np.empty(0, np.int64)
    calls: list[tuple] = [
        (engine.convene, state, rules),
        (engine.federate, state, rules),
        (engine.negotiate, state, rules),
        (engine.deliberate, state, rules),
        (engine.deliver, state, rules),
        (engine.agree, state, rules),
        (engine.leave, state, rules, events),
        (engine.assess, state, rules, 1),
        (engine.write_week, state, rules, row),
        (engine.write_outcomes, state, rules, row),
        (engine.write_ties, state, rules, pairs, trust, trust, rungs),
    ]
    return [(rule, tuple(numba.typeof(argument) for argument in arguments)) for rule, *arguments in calls]


if __name__ == "__main__":
    for rule, types in share_of_helper():
        rule.compile(types)
