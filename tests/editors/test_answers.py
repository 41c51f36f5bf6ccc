"""What is told of a place or a file when somebody asks: hovers, completions, definitions, hints, lenses, links."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BAD, GOOD, PATIENCE, ROOT, Editor, Start, like, within
from lsprotocol import types

Workspace = Callable[..., Path]

FLEET = """
[[host]]
name = "old"
os = "10.0.17763.6893"
orchestrator = "kubernetes"

[[host]]
name = "new"
os = "10.0.20348.3207"
orchestrator = "kubernetes"

[[host]]
name = "penguin"
os = "linux"
orchestrator = "kubernetes"

[[host]]
name = "swarm-old"
os = "ltsc2019"
orchestrator = "swarm"
labels = { OsVersion = "10.0.17763" }

[[host]]
name = "swarm-new"
os = "ltsc2022"
orchestrator = "swarm"
labels = { OsVersion = "10.0.20348" }
"""

POD = """apiVersion: v1
kind: Pod
metadata: {name: é😀}
spec:
  nodeSelector:
    kubernetes.io/os: windows
    node.kubernetes.io/windows-build: 10.0.20348
  containers:
    - name: a
      image: mcr.microsoft.com/windows/servercore:ltsc2022
"""

STACK = """services:
  web:
    image: mcr.microsoft.com/windows/servercore:ltsc2022
    deploy:
      placement:
        constraints:
          - node.platform.os == windows
          - node.labels.OsVersion == 10.0.20348
