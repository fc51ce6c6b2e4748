"""Where a sweep's runs are kept: parts as chunks finish, one table at the end, and nothing lost in between.

Each finished chunk is a Parquet file of its own, written to the disk and then given its name in one step; the name says which
chunk it is and holds the beginning of the content's SHA-256. So whatever interrupts a sweep leaves finished chunks only, each of
which can be checked without any other file. At the end all become one table, since the shared file systems of clusters
suffer from many small files.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ci_sim.studies.execution.output import sha256, written_whole

_PART = re.compile(r"(\d{7})-([0-9a-f]{16})\.parquet")
_STUDY = b"ci_sim_sweep"
_GROUP = 50_000  # rows of a row group of the final table


def packed(outcomes: pd.DataFrame, fingerprint: str) -> bytes:
    """Return the outcomes of a chunk as a Parquet file that knows which sweep it belongs to."""
    table = pa.Table.from_pandas(outcomes, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _STUDY: fingerprint.encode()})
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def _write_durably(content: bytes, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with written_whole(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


class Store:
    """The finished chunks of a sweep in its folder."""

    def __init__(self, folder: Path, fingerprint: str):
        """Look at what is there: `kept`, the finished chunks by number, and `set_aside`, the files that were moved away."""
        self.folder, self.fingerprint = folder, fingerprint
        self.parts = folder / "parts"
        self.set_aside: list[Path] = []
        self.kept: dict[int, Path] = {}
        for path in sorted(self.parts.glob("*")) if self.parts.is_dir() else ():
            if path.name.startswith("."):  # one that another process is writing, or was when it was killed
                continue
            with suppress(FileNotFoundError):  # another process has just put all into one table
                chunk = self._chunk_of(path)
                if chunk is not None:
                    self.kept[chunk] = path
                else:
                    self.put_aside(path)

    def _chunk_of(self, path: Path) -> int | None:
        """Return which chunk of this sweep a file holds, or None if it is torn, changed or of another sweep."""
        named = _PART.fullmatch(path.name)
        if named is None or sha256(path)[:16] != named[2]:
            return None
        study = (pq.read_schema(path).metadata or {}).get(_STUDY)
        return int(named[1]) if study == self.fingerprint.encode() else None

    def put_aside(self, path: Path) -> None:
        """Move a file that is not what it should be out of the way, and keep it."""
        aside = self.folder / "set_aside"
        aside.mkdir(exist_ok=True)
        place, n = aside / path.name, 1
        while place.exists():
            n += 1
            place = aside / f"{n}-{path.name}"
        path.replace(place)
        self.set_aside.append(place)

    def keep(self, chunk: int, content: bytes) -> None:
        """Write a finished chunk; once this returns, it survives a loss of power."""
        path = self.parts / f"{chunk:07d}-{hashlib.sha256(content).hexdigest()[:16]}.parquet"
        try:
            _write_durably(content, path)
        except FileNotFoundError:  # another process has put all into one table, and the folder away
            _write_durably(content, path)
        self.kept[chunk] = path

    def compact(self, path: Path) -> None:
        """Write all kept chunks, in their order, as one table; it takes the memory of one row group, however many they are."""
        schema = pq.read_schema(self.kept[min(self.kept)])
        with written_whole(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
            for table in self._row_groups():
                writer.write_table(table, row_group_size=_GROUP)

    def _row_groups(self) -> Iterator[pa.Table]:
        waiting: list[pa.Table] = []
        rows = 0
        for chunk in sorted(self.kept):
            waiting.append(pq.read_table(self.kept[chunk]))
            rows += waiting[-1].num_rows
            if rows >= _GROUP:
                yield pa.concat_tables(waiting)
                waiting, rows = [], 0
        if waiting:
            yield pa.concat_tables(waiting)

    def table(self, columns: list[str]) -> pd.DataFrame:
        """Return some columns of all kept runs."""
        return pa.concat_tables(pq.read_table(path, columns=columns) for path in self.kept.values()).to_pandas()

    def is_whole(self, path: Path, runs: int) -> bool:
        """Return whether a table holds all runs of this sweep."""
        return self.is_of_this_sweep(path) and pq.read_metadata(path).num_rows == runs

    def is_of_this_sweep(self, path: Path) -> bool:
        """Return whether there is a table that was put together of this sweep's parts."""
        return path.is_file() and (pq.read_metadata(path).metadata or {}).get(_STUDY) == self.fingerprint.encode()

    def clear(self) -> None:
        """Remove the parts, once the table that holds them all is written."""
        for path in sorted(self.parts.glob("*")) if self.parts.is_dir() else ():
            path.unlink(missing_ok=True)
        with suppress(OSError):  # another process has written a part again: the next call clears it
            self.parts.rmdir()
