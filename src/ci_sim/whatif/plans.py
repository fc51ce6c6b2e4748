"""Plans: a search over what can be chosen, on common luck, for chance, time, cost and fairness at once.

The search is NSGA-II (Deb, Pratap, Agarwal & Meyarivan 2002), as pymoo has it, over the places of the values of each choice; a
space with no more plans than may be tried is tried whole. What may be spent (hours, money) is a constraint on means. Plans are
judged over all that is drawn anew in each run: contexts, traits that no table gives, and luck, the same for every plan.

Those that no other plan beats in everything are the Pareto set. A short list of it is run again on fresh luck, since the best of
many looks better than it is; its regret is by how much it falls behind the best of the list where a context is in its lower or
upper half.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from omegaconf.errors import OmegaConfBaseException

from ci_sim.configuration.composition import as_typed, read_yaml, with_values
from ci_sim.configuration.partners import Partners
from ci_sim.errors import UserError
from ci_sim.rules.parameters import SECTORS
from ci_sim.simulation.ensemble import Job, job_from
from ci_sim.studies.execution.output import write_study, write_text
from ci_sim.studies.execution.plan import fingerprint, scientific
from ci_sim.studies.execution.progress import progress
from ci_sim.studies.execution.runner import Unfinished, run_jobs
from ci_sim.studies.statistics.effects import halves_of_contexts, time_to_formation
from ci_sim.studies.statistics.extras import need_optimizer
from ci_sim.studies.statistics.intervals import Estimate, level
from ci_sim.texts import LOCALES, text
from ci_sim.whatif.check import Warned, to_know, warnings_of

OBJECTIVES = ("chance", "weeks", "hours", "fairness")  # what plans are judged by; money is a constraint alone
_SENSE = np.array([-1.0, 1.0, 1.0, -1.0])  # what is more is better, but for weeks and hours
_POPULATION = 48  # plans of a generation
_IDLE = 20  # generations without a new plan, after which the search ends
_SHORT = 6  # plans of the short list
_LIKELY = 0.5  # chance of one, of the likeliest's, at least
_OTHER = ("task", "title", "locale", "live", "top", "questions", "ask", "template", "precision", "precision_outcome",
          "max_replicates", "replicates")  # change nothing of a plan  # fmt: skip
_FRESH = 1_000_003  # added to the seed for the luck of the short list


class Option(NamedTuple):
    """One way that a choice can fall."""

    titles: dict[str, str]  # by language
    sets: dict[str, Any]  # configuration keys, each with its value

    @property
    def overrides(self) -> str:
        """Return what it sets as it would be typed behind a command."""
        return " ".join(f"{key}={as_typed(value)}" for key, value in self.sets.items())


class Choice(NamedTuple):
    """Something that a plan chooses."""

    name: str  # a configuration key, or a name of what several keys say together
    titles: dict[str, str]  # by language
    options: list[Option]


class Plans(NamedTuple):
    """What a search found."""

    choices: list[Choice]
    tried: pd.DataFrame  # one row a plan: the place of each choice's value, what came out, whether it may be afforded
    short: pd.DataFrame  # the short list on fresh luck, with intervals, regret, and where it does worst
    outcomes: pd.DataFrame  # one row a run of the short list
    partners: Partners
    warnings: list[Warned]
    size: int  # of the space
    complete: bool


def search(config: Any) -> Plans:
    """Search the plans of a checked configuration of `whatif`.

    What was tried in its folder by the same command is not tried again.

    Raises:
        UserError: if the space cannot be read, or no plan of it can be afforded.
    """
    need_optimizer()
    choices = choices_of(config)
    size = int(np.prod([len(choice.options) for choice in choices], dtype=np.int64))
    trial = _Trial(config, choices)
    try:
        with progress(bool(config.quiet), min(size, config.plans.evaluations), "plans", "Searching") as advance:
            trial.advance = advance
            advance(len(trial.known))
            if size <= config.plans.evaluations:
                trial.try_all(_every(choices))
            else:
                _evolve(trial, choices, config.plans.evaluations, config.seed)
    except Unfinished:
        return Plans(choices, trial.table(), pd.DataFrame(), pd.DataFrame(), trial.base.partners, [], size, False)
    tried = trial.table()
    if not tried["affordable"].any():
        cheapest = tried.loc[tried["hours"].idxmin()]
        raise UserError(
            f"plans.hours={config.plans.hours}, plans.money={config.plans.money}: no plan that was tried is as cheap; the "
            f"cheapest takes {cheapest['hours']:,.0f} hours and {cheapest['money']:,.0f} USD on average"
        )
    short, outcomes, complete = _look_again(config, choices, tried)
    return Plans(choices, tried, short, outcomes, trial.base.partners, warnings_of(config, trial.base), size, complete)


def choices_of(config: Any) -> list[Choice]:
    """Return what plans choose; what only says how a sector is strengthened is left out where that sector does not take part.

    Raises:
        UserError: that names the file and the key, if the space cannot be read.
    """
    path, content = read_yaml("plans.space", config.plans.space, "space")
    if not isinstance(content, dict) or not content:
        raise UserError(f"{path}: must hold configuration keys, each with its values")
    absent = {f"intra_sector.{sector}." for sector in SECTORS if sector not in config.sectors}
    choices = []
    for name, told in content.items():
        choice = _choice(str(name), told, path)
        keys = [key for option in choice.options for key in option.sets]
        if not all(any(key.startswith(part) for part in absent) for key in keys):
            _check(config, choice, path)
            choices.append(choice)
    if not choices:
        raise UserError(f"{path}: there is nothing to choose for sectors={list(config.sectors)}")
    return choices


def _choice(name: str, told: Any, path: Path) -> Choice:
    """Return a choice as a file of a space says it: a list of values, or a title and values."""
    values = told.get("values") if isinstance(told, dict) else told
    title = told.get("title", name) if isinstance(told, dict) else name
    if not isinstance(values, list) or not values:
        raise UserError(f"{path}: {name}: must be a list of values, or title and values")
    return Choice(name, _titles(title, name), [_option(name, value, path) for value in values])


def _option(name: str, value: Any, path: Path) -> Option:
    """Return an option as a file says it: a value of the key that the choice is named by, or what several keys are set to."""
    if not isinstance(value, dict):
        words = {locale: text(f"who.{'yes' if value else 'no'}", locale) for locale in LOCALES}
        return Option(words if isinstance(value, bool) else _titles(as_typed(value), name), {name: value})
    sets = value.get("set")
    if set(value) != {"title", "set"} or not isinstance(sets, dict) or not sets:
        raise UserError(f"{path}: {name}: {as_typed(value)}: must be a value, or a title and what is set")
    return Option(_titles(value["title"], name), {str(key): one for key, one in sets.items()})


def _titles(title: Any, otherwise: str) -> dict[str, str]:
    """Return a title by language: it may be one for all."""
    return {locale: str(title.get(locale, otherwise) if isinstance(title, dict) else title) for locale in LOCALES}


def _check(config: Any, choice: Choice, path: Path) -> None:
    for option in choice.options:
        try:
            with_values(config, option.sets)
        except (UserError, KeyError, OmegaConfBaseException) as error:
            what = f"{choice.name}: {as_typed(option.sets.get(choice.name, option.sets))}"
            raise UserError(f"{path}: {what}: {str(error).splitlines()[0]}") from None


class _Trial:
    """The plans that were tried."""

    def __init__(self, config: Any, choices: list[Choice]):
        """Begin with what an earlier search of the same kind has tried in the folder."""
        self.config, self.choices = config, choices
        self.known: dict[tuple[int, ...], list[float]] = {}
        self.base = job_from(config)
        self.advance: Any = lambda done: None
        self.fingerprint = _fingerprint(config, choices, self.base)
        self._kept = Path(config.output_dir) / "tried.json"
        told = _kept_in(self._kept)
        if told.get("fingerprint") == self.fingerprint:
            self.known = {tuple(plan): values for plan, values in told["tried"]}

    def try_all(self, plans: Sequence[tuple[int, ...]]) -> None:
        """Try plans that are not known yet, a few at a time.

        Raises:
            Unfinished: at Ctrl-C; what was finished is kept.
        """
        new = [plan for plan in dict.fromkeys(plans) if plan not in self.known]
        for start in range(0, len(new), _POPULATION):
            self._try(new[start : start + _POPULATION])

    def _try(self, plans: list[tuple[int, ...]]) -> None:
        config = self.config
        jobs = []
        for plan in plans:
            try:
                jobs.append(_job(config, self.choices, plan))
            except UserError:  # not a possible plan
                self.known[plan] = [0.0, float(config.weeks), np.inf, 0.0, np.inf]
        replicates = config.plans.replicates
        runs, complete = run_jobs(jobs, config.seed, replicates, config.executor, quiet=True)
        for plan in plans:
            outcomes = runs[_name(plan)].outcomes if _name(plan) in runs else pd.DataFrame()
            if len(outcomes) == replicates:
                self.known[plan] = _judged(outcomes, config)
        self.advance(len(plans))
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        told = {"fingerprint": self.fingerprint, "tried": [[list(plan), values] for plan, values in self.known.items()]}
        write_text(json.dumps(told), self._kept)
        if not complete:
            raise Unfinished

    def table(self) -> pd.DataFrame:
        """Return one row a plan that was tried; those that no affordable plan beats are `best`."""
        rows = [(*plan, *values) for plan, values in self.known.items()]
        columns = [*(choice.name for choice in self.choices), *OBJECTIVES, "money"]
        table = pd.DataFrame(rows, columns=columns)
        limits = self.config.plans
        table["affordable"] = (table["hours"] <= (limits.hours or np.inf)) & (
            table["money"] <= (limits.money or np.inf)
        )
        table["affordable"] &= np.isfinite(table["hours"])
        table["best"] = False
        own = table.index[table["affordable"]]
        table.loc[own, "best"] = undominated(table.loc[own, list(OBJECTIVES)].to_numpy() * _SENSE)
        return table


def _kept_in(path: Path) -> dict[str, Any]:
    """Return what an earlier search has kept, or nothing where there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _fingerprint(config: Any, choices: list[Choice], base: Job) -> str:
    """Return what changes when plans would come out otherwise."""
    told = {key: value for key, value in scientific(config).items() if key not in _OTHER}
    told["plans"] = {name: told["plans"][name] for name in ("weeks", "replicates")}
    return fingerprint(told, repr([[option.sets for option in choice.options] for choice in choices]), [base])


