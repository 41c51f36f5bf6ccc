"""What the tests in editors share: the built server, and an editor that is not ours to talk to it, pytest-lsp's client."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

sys.path.insert(0, str(Path(__file__).parent))
from text import Text  # noqa: E402

ROOT = Path(__file__).parents[2]

# Machines may be busy: nothing waits this long unless it waits in vain.
PATIENCE = int(os.environ.get("PATIENCE", "60"))

BAD = "FROM mcr.microsoft.com/windows/servercore:2022\n"
GOOD = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"


@pytest.fixture(scope="session")
def hostfit() -> Path:
    """The built program."""
    program = Path(os.environ["HOSTFIT"])
    assert program.is_file(), program
    return program


@pytest.fixture
def workspace(tmp_path: Path) -> Callable[..., Path]:
    """Makes folders with files in them, each the root of a repository."""

    def make(name: str = "w", files: dict[str, str] | None = None) -> Path:
        root = tmp_path / name
        # No configuration is looked for above.
        (root / ".git").mkdir(parents=True)
        for path, text in (files or {}).items():
            write(root / path, text)
        return root

    return make


def write(path: Path, text: str) -> None:
    """Writes a file as it is, with its ends of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def run(program: Path, *arguments: object, cwd: Path, text: str | None = None, expect: tuple[int, ...] = (0, 1)) -> str:
    """Runs hostfit and gives its output."""
    words = [str(program), *map(str, arguments)]
    done = subprocess.run(words, cwd=cwd, input=text.encode() if text is not None else None, capture_output=True)
    assert done.returncode in expect, f"{words} ended with {done.returncode}: {done.stderr.decode()}"
    return done.stdout.decode()


