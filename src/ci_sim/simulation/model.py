"""The model with Mesa's face: `InitiativeModel` steps week by week, open to inspection, events and rules of your own.

Its agents are views on the same state that the ensemble engine uses, and its steps call the same compiled rules: the same
seed gives the same numbers in both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pandas as pd

from ci_sim.configuration.composition import load_config
from ci_sim.rules import engine
from ci_sim.rules.beliefs import group_belief, trust_between, willingness_between
from ci_sim.rules.outcomes import QUANTITIES
from ci_sim.rules.parameters import SECTORS
from ci_sim.rules.population import build
from ci_sim.rules.state import MEMBER, NOBODY
from ci_sim.simulation.ensemble import job_from, memory_for, outcomes_of_run
from ci_sim.simulation.snapshots import MEMBERSHIPS, organizations_table, ties_table


class Organization(mesa.Agent):
    """An organization: a view on its record in the state. What is set here, the rules see in the same week."""

    def __init__(self, model: InitiativeModel, index: int):
        """Make the agent of the organization at this index of the state."""
        super().__init__(model)
        self.index = index
        self.id = model.job.partners.ids[index]
        self.name = model.job.partners.names[index]
        self._record = model.state.orgs[index]

    @property
    def sector(self) -> str:
        """Its sector: government, business or civil_society."""
        return SECTORS[self._record.sector]

    @property
    def membership(self) -> str:
        """Whether it is uninvited, a member of the circle, or has left."""
        return MEMBERSHIPS[self._record.membership]

    @property
    def committed(self) -> bool:
        """Whether it commits to the joint effort this week."""
        return bool(self._record.committed)

    @property
    def signatory(self) -> bool:
        """Whether it has signed the charter that is in force."""
        return bool(self._record.signatory)

    @property
    def federated(self) -> bool:
        """Whether it has signed its sector's own charter, which is in force."""
        return bool(self._record.federated)

    @property
    def follows(self) -> bool:
        """Whether it follows its sector's spokesperson."""
        return bool(self._record.heed > 0)

    @property
    def mandate(self) -> bool:
        """Whether its board lets it commit."""
        return bool(self._record.mandate)

    @property
    def belief_in_group(self) -> float:
        """The chance that enough deliver, as it judges by what the group has done."""
        return float(group_belief(self.model.state, self.model.rules, self.index))

    @property
    def signed(self) -> int:
        """Signed commitments that it holds."""
        return int(self._record.signed)

    @property
    def position(self) -> np.ndarray:
        """Its position, of shape (dimensions,), each in [0, 1]; a view that can be written to."""
        return self._record.position[: self.model.dimensions]

    @property
    def salience(self) -> float:
        """How much the problem matters to it, 0 to 1."""
        return float(self._record.salience)

    @salience.setter
    def salience(self, value: float) -> None:
        self._record.salience = value

    @property
    def reliability(self) -> float:
        """The chance that it keeps a promise."""
        return float(self._record.reliability)

    @reliability.setter
    def reliability(self, value: float) -> None:
        self._record.reliability = value

    @property
    def capacity(self) -> float:
        """Hours a week that it can give the initiative."""
        return float(self._record.capacity)

    @capacity.setter
    def capacity(self, value: float) -> None:
        self._record.capacity = value

    @property
    def listening(self) -> float:
        """How far it listens; 1 is the median of a drawn population."""
        return float(self._record.listening)

    @property
    def firmness(self) -> float:
        """The share by which it moves less than others would, 0 to 1."""
        return float(self._record.firmness)

    @property
    def influence(self) -> float:
        """Its influence; 1 is the median of a drawn population."""
        return float(self._record.influence)

    @property
    def hours_spent(self) -> float:
        """Hours that it spent this week."""
        return float(self._record.hours_spent)

    def trust_in(self, other: Organization) -> float:
        """Return its trust in another organization: the chance that the other keeps a promise, as it believes."""
        return self.model.trust(self.index, other.index)

    def willingness_in(self, other: Organization) -> float:
        """Return its belief that another organization would commit, by what it has seen and heard."""
        return float(willingness_between(self.model.state, self.model.rules, self.index, other.index))

    @property
    def partners(self) -> mesa.agent.AgentSet:
        """The organizations that it has a tie with."""
        partners = self.model.state.partners[self.index, : self._record.degree]
        return mesa.agent.AgentSet([self.model.organizations[j] for j in partners], random=self.model.random)


