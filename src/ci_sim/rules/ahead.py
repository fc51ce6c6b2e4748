"""Fetching ahead of use, for large populations.

The records of a small population stay in the processor's caches. Those of a large one do not, and whom a rule comes to next
may be anywhere in memory; so the rules that go through meetings, turns and members ask for what they will read a few steps
on. It changes nothing in what they compute.
"""

import numpy as np

from ci_sim.compilation.compiled import compiled
from ci_sim.compilation.prefetch import LINE, fetch
from ci_sim.rules.state import circle_size, member_at

LARGE = 4096  # organizations from which on it pays
STEPS = 8  # so far ahead organizations are fetched, and half as far their ties, which are many


@compiled
def fetch_meeting(state, m):
    """While meeting m is dealt with, fetch the organizations and the tie of a later one."""
    later = m + STEPS
    if state.orgs.shape[0] >= LARGE and later < state.initiative[0].meetings:
        i, j = state.meetings[later, 0], state.meetings[later, 1]
        _fetch_side(state, i, state.meetings[later, 3])
        _fetch_side(state, j, state.meetings[later, 4])


@compiled
def _fetch_side(state, i, k):
    fetch(state.orgs, (i,))
    fetch(state.ties, (i, k))


@compiled
def fetch_tie(state, i, k):
    """Fetch the tie in slot k of organization i, which is read soon."""
    if state.orgs.shape[0] >= LARGE:
        fetch(state.ties, (i, k))


@compiled
def fetch_sighting(state, x):
    """Note the slot at which the witness of sighting x has its tie with whom it sees, and fetch what it will learn from."""
    j, k = state.sightings[x, 0], state.sightings[x, 1]
    state.sightings[x, 2] = state.ties[j, k].mirror
    if state.orgs.shape[0] >= LARGE:
        _fetch_side(state, state.partners[j, k], state.sightings[x, 2])


@compiled
def fetch_turn(state, who, x):
    """While it is the turn of who[x], fetch a later one with whom it has ties, and the candidates of one in between."""
    later = x + STEPS
    if state.orgs.shape[0] >= LARGE and later < who.shape[0]:
        fetch(state.orgs, (who[later],))
        _fetch_partners(state, who[later])
    between = x + STEPS // 2
    if state.orgs.shape[0] >= LARGE and between < who.shape[0]:
        _fetch_candidates(state, who[between], state.candidates[:, between])


@compiled
def _fetch_candidates(state, i, draws):
    members = circle_size(state)
    for c in range(3):
        k = int(draws[c] * state.orgs[i].degree)
        fetch(state.ties, (i, k))
        fetch(state.orgs.hours_left, (state.partners[i, k],))
        fetch(state.orgs.hours_left, (member_at(state, int(draws[c + 4] * members)),))


@compiled
def fetch_host(state, m, held):
    """While the tie of meeting m is looked up, of so many held, fetch with whom a later one's first side has ties."""
    later = m + STEPS
    if state.orgs.shape[0] >= LARGE and later < held:
        _fetch_partners(state, state.meetings[later, 0])


@compiled
def fetch_voice(state, s, p):
    """While the member in seat p of sector s is heard, fetch where a later one stands, and its influence."""
    i = _later_member(state, s, p)
    if i >= 0:
        fetch(state.orgs.influence, (i,))
        fetch(state.orgs.position, (i, 3))


@compiled
def fetch_budget(state, s, p):
    """While the member in seat p of sector s is charged, fetch the hours of a later one."""
    i = _later_member(state, s, p)
    if i >= 0:
        fetch(state.orgs.participation, (i,))
        fetch(state.orgs.hours_left, (i,))


@compiled
def fetch_member_with_partners(state, s, p):
    """While the member in seat p of sector s is dealt with, fetch a later one, and with whom it has ties."""
    i = _later_member(state, s, p)
    if i >= 0:
        fetch(state.orgs, (i,))
        _fetch_partners(state, i)


@compiled
def _later_member(state, s, p):
    """Return the member some seats on, or -1 where the sector has none there, or where fetching does not pay."""
    later = p + STEPS
    if state.orgs.shape[0] >= LARGE and later < state.initiative[0].roster_size[s]:
        return np.int64(state.roster[s, later])
    return -1


@compiled
def _fetch_partners(state, i):
    for k in range(0, state.partners.shape[1], LINE // 4):
        fetch(state.partners, (i, k))
