"""Events with a date (`happenings`): of all, or of organizations that are named; checked, and as rows that the rules read.

Each is a mapping with one kind, of `EVENTS` (with its size) or of `EVENTS_OF_ONE` (with the organization, or the two), and when:
`week`, `month` or `year` in which it happens, each counted from 1; without them it happens before the first week. How long it
lasts is `weeks`, `months` or `years`; without them, to the end (an event of all that lasts: half a year).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from omegaconf import OmegaConf

from ci_sim.configuration.checks import finite
from ci_sim.configuration.partners import Partners
from ci_sim.errors import UserError
from ci_sim.partners.account import near, shown
from ci_sim.partners.words import Called, plain
from ci_sim.rules.parameters import EVENTS, EVENTS_OF_ONE
from ci_sim.texts import suggestion

_WEEKS = {"week": 1.0, "month": 52.0 / 12.0, "year": 52.0}
_MORE = {"effort": ("times",), "new_people": ("size",)}  # what besides some kinds can be told
_EVER = 1_000_000_000
_HALF_A_YEAR = 26


def happenings_from(config: Any, partners: Partners) -> np.ndarray:
    """Return the happenings of a configuration as rows of `ci_sim.rules.mechanisms.shocks`, of shape (H, 6).

    Raises:
        UserError: that names the happening, and what is allowed.
    """
    if not config.happenings:  # there may be a million names
        return np.empty((0, 6))
    told: Any = OmegaConf.to_container(config.happenings, resolve=True)
    called = Called(partners.ids, partners.names)
    return np.array([_row(happening, called, partners, config.weeks) for happening in told], dtype=np.float64)


def _row(happening: Any, called: Called, partners: Partners, horizon: int) -> tuple[float, ...]:
    """Return one happening as a row: week, kind, size, weeks, who, whom."""
    kinds = (*EVENTS, *EVENTS_OF_ONE)
    if not isinstance(happening, Mapping):
        raise UserError(f"happenings: {shown(happening)}: must be a mapping, such as {{month: 8, leaves: NAME}}")
    named = [str(key) for key in happening if key in kinds]
    if len(named) != 1:
        others = [str(key) for key in happening if key not in (*kinds, *_WEEKS, *(f"{unit}s" for unit in _WEEKS))]
        slip = suggestion(others[0], kinds) if others else ""
        raise _wrong(happening, f"must name one of {', '.join(kinds)}{slip}")
    kind, value = named[0], happening[named[0]]
    allowed = (kind, *_WEEKS, *(f"{unit}s" for unit in _WEEKS), *_MORE.get(kind, ()))
    for key in happening:
        if key not in allowed:
            raise _wrong(
                happening, f"{key} is not known{suggestion(str(key), allowed)}; there are: {', '.join(allowed)}"
            )
    week = _when(happening, horizon)
    if kind in EVENTS:
        size = _number(happening, kind, value, 0.0, 1.0)
        if week == 0:
            raise _wrong(happening, "needs a date: week, month or year")
        return week, EVENTS.index(kind), size, _how_long(happening, _HALF_A_YEAR), -1, -1
    number = len(EVENTS) + EVENTS_OF_ONE.index(kind)
    who = [_place(happening, name, called, partners) for name in _named(happening, kind, value)]
    size = _number(happening, "times", happening.get("times", 2.0), 0.01, 100.0) if kind == "effort" else 0.5
    if kind == "new_people":
        size = _number(happening, "size", happening.get("size", 0.5), 0.0, 1.0)
    return week, number, size, _how_long(happening, _EVER), who[0], who[1] if len(who) > 1 else -1


def _wrong(happening: Any, what: str) -> UserError:
    told = ", ".join(f"{key}: {value}" for key, value in happening.items())
    return UserError(f"happenings: {{{told}}}: {what}")


def _named(happening: Any, kind: str, value: Any) -> list[str]:
    """Return the names that a happening is about."""
    wanted = 2 if kind == "silent" else 1
    names = value if isinstance(value, list) else [value]
    if len(names) != wanted or len({plain(str(name)) for name in names}) != wanted:
        raise _wrong(
            happening,
            "silent needs two organizations: silent: [NAME, NAME]" if wanted == 2 else f"{kind} needs one name",
        )
    return [str(name) for name in names]


def _place(happening: Any, name: str, called: Called, partners: Partners) -> int:
    place = called.place(name)
    if place is None:
        raise _wrong(
            happening, f"{shown(name)} is no organization that takes part{near(name, [*partners.names, *partners.ids])}"
        )
    return place


def _number(happening: Any, key: str, value: Any, low: float, high: float) -> float:
    number = finite(value)
    if number is None or not low <= number <= high:
        raise _wrong(happening, f"{key} must be a number from {low:g} to {high:g}")
    return number


def _when(happening: Any, horizon: int) -> int:
    """Return the week in which it happens; 0: before the first."""
    given = [unit for unit in _WEEKS if unit in happening]
    if len(given) > 1:
        raise _wrong(happening, f"give one of {', '.join(_WEEKS)}")
    if not given:
        return 0
    at = finite(happening[given[0]])
    if at is None or at < 1:
        raise _wrong(happening, f"{given[0]} must be a number from 1 on")
    week = 1 + int((at - 1) * _WEEKS[given[0]])
    if week > horizon:
        raise _wrong(happening, f"lies after the horizon, weeks={horizon}, and would have no effect")
    return week


def _how_long(happening: Any, otherwise: int) -> int:
    """Return for how many weeks it lasts."""
    given = [unit for unit in _WEEKS if f"{unit}s" in happening]
    if len(given) > 1:
        raise _wrong(happening, "give one of weeks, months, years")
    if not given:
        return otherwise
    length = finite(happening[f"{given[0]}s"])
    if length is None or length * _WEEKS[given[0]] < 1:
        raise _wrong(happening, f"{given[0]}s must be a number of a week at least")
    return int(length * _WEEKS[given[0]])