def _name(plan: Sequence[int]) -> str:
    return "-".join(str(int(place)) for place in plan)


def _job(config: Any, choices: list[Choice], plan: Sequence[int]) -> Job:
    return job_from(with_values(config, _sets(choices, plan)))._replace(name=_name(plan))


def _sets(choices: Sequence[Choice], plan: Sequence[int]) -> dict[str, Any]:
    """Return what a plan sets, by key."""
    chosen = [choice.options[int(place)].sets for choice, place in zip(choices, plan, strict=True)]
    return {key: value for sets in chosen for key, value in sets.items()}


def _judged(outcomes: pd.DataFrame, config: Any) -> list[float]:
    """Return the objectives of a plan, and its money."""
    by = config.plans.weeks or config.weeks
    weeks = time_to_formation(outcomes["formation_week"], config.weeks)
    values = ((outcomes["formation_week"] <= by).mean(), weeks.mean(), outcomes["hours_spent"].mean(),
              outcomes["satisfaction_min"].mean(), outcomes["money_spent"].mean())  # fmt: skip
    return [float(value) for value in values]


def undominated(costs: np.ndarray) -> np.ndarray:
    """Return which rows of costs, of shape (plans, objectives), no other row beats: less or equal in all, and less in one."""
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    front = NonDominatedSorting().do(costs, only_non_dominated_front=True) if len(costs) else np.empty(0, int)
    best = np.zeros(len(costs), bool)
    best[front] = True
    return best


