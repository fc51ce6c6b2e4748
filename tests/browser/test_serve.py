"""`ci-sim explore`: the page served on this machine, or written as one file."""

import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from ci_sim import load_config
from ci_sim.browser.page import page
from ci_sim.browser.serve import write
from ci_sim.errors import UserError


def explore(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "ci_sim", "explore", "open=false", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_page_is_served_here_and_a_port_that_is_taken_is_named():
    served = explore("port=0")
    address = next(word for word in served.stdout.readline().split() if word.startswith("http://127.0.0.1:"))
    try:
        with urllib.request.urlopen(f"{address}?locale=he") as answer:
            content = answer.read().decode()
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert 'id="engine"' in content
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{address}anything-else")
        port = address.rstrip("/").rpartition(":")[2]
        second = explore(f"port={port}")
        _, err = second.communicate(timeout=120)
        assert second.returncode == 2
        assert err == f"ci-sim: port={port}: is taken; choose another, or port=0 for any that is free\n"
    finally:
        served.send_signal(signal.SIGINT)
        out, err = served.communicate(timeout=60)
    assert (served.returncode, err) == (0, "")
    assert "no longer served" in out


def test_it_is_written_as_one_file_in_the_language_that_is_asked_for(tmp_path):
    target = tmp_path / "somewhere" / "page.html"
    done = explore(f"output={target}", "locale=he", "scenario=sixth_component", "context.trust=0.5", "seed=4")
    out, err = done.communicate(timeout=120)
    assert (done.returncode, err) == (0, "")
    assert str(target) in out
    content = target.read_text(encoding="utf-8")
    assert '<html lang="he" dir="rtl">' in content
    assert (
        '"seed":4,"plans":[{"scenario":"sixth_component","population":"synthetic","set":{"context.trust":0.5}}]'
        in content
    )


@pytest.mark.parametrize("name", ["page", "page.txt", "folder.html"])
def test_a_file_that_is_no_page_is_refused(tmp_path, name):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(UserError, match=r"must be a file that ends with \.html"):
        write("", str(tmp_path / name))


def test_what_a_plan_sets_besides_its_scenario_is_what_the_page_begins_with(tmp_path):
    tables = tmp_path / "o.csv"
    tables.write_text("name,sector\nA<b>,government\nB,business\nC,civil society\n", encoding="utf-8")
    config = load_config("explore", ["population=from_files", f"organizations='{tables}'", "stages=map"])
    content = page(config)
    assert '"population":"own","set":{"stages.map.active":true}' in content
    assert "A\\u003cb>" in content


def test_a_file_of_a_plan_is_what_the_page_begins_with():
    assert '"scenario":"sixth_component","population":"knoke"' in page(load_config("explore", ["plan=partners_first"]))


def test_a_plan_that_is_not_there_says_which_there_are():
    with pytest.raises(UserError, match=r"plan=nothing: there is no such file; .*partners_first"):
        load_config("run", ["plan=nothing"])
