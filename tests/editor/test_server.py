"""What a user does in an editor, and what the server answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from pytest_antipasta.cli import main
from tests.conftest import Repository
from tests.editor import client
from tests.editor.client import Editor, apply, run
from tests.editor.conftest import FAILING, NEAR, PASSING, SETTINGS
from tests.forked import ForkedPython


@pytest.fixture(autouse=True)
def forked_server(forked_python: ForkedPython, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are forked from a Python with the imports done."""
    monkeypatch.setattr(client, "SERVER", [str(forked_python.make_program() / "pytest-antipasta")])


def test_a_session_of_a_user(project: Repository) -> None:
    """Open, type, break, mend, hover, ignore, save."""
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        assert await editor.open(path, PASSING) == []
        assert await editor.point(path, 1) is None
        hover = str(await editor.point(path, 0))
        assert "cyclomatic_complexity 1, must be <= 3 (" in hover
        assert "pyproject.toml:2): within the limit by 2; HEAD has 1" in hover
        assert await editor.ask(path, 0) == []
        (mark,) = await editor.type(path, FAILING)
        assert mark.message == "price: cyclomatic_complexity is 4, must be <= 3 (HEAD has 1)"
        assert str(mark.range) == "0:4-0:9"
        assert (mark.severity, mark.code) == (types.DiagnosticSeverity.Warning, "cyclomatic_complexity")
        await break_and_mend(editor, path)
        await look(editor, path)
        ignored = apply(FAILING, await editor.take(path, 2))
        assert await editor.type(path, ignored) == []
        assert "): tolerated, over by 1: suppressed; HEAD has 1" in str(await editor.point(path, 0))
        editor.save(path, ignored)
        assert await editor.hear(path.as_uri()) == []
        editor.close_buffer(path)
        assert await editor.hear(path.as_uri()) == []

    run(session, project.path)
    assert main(["check", "--config", str(project.path / "pyproject.toml"), str(project.path)]) == 0


async def break_and_mend(editor: Editor, path: Path) -> None:
    (broken,) = await editor.type(path, "def price(:\n")
    assert broken.severity == types.DiagnosticSeverity.Error
    assert broken.message.startswith("not measured (syntax)")
    assert await editor.point(path, 0) is None
    assert len(await editor.type(path, FAILING)) == 1


async def look(editor: Editor, path: Path) -> None:
    hover = str(await editor.point(path, 2))
    assert "**price**" in hover
    assert "cyclomatic_complexity 4, must be <= 3 (" in hover
    assert "): over by 1; HEAD has 1" in hover
    assert "This line: cyclomatic +1" in hover
    ignore, explain = await editor.ask(path, 2)
    assert ignore.title.startswith("Ignore up to the current values: # antipasta: ignore[cyclomatic<=4]")
    assert "cyclomatic_complexity 4, must be <= 3" in await editor.run(explain)


def test_a_script_is_judged_whatever_the_editor_calls_it(project: Repository) -> None:
    path = project.path / "tool"
    script = f"#!/usr/bin/env python3\n{FAILING}"
    path.write_text(script)
    path.chmod(0o755)
    project.git("add", "--chmod=+x", "tool")  # on Windows, it has no other mode

    async def session(editor: Editor) -> None:
        (mark,) = await editor.open_uri(path.as_uri(), script, "shellscript")
        assert mark.range.start.line == 1
        assert await editor.type(path, script.replace("python3", "bash")) == []

    run(session, project.path)


def test_positions_are_in_units_of_utf_16_in_lines_of_python(project: Repository) -> None:
    """A form feed ends no line, whatever `str.splitlines` says."""
    path = project.path / "shop.py"
    head, body = 'def price(order, sign="\U0001f4a9"):  # \U0001f4a9', FAILING.partition("\n")[2]
    text = f"{head}\n{body}"

    async def session(editor: Editor) -> None:
        (mark,) = await editor.open(path, f"class A:\n    def \U00020000x(self, order):\n{indent(body)}")
        assert (mark.range.start.character, mark.range.end.character) == (8, 11)
        await editor.type(path, text)
        change = await editor.take(path, 0)
        assert apply(text, change).startswith(f"{head}  # antipasta: ignore[")
        (mark,) = await editor.type(path, f"a = 1\n\x0c\nb = '\u2028'\r\n{FAILING}")
        assert str(mark.range) == "3:4-3:9"

    run(session, project.path)


