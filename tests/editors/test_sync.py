"""That the server has the text that the editor has, in every encoding, and names places in it as the editor counts."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BAD, Editor, Start, run, shown
from lsprotocol import types
from text import Text

Workspace = Callable[..., Path]
ENCODINGS = ["utf-8", "utf-16", "utf-32"]
WIDE = 'services: {"é漢😀": {image: "mcr.microsoft.com/windows/servercore:2022"}}\n'


def offering(*encodings: str) -> types.ClientCapabilities:
    """Of an editor that counts in these."""
    return types.ClientCapabilities(general=types.GeneralClientCapabilities(position_encodings=list(encodings)))


@pytest.mark.parametrize("offered", [(), *[(it,) for it in ENCODINGS], ("utf-32", "utf-16"), ("utf-16", "utf-8"), ("utf-7", "utf-16")])
async def test_encoding_is_one_that_was_offered(offered: tuple[str, ...], start: Start) -> None:
    editor = await start()
    result = await editor.initialize(capabilities=offering(*offered))
    # What is not said is UTF-16, which every editor has to know.
    assert editor.encoding in (offered or ["utf-16"])
    if offered:
        assert result.capabilities.position_encoding


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_places_behind_wide_characters(encoding: str, start: Start, workspace: Workspace) -> None:
    root = workspace(files={"compose.yaml": "# é漢😀\r\n" + WIDE})
    editor = await start()
    await editor.initialize(root, capabilities=offering(encoding))
    text = Text("# é漢😀\r\n" + WIDE)
    # As it is on the disk, and as it is open.
    for is_open in [False, True]:
        if is_open:
            editor.open(root / "compose.yaml", language="yaml")
        (item,) = await editor.items(root / "compose.yaml")
        assert item.range == text.of("2022", encoding)
    # 27 characters stand before "mcr", three of them wide.
    start_of = {"utf-8": 27 + 1 + 2 + 3, "utf-16": 27 + 1, "utf-32": 27}[encoding]
    assert text.of("mcr", encoding).start.character == start_of


async def test_places_in_files_of_other_encodings(start: Start, workspace: Workspace) -> None:
    """A byte order mark is no character of the text that an editor shows, nor are the bytes of UTF-16."""
    root = workspace()
    (root / "bom.Dockerfile").write_bytes(b"\xef\xbb\xbf" + BAD.encode())
    (root / "wide.Dockerfile").write_bytes(("\ufeff# é😀\r\n" + BAD).encode("utf-16-le"))
    editor = await start()
    await editor.initialize(root)
    assert await editor.found(root / "bom.Dockerfile") == ["unknown-tag 0:42-0:46"]
    assert await editor.found(root / "wide.Dockerfile") == ["unknown-tag 1:42-1:46"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_edits_count_lines_as_the_protocol_does(end: str, start: Start, workspace: Workspace) -> None:
    editor = await start()
    await editor.initialize(workspace())
    text = f"# é漢😀{end}# two{end}FROM mcr.microsoft.com/windows/servercore:2022{end}".replace("\r\r", "\r")
    uri = editor.open("file:///nowhere/Dockerfile", "FROM scratch\n")
    editor.change(uri, text)
    at = text.index("two")
    editor.change(uri, (at, at + 3, "zwei é😀"), (0, 0, f"# zero{end}"))
    # Behind the end of a line its end is meant.
    line = types.Range(types.Position(0, 1000), types.Position(0, 1000))
    change = types.TextDocumentContentChangePartial(range=line, text="!")
    editor.versions[uri] += 1
    document = types.VersionedTextDocumentIdentifier(uri=uri, version=editor.versions[uri])
    editor.client.text_document_did_change(types.DidChangeTextDocumentParams(text_document=document, content_changes=[change]))
    final = editor.texts[uri].text.replace("# zero", "# zero!")
    assert final.count(end) == 4 and "zwei é😀" in final
    # Docker itself ends no line at a lone "\r": there all is one comment. What is appended tells where the text ends.
    editor.texts[uri] = Text(final)
    tail = len(final)
    editor.change(uri, (tail, tail, BAD.replace("2022", "1234") if end != "\r" else "\n" + BAD))
    last = Text(editor.texts[uri].text).of("1234" if end != "\r" else "servercore:2022\n")
    items = await editor.items(uri)
    assert items[-1].range.start.line == last.start.line
    if end != "\r":
        assert [item.range for item in items] == [Text(editor.texts[uri].text).of(tag) for tag in ["2022", "1234"]]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("seed", [1, 2])
async def test_random_edits_end_as_a_fresh_check(encoding: str, seed: int, start: Start, workspace: Workspace, hostfit: Path) -> None:
    """Insertions, deletions and undo in wide and CRLF text: what is told in the end is what a new server and `check` find."""
    chance = random.Random(f"{encoding} {seed}")
    root = workspace()
    editor = await start()
    await editor.initialize(root, capabilities=offering(encoding))
    uri = editor.open(root / "Dockerfile", f"# é漢😀\r\n{BAD}RUN x\r\n")
    pieces = ["é", "漢😀", "😀", "\r\n", "\n", BAD, "FROM ", ":2022", "\\\n", "# x\r\n", "`", '["', " AS a\n", "COPY . C:\\x\r\n", "${A}"]
    past: list[str] = []
    for _ in range(60):
        changes: list[tuple[int, int, str] | str] = []
        text = editor.texts[uri].text
        for _ in range(chance.randint(1, 4)):
            if past and chance.random() < 0.1:
                text = past.pop()
                changes.append(text)
                continue
            past.append(text)
            at = chance.randint(0, len(text))
            upto = min(len(text), at + chance.choice([0, 0, 0, 1, 2, 9]))
            # No editor leaves half of an end of line.
            if any(text[it - 1 : it + 1] == "\r\n" for it in [at, upto]):
                continue
            new = "".join(chance.choices(pieces, k=chance.randint(0, 3)))
            changes.append((at, upto, new))
            text = text[:at] + new + text[upto:]
        if changes:
            editor.change(uri, *changes)
    # Where the end is, and that something is found there.
    tail = f"\nFROM scratch\n{BAD.replace('2022', '4321')}"
    editor.change(uri, (len(text), len(text), tail))
    final = editor.texts[uri]
    mine = await editor.items(uri)
    assert final.of("4321", encoding) in [item.range for item in mine]
    # `check` counts code points, from 1 on.
    report = run(hostfit, "check", "--format", "rdjson", "--stdin-filename", "Dockerfile", "-", cwd=root, text=final.text)
    assert report.count('"code"') == len(mine)
    other = await start()
    await other.initialize(root, capabilities=offering(encoding))
    other.open(root / "Dockerfile", final.text)
    assert told(mine) == told(await other.items(uri))


def told(items: list[types.Diagnostic]) -> list[tuple]:
    return [(shown(item), item.severity, item.message, item.related_information) for item in items]


async def test_many_edits_before_an_answer(start: Start, workspace: Workspace) -> None:
    """Who types faster than it is judged is told of the last text."""
    editor: Editor = await start()
    await editor.initialize(workspace())
    uri = editor.open("untitled:a", "", "dockerfile")
    for character in BAD:
        end = len(editor.texts[uri].text)
        editor.change(uri, (end, end, character))
    assert await editor.pushed(uri, lambda it: it == ["unknown-tag 0:42-0:46"])
    await editor.rest()
    assert editor.published[-1].version == len(BAD) + 1
