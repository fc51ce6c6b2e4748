"""The account of a reading: what was read as what, what was assumed, and everything that cannot be read, all at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ci_sim.errors import UserError
from ci_sim.partners.words import plain
from ci_sim.texts import suggestion, text

SHOWN = 25  # faults that are listed at most


class Reading(NamedTuple):
    """One thing that was read, to be said in either language."""

    key: str  # of the texts, below `readings`
    facts: tuple[tuple[str, str], ...]
    assumed: bool  # whether it is a guess that the user should look at

    def said(self, locale: str = "en") -> str:
        """Return it as a sentence."""
        return text(f"readings.{self.key}", locale, **dict(self.facts))


class Account:
    """What one reading of tables has come to."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._noted: dict[Reading, None] = {}
        self.faults: list[str] = []

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was noted, each once."""
        return tuple(self._noted)

    def note(self, key: str, assumed: bool = False, **facts: object) -> None:
        """Note how something was read; the same is noted once."""
        reading = Reading(key, tuple((name, str(fact)) for name, fact in facts.items()), assumed)
        self._noted.setdefault(reading)

    def fault(self, key: str, **facts: object) -> None:
        """Note what cannot be read, by a key of the texts below `partners`."""
        self.faults.append(text(f"partners.{key}", **facts))

    def cell(self, path: str, row: int, column: str, value: object, key: str, **facts: object) -> None:
        """Note a cell that cannot be read."""
        what = text(f"partners.{key}", **facts)
        if value is None:
            self.fault("cell", path=path, row=row, column=column, what=what)
        else:
            self.fault("cell_with", path=path, row=row, column=column, what=what, value=shown(value))

    def end_if_wrong(self) -> None:
        """End the reading if anything was wrong.

        Raises:
            UserError: with a line for each fault.
        """
        if self.faults:
            raise self._error()

    def refuse(self, key: str, **facts: object) -> UserError:
        """Note a fault that nothing can be read past, and return the error that says it with those before it."""
        self.fault(key, **facts)
        return self._error()

    def _error(self) -> UserError:
        """Return the error that says each fault once: one in its own words, several in a line each."""
        first, *others = faults = list(dict.fromkeys(self.faults))
        if not others:
            return UserError(first)
        listed = "".join(f"\n  {fault}" for fault in faults[:SHOWN])
        more = text("partners.more", n=len(faults) - SHOWN) if len(faults) > SHOWN else ""
        return UserError(text("partners.faults", n=len(faults)) + listed + more)


def shown(value: object) -> str:
    """Return a value of a table as a message quotes it: its control marks spelled out, and cut where it is long."""
    quoted = repr(value)
    return quoted if len(quoted) <= 120 else f"{quoted[:100]}… ({len(str(value)):,} characters)"


def near(word: str, known: Iterable[str]) -> str:
    """Return “ (did you mean …?)” with the known word that is most like it, however both are typed, or nothing."""
    return suggestion(word, known, plain)
