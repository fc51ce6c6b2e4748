"""The first use: a helper compiles just what the command needs."""

import subprocess

import numba
import pytest
from numba.core import config as numba_config

from ci_sim import load_config
from ci_sim.simulation import first_use
from ci_sim.simulation.ensemble import job_from


@pytest.mark.skipif(bool(numba_config.DISABLE_JIT), reason="nothing is compiled")
def test_the_helper_compiles_what_a_run_calls(small_model):
    model = small_model()
    model.at(1, lambda model: None)  # so that Python calls the mechanisms of this week one by one
    model.run_model()
    model.outcomes()
    model.ties_table()
    for rule, types in first_use.share_of_helper():
        assert rule.signatures == [types]


@pytest.mark.parametrize(("first", "cores", "helpers"), [(True, 2, 1), (True, 1, 0), (False, 2, 0)])
def test_a_helper_is_started_if_there_is_anything_to_compile_and_a_core_to_do_it(monkeypatch, first, cores, helpers):
    started = []
    monkeypatch.setattr(first_use, "first_use", lambda: first)
    monkeypatch.setattr(first_use, "usable_cores", lambda: cores)
    monkeypatch.setattr(first_use.atexit, "register", lambda stop: None)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command) or subprocess)
    monkeypatch.setattr(subprocess, "terminate", None, raising=False)
    first_use.share_compilation()
    assert len(started) == helpers


def test_rules_are_compiled_once_for_drawn_organizations_and_for_tables():
    kinds = [
        job_from(load_config("baseline", [f"population={source}"])).partners.given for source in ("synthetic", "knoke")
    ]
    drawn, read = ([str(numba.typeof(values)) for values in given] for given in kinds)
    assert drawn == read
