"""Fetching ahead of use, for large populations.

The records of a small population stay in the processor's caches. Those of a large one do not, and whom a rule comes to next
may be anywhere in memory; so the rules that go through meetings, turns and members ask for what they will read a few steps
on. It changes nothing in what they compute.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.core import config as numba_config

from ci_sim.compiled import compiled
from ci_sim.state import LINE, circle_size, member_at

LARGE = 4096  # organizations from which on it pays
STEPS = 8  # so far ahead organizations are fetched, and half as far their ties, which are many


@numba.extending.intrinsic
def _fetch_item(typing_context: Any, array: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> None:
        kind, where = signature.args
        places = cgutils.unpack_tuple(builder, values[1]) if len(where) else ()
        wide = [context.cast(builder, value, t, numba.types.intp) for value, t in zip(places, where, strict=True)]
        view = context.make_array(kind)(context, builder, values[0])
        item = cgutils.get_item_pointer(context, builder, kind, view, wide, wraparound=False, boundscheck=False)
        address = builder.bitcast(item, ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [address.type, word, word, word])
        prefetch = cgutils.get_or_insert_function(builder.module, shape, "llvm.prefetch.p0i8")
        for offset in range(0, context.get_abi_sizeof(context.get_data_type(kind.dtype)), LINE):
            line = builder.gep(address, [ir.Constant(ir.IntType(64), offset)])
            builder.call(prefetch, [line, word(0), word(3), word(1)])  # to read, to keep close, data

    return numba.types.void(array, place), generate


def _ignore(array: Any, place: tuple) -> None:
    """Stand in for it where the rules run uncompiled."""


_fetch = _ignore if numba_config.DISABLE_JIT else _fetch_item


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
    _fetch(state.orgs, (i,))
    _fetch(state.ties, (i, k))


@compiled
def fetch_turn(state, who, x):
    """While it is the turn of who[x], fetch a later one with whom it has ties, and the candidates of one in between."""
    later = x + STEPS
    if state.orgs.shape[0] >= LARGE and later < who.shape[0]:
        _fetch(state.orgs, (who[later],))
        _fetch_partners(state, who[later])
    between = x + STEPS // 2
    if state.orgs.shape[0] >= LARGE and between < who.shape[0]:
        _fetch_candidates(state, who[between], state.candidates[:, between])


@compiled
def _fetch_candidates(state, i, draws):
    members = circle_size(state)
    for c in range(3):
        k = int(draws[c] * state.orgs[i].degree)
        _fetch(state.ties, (i, k))
        _fetch(state.orgs.hours_left, (state.partners[i, k],))
        _fetch(state.orgs.hours_left, (member_at(state, int(draws[c + 4] * members)),))


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
        _fetch(state.orgs.influence, (i,))
        _fetch(state.orgs.position, (i, 3))


@compiled
def fetch_budget(state, s, p):
    """While the member in seat p of sector s is charged, fetch the hours of a later one."""
    i = _later_member(state, s, p)
    if i >= 0:
        _fetch(state.orgs.participation, (i,))
        _fetch(state.orgs.hours_left, (i,))


@compiled
def fetch_member_with_partners(state, s, p):
    """While the member in seat p of sector s is dealt with, fetch a later one, and with whom it has ties."""
    i = _later_member(state, s, p)
    if i >= 0:
        _fetch(state.orgs, (i,))
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
        _fetch(state.partners, (i, k))
