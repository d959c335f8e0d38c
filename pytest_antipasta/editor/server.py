"""The language server: receives buffers and sends diagnostics, hovers and actions, over standard streams."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path, uri_scheme
from pygls.workspace import TextDocument

from pytest_antipasta.editor.actions import Action, Replacement, explain_block, find_actions
from pytest_antipasta.editor.buffers import Committed, JudgedBuffer, judge_buffer, read_committed
from pytest_antipasta.editor.fixes import find_fixes
from pytest_antipasta.editor.hovers import format_hover
from pytest_antipasta.editor.inlays import SHOWN, Inlay, Shown, find_inlays
from pytest_antipasta.editor.marks import Mark, find_marks
from pytest_antipasta.editor.messages import MessageReader
from pytest_antipasta.messages import format_value
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.environment import VERSION
from pytest_antipasta.runtime.failures import describe_failure
from pytest_antipasta.runtime.garbage import gc_often
from pytest_antipasta.runtime.scripts import HEAD_SIZE, SOURCE_ENDINGS, has_no_suffix, names_python

_NAME = "pytest-antipasta"
_EXPLAIN = "pytest-antipasta.explain"
# Seconds without typing before a buffer is judged.
_PAUSE = 0.15
# VS Code opens the cells of notebooks, and files of other commits, as buffers of their own.
_NO_FILES = ("vscode-notebook-cell", "git")
# Kinds of code actions that include all of ours.
_WIDE_KINDS = (types.CodeActionKind.Empty, types.CodeActionKind.QuickFix)
# The last one changes with HEAD: by a commit, or another branch.
_WATCHED = ("**/pyproject.toml", "**/.antipasta.yaml", "**/*antipasta*.json", "**/.git/logs/HEAD")


class Server(LanguageServer):
    """Judges the open buffers of an editor, and keeps the last verdict on each.

    Complete texts are synchronised, not differences: pygls splits lines at other characters than Python and
    editors.
    """

    def __init__(self) -> None:
        super().__init__(_NAME, VERSION, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self._judged: dict[str, JudgedBuffer] = {}
        self._committed: dict[str, Committed] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._shown: dict[Path, str] = {}
        self._troubles: set[str] = set()
        self.inlays: Shown = "near"

    def judge(self, uri: str) -> None:
        """Judge a buffer, and show its diagnostics."""
        self._cancel(uri)
        self._forget_done()
        document = self._find_open(uri)
        if document is None:
            return
        judged = self._judge(document)
        if judged is None:
            self._judged.pop(uri, None)
        else:
            self._judged[uri] = judged
        marks = [] if judged is None else [(judged.lines[mark.line], mark) for mark in find_marks(judged)]
        shown = [self._make_diagnostic(document.uri, text, mark) for text, mark in marks]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, document.version))

    def judge_soon(self, uri: str) -> None:
        """Judge a buffer after a pause in typing."""
        self._cancel(uri)
        loop = asyncio.get_running_loop()
        self._waiting[uri] = loop.call_later(_PAUSE, self._judge_changed, uri)

    def judge_all(self) -> None:
        """Judge all buffers: settings, a baseline or HEAD may have changed."""
        for document in [*self.workspace.text_documents.values()]:
            self.refresh(document.uri)
            self.judge(document.uri)
        workspace = self.client_capabilities.workspace
        if workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    def refresh(self, uri: str) -> None:
        """Read a file in HEAD."""
        location = _find_location(uri)
        last = self._committed.get(uri, Committed())
        committed = last if location is None else read_committed(location, last)
        self._committed[uri] = committed
        if committed.trouble:
            self._warn(f"values are not compared with HEAD, as git failed: {committed.trouble}")

    def forget(self, uri: str) -> None:
        """Drop all data of a closed buffer."""
        self._cancel(uri)
        self._judged.pop(uri, None)
        self._committed.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def find_judged(self, uri: str) -> JudgedBuffer | None:
        """Return the verdict on the current text of a buffer."""
        if uri in self._waiting:
            self._judge_changed(uri)
        return self._judged.get(uri)

    def make_position(self, uri: str, text: str, line: int, index: int) -> types.Position:
        """Return a position in the client's units: UTF-16 unless it has requested others."""
        count = self.workspace.get_text_document(uri).position_codec.client_num_units
        return types.Position(line, count(text[:index]))

    def make_edit(self, uri: str, edit: types.TextEdit) -> types.WorkspaceEdit:
        """Return an edit of a buffer, which clients refuse for a later text if they can."""
        workspace = self.client_capabilities.workspace
        edits = workspace and workspace.workspace_edit
        if not (edits and edits.document_changes):
            return types.WorkspaceEdit(changes={uri: [edit]})
        version = self.workspace.get_text_document(uri).version
        document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [edit])])

    def _judge_changed(self, uri: str) -> None:
        """Judge a buffer that was changed; with the file's text, it was read again, as on another branch."""
        document, location = self._find_open(uri), _find_location(uri)
        if document is not None and location is not None and _has_text(location, document.source):
            self.refresh(uri)
        self.judge(uri)

    def _find_open(self, uri: str) -> TextDocument | None:
        """Return an open buffer, which pygls 2.1 keeps by its unquoted URI, and pygls 2.0 by its URI."""
        documents: Mapping[str, TextDocument] = self.workspace.text_documents
        return documents.get(unquote(uri)) or documents.get(uri)

    def _cancel(self, uri: str) -> None:
        if (timer := self._waiting.pop(uri, None)) is not None:
            timer.cancel()

    def _forget_done(self) -> None:
        """Drop what pygls 2.1 keeps of each notification for good: 1.2 KB for a keystroke.

        It forgets a future when it sends an answer, and notifications have none.
        """
        futures = self.protocol._request_futures
        for name in [name for name, future in futures.items() if future.done()]:
            del futures[name]

    def _judge(self, document: TextDocument) -> JudgedBuffer | None:
        """Return the verdict; ``None`` for an error, which is shown once."""
        if uri_scheme(document.uri) in _NO_FILES:
            return None
        location = _find_location(document.uri)
        if document.language_id != "python" and not _is_python(location or "", document.source):
            return None
        folder = self._find_folder(location)
        try:
            uri, text = document.uri, document.source
            committed = self._committed.get(uri, Committed())
            judged = judge_buffer(folder, location, text, committed, self._judged.get(uri))
        except UsageError as error:
            self._show_error(folder, f"{_NAME}: {error}")
        except Exception as failure:  # the next buffer may be judged without an error
            self._show_error(folder, f"{_NAME}: internal error: {describe_failure(failure)}")
        else:
            self._shown.pop(folder, None)
            for fault in judged.rules.faults if judged is not None else ():
                self._warn(fault)
            return judged
        return None

    def _warn(self, message: str) -> None:
        """Show a warning, once."""
        if message not in self._troubles:
            self._troubles.add(message)
            params = types.ShowMessageParams(types.MessageType.Warning, f"{_NAME}: {message}")
            self.window_show_message(params)

    def _show_error(self, folder: Path, message: str) -> None:
        """Show an error in a folder, once."""
        if message != self._shown.get(folder):
            self._shown[folder] = message
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, message))

    def _find_folder(self, location: str | None) -> Path:
        """Return the innermost workspace folder that contains a file, or the file's own folder."""
        named = [to_fs_path(folder.uri) for folder in self.workspace.folders.values()]
        folders = [Path(name) for name in (*named, self.workspace.root_path) if name]
        if location is None:
            return folders[0] if folders else Path.cwd()
        around = [folder for folder in folders if Path(location).is_relative_to(folder)]
        own = next(parent for parent in Path(location).parents if os.path.isdir(parent))
        return max(around, key=lambda folder: len(folder.parts), default=own)

    def _make_diagnostic(self, uri: str, text: str, mark: Mark) -> types.Diagnostic:
        """Return the diagnostic of a mark in a line with a text."""
        ends = (self.make_position(uri, text, mark.line, index) for index in (mark.start, mark.end))
        return types.Diagnostic(
            types.Range(*ends),
            mark.message,
            severity=types.DiagnosticSeverity[mark.level.capitalize()],
            code=mark.code,
            source=_NAME,
        )


