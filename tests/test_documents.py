"""What the documents say holds for the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from ci_sim.configuration.commands import ComparisonConfig
from ci_sim.configuration.composition import flat, load_config, scenario_names

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("results/*.md")])


def test_the_table_of_parameters_is_up_to_date():
    done = subprocess.run([sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_configuration_keys_in_documents_exist(page):
    known = list(flat(OmegaConf.to_container(OmegaConf.structured(ComparisonConfig), resolve=False)))
    groups = {key.partition(".")[0] for key in known if "." in key}
    for word in re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)(?:=[^`]*)?`", page.read_text(encoding="utf-8")):
        if word.partition(".")[0] in groups and not word.endswith(
            (".py", ".csv", ".md", ".yaml", ".html", ".pdf", ".xlsx")
        ):
            assert any(key == word or key.startswith(f"{word}.") for key in known), f"{page.name}: {word}"


def test_commands_in_the_readme_can_be_composed():
    """Every `ci-sim run|compare …` of the README has keys and values that are accepted, and files that can be read."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"(?:^|`|\\)ci-sim (run|compare|validate|insights) ?([^`#;\n]*)", text, flags=re.MULTILINE)
    assert len(lines) >= 9
    for command, arguments in lines:
        words = [word for word in arguments.split() if not word.startswith("--")]
        load_config(command, [word.replace("=docs/", f"={ROOT}/docs/") for word in words])


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/mesa.md"])
def test_programs_in_documents_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    programs = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    assert programs
    for program in programs:
        exec(compile(program, page, "exec"), {})


def test_ready_scenarios_are_named_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("baseline", "preliminary_stages", "intra_sector", "sixth_component", "four_insights", "direct_launch"):
        assert name in scenario_names()
        assert name in text
