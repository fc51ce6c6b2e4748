"""What numba makes of the rules: less than it would, since most of it would be made again for the rules that call them.

numba optimizes every function by itself and makes machine code of it, and does the same again for each function that calls it;
and it passes a named tuple of arrays as all the fields of all its arrays. The first run does not wait for that here, and runs are
as fast.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.extending import models, register_model


class _TakenIn(JITCodeLibrary):
    """The code of a rule that stands whole in the rules that call it; with them, not by itself, it is made fast machine code."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True
        self._get_module_for_linking()  # keeps what other rules take in
        names = [v.name for v in self._final_module.global_variables if "NumbaEnv" in v.name]
        places = "\n".join(f"@{name} = common global ptr null" for name in names)  # numba notes an environment there
        self._final_module = llvm.parse_assembly(places)
        super()._finalize_final_module()


class _Joined(JITCodeLibrary):
    """The code of a rule together with that of the rules that it calls, which has been optimized, and is not once more."""

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager(
            opt=0, cost="cheap", loop_vectorize=False, slp_vectorize=False
        )
        passes.run(self._final_module, builder)


class _Compiler(Compiler):
    """numba's compiler, for code of a given kind."""

    kind: type[JITCodeLibrary]

    def define_pipelines(self) -> list:
        library = self.kind(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        library.enable_object_caching()
        self.state.library = library
        return super().define_pipelines()


class TakingIn(_Compiler):
    """For rules that only other rules call."""

    kind = _TakenIn


class Joining(_Compiler):
    """For rules that put others together."""

    kind = _Joined


class Whole(types.NamedTuple):
    """A named tuple that rules pass to each other as one value."""


@register_model(Whole)
class _WholeModel(models.TupleModel):
    def get_argument_type(self) -> Any:
        return self.get_value_type()

    def as_argument(self, builder: Any, value: Any) -> Any:
        return value

    def from_argument(self, builder: Any, value: Any) -> Any:
        return value
