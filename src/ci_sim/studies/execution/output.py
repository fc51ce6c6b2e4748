"""Output folders: tables, the configuration, and a manifest that says how to make them again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import OmegaConf

from ci_sim.compilation.compiled import rules_fingerprint
from ci_sim.errors import UserError

_PACKAGES = ("mesa", "numba", "numpy", "pandas", "scipy")


def open_folder(path: str) -> Path:
    """Return the output folder, made if need be.

    Raises:
        UserError: if it cannot be written to.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(f"output_dir={path}: cannot be written to ({error.strerror})") from error
    return folder


def clear_pictures_and_pages(folder: Path) -> None:
    """Remove the pictures and pages of an earlier study from its folder, so that none stands beside the tables of another."""
    if (folder / "manifest.json").is_file():
        for pattern in ("*.html", "*.png", "*.graphml", "figures/*.png"):
            for path in folder.glob(pattern):
                path.unlink()


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the path's ending, all at once: an interrupted write leaves no torn file.

    In CSV a text that a spreadsheet would take for a formula is written with a leading apostrophe, and the file begins with the
    mark by which Excel knows that it is UTF-8.
    """
    with written_whole(path) as temporary:
        if path.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            texts = {n: table[n].map(_harmless) for n in table if not pd.api.types.is_numeric_dtype(table[n])}
            table.assign(**texts).to_csv(temporary, index=False, encoding="utf-8-sig")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a path to write to; what is there at the end takes the place of the file at once, and an error leaves it as it was."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def now() -> datetime:
    """Return the time at which a study begins."""
    return datetime.now(UTC)


def write_study(
    config: Any, tables: dict[str, pd.DataFrame], started: datetime, command: str | None, **facts: Any
) -> Path:
    """Write a study's tables, by file name, and its record into its folder, in place of an earlier study's; return the folder."""
    folder = open_folder(config.output_dir)
    clear_pictures_and_pages(folder)
    made = {name: table for name, table in tables.items() if len(table.columns)}  # a study that was stopped lacks some
    for name, table in made.items():
        write_table(table, folder / name)
    write_record(folder, config, [folder / name for name in made], started, command, **facts)
    return folder


def write_record(
    folder: Path, config: Any, tables: list[Path], started: datetime, command: str | None, **facts: Any
) -> None:
    """Write `config.yaml` and `manifest.json`: version, commit, packages, seeds, counts, times and the tables' SHA-256."""
    write_text(OmegaConf.to_yaml(config, resolve=True), folder / "config.yaml")
    manifest = {
        "ci_sim": version("ci-sim"),
        "commit": _commit(),
        "rules": rules_fingerprint(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: version(name) for name in _PACKAGES},
        "command": command,
        "seed": config.seed,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((now() - started).total_seconds(), 2),
        **facts,
        "sha256": {path.name: sha256(path) for path in tables},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    write_text(text + "\n", folder / "manifest.json")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(text: str, path: Path) -> None:
    """Write a text all at once: an interrupted write leaves the file as it was."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _commit() -> str | None:
    """Return the commit of the checkout that the package runs from, or None where it is installed elsewhere."""
    checkout = Path(__file__).parents[4]
    if not (checkout / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
