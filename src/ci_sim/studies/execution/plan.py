"""A sweep as numbered runs, in chunks of about a second that any worker can do.

Runs are numbered setting by setting, in each scenario by scenario, in each replicate by replicate; replicates that a setting
needs after a look at its intervals (`ci_sim.studies.execution.sequential`) come after all runs before the look. How runs fall
into chunks follows from the configuration and from their outcomes alone, so that a sweep gives the same chunks wherever and
however often it is begun.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import OmegaConf

from ci_sim.compilation.compiled import rules_fingerprint
from ci_sim.configuration.composition import in_scenario, set_values, with_values
from ci_sim.errors import UserError
from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.rules.record import set_rule
from ci_sim.rules.streams import seeds_of_replicates
from ci_sim.simulation.ensemble import Job, job_from, named_outcomes, run_seeds
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.statistics.design import design_of

ELSEWHERE = ("executor", "output_dir", "quiet", "shard", "study", "plan", "title", "question")  # change no number
_CHUNK = 2_000_000  # organizations times weeks: about a second
_MOST_RUNS = 1000  # in a chunk
_LAYOUT = "1"  # which runs are in which chunk: to be counted on when that, or `sequential.next_look`, changes
_LOOK = 16  # chunks at least of the runs that a look asks for, so that no worker idles for long
_MANY = 50  # variants and scenarios that take a second or two to prepare


@dataclass(frozen=True)
class Plan:
    """What a sweep runs; it can be sent to workers elsewhere."""

    settings: pd.DataFrame  # one row a setting, one column a key
    scenarios: list[str]
    bases: list[
        list[Job]
    ]  # by variant (what of a setting the rules cannot be told, such as who takes part) and scenario
    variants: np.ndarray  # (settings,) of each setting
    ruled: list[str]  # the keys that the rules are told
    seed: int
    own_seeds: int  # how many seeds each setting has of its own; 0: the replicates of all settings have the same seeds
    blocks: np.ndarray  # (B, 3) setting, its first replicate, and the one after its last, to be run in this order
    latest: np.ndarray  # (L,) settings that the last look asked for more of; at first all
    chunk_runs: int
    edges: np.ndarray  # (chunks + 1,) number of each chunk's first run, and in the end of all runs
    fingerprint: str  # of everything that the outcomes depend on

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.edges[-1])

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return len(self.edges) - 1

    def runs_in(self, chunk: int) -> range:
        """Return the numbers of a chunk's runs."""
        return range(int(self.edges[chunk]), int(self.edges[chunk + 1]))

    @cached_property
    def _starts(self) -> np.ndarray:
        """Return the number of each block's first run."""
        runs = len(self.scenarios) * (self.blocks[:, 2] - self.blocks[:, 1])
        return np.append(0, np.cumsum(runs))

    def replicates_by_setting(self) -> np.ndarray:
        """Return how many replicates each setting has, an array of shape (settings,)."""
        done = np.zeros(len(self.settings), dtype=np.int64)
        np.maximum.at(done, self.blocks[:, 0], self.blocks[:, 2])
        return done

    def extended(self, blocks: np.ndarray) -> Plan:
        """Return the plan with more replicates of some settings, in chunks of their own after those that there are."""
        runs = self.runs + int(len(self.scenarios) * (blocks[:, 2] - blocks[:, 1]).sum())
        chunk_runs = int(np.clip((runs - self.runs) // _LOOK, 1, self.chunk_runs))
        edges = np.append(self.edges[:-1], _edges(self.runs, runs, chunk_runs))
        return replace(self, blocks=np.concatenate([self.blocks, blocks]), latest=blocks[:, 0], edges=edges)

    def at_first(self) -> Plan:
        """Return the plan before any look."""
        blocks = self.blocks[: len(self.settings)]
        runs = int(len(self.scenarios) * (blocks[:, 2] - blocks[:, 1]).sum())
        return replace(self, blocks=blocks, latest=blocks[:, 0], edges=_edges(0, runs, self.chunk_runs))

    def identified(self, runs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return setting, scenario and replicate of some runs, as three arrays of numbers."""
        block = np.searchsorted(self._starts, runs, side="right") - 1
        setting, first, end = self.blocks[block].T
        scenario, replicate = np.divmod(runs - self._starts[block], end - first)
        return setting, scenario, first + replicate

    def seeds_of(self, settings: np.ndarray, replicates: np.ndarray) -> np.ndarray:
        """Return the seeds of some replicates of some settings; they are the same in each scenario."""
        return seeds_of_replicates(self.seed, settings * self.own_seeds + replicates)

    def outcomes(self, chunk: int) -> pd.DataFrame:
        """Do the runs of a chunk; return one row a run: who ran, the setting and its values, what came out."""
        return self.outcomes_of(np.array(self.runs_in(chunk)))

    def outcomes_of(self, runs: np.ndarray) -> pd.DataFrame:
        """Do some runs, by number; return one row a run."""
        settings, scenarios, replicates = self.identified(runs)
        seeds = self.seeds_of(settings, replicates)
        variants = self.variants[settings]
        values = np.empty((len(runs), len(OUTCOME_ROW)))
        for variant, scenario in dict.fromkeys(zip(variants.tolist(), scenarios.tolist(), strict=True)):
            own = (variants == variant) & (scenarios == scenario)
            job = self.told(self.bases[variant][scenario], settings[own])
            values[own] = run_seeds(job, seeds[own], with_series=False)[0]
        return self._table(values, settings, scenarios, replicates, seeds)

    def told(self, base: Job, settings: np.ndarray) -> Job:
        """Return a job in which each run has the rules of its setting."""
        return _told(base, self.settings[self.ruled].iloc[settings])

    def _table(
        self, values: np.ndarray, settings: np.ndarray, scenarios: np.ndarray, replicates: np.ndarray, seeds: np.ndarray
    ) -> pd.DataFrame:
        names = np.array(self.scenarios, dtype=object)[scenarios]
        who = pd.DataFrame(
            {
                "run_id": [f"{n}-{s}-{r}" for n, s, r in zip(names, settings, replicates, strict=True)],
                "scenario": names,
                "replicate": replicates,
                "seed": seeds,
                "setting": settings,
            }
        )
        varied = self.settings.iloc[settings].reset_index(drop=True)
        return pd.concat([who, varied, named_outcomes(values)], axis=1)


def plan_of(config: Any) -> Plan:
    """Return what a checked sweep configuration asks to run.

    Raises:
        UserError: if a setting is not a possible configuration; the message names the key.
    """
    settings = design_of(config)
    names = scenarios_in(config)
    configs = [in_scenario(config, name) if config.scenarios else config for name in names]
    bases, variants, ruled = _prepared(names, configs, settings, bool(config.quiet))
    most = max(len(job.partners.ids) * job.weeks for row in bases for job in row)
    chunk_runs = int(np.clip(_CHUNK // most, 1, _MOST_RUNS))
    first_look = np.array([(s, 0, config.replicates) for s in range(len(settings))], dtype=np.int64).reshape(-1, 3)
    return Plan(
        settings=settings,
        scenarios=names,
        bases=bases,
        variants=variants,
        ruled=ruled,
        seed=config.seed,
        own_seeds=_own_seeds(config, len(settings)),
        blocks=first_look,
        latest=first_look[:, 0],
        chunk_runs=chunk_runs,
        edges=_edges(0, len(settings) * len(names) * config.replicates, chunk_runs),
        fingerprint=fingerprint(
            scientific(config), settings.to_csv(index=False), (job for row in bases for job in row)
        ),
    )


def jobs_of(config: Any, settings: pd.DataFrame) -> list[Job]:
    """Return a job for each setting of a checked configuration; its name is the row."""
    bases, variants, ruled = _prepared([config.scenario.name], [config], settings, quiet=True)
    rules = _with_values(np.concatenate([bases[variant][0].rules for variant in variants]), settings[ruled])
    return [
        bases[variant][0]._replace(name=str(row), rules=rules[[row]]) for row, variant in enumerate(variants.tolist())
    ]


def _prepared(
    names: list[str], configs: list[Any], settings: pd.DataFrame, quiet: bool
) -> tuple[list[list[Job]], np.ndarray, list[str]]:
    """Return a job for each variant and scenario, the variant of each setting, and the keys that the rules are told."""
    rules = job_from(configs[0]).rules
    ruled = [key for key in settings if _rules_know(rules, key, settings[key])]
    full = {key: 1.0 for key in ruled if key.endswith(".strength")}
    variants, kinds = _variants(settings.drop(columns=ruled))
    return _bases(names, [with_values(c, full) for c in configs], kinds, quiet), variants, ruled


def _told(base: Job, settings: pd.DataFrame) -> Job:
    """Return a job in which each run has the rules of its row of the settings."""
    return base._replace(rules=_with_values(np.repeat(base.rules, len(settings)), settings))


def _with_values(rules: np.ndarray, settings: pd.DataFrame) -> np.ndarray:
    """Set in each row of some rules, which are the caller's to be changed, what its row of the settings says; return them."""
    for key, column in settings.items():
        given = column.notna().to_numpy()
        told = rules[given]
        set_rule(told, str(key), column.to_numpy()[given])
        rules[given] = told
    return rules


def _edges(first: int, end: int, chunk_runs: int) -> np.ndarray:
    """Return where the chunks of some runs begin, and where the last one ends."""
    return np.append(np.arange(first, end, chunk_runs), end)


def _own_seeds(config: Any, settings: int) -> int:
    """Return how many seeds each setting has of its own, or 0 if all settings have the same.

    Raises:
        UserError: if there are not as many seeds.
    """
    if config.common_seeds:
        return 0
    most = max(config.replicates, config.max_replicates if config.precision is not None else 0)
    if settings * most >= 2**32:
        raise UserError(
            f"common_seeds=false: {settings:,} settings of up to {most:,} replicates need more seeds than there are"
        )
    return most


def scenarios_in(config: Any) -> list[str]:
    """Return the scenarios that a sweep runs each setting in; the first is the reference."""
    return list(dict.fromkeys(config.scenarios)) or [config.scenario.name]


def _bases(names: list[str], configs: list[Any], kinds: list[dict[str, Any]], quiet: bool) -> list[list[Job]]:
    """Return a job for each variant and scenario; the configurations are the caller's to be changed."""
    alike = all(kind.keys() == kinds[0].keys() for kind in kinds)  # then each sets all that the one before it has set
    bases = []
    with progress(
        quiet or len(kinds) * len(configs) < _MANY, len(kinds) * len(configs), "variants", "Preparing"
    ) as advance:
        for kind in kinds:
            row = []
            for name, config in zip(names, configs, strict=True):
                own = config if alike else config.copy()
                set_values(own, kind)
                row.append(job_from(own)._replace(name=name))
                advance(1)
            bases.append(row)
    return bases


def _rules_know(rules: np.ndarray, key: str, column: pd.Series) -> bool:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return False
    try:
        set_rule(rules.copy(), key, 0.0)
    except KeyError:
        return False
    return True


def _variants(others: pd.DataFrame) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return which of the different rows each row is, and the different rows, without what is missing in them."""
    if others.empty or not len(others.columns):
        return np.zeros(len(others), dtype=int), [{}]
    numbers = others.groupby(list(others), dropna=False, sort=False).ngroup().to_numpy()
    firsts = others.assign(_n=numbers).drop_duplicates("_n").drop(columns="_n")
    kinds = [{key: _plain(v) for key, v in row.items() if not pd.isna(v)} for row in firsts.to_dict("records")]
    return numbers, kinds


def _plain(value: Any) -> Any:
    """Return a number of a column with gaps, which pandas holds as a float, as the whole number that it is."""
    value = value.item() if isinstance(value, np.generic) else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def scientific(config: Any) -> dict[str, Any]:
    """Return what of a configuration the outcomes can depend on."""
    whole: Any = OmegaConf.to_container(config, resolve=True)
    return {key: value for key, value in whole.items() if key not in ELSEWHERE}


def fingerprint(told: dict[str, Any], settings: str, jobs: Iterable[Job]) -> str:
    """Return sixteen digits that change whenever outcomes could: with the rules, what is told, the settings or a job."""
    digest = hashlib.sha256(f"{rules_fingerprint()} {_LAYOUT}".encode())
    digest.update(OmegaConf.to_yaml(OmegaConf.create(told)).encode())
    digest.update(settings.encode())
    for job in jobs:
        for part in (job.rules, job.events, *job.partners.given):
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]
