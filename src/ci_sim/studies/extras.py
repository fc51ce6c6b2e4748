"""Libraries that only studies need, and what to do where they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ci_sim.errors import UserError


@contextmanager
def needed_for_studies() -> Iterator[None]:
    """Import within this context what the extra `studies` brings.

    Raises:
        UserError: if it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise UserError(f"this study needs {error.name}; install it with: pip install 'ci-sim[studies]'") from None
