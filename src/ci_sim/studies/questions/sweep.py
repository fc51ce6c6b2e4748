"""A sweep: many settings, in chunks, on this machine or a cluster; stop it as you like, the same command goes on.

The configuration of a folder's sweep is its `config.yaml`; another one is refused there. Which chunks are finished shows in the
files of `parts/` alone (`ci_sim.studies.execution.storage`), so that no journal can disagree with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow.parquet as pq
from omegaconf import OmegaConf

from ci_sim import interrupts
from ci_sim.compilation.compiled import rules_fingerprint
from ci_sim.configuration.checks import refuse_first_edition
from ci_sim.configuration.commands import SweepConfig
from ci_sim.configuration.composition import flat
from ci_sim.errors import UserError
from ci_sim.studies.execution.executors import Call, Workers, do_all, workers_kept, workers_of
from ci_sim.studies.execution.folder import SweepFolder, read_sweep
from ci_sim.studies.execution.output import now, open_folder, sha256, write_record, write_table
from ci_sim.studies.execution.plan import Plan, plan_of, scientific
from ci_sim.studies.execution.progress import Progressing
from ci_sim.studies.execution.sequential import columns_looked_at, plan_to_the_end, replicates_after_look
from ci_sim.studies.execution.storage import Store, packed


class Sweep(NamedTuple):
    """What is in a sweep's folder."""

    folder: Path
    settings: pd.DataFrame  # one row a setting
    runs_done: int
    runs: int
    complete: bool  # all runs are in outcomes.parquet
    stopped: bool  # by Ctrl-C
    set_aside: list[Path]  # files that were no finished part of this sweep

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row a run: who ran, the setting and its values, what came out; of a complete sweep."""
        return pd.read_parquet(self.folder / "outcomes.parquet")


def sweep(config: Any, command: str | None = None) -> Sweep:
    """Run a sweep into its folder, or go on with the one that is there.

    Args:
        config: a checked configuration, `ci_sim.load_config("sweep", overrides)`.
        command: the line that the user typed, for the manifest.

    Raises:
        UserError: if the design is impossible, the folder holds something else, or it cannot be written to.
    """
    share = share_of(config.shard)
    if config.shard is not None and config.precision is not None:
        raise UserError("precision: looks at all runs of a setting, so a sweep with it cannot be done in shards")
    plan, started = plan_of(config), now()
    folder = open_folder(config.output_dir)
    begun = _record_of(folder, config, plan)
    store = Store(folder, plan.fingerprint)
    table = folder / "outcomes.parquet"
    if (finished := _finished(plan, store, table, begun)) is not None:
        return finished
    write_table(plan.settings.rename_axis("setting").reset_index(), folder / "design.parquet")
    _write_record(config, folder, plan, store, begun, started, command, complete=False)
    try:
        plan, stopped, ended = _do_looks(config, plan, store, share)
        with interrupts.deferred() as stopped_late:  # what is done is put together all the same
            complete = ended and config.shard is None
            if complete:
                _put_together(store, table, plan)
            _write_record(config, folder, plan, store, begun, started, command, complete=complete)
            if complete:
                store.clear()
            stopped = stopped or stopped_late()
    except FileNotFoundError:  # the parts are gone: another process has come to the end of the same sweep
        whole = _overtaken(config, plan, store, table)
        if whole is not None:  # its record of that may be lost under ours of a beginning
            _write_record(config, folder, whole, store, begun, started, command, complete=True)
        if (finished := _finished(plan, store, table, _record_of(folder, config, plan))) is None:
            raise
        return finished
    return Sweep(folder, plan.settings, _count(plan, store.kept), plan.runs, complete, stopped, store.set_aside)


def _overtaken(config: Any, plan: Plan, store: Store, table: Path) -> Plan | None:
    """Return the plan of the whole sweep if its table is there already, or None."""
    if not table.is_file():
        return None
    first = plan.at_first()
    if config.precision is None:
        return first if store.is_whole(table, first.runs) else None
    if not store.is_of_this_sweep(table):
        return None
    whole = plan_to_the_end(config, first, pd.read_parquet(table, columns=columns_looked_at(config)))
    return whole if store.is_whole(table, whole.runs) else None


def sweep_of(config: Any, command: str | None) -> SweepFolder | None:
    """Return the sweep that a configuration names, or run one into its output folder; None if Ctrl-C stopped it.

    Raises:
        UserError: if the folder holds no complete sweep.
    """
    if config.sweep is not None:
        return read_sweep(Path(config.sweep))
    whole: Any = OmegaConf.to_container(config, resolve=True)
    own = OmegaConf.create({entry.name: whole[entry.name] for entry in fields(SweepConfig)})
    own.output_dir = str(Path(config.output_dir) / "sweep")
    result = sweep(own, command)
    return None if result.stopped else read_sweep(result.folder)


def share_of(shard: str | None) -> tuple[int, int]:
    """Return which share of a sweep to do, and of how many.

    Raises:
        UserError: if `shard` is not K/N with K from 1 to N.
    """
    if shard is None:
        return 1, 1
    k, _, n = str(shard).partition("/")
    if not (k.isdigit() and n.isdigit() and 1 <= int(k) <= int(n)):
        raise UserError(f"shard={shard}: must be K/N with K from 1 to N, such as shard=3/40")
    return int(k), int(n)


def _count(plan: Plan, chunks: Iterable[int]) -> int:
    """Return how many runs are in some chunks, leaving out those of a look that the plan has not come to yet."""
    return sum(len(plan.runs_in(chunk)) for chunk in chunks if chunk < plan.chunks)


def _record_of(folder: Path, config: Any, plan: Plan) -> dict[str, Any]:
    """Return the manifest of the sweep that the folder holds already, or nothing if it is empty.

    Raises:
        UserError: if it holds another sweep or another study's results; it says what differs.
    """
    if not (folder / "config.yaml").is_file():
        if (folder / "outcomes.parquet").exists():
            raise UserError(f"output_dir={folder}: holds a table that no sweep wrote; choose another folder")
        return {}
    there = OmegaConf.load(folder / "config.yaml")
    if "over" not in there:
        raise UserError(f"output_dir={folder}: holds the results of another command; choose another folder")
    refuse_first_edition(there, f"output_dir={folder}")
    old, new = flat(scientific(there)), flat(scientific(config))
    differing = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    if differing:
        told = "; ".join(f"{key} is {old.get(key)} there and {new.get(key)} here" for key in differing[:3])
        more = f"; and {len(differing) - 3} more" if len(differing) > 3 else ""
        raise UserError(f"output_dir={folder}: holds another sweep: {told}{more}; choose another folder")
    if not (folder / "manifest.json").is_file():
        return {}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest.get("rules") != rules_fingerprint():
        raise UserError(
            f"output_dir={folder}: was begun with other rules of the model ({manifest.get('rules')}, now "
            f"{rules_fingerprint()}); go on with ci_sim at commit {manifest.get('commit')}, or choose another folder"
        )
    if manifest.get("fingerprint") != plan.fingerprint:
        raise UserError(f"output_dir={folder}: was begun with other tables of organizations, or another design.file")
    return manifest


def _finished(plan: Plan, store: Store, table: Path, manifest: dict[str, Any]) -> Sweep | None:
    """Return the sweep of a folder that is complete, or None."""
    if not manifest.get("complete") or not _is_intact(store, table, manifest):
        return None
    store.clear()
    runs = manifest["runs"]
    return Sweep(store.folder, plan.settings, runs, runs, True, False, store.set_aside)


def _is_intact(store: Store, table: Path, manifest: dict[str, Any]) -> bool:
    """Return whether the table is the one that was written; one that is not is set aside."""
    if not table.is_file():
        return False
    intact = sha256(table) == manifest["sha256"].get(table.name)
    if not intact:
        store.put_aside(table)
    return intact


def _write_record(
    config: Any, folder: Path, plan: Plan, store: Store, begun: dict[str, Any], started: datetime, command: str | None,
    complete: bool,
) -> None:  # fmt: skip
    tables = [folder / "design.parquet"] + [folder / "outcomes.parquet"] * complete
    write_record(
        folder,
        config,
        tables,
        started,
        command,
        fingerprint=plan.fingerprint,
        begun=begun.get("begun", started.isoformat(timespec="seconds")),
        scenarios=plan.scenarios,
        settings=len(plan.settings),
        replicates=int(plan.replicates_by_setting().min()),
        most_replicates=int(plan.replicates_by_setting().max()),
        runs=plan.runs,
        runs_done=plan.runs if complete else _count(plan, store.kept),
        complete=complete,
        set_aside=[path.name for path in store.set_aside],
    )


def _do_looks(config: Any, plan: Plan, store: Store, share: tuple[int, int]) -> tuple[Plan, bool, bool]:
    """Do what the plan says, and with `precision` what its runs ask for.

    Returns:
        the plan of it all, whether Ctrl-C came, and whether all was done nonetheless.
    """
    try:
        with workers_kept():
            while True:
                mine = [chunk for chunk in range(plan.chunks) if chunk % share[1] == share[0] - 1]
                stopped = _do(config, plan, store, [chunk for chunk in mine if chunk not in store.kept], share)
                done = all(chunk in store.kept for chunk in range(plan.chunks))
                if config.precision is None or not done:
                    return plan, stopped, done
                more = replicates_after_look(config, plan, store.table(columns_looked_at(config)))
                if stopped or not len(more):
                    return plan, stopped, not len(more)
                plan = plan.extended(more)
    except KeyboardInterrupt:  # at a look
        return plan, True, False


def _do(config: Any, plan: Plan, store: Store, chunks: list[int], share: tuple[int, int]) -> bool:
    """Do some chunks, and keep each as soon as it is finished; return whether Ctrl-C stopped it."""
    kept = _count(plan, store.kept)
    name = "progress.json" if config.shard is None else f"progress-{share[0]}-of-{share[1]}.json"
    paths = [path for chunk, path in store.kept.items() if chunk < plan.chunks]
    formed = sum(int(pq.read_table(path, columns=["formed"])["formed"].to_numpy().sum()) for path in paths)
    with Progressing(store.folder / name, kept + _count(plan, chunks), kept, formed, bool(config.quiet)) as progress:
        if not chunks:
            return False
        with workers_of(config.executor) as workers:
            return _keep_all(plan, store, chunks, workers, progress)


def _keep_all(plan: Plan, store: Store, chunks: list[int], workers: Workers, progress: Progressing) -> bool:
    """Have the workers do some chunks, and keep each; return whether Ctrl-C stopped it."""
    sent = workers.send(plan)

    def keep(chunk: int, done: tuple[bytes, int]) -> None:
        content, formed = done
        _keep(store, chunk, content)
        progress.advance(len(plan.runs_in(chunk)), formed)

    return do_all(workers, (Call(chunk, outcome_of_chunk, (sent, chunk)) for chunk in chunks), keep)


def _keep(store: Store, chunk: int, content: bytes) -> None:
    try:
        store.keep(chunk, content)
    except OSError as error:
        raise UserError(
            f"output_dir={store.folder}: cannot be written to ({error.strerror}); the {len(store.kept)} finished chunks are "
            "kept: make room and run the same command again"
        ) from None


def _put_together(store: Store, table: Path, plan: Plan) -> None:
    """Write the table of all runs."""
    try:
        store.compact(table)
    except FileNotFoundError:  # the parts are gone: another process has come to the end of the same sweep
        if not store.is_whole(table, plan.runs):
            raise
    except OSError as error:
        raise UserError(
            f"{table}: cannot be written ({error.strerror or error}); all runs are kept in {store.parts}: make room and run the "
            "same command again"
        ) from None


def outcome_of_chunk(plan: Plan, chunk: int) -> tuple[bytes, int]:
    """Do a chunk, wherever this is; return its part, as it is to be written, and how many of its runs formed."""
    outcomes = plan.outcomes(chunk)
    return packed(outcomes, plan.fingerprint), int(outcomes["formed"].sum())
