"""What lies in the memory of the WebAssembly module: arrays, and a table of where each begins and how long it is.

The table is of 64-bit whole numbers: for each array, in the order of `ARRAYS`, its address and its shape; then the horizon in
weeks. Whoever calls the module (a page, a test) lays the arrays out, fills the table, and reads the records in place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ci_sim.configuration.composition import load_config
from ci_sim.rules.engine import OUTCOME_ROW, SERIES_ROW
from ci_sim.rules.population import Given
from ci_sim.rules.record import RULES
from ci_sim.rules.state import State, allocate
from ci_sim.simulation.ensemble import job_from


class Array(NamedTuple):
    """An array in the module's memory."""

    name: str
    dtype: np.dtype
    dimensions: int
    place: int  # in the table: its address, followed by its shape


def _arrays() -> tuple[Array, ...]:
    job = job_from(load_config("baseline"))
    state = allocate(1, 1, 1)
    kinds = [(f"state.{name}", array.dtype, array.ndim) for name, array in zip(State._fields, state, strict=True)]
    given = zip(Given._fields, job.partners.given, strict=True)
    kinds += [(f"given.{name}", array.dtype, array.ndim) for name, array in given]
    kinds += [
        ("rules", RULES, 1),  # one for all runs, or one for each
        ("events", np.dtype(np.float64), 2),
        ("seeds", np.dtype(np.int64), 1),
        ("outcomes", np.dtype(np.float64), 2),  # a row a seed, in the order of OUTCOME_ROW
        ("series", np.dtype(np.float64), 1),  # this week's values, in the order of SERIES_ROW
    ]
    arrays, place = [], 0
    for name, dtype, dimensions in kinds:
        arrays.append(Array(name, dtype, dimensions, place))
        place += 1 + dimensions
    return tuple(arrays)


ARRAYS = _arrays()
WEEKS = ARRAYS[-1].place + 1 + ARRAYS[-1].dimensions  # where in the table the horizon stands
TABLE = WEEKS + 1  # length of the table
ROWS = {"outcomes": OUTCOME_ROW, "series": SERIES_ROW}
ACTS = ("run", "begin", "week", "end")  # what the module can be asked to do, by number
