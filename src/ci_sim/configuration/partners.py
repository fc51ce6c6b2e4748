"""The organizations of a run: drawn by share of sector, the packaged example, or read from a user's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ci_sim.errors import UserError
from ci_sim.partners.account import Reading
from ci_sim.partners.organizations import TRAITS
from ci_sim.partners.reading import read_files
from ci_sim.partners.ties import Ties
from ci_sim.rules.parameters import SECTORS
from ci_sim.rules.population import Given
from ci_sim.texts import text

_REAL = Path(__file__).parent / "data"  # a folder for each packaged population of real organizations


class Partners(NamedTuple):
    """Who takes part, and what is known of them before a run."""

    given: Given
    ids: list[str]
    names: list[str]
    assumed: list[str]  # what no table gives, so that each replicate draws it anew
    max_ties: int  # ties that an organization keeps at most: the configured number, or more if the tables need it
    readings: tuple[Reading, ...] = ()  # how the user's tables were read


def partners_from(config: Any) -> Partners:
    """Return the organizations that a checked configuration names.

    Raises:
        UserError: if a table cannot be used; the message has a line for each fault, which names the file, the row and the column.
    """
    population = config.population
    if population.source == "synthetic":
        return _synthetic(config)
    if population.source == "from_files":
        return _from_tables(config.organizations, config.ties, config)
    folder = _REAL / population.source
    return _from_tables(str(folder / "organizations.csv"), str(folder / "ties.csv"), config)


def _from_tables(organizations: str, ties: str | None, config: Any) -> Partners:
    """Return what tables say of the sectors that take part.

    Raises:
        UserError: if no organization of one of them is there.
    """
    population = config.population
    files = read_files(organizations, ties, config.get("mapping"), population.trust_scale)
    people = files.organizations
    taking = np.array([sector in config.sectors for sector in people.sectors])
    for sector in config.sectors:
        if sector not in people.sectors:
            raise UserError(text("partners.sector_without", path=people.label, sector=sector))
    traits = {name: values[taking] for name, values in people.traits.items()}
    blank = np.full((int(taking.sum()), population.dimensions), np.nan)
    position = blank if people.position is None else people.position[taking]
    pairs, trust = _among(taking, files.ties)
    given = Given(
        sector=np.array([SECTORS.index(sector) for sector in people.sectors])[taking],
        **traits,
        position=position,
        draw_ties=np.array([int(files.ties is None)]),
        ties=pairs,
        tie_trust=trust,
    )
    assumed = [name for name, values in traits.items() if np.isnan(values).any()]
    assumed += ["positions"] if np.isnan(position).any() else []
    assumed += ["ties"] if files.ties is None else (["trust in ties"] if np.isnan(trust).any() else [])
    places = np.flatnonzero(taking)
    return Partners(
        given,
        [people.ids[place] for place in places],
        [people.names[place] for place in places],
        assumed,
        max(population.max_ties, _most_ties(pairs)),
        files.readings,
    )


def _among(taking: np.ndarray, ties: Ties | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the ties between those who take part, by their places among them, and their trust."""
    if ties is None:
        return np.empty((0, 2), np.int64), np.empty(0)
    kept = taking[ties.pairs].all(axis=1)
    return (np.cumsum(taking) - 1)[ties.pairs[kept]], ties.trust[kept]


def _most_ties(pairs: np.ndarray) -> int:
    """Return how many others the organization with the most ties has ties with."""
    ends = np.unique(np.sort(pairs, axis=1), axis=0).ravel()
    return int(np.bincount(ends).max()) if len(ends) else 0


def _synthetic(config: Any) -> Partners:
    """Sizes of the sectors are the shares of the size, rounded by largest remainder."""
    shares = np.array([config.population[f"share_{s}"] if s in config.sectors else 0.0 for s in SECTORS])
    exact = shares / shares.sum() * config.population.size
    counts = np.floor(exact).astype(int)
    for s in np.argsort(counts - exact, kind="stable")[: config.population.size - counts.sum()]:
        counts[s] += 1
    sector = np.repeat(np.arange(3), counts)
    ids = [f"{SECTORS[s][:3]}-{k + 1}" for s in range(3) for k in range(counts[s])]
    blank = np.full(len(ids), np.nan)
    position = np.full((len(ids), config.population.dimensions), np.nan)
    no_ties = np.empty((0, 2), np.int64)
    given = Given(
        sector,
        **dict.fromkeys(TRAITS, blank),
        position=position,
        draw_ties=np.array([1]),
        ties=no_ties,
        tie_trust=np.empty(0),
    )
    return Partners(given, ids, ids, [*TRAITS, "positions", "ties"], config.population.max_ties)