class InitiativeModel(mesa.Model):
    """One initiative, week by week.

    Attributes:
        organizations: the agents, in the order of the population's table.
        mechanisms: name -> function of the model, in the order in which they act in a week. Replace one to try a rule of your
            own in plain Python, or add one: `model.mechanisms["commit"] = my_rule`.
        datacollector: Mesa's; one row a week with the model's quantities.
        state, rules: the arrays and the parameters' record that the rules read (`ci_sim.rules.state`, `ci_sim.rules.parameters`).
    """

    def __init__(self, config: Any = None, seed: int | None = None, collect: bool = True):
        """Build the population of the replicate `seed`.

        Args:
            config: a checked configuration; None: the baseline.
            seed: seed of the run, as in the `seed` column of an outcomes table; None: the configuration's seed.
            collect: collect the weekly quantities (a model without observers is faster).
        """
        self.config = load_config("run") if config is None else config
        run_seed = int(self.config.seed if seed is None else seed)
        super().__init__(seed=run_seed)
        self.run_seed = run_seed
        self.job = job_from(self.config)
        self.rules = self.job.rules[0]
        self.weeks = self.job.weeks
        self.state = memory_for(self.job)
        build(self.state, self.job.partners.given, self.rules, run_seed)
        self.initiative = self.state.initiative[0]
        # Read every week, so by views of single fields: a record's own attributes cost ten times as much.
        self._week, self._formed, self._collapsed = (
            self.state.initiative[name] for name in ("week", "formed", "collapsed")
        )
        self.dimensions = int(self.initiative.dimensions)
        self.organizations = [Organization(self, i) for i in range(len(self.job.partners.ids))]
        self.mechanisms: dict[str, Callable[[InitiativeModel], None]] = {
            name: self._compiled(name) for name in engine.MECHANISMS
        }
        self.mechanisms["leave"] = lambda model: engine.leave(model.state, model.rules, model.job.events)
        self._own_rules = dict(self.mechanisms)
        self._scheduled: dict[int, list[Callable[[InitiativeModel], None]]] = {}
        self._row = np.empty(len(engine.SERIES_ROW))
        self.datacollector = mesa.DataCollector(
            model_reporters={"week": "week"} | {name: self._reporter(k) for k, name in enumerate(engine.SERIES_ROW)}
        )
        self.collect = collect

    @staticmethod
    def _compiled(name: str) -> Callable[[InitiativeModel], None]:
        rule = getattr(engine, name)
        return lambda model: rule(model.state, model.rules)

    @staticmethod
    def _reporter(k: int) -> Callable[[InitiativeModel], float]:
        return lambda model: float(model._row[k])

    @property
    def week(self) -> int:
        """The week that was last simulated; 0 before the first."""
        return int(self._week.item())

    @property
    def formed(self) -> bool:
        """Whether the initiative has formed."""
        return bool(self._formed.item())

    @property
    def collapsed(self) -> bool:
        """Whether the initiative has collapsed, or reached the horizon unformed."""
        return bool(self._collapsed.item())

    @property
    def circle(self) -> mesa.agent.AgentSet:
        """The members of the circle."""
        return self.agents.select(lambda agent: agent._record.membership == MEMBER)

    def at(self, week: int, event: Callable[[InitiativeModel], None]) -> None:
        """Let a function of the model happen at the beginning of a week."""
        self._scheduled.setdefault(week, []).append(event)

    def step(self) -> None:
        """Let one week pass: at once where nobody has changed it, otherwise mechanism by mechanism."""
        if self.mechanisms == self._own_rules and self.week + 1 not in self._scheduled:
            self._pass_weeks(self.week + 1)
        else:
            self._step_by_step()
        self.running = not self.collapsed and self.week < self.weeks
        if self.collect:
            engine.write_week(self.state, self.rules, self._row)
            self.datacollector.collect(self)

    def _pass_weeks(self, last: int) -> None:
        """Let the weeks pass until the week `last` or a collapse, in one compiled call."""
        engine.run_weeks(self.state, self.rules, self.job.events, self.weeks, last, engine.NOBODY_ASKED)

    def _step_by_step(self) -> None:
        engine.begin(self.state, self.rules, self.job.events)
        engine.begin_week(self.state, self.rules)
        for event in self._scheduled.pop(self.week, []):
            event(self)
        for mechanism in self.mechanisms.values():
            mechanism(self)
            if self.collapsed:
                break
        else:
            engine.assess(self.state, self.rules, self.weeks)

    def run_model(self) -> None:
        """Let the weeks pass until the horizon or a collapse: at once up to the next event where nobody looks on."""
        own_steps = self.collect or self.mechanisms != self._own_rules or type(self).step is not InitiativeModel.step
        while self.running and self.week < self.weeks:
            calm_until = min([self.weeks, *(week - 1 for week in self._scheduled if week > self.week)])
            if own_steps or calm_until == self.week:
                self.step()
            else:
                self.steps -= self.week
                self._pass_weeks(calm_until)
                self.steps += self.week
                self.running = not self.collapsed and self.week < self.weeks

    @property
    def standing(self) -> bool:
        """Whether the initiative has formed, and has not broken off since."""
        return bool(self.initiative.standing)

    @property
    def cause(self) -> str | None:
        """What stands in its way, one of `ci_sim.rules.outcomes.CAUSES`; None where it stands."""
        return None if self.standing else str(self.outcomes()["cause"].iloc[0])

    @property
    def charter_week(self) -> int | None:
        """The week since which the circle's charter has been in force, or None."""
        return int(self.initiative.charter_week) or None

    def spokesperson(self, sector: str) -> Organization | None:
        """Return the organization that speaks for a sector, or None."""
        index = int(self.initiative.spokesperson[SECTORS.index(sector)])
        return None if index == NOBODY else self.organizations[index]

    def outcomes(self) -> pd.DataFrame:
        """Return the outcomes so far: one row, with the columns of every outcomes table."""
        return outcomes_of_run(self.job.name, self.run_seed, self.state, self.rules)

    def trust(self, i: int, j: int) -> float:
        """Return the trust of the organization at index i in that at index j."""
        return float(trust_between(self.state, self.rules, i, j))

    def weekly(self) -> pd.DataFrame:
        """Return the weekly quantities that were collected: week, formed, members, fund, and those of the outcomes."""
        columns = ["week", "formed", "members", "fund", *QUANTITIES]
        return self.datacollector.get_model_vars_dataframe().reindex(columns=columns)

    def organizations_table(self) -> pd.DataFrame:
        """Return a snapshot of the organizations: who they are, what they hold, and where they stand."""
        return organizations_table(self.state, self.rules, self.job.partners)

    def ties_table(self) -> pd.DataFrame:
        """Return a snapshot of the ties, one row a pair: source, target, trust of each in the other, and their agreement."""
        return ties_table(self.state, self.rules, self.job.partners)
