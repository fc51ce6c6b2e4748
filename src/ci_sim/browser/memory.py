"""What lies in the memory of the WebAssembly module: arrays, and a table of where each begins and how long it is.

The table is of 64-bit whole numbers: for each array, in the order of `ARRAYS`, its address and its shape; then the horizon in
weeks. Whoever calls the module (a page, a test) lays the arrays out, fills the table, and reads the records in place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ci_sim.configuration.composition import load_config
from ci_sim.rules.engine import OUTCOME_ROW, SERIES_ROW
from ci_sim.rules.mechanisms.commit import CONSIDERATION
from ci_sim.rules.population import Given
from ci_sim.rules.record import RULES
from ci_sim.rules.state import State, allocate
from ci_sim.simulation.ensemble import Job, job_from


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
        ("considered", np.dtype(np.float64), 2),  # a row an organization, in the order of CONSIDERATION
        ("beliefs", np.dtype(np.float64), 1),  # of each organization in the group
        # A row a tie, each organization's degree adding half a row (see `engine.write_ties`).
        ("pairs", np.dtype(np.int32), 2),
        ("trust", np.dtype(np.float64), 2),
        ("willingness", np.dtype(np.float64), 2),
        ("agreements", np.dtype(np.int8), 1),
    ]
    arrays, place = [], 0
    for name, dtype, dimensions in kinds:
        arrays.append(Array(name, dtype, dimensions, place))
        place += 1 + dimensions
    return tuple(arrays)


ARRAYS = _arrays()
WEEKS = ARRAYS[-1].place + 1 + ARRAYS[-1].dimensions  # where in the table the horizon stands
TABLE = WEEKS + 1  # length of the table
ROWS = {"outcomes": OUTCOME_ROW, "series": SERIES_ROW, "considered": tuple(CONSIDERATION)}
# What the module can be asked to do, by number: whole runs; or one, begun, week by week, and in the end its outcomes; or a week
# in which it says what each member weighs; or to make of a study's seed those of its replicates, in the order of `seeds`.
ACTS = ("run", "begin", "week", "end", "consider", "seed")


def asked_for(job: Job, runs: int) -> tuple[np.ndarray, ...]:
    """Return room for what comes out of so many runs of a job: the arrays that follow the seeds, in the order of ARRAYS."""
    size = len(job.partners.ids)
    ties = size * job.partners.max_ties // 2
    shapes: dict[str, tuple[int, ...]] = {
        "outcomes": (runs, len(OUTCOME_ROW)),
        "series": (len(SERIES_ROW),),
        "considered": (size, len(CONSIDERATION)),
        "beliefs": (size,),
        "pairs": (ties, 2),
        "trust": (ties, 2),
        "willingness": (ties, 2),
        "agreements": (ties,),
    }
    return tuple(np.zeros(shapes[array.name], array.dtype) for array in ARRAYS[-len(shapes) :])
