"""What to know before one trusts an answer: how tables were read, what is assumed, and what lies outside what was studied."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.distance import pdist

from ci_sim.configuration.composition import with_values
from ci_sim.configuration.partners import Partners
from ci_sim.rules.population import build
from ci_sim.rules.streams import replicate_seeds
from ci_sim.simulation.ensemble import Job, job_from, memory_for
from ci_sim.texts import text

_DRAWN = 200  # populations that are drawn to see how far apart positions are where the model was studied
_MOST_PAIRS = 400  # organizations of which all pairs are looked at


class Checked(NamedTuple):
    """What a user's tables come to."""

    partners: Partners
    warnings: list[Warned]


class Warned(NamedTuple):
    """A warning, to be said in either language."""

    key: str  # of the texts, below `warnings`
    facts: tuple[tuple[str, str], ...]

    def said(self, locale: str = "en") -> str:
        """Return it as a sentence."""
        return text(f"warnings.{self.key}", locale, **dict(self.facts))


def checked(config: Any) -> Checked:
    """Return how the tables of a checked configuration were read, and what to know of them."""
    job = job_from(config)
    return Checked(job.partners, warnings_of(config, job))


def to_know(partners: Partners, warnings: list[Warned]) -> dict[str, list[str]]:
    """Return, for a manifest, what was assumed, how tables were read, and what lies outside what was studied."""
    return {
        "assumed": partners.assumed,
        "readings": [reading.said() for reading in partners.readings],
        "warnings": [warned.said() for warned in warnings],
    }


def warnings_of(config: Any, job: Job) -> list[Warned]:
    """Return what of a user's partners lies outside what the model has been studied over."""
    warned = []
    given = job.partners.given
    if config.population.source == "from_files" and not np.isnan(given.position).any():
        far, usual = out_of_hearing(given.position, config), _usually_out_of_hearing(config, job)
        if far > usual:
            warned.append(_warned("positions", far=f"{far:.0%}", usual=f"{usual:.0%}"))
    sizes = np.bincount(given.sector, minlength=3)
    if config.population.source == "from_files" and len(given.sector) < 6:
        warned.append(_warned("few", n=len(given.sector)))
    if sizes.max() > 0.8 * sizes.sum() and (sizes > 0).sum() > 1:
        warned.append(_warned("one_sector", share=f"{sizes.max() / sizes.sum():.0%}"))
    return warned


def _warned(key: str, **facts: object) -> Warned:
    return Warned(key, tuple((name, str(fact)) for name, fact in facts.items()))


def out_of_hearing(position: np.ndarray, config: Any) -> float:
    """Return the share of pairs whose positions, (N, D), lie too far apart for one ever to listen to the other.

    That is farther than the bound of confidence at full trust (see `ci_sim.rules.mechanisms.deliberate.confidence_bound`).
    """
    apart = pdist(position[:_MOST_PAIRS])
    return float((apart > 2.0 * float(config.deliberation.bound)).mean()) if len(apart) else 0.0


def _usually_out_of_hearing(config: Any, job: Job) -> float:
    """Return that share in the 99th of a hundred populations, drawn over the contexts in which the model has been studied."""
    size, dimensions = len(job.partners.ids), job.partners.given.position.shape[1]
    drawn = with_values(
        config,
        {
            "population": "synthetic",
            "population.size": min(size, _MOST_PAIRS),
            "population.dimensions": dimensions,
            "organizations": None,
            "ties": None,
            "mapping": None,
            "happenings": [],
        },
    )
    made = job_from(drawn)
    state, shares = memory_for(made), []
    for seed in replicate_seeds(1, _DRAWN):
        build(state, made.partners.given, made.rules[0], seed)
        shares.append(out_of_hearing(state.orgs["position"][:, :dimensions], config))
    return float(np.quantile(shares, 0.99))
