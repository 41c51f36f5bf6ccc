"""What the pages in `editors` tell people to write."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "editors"
BLOCK = re.compile(r"^<!-- used: ([\w.-]+) -->\n```(\w*)\n(.*?)^```$", re.M | re.S)


def blocks(page: str) -> dict[str, tuple[str, str]]:
    """The blocks of a page that a test uses, by name: language and text."""
    return {name: (language, text) for name, language, text in BLOCK.findall((PAGES / page).read_text("utf-8"))}


def block(page: str, name: str) -> str:
    return blocks(page)[name][1]
