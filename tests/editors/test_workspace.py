"""Files that depend on each other, open or not, in one folder, in several, in none."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BAD, GOOD, Editor, Start, watching, write
from lsprotocol import types

Workspace = Callable[..., Path]
UNKNOWN = "unknown-tag 0:42-0:46"
QUIET = '[check]\nignore = ["unknown-tag"]\n'
COMPOSE = "services:\n  web:\n    build: web\n    isolation: process\n"


def fleet(release: str) -> str:
    return f'[[host]]\nname = "one"\nos = "{release}"\norchestrator = "docker"\n'


async def session(start: Start, *roots: Path, **more: object) -> Editor:
    editor = await start()
    await editor.initialize(*roots, capabilities=watching(), **more)
    return editor


def rules(found: list[str]) -> set[str]:
    return {it.split()[0] for it in found}


async def test_files_are_watched_that_decide(start: Start, workspace: Workspace) -> None:
    editor = await session(start, workspace(files={"Dockerfile": BAD}))
    await editor.rest()
    (registration,) = editor.registrations
    assert registration.method == "workspace/didChangeWatchedFiles"
    watchers = registration.register_options["watchers"] if isinstance(registration.register_options, dict) else registration.register_options.watchers
    patterns = [it["globPattern"] if isinstance(it, dict) else it.glob_pattern for it in watchers]
    for name in [
        "Dockerfile",
        "a/b/Dockerfile",
        "a/web.Dockerfile",
        "a/Dockerfile.windows",
        "a/dockerfile",
        "Containerfile",
        "a/web.Containerfile",
        "Dockerfile-prod",
        "compose.yaml",
        "a/docker-compose.override.yml",
        "k8s/web.yaml",
        "k8s/web.json",
        "daemon.json",
        "docker-bake.hcl",
        "hostfit.toml",
        ".env",
        "a/.env.production",
        "a/web.env",
        ".gitignore",
    ]:
        assert any(matches(name, pattern) for pattern in patterns), name
    assert not any(matches("src/main.rs", pattern) for pattern in patterns)


def matches(name: str, pattern: str) -> bool:
    """Globs to the letter of the protocol, where `*` is one character or more; Emacs takes no other one between braces."""
    group = re.search(r"{([^{}]*)}", pattern)
    if group:
        assert not re.search(r"[*?[]", group[1]), pattern
        return any(matches(name, pattern[: group.start()] + part + pattern[group.end() :]) for part in group[1].split(","))
    if pattern.startswith("**/"):
        tails = [name[start:] for start in range(len(name) + 1) if start == 0 or name[start - 1] == "/"]
        return any(matches(tail, pattern[3:]) for tail in tails)
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]+").replace(r"\?", "[^/]"), name) is not None


async def test_nothing_is_registered_unasked(start: Start, workspace: Workspace) -> None:
    editor = await start()
    await editor.initialize(workspace(files={"Dockerfile": BAD}))
    await editor.rest()
    assert editor.registrations == []


async def test_a_dockerfile_changes_on_the_disk(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": fleet("ltsc2019"), "compose.yaml": COMPOSE, "web/Dockerfile": GOOD})
    editor = await session(start, root)
    assert rules(await editor.pushed(root / "web/Dockerfile")) == {"image-newer-than-host"}
    editor.save(root / "web/Dockerfile", GOOD.replace("2022", "2019"))
    assert await editor.pushed(root / "web/Dockerfile", lambda it: not it) == []
    editor.save(root / "web/Dockerfile", BAD)
    assert await editor.pushed(root / "web/Dockerfile") == [UNKNOWN]
    editor.save(root / "web/Dockerfile", None)
    assert await editor.pushed(root / "web/Dockerfile", lambda it: not it) == []


async def test_the_fleet_changes_on_the_disk(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": fleet("ltsc2022"), "compose.yaml": COMPOSE, "web/Dockerfile": GOOD})
    editor = await session(start, root)
    await editor.rest()
    assert editor.client.diagnostics == {}
    editor.save(root / "hostfit.toml", fleet("ltsc2019"))
    assert rules(await editor.pushed(root / "web/Dockerfile")) == {"image-newer-than-host"}
    editor.save(root / "hostfit.toml", fleet("ltsc2022"))
    assert await editor.pushed(root / "web/Dockerfile", lambda it: not it) == []


async def test_an_env_file_changes_on_the_disk(start: Start, workspace: Workspace) -> None:
    compose = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:${TAG}\n"
    root = workspace(files={"compose.yaml": compose, ".env": "TAG=ltsc2022\n"})
    editor = await session(start, root)
    await editor.rest()
    assert editor.client.diagnostics == {}
    editor.save(root / ".env", "# é\nTAG=2022\n")
    assert await editor.pushed(root / ".env") == ["unknown-tag 1:4-1:8"]
    editor.save(root / ".env", "TAG=ltsc2022\n")
    assert await editor.pushed(root / ".env", lambda it: not it) == []


async def test_an_included_compose_file_changes_on_the_disk(start: Start, workspace: Workspace) -> None:
    base = "services:\n  base:\n    image: mcr.microsoft.com/windows/servercore:{}\n"
    root = workspace(files={"compose.yaml": "include: [parts/base.yaml]\n", "parts/base.yaml": base.format("2022")})
    editor = await session(start, root)
    assert await editor.pushed(root / "parts/base.yaml") == ["unknown-tag 2:48-2:52"]
    editor.save(root / "parts/base.yaml", base.format("ltsc2022"))
    assert await editor.pushed(root / "parts/base.yaml", lambda it: not it) == []


async def test_what_is_typed_decides_for_files_that_are_not_open(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"hostfit.toml": fleet("ltsc2022"), "compose.yaml": COMPOSE, "web/Dockerfile": GOOD})
    editor = await session(start, root)
    uri = editor.open(root / "hostfit.toml", language="toml")
    at = editor.texts[uri].text.index("2022")
    editor.change(uri, (at, at + 4, "2019"))
    assert rules(await editor.pushed(root / "web/Dockerfile")) == {"image-newer-than-host"}
    # What is not saved is gone when it is closed.
    editor.close(uri)
    assert await editor.pushed(root / "web/Dockerfile", lambda it: not it) == []


async def test_an_error_in_the_configuration_stands_there(start: Start, workspace: Workspace) -> None:
    config = '# é😀\n[check]\nignroe = ["unknown-tag"]\n'
    root = workspace(files={"hostfit.toml": config, "Dockerfile": BAD})
    editor = await session(start, root)
    (item,) = await editor.items(root / "hostfit.toml")
    assert (item.severity, item.range.start.line, item.range.start.character) == (types.DiagnosticSeverity.Error, 2, 0)
    assert "ignroe" in item.message and "ignore" in item.message
    editor.save(root / "hostfit.toml", QUIET)
    assert await editor.found(root / "hostfit.toml") == [] == await editor.found(root / "Dockerfile")


async def test_who_does_not_watch_is_looked_after_when_it_saves(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": GOOD, "web/Dockerfile": GOOD})
    editor = await start()
    await editor.initialize(root)
    uri = editor.open(root / "Dockerfile")
    await editor.rest()
    write(root / "web/Dockerfile", BAD)
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert await editor.pushed(root / "web/Dockerfile") == [UNKNOWN]


async def test_each_folder_has_its_own_configuration(start: Start, workspace: Workspace) -> None:
    one = workspace("one", {"Dockerfile": BAD})
    two = workspace("two", {"Dockerfile": BAD, "hostfit.toml": QUIET})
    three = workspace("three", {"Dockerfile": BAD})
    editor = await session(start, one, two)
    assert await editor.pushed(one / "Dockerfile") == [UNKNOWN]
    assert await editor.found(two / "Dockerfile") == []
    assert editor.server.workspace.workspace_folders.supported
    assert editor.server.workspace.workspace_folders.change_notifications
    added, removed = ([types.WorkspaceFolder(uri=it.as_uri(), name=it.name)] for it in [three, one])
    event = types.WorkspaceFoldersChangeEvent(added=added, removed=removed)
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    assert await editor.pushed(three / "Dockerfile") == [UNKNOWN]
    assert await editor.pushed(one / "Dockerfile", lambda it: not it) == []


async def test_older_editors_name_one_folder(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD})
    editor = await session(start, root_uri=root.as_uri())
    assert await editor.pushed(root / "Dockerfile") == [UNKNOWN]


@pytest.mark.parametrize("has_folder", [True, False])
async def test_files_outside_of_all_folders(has_folder: bool, start: Start, workspace: Workspace) -> None:
    outside = workspace("outside", {"Dockerfile": BAD, "b.Dockerfile": BAD, "sub/Dockerfile": BAD})
    quiet = workspace("quiet", {"Dockerfile": BAD, "hostfit.toml": QUIET})
    roots = [workspace("inside", {"Dockerfile": GOOD})] if has_folder else []
    editor = await session(start, *roots)
    uri = editor.open(outside / "Dockerfile")
    assert await editor.pushed(uri) == [UNKNOWN]
    assert await editor.found(editor.open(quiet / "Dockerfile")) == [], "its own configuration holds"
    # Nobody asked for what stands beside it.
    assert {it.uri for it in editor.published} <= {uri, (quiet / "Dockerfile").as_uri()}
    editor.close(uri)
    assert await editor.pushed(uri, lambda it: not it) == []


async def test_documents_that_have_no_file_yet(start: Start, workspace: Workspace) -> None:
    editor = await session(start, workspace())
    assert await editor.found(editor.open("untitled:Untitled-1", BAD, "dockerfile")) == [UNKNOWN]
    assert await editor.found(editor.open("untitled:Untitled-2", "# notes\n", "markdown")) == []


async def test_names_that_have_to_be_escaped(start: Start, workspace: Workspace) -> None:
    """An editor may escape more of a name than needed, as VS Code does, and is answered in its own words."""
    root = workspace(files={"é a+b (1)/#1 100%.Dockerfile": BAD})
    path = root / "é a+b (1)/#1 100%.Dockerfile"
    editor = await session(start, root)
    assert await editor.found(path) == [UNKNOWN]
    own = path.as_uri().replace("(", "%28").replace(")", "%29").replace("+", "%2B")
    editor.open(own, BAD)
    assert await editor.found(own) == [UNKNOWN]
    fix = next(it for it in await editor.actions(own) if it.is_preferred)
    assert editor.edited(fix.edit) == {own: GOOD}


async def test_typing_while_the_workspace_is_read(start: Start, workspace: Workspace) -> None:
    root = workspace(files={f"{number}/Dockerfile": BAD for number in range(300)})
    editor = await session(start, root)
    uri = editor.open(root / "7/Dockerfile", GOOD)
    editor.change(uri, BAD)
    assert await editor.pushed(uri, lambda it: it == [UNKNOWN])
    assert all([await editor.found(root / f"{number}/Dockerfile") == [UNKNOWN] for number in [0, 7, 299]])
