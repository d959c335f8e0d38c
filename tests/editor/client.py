"""An editor: pygls's own client with a server in a process of its own.

Not pytest-lsp, whose plugin for asyncio would be loaded into each of the sessions that other tests start.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 30.0
SERVER = [sys.executable, "-m", "pytest_antipasta"]
"""The program that has the server as one of its commands."""


class Editor(LanguageClient):
    """Has buffers, and hears what the server says of them."""

    def __init__(self) -> None:
        """Begin without a server."""
        super().__init__("editor", "1")
        self.messages: list[str] = []
        self.heard = 0
        self._versions: dict[str, int] = {}
        self._said: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._hear(params))
        self.refreshed = 0
        self.feature(types.WORKSPACE_INLAY_HINT_REFRESH)(lambda _: self._refresh())
        self.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self.messages.append(params.message))

    def _hear(self, params: types.PublishDiagnosticsParams) -> None:
        self.heard += 1
        self._said.put_nowait(params)

    def _refresh(self) -> None:
        self.refreshed += 1

    @property
    def pid(self) -> int:
        """Return the server's process."""
        assert self._server is not None
        return self._server.pid

    async def open(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Open a buffer, and return what is wrong with it."""
        return await self.open_uri(path.as_uri(), text)

    async def open_uri(self, uri: str, text: str, language: str = "python") -> list[types.Diagnostic]:
        self._versions[uri] = 1
        document = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(document))
        return await self.hear(uri)

    async def type(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Have another text in a buffer, and return what is wrong with it."""
        self.put(path, text)
        return await self.hear(path.as_uri())

    def put(self, path: Path, text: str) -> None:
        """Have another text in a buffer."""
        uri = path.as_uri()
        self._versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(uri=uri, version=self._versions[uri])
        change = types.TextDocumentContentChangeWholeDocument(text=text)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, path: Path, text: str) -> None:
        """Write a buffer, and say so."""
        path.write_text(text, encoding="utf-8")
        document = types.TextDocumentIdentifier(uri=path.as_uri())
        self.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def close_buffer(self, path: Path) -> None:
        self.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri=path.as_uri()))
        )

    async def hear(self, uri: str) -> list[types.Diagnostic]:
        """Return what the server says next of a buffer as it is now."""
        while True:
            said = await asyncio.wait_for(self._said.get(), PATIENCE)
            if said.uri == uri and said.version in (None, self._versions[uri]):
                return [*said.diagnostics]

    async def point(self, path: Path, line: int) -> str | None:
        """Return what a hover over a line, 0-based, shows."""
        document = types.TextDocumentIdentifier(uri=path.as_uri())
        found = await asyncio.wait_for(
            self.text_document_hover_async(types.HoverParams(document, types.Position(line, 0))), PATIENCE
        )
        if found is None:
            return None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def ask(
        self, path: Path, line: int, only: Sequence[str] | None = None
    ) -> Sequence[types.CodeAction | types.Command]:
        """Return what is offered at a line, 0-based, of some kinds."""
        document = types.TextDocumentIdentifier(uri=path.as_uri())
        place = types.Range(types.Position(line, 0), types.Position(line, 0))
        params = types.CodeActionParams(document, place, types.CodeActionContext([], only))
        return await self.text_document_code_action_async(params) or []

    async def take(self, path: Path, line: int) -> types.TextEdit:
        """Return what the first of the offers at a line does."""
        action = (await self.ask(path, line))[0]
        assert isinstance(action, types.CodeAction)
        assert action.edit
        assert action.edit.changes
        (change,) = action.edit.changes[path.as_uri()]
        assert isinstance(change, types.TextEdit)
        return change

    async def look(self, path: Path, last: int = 99) -> dict[int, str]:
        """Return what stands behind lines, 0-based, up to a last one."""
        document = types.TextDocumentIdentifier(uri=path.as_uri())
        place = types.Range(types.Position(0, 0), types.Position(last, 0))
        found = await self.text_document_inlay_hint_async(types.InlayHintParams(document, place))
        return {hint.position.line: str(hint.label) for hint in found or ()}

    async def run(self, command: types.CodeAction | types.Command) -> str:
        """Run a command that was offered, and return what it says."""
        assert isinstance(command, types.Command)
        params = types.ExecuteCommandParams(command=command.command, arguments=command.arguments)
        return str(await self.workspace_execute_command_async(params))


_T = TypeVar("_T")
Session: TypeAlias = Callable[[Editor], Coroutine[Any, Any, _T]]
"""What a user does."""


@asynccontextmanager
async def edit(
    *folders: Path, capabilities: types.ClientCapabilities | None = None, options: object = None
) -> AsyncIterator[Editor]:
    """Start an editor over folders, and end it as editors do."""
    editor = Editor()
    await editor.start_io(*SERVER, "lsp")
    named = [types.WorkspaceFolder(uri=folder.as_uri(), name=folder.name) for folder in folders]
    params = types.InitializeParams(
        capabilities=capabilities or types.ClientCapabilities(),
        workspace_folders=named,
        initialization_options=options,
    )
    await asyncio.wait_for(editor.initialize_async(params), PATIENCE)
    editor.initialized(types.InitializedParams())
    try:
        yield editor
    finally:
        await asyncio.wait_for(editor.shutdown_async(None), PATIENCE)
        editor.exit(None)
        await editor.stop()  # type: ignore[no-untyped-call]  # of pygls


def run(session: Session[_T], *folders: Path, **asked: Any) -> _T:
    """Go through a session of a user, and return its result; for what is asked, see :func:`edit`."""

    async def go() -> _T:
        async with edit(*folders, **asked) as editor:
            return await session(editor)

    return asyncio.run(go())


def apply(text: str, edit: types.TextEdit) -> str:
    """Return a text after an edit within one line, whose positions are in UTF-16."""
    lines = text.split("\n")
    place = edit.range.start.line
    units = lines[place].encode("utf-16-le")
    before, after = units[: 2 * edit.range.start.character], units[2 * edit.range.end.character :]
    lines[place] = f"{before.decode('utf-16-le')}{edit.new_text}{after.decode('utf-16-le')}"
    return "\n".join(lines)
