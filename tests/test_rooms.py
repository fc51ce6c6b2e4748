"""The map of the house: who may import whom, as CONTRIBUTING.md says it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "ci_sim"
_ROW = re.compile(r"^\| (`[a-z_.`, ]+`) \|.*\| ([^|]+) \|$", re.MULTILINE)


def rooms() -> dict[str, set[str]]:
    """Return the rooms of the map, each with those that it may import."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = {}
    for names, allowed in _ROW.findall(text.partition("| room |")[2].partition("\n\n")[0]):
        for name in re.findall(r"`([a-z_.]+)`", names):
            found[name] = set(re.findall(r"`([a-z_.]+)`", allowed))
    return found


def room_of(module: str) -> str | None:
    """Return the room that a module of the package lives in, by its dotted name below `ci_sim`; None for the public names."""
    return max((room for room in rooms() if f"{module}.".startswith(f"{room}.")), key=len, default=None)


def imported(path: Path) -> Iterator[str]:
    """Give the modules of the package that a module imports, wherever in it, by their dotted names below `ci_sim`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.removeprefix("ci_sim.") for name in names if name.startswith("ci_sim."))


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_the_map_allows_its_room(path):
    own = room_of(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    assert own is not None, "the map of CONTRIBUTING.md has no such room"
    for name in imported(path):
        there = room_of(name)
        assert there == own or there in rooms()[own], f"{own} must not import {name}"


def test_the_map_has_no_circle():
    open_rooms = rooms()
    while open_rooms:
        free = [room for room, allowed in open_rooms.items() if not allowed & open_rooms.keys()]
        assert free, f"these rooms import each other: {sorted(open_rooms)}"
        for room in free:
            del open_rooms[room]
