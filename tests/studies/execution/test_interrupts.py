"""Ctrl-C while workers are at it."""

import itertools
import os
import signal
import threading
import time
from functools import partial

import numpy as np
import pytest

from ci_sim import interrupts, load_config
from ci_sim.simulation.ensemble import job_from
from ci_sim.studies.execution.executors import Call, do_all, workers_of
from ci_sim.studies.execution.runner import run_jobs


def forever(moment: float, function=int):
    """Give calls without end; Ctrl-C comes so many seconds after the first is taken."""
    threading.Timer(moment, partial(os.kill, os.getpid(), signal.SIGINT)).start()
    for key in itertools.count():
        yield Call(key, function, (key,))


def test_ctrl_c_at_any_moment_stops_the_work_and_leaves_nobody_waiting(ctrl_c):
    """An exception raised while a future's lock is taken would leave it taken, and the workers and this one waiting for ever."""
    for moment in np.random.default_rng(1).uniform(0, 0.02, 200):
        kept = {}
        with workers_of() as workers:
            assert do_all(workers, forever(moment), kept.__setitem__)
        assert kept == {key: key for key in range(len(kept))}
        assert not interrupts.noted()


def test_what_is_under_way_at_ctrl_c_is_kept(ctrl_c):
    def slow(key):
        time.sleep(0.3)
        return key

    kept = {}
    with workers_of() as workers:
        assert do_all(workers, forever(0.1, slow), kept.__setitem__)
    assert len(kept) >= workers.cores
    assert kept == {key: key for key in range(len(kept))}


def test_work_that_is_not_interrupted_is_all_done(ctrl_c):
    kept = {}
    with workers_of() as workers:
        assert not do_all(workers, (Call(key, int, (key,)) for key in range(1000)), kept.__setitem__)
    assert sorted(kept) == list(range(1000))


def test_an_error_of_a_worker_is_raised_and_ctrl_c_is_as_before(ctrl_c):
    with workers_of() as workers, pytest.raises(ValueError, match="invalid literal"):
        do_all(workers, [Call(0, int, ("x",))], print)
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_finished_runs_are_returned(ctrl_c):
    job = job_from(load_config("baseline", ["population.size=5", "weeks=3"]))
    runs, complete = run_jobs([job], 1, 5000, quiet=True, with_series=True, summary=lambda series: ctrl_c() or series)
    assert not complete
    assert 0 < len(runs[job.name].outcomes) < 5000


def test_a_ctrl_c_that_was_lost_earlier_is_heeded_before_any_run(monkeypatch, ctrl_c):
    monkeypatch.setattr(interrupts, "_noted", [signal.SIGINT])
    runs, complete = run_jobs([job_from(load_config("baseline"))], 1, 5000, quiet=True)
    assert (complete, [len(rows.outcomes) for rows in runs.values()]) == (False, [0])
