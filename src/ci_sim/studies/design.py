"""Designs: settings spread over the spans of the parameters, and the jobs that run a scenario in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import OmegaConf
from scipy.stats import qmc

from ci_sim.ensemble import Job, job_from
from ci_sim.parameters import declared, is_whole
from ci_sim.partners import Partners, partners_from
from ci_sim.rules import set_rule

_SIZE = "population.size"  # decides who takes part; all other keys of a design are numbers that the rules read


def spans() -> dict[str, tuple[float, float]]:
    """Return the span over which studies vary each parameter that has one, by configuration key."""
    return {key: meta["span"] for key, meta in declared().items() if meta.get("span")}


def space_filling(over: Mapping[str, tuple[float, float]], samples: int, seed: int) -> pd.DataFrame:
    """Return a scrambled Sobol design (Owen 1998), one row a setting and one column a configuration key.

    Args:
        over: the least and the greatest value of each key, such as `spans()`.
        samples: settings; a power of two keeps the design balanced.
        seed: of the scrambling.
    """
    sampler = qmc.Sobol(len(over), scramble=True, rng=np.random.default_rng(seed))
    unit = sampler.random(samples)
    settings = pd.DataFrame(qmc.scale(unit, *np.array(list(over.values())).T), columns=list(over))
    for key, (low, high) in over.items():
        if is_whole(key):  # whole numbers, each as likely
            whole = np.floor(low + (high - low + 1) * unit[:, settings.columns.get_loc(key)])
            settings[key] = np.clip(whole, low, high).astype(int)
    return settings


def jobs_of(config: Any, settings: pd.DataFrame) -> list[Job]:
    """Return a job for each setting: the scenario of a checked configuration with the setting's numbers; its name is the row."""
    base = job_from(config)
    sizes = settings[_SIZE].unique() if _SIZE in settings else ()
    partners = {size: _partners(config, int(size)) for size in sizes}
    jobs = []
    for row, setting in enumerate(settings.to_dict("records")):
        who, rules = partners.get(setting.pop(_SIZE, None), base.partners), base.rules.copy()
        for key, value in setting.items():
            set_rule(rules, key, value)
        jobs.append(base._replace(name=str(row), partners=who, rules=rules))
    return jobs


def _partners(config: Any, size: int) -> Partners:
    sized = config.copy()
    OmegaConf.update(sized, _SIZE, size)
    return partners_from(sized)
