"""Build `engine.wasm`: the rules that the engine runs, as a WebAssembly module that imports nothing.

    python -m ci_sim.browser.module [FILE]

1. numba compiles the rules, joined in one function of plain numbers, as for any processor.
2. What it makes of them, LLVM's intermediate representation, is told of another machine (wasm32) and optimized for it by the LLVM
   that numba carries.
3. `wasm-ld` (Debian's package lld) links the object.

The module has one function, `act(table, what, first, last)`: addresses in, nothing out (see `memory`). The same arithmetic on
the same rules gives the same bits as the engine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import arrayobj
from numba.np.numpy_support import from_dtype

from ci_sim.browser.memory import ACTS, ARRAYS, TABLE, WEEKS
from ci_sim.compilation.machine_code import Joining
from ci_sim.errors import UserError
from ci_sim.rules.engine import (
    run_weeks,
    write_group_beliefs,
    write_outcomes,
    write_ties,
    write_week,
)
from ci_sim.rules.population import Given, build
from ci_sim.rules.state import State
from ci_sim.rules.streams import replicate_seed

BUILT = Path(__file__).parent / "built" / "engine.wasm"
# numba, told of no processor in particular; loops are put into lanes later, for the other machine.
PLAIN = {
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "NUMBA_LOOP_VECTORIZE": "0",
    "NUMBA_SLP_VECTORIZE": "0",
}
_MACHINE = "wasm32-unknown-unknown"
_FEATURES = "+bulk-memory,+mutable-globals,+nontrapping-fptoint,+sign-ext,+simd128"  # in every browser since March 2023
_STACK = 1 << 20  # bytes


def _array_at(dtype: Any, dimensions: int) -> Any:
    """Return what makes an array of an address and a shape, without copying."""
    kind = types.Array(from_dtype(dtype), dimensions, "C")

    @intrinsic
    def array_at(typing_context: Any, address: Any, shape: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            array = context.make_array(kind)(context, builder)
            shape = cgutils.unpack_tuple(builder, values[1], dimensions)
            whole = context.get_value_type(types.intp)
            size = ir.Constant(whole, dtype.itemsize)
            strides = [size]
            for length in reversed(shape[1:]):
                strides.insert(0, builder.mul(strides[0], length))
            arrayobj.populate_array(
                array,
                data=builder.inttoptr(values[0], context.get_data_type(kind.dtype).as_pointer()),
                shape=cgutils.pack_array(builder, shape, whole),
                strides=cgutils.pack_array(builder, strides, whole),
                itemsize=size,
                meminfo=None,
            )
            return array._getvalue()

        return kind(address, shape), generate

    return array_at


def _source() -> str:
    """Return the text of the function that finds the arrays by the table, and does what is asked."""
    lines = ["def act(table, what, first, last):", f"    at = table_at(table, ({TABLE},))"]
    for k, array in enumerate(ARRAYS):
        shape = "".join(f"at[{array.place + 1 + d}]," for d in range(array.dimensions))
        lines.append(f"    a{k} = array_{k}(at[{array.place}], ({shape}))")
    of_state, of_given = len(State._fields), len(State._fields) + len(Given._fields)
    rules, events, seeds, outcomes, series, considered, beliefs, *ties = (f"a{k}" for k in range(of_given, len(ARRAYS)))
    lines += [
        f"    state = State({', '.join(f'a{k}' for k in range(of_state))})",
        f"    given = Given({', '.join(f'a{k}' for k in range(of_state, of_given))})",
        "    initiative = state.initiative[0]",
        "    for r in range(first, last):",
        f"        if what == {ACTS.index('seed')}:",
        f"            {seeds}[r] = replicate_seed({seeds}[r], r)",
        "            continue",
        f"        own = {rules}[r if {rules}.shape[0] > 1 else 0]",
        f"        if what == {ACTS.index('run')} or what == {ACTS.index('begin')}:",
        f"            build(state, given, own, {seeds}[r])",
        f"        if what == {ACTS.index('run')} or what == {ACTS.index('week')} or what == {ACTS.index('consider')}:",
        f"            last = at[{WEEKS}] if what == {ACTS.index('run')} else initiative.week + 1",
        f"            asked = {considered} if what == {ACTS.index('consider')} else {considered}[:0]",
        f"            run_weeks(state, own, {events}, at[{WEEKS}], last, asked)",
        f"        if what == {ACTS.index('begin')} or what == {ACTS.index('week')}:",
        f"            write_week(state, own, {series})",
        f"            write_group_beliefs(state, own, {beliefs})",
        f"            write_ties(state, own, {', '.join(ties)})",
        f"        if what == {ACTS.index('run')} or what == {ACTS.index('end')}:",
        f"            write_outcomes(state, own, {outcomes}[r])",
        "    return 0",
    ]
    return "\n".join(lines)


def _representation() -> tuple[str, str]:
    """Return what numba makes of the rules, and the name that it gives the whole."""
    names: dict[str, Any] = {f"array_{k}": _array_at(array.dtype, array.dimensions) for k, array in enumerate(ARRAYS)}
    names["table_at"] = _array_at(ARRAYS[[array.name for array in ARRAYS].index("seeds")].dtype, 1)
    asked = (build, run_weeks, write_week, write_group_beliefs, write_ties, write_outcomes, replicate_seed)
    names |= {part.__name__: part for part in (State, Given, *asked)}
    exec(_source(), names)
    options: Any = {"no_cfunc_wrapper": True, "no_cpython_wrapper": True, "_nrt": False, "pipeline_class": Joining}
    signature = types.int64(*(types.int64,) * 4)
    act: Any = numba.njit(signature, nogil=True, error_model="numpy", **options)(names["act"])
    (version,) = act.overloads.values()
    return version.library.get_llvm_str(), version.fndesc.llvm_func_name


def _for_the_other_machine(text: str, name: str) -> bytes:
    """Return the object of a representation for wasm32, in which `act` alone can be called."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(_MACHINE).create_target_machine(opt=3, features=_FEATURES)
    for old, new in (
        (r'target datalayout = ".*"', f'target datalayout = "{machine.target_data}"'),
        (r'target triple = ".*"', f'target triple = "{_MACHINE}"'),
        (r"= common (local_unnamed_addr )?global", "= internal global"),
        (r'"target-(cpu|features)"="[^"]*"', ""),
        (r"declare (noundef )?double @sqrt\(.*", _SQUARE_ROOT),
    ):
        text = re.sub(old, new, text)
    if "declare double @llvm.sqrt.f64(" not in text:
        text += "declare double @llvm.sqrt.f64(double)\n"
    module = llvm.parse_assembly(text + _act(name))
    module.verify()
    for function in module.functions:
        if not function.is_declaration and function.name != "act":
            function.linkage = llvm.Linkage.internal
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    return machine.emit_object(module)


