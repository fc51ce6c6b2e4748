"""ci_sim: an agent-based simulation of how a collective-impact initiative forms."""

from typing import Any

__all__ = [
    "InitiativeModel",
    "Organization",
    "UserError",
    "compare",
    "load_config",
    "record",
    "run",
    "simulate",
    "sweep",
    "turning_points",
]

_HOMES = {
    "InitiativeModel": "ci_sim.simulation.model",
    "Organization": "ci_sim.simulation.model",
    "UserError": "ci_sim.errors",
    "compare": "ci_sim.studies.questions.comparison",
    "load_config": "ci_sim.configuration.composition",
    "record": "ci_sim.simulation.recording",
    "run": "ci_sim.studies.questions.single",
    "simulate": "ci_sim.simulation.ensemble",
    "sweep": "ci_sim.studies.questions.sweep",
    "turning_points": "ci_sim.studies.questions.turning",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then, so that the command line answers at once."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ci_sim' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