class Editor:
    """A client, and the texts that it has open."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.protocol = client.protocol
        self.server: types.ServerCapabilities = types.ServerCapabilities()
        self.encoding = "utf-16"
        self.texts: dict[str, Text] = {}
        self.versions: dict[str, int] = {}
        # What was published, in order.
        self.published: list[types.PublishDiagnosticsParams] = []
        self.registrations: list[types.Registration] = []
        self.traces: list[types.LogTraceParams] = []

    async def initialize(
        self,
        *roots: Path,
        capabilities: types.ClientCapabilities | None = None,
        **more: object,
    ) -> types.InitializeResult:
        folders = [types.WorkspaceFolder(uri=root.as_uri(), name=root.name) for root in roots]
        params = types.InitializeParams(capabilities=capabilities or types.ClientCapabilities(), workspace_folders=folders or None)
        for name, value in more.items():
            setattr(params, name, value)
        result = await within(self.client.initialize_session(params))
        self.server = result.capabilities
        self.encoding = str(result.capabilities.position_encoding or "utf-16")
        return result

    def open(self, path: Path | str, text: str | None = None, language: str = "dockerfile") -> str:
        """Opens a file, or a document of that URI; gives its URI."""
        uri = path.as_uri() if isinstance(path, Path) else path
        if text is None:
            assert isinstance(path, Path)
            text = path.read_bytes().decode()
        self.texts[uri] = Text(text)
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        return uri

    def change(self, uri: str, *changes: tuple[int, int, str] | str) -> None:
        """Replaces code points `start..end` of the text, one change after the other; or all of it."""
        content: list[types.TextDocumentContentChangeEvent] = []
        for change in changes:
            if isinstance(change, str):
                self.texts[uri] = Text(change)
                content.append(types.TextDocumentContentChangeWholeDocument(text=change))
            else:
                start, end, new = change
                text = self.texts[uri]
                content.append(types.TextDocumentContentChangePartial(range=text.range(start, end, self.encoding), text=new))
                self.texts[uri] = Text(text.text[:start] + new + text.text[end:])
        self.versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(uri=uri, version=self.versions[uri])
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(text_document=document, content_changes=content))

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=types.TextDocumentIdentifier(uri=uri)))
        del self.texts[uri]

    def save(self, path: Path, text: str | None) -> None:
        """Writes a file, or removes it, and says so, as an editor that watches files does."""
        kind = types.FileChangeType.Changed if path.exists() else types.FileChangeType.Created
        if text is None:
            path.unlink()
            kind = types.FileChangeType.Deleted
        else:
            write(path, text)
        self.watched(path, kind)

    def watched(self, path: Path, kind: types.FileChangeType) -> None:
        event = types.FileEvent(uri=path.as_uri(), type=kind)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=[event]))

    async def pull(self, document: Path | str, previous: str | None = None) -> types.DocumentDiagnosticReport:
        uri = document.as_uri() if isinstance(document, Path) else document
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri), previous_result_id=previous)
        return await within(self.client.text_document_diagnostic_async(params))

    async def items(self, document: Path | str) -> list[types.Diagnostic]:
        """The diagnostics of a document, asked for."""
        report = await self.pull(document)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport), report
        return list(report.items)

    async def found(self, document: Path | str) -> list[str]:
        """The same, each as `rule line:character-line:character`."""
        return [shown(item) for item in await self.items(document)]

    async def pushed(self, document: Path | str, accept: Callable[[list[str]], bool] = bool) -> list[str]:
        """Waits until the server has sent diagnostics of a document that are accepted: at first, any."""
        uri = document.as_uri() if isinstance(document, Path) else document

        def now() -> list[str]:
            return [shown(item) for item in self.client.diagnostics.get(uri, [])]

        async def wait() -> None:
            while not (uri in self.client.diagnostics and accept(now())):
                await self.client.wait_for_notification("textDocument/publishDiagnostics")

        await within(wait(), lambda: f"of {uri} was last published: {now()}")
        return now()

    async def rest(self) -> None:
        """Waits until all that was said is done: a request is answered behind it."""
        await self.pull("file:///nowhere/Dockerfile")

    async def actions(
        self,
        document: Path | str,
        start: int = 0,
        end: int | None = None,
        only: list[str] | None = None,
    ) -> list[types.CodeAction]:
        """What is offered for code points `start..end`."""
        uri = document.as_uri() if isinstance(document, Path) else document
        text = self.texts[uri]
        params = types.CodeActionParams(
            text_document=types.TextDocumentIdentifier(uri),
            range=text.range(start, len(text.text) if end is None else end, self.encoding),
            context=types.CodeActionContext(diagnostics=[], only=only),
        )
        actions = await within(self.client.text_document_code_action_async(params))
        assert all(isinstance(action, types.CodeAction) for action in actions or []), actions
        return list(actions or [])

    def edited(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """What an edit makes of the texts that it touches."""
        changes = dict(edit.changes or {})
        for change in edit.document_changes or []:
            assert isinstance(change, types.TextDocumentEdit), change
            version = change.text_document.version
            assert version is None or version == self.versions[change.text_document.uri]
            changes[change.text_document.uri] = change.edits
        return {uri: self.texts[uri].edited(edits, self.encoding) for uri, edits in changes.items()}


def shown(item: types.Diagnostic) -> str:
    start, end = item.range.start, item.range.end
    return f"{item.code or '-'} {start.line}:{start.character}-{end.line}:{end.character}"


async def within(work: Awaitable, why: Callable[[], str] = lambda: "no answer"):
    try:
        return await asyncio.wait_for(work, PATIENCE)
    except TimeoutError as error:
        raise AssertionError(f"after {PATIENCE} s: {why()}") from error


Start = Callable[..., Awaitable[Editor]]


@pytest_asyncio.fixture
async def start(hostfit: Path, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a server and an editor, which stop at the end of the test."""
    editors: list[Editor] = []

    async def one(*arguments: object, cwd: Path = tmp_path) -> Editor:
        client = LanguageClient(converter_factory=default_converter)
        editor = Editor(client)
        editors.append(editor)

        def register(params: types.RegistrationParams) -> None:
            editor.registrations += params.registrations

        def trace(params: types.LogTraceParams) -> None:
            editor.traces.append(params)

        def publish(params: types.PublishDiagnosticsParams) -> None:
            client.diagnostics[params.uri] = params.diagnostics
            editor.published.append(params)

        features = {
            types.CLIENT_REGISTER_CAPABILITY: register,
            types.LOG_TRACE: trace,
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: publish,
        }
        register_lsp_features(client, DEFAULT_CLIENT_FEATURES | features)
        await client.start_io(str(hostfit), "lsp", *map(str, arguments), cwd=cwd)
        return editor

    yield one
    for editor in editors:
        server = editor.client._server
        if server and server.returncode is None:
            if editor.client.capabilities:
                await within(editor.client.shutdown_session())
                assert server.returncode == 0
            else:
                server.kill()
        await editor.client.stop()
        assert editor.client.error is None


def watching() -> types.ClientCapabilities:
    """Of an editor that watches files for the server."""
    watched = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    return types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(did_change_watched_files=watched))


def like(editor: str) -> types.ClientCapabilities:
    """What a released editor says of itself, as pytest-lsp recorded it."""
    return client_capabilities(editor)
