"""The pictures of one initiative, drawn by a process of its own, which loads what draws them while the run is made."""

from __future__ import annotations

import atexit
import gc
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ci_sim import interrupts


@contextmanager
def drawn_aside() -> Iterator[Callable[..., None]]:
    """Yield what has figures drawn, all at once: each as its name in `figures.initiative`, its path and its tables.

    Raises:
        OSError: at the end, by which all are drawn, if one cannot be written.
    """
    with interrupts.ignored():
        command = [sys.executable, "-P", "-m", __name__]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    into, out = process.stdin, process.stdout
    assert into
    assert out

    def draw(*figures: tuple) -> None:
        with suppress(BrokenPipeError), into:  # where it has ended, its exit code says so
            pickle.dump(figures, into)

    try:
        yield draw
        into.close()
        answer = out.read()
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
        if answer:
            raise pickle.loads(answer)
    finally:
        process.kill()
        process.wait()


def _draw_what_is_asked_for() -> None:
    """Draw, in a process that leaves Ctrl-C to the command, and that ends soon and at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    atexit.register(gc.freeze)

    from ci_sim.figures import initiative
    from ci_sim.figures.style import new_figure, save

    fonts: Any = new_figure(1, 1)
    fonts.add_subplot().set_title("a")
    fonts.draw_without_rendering()  # loads them
    try:
        for name, path, *tables in pickle.load(sys.stdin.buffer):
            save(getattr(initiative, name)(*tables), path)
    except OSError as error:
        pickle.dump(error, sys.stdout.buffer)
    except EOFError:  # there is nothing to draw
        pass


if __name__ == "__main__":
    _draw_what_is_asked_for()
