"""Timing side by side: the sides of a comparison take turns, so that what else the machine does falls on all of them."""

import gc
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """The median, least and greatest of a figure over the rounds."""

    median: float
    least: float
    greatest: float


def seconds(action: Callable[[], object]) -> float:
    """Return the wall time of an action."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turns(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, np.ndarray]:
    """Return the wall times of actions, by name and of shape (rounds,), after one call each that does not count.

    No side has to look through the garbage of the others (Mesa keeps every model that was made).
    """

    def alone(action: Callable[[], object]) -> float:
        gc.collect()
        gc.freeze()
        return seconds(action)

    for action in actions.values():
        action()
    times = [{name: alone(action) for name, action in actions.items()} for _ in range(rounds)]
    return {name: np.array([turn[name] for turn in times]) for name in actions}


def spread(values: np.ndarray) -> Spread:
    """Return the spread of a figure that was measured in each round."""
    return Spread(float(np.median(values)), float(values.min()), float(values.max()))
