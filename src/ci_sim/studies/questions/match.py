"""History match: the settings, over the spans of all parameters, that published numbers do not rule out.

1. Settings are drawn over the spans of all parameters (a Latin hypercube).
2. In each, the arms of a pattern (`ci_sim.studies.questions.validation`) are simulated, every setting on luck of its own.
   What an arm itself sets, such as the stakes of a laboratory's game, stays as it is there.
3. A number of the pattern, one of its claims of a range, rules a setting out if the claim fails in it: if the whole 95 % interval
   of what is simulated lies outside of what was published. What no number rules out is *plausible*.

A history match only rules out (Craig, Goldstein, Seheult & Smith 1997; Vernon, Goldstein & Bower 2010): it gives no setting a
weight, and says nothing about parameters that the numbers do not depend on, which stay free over their spans. So whatever is
reported over plausible settings carries the uncertainty that the numbers leave.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from omegaconf import OmegaConf
from scipy import stats

from ci_sim.configuration.checks import finite
from ci_sim.configuration.composition import configs_folder, read_yaml
from ci_sim.errors import UserError
from ci_sim.rules.parameters import declared
from ci_sim.simulation.ensemble import Job, Runs, job_from
from ci_sim.studies.execution.output import write_study
from ci_sim.studies.execution.runner import Study
from ci_sim.studies.questions.validation import FAILS, arm_config, jobs_in, judge, level_of
from ci_sim.studies.statistics.design import is_default, latin_hypercube, spans
from ci_sim.studies.statistics.measures import measure_names, measured, needs_series

_WIDE = (0.05, 0.95)  # the central 90 %
_DEFAULT_RUNS = 1000  # of each arm in the configured setting


class Number(NamedTuple):
    """A published number: what is measured in an arm, and the range that it lies in."""

    arm: str
    measure: str
    low: float
    high: float

    @property
    def claim(self) -> Any:
        """As a claim of a pattern."""
        return OmegaConf.create({"arm": self.arm, "from": self.low, "to": self.high})


class Match(NamedTuple):
    """What a history match left, as tables."""

    title: str
    # arm, measure, low, high, default_setting, median, ruled_out, alone (shares of the settings), plausible_low, plausible_high
    numbers: pd.DataFrame
    # parameter, default, low, high (span), median, ci_low, ci_high (90 % of the plausible settings), learnt, p
    parameters: pd.DataFrame
    settings: pd.DataFrame  # one row a setting: the parameters, what each number came to, and whether it is plausible
    plausible: pd.DataFrame  # one row a plausible setting, one column a parameter


def read_numbers(name: str) -> tuple[Any, list[Number]]:
    """Read a pattern of `configs/pattern`, or a user's file like it; return it, and its claims of a range.

    Raises:
        UserError: in one line that names the file, the entry and what is allowed.
    """
    path, content = read_yaml("numbers", name, "pattern")
    example = f"as in {configs_folder() / 'pattern' / 'group_size.yaml'}"
    content = content if isinstance(content, dict) else {}
    arms, claims = content.get("arms"), content.get("claims")
    if not isinstance(arms, dict) or not all(isinstance(arm, dict) and "scenario" in arm for arm in arms.values()):
        raise UserError(f"{path}: needs `arms`, each with a scenario, {example}")
    if not isinstance(claims, list) or not all(isinstance(claim, dict) for claim in claims):
        raise UserError(f"{path}: needs a list of `claims`, {example}")
    numbers = [_number(path, claim, content) for claim in claims if "arm" in claim]
    if not numbers:
        raise UserError(f"{path}: has no claim of a range, such as {{arm: pair, from: 0.57, to: 0.98}}, {example}")
    return OmegaConf.create(content), numbers


def _number(path: Path, claim: dict, content: dict) -> Number:
    """Return a claim of a range as a number.

    Raises:
        UserError: if it names no arm, no measure, or no range.
    """
    arm, measure = claim["arm"], claim.get("measure", content.get("measure"))
    low, high = (finite(claim.get(key)) for key in ("from", "to"))
    if arm not in content["arms"]:
        raise UserError(f"{path}: claim {claim}: arm: must be one of {', '.join(map(str, content['arms']))}")
    if measure not in measure_names():
        raise UserError(f"{path}: claim {claim}: measure: must be one of {', '.join(measure_names())}")
    if low is None or high is None or low > high:
        raise UserError(f"{path}: claim {claim}: from and to must be numbers, the first not above the second")
    return Number(str(arm), str(measure), low, high)


def match(study: Study) -> Match:
    """Draw settings, and rule out those that contradict a number.

    Args:
        study: of a checked configuration, `ci_sim.load_config("match", overrides)`; what it sets, it sets for all settings.

    Raises:
        UserError: if the numbers cannot be read, or if no setting is left: the message says which number excludes the most.
        Unfinished: at Ctrl-C.
    """
    config = study.config
    pattern, numbers = read_numbers(config.numbers)
    free = {key: span for key, span in spans().items() if is_default(config, key)}
    settings = latin_hypercube(free, config.samples, config.seed)
    simulated, failed = _simulated(study, pattern, numbers, settings)
    plausible = ~failed.any(axis=1)
    if not plausible.any():
        raise UserError(_nothing_left(numbers, failed))
    left = settings[plausible].reset_index(drop=True)
    reached = pd.DataFrame({f"{n.arm}, {n.measure}": simulated[:, k] for k, n in enumerate(numbers)})
    return Match(
        title=str(pattern.get("title", config.numbers)),
        numbers=_numbers_table(study, pattern, numbers, simulated, failed),
        parameters=_parameters_table(free, left, settings[~plausible]),
        settings=pd.concat([settings, reached], axis=1).assign(plausible=plausible),
        plausible=left,
    )


def _simulated(
    study: Study, pattern: Any, numbers: list[Number], settings: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return what each number comes to in each setting, and whether it rules it out, both of shape (settings, numbers)."""
    simulated, failed = np.empty((2, len(settings), len(numbers)))
    arms = _arms(pattern, numbers)
    for arm, jobs in zip(arms, jobs_in(study.config, list(arms.values()), settings), strict=True):
        asked = [k for k, number in enumerate(numbers) if number.arm == arm]
        measures = list(dict.fromkeys(numbers[k].measure for k in asked))
        values = _measured(study, arm, arms[arm]["scenario"], jobs, measures)
        for k in asked:
            for setting, own in enumerate(values[numbers[k].measure]):
                _, found, verdict = judge(numbers[k].claim, numbers[k].measure, {arm: own})
                simulated[setting, k], failed[setting, k] = found.estimate, verdict == FAILS
    return simulated, failed.astype(bool)


