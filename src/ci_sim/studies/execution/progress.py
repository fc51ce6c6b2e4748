"""How far work is: a bar in the terminal, and for a sweep a small file that other tools can read."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ci_sim.compilation.compiled import first_use
from ci_sim.studies.execution.output import now, write_text

_EVERY = 1.0  # seconds between two states of the file


@contextmanager
def progress(quiet: bool, total: int, unit: str, what: str = "Running") -> Iterator[Callable[[int], object]]:
    """Show a progress bar with the time left on standard error, and give what moves it on by so many."""
    if quiet:
        yield lambda done: None
        return
    with _bar(f"{unit}, time left") as bar:
        task = bar.add_task(_at_first(what), total=total)
        yield lambda done: bar.update(task, advance=done, description=what)


def _bar(words: str, shown: bool = True) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(words),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), disable=not shown)


def _at_first(what: str) -> str:
    """Return what a bar says until the first step is done."""
    return "Compiling the model, once" if first_use() else what


class Progressing:
    """A bar on standard error, unless that is no terminal or the user wants quiet, and a JSON file, renewed every second."""

    def __init__(self, path: Path, runs: int, done: int, formed: int, quiet: bool):
        """Begin with so many runs done, and so many of them formed, of so many to do."""
        self.path, self.runs, self.done, self.formed = path, runs, done, formed
        self._at_first, self._began, self._written = done, time.monotonic(), 0.0
        self._bar = _bar("runs, {task.fields[pace]}, time left", shown=not quiet and sys.stderr.isatty())
        self._task = self._bar.add_task(_at_first("Running"), total=runs, completed=done, pace="")

    def __enter__(self) -> Progressing:
        """Show the bar."""
        self._bar.start()
        self._write()
        return self

    def __exit__(self, *error: Any) -> None:
        """Take the bar away, and leave the last state in the file."""
        self._bar.stop()
        self._write()

    def advance(self, runs: int, formed: int) -> None:
        """Count some runs that have ended, and how many of them formed."""
        self.done += runs
        self.formed += formed
        pace = f"{self.runs_per_second:,.0f} a second, {self.formed / self.done:.0%} formed"
        self._bar.update(self._task, completed=self.done, description="Running", pace=pace)
        if time.monotonic() - self._written > _EVERY:
            self._write()

    @property
    def runs_per_second(self) -> float:
        """Runs a second since the beginning of this session."""
        return (self.done - self._at_first) / max(1e-9, time.monotonic() - self._began)

    def _write(self) -> None:
        pace = self.runs_per_second
        state = {
            "runs_done": self.done,
            "runs": self.runs,
            "formed_share": self.formed / self.done if self.done else None,
            "runs_per_second": round(pace, 2),
            "seconds_left": round((self.runs - self.done) / pace, 1) if pace > 0 else None,
            "updated": now().isoformat(timespec="seconds"),
        }
        write_text(json.dumps(state, indent=2) + "\n", self.path)
        self._written = time.monotonic()
