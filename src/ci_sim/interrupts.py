"""Ctrl-C, noted as well as raised.

A KeyboardInterrupt that is raised inside a callback of a library gets lost, and some libraries make an error of their own of
it; who works long asks here whether there was one.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_noted: list[int] = []


@contextmanager
def watched() -> Iterator[None]:
    """Note each Ctrl-C meanwhile, besides raising it as usual; one that gets lost is not announced as an error."""
    ours = threading.current_thread() is threading.main_thread()
    ours = ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    hooks = sys.unraisablehook, sys.excepthook
    sys.unraisablehook, sys.excepthook = _announce, _print
    if ours:
        signal.signal(signal.SIGINT, _note)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.unraisablehook, sys.excepthook = hooks
        _noted.clear()


def _note(number: int, frame: Any) -> None:
    _noted.append(number)
    signal.default_int_handler(number, frame)


def _announce(lost: Any) -> None:
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


def _print(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Print an error that compiled code of a library cannot raise (Cython prints it before it is announced)."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


@contextmanager
def ignored() -> Iterator[None]:
    """Ignore Ctrl-C meanwhile: processes that are begun now leave it to this one (but on Windows)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def noted() -> bool:
    """Return whether there was a Ctrl-C while `watched`."""
    return bool(_noted)


def heed() -> None:
    """Raise KeyboardInterrupt if there was a Ctrl-C while `watched` that may have got lost."""
    if _noted:
        raise KeyboardInterrupt