def _measured(
    study: Study, arm: str, scenario: str, jobs: list[Job], measures: list[str]
) -> dict[str, list[np.ndarray]]:
    """Return each measure of an arm in each setting, of shape (runs,); of the weekly series nothing else is kept."""
    weekly = [measure for measure in measures if needs_series(measure)]

    def summary(series: np.ndarray) -> np.ndarray:
        kept = [measured(m, Runs(pd.DataFrame(), series)) for m in weekly]
        return np.stack(kept, axis=1) if kept else series

    runs = study.run(jobs, study.config.replicates, arm, scenario, None, bool(weekly), True, summary)
    found = {m: [runs[job.name].series[:, k] for job in jobs] for k, m in enumerate(weekly)}
    no_series = np.empty((0, jobs[0].weeks, 0))
    return found | {
        m: [measured(m, Runs(runs[job.name].outcomes, no_series)) for job in jobs] for m in measures if m not in weekly
    }


def _arms(pattern: Any, numbers: list[Number]) -> dict[str, Any]:
    """Return the arms that the numbers are about, in their order."""
    return {number.arm: pattern.arms[number.arm] for number in numbers}


def _nothing_left(numbers: list[Number], failed: np.ndarray) -> str:
    """Say that no setting is plausible, and which number excludes the most."""
    shares = failed.mean(axis=0)
    told = [
        f"{numbers[k].measure} from {numbers[k].low:g} to {numbers[k].high:g} in “{numbers[k].arm}” excludes {shares[k]:.1%}"
        for k in np.argsort(-shares, kind="stable")
    ]
    return (
        f"none of the {len(failed):,} settings is plausible: {'; '.join(told)}. Widen the first of these ranges, raise samples=, "
        "or leave out what you set yourself"
    )


def _numbers_table(
    study: Study, pattern: Any, numbers: list[Number], simulated: np.ndarray, failed: np.ndarray
) -> pd.DataFrame:
    """Say of each number how many settings it rules out, and alone, and what plausible settings make of it."""
    default = _by_default(study, pattern, numbers)
    left = simulated[~failed.any(axis=1)]
    rows = []
    for k, number in enumerate(numbers):
        alone = failed[:, k] & (failed.sum(axis=1) == 1)
        reach = np.nanquantile(left[:, k], _WIDE)
        middle = np.nanmedian(simulated[:, k])
        rows.append((*number, default[k], middle, failed[:, k].mean(), alone.mean(), *reach))
    columns = [*Number._fields, "default_setting", "median", "ruled_out", "alone", "plausible_low", "plausible_high"]
    return pd.DataFrame(rows, columns=columns)


def _by_default(study: Study, pattern: Any, numbers: list[Number]) -> list[float]:
    """Return what each number comes to in the configured setting."""
    jobs = {arm: job_from(arm_config(study.config, spec)) for arm, spec in _arms(pattern, numbers).items()}
    runs = {
        arm: study.run([job], _DEFAULT_RUNS, f"default setting, {arm}", with_series=True)[job.name]
        for arm, job in jobs.items()
    }
    return [level_of(n.measure, measured(n.measure, runs[n.arm])).estimate for n in numbers]


def _parameters_table(free: dict[str, tuple[float, float]], left: pd.DataFrame, out: pd.DataFrame) -> pd.DataFrame:
    """Say what the numbers leave of each parameter: by how much the central 90 % is narrower than of the span.

    The p value is that of its values being spread as those that were ruled out (Kolmogorov & Smirnov), the least one first.
    """
    rows = []
    for key, (low, high) in free.items():
        values = left[key].to_numpy(float)
        ci_low, median, ci_high = np.quantile(values, (_WIDE[0], 0.5, _WIDE[1]))
        learnt = max(0.0, 1.0 - (ci_high - ci_low) / (0.9 * (high - low)))
        p = stats.ks_2samp(values, out[key]).pvalue if len(out) else 1.0
        rows.append((key, float(np.mean(declared()[key]["default"])), low, high, median, ci_low, ci_high, learnt, p))
    columns = ["parameter", "default", "low", "high", "median", "ci_low", "ci_high", "learnt", "p"]
    return pd.DataFrame(rows, columns=columns).sort_values("p", kind="stable", ignore_index=True)


def write_match(study: Study, result: Match, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the outcomes of all runs, the configuration and the manifest; return the folder."""
    outcomes = study.outcomes
    tables = {
        "outcomes.parquet": outcomes,
        "settings.parquet": result.settings,
        "plausible.csv": result.plausible,
        "numbers.csv": result.numbers,
        "parameters.csv": result.parameters,
    }
    facts = {"title": result.title, "runs": len(outcomes), "plausible": len(result.plausible)}
    return write_study(study.config, tables, started, command, **facts)
