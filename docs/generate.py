"""Make what the documentation takes from the code: the table of parameters, and with --pictures the README's pictures.

python docs/generate.py               docs/parameters.md
python docs/generate.py --check       only say whether it is up to date
python docs/generate.py --pictures    docs/images/ too, from the runs of `ci-sim compare` and `ci-sim run`
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ci_sim import compare, load_config, run
from ci_sim.configuration.commands import ComparisonConfig
from ci_sim.rules.outcomes import AT_THE_END, EVENTS, QUANTITIES
from ci_sim.rules.parameters import choices, declared, settings

DOCS = Path(__file__).parent
HEAD = """\
# Parameters

Every number and word that a run reads, by its configuration key: set it as `KEY=VALUE` behind any command. A value outside
its range is refused; a study that spreads settings over the parameters varies each over the span given here. `make docs` makes
this page from the dataclasses in [`src/ci_sim/rules/parameters.py`](../src/ci_sim/rules/parameters.py); *assumption* marks a
number that no source gives.
"""
CONTEXTS = """\
A context is drawn anew for each replicate, uniformly from its default range, the same for every scenario. One number in place
of `[low, high]` fixes it.
"""
LEVERS = """\
Each lever has a switch, `KEY.active=true`, and a strength, `KEY.strength`. Groups set several at once: `stages=all`,
`components=[five,trust_and_agreements]`, `intra_sector=civil_society`, `events=[crisis,election]`.
"""


def shown(value: object) -> str:
    """Return a default or a limit as a reader would type it."""
    if isinstance(value, list):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if not isinstance(value, int | float):
        return str(value)
    return f"{int(value):,}" if value == int(value) else f"{value:g}"


def number_rows(keys: list[str]) -> Iterator[str]:
    """Give the table of some declared numbers, row by row."""
    yield "| key | default | range | studied over | unit | what it is | source |"
    yield "|---|---|---|---|---|---|---|"
    numbers = declared(ComparisonConfig)
    for key in keys:
        m = numbers[key]
        limits = f"{shown(m['low'])} to {shown(m['high'])}"
        span = f"{shown(m['span'][0])} to {shown(m['span'][1])}" if m.get("span") else "–"
        facts = (f"`{key}`", shown(m["default"]), limits, span, m["unit"] or "–", m["about"], m["source"])
        yield f"| {' | '.join(facts)} |"


def parameters_page() -> str:
    """Return the page of all parameters."""
    keys = list(declared(ComparisonConfig))
    levers = [key for key in keys if key.count(".") == 2]
    contexts = [key for key in keys if key.startswith("context.")]
    others = [key for key in keys if key not in levers and key not in contexts]
    groups = list(dict.fromkeys(key.partition(".")[0] if "." in key else "" for key in others))
    lines = [HEAD, "## Contexts", "", CONTEXTS, *number_rows(contexts), ""]
    for group in groups:
        title = group.replace("_", " ").capitalize() if group else "The study"
        members = [key for key in others if (key.partition(".")[0] if "." in key else "") == group]
        lines += [f"## {title}", "", *number_rows(members), ""]
    lines += ["## Levers and events", "", LEVERS, *number_rows(levers), ""]
    lines += ["## Words", "", "| key | default | one of | what it is |", "|---|---|---|---|"]
    for key, m in choices(ComparisonConfig).items():
        lines.append(f"| `{key}` | {m['default']} | {', '.join(m['choices'])} | {m['about']} |")
    lines += ["", "## Lists, paths and switches", "", "| key | default | what it is |", "|---|---|---|"]
    lines += [f"| `{key}` | {shown(m['default'])} | {m['about']} |" for key, m in settings(ComparisonConfig).items()]
    lines += [
        "",
        "## Outcomes",
        "",
        "The columns of `outcomes.parquet`, after `run_id`, `scenario`, `replicate` and `seed`.",
    ]
    lines += ["", "| column | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {about} |" for name, about in (EVENTS | QUANTITIES | AT_THE_END).items()]
    lines += ["| `context_…` | the context that was drawn for the replicate |", ""]
    return "\n".join(lines)


def draw_pictures(folder: Path) -> None:
    """Draw the README's pictures."""
    from ci_sim.figures import comparison, initiative
    from ci_sim.figures.style import save

    folder.mkdir(exist_ok=True)
    config = load_config("compare")
    result = compare(config)
    save(comparison.formation_curves(result.outcomes, "baseline", config.weeks), folder / "formation.png")
    save(comparison.effects_in_contexts(result.by_context, "baseline"), folder / "contexts.png")
    for name, scenario, population, seed in (
        ("network", "four_insights", "knoke", 1),
        ("network_chemnet", "sixth_component", "chemnet", 4),
    ):
        one = run(load_config(scenario, [f"population={population}", f"seed={seed}"]))
        save(initiative.network(one.organizations, one.ties), folder / f"{name}.png")


def main() -> None:
    """Write, or check, what is generated."""
    parser = argparse.ArgumentParser(description="Make the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="only say whether docs/parameters.md is up to date")
    parser.add_argument("--pictures", action="store_true", help="draw docs/images/ too")
    arguments = parser.parse_args()
    path = DOCS / "parameters.md"
    if arguments.check:
        sys.exit(None if path.read_text(encoding="utf-8") == parameters_page() else f"{path} is out of date: make docs")
    path.write_text(parameters_page(), encoding="utf-8")
    if arguments.pictures:
        draw_pictures(DOCS / "images")


if __name__ == "__main__":
    main()
