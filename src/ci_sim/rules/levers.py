"""When a lever works, and how strongly."""

from ci_sim.compilation.compiled import compiled


@compiled
def working(strength, from_week, week):
    """Return the strength of a component this week: 0 before it begins."""
    return strength if week >= from_week else 0.0
