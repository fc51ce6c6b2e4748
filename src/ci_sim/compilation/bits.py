"""The bits of a number: `bits_of(x)` and `from_bits(bits)`, of a 64-bit float; they compute nothing."""

import struct
from typing import Any

import numba
from llvmlite import ir
from numba.core import config as numba_config


@numba.extending.intrinsic
def _bits_of(typing_context: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.bitcast(values[0], ir.IntType(64))

    return numba.types.int64(numba.types.float64), generate


@numba.extending.intrinsic
def _from_bits(typing_context: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.bitcast(values[0], ir.DoubleType())

    return numba.types.float64(numba.types.int64), generate


def _unpacked_bits_of(x: float) -> int:
    """Stand in for it where the rules run uncompiled."""
    return int(struct.unpack("<q", struct.pack("<d", x))[0])


def _packed_from_bits(bits: int) -> float:
    """Stand in for it where the rules run uncompiled."""
    return float(struct.unpack("<d", struct.pack("<q", bits))[0])


bits_of = _unpacked_bits_of if numba_config.DISABLE_JIT else _bits_of
from_bits = _packed_from_bits if numba_config.DISABLE_JIT else _from_bits