def _find_location(uri: str) -> str | None:
    """Return the file of a buffer; ``None`` if it was never saved."""
    return to_fs_path(uri) if uri_scheme(uri) == "file" else None


def _has_text(location: str, text: str) -> bool:
    """Return whether a file has a text, in UTF-8."""
    try:
        return Path(location).read_bytes() == text.encode("utf-8", "replace")
    except (OSError, ValueError):
        return False


def _is_python(location: str, text: str) -> bool:
    """Return whether a file is Python by its name, or by its first line if it has no suffix."""
    if location.lower().endswith(SOURCE_ENDINGS):
        return True
    return has_no_suffix(Path(location).name) and names_python(text[:HEAD_SIZE].encode())


def make_server() -> Server:
    """Return a server with all handlers."""
    server = Server()
    _add_documents(server)
    _add_questions(server)
    return server


def _add_documents(server: Server) -> None:
    """Judge buffers when they are opened, changed and saved."""

    @server.feature(types.INITIALIZE)
    def begin(params: types.InitializeParams) -> None:
        options = params.initialization_options
        asked = options.get("inlayHints", server.inlays) if isinstance(options, dict) else server.inlays
        if asked in SHOWN:
            server.inlays = asked
        else:
            message = f"{_NAME}: inlayHints: {format_value(asked)} is not one of {', '.join(SHOWN)}"
            server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))

    @server.feature(types.INITIALIZED)
    async def watch(_: types.InitializedParams) -> None:
        watched = server.client_capabilities.workspace
        files = watched and watched.did_change_watched_files
        if not (files and files.dynamic_registration):
            return
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        name = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registration = types.Registration("pytest-antipasta.settings", name, options)
        await server.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def open_buffer(params: types.DidOpenTextDocumentParams) -> None:
        server.refresh(params.text_document.uri)
        server.judge(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def change(params: types.DidChangeTextDocumentParams) -> None:
        server.judge_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def save(_: types.DidSaveTextDocumentParams) -> None:
        server.judge_all()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def close(params: types.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def follow_settings(_: types.DidChangeWatchedFilesParams) -> None:
        server.judge_all()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def ignore(_: types.DidChangeConfigurationParams) -> None:
        """Editors send their settings unasked, which pygls would warn of; ours came with `initialize`."""

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def follow_folders(_: types.DidChangeWorkspaceFoldersParams) -> None:
        server.judge_all()


def _add_questions(server: Server) -> None:
    """Answer requests about buffers."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        judged = server.find_judged(params.text_document.uri)
        text = judged and format_hover(judged, params.position.line + 1)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def offer(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        uri, lines = params.text_document.uri, params.range
        judged = _find_fixable(server, params)
        if judged is None:
            return []
        asked = judged, lines.start.line + 1, lines.end.line + 1
        found = (*find_fixes(*asked), *find_actions(*asked))
        return [_make_action(server, uri, judged, action) for action in found]

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def decorate(params: types.InlayHintParams) -> list[types.InlayHint]:
        uri, lines = params.text_document.uri, params.range
        judged = server.find_judged(uri)
        if judged is None:
            return []
        found = find_inlays(judged, lines.start.line + 1, lines.end.line + 1, server.inlays)
        return [_make_inlay(server, uri, judged, inlay) for inlay in found]

    @server.command(_EXPLAIN)
    def explain(uri: str, block: str) -> str | None:
        judged = server.find_judged(uri)
        text = judged and explain_block(judged, block)
        if text:
            server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
        return text or None


def _find_fixable(server: Server, params: types.CodeActionParams) -> JudgedBuffer | None:
    """Return the verdict on a buffer; ``None`` if an editor asks for other code actions than ours.

    Before each save, some ask for `source.organizeImports` in the whole file.
    """
    kinds = params.context.only
    if not kinds or any(kind in _WIDE_KINDS for kind in kinds):
        return server.find_judged(params.text_document.uri)
    return None


def _make_action(
    server: Server, uri: str, judged: JudgedBuffer, action: Action
) -> types.CodeAction | types.Command:
    if action.edit is None:
        return types.Command(action.title, _EXPLAIN, arguments=[uri, action.block])
    edit = server.make_edit(uri, _make_edit(server, uri, judged, action.edit))
    return types.CodeAction(action.title, kind=types.CodeActionKind.QuickFix, edit=edit)


def _make_edit(server: Server, uri: str, judged: JudgedBuffer, edit: Replacement) -> types.TextEdit:
    last = edit.line if edit.last is None else edit.last
    places = ((edit.line, edit.start), (last, edit.end))
    ends = (server.make_position(uri, judged.lines[line], line, index) for line, index in places)
    return types.TextEdit(types.Range(*ends), edit.text)


def _make_inlay(server: Server, uri: str, judged: JudgedBuffer, inlay: Inlay) -> types.InlayHint:
    text = judged.lines[inlay.line].rstrip()
    place = server.make_position(uri, text, inlay.line, len(text))
    return types.InlayHint(place, inlay.text, padding_left=True)


def serve() -> None:
    """Serve one client until it disconnects.

    Raises:
        UsageError: it sends something else than messages.
    """
    gc_often()
    stdout = sys.stdout.buffer
    # Other output must not get between messages.
    sys.stdout = sys.stderr
    reader = MessageReader(sys.stdin.fileno())
    make_server().start_io(reader, stdout)  # type: ignore[arg-type]  # reads lines and bytes, as it is asked to
