"""How the rules are compiled: numba, cached on disk where the user can write.

numba notices a change in the file of a compiled function but not in the files of the functions that it calls, so a cache
kept beside the sources can run yesterday's rules. The cache therefore lives in a folder named after the text of all rules.
`NUMBA_DISABLE_JIT=1` runs the same functions as plain Python.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core import config as numba_config
from numba.extending import typeof_impl
from platformdirs import user_cache_path

from ci_sim.compilation.machine_code import Joining, TakingIn, Whole

_PACKAGE = Path(__file__).parents[1]


def rules_fingerprint() -> str:
    """Return twelve hexadecimal digits that change whenever the text of a rule, or of how rules are compiled, changes."""
    digest = hashlib.sha256()
    for room in ("compilation", "rules"):
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            if path.name != "parameters.py":  # what the rules read of it is in the record
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


if "NUMBA_CACHE_DIR" not in os.environ:
    numba_config.CACHE_DIR = str(user_cache_path("ci_sim") / f"rules-{rules_fingerprint()}")


def first_use() -> bool:
    """Return whether these rules are still to be compiled, which takes about a quarter of a minute, once."""
    last = Path(numba_config.CACHE_DIR).glob("*/engine.run_weeks-*.nbi")  # it calls the other rules
    return not numba_config.DISABLE_JIT and not any(last)


def _general(argument: Any) -> Any:
    """Return the type that stands for an argument's type."""
    kind = numba.types.unliteral(argument)
    fits = isinstance(kind, numba.types.Integer) and kind != numba.types.uint64
    return numba.types.int64 if fits else kind


def _compile(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Compile at the first call; the interpreter's lock is released, so that runs use all cores.

    Left alone, numba compiles a function anew for every constant and every width of whole numbers that it is called with;
    here one version serves them all.
    """
    rule = numba.njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)(function)
    if not numba_config.DISABLE_JIT:
        versions_for = rule.get_call_template
        rule.get_call_template = lambda args, kws: versions_for([_general(a) for a in args], kws)
    return rule


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a rule that only other rules call; from Python, call its plain form, `rule.py_func`.

    It has no wrapper that Python could call, which halves the time of the first run, and is kept out of numba's table of
    what Python may call, so that trying to is an error. It may allocate no memory, since it is compiled without numba's counts
    of references (`_nrt`), which would take more than half of a run.
    """
    rule = _compile(function, no_cpython_wrapper=True, forceinline=True, _nrt=False, pipeline_class=TakingIn)
    if not numba_config.DISABLE_JIT:

        def refuse(*_: Any, **__: Any) -> None:
            raise TypeError(
                f"{function.__name__} is called by other rules only; from Python use {function.__name__}.py_func"
            )

        rule.add_overload = lambda version: rule.overloads.update({tuple(version.signature.args): version})
        rule._compile_for_args = refuse
    return rule


def passed_whole(kind: type) -> type:
    """Have a named tuple passed as one value: numba passes each field of each array in it, which take long to compile."""

    @typeof_impl.register(kind)
    def type_of(value: Any, context: Any) -> numba.types.Type:
        return Whole([typeof_impl(part, context) for part in value], kind)

    return kind


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a rule that Python calls too, and keep its machine code, with all that it calls, for the next session."""
    return _compile(function, cache=True, _nrt=False)


def joined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a rule that Python calls too, and that does nothing but call other such rules."""
    return _compile(function, cache=True, _nrt=False, pipeline_class=Joining)
