"""The decision rule: whose consent a joint effort needs, and from how many of them.

Each required sector must give the share `quorum` of those of its organizations that were ever convened (who has left is counted,
and does not agree). Members know the rule: it enters what they expect (`mechanisms.commit`), what a charter needs
(`mechanisms.negotiate`), whether a joint effort can come off (`mechanisms.deliver`), and when an initiative is formed
(`engine`).
"""

import math

from ci_sim.compilation.compiled import compiled


@compiled
def consents_needed(state, rules, s, share):
    """Return how many of sector s must agree where such a share of its convened organizations is asked; 0 if nobody is asked."""
    if not rules.required[s]:
        return 0
    convened = state.initiative[0].convened[s]
    return math.ceil(share * convened - 1e-9) if convened > 0 else 1


@compiled
def all_sectors_agree(state, rules, agrees, share):
    """Return whether of each required sector enough agree.

    Args:
        agrees: (N,) of an organization's flag, 1 or 0: its intention, commitment or signature.
        share: of each required sector's convened organizations.
    """
    for s in range(3):
        consents = 0
        for p in range(state.initiative[0].roster_size[s]):
            consents += agrees[state.roster[s, p]]
        if consents < consents_needed(state, rules, s, share):
            return False
    return True


@compiled
def still_possible(state, rules):
    """Return whether each required sector could still reach its quorum, if all who have not left were convened and agreed."""
    initiative = state.initiative[0]
    for s in range(3):
        left = initiative.convened[s] - initiative.roster_size[s]
        if rules.required[s] and initiative.field[s] - left < rules.quorum * initiative.field[s]:
            return False
    return True
