"""Partners read from a user's files: organizations, ties, and an account of how each was read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ci_sim.errors import UserError
from ci_sim.partners.account import Account, Reading, near
from ci_sim.partners.files import Sheet, sheets_of
from ci_sim.partners.organizations import Organizations, Said, read_organizations
from ci_sim.partners.ties import Names, Ties, read_ties
from ci_sim.partners.words import known_columns, plain
from ci_sim.rules.parameters import SECTORS


class Files(NamedTuple):
    """What is read of a user's files, before a configuration asks for some of its sectors."""

    organizations: Organizations
    ties: Ties | None
    readings: tuple[Reading, ...]


def read_files(organizations: str, ties: str | None, mapping: str | None, scale: Sequence[float] | None) -> Files:
    """Return what files say; the same files, unchanged, are read once.

    Args:
        organizations: a path, with `#SHEET` behind it where a workbook has several that would do.
        ties: the same; None: the ties in the file of organizations, if there are any.
        mapping: a YAML file that says what some words mean.
        scale: from the lowest to the highest answer about trust; None: declared by a header, or assumed.

    Raises:
        UserError: with all that is wrong, a line each.
    """
    paths = [_apart(given)[0] for given in (organizations, ties, mapping) if given]
    asked = None if scale is None else tuple(float(end) for end in scale)
    return _read(organizations, ties, mapping, asked, tuple(map(_stamp, paths)))


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written anew."""
    if not path.is_file():
        return None
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size


def _apart(given: str) -> tuple[Path, str | None]:
    """Return a path and the name of the sheet that is asked for."""
    path, mark, sheet = given.rpartition("#")
    return (Path(path), sheet) if mark and not Path(given).exists() else (Path(given), None)


@lru_cache(maxsize=8)
def _read(
    organizations: str, ties: str | None, mapping: str | None, scale: tuple[float, ...] | None, stamps: Any
) -> Files:
    account, said = Account(), said_in(mapping)
    path, wanted = _apart(organizations)
    sheets = sheets_of(path, account)
    people = read_organizations(path, sheets, wanted, said, account)
    told: Ties | None = None
    if ties is not None:
        ties_path, ties_sheet = _apart(ties)
        others = (sheets if ties_path == path else sheets_of(ties_path, account)) or [Sheet(ties_path, None, [])]
        told = read_ties(ties_path, others, ties_sheet, Names(people, said, account), scale, said, account)
    elif len(sheets) > 1:
        told = read_ties(path, sheets, None, Names(people, said, account), scale, said, account, needed=False)
    account.end_if_wrong()
    return Files(people, told, account.readings)


def said_in(mapping: str | None) -> Said:
    """Return what a mapping's file says.

    Raises:
        UserError: if it cannot be read, or says what nothing can mean.
    """
    if mapping is None:
        return Said()
    path = Path(mapping)
    if not path.is_file():
        raise UserError(f"mapping={mapping}: there is no such file; give a YAML file with {', '.join(Said._fields)}")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as YAML ({' '.join(str(error).split())})") from None
    if not isinstance(content, dict) or not all(isinstance(part, dict) for part in content.values()):
        raise UserError(f"{path}: must hold keys with what their words mean: {', '.join(Said._fields)}")
    for key in content:
        if key not in Said._fields:
            raise UserError(
                f"{path}: {key} is not known{near(str(key), Said._fields)}; there are: {', '.join(Said._fields)}"
            )
    _refuse_unknown(path, "sectors", content, SECTORS)
    columns = {
        *known_columns("organizations"),
        *known_columns("ties"),
        "question",
        *(f"position_{d}" for d in range(1, 5)),
    }
    _refuse_unknown(path, "columns", content, [*sorted(columns), None])
    for part in ("answers", "scales"):
        for word, value in content.get(part, {}).items():
            numbers = value if part == "scales" and isinstance(value, list) else [value]
            right = len(numbers) == (2 if part == "scales" else 1) and all(isinstance(n, int | float) for n in numbers)
            if not right or (part == "scales" and numbers[0] >= numbers[1]):
                wanted = "[lowest, highest]" if part == "scales" else "a number"
                raise UserError(f"{path}: {part}: {word}: {value}: must be {wanted}")
    parts = {part: {str(word): value for word, value in told.items()} for part, told in content.items()}
    parts["columns"] = {plain(word): column for word, column in parts.get("columns", {}).items()}
    return Said(**parts)


def _refuse_unknown(path: Path, part: str, content: dict[str, dict], known: Sequence[str | None]) -> None:
    for word, meaning in content.get(part, {}).items():
        if meaning not in known:
            there = ", ".join(name or "null (not read)" for name in known)
            raise UserError(
                f"{path}: {part}: {word}: {meaning} is unknown{near(str(meaning), filter(None, known))}; there are: {there}"
            )
