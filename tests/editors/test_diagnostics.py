"""What is told of findings, to who waits for it and to who asks."""

import json
from collections.abc import Callable
from pathlib import Path

from conftest import BAD, GOOD, ROOT, Editor, Start, run, shown
from lsprotocol import types
from text import Text

Workspace = Callable[..., Path]
PAGE = "https://github.com/hostfit/hostfit/blob/main/docs/rules/{}.md"


def asking(refresh: bool = True) -> types.ClientCapabilities:
    """Of an editor that asks for diagnostics, and again on request."""
    document = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    workspace = types.WorkspaceClientCapabilities(diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=refresh))
    return types.ClientCapabilities(text_document=document, workspace=workspace)


def one(items: list[types.Diagnostic], rule: str) -> types.Diagnostic:
    """The only diagnostic of a rule."""
    (item,) = [item for item in items if item.code == rule]
    return item


async def test_a_finding_says_all_it_knows(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD})
    editor = await start()
    await editor.initialize(root)
    await editor.pushed(root / "Dockerfile")
    (item,) = editor.client.diagnostics[(root / "Dockerfile").as_uri()]
    assert item.range == Text(BAD).of("2022")
    assert (item.source, item.code, item.severity) == ("hostfit", "unknown-tag", types.DiagnosticSeverity.Error)
    assert item.code_description and item.code_description.href == PAGE.format("unknown-tag")
    assert (ROOT / "docs/rules/unknown-tag.md").is_file()
    assert "2022" in item.message
    assert item.data and "ltsc2022" in json.dumps(item.data), "the fix is known to who shows the finding"


async def test_severities_are_those_of_the_rules(start: Start, workspace: Workspace) -> None:
    # unsupported-release is a warning, undeclared-image-os an information, as `docs/rules` says.
    text = "FROM mcr.microsoft.com/windows/servercore:20H2\nFROM registry.contoso.com/web:windows-${TAG}\n"
    root = workspace(files={"Dockerfile": text})
    editor = await start()
    await editor.initialize(root)
    severities = {item.code: item.severity for item in await editor.items(root / "Dockerfile")}
    assert severities["unsupported-release"] == types.DiagnosticSeverity.Warning
    assert severities["undeclared-image-os"] == types.DiagnosticSeverity.Information


async def test_tags(start: Start, workspace: Workspace) -> None:
    text = "FROM microsoft/windowsservercore:1803\n# hostfit: ignore[unknown-tag]\nRUN x\n"
    root = workspace(files={"Dockerfile": text})
    editor = await start()
    await editor.initialize(root)
    items = await editor.items(root / "Dockerfile")
    assert one(items, "retired-repository").tags == (types.DiagnosticTag.Deprecated,)
    assert one(items, "unused-ignore").tags == (types.DiagnosticTag.Unnecessary,)
    assert all(not item.tags for item in items if item.code == "unsupported-release")


async def test_related_places_in_this_file(start: Start, workspace: Workspace) -> None:
    stages = "FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS build\nRUN x\n", GOOD + "RUN y\nCOPY --from=build /x /x\n"
    root = workspace(files={"Dockerfile": "".join(stages)})
    editor = await start()
    await editor.initialize(root)
    item = one(await editor.items(root / "Dockerfile"), "mixed-stage-builds")
    # The later one is what is wrong, the earlier one is why.
    assert item.range.start.line == 2
    (related,) = item.related_information
    assert related.location.uri == (root / "Dockerfile").as_uri()
    assert related.location.range.start.line == 0 and related.message


async def test_related_places_in_other_files(start: Start, workspace: Workspace) -> None:
    fleet = '[[host]]\nname = "old"\nos = "ltsc2019"\norchestrator = "docker"\n'
    compose = "services:\n  web:\n    build: web\n    isolation: process\n"
    root = workspace(files={"hostfit.toml": fleet, "compose.yaml": compose, "my web/Dockerfile": GOOD})
    (root / "compose.yaml").write_text(compose.replace("build: web", "build: ./my web"))
    editor = await start()
    await editor.initialize(root)
    item = one(await editor.items(root / "my web/Dockerfile"), "image-newer-than-host")
    assert item.range == Text(GOOD).of("ltsc2022")
    assert (root / "compose.yaml").as_uri() in [it.location.uri for it in item.related_information]


async def test_the_editor_shows_what_check_reports(start: Start, hostfit: Path) -> None:
    """In every file of the demo: the same rules, levels, messages, links, places and related places."""
    root = ROOT / "fixtures/demo"
    report = json.loads(run(hostfit, "check", "--format", "json", cwd=root))
    expected: dict[str, list] = {}
    for finding in report["findings"]:
        level = {"error": 1, "warning": 2, "info": 3}[finding["severity"]]
        related = sorted((it["path"], *place(root, it), it["message"]) for it in finding["related"])
        item = (finding["rule"], level, finding["message"], finding["url"], *place(root, finding), related)
        expected.setdefault(finding["path"], []).append(item)
    assert sum(map(len, expected.values())) > 5
    editor = await start(cwd=root)
    await editor.initialize(root)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        told = []
        for item in await editor.items(path):
            related = sorted((relative(root, it.location.uri), *ends(it.location.range), it.message) for it in item.related_information or [])
            told.append((item.code, item.severity, item.message, item.code_description.href, *ends(item.range), related))
        assert sorted(told) == sorted(expected.pop(name, [])), name
    assert expected == {}


