"""What a newcomer waits for: help, a first run with cold caches, a run with warm ones."""

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from timing import seconds

COMMANDS = {
    "ci-sim --help": ["--help"],
    "ci-sim run --help": ["run", "--help"],
    "ci-sim run": ["run", "quiet=true"],
    "ci-sim compare replicates=100": ["compare", "replicates=100", "quiet=true"],
}


def start_up(cold: bool = True) -> dict[str, float]:
    """Return the wall seconds of commands: `ci-sim run` with nothing compiled yet, if asked for, and all of them warm."""
    with TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": f"{folder}/cache"} if cold else dict(os.environ)

        def call(arguments: list[str]) -> None:
            command = [sys.executable, "-m", "ci_sim", *arguments]
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)

        found = (
            {"first ci-sim run, nothing compiled yet": seconds(lambda: call(COMMANDS["ci-sim run"]))} if cold else {}
        )
        for name, arguments in COMMANDS.items():
            call(arguments)
            found[name] = min(seconds(lambda arguments=arguments: call(arguments)) for _ in range(3))
    return found
