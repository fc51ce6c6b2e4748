"""Levers: how strongly each component, and the strengthening of each sector, works in a week (0: it does not)."""

from ci_sim.compilation.compiled import compiled


@compiled
def _working(strength, first, last, week):
    return strength if first <= week <= last else 0.0


@compiled
def common_agenda(rules, week):
    """Return how strongly the common agenda works, 0 to 1."""
    return _working(rules.common_agenda, rules.common_agenda_from, rules.common_agenda_until, week)


@compiled
def mutually_reinforcing_activities(rules, week):
    """Return how strongly mutually reinforcing activities work, 0 to 1."""
    return _working(
        rules.mutually_reinforcing_activities,
        rules.mutually_reinforcing_activities_from,
        rules.mutually_reinforcing_activities_until,
        week,
    )


@compiled
def shared_measurement(rules, week):
    """Return how strongly shared measurement works, 0 to 1."""
    return _working(rules.shared_measurement, rules.shared_measurement_from, rules.shared_measurement_until, week)


@compiled
def continuous_communication(rules, week):
    """Return how strongly continuous communication works, 0 to 1."""
    return _working(
        rules.continuous_communication, rules.continuous_communication_from, rules.continuous_communication_until, week
    )


@compiled
def trust_and_agreements(rules, week):
    """Return how strongly trust and agreements work, 0 to 1."""
    return _working(rules.trust_and_agreements, rules.trust_and_agreements_from, rules.trust_and_agreements_until, week)


@compiled
def charter(rules, week):
    """Return how strongly the charter works, 0 to 1: 0 where trust and agreements do not, or without this part of them."""
    return rules.charter * trust_and_agreements(rules, week)


@compiled
def backbone(rules, week):
    """Return how strongly the backbone works, 0 to 1."""
    return _working(rules.backbone, rules.backbone_from, rules.backbone_until, week)


@compiled
def strengthening(rules, s, week):
    """Return how strongly the strengthening of sector s works, 0 to 1."""
    return _working(rules.strengthening[s], rules.strengthening_from[s], rules.strengthening_until[s], week)


@compiled
def caucus(rules, s, week):
    """Return how strongly the caucus of sector s works, 0 to 1."""
    return rules.sector_caucus[s] * strengthening(rules, s, week)


@compiled
def sector_charter(rules, s, week):
    """Return how strongly the charter of sector s works, 0 to 1."""
    return rules.sector_charter[s] * strengthening(rules, s, week)


@compiled
def spokesperson(rules, s, week):
    """Return how strongly a spokesperson of sector s works, 0 to 1."""
    return rules.sector_spokesperson[s] * strengthening(rules, s, week)
