"""What the page must know of the rules, made from the code: where each record and number lies, and what can be set.

None of it is written twice: record layouts, the shapes of the working memory, parameters with their places, ready scenarios and
populations are all read off what the engine uses.

    python -m ci_sim.browser.tables

writes them to `built/tables.json`, which the page holds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import OmegaConf

from ci_sim.browser.memory import ACTS, ARRAYS, ROWS, TABLE, WEEKS
from ci_sim.configuration.composition import flat, load_config, scenario_names
from ci_sim.configuration.partners import Partners, partners_from
from ci_sim.partners.organizations import TRAITS
from ci_sim.rules import parameters as declarations
from ci_sim.rules.outcomes import CAUSES
from ci_sim.rules.parameters import EVENTS, choices, declared, settings
from ci_sim.rules.record import RULES, read_as_they_stand
from ci_sim.rules.state import INITIATIVE, INTERNAL, ORGANIZATION, TIE, State, allocate

RECORDS = {"organization": ORGANIZATION, "internal": INTERNAL, "tie": TIE, "initiative": INITIATIVE, "rules": RULES}
TABLES = Path(__file__).parent / "built" / "tables.json"
REAL = ("knoke", "chemnet")  # populations of the package
_LISTS = (
    "SECTORS",
    "STAGES",
    "COMPONENTS",
    "KINDS",
    "PARTS",
    "LEVELS",
    "PROFILE",
    "CONTEXTS",
    "EVENTS",
    "EVENTS_OF_ONE",
)
_NOT_OF_A_PAGE = (
    "executor.",
    "output_dir",
    "quiet",
    "organizations",
    "ties",
    "mapping",
    "scenario.",
    "replicates",
    "population.source",
    "plan",
    "happenings",
    "locale",
    "port",
    "open",
    "output",
)


def tables() -> dict[str, Any]:
    """Return everything as what JSON can hold."""
    ready = {
        name: load_config(name) for name in scenario_names() if not name.startswith("lab_")
    }  # those are no initiatives
    plain = values_of(ready["baseline"])
    return {
        "arrays": [[array.name, _type(array.dtype), array.dimensions, array.place] for array in ARRAYS],
        "shapes": _shapes(),
        "records": {name: _layout(dtype) for name, dtype in RECORDS.items()},
        "table": TABLE,
        "weeks": WEEKS,
        "acts": list(ACTS),
        "rows": {name: list(row) for name, row in ROWS.items()},
        "lists": {name.lower(): list(getattr(declarations, name)) for name in _LISTS} | {"causes": list(CAUSES)},
        "traits": TRAITS,
        "rules": read_as_they_stand(),
        "parameters": {key: _parameter(key, value) for key, value in plain.items()},
        "scenarios": {name: _apart(values_of(config), plain) for name, config in ready.items()},
        "events": {name: _apart(values_of(load_config("baseline", [f"events={name}"])), plain) for name in EVENTS},
        "populations": {name: _real(name, plain) for name in REAL},
        "meanings": _meanings(plain),
        "descriptions": {name: config.scenario.description for name, config in ready.items()},
    }


def values_of(config: Any) -> dict[str, Any]:
    """Return the values of a configuration by key, without what a page has no use for."""
    values = flat(OmegaConf.to_container(config, resolve=True))
    return {key: value for key, value in values.items() if not key.startswith(_NOT_OF_A_PAGE)}


def given_to_page(partners: Partners) -> dict[str, Any]:
    """Return organizations as the page takes them; what is drawn anew in each run is null."""
    given = {name: _plain(column) for name, column in partners.given._asdict().items()}
    return {"ids": partners.ids, "names": partners.names, "given": given}


def _apart(values: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value != plain[key]}


def _real(name: str, plain: dict[str, Any]) -> dict[str, Any]:
    config = load_config("baseline", [f"population={name}"])
    return given_to_page(partners_from(config)) | {"sets": _apart(values_of(config), plain)}


def _plain(column: np.ndarray) -> list[Any]:
    blank = np.isnan(column) if column.dtype.kind == "f" else np.zeros(column.shape, bool)
    plain = column.astype(object)
    plain[blank] = None
    return plain.tolist()


def _parameter(key: str, value: Any) -> dict[str, Any]:
    """Return what a key may be: a number between limits, one of some words, a truth, or some words of a list."""
    number, word = declared().get(key), choices().get(key)
    if number:
        kind = {name: number[name] for name in ("unit", "low", "high", "span")}
        kind |= {"whole": isinstance(number["default"], int), "varying": bool(number.get("varying"))}
    else:
        kind = {"choices": list(word["choices"])} if word else {}
    return {"value": value} | kind


def _meanings(plain: dict[str, Any]) -> dict[str, str]:
    """Return what each key means, in English, where it is declared to mean something."""
    known = {**declared(), **choices(), **settings()}
    return {key: known[key]["about"] for key in plain if key in known}


def _type(dtype: np.dtype) -> str:
    """Return a type as the page names it: that of a number, or of a record."""
    if dtype.names is None:
        return dtype.str[1:]
    return next(name for name, record in RECORDS.items() if record == dtype)


def _layout(dtype: np.dtype) -> dict[str, Any]:
    """Return the size of a record, and of each field its place, its type, and how many numbers it is, one after the other."""
    fields, layout = {}, dtype.fields
    for name in dtype.names or ():
        assert layout is not None
        kind, place = layout[name][:2]
        fields[name] = [place, kind.base.str[1:], int(np.prod(kind.shape, dtype=int))]
    return {"size": dtype.itemsize, "fields": fields}


def _shapes() -> list[list[list[int]]]:
    """Return, for each array of the state, each of its lengths as [plus, per organization, per tie of one, per week, step].

    The length is the sum, the next multiple of the step; all are seen from what `allocate` gives.
    """
    at = {"none": (8, 8, 8), "organizations": (16, 8, 8), "ties": (8, 16, 8), "weeks": (8, 8, 16), "odd": (13, 11, 9)}
    seen = {name: allocate(*sizes) for name, sizes in at.items()}
    shapes = []
    for k in range(len(State._fields)):
        lengths = []
        for d in range(seen["none"][k].ndim):
            length = {name: state[k].shape[d] for name, state in seen.items()}
            per = [(length[name] - length["none"]) // 8 for name in ("organizations", "ties", "weeks")]
            plus, step = length["none"] - 8 * sum(per), 1
            total = plus + sum(a * b for a, b in zip(per, at["odd"], strict=True))
            if length["odd"] != total:
                step = 8
                if length["odd"] != -(-total // step) * step:
                    raise AssertionError(f"state.{State._fields[k]}: its shape is no such sum")
            lengths.append([plus, *per, step])
        shapes.append(lengths)
    return shapes


def main() -> None:
    """Write the tables beside the module."""
    text = json.dumps(tables(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    TABLES.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
