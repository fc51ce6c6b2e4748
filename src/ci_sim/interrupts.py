"""Ctrl-C, noted as well as raised.

A KeyboardInterrupt that is raised inside a callback of a library gets lost, and some libraries make an error of their own of
it; who works long asks here whether there was one.
"""

import signal
import sys
import threading
from typing import Any

_noted: list[int] = []


def watch() -> None:
    """Note each Ctrl-C from now on, besides raising it as usual; one that gets lost is not announced as an error."""
    _noted.clear()
    sys.unraisablehook = _announce
    ours = threading.current_thread() is threading.main_thread()
    if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _note)


def _note(number: int, frame: Any) -> None:
    _noted.append(number)
    signal.default_int_handler(number, frame)


def _announce(lost: Any) -> None:
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


def noted() -> bool:
    """Return whether there was a Ctrl-C since `watch()`."""
    return bool(_noted)


def heed() -> None:
    """Raise KeyboardInterrupt if there was a Ctrl-C since `watch()` that may have got lost."""
    if _noted:
        raise KeyboardInterrupt
