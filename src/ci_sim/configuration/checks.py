"""Checks: values, and combinations of them, that no run can have, refused in one line that says what is allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ci_sim.errors import UserError
from ci_sim.rules.parameters import (
    COMPONENTS,
    CONTEXTS,
    EVENTS,
    KINDS,
    LEVELS,
    PARTS,
    SECTORS,
    Config,
    choices,
    declared,
)
from ci_sim.rules.record import strengthened
from ci_sim.texts import suggestion


def refuse_first_edition(config: Any, where: str) -> None:
    """Refuse a configuration that was written by the first edition of the model (0.1).

    Raises:
        UserError: that names where it comes from, and says what to do.
    """
    if "willingness" not in config:
        raise UserError(
            f"{where}: is of the model's first edition (ci_sim 0.1), whose rules give other numbers; read it with ci_sim 0.1.0, "
            "or run its study again, into another folder"
        )


def check_scenario(config: DictConfig) -> None:
    """Refuse values, and combinations of them, that no run can have."""
    for key, meta in declared().items():
        check_number(key, OmegaConf.select(config, key), meta)
    if not re.fullmatch(r"[\w-]+", config.scenario.name):
        raise UserError(f"scenario.name={config.scenario.name}: must be one word of letters, digits, - and _")
    if not config.output_dir:
        raise UserError("output_dir: must name a folder, such as output_dir=results/my_partners")
    _check_parts_and_workers(config)
    _check_horizon(config)
    _check_sectors(config)
    _check_strengthening(config)
    _check_sequence(config)
    _check_population(config)
    for name in CONTEXTS:
        low_high = config.context[name]
        if not isinstance(low_high, int | float) and low_high[0] > low_high[1]:
            raise UserError(f"context.{name}={list(low_high)}: the first number must not exceed the second")


def check_number(key: str, value: Any, meta: dict[str, Any]) -> None:
    """Refuse a value that a declared number cannot have; `meta` is what `parameters.declared` says of it."""
    values = [value]
    if meta.get("varying") and not isinstance(value, int | float | str):
        values = list(value) if value is not None else []
        if len(values) != 2:
            raise UserError(f"{key}={values or 'null'}: must be a number or a range [low, high]")
    for v in values:
        number = isinstance(v, int | float) and not isinstance(v, bool)
        if not number or not meta["low"] <= v <= meta["high"]:
            unit = f" ({meta['unit']})" if meta["unit"] else ""
            raise UserError(
                f"{key}={v}: must be a number from {in_figures(meta['low'])} to {in_figures(meta['high'])}{unit}"
            )


def finite(value: Any) -> float | None:
    """Return what a user gave as a number if it is a finite one, and None for anything else."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if number else None


def in_figures(limit: float) -> str:
    """Return a limit as a reader would write it."""
    return f"{int(limit):,}" if limit == int(limit) else str(limit)


def check_choices(config: DictConfig, schema: type[Config]) -> None:
    """Refuse a word that is none of those a key can be."""
    for key, meta in choices(schema).items():
        value = OmegaConf.select(config, key)
        if value not in meta["choices"]:
            raise UserError(f"{key}={value}: must be one of {', '.join(meta['choices'])}")


