"""Ctrl-C where a KeyboardInterrupt that is raised just anywhere does harm.

Raised inside a callback of a library it gets lost, some libraries make an error of their own of it, and one that is raised while
locks are taken can leave them taken for ever. So it is noted besides; who works long asks here whether there was one, and while
work is shared out it is only noted.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_noted: list[int] = []


@contextmanager
def watched() -> Iterator[None]:
    """Note each Ctrl-C meanwhile, besides raising it as usual; one that gets lost is not announced as an error."""
    hooks = sys.unraisablehook, sys.excepthook
    sys.unraisablehook, sys.excepthook = _announce, _print
    try:
        with _handled_by(_note_and_raise, signal.default_int_handler):
            yield
    finally:
        sys.unraisablehook, sys.excepthook = hooks
        _noted.clear()
        # `python -m` ends by the signal, not by an exit code, if a KeyboardInterrupt has left the last text that was run.
        exec("")


@contextmanager
def deferred() -> Iterator[Callable[[], bool]]:
    """Note each Ctrl-C meanwhile instead of raising it; give what tells whether there was one."""
    raised = signal.getsignal(signal.SIGINT)
    try:
        with _handled_by(_note, signal.default_int_handler, _note_and_raise):
            yield noted
    finally:
        if raised is not _note_and_raise:  # nobody watches
            _noted.clear()


@contextmanager
def ignored() -> Iterator[None]:
    """Ignore Ctrl-C meanwhile: processes that are begun now leave it to this one (but on Windows)."""
    with _handled_by(signal.SIG_IGN, signal.getsignal(signal.SIGINT)):
        yield


def noted() -> bool:
    """Return whether there was a Ctrl-C while `watched` or `deferred`."""
    return bool(_noted)


def heed() -> None:
    """Raise KeyboardInterrupt if there was a Ctrl-C that may have got lost."""
    if _noted:
        raise KeyboardInterrupt


@contextmanager
def _handled_by(handler: Any, *instead_of: Any) -> Iterator[None]:
    """Have Ctrl-C handled so, if it is handled in one of those ways now and this is the thread that may change it."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before not in instead_of:
        yield
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _note(number: int, frame: Any) -> None:
    _noted.append(number)


def _note_and_raise(number: int, frame: Any) -> None:
    _noted.append(number)
    signal.default_int_handler(number, frame)


def _announce(lost: Any) -> None:
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


def _print(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Print an error that compiled code of a library cannot raise (Cython prints it before it is announced)."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
