"""A C twin of the rules of the scenario `baseline`: the limit that the compiled engine is measured against.

`twin.c` holds the rules. Compiled with the streams of the engine, it gives the same outcomes run by run; with a
sequential generator it shows what keyed streams cost.

    library = compile_twin(Path("build"))
    outcomes = run(library, ci_sim.load_config("baseline"), np.arange(500))  # columns as in ci_sim.rules.engine.OUTCOME_ROW
"""

import ctypes
import math
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ci_sim.rules.engine import OUTCOME_ROW
from ci_sim.rules.record import RULES as RULES_RECORD
from ci_sim.simulation.ensemble import Job, job_from

RULES = "0a476dd4bf88"
SOURCE = Path(__file__).with_name("twin.c")

# The fields of `Parameters` in twin.c, in their order; context_low and context_high hold a number for each context.
PARAMETERS = (
    "half_life", "broken_weight", "prior_weight", "generalization",
    "willingness", "willingness_half_life", "willingness_evidence",
    "group_prior", "group_prior_weight", "inside_weight", "group_evidence",
    "rate", "meeting_hours", "homophily",
    "bound", "convergence", "misperception", "voice",
    "contact_stake", "step_hours", "observation", "season", "season_weeks",
    "step_trust", "signing_trust",
    "cost", "noise", "shared_fate", "windows", "quorum", "known", "formation_weeks",
    "salience_half_life", "win", "participation_cost", "turnover", "turnover_loss", "patience",
    "upkeep", "crowding", "easing", "reporting", "contact_saving", "staff", "introduction_hours", "fund", "wage",
    "common_agenda", "mutually_reinforcing_activities", "shared_measurement", "continuous_communication", "backbone",
    "capacity", "capacity_spread", "influence_spread", "salience_spread", "reliability_spread", "trust_spread",
    "listening_spread", "firmness",
    "trust_homophily", "acquaintances", "acquaintances_within", "acquaintance_evidence",
    "mandates", "board_weeks", "instalment", "funding_weeks", "reserve_weeks", "difference",
    "profile_capacity", "profile_influence", "profile_spread", "profile_trust_homophily", "profile_acquaintances_within",
    "profile_turnover", "profile_board_weeks",
    "context_low", "context_high",
)  # fmt: skip
_LEFT_OUT = ("recognize", "map", "convene", "found", "trust_and_agreements")
_COMPONENTS = (
    "common_agenda", "mutually_reinforcing_activities", "shared_measurement", "continuous_communication", "backbone",
)  # fmt: skip


# What could be faster still, and what the twin is compiled with to try it.
VARIANTS: dict[str, tuple[str, ...]] = {
    "C": (),
    "C, scalar": ("-fno-tree-vectorize",),
    "C, sequential draws": ("-DSEQUENTIAL",),
    "C, single precision": ("-DSINGLE", "-fsingle-precision-constant"),
    "C, sums in any order": ("-Ofast",),
    "C, eight replicates week by week": ("-DSIDE_BY_SIDE=8",),
    "C, chances of delivery twice": ("-DTAILS_TWICE",),
}


def compile_twin(folder: Path, variant: str = "C", further: Sequence[str] = ()) -> ctypes.CDLL:
    """Compile a variant of the twin, with further options if need be, into a folder and load it.

    Raises:
        RuntimeError: if gcc is missing or refuses.
    """
    if shutil.which("gcc") is None:
        raise RuntimeError("the C twin needs gcc, which is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"twin_{list(VARIANTS).index(variant)}.so"
    options = ["-O3", "-march=native", "-shared", "-fPIC", *VARIANTS[variant], *further]
    done = subprocess.run(
        ["gcc", *options, "-o", str(target), str(SOURCE), "-lm"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"gcc could not compile {SOURCE}: {(done.stderr.strip().splitlines() or ['no reason'])[0]}")
    return _checked(ctypes.CDLL(str(target.resolve())), np.float32 if "-DSINGLE" in VARIANTS[variant] else np.float64)


def _checked(library: ctypes.CDLL, real: type) -> ctypes.CDLL:
    """Give the library its signature, and refuse one that reads or fills other numbers than this module says."""
    numbers, whole_numbers = np.ctypeslib.ndpointer(real, flags="C"), np.ctypeslib.ndpointer(np.int64, flags="C")
    library.real = real
    sectors, number = np.ctypeslib.ndpointer(np.int8, flags="C"), ctypes.c_int
    library.run_many.argtypes = [numbers, sectors, number, number, number, whole_numbers, number, numbers]
    library.run_many.restype = None
    parameters = sum(math.prod(RULES_RECORD[name].shape) for name in PARAMETERS)
    if library.parameters() != parameters or library.outcomes_row() != len(OUTCOME_ROW):
        raise RuntimeError(f"{SOURCE} and {__file__} disagree on the parameters or the outcomes")
    return library


def run(library: ctypes.CDLL, config: Any, seeds: np.ndarray) -> np.ndarray:
    """Run one scenario once for each seed; return the outcomes, of shape (len(seeds), len(OUTCOME_ROW)).

    Raises:
        ValueError: if the scenario asks for a rule that the twin leaves out.
    """
    job = job_from(config)
    _refuse_what_is_left_out(job)
    rules = job.rules[0]
    parameters = np.concatenate([np.atleast_1d(rules[name]) for name in PARAMETERS]).astype(library.real)
    sector = job.partners.given.sector.astype(np.int8)
    seeds = np.ascontiguousarray(seeds, dtype=np.int64)
    outcomes = np.empty((len(seeds), len(OUTCOME_ROW)), library.real)
    library.run_many(parameters, sector, len(sector), job.partners.max_ties, job.weeks, seeds, len(seeds), outcomes)
    return outcomes


def _refuse_what_is_left_out(job: Job) -> None:
    rules, given = job.rules[0], job.partners.given
    traits = (
        given.capacity,
        given.influence,
        given.salience,
        given.reliability,
        given.listening,
        given.firmness,
        given.turnover,
        given.board_weeks,
        given.position,
    )
    reached = {
        "stages or the sixth component": any(rules[name] > 0.0 for name in _LEFT_OUT),
        "a component that begins later": any(rules[f"{name}_from"] > 1 for name in _COMPONENTS),
        "a component that ends": any(rules[f"{name}_until"] < job.weeks for name in _COMPONENTS),
        "the strengthening of a sector": bool(rules.strengthening.any()),
        "a sequence": rules.start_week > 1,
        "events": len(job.events) > 0,
        "a commitment without a signature": not rules.signature,
        "a sector that is not required": not rules.required.all(),
        "positions of other than two dimensions": given.position.shape[1] != 2,
        "organizations from tables": not (all(np.isnan(trait).all() for trait in traits) and given.draw_ties[0]),
    }
    if any(reached.values()):
        raise ValueError(f"the C twin leaves out: {', '.join(what for what, asked in reached.items() if asked)}")