def check_names(key: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a name that is not among the known ones."""
    for name in names:
        if name not in known:
            raise UserError(f"{key}: {name!r} is unknown{suggestion(str(name), known)}; there are: {', '.join(known)}")


def check_precision(config: DictConfig) -> None:
    """Refuse a precision that no interval can have."""
    if config.precision is not None and not config.precision > 0:
        raise UserError(f"precision={config.precision}: must be a number above 0, or null")


def _check_parts_and_workers(config: DictConfig) -> None:
    for kind in config.components.without:
        if kind not in KINDS:
            raise UserError(f"components.without={list(config.components.without)}: must be some of {', '.join(KINDS)}")
    parts = list(config.components.trust_and_agreements.parts)
    key = "components.trust_and_agreements.parts"
    check_names(key, parts, PARTS)
    if "repair" in parts and "charter" not in parts:
        raise UserError(f"{key}={parts}: repair is of breaches of the charter; add charter, or leave out repair")
    workers = config.executor.workers
    if workers is not None and workers < 1:
        raise UserError(f"executor.workers={workers}: must be at least 1, or null for all cores")


def _check_horizon(config: DictConfig) -> None:
    """Refuse what would happen, or begin, after the last week: it would have no effect."""
    starts = {f"events.{name}.week": config.events[name] for name in EVENTS if config.events[name].active}
    components = [name for name in COMPONENTS if config.components[name].active]
    starts |= {f"components.{name}.from_week": config.components[name] for name in components}
    sectors = [name for name in SECTORS if strengthened(config, name)]
    starts |= {f"intra_sector.{name}.from_week": config.intra_sector[name] for name in sectors}
    for key, what in starts.items():
        week = what[key.rpartition(".")[2]]
        if week > config.weeks:
            raise UserError(f"{key}={week}: lies after the horizon, weeks={config.weeks}, and would have no effect")
        if "until_week" in what and what.until_week < week:
            until = f"{key.removesuffix('from_week')}until_week={what.until_week}"
            raise UserError(f"{until}: lies before {key}={week}, so that it would never work")


def _check_strengthening(config: DictConfig) -> None:
    """Refuse the strengthening of a sector that takes no part, and levels that carry nothing."""
    for sector in SECTORS:
        key, strengthening = f"intra_sector.{sector}", config.intra_sector[sector]
        if not strengthened(config, sector):
            continue
        if sector not in config.sectors:
            raise UserError(
                f"{key}: {sector} does not take part, sectors={list(config.sectors)}, so that nothing can be strengthened in it; "
                f"leave it out with {key}.active=false"
            )
        levels = list(strengthening.levels)
        check_names(f"{key}.levels", levels, LEVELS)
        if "spokesperson" in levels and "charter" not in levels:
            raise UserError(
                f"{key}.levels={levels}: a spokesperson speaks for those who have promised in the sector's charter; add charter, "
                "or leave out spokesperson"
            )


def _check_sequence(config: DictConfig) -> None:
    """Refuse a process before the initiative that nobody holds, or that leaves no time for it."""
    first, weeks = list(config.sequence.first), config.sequence.weeks
    check_names("sequence.first", first, SECTORS)
    for sector in first:
        if sector not in config.sectors:
            raise UserError(f"sequence.first={first}: {sector} does not take part; sectors={list(config.sectors)}")
    if bool(first) != (weeks > 0):
        raise UserError(
            f"sequence.first={first} with sequence.weeks={weeks}: a sequence needs both, the sectors that come first and for how "
            "many weeks; leave out both for none"
        )
    if weeks >= config.weeks:
        raise UserError(
            f"sequence.weeks={weeks}: leaves no week for the initiative of all, weeks={config.weeks}; make it shorter, or "
            "weeks longer"
        )


def _check_sectors(config: DictConfig) -> None:
    for key in ("sectors", "commitment.required_sectors"):
        sectors = OmegaConf.select(config, key)
        for sector in sectors if sectors is not None else ():
            if sector not in SECTORS:
                raise UserError(
                    f"{key}: {sector!r} is not a sector{suggestion(sector, SECTORS)}; there are: {', '.join(SECTORS)}"
                )
        if sectors is not None and len(set(sectors)) < len(sectors):
            raise UserError(f"{key}={list(sectors)}: names a sector twice")
    if len(config.sectors) == 0:
        raise UserError(f"sectors=[]: at least one sector must take part; there are: {', '.join(SECTORS)}")
    required = config.commitment.required_sectors
    if required is not None:
        absent = [sector for sector in required if sector not in config.sectors]
        if absent or not required:
            what = f"{absent[0]} does not take part" if absent else "at least one sector is required"
            raise UserError(f"commitment.required_sectors={list(required)}: {what}; sectors={list(config.sectors)}")


def _check_population(config: DictConfig) -> None:
    population = config.population
    if population.source == "from_files" and not config.organizations:
        raise UserError(
            "organizations: population=from_files needs organizations=FILE.csv with columns name and sector"
        )
    if population.source != "from_files" and (config.organizations or config.ties or config.mapping):
        raise UserError(
            f"organizations, ties and mapping are read only with population=from_files, not with {population.source}"
        )
    scale = population.trust_scale
    if scale is not None and (len(scale) != 2 or scale[0] >= scale[1]):
        raise UserError(f"population.trust_scale={list(scale)}: must be [lowest, highest]")
    if population.source == "from_files":
        from ci_sim.configuration.partners import partners_from  # heavy: pandas and the compiler

        partners_from(config)
    if config.happenings:
        from ci_sim.configuration.happenings import happenings_from
        from ci_sim.configuration.partners import partners_from

        happenings_from(config, partners_from(config))
    if population.source == "synthetic":
        if sum(population[f"share_{sector}"] for sector in config.sectors) <= 0:
            raise UserError(f"population: the shares of the sectors {list(config.sectors)} must not all be 0")
        if population.size < len(config.sectors):
            raise UserError(
                f"population.size={population.size}: must be at least the number of sectors, {len(config.sectors)}"
            )
