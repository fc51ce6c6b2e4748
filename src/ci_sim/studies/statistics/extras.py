"""Libraries that only some studies need, and what to do where they are missing."""

from __future__ import annotations

from importlib.util import find_spec

from ci_sim.errors import UserError

_STUDIES = ("SALib", "ema_workbench", "sklearn")


def need_studies() -> None:
    """Refuse a study, before it has cost any time, if what the extra `studies` brings is not installed.

    Raises:
        UserError: that names what is missing and how to install it.
    """
    _need(_STUDIES)


def need_optimizer() -> None:
    """Refuse a search over plans, as `need_studies` does a study, if what it is made with is not installed.

    Raises:
        UserError: that names what is missing and how to install it.
    """
    _need(("pymoo",))


def _need(names: tuple[str, ...]) -> None:
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UserError(f"this study needs {' and '.join(missing)}; install with: pip install 'ci-sim[studies]'")
