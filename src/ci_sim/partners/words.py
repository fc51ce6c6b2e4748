"""The words of people's tables: what a column, a sector or an answer is called, in English and in Hebrew (`words.yaml`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from ci_sim.texts import words_in

_POSITION = re.compile(r"(.+?) ?(\d)")  # a numbered column, such as `position_2`
_SCALE = re.compile(r"[(\[] ?(-?\d+(?:\.\d+)?) ?(?:-|–|—|to|עד|\.\.) ?(-?\d+(?:\.\d+)?) ?[)\]]")
_IN_BRACKETS = re.compile(r"\[([^\[\]]+)\]\s*$")  # the row of a survey's grid, as survey tools write it into a header


def cleaned(text: str) -> str:
    """Return a text as it shows: without marks of direction, of width zero and the like, and with plain single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = "".join(
        c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n"
    )
    return " ".join(shown.split())


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """Return a text in the form in which words are compared: without case, accents of width, punctuation and quotes."""
    shown = unicodedata.normalize("NFKC", cleaned(text)).casefold().replace("_", " ")
    return " ".join(re.sub(r"[^\w\s]", lambda mark: "" if mark[0] in "'\"’‘“”׳״`´" else " ", shown).split())


@lru_cache
def _words() -> dict[str, dict[str, list[str]]]:
    return words_in(Path(__file__).parent / "words.yaml")


@lru_cache
def _known(group: str) -> dict[str, tuple[str, ...]]:
    """Return the compared words of each meaning of a group, the best first."""
    return {meaning: tuple(dict.fromkeys(map(plain, words))) for meaning, words in _words()[group].items()}


def _heading(header: str) -> str:
    """Return a header without what stands in brackets behind it."""
    return plain(re.sub(r"[(\[][^()\[\]]*[)\]]\s*$", "", header)) or plain(header)


def columns_of(kind: str, header: list[str], said: Mapping[str, str | None]) -> dict[int, str]:
    """Return what each column of a table is, by its place; those that are nothing known are left out.

    Args:
        kind: of the table: organizations or ties.
        said: what the user says that some columns are, by their compared names; None: nothing that is read.
    """
    names = ["" if said.get(plain(name), name) is None else _heading(name) for name in header]
    columns = {
        place: meaning
        for place, name in enumerate(header)
        if (meaning := said.get(plain(name))) is not None and _is_of(kind, meaning)
    }
    for meaning, words in _known(kind).items():
        several = meaning in ("position", "question")
        for word in words:
            for place, name in enumerate(names):
                numbered = _POSITION.fullmatch(name)
                free = place not in columns and name and (several or meaning not in columns.values())
                if free and meaning == "position" and numbered and numbered[1] == word:
                    columns[place] = f"position_{numbered[2]}"
                elif free and name == word:
                    columns[place] = "position_1" if meaning == "position" else meaning
    if kind == "ties":
        _find_questions(names, columns)
    return columns


def _is_of(kind: str, meaning: str) -> bool:
    """Return whether a table of this kind has a column of this meaning."""
    return re.sub(r"_\d$", "", meaning) in _known(kind)


def _find_questions(names: list[str], columns: dict[int, str]) -> None:
    """Take as a question about trust every column that says so anywhere in its header, but for remarks."""
    asking, remarks = (set(_known("within")[kind]) for kind in ("question", "remark"))
    for place, name in enumerate(names):
        words = set(name.split())
        if place not in columns and asking & words and not remarks & words:
            columns[place] = "question"


def scale_in(header: str) -> tuple[float, float] | None:
    """Return the scale that a header declares, as in `trust (1-4)`."""
    found = _SCALE.search(unicodedata.normalize("NFKC", cleaned(header)))
    return (float(found[1]), float(found[2])) if found and float(found[1]) < float(found[2]) else None


def in_brackets(header: str) -> str | None:
    """Return what stands in square brackets at a header's end, as survey tools write the row of a grid."""
    found = _IN_BRACKETS.search(header)
    return found[1].strip() if found else None


@lru_cache(maxsize=10_000)
def sector_of(text: str) -> tuple[str, bool] | None:
    """Return the sector that a text names, and whether it is a guess: by the only words in it that name one; None: none, or two.

    Of words that lie within others (`governmental` in `non governmental`) the longer ones count.
    """
    said = plain(text)
    known = {word: sector for sector, words in _known("sectors").items() for word in words}
    if said in known:
        return known[said], False
    tokens, found, longest = said.split(), set(), 4
    taken = [False] * len(tokens)
    for length in range(min(longest, len(tokens)), 0, -1):
        for start in range(len(tokens) - length + 1):
            word = " ".join(tokens[start : start + length])
            if word in known and not any(taken[start : start + length]):
                taken[start : start + length] = [True] * length
                found.add(known[word])
    return (found.pop(), True) if len(found) == 1 else None


def answer_of(text: str) -> str | None:
    """Return whether a text says yes, no or unknown; None if it says none of them."""
    return _meaning("answers", text)


def direction_of(text: str) -> str | None:
    """Return whether a text says that a tie is directed or mutual; None if it says neither."""
    return _meaning("directions", text)


def _meaning(group: str, text: str) -> str | None:
    marks = {word: meaning for meaning, words in _words()[group].items() for word in words}
    if text.strip() in marks:
        return marks[text.strip()]
    known = {word: meaning for meaning, words in _known(group).items() for word in words if word}
    return known.get(plain(text))


class Called:
    """Who is meant by an id or a name: as it stands, or, where that is only one, however it is typed."""

    def __init__(self, ids: Sequence[str], names: Sequence[str]):
        """Note how each place in these lists may be called."""
        self.exact = {cleaned(key): place for keys in (ids, names) for place, key in enumerate(keys)}
        loose: dict[str, set[int]] = {}
        for keys in (ids, names):
            for place, key in enumerate(keys):
                loose.setdefault(plain(key), set()).add(place)
        self.loose = {key: min(places) for key, places in loose.items() if key and len(places) == 1}

    def place(self, word: str) -> int | None:
        """Return the place that a word means; None if it means none, or several."""
        found = self.exact.get(cleaned(word))
        return self.loose.get(plain(word)) if found is None else found


def known_columns(kind: str) -> list[str]:
    """Return the names that columns of a table have in this project."""
    return [name for name in _known(kind) if name not in ("position", "question")]
