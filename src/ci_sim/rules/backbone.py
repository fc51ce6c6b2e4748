"""The backbone: hours of paid staff, as far as its fund reaches."""

from ci_sim.compilation.compiled import compiled
from ci_sim.rules import levers


@compiled
def staff_at_work(state, rules):
    """Set the staff hours of this week: `staff` an organization, times the component's strength, while the fund lasts."""
    initiative = state.initiative[0]
    strength = levers.backbone(rules, initiative.week)
    affordable = initiative.fund / rules.wage if rules.wage > 0.0 else 1e300
    initiative.staff_hours = min(strength * rules.staff * state.invitation.shape[0], affordable)


@compiled
def pay_staff(state, rules, hours):
    """Take hours of this week's staff, and their wage of the fund."""
    initiative = state.initiative[0]
    initiative.staff_hours -= hours
    initiative.fund = max(0.0, initiative.fund - hours * rules.wage)
    initiative.paid += hours * rules.wage