def added_late(tried: pd.DataFrame) -> float:
    """Return which share of what a search has reached the second half of the plans that were tried has added.

    What is reached is the hypervolume of the Pareto set (Zitzler & Thiele 1999): the part of the space of objectives, each on the
    scale of that set, that some affordable plan is better than.

    Args:
        tried: of `Plans`, in the order in which they were tried.
    """
    from pymoo.indicators.hv import HV

    costs = tried.loc[tried["affordable"], list(OBJECTIVES)].to_numpy() * _SENSE
    best = costs[undominated(costs)]
    low, span = best.min(axis=0), np.ptp(best, axis=0)
    volume = HV(ref_point=np.full(len(OBJECTIVES), 1.05))
    early, all_of_it = (
        float(volume((some[undominated(some)] - low) / np.where(span > 0.0, span, 1.0)))
        for some in (costs[: len(costs) // 2], costs)
    )
    return 1.0 - early / all_of_it


def _every(choices: list[Choice]) -> list[tuple[int, ...]]:
    return [tuple(int(k) for k in places) for places in np.ndindex(*(len(choice.options) for choice in choices))]


def _evolve(trial: _Trial, choices: list[Choice], evaluations: int, seed: int) -> None:
    """Try plans by NSGA-II until so many were tried, or generations bring no new ones."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem
    from pymoo.operators.crossover.ux import UniformCrossover
    from pymoo.operators.mutation.pm import PolynomialMutation
    from pymoo.operators.repair.rounding import RoundingRepair
    from pymoo.operators.sampling.rnd import IntegerRandomSampling

    config, seen = trial.config, set()  # what an earlier search has kept is met again on the same way

    class OfPlans(Problem):
        def __init__(self) -> None:
            upper = np.array([len(choice.options) - 1 for choice in choices])
            super().__init__(n_var=len(choices), n_obj=len(OBJECTIVES), n_ieq_constr=2, xl=0, xu=upper, vtype=int)

        def _evaluate(self, x: np.ndarray, out: dict, *args: Any, **kwargs: Any) -> None:
            plans = [tuple(int(place) for place in row) for row in x]
            trial.try_all(plans)
            seen.update(plans)
            found = np.array([trial.known[plan] for plan in plans])
            found = np.where(np.isfinite(found), found, 1e12)
            out["F"] = found[:, : len(OBJECTIVES)] * _SENSE
            limits = config.plans.hours or np.inf, config.plans.money or np.inf
            out["G"] = np.column_stack([_over(found[:, 2], limits[0]), _over(found[:, 4], limits[1])])

    algorithm = NSGA2(
        pop_size=_POPULATION,
        sampling=IntegerRandomSampling(),
        crossover=UniformCrossover(prob=0.9),
        mutation=PolynomialMutation(prob=1.0, eta=3, vtype=float, repair=RoundingRepair()),
        eliminate_duplicates=True,
    )
    algorithm.setup(OfPlans(), seed=seed, termination=("n_gen", 10 * evaluations), verbose=False)
    idle = 0
    while len(seen) < evaluations and idle < _IDLE and algorithm.has_next():
        before = len(seen)
        algorithm.next()
        idle = 0 if len(seen) > before else idle + 1


def _over(values: np.ndarray, limit: float) -> np.ndarray:
    return values / limit - 1.0 if np.isfinite(limit) else np.full(len(values), -1.0)


def short_list(tried: pd.DataFrame, choices: Sequence[Choice]) -> list[tuple[int, ...]]:
    """Return a few plans of the Pareto set to choose from: the best in each objective, and the best compromises.

    A compromise lies nearest to the best in all objectives, each on the scale of the Pareto set. What is cheap because it hardly
    ever forms is nothing to choose: plans that are less than half as likely as the likeliest are left out.
    """
    best = tried[tried["best"]]
    best = best[best["chance"] >= _LIKELY * best["chance"].max()]
    costs = best[list(OBJECTIVES)].to_numpy() * _SENSE
    span = np.ptp(costs, axis=0)
    scaled = (costs - costs.min(axis=0)) / np.where(span > 0.0, span, 1.0)
    far = np.sqrt((scaled**2).sum(axis=1))
    likeliest, *others = (
        np.lexsort((far, cost))[0] for cost in costs.T
    )  # the best in each, of equals the best compromise
    keys = [choice.name for choice in choices]
    rows = [likeliest, *np.argsort(far, kind="stable")[:2], *others]
    plans = [tuple(int(place) for place in best.iloc[row][keys]) for row in rows]
    return list(dict.fromkeys(plans))[:_SHORT]


def _look_again(config: Any, choices: list[Choice], tried: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, bool]:
    """Run the short list on fresh luck; return it with intervals, regret and where each does worst."""
    plans = short_list(tried, choices)
    jobs = [_job(config, choices, plan) for plan in plans]
    runs, complete = run_jobs(
        jobs, config.seed + _FRESH, config.plans.finalists, config.executor, bool(config.quiet), what="Looking again"
    )
    outcomes = pd.concat([run.outcomes for run in runs.values()], ignore_index=True)
    if not complete:
        return pd.DataFrame(), outcomes, False
    by = config.plans.weeks or config.weeks
    states = {name: _in_states(run.outcomes, by) for name, run in runs.items()}
    most = pd.DataFrame(states).max(axis=1)
    rows = []
    for plan in plans:
        own, name = runs[_name(plan)].outcomes, _name(plan)
        chance: Estimate = level((own["formation_week"] <= by).to_numpy(float))
        regret = most - states[name]
        worst = states[name].idxmin(), float(states[name].min())
        typed = " ".join(choice.options[place].overrides for choice, place in zip(choices, plan, strict=True))
        reached = chance.ci_low, chance.ci_high, float(own["coalition_size"].mean()), float(regret.max())
        rows.append((name, *plan, *_judged(own, config), *reached, *worst, typed))
    keys = [choice.name for choice in choices]
    found = ["ci_low", "ci_high", "coalition", "regret", "worst_where", "worst_chance", "overrides"]
    return pd.DataFrame(rows, columns=["plan", *keys, *OBJECTIVES, "money", *found]), outcomes, True


def _in_states(outcomes: pd.DataFrame, by: float) -> pd.Series:
    """Return the chance in the lower and in the upper half of each context that varies."""
    formed = outcomes["formation_week"] <= by
    found = {f"{context} {half}": formed[inside].mean() for context, half, _, inside in halves_of_contexts(outcomes)}
    return pd.Series(found or {"all": formed.mean()})


def said_of(choices: Sequence[Choice], row: Any, locale: str) -> list[tuple[str, str]]:
    """Return what a plan chooses: the title of each choice with that of its option."""
    return [(choice.titles[locale], choice.options[int(row[choice.name])].titles[locale]) for choice in choices]


def write_plans(config: Any, found: Plans, started: datetime, command: str | None = None) -> Path:
    """Write the tables, the configuration and the manifest; return the folder."""
    named = found.tried.copy()
    for choice in found.choices:
        named[choice.name] = [choice.options[int(place)].titles["en"] for place in found.tried[choice.name]]
    tables = {"outcomes.parquet": found.outcomes, "tried.csv": named, "short_list.csv": found.short}
    return write_study(
        config,
        tables,
        started,
        command,
        plans=len(found.tried),
        space=found.size,
        best=int(found.tried["best"].sum()),
        added_late=added_late(found.tried) if found.complete else None,
        runs=len(found.outcomes),
        complete=found.complete,
        **to_know(found.partners, found.warnings),
    )
