"""How many cores there are to compute with."""

import os


def usable_cores() -> int:
    """Return how many cores this process may use: as many as the machine has, or fewer where a cluster's scheduler says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