def relative(root: Path, uri: str) -> str:
    return next(path for path in root.rglob("*") if path.as_uri() == uri).relative_to(root).as_posix()


def ends(range: types.Range) -> tuple[int, int, int, int]:
    return range.start.line, range.start.character, range.end.line, range.end.character


def place(root: Path, part: dict) -> tuple[int, int, int, int]:
    """A place in a report, as the protocol counts, worked out from its bytes."""
    data = (root / part["path"]).read_bytes()
    start, end = (len(data[: part["range"][it]["offset"]].decode()) for it in ["start", "end"])
    return ends(Text(data.decode()).range(start, end, "utf-16"))


async def test_half_typed_text_keeps_the_findings_of_the_rest(start: Start, workspace: Workspace) -> None:
    text = "services:\n  a:\n    image: mcr.microsoft.com/windows/servercore:2022\n  b:\n    image: nginx\n"
    editor = await start()
    await editor.initialize(workspace())
    uri = editor.open("untitled:Untitled-1", text, "dockercompose")
    before = one(await editor.items(uri), "unknown-tag")
    for typed in ["    ports: [", '    command: "', "    environment: {A: ", "    image", "\t- x"]:
        editor.change(uri, text + typed)
        items = await editor.items(uri)
        assert one(items, "unknown-tag").range == before.range, typed
    editor.change(uri, text + "    ports: [")
    assert "syntax-error" in [item.code for item in await editor.items(uri)]


async def test_published_diagnostics_name_the_version(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD})
    editor = await start()
    await editor.initialize(root)
    uri = editor.open(root / "Dockerfile")
    for _ in range(3):
        editor.change(uri, (0, 0, "# more\n"))
    await editor.rest()
    last = [it for it in editor.published if it.uri == uri][-1]
    assert (last.version, [shown(it) for it in last.diagnostics]) == (4, ["unknown-tag 3:42-3:46"])


async def test_who_asks_gets_what_changed(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD})
    editor = await start()
    await editor.initialize(root, capabilities=asking())
    uri = editor.open(root / "Dockerfile")
    first = await editor.pull(uri)
    assert isinstance(first, types.RelatedFullDocumentDiagnosticReport) and len(first.items) == 1
    again = await editor.pull(uri, first.result_id)
    assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
    assert again.result_id == first.result_id
    editor.change(uri, GOOD)
    fixed = await editor.pull(uri, first.result_id)
    assert isinstance(fixed, types.RelatedFullDocumentDiagnosticReport)
    assert not fixed.items and fixed.result_id != first.result_id
    assert editor.published == []


async def test_who_asks_for_the_workspace_gets_all_files(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD, "a b/Dockerfile": BAD, "good/Dockerfile": GOOD})
    editor = await start()
    await editor.initialize(root, capabilities=asking())
    first = await whole(editor, {})
    wrong = {(root / name).as_uri() for name in ["Dockerfile", "a b/Dockerfile"]}
    assert {uri for uri, item in first.items() if item.items} == wrong
    editor.open(root / "Dockerfile", GOOD)
    second = await whole(editor, {uri: item.result_id for uri, item in first.items()})
    fixed = second[(root / "Dockerfile").as_uri()]
    assert (fixed.kind, list(fixed.items), fixed.version) == ("full", [], 1)
    assert second[(root / "a b/Dockerfile").as_uri()].kind == "unchanged"


async def whole(editor: Editor, previous: dict[str, str]) -> dict[str, types.WorkspaceDocumentDiagnosticReport]:
    ids = [types.PreviousResultId(uri=uri, value=value) for uri, value in previous.items()]
    report = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous_result_ids=ids))
    return {item.uri: item for item in report.items}


async def test_who_asks_learns_when_to_ask_again(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD, "hostfit.toml": ""})
    editor = await start()
    await editor.initialize(root, capabilities=asking())
    uri = editor.open(root / "Dockerfile")
    assert len(await editor.items(uri)) == 1
    before = editor.client.diagnostic_refresh_count
    editor.save(root / "hostfit.toml", '[check]\nignore = ["unknown-tag"]\n')
    assert await editor.found(uri) == []
    assert editor.client.diagnostic_refresh_count > before
    assert editor.published == []


async def test_who_can_not_be_told_to_ask_again_is_sent_all(start: Start, workspace: Workspace) -> None:
    """Neovim 0.11 asks when a text changes and at no other time: what another file decides it would never learn."""
    root = workspace(files={"Dockerfile": BAD, "hostfit.toml": ""})
    editor = await start()
    await editor.initialize(root, capabilities=asking(refresh=False))
    assert editor.server.diagnostic_provider is None, "else it would show everything twice"
    uri = editor.open(root / "Dockerfile")
    assert len(await editor.pushed(uri)) == 1
    editor.save(root / "hostfit.toml", '[check]\nignore = ["unknown-tag"]\n')
    assert await editor.pushed(uri, lambda it: not it) == []
    assert editor.client.diagnostic_refresh_count == 0
