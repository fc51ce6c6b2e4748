"""All combinations on the same luck: of the four insights, and of the six components, with what each of them contributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from ci_sim.configuration.composition import combined, in_scenario
from ci_sim.rules.parameters import COMPONENTS, KINDS
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.contrasts import INSIGHTS, OUTCOMES, matrix_of
from ci_sim.studies.statistics.factorial import contrasts, shapley_shares, subsets
from ci_sim.studies.statistics.intervals import Estimate, level


def interactions(study: Study, replicates: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the outcomes of the 16 combinations of the insights, and their main effects and interactions.

    Returns:
        the share that forms, by combination, with its interval; and the contrasts on each outcome (see `factorial.contrasts`).
    """
    factors = [insight.scenario for insight in INSIGHTS]
    values, levels = _all_combinations(
        study, factors, replicates, lambda chosen: combined(study.config, chosen), "2^4 factorial"
    )
    tables = [contrasts(by_combination, factors).assign(outcome=outcome) for outcome, by_combination in values.items()]
    return levels, pd.concat(tables, ignore_index=True)


def component_shares(study: Study, replicates: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the outcomes of all 64 subsets of the components, and the Shapley shares of the components and of their kinds."""
    bare = in_scenario(study.config, "baseline")

    def with_components(chosen: tuple[str, ...]) -> Any:
        changed = bare.copy()
        for name in COMPONENTS:
            changed.components[name].active = name in chosen
        return changed

    values, levels = _all_combinations(study, COMPONENTS, replicates, with_components, "64 subsets")
    kind_of = {name: bare.components[name].kind for name in COMPONENTS}
    by_kind = {
        chosen: values["formed"][tuple(name for name in COMPONENTS if kind_of[name] in chosen)]
        for chosen in subsets(KINDS)
    }
    return levels, shapley_shares(values["formed"], COMPONENTS), shapley_shares(by_kind, KINDS)


def _all_combinations(
    study: Study, factors: Iterable[str], replicates: int, config_of: Callable[[tuple[str, ...]], Any], what: str
) -> tuple[dict[str, dict[tuple[str, ...], np.ndarray]], pd.DataFrame]:
    """Run every combination; return each outcome by combination, and a table of how many form and what it takes."""
    chosen_sets = subsets(list(factors))
    jobs = [job_from(config_of(chosen))._replace(name=" + ".join(chosen) or "none") for chosen in chosen_sets]
    runs = study.run(jobs, replicates, what)
    values = {
        outcome: {
            c: matrix_of([runs[j.name]], outcome, study.config.weeks)[0] for c, j in zip(chosen_sets, jobs, strict=True)
        }
        for outcome in OUTCOMES
        if outcome != "trust_across"  # missing where everyone has left
    }
    rows = []
    for job in jobs:
        table = runs[job.name].outcomes
        formed = level(table["formed"].to_numpy(float))
        rows.append((job.name, *formed[:4], table["hours_spent"].mean(), table["satisfaction_min"].mean()))
    columns = ["combination", *Estimate._fields[:4], "hours_spent", "satisfaction_min"]
    return values, pd.DataFrame(rows, columns=columns)
