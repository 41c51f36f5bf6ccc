"""From `initialize` to `exit`, and what a server must bear between."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest
from conftest import BAD, Editor, Start, like, run, within
from lsprotocol import types
from pygls.exceptions import JsonRpcException

# As the specification numbers them.
SERVER_NOT_INITIALIZED, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32002, -32600, -32601, -32602
REQUEST_CANCELLED = -32800

Workspace = Callable[..., Path]


async def refused(answer: asyncio.Future, code: int) -> None:
    with pytest.raises(JsonRpcException) as error:
        await within(answer)
    assert error.value.code == code, error.value


def ask(editor: Editor, method: str, params: object) -> asyncio.Future:
    """Asks for what pytest-lsp would refuse to."""
    answer: Future = Future()
    editor.protocol._request_futures["raw"] = answer
    editor.protocol._send_data({"jsonrpc": "2.0", "id": "raw", "method": method, "params": params})
    return asyncio.wrap_future(answer)


async def test_server_says_who_it_is(start: Start, hostfit: Path, tmp_path: Path) -> None:
    editor = await start()
    result = await editor.initialize()
    assert result.server_info
    name, version = run(hostfit, "--version", cwd=tmp_path).split()
    assert (result.server_info.name, result.server_info.version) == (name, version)


async def test_stdio_is_taken_as_an_option(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD})
    editor = await start("--stdio")
    await editor.initialize(root)
    assert await editor.found(root / "Dockerfile") == ["unknown-tag 0:42-0:46"]


async def test_nothing_is_answered_before_initialize(start: Start) -> None:
    editor = await start()
    params = {"textDocument": {"uri": "file:///Dockerfile"}}
    await refused(ask(editor, "textDocument/diagnostic", params), SERVER_NOT_INITIALIZED)
    await editor.initialize()
    await editor.rest()


async def test_second_initialize_is_refused(start: Start) -> None:
    editor = await start()
    await editor.initialize()
    params = types.InitializeParams(capabilities=types.ClientCapabilities())
    await refused(editor.client.initialize_async(params), INVALID_REQUEST)
    await editor.rest()


async def test_nothing_is_answered_after_shutdown(start: Start) -> None:
    editor = await start()
    await editor.initialize()
    await within(editor.client.shutdown_async(None))
    params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier("file:///Dockerfile"))
    await refused(editor.client.text_document_diagnostic_async(params), INVALID_REQUEST)
    editor.client.exit(None)
    assert await within(editor.client._server.wait()) == 0


async def test_exit_without_shutdown_is_1(start: Start) -> None:
    editor = await start()
    await editor.initialize()
    editor.client.exit(None)
    assert await within(editor.client._server.wait()) == 1


async def test_an_editor_that_dies_takes_the_server_along(start: Start, workspace: Workspace) -> None:
    editor = await start()
    await editor.initialize(workspace(files={"Dockerfile": BAD}))
    editor.client._server.stdin.close()
    assert await within(editor.client._server.wait()) == 1


async def test_what_it_does_not_know_does_not_end_it(start: Start, workspace: Workspace) -> None:
    root = workspace(files={"Dockerfile": BAD})
    editor = await start()
    await editor.initialize(root)
    await refused(ask(editor, "hostfit/nonsense", {}), METHOD_NOT_FOUND)
    await refused(ask(editor, "textDocument/codeAction", {"range": 1}), INVALID_PARAMS)
    for method in ["$/nonsense", "hostfit/nonsense", "textDocument/didOpen", "textDocument/didChange"]:
        editor.protocol._send_data({"jsonrpc": "2.0", "method": method, "params": {"nonsense": 1}})
    # It was never opened, and this is no file.
    editor.texts, editor.versions = {"file:///x": None, "git:/x": None}, {"file:///x": 1, "git:/x": 1}
    for uri in ["file:///x", "git:/x"]:
        editor.change(uri, "FROM scratch")
        editor.close(uri)
    assert await editor.found(root / "Dockerfile") == ["unknown-tag 0:42-0:46"]


async def test_what_is_cancelled_is_answered_so(start: Start, workspace: Workspace) -> None:
    # While a folder is read, what is asked has to wait.
    root = workspace(files={f"{number}/Dockerfile": BAD * 20 for number in range(400)})
    editor = await start()
    await editor.initialize(root)
    params = {"textDocument": {"uri": (root / "0/Dockerfile").as_uri()}}
    messages = [
        {"jsonrpc": "2.0", "id": "mine", "method": "textDocument/diagnostic", "params": params},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "mine"}},
    ]
    answer: Future = Future()
    editor.protocol._request_futures["mine"] = answer
    # In one piece, so that nothing can happen between them.
    texts = [json.dumps(message) for message in messages]
    editor.client._server.stdin.write("".join(f"Content-Length: {len(it)}\r\n\r\n{it}" for it in texts).encode())
    await refused(asyncio.wrap_future(answer), REQUEST_CANCELLED)
    # Others are not, nor does a cancellation of nothing do harm.
    editor.client.protocol.notify("$/cancelRequest", types.CancelParams(id="nobody's"))
    assert len(await editor.items(root / "399/Dockerfile")) == 20


async def test_progress_of_the_first_reading(start: Start, workspace: Workspace) -> None:
    window = types.WindowClientCapabilities(work_done_progress=True)
    editor = await start()
    await editor.initialize(workspace(files={"Dockerfile": BAD}), capabilities=types.ClientCapabilities(window=window))
    await editor.rest()
    # pytest-lsp warns of a token that was not created.
    (reports,) = editor.client.progress_reports.values()
    assert isinstance(reports[0], types.WorkDoneProgressBegin) and reports[0].title
    assert isinstance(reports[-1], types.WorkDoneProgressEnd)
    other = await start()
    await other.initialize(workspace("other", {"Dockerfile": BAD}))
    await other.rest()
    assert other.client.progress_reports == {}, "it was not asked for"


async def test_trace_as_it_is_set(start: Start, workspace: Workspace) -> None:
    editor = await start()
    await editor.initialize(workspace(files={"Dockerfile": BAD}))
    await editor.rest()
    assert editor.traces == []
    for value, has_detail in [(types.TraceValue.Messages, False), (types.TraceValue.Verbose, True)]:
        editor.client.set_trace(types.SetTraceParams(value))
        editor.traces.clear()
        await editor.rest()
        told = next(it for it in editor.traces if "textDocument/diagnostic" in it.message)
        assert bool(told.verbose) == has_detail
    editor.client.set_trace(types.SetTraceParams(types.TraceValue.Off))
    await editor.rest()
    editor.traces.clear()
    await editor.rest()
    assert editor.traces == []


async def test_log_into_a_file(start: Start, tmp_path: Path) -> None:
    editor = await start("--log", tmp_path / "hostfit.log")
    await editor.initialize()
    await editor.rest()
    await within(editor.client.shutdown_session())
    assert "textDocument/diagnostic" in (tmp_path / "hostfit.log").read_text()


EDITORS = ["neovim@0.7.0", "neovim@0.8.0", "neovim@0.10.0", "neovim@0.11.0", "emacs@29.1", "visual_studio_code@1.65.2"]


@pytest.mark.parametrize("name", EDITORS)
async def test_session_of_each_editor(name: str, start: Start, workspace: Workspace) -> None:
    """What released editors say that they can do is taken, and an error is found, fixed and gone."""
    root = workspace(files={"Dockerfile": BAD, "other/Dockerfile": BAD})
    capabilities = like(name)
    editor = await start()
    await editor.initialize(root, capabilities=capabilities)
    offered = capabilities.general.position_encodings if capabilities.general else None
    assert editor.encoding in (offered or ["utf-16"])
    uri = editor.open(root / "Dockerfile")
    asks = capabilities.text_document.diagnostic is not None and editor.server.diagnostic_provider is not None
    if asks:
        assert await editor.found(uri) == ["unknown-tag 0:42-0:46"]
        assert editor.published == [], "who asks would see everything twice"
    else:
        assert await editor.pushed(uri) == ["unknown-tag 0:42-0:46"]
        assert await editor.pushed(root / "other/Dockerfile") == ["unknown-tag 0:42-0:46"]
    fix = next(it for it in await editor.actions(uri, only=["quickfix"]) if it.is_preferred)
    editor.change(uri, editor.edited(fix.edit)[uri])
    assert editor.texts[uri].text == "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
    assert (await editor.found(uri) if asks else await editor.pushed(uri, lambda it: not it)) == []
