"""Fixtures and helpers that the tests share."""

import shutil
import signal
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numba
import pytest

from ci_sim import load_config
from ci_sim.simulation.model import InitiativeModel


@cache
def from_python(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule that only rules call in a form that a test can call."""
    return numba.njit(rule.py_func) if hasattr(rule, "py_func") else rule


@pytest.fixture
def ctrl_c() -> Iterator[Callable[[], None]]:
    """What raises the signal of Ctrl-C; it is handled as in a session at a terminal, wherever the tests were started."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, handler)


@pytest.fixture
def small_model() -> Callable[..., InitiativeModel]:
    """Return a maker of models of a dozen organizations, with overrides."""

    def make(*overrides: str, seed: int = 5, collect: bool = True) -> InitiativeModel:
        return InitiativeModel(load_config("run", ["population.size=12", "weeks=40", *overrides]), seed, collect)

    return make


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """Return a browser, or skip where there is none (CI has one)."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
