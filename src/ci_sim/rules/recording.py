"""A run recorded whole: what every organization and every tie is at the end of every week."""

from ci_sim.compilation.compiled import entry, joined
from ci_sim.rules.engine import run_weeks, write_group_beliefs, write_ties, write_week
from ci_sim.rules.population import build


@entry
def keep_organizations(state, kept):
    """Copy the organizations into `kept`, (N,) of ORGANIZATION."""
    for i in range(kept.shape[0]):
        kept[i] = state.orgs[i]


@joined
def record_weeks(
    state, given, rules, events, seed, series, organizations, beliefs, pairs, trust, willingness, agreements, ties
):
    """Run a seed and keep each of its weeks, until the horizon or a collapse; return how many weeks that were.

    Args:
        series: (weeks, len(SERIES_ROW)) to fill, the horizon being `weeks`.
        organizations, beliefs: (weeks, N) to fill with the organizations, of ORGANIZATION, and what each believes of the group.
        pairs, trust, willingness, agreements: to fill with the ties, the rows of a week after those of the week before (see
            `engine.write_ties`).
        ties: (weeks,) to fill with how many of these rows each week has.
    """
    build(state, given, rules, seed)
    initiative, weeks, at, passed = state.initiative[0], series.shape[0], 0, 0
    nobody = trust[:0]
    while passed < weeks and initiative.collapsed == 0:
        run_weeks(state, rules, events, weeks, passed + 1, nobody)
        write_week(state, rules, series[passed])
        keep_organizations(state, organizations[passed])
        write_group_beliefs(state, rules, beliefs[passed])
        ties[passed] = write_ties(state, rules, pairs[at:], trust[at:], willingness[at:], agreements[at:])
        at += ties[passed]
        passed += 1
    return passed