_SQUARE_ROOT = """define double @sqrt(double %x) {
  %root = call double @llvm.sqrt.f64(double %x)
  ret double %root
}
"""


def _act(name: str) -> str:
    """Return the function that is called from outside, which calls numba's: 32-bit numbers, and room for its results."""
    return f"""
define i32 @act(i32 %table, i32 %what, i32 %first, i32 %last) {{
  %result = alloca i64
  %exception = alloca ptr
  %t = zext i32 %table to i64
  %w = zext i32 %what to i64
  %f = zext i32 %first to i64
  %l = zext i32 %last to i64
  %status = call i32 @{name}(ptr %result, ptr %exception, i64 %t, i64 %w, i64 %f, i64 %l)
  ret i32 %status
}}
"""


def build_module(target: Path) -> None:
    """Build the module and write it.

    Raises:
        UserError: if there is no linker, or it refuses.
    """
    linker = shutil.which("wasm-ld")
    if linker is None:
        raise UserError("building engine.wasm needs the linker wasm-ld, which Debian's package lld holds")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "engine.o"
        built.write_bytes(_for_the_other_machine(*_representation()))
        options = ["--no-entry", "--export=act", "--export=__heap_base", "--strip-all", "--stack-first"]
        done = subprocess.run(
            [linker, *options, "-z", f"stack-size={_STACK}", str(built), "-o", str(target)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise UserError(f"wasm-ld refuses: {' '.join(done.stderr.split())[:300]}")
    target.chmod(0o644)  # linkers make programs of what they link


def main() -> None:
    """Build the module as for no processor in particular, where it is asked for or in its place in the package."""
    if any(os.environ.get(key) != value for key, value in PLAIN.items()):
        again = [sys.executable, "-m", "ci_sim.browser.module", *sys.argv[1:]]
        with tempfile.TemporaryDirectory() as cache:
            sys.exit(subprocess.run(again, env=os.environ | PLAIN | {"NUMBA_CACHE_DIR": cache}, check=False).returncode)
    build_module(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT)


if __name__ == "__main__":
    main()