"""


def at(editor: Editor, uri: str, part: str, behind: int = 0) -> dict[str, object]:
    """The place `behind` characters behind the start of a part that stands in the text once."""
    text = editor.texts[uri]
    start = text.of(part, editor.encoding).start
    position = text.position(text.offset(start, editor.encoding) + behind, editor.encoding)
    return {"text_document": types.TextDocumentIdentifier(uri), "position": position}


async def hover(editor: Editor, uri: str, part: str, behind: int = 0) -> types.Hover | None:
    return await within(editor.client.text_document_hover_async(types.HoverParams(**at(editor, uri, part, behind))))


def words(hover: types.Hover | None) -> str:
    assert hover and isinstance(hover.contents, types.MarkupContent), hover
    return hover.contents.value


async def complete(editor: Editor, uri: str, part: str, behind: int) -> list[types.CompletionItem]:
    """What is offered, in the order in which an editor shows it."""
    params = types.CompletionParams(**at(editor, uri, part, behind))
    answer = await within(editor.client.text_document_completion_async(params))
    items = list(answer.items if isinstance(answer, types.CompletionList) else answer or [])
    return sorted(items, key=lambda item: item.sort_text or item.label)


def completed(editor: Editor, uri: str, item: types.CompletionItem) -> str:
    """The text when the item was chosen."""
    assert isinstance(item.text_edit, types.TextEdit), item
    return editor.texts[uri].edited([item.text_edit], editor.encoding)


async def session(start: Start, root: Path, **more: object) -> Editor:
    editor = await start()
    await editor.initialize(root, **more)
    return editor


async def test_all_is_announced(start: Start, workspace: Workspace) -> None:
    server = (await session(start, workspace())).server
    for provider in ["hover", "completion", "definition", "inlay_hint", "code_lens", "document_link"]:
        assert getattr(server, f"{provider}_provider"), provider
    assert ":" in (server.completion_provider.trigger_characters or []), "a tag is offered once its colon is typed"


@pytest.mark.parametrize("name", ["neovim@0.11.0", "emacs@29.1", "visual_studio_code@1.65.2"])
async def test_hover_on_an_image(name: str, start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": FLEET, "pod.yaml": POD})
    editor = await session(start, root, capabilities=like(name))
    uri = editor.open(root / "pod.yaml", language="yaml")
    image = "mcr.microsoft.com/windows/servercore:ltsc2022"
    for behind in [0, 10, len(image) - 1]:
        told = await hover(editor, uri, image, behind)
        # The release, its build and the end of its support: Microsoft's lifecycle page of Windows Server 2022.
        for word in ["Windows Server 2022", "20348", "2031-10-14"]:
            assert word in words(told), word
        # Which hosts run it, process-isolated: an image of build 20348 runs on no host of build 17763.
        assert re.search(r"\bnew\b", words(told)) and re.search(r"\bold\b", words(told))
        assert told.range == editor.texts[uri].of(image, editor.encoding)
    formats = like(name).text_document.hover.content_format or []
    assert told.contents.kind in (formats or ["plaintext", "markdown"])
    assert await hover(editor, uri, "apiVersion") is None


async def test_hover_on_a_selector(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": FLEET, "pod.yaml": POD})
    editor = await session(start, root)
    uri = editor.open(root / "pod.yaml", language="yaml")
    told = words(await hover(editor, uri, "windows\n", 2))
    assert {"old", "new"} <= set(re.findall(r"[\w-]+", told))
    told = words(await hover(editor, uri, "10.0.20348", 2))
    assert re.search(r"\bnew\b", told)


async def test_hover_on_a_constraint(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": FLEET, "stack.yaml": STACK})
    editor = await session(start, root)
    uri = editor.open(root / "stack.yaml", language="yaml")
    assert "swarm-new" in words(await hover(editor, uri, "node.labels.OsVersion == 10.0.20348", 3))


async def test_completion_of_tags(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": FLEET})
    editor = await session(start, root)
    uri = editor.open((root / "Dockerfile").as_uri(), "# é😀\nFROM mcr.microsoft.com/windows/servercore:\n")
    items = await complete(editor, uri, "servercore:", len("servercore:"))
    labels = [item.label for item in items]
    # Newest first.
    order = [labels.index(tag) for tag in ["ltsc2025", "ltsc2022", "ltsc2019", "ltsc2016"]]
    assert order == sorted(order), labels
    # What was never published, and what is not any more.
    assert "2022" not in labels and "latest" not in labels
    told = {item.label: f"{item.detail} {item.documentation}" for item in items}
    assert "2031-10-14" in told["ltsc2022"], "with the end of support"
    for item in items:
        editor.change(uri, completed(editor, uri, item))
        assert "unknown-tag" not in " ".join(await editor.found(uri)), item.label
        editor.change(uri, "# é😀\nFROM mcr.microsoft.com/windows/servercore:\n")


async def test_completion_takes_the_place_of_what_was_typed(start: Start, workspace: Workspace) -> None:
    editor = await session(start, workspace())
    typed = "FROM mcr.microsoft.com/windows/servercore:ltsc20 AS build\n"
    uri = editor.open("untitled:a", typed)
    items = {item.label: item for item in await complete(editor, uri, "ltsc20", 6)}
    assert completed(editor, uri, items["ltsc2022"]) == typed.replace("ltsc20", "ltsc2022")


async def test_completion_of_node_labels_and_values(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": FLEET})
    editor = await session(start, root)
    text = POD.replace("    node.kubernetes.io/windows-build: 10.0.20348\n", "    node.kubernetes.io/windows-build: \n")
    uri = editor.open((root / "pod.yaml").as_uri(), text, "yaml")
    values = {item.label for item in await complete(editor, uri, "windows-build: ", len("windows-build: "))}
    assert {"10.0.17763", "10.0.20348"} <= values
    editor.change(uri, POD.replace("    kubernetes.io/os: windows\n", "    ").replace("    node.kubernetes.io/windows-build: 10.0.20348\n", "k\n"))
    keys = {item.label for item in await complete(editor, uri, "nodeSelector:\n    k", len("nodeSelector:\n    k"))}
    assert {"kubernetes.io/os", "node.kubernetes.io/windows-build"} <= keys


async def test_completion_of_constraints_and_isolation(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": FLEET})
    editor = await session(start, root)
    uri = editor.open((root / "stack.yaml").as_uri(), STACK.replace("node.platform.os == windows", "node."), "yaml")
    keys = " ".join(item.label for item in await complete(editor, uri, "- node.\n", len("- node.")))
    assert "node.platform.os" in keys and "node.labels.OsVersion" in keys
    editor.change(uri, "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n    isolation: \n")
    values = {item.label for item in await complete(editor, uri, "isolation: ", len("isolation: "))}
    assert values == {"default", "process", "hyperv"}


@pytest.mark.parametrize("links", [True, False])
async def test_definition_of_an_image_is_who_builds_it(links: bool, start: Start, workspace: Workspace) -> None:
    compose = "services:\n  web:\n    build: my web\n    image: contoso/web:1\n  job:\n    image: contoso/web:1\n    command: x\n"
    root = workspace(files={"compose.yaml": compose, "my web/Dockerfile": GOOD})
    definition = types.DefinitionClientCapabilities(link_support=links)
    capabilities = types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities(definition=definition))
    editor = await session(start, root, capabilities=capabilities)
    uri = editor.open(root / "compose.yaml", language="yaml")
    params = types.DefinitionParams(**at(editor, uri, "contoso/web:1\n    command", 3))
    found = await within(editor.client.text_document_definition_async(params))
    found = [found] if isinstance(found, types.Location) else list(found)
    assert {type(it) for it in found} == {types.LocationLink if links else types.Location}
    assert (root / "my web/Dockerfile").as_uri() in [it.target_uri if links else it.uri for it in found]


async def test_definition_of_a_variable_is_where_its_value_comes_from(start: Start, workspace: Workspace) -> None:
    dockerfile = "ARG TAG=ltsc2022\nFROM mcr.microsoft.com/windows/servercore:${TAG}\n"
    compose = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:${RELEASE}\n"
    root = workspace(files={"Dockerfile": dockerfile, "c/compose.yaml": compose, "c/.env": "# é\nRELEASE=ltsc2019\n"})
    editor = await session(start, root)
    for path, part, target, line in [("Dockerfile", "${TAG}", "Dockerfile", 0), ("c/compose.yaml", "${RELEASE}", "c/.env", 1)]:
        uri = editor.open(root / path)
        params = types.DefinitionParams(**at(editor, uri, part, 3))
        found = await within(editor.client.text_document_definition_async(params))
        found = [found] if isinstance(found, types.Location) else list(found)
        assert ((root / target).as_uri(), line) in [(it.uri, it.range.start.line) for it in found]


HINTS = "ARG BASE=mcr.microsoft.com/windows/servercore:ltsc2022\n# é😀\nFROM ${BASE}\n"


async def hints(editor: Editor, uri: str) -> list[types.InlayHint]:
    text = editor.texts[uri]
    whole = text.range(0, len(text.text), editor.encoding)
    params = types.InlayHintParams(text_document=types.TextDocumentIdentifier(uri), range=whole)
    return list(await within(editor.client.text_document_inlay_hint_async(params)) or [])


async def test_inlay_hints_are_off_until_they_are_switched_on(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": HINTS})
    editor = await session(start, root)
    uri = editor.open(root / "Dockerfile")
    assert await hints(editor, uri) == []
    # While it runs, as editors tell.
    for value in [True, False]:
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"hostfit": {"inlayHints": value}}))
        assert bool(await hints(editor, uri)) == value


@pytest.mark.parametrize("by", ["initializationOptions", "workspace/configuration"])
async def test_inlay_hints_say_what_a_variable_comes_to(by: str, start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": HINTS})
    if by == "initializationOptions":
        editor = await session(start, root, initialization_options={"inlayHints": True})
    else:
        editor = await start()
        editor.client.set_configuration({"hostfit": {"inlayHints": True}})
        capabilities = types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(configuration=True))
        await editor.initialize(root, capabilities=capabilities)
    uri = editor.open(root / "Dockerfile")
    found: list[types.InlayHint] = []

    async def switched_on() -> None:
        # The client is asked for its settings, and may be asked for hints before.
        while not found:
            found.extend(await hints(editor, uri))

    await within(switched_on(), lambda: f"no hints in {PATIENCE} s")
    behind = editor.texts[uri].of("${BASE}", editor.encoding).end
    labels = ["".join(part if isinstance(part, str) else part.value for part in it.label) for it in found if it.position == behind]
    assert any("servercore:ltsc2022" in label for label in labels), labels


async def test_lens_on_a_workload(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": FLEET, "pod.yaml": POD})
    editor = await session(start, root)
    uri = editor.open(root / "pod.yaml", language="yaml")
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    lenses = list(await within(editor.client.text_document_code_lens_async(params)))
    assert len(lenses) == 1 and lenses[0].command
    # One of the hosts of Kubernetes is what the selector leaves, and runs it.
    assert re.search(r"runs on 1 of \d hosts?", lenses[0].command.title), lenses[0].command
    assert lenses[0].command.command == "", "the editor names no commands, so it gets none"
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"hostfit": {"codeLens": False}}))
    assert list(await within(editor.client.text_document_code_lens_async(params)) or []) == []


async def test_links_to_the_pages_of_rules(start: Start, workspace: Workspace) -> None:
    text = "# é😀 about\n# hostfit: ignore[unknown-tag]\n" + BAD
    root = workspace(files={"Dockerfile": text})
    editor = await session(start, root)
    uri = editor.open(root / "Dockerfile")
    params = types.DocumentLinkParams(types.TextDocumentIdentifier(uri))
    links = list(await within(editor.client.text_document_document_link_async(params)) or [])
    targets = {it.target: it.range for it in links}
    page = "https://github.com/hostfit/hostfit/blob/main/docs/rules/unknown-tag.md"
    assert targets == {page: editor.texts[uri].of("unknown-tag", editor.encoding)}
    assert (ROOT / "docs/rules/unknown-tag.md").is_file()


async def test_nothing_is_known_of_what_is_not_ours(start: Start, workspace: Workspace) -> None:
    """Where there is nothing to say, nothing is said, and nothing breaks."""
    editor = await session(start, workspace(files={"notes.md": "# notes\n"}))
    for uri in [editor.open("file:///elsewhere/notes.md", "# notes\n", "markdown"), editor.open("untitled:x", "", "plaintext")]:
        document = types.TextDocumentIdentifier(uri)
        origin = {"text_document": document, "position": types.Position(0, 0)}
        client = editor.client
        for answer in [
            await within(client.text_document_hover_async(types.HoverParams(**origin))),
            await within(client.text_document_definition_async(types.DefinitionParams(**origin))),
            await within(client.text_document_completion_async(types.CompletionParams(**origin))),
            await within(client.text_document_code_lens_async(types.CodeLensParams(document))),
            await within(client.text_document_document_link_async(types.DocumentLinkParams(document))),
            await editor.actions(uri),
        ]:
            assert not answer