def indent(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def test_lines_may_end_in_a_carriage_return(project: Repository) -> None:
    path = project.path / "shop.py"
    text = f"import a\nb = 1\n{FAILING}".replace("\n", "\r\n")

    async def session(editor: Editor) -> None:
        (mark,) = await editor.open(path, text)
        assert str(mark.range) == "2:4-2:9"
        assert "This line: cyclomatic +1" in str(await editor.point(path, 6))
        change = await editor.take(path, 2)
        ignored = apply(text, change)
        assert ignored.count("\r\n") == ignored.count("\r") == text.count("\n")
        assert "\r\ndef price(order):  # antipasta: ignore[" in ignored
        assert await editor.type(path, ignored) == []

    run(session, project.path)


def test_settings_that_break_are_reported_and_those_that_change_count(project: Repository) -> None:
    path, settings = project.path / "shop.py", project.path / "pyproject.toml"

    async def session(editor: Editor) -> None:
        assert len(await editor.open(path, FAILING)) == 1
        settings.write_text("[tool.pytest-antipasta]\nunknown_setting = 1\n")
        editor.save(path, FAILING)
        assert await editor.hear(path.as_uri()) == []
        await editor.type(path, f"{FAILING}\n")
        assert len(editor.messages) == 1, "it is told once"
        assert "unknown_setting" in editor.messages[0]
        assert await editor.point(path, 0) is None
        settings.write_text(SETTINGS.replace("3", "2"))
        change = types.FileEvent(settings.as_uri(), types.FileChangeType.Changed)
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
        (mark,) = await editor.hear(path.as_uri())
        assert "must be <= 2" in mark.message
        settings.write_text("[tool.pytest-antipasta\n")
        await editor.type(path, FAILING)
        assert len(editor.messages) == 2

    run(session, project.path)


def test_an_extension_that_is_missing_is_reported_once(project: Repository) -> None:
    path = project.path / "shop.py"
    (project.path / "pyproject.toml").write_text(f'{SETTINGS}"ours:lines" = 3\n')

    async def session(editor: Editor) -> None:
        assert await editor.open(path, PASSING) == []
        assert len(await editor.type(path, FAILING)) == 1
        (message,) = editor.messages
        assert "ours:lines is configured, but extension ours is not installed" in message

    run(session, project.path)


def test_a_comment_without_effect_is_reported(project: Repository) -> None:
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        text = PASSING.replace(":\n", ":  # antipasta: ignore old\n", 1)
        (mark,) = await editor.open(path, text)
        assert mark.message == "unused suppression: nothing in price is over a limit"
        assert mark.severity == types.DiagnosticSeverity.Information

    run(session, project.path)


def test_overrides_baseline_and_exclusions_are_those_of_the_file(
    project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project.path
    (root / "pyproject.toml").write_text(
        "[tool.pytest-antipasta]\nexclude = ['left_out.py']\n"
        f"{SETTINGS}\n[[tool.pytest-antipasta.overrides]]\n"
        "files = ['loose/**']\nthresholds = {cyclomatic_complexity = 9}\n"
    )
    (root / "known.py").write_text(FAILING)
    monkeypatch.chdir(root)
    assert main(["baseline", "write", "known.py"]) == 0

    async def session(editor: Editor) -> None:
        assert await editor.open(root / "known.py", FAILING) == []
        assert "tolerated, over by 1: baseline" in (await editor.point(root / "known.py", 0) or "")
        assert len(await editor.type(root / "known.py", f"{FAILING}    if 3:\n        return 3\n")) == 1
        assert await editor.open(root / "loose" / "new.py", FAILING) == []
        assert await editor.open(root / "left_out.py", FAILING) == []
        assert len(await editor.open(root / "new.py", FAILING)) == 1

    run(session, root)


def test_each_folder_of_a_workspace_has_its_settings(project: Repository, tmp_path: Path) -> None:
    other, outside = tmp_path / "other", tmp_path / "outside"
    for folder in (other, outside):
        folder.mkdir()
    (other / "pyproject.toml").write_text(SETTINGS.replace("3", "2"))

    async def session(editor: Editor) -> None:
        (mark,) = await editor.open(project.path / "a.py", FAILING)
        assert "must be <= 3" in mark.message
        (mark,) = await editor.open(other / "a.py", FAILING)
        assert "must be <= 2" in mark.message
        assert await editor.open(outside / "a.py", FAILING) == [], "the default is 10"
        assert await editor.open(tmp_path / "nowhere" / "a.py", FAILING) == []
        (mark,) = await editor.open_uri("untitled:Untitled-1", FAILING)
        assert "must be <= 3" in mark.message
        assert await editor.open_uri((other / "a.txt").as_uri(), FAILING, "plaintext") == []
        assert editor.messages == []
        (other / "pyproject.toml").write_text("[tool.pytest-antipasta\n")
        for number in range(3):
            await editor.type(other / "a.py", f"a = {number}\n")
            assert len(await editor.type(project.path / "a.py", f"{FAILING}a = {number}\n")) == 1
        assert len(editor.messages) == 1, "what is wrong in one folder is told once, whatever others have"

    run(session, project.path, other)


def test_a_uri_may_have_escaped_characters(tmp_path: Path) -> None:
    """pygls 2.1 keeps documents and folders by their unquoted URIs."""
    folder = tmp_path / "100%25 c# \xe4"
    (folder / "inner").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(SETTINGS.replace("3", "2"))
    (folder / "inner" / "pyproject.toml").write_text(SETTINGS)

    async def session(editor: Editor) -> None:
        for name in ("shop 1.py", "\xe4.py", "[a].py", "a%20b.py", "c#.py"):
            path = folder / "inner" / name
            (mark,) = await editor.open(path, NEAR)
            assert "must be <= 2" in mark.message, "the settings are those of the workspace folder"
            assert await editor.type(path, PASSING) == []
            await editor.type(path, NEAR)
            assert len(await editor.ask(path, 0)) > 1
            editor.save(path, NEAR)
            assert len(await editor.hear(path.as_uri())) == 1

    run(session, folder)


def test_cells_of_notebooks_and_old_versions_are_not_judged(project: Repository) -> None:
    async def session(editor: Editor) -> None:
        for uri in ("vscode-notebook-cell:/a.ipynb#W1", "git:/shop.py?%7B%22ref%22%3A%22HEAD%22%7D"):
            assert await editor.open_uri(uri, f"%time\n{FAILING}") == []

    run(session, project.path)


def test_a_burst_of_keystrokes_is_judged_once(project: Repository) -> None:
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        await editor.open(path, PASSING)
        for number in range(50):
            editor.put(path, f"{PASSING}a = {number}\n")
        assert len(await editor.type(path, FAILING)) == 1
        assert editor.heard < 10

    run(session, project.path)


def test_a_buffer_that_is_read_again_is_compared_with_the_new_head(project: Repository) -> None:
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        assert await editor.open(path, PASSING) == []
        (mark,) = await editor.type(path, FAILING)
        assert mark.message.endswith(" (HEAD has 1)")
        path.write_text(FAILING, encoding="utf-8", newline="\n")
        project.git("commit", "-q", "-a", "-m", "another branch")
        (mark,) = await editor.type(path, FAILING)
        assert mark.message.endswith("must be <= 3")

    run(session, project.path)


@pytest.mark.slow
def test_a_missing_extra_says_how_to_install_it(tmp_path: Path) -> None:
    program = (
        "import sys\nsys.modules['pygls'] = None\n"
        "from pytest_antipasta.cli import main\nsys.exit(main(['lsp']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="", capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert "is not installed; `pip install 'pytest-antipasta[lsp]'`" in done.stderr
    assert done.stdout == ""


def format_message(**fields: object) -> bytes:
    """Return a message as the protocol frames it."""
    body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


BEGUN = format_message(id=1, method="initialize", params={"processId": None, "capabilities": {}})
OPENED = format_message(
    method="textDocument/didOpen",
    params={"textDocument": {"uri": "untitled:a", "languageId": "python", "version": 1, "text": "def f(:\n"}},
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("messages", "answer"),
    [
        pytest.param(b"", b"", id="before a word"),
        pytest.param(
            BEGUN + b"Content-Length: 3\r\n\r\n{{{" + OPENED, b"not measured (syntax)", id="garbled"
        ),
    ],
)
def test_a_client_that_is_gone_ends_it(messages: bytes, answer: bytes, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest_antipasta", "lsp", "--stdio"]  # which some clients add
    done = subprocess.run(command, input=messages, capture_output=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0
    assert answer in done.stdout
    assert bool(done.stdout) == bool(answer)


NESTED = """\
def find(user):
    if user:
        if user.name:
            if user.is_active:
                return "\U0001f4a9"
    return None
"""
COGNITIVE = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = false\ncognitive_complexity = 1\n"


def test_a_fix_makes_what_its_title_promises(project: Repository) -> None:
    (project.path / "pyproject.toml").write_text(COGNITIVE)
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        assert len(await editor.open(path, NESTED)) == 1
        assert await editor.look(path) == {0: "cognitive 6/1"}
        fix, *others = await editor.ask(path, 3)
        assert isinstance(fix, types.CodeAction)
        assert fix.title.startswith("Merge the two ifs, lines 3-5: cognitive 6 \N{RIGHTWARDS ARROW} ")
        assert others[-1].title == "Explain find"
        assert fix.edit
        assert fix.edit.document_changes
        (change,) = fix.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1, "clients refuse it for a later text"
        (edit,) = change.edits
        assert isinstance(edit, types.TextEdit)
        lines = NESTED.split("\n")
        lines[edit.range.start.line : edit.range.end.line] = edit.new_text.split("\n")[:-1]
        await editor.type(path, "\n".join(lines))
        reached = fix.title.partition("\N{RIGHTWARDS ARROW} ")[2].partition(",")[0]
        assert await editor.look(path) == {0: f"cognitive {reached}/1"}

    support = types.WorkspaceEditClientCapabilities(document_changes=True)
    workspace = types.WorkspaceClientCapabilities(workspace_edit=support)
    run(session, project.path, capabilities=types.ClientCapabilities(workspace=workspace))


def test_only_the_kinds_that_an_editor_asks_for_are_offered(project: Repository) -> None:
    """Before each save, some ask for `source.organizeImports` in the whole file, which would take plans."""
    (project.path / "pyproject.toml").write_text(COGNITIVE)
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        await editor.open(path, NESTED)
        assert not await editor.ask(path, 3, ["source.organizeImports", "quickfix.other"])
        everything = await editor.ask(path, 3)
        for kinds in (["source", "quickfix"], [""], []):
            assert await editor.ask(path, 3, kinds) == everything != []

    run(session, project.path)


@pytest.mark.parametrize(
    ("options", "shown", "said"),
    [
        pytest.param({"inlayHints": "all"}, {0: "cyclomatic 1/3", 2: "cyclomatic 3/3"}, [], id="all"),
        pytest.param(
            {"inlayHints": ["all"]},
            {2: "cyclomatic 3/3"},
            ["pytest-antipasta: inlayHints: a list is not one of near, all, off"],
            id="wrong",
        ),
    ],
)
def test_the_client_says_which_values_are_shown(
    project: Repository, options: object, shown: dict[int, str], said: list[str]
) -> None:
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        await editor.open(path, PASSING + NEAR)
        assert await editor.look(path) == shown
        assert editor.messages == said
        await editor.type(path, "def f(:\n")
        assert await editor.look(path) == {}

    run(session, project.path, options=options)


def test_values_are_shown_again_where_settings_change(project: Repository) -> None:
    path = project.path / "shop.py"

    async def session(editor: Editor) -> None:
        await editor.open(path, NEAR)
        assert editor.refreshed == 0
        (project.path / "pyproject.toml").write_text(SETTINGS.replace("3", "9"))
        editor.save(path, NEAR)
        await editor.hear(path.as_uri())
        assert await editor.look(path) == {}
        assert editor.refreshed == 1

    support = types.InlayHintWorkspaceClientCapabilities(refresh_support=True)
    workspace = types.WorkspaceClientCapabilities(inlay_hint=support)
    run(session, project.path, capabilities=types.ClientCapabilities(workspace=workspace))
