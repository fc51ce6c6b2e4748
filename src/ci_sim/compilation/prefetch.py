"""Asking for a place in memory before it is read: `fetch(array, place)`, which computes nothing."""

from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils
from numba.core import config as numba_config

LINE = 64  # bytes of the memory that a processor reads at once


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


fetch = _ignore if numba_config.DISABLE_JIT else _fetch_item
