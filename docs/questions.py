"""Answer the ready questions about ten real organizations, and make docs/questions.md with the answers and their pictures.

python docs/questions.py    about a minute on two cores
"""

import shutil
import tempfile
from pathlib import Path

from ci_sim import load_config
from ci_sim.figures.style import save
from ci_sim.figures.whatif import chances
from ci_sim.report.whatif import sentences
from ci_sim.whatif.answers import answer, horizons
from ci_sim.whatif.questions import ready_questions

DOCS = Path(__file__).parent


def section(path: Path, images: Path) -> list[str]:
    """Return the lines of a question: what it asks, its command, its answer and its picture."""
    name = path.stem
    asked = [f"questions={name}", "population=knoke", "quiet=true"]
    config = load_config("whatif", asked)
    found = answer(config)
    titles = {alternative.name: alternative.title for alternative in found.question.alternatives}
    save(chances(found.levels, titles, horizons(config.weeks), "en"), images / f"question_{name}.png")
    comment = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    chosen = [f"`{written}` is {who}." for written, who in found.question.chosen.items()]
    return [
        f"## {found.question.title}",
        "",
        f"{comment} ([{name}.yaml](../configs/ready_questions/{name}.yaml))",
        "",
        "```",
        f"ci-sim whatif questions={name} population=knoke",
        "```",
        "",
        *(f"- {line}" for line in sentences(found, config.weeks)),
        *(f"- {line}" for line in chosen),
        "",
        f"![{found.question.title} The chance of each way by 12, 24 and 36 months](images/question_{name}.png)",
        "",
    ]


def main() -> None:
    """Write the page and its pictures."""
    lines = [line for path in ready_questions() for line in section(path, DOCS / "images")]
    page = (DOCS / "questions.md.in").read_text(encoding="utf-8").replace("@QUESTIONS@", "\n".join(lines).rstrip())
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", delete=False) as file:
        file.write(page)
    shutil.move(file.name, DOCS / "questions.md")


if __name__ == "__main__":
    main()
