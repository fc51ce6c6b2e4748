"""Answers: what came out of each alternative, and what it changes, as tables; whoever signs, drops out, or is served worst."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ci_sim.configuration.partners import Partners
from ci_sim.rules.outcomes import CAUSES
from ci_sim.rules.parameters import SECTORS
from ci_sim.studies.execution.output import write_study
from ci_sim.studies.statistics.effects import effects_by_context, halves_of_contexts, time_to_formation
from ci_sim.studies.statistics.intervals import Estimate, complete_pairs, level, mean_difference, risk_difference
from ci_sim.whatif.check import Warned, to_know, warnings_of
from ci_sim.whatif.questions import BASE, Question, question_of
from ci_sim.whatif.runs import Runs, as_many_as_needed, known_to

MONTH = 52.0 / 12.0  # weeks
HORIZONS = (12, 24, 36)  # months
# What is told of each alternative besides its chances: columns of the outcomes, and what they are.
MEASURES = (
    "month", "hours_spent", "money_spent", "coalition_size", "breadth_field", "satisfaction_min", "influence_bias", "standing",
)  # fmt: skip


class Answer(NamedTuple):
    """What a question came to."""

    question: Question
    partners: Partners
    levels: pd.DataFrame  # one row an alternative and measure: estimate, ci_low, ci_high, n, method
    differences: pd.DataFrame  # the same, of its difference from the base on the same luck
    causes: pd.DataFrame  # one row an alternative and cause: the share of runs in which it stood in the way at the end
    organizations: (
        pd.DataFrame
    )  # one row an alternative and organization: shares of runs, and how close the agenda comes
    by_context: pd.DataFrame  # effects on the chance of forming in the lower and upper half of each context
    halves: pd.DataFrame  # the base's chance of forming in the lower and upper half of each context
    outcomes: pd.DataFrame  # one row a run
    warnings: list[Warned]
    stopping: str
    replicates: int
    complete: bool

    def level(self, alternative: str, measure: str) -> Estimate:
        """Return an estimate of an alternative."""
        return _estimate(self.levels, alternative, measure)

    def difference(self, alternative: str, measure: str) -> Estimate:
        """Return what an alternative changes."""
        return _estimate(self.differences, alternative, measure)


def _estimate(table: pd.DataFrame, alternative: str, measure: str) -> Estimate:
    row = table[(table["alternative"] == alternative) & (table["measure"] == measure)].iloc[0]
    return Estimate(*(row[name] for name in Estimate._fields))


def answer(config: Any) -> Answer:
    """Answer what a checked configuration of `whatif` asks, on the same luck in all alternatives.

    Raises:
        UserError: if the questions cannot be asked of these partners.
    """
    question = question_of(config)
    jobs = [alternative.job for alternative in question.alternatives]
    runs, complete = as_many_as_needed(jobs, config, "Answering")
    outcomes, nothing = pd.concat([run.outcomes for run in runs], ignore_index=True), pd.DataFrame()
    return Answer(
        question=question,
        partners=jobs[0].partners,
        levels=_levels(runs, config.weeks) if complete else nothing,
        differences=_differences(runs, config.weeks) if complete else nothing,
        causes=_causes(runs) if complete else nothing,
        organizations=_organizations(jobs[0].partners, runs) if complete else nothing,
        by_context=effects_by_context(outcomes, BASE) if complete else nothing,
        halves=_halves(runs[0].outcomes) if complete else nothing,
        outcomes=outcomes,
        warnings=warnings_of(config, jobs[0]),
        stopping=_why(config, runs) if complete else "",
        replicates=len(runs[0].outcomes),
        complete=complete,
    )


def horizons(weeks: int) -> list[int]:
    """Return the months by which the chance is told: those within the horizon, and its end."""
    within = [months for months in HORIZONS if months * MONTH <= weeks]
    return within or [max(1, int(weeks / MONTH))]


def measured(outcomes: pd.DataFrame, weeks: int) -> dict[str, np.ndarray]:
    """Return what is told of each run: `by_12` and so on, whether it formed within so many months; and MEASURES."""
    told = {
        f"by_{months}": (outcomes["formation_week"] <= months * MONTH).to_numpy(float) for months in horizons(weeks)
    }
    told["month"] = time_to_formation(outcomes["formation_week"], weeks).to_numpy(float) / MONTH
    return told | {name: outcomes[name].to_numpy(float) for name in MEASURES if name != "month"}


def _levels(runs: Sequence[Runs], weeks: int) -> pd.DataFrame:
    rows = []
    for run in runs:
        for measure, values in measured(run.outcomes, weeks).items():
            rows.append((_name(run), measure, *level(values[~np.isnan(values)])))
    return pd.DataFrame(rows, columns=["alternative", "measure", *Estimate._fields])


def _name(run: Runs) -> str:
    return str(run.outcomes["scenario"].iloc[0])


def _differences(runs: Sequence[Runs], weeks: int) -> pd.DataFrame:
    base, rows = measured(runs[0].outcomes, weeks), []
    for run in runs[1:]:
        for measure, values in measured(run.outcomes, weeks).items():
            pair = complete_pairs(values, base[measure])
            chance = measure.startswith("by_") or measure == "standing"
            rows.append((_name(run), measure, *(risk_difference if chance else mean_difference)(*pair)))
    return pd.DataFrame(rows, columns=["alternative", "measure", *Estimate._fields])


def _causes(runs: Sequence[Runs]) -> pd.DataFrame:
    rows = [(_name(run), cause, (run.outcomes["cause"] == cause).mean()) for run in runs for cause in CAUSES]
    return pd.DataFrame(rows, columns=["alternative", "cause", "share"])


def _organizations(partners: Partners, runs: Sequence[Runs]) -> pd.DataFrame:
    """Return, for every alternative and organization, how often it is convened, leaves, and is in the coalition at the end."""
    tables = []
    for run in runs:
        convened, left, inside, closeness = run.fates
        worst = np.where(convened > 0.0, closeness, np.inf).argmin(axis=1)
        tables.append(
            pd.DataFrame(
                {
                    "alternative": _name(run),
                    "id": partners.ids,
                    "name": partners.names,
                    "sector": [SECTORS[s] for s in partners.given.sector],
                    "convened": convened.mean(axis=0),
                    "signs": inside.mean(axis=0),
                    "drops_out": left.mean(axis=0),
                    "closeness": closeness.mean(axis=0),
                    "least_satisfied": np.bincount(worst, minlength=len(partners.ids)) / len(worst),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _halves(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the base's chance of forming in the lower and in the upper half of each context that varies."""
    rows = [
        (context, half, threshold, *level(outcomes.loc[inside, "formed"].to_numpy(float)))
        for context, half, threshold, inside in halves_of_contexts(outcomes)
    ]
    return pd.DataFrame(rows, columns=["context", "half", "threshold", *Estimate._fields])


def _why(config: Any, runs: Sequence[Runs]) -> str:
    """Return how many runs it took, and why, as a text key's end: `asked`, `limit` or `given`."""
    if config.precision is None:
        return "given"
    return "asked" if known_to(runs) <= config.precision else "limit"


def write_answer(config: Any, found: Answer, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the configuration and the manifest; return the folder."""
    tables = {
        "outcomes.parquet": found.outcomes,
        "effects_by_context.csv": found.by_context,
        "levels.csv": found.levels,
        "effects.csv": found.differences.rename(columns={"measure": "outcome", "alternative": "contrast"}),
        "causes.csv": found.causes,
        "organizations.csv": found.organizations,
    }
    return write_study(
        config,
        tables,
        started,
        command,
        question=found.question.title,
        alternatives={alternative.name: list(alternative.changes) for alternative in found.question.alternatives},
        chosen=found.question.chosen,
        replicates=found.replicates,
        stopping=found.stopping,
        runs=len(found.outcomes),
        complete=found.complete,
        **to_know(found.partners, found.warnings),
    )
