"""What is offered to do about findings, made in the text as the protocol says, and what becomes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BAD, GOOD, Editor, Start, run, write
from lsprotocol import types
from text import Text

Workspace = Callable[..., Path]
FIX_ALL = "source.fixAll.hostfit"
TWO = f"# é漢😀\r\n{BAD.strip()} AS a\r\nRUN x\r\n{BAD.strip()}\r\n"


def versioned() -> types.ClientCapabilities:
    """Of an editor that takes edits of a version of a document."""
    edits = types.WorkspaceEditClientCapabilities(document_changes=True)
    return types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(workspace_edit=edits))


async def session(start: Start, root: Path, capabilities: types.ClientCapabilities | None = None) -> Editor:
    editor = await start()
    await editor.initialize(root, capabilities=capabilities)
    return editor


async def test_kinds_are_announced(start: Start, workspace: Workspace) -> None:
    editor = await session(start, workspace())
    assert {"quickfix", FIX_ALL} <= set(editor.server.code_action_provider.code_action_kinds)


@pytest.mark.parametrize("capabilities", [None, versioned()], ids=["changes", "documentChanges"])
async def test_quick_fix_mends_the_file(capabilities: types.ClientCapabilities | None, start: Start, workspace: Workspace) -> None:
    editor = await session(start, workspace(), capabilities)
    uri = editor.open("file:///nowhere/Dockerfile", TWO)
    editor.change(uri, (0, 0, "# more\r\n"))
    at = editor.texts[uri].text.index("2022")
    for place in [(at, at), (at, at + 4), (at + 4, at + 4), (at - 20, at + 10)]:
        offered = [it for it in await editor.actions(uri, *place) if it.is_preferred]
        assert offered, place
    (fix,) = offered
    assert (fix.kind, fix.title != "") == ("quickfix", True)
    assert [item.code for item in fix.diagnostics] == ["unknown-tag"]
    assert bool(fix.edit.document_changes) == bool(capabilities)
    # `edited` sees to it that the edit is of the version that is open.
    assert editor.edited(fix.edit) == {uri: "# more\r\n" + TWO.replace("2022", "ltsc2022", 1)}
    editor.change(uri, editor.edited(fix.edit)[uri])
    assert await editor.found(uri) == ["unknown-tag 4:42-4:46"]


async def test_elsewhere_nothing_is_offered(start: Start, workspace: Workspace) -> None:
    editor = await session(start, workspace())
    uri = editor.open("file:///nowhere/Dockerfile", TWO)
    assert await editor.actions(uri, 0, 3, only=["quickfix"]) == []
    for only in ["refactor", "source.organizeImports", "quick", "source.fix"]:
        assert await editor.actions(uri, only=[only]) == [], only
    clean = editor.open("file:///nowhere/a.Dockerfile", GOOD)
    assert await editor.actions(clean) == []


async def test_fix_all_does_what_hostfit_fix_does(start: Start, workspace: Workspace, hostfit: Path) -> None:
    text = TWO + "FROM microsoft/nanoserver:1709\r\nCOPY a C:\\site\r\n"
    root = workspace(files={"Dockerfile": text})
    editor = await session(start, root)
    uri = editor.open(root / "Dockerfile")
    for only in [["source"], ["source.fixAll"], [FIX_ALL], ["refactor", FIX_ALL]]:
        (action,) = await editor.actions(uri, 0, 0, only=only)
        assert action.kind == FIX_ALL
    fixed = editor.edited(action.edit)
    assert list(fixed) == [uri] and fixed[uri] != text
    assert fixed[uri].count("servercore:ltsc2022\r\n") == 1 and "2022 AS a\r\n" in fixed[uri]
    run(hostfit, "fix", cwd=root)
    assert (root / "Dockerfile").read_bytes().decode() == fixed[uri]
    # Nothing is left that it could do.
    editor.change(uri, fixed[uri])
    assert await editor.actions(uri, only=[FIX_ALL]) == []


@pytest.mark.parametrize(
    ("name", "text", "comment"),
    [
        ("Dockerfile", TWO, "# hostfit: ignore[unknown-tag]\r\nFROM"),
        ("compose.yaml", 'services:\n  é😀: {image: "mcr.microsoft.com/windows/servercore:2022"}\n', '2022"} # hostfit: ignore[unknown-tag]\n'),
        (
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n"
            "  containers:\n    - name: a\n      image: mcr.microsoft.com/windows/servercore:2022\n",
            ":2022 # hostfit: ignore[unknown-tag]\n",
        ),
    ],
)
async def test_ignore_here(name: str, text: str, comment: str, start: Start, workspace: Workspace) -> None:
    root = workspace(files={name: text})
    editor = await session(start, root)
    uri = editor.open(root / name)
    before = await editor.found(uri)
    at = text.index("2022")
    actions = [it for it in await editor.actions(uri, at, at, only=["quickfix"]) if "ignore" in it.title.lower() and "unknown-tag" in it.title]
    (action,) = actions
    assert not action.is_preferred
    new = editor.edited(action.edit)[uri]
    assert comment in new and new.replace(" # hostfit: ignore[unknown-tag]", "").replace("# hostfit: ignore[unknown-tag]\r\n", "") == text
    editor.change(uri, new)
    after = await editor.found(uri)
    rules = [[it.split()[0] for it in found] for found in [before, after]]
    rules[0].remove("unknown-tag")
    assert rules[1] == rules[0], "it silences one finding and no other, and is not unused"


async def test_a_fix_of_another_file(start: Start, workspace: Workspace) -> None:
    """What Compose sets is fixed there, whichever of the files is open."""
    compose = "services:\n  web:\n    build:\n      context: web\n      args:\n        TAG: 2022\n"
    root = workspace(files={"compose.yaml": compose, "web/Dockerfile": "ARG TAG\nFROM mcr.microsoft.com/windows/servercore:${TAG}\n"})
    editor = await session(start, root)
    uri = editor.open(root / "compose.yaml", language="yaml")
    assert await editor.found(root / "web/Dockerfile") == []
    at = compose.index("2022")
    # That others may use it too makes it no safe fix: nothing is preferred.
    fix = next(it for it in await editor.actions(uri, at, at) if "ltsc2022" in it.title)
    assert not fix.is_preferred
    editor.change(uri, editor.edited(fix.edit)[uri])
    assert editor.texts[uri].text == compose.replace("2022", "ltsc2022")
    assert await editor.found(uri) == []


async def test_add_this_image_to_images(start: Start, workspace: Workspace) -> None:
    """Of an image that hostfit can't know it offers to say what it is, in the configuration."""
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n"
        "  containers:\n    - name: a\n      image: registry.contoso.com/web:4\n"
    )
    config = "# Ours.\n[check]\n"
    root = workspace(files={"pod.yaml": pod, "hostfit.toml": config})
    editor = await session(start, root)
    uri = editor.open(root / "pod.yaml", language="yaml")
    assert "undeclared-image-os" in " ".join(await editor.found(uri))
    at = pod.index("registry")
    target = (root / "hostfit.toml").as_uri()
    editor.texts[target] = Text(config)
    edits = [editor.edited(it.edit) for it in await editor.actions(uri, at, at)]
    offered = [it[target] for it in edits if target in it]
    if not offered:
        pytest.skip("not offered yet")
    new = offered[0]
    assert new.startswith(config.rstrip()) and "[images]" in new and '"registry.contoso.com/web' in new
    write(root / "hostfit.toml", new)
    editor.watched(root / "hostfit.toml", types.FileChangeType.Changed)
    assert "undeclared-image-os" not in " ".join(await editor.found(uri))
    assert await editor.found(root / "hostfit.toml") == []
