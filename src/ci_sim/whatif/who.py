"""Who matters: what each partner's absence, doubled effort, lost champion or early yes changes; weak links; meetings to hold.

Each is compared with the plan on the same luck. Where so many are asked about, some would stand out by chance: intervals are
as wide as it takes for all of one kind to hold together in 95 of 100 studies (Bonferroni 1936).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ci_sim.configuration.partners import Partners
from ci_sim.rules.mechanisms.shocks import EFFORT, LEAVES, NEW_PEOPLE, PLEDGES
from ci_sim.rules.parameters import SECTORS
from ci_sim.simulation.ensemble import Job, Runs, job_from
from ci_sim.studies.execution.output import write_study
from ci_sim.studies.execution.runner import run_jobs
from ci_sim.studies.statistics.intervals import Estimate, level, risk_difference
from ci_sim.whatif.check import Warned, to_know, warnings_of
from ci_sim.whatif.questions import by_connections

_EVER = 1_000_000_000
_SIXTH_MONTH = 22  # week
# What can happen to a partner: the rows of `ci_sim.rules.mechanisms.shocks` without the partner.
KINDS = {
    "absence": (0, LEAVES, 0.5, _EVER),
    "doubled_effort": (0, EFFORT, 2.0, _EVER),
    "lost_champion": (_SIXTH_MONTH, NEW_PEOPLE, 0.5, _EVER),
    "early_yes": (0, PLEDGES, 0.5, _EVER),
}
_PAIRS = 24  # meetings that are tried
_TRUST = 0.8  # that a good first meeting leaves on both sides
_LEAST_REPLICATES = 300


class Importance(NamedTuple):
    """What was found of every partner."""

    partners: Partners
    chance: Estimate  # that the plan forms
    effects: pd.DataFrame  # one row a partner and kind: estimate, ci_low, ci_high (corrected), n, method, asked
    links: pd.DataFrame  # one row a pair of sectors: ties of those that there could be, and mean stated trust
    meetings: pd.DataFrame  # one row a pair without a tie: the effect of a good first meeting before it begins
    outcomes: pd.DataFrame  # one row a run
    warnings: list[Warned]
    complete: bool


def who_matters(config: Any) -> Importance:
    """Return who matters in a checked configuration of `whatif`, for the `top` partners, the most connected first."""
    base = job_from(config)._replace(name="base")
    asked = by_connections(base.partners)[: config.top]
    jobs = [base, *(_with(base, f"{kind} {i}", (*row, i, -1)) for i in asked for kind, row in KINDS.items())]
    pairs = _pairs_to_try(base.partners)
    jobs += [_introduced(base, i, j) for i, j in pairs]
    replicates = max(config.replicates, _LEAST_REPLICATES)
    runs, complete = run_jobs(jobs, config.seed, replicates, config.executor, bool(config.quiet), what="Asking")
    formed = _formed(runs["base"])
    return Importance(
        partners=base.partners,
        chance=level(formed.to_numpy()),
        effects=_effects(base.partners, asked, runs, formed),
        links=_links(base.partners),
        meetings=_meetings(base.partners, pairs, runs, formed),
        outcomes=pd.concat([run.outcomes for run in runs.values()], ignore_index=True),
        warnings=warnings_of(config, base),
        complete=complete,
    )


def _with(job: Job, name: str, event: tuple[float, ...]) -> Job:
    return job._replace(name=name, events=np.vstack([job.events, event]))


def _introduced(job: Job, i: int, j: int) -> Job:
    """Return a job in which two partners have met well before it begins."""
    given = job.partners.given
    ties = np.vstack([given.ties, [(i, j), (j, i)]])
    trust = np.append(given.tie_trust, [_TRUST, _TRUST])
    partners = job.partners._replace(
        given=given._replace(ties=ties, tie_trust=trust), max_ties=job.partners.max_ties + 1
    )
    return job._replace(name=f"meeting {i} {j}", partners=partners)


def _pairs_to_try(partners: Partners) -> list[tuple[int, int]]:
    """Return pairs of different sectors without a tie, the most connected of each sector first."""
    known = {tuple(sorted(pair)) for pair in partners.given.ties.tolist()}
    ranked = [by_connections(partners, sector) for sector in SECTORS]
    pairs = [
        (a + b, tuple(sorted((one[a], other[b]))))
        for s, one in enumerate(ranked)
        for other in ranked[s + 1 :]
        for a in range(len(one[:_PAIRS]))
        for b in range(len(other[:_PAIRS]))
    ]
    free = [(rank, pair) for rank, pair in pairs if pair not in known]
    return [(pair[0], pair[1]) for _, pair in sorted(free)[:_PAIRS]]


def _formed(run: Runs) -> pd.Series:
    """Return whether each run formed, as numbers, by replicate."""
    return run.outcomes.set_index("replicate")["formed"].astype(float)


def _paired(run: Runs, base: pd.Series, asked: int) -> Estimate:
    """Return the effect on the chance of forming over the pairs that both have, with an interval corrected for so many asked."""
    one, other = _formed(run).align(base, join="inner")
    return corrected(risk_difference(one.to_numpy(), other.to_numpy()), asked)


def corrected(found: Estimate, asked: int) -> Estimate:
    """Return an estimate with the interval that holds together with those of all that were asked (Bonferroni)."""
    wider = stats.norm.ppf(1 - 0.025 / max(1, asked)) / stats.norm.ppf(0.975)
    center, half = (found.ci_low + found.ci_high) / 2, (found.ci_high - found.ci_low) / 2
    low, high = max(-1.0, center - wider * half), min(1.0, center + wider * half)
    return found._replace(ci_low=low, ci_high=high, method=f"{found.method}, Bonferroni for {asked}")


def _effects(partners: Partners, asked: Sequence[int], runs: dict[str, Runs], base: pd.Series) -> pd.DataFrame:
    rows = []
    for i in asked:
        for kind in KINDS:
            found = _paired(runs[f"{kind} {i}"], base, len(asked))
            rows.append(
                (partners.ids[i], partners.names[i], SECTORS[partners.given.sector[i]], kind, *found, _clear(found))
            )
    return pd.DataFrame(rows, columns=["id", "name", "sector", "kind", *Estimate._fields, "clear"])


def _clear(found: Estimate) -> bool:
    return bool(found.ci_low > 0.0 or found.ci_high < 0.0)


def _links(partners: Partners) -> pd.DataFrame:
    """Return how many of the ties that there could be between two sectors, or within one, the tables tell of, and their trust."""
    sector, given = partners.given.sector, partners.given
    ends = sector[given.ties] if len(given.ties) else np.empty((0, 2), int)
    pairs = {tuple(sorted(pair)) for pair in given.ties.tolist()}
    rows = []
    for s in range(3):
        for t in range(s, 3):
            n, m = int((sector == s).sum()), int((sector == t).sum())
            possible = n * (n - 1) // 2 if s == t else n * m
            there = sum(tuple(sorted((sector[i], sector[j]))) == (s, t) for i, j in pairs)
            between = (np.sort(ends, axis=1) == (s, t)).all(axis=1)
            stated = given.tie_trust[between]
            stated = stated[~np.isnan(stated)]
            if possible:
                trust = float(stated.mean()) if len(stated) else np.nan
                rows.append((SECTORS[s], SECTORS[t], there, possible, there / possible, trust))
    table = pd.DataFrame(rows, columns=["sector", "other", "ties", "possible", "density", "trust"])
    return table if not given.draw_ties[0] else table.iloc[:0]


def _meetings(
    partners: Partners, pairs: Sequence[tuple[int, int]], runs: dict[str, Runs], base: pd.Series
) -> pd.DataFrame:
    rows = []
    for i, j in pairs:
        found = _paired(runs[f"meeting {i} {j}"], base, len(pairs))
        rows.append((partners.names[i], partners.names[j], *found, _clear(found)))
    table = pd.DataFrame(rows, columns=["name", "other", *Estimate._fields, "clear"])
    return table.sort_values("estimate", ascending=False, kind="stable").reset_index(drop=True)


def write_importance(config: Any, found: Importance, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the configuration and the manifest; return the folder."""
    tables = {
        "outcomes.parquet": found.outcomes,
        "effects.csv": found.effects,
        "links.csv": found.links,
        "meetings.csv": found.meetings,
    }
    return write_study(
        config,
        tables,
        started,
        command,
        runs=len(found.outcomes),
        complete=found.complete,
        **to_know(found.partners, found.warnings),
    )
