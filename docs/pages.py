"""What the pages made from results share: tables in Markdown, and frames that are filled in."""

from collections.abc import Iterable
from pathlib import Path


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[str]], numbers: str = "---") -> str:
    """Return a table of texts as Markdown; `numbers` is the rule below the columns after the first, `---:` to align right."""
    header = list(header)
    lines = [header, ["---", *[numbers] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill_in(page: Path, parts: dict[str, str]) -> None:
    """Write a page from its frame, the file beside it with the further ending `.in`, with each part in place of its @NAME@."""
    text = page.with_name(f"{page.name}.in").read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    page.write_text(text, encoding="utf-8")
