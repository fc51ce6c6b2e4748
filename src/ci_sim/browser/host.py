"""A host of the WebAssembly module outside of a browser, by wasmtime: for tests and benchmarks, which do as a page does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import wasmtime

from ci_sim.browser.memory import ACTS, ARRAYS, TABLE, WEEKS, asked_for
from ci_sim.simulation.ensemble import Job, memory_for

_PAGE = 65536  # bytes by which the memory of a module grows


class Built(NamedTuple):
    """The module, and what it was compiled for."""

    engine: wasmtime.Engine
    module: wasmtime.Module

    @classmethod
    def read(cls, path: Path) -> Built:
        """Compile the module in a file."""
        engine = wasmtime.Engine()
        return cls(engine, wasmtime.Module.from_file(engine, str(path)))


class Host:
    """A job laid out in the memory of a module of its own."""

    def __init__(self, built: Built, job: Job, seeds: np.ndarray):
        """Lay out a job for some seeds, an int64 array of shape (n,)."""
        self.store = wasmtime.Store(built.engine)
        exports: Any = wasmtime.Instance(self.store, built.module, []).exports(self.store)
        self.memory, self._act = exports["memory"], exports["act"]
        arrays = [*memory_for(job), *job.partners.given, job.rules, job.events, seeds, *asked_for(job, len(seeds))]
        table, end = np.zeros(TABLE, np.int64), exports["__heap_base"].value(self.store)
        self._places: dict[str, tuple[int, np.ndarray]] = {}
        for array, content in zip(ARRAYS, arrays, strict=True):
            end = _lined_up(end)
            table[array.place], table[array.place + 1 : array.place + 1 + content.ndim] = end, content.shape
            self._places[array.name] = (end, np.ascontiguousarray(content, array.dtype))
            end += content.nbytes
        table[WEEKS] = job.weeks
        self._table = _lined_up(end)
        self.memory.grow(self.store, -(-(self._table + table.nbytes) // _PAGE))
        for at, content in [*self._places.values(), (self._table, table)]:
            self.memory.write(self.store, content.tobytes(), at)

    def ask(self, what: str, first: int, last: int) -> None:
        """Have the module act, one of `memory.ACTS`, for some of the seeds."""
        if self._act(self.store, self._table, ACTS.index(what), first, last):
            raise RuntimeError(f"the module failed at {what!r}")

    def read(self, name: str) -> np.ndarray:
        """Return what is now in one of the arrays, a copy."""
        at, content = self._places[name]
        return np.frombuffer(self.memory.read(self.store, at, at + content.nbytes), content.dtype).reshape(
            content.shape
        )


def _lined_up(address: int) -> int:
    """Return the next address that begins a line of the memory."""
    return -(-address // 64) * 64
