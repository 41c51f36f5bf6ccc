"""Text as the protocol counts in it, written after its specification and not after the server."""

import re

from lsprotocol import types

# How many units of an encoding a code point takes.
UNITS = {
    "utf-8": lambda character: len(character.encode()),
    "utf-16": lambda character: len(character.encode("utf-16-le")) // 2,
    "utf-32": lambda character: 1,
}

# The specification: "\n", "\r\n" and "\r" end a line.
END = re.compile("\r\n|\n|\r")


class Text:
    """A text and where its lines begin; offsets are code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0] + [it.end() for it in END.finditer(text)]

    def position(self, offset: int, encoding: str) -> types.Position:
        line = max(number for number, start in enumerate(self.starts) if start <= offset)
        return types.Position(line, sum(map(UNITS[encoding], self.text[self.starts[line] : offset])))

    def range(self, start: int, end: int, encoding: str) -> types.Range:
        return types.Range(self.position(start, encoding), self.position(end, encoding))

    def of(self, part: str, encoding: str = "utf-16") -> types.Range:
        """Where a part stands that stands there once."""
        assert self.text.count(part) == 1, part
        start = self.text.index(part)
        return self.range(start, start + len(part), encoding)

    def offset(self, position: types.Position, encoding: str) -> int:
        offset, units = self.starts[position.line], 0
        while units < position.character:
            units += UNITS[encoding](self.text[offset])
            offset += 1
        assert offset < self.starts[position.line + 1] if position.line + 1 < len(self.starts) else True, f"{position} is in no line"
        assert units == position.character, f"{position} is inside of a character"
        return offset

    def edited(self, edits: list[types.TextEdit], encoding: str) -> str:
        """Edits all name places in the text as it was and do not overlap."""
        places = [(self.offset(it.range.start, encoding), self.offset(it.range.end, encoding), it.new_text) for it in edits]
        places.sort(key=lambda it: it[:2])
        assert all(before[1] <= after[0] for before, after in zip(places, places[1:])), "edits overlap"
        text = self.text
        for start, end, new in reversed(places):
            text = text[:start] + new + text[end:]
        return text
