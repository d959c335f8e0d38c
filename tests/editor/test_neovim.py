"""Neovim, headless: it shows the values of a function, applies a fix, and the values are those promised.

It is no part of what the tests need: Debian's package `neovim` brings it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program, Repository
from tests.editor.samples import SETTINGS, SHIP
from tests.report.browser import give_up

pytestmark = pytest.mark.programs

SOURCE = f"# ü \U0001f4a9\n{SHIP}"
# Of Neovim 0.7, as Debian 12 has it; later ones have the same functions.
SCRIPT = """\
local program, path, answer = unpack(vim.json.decode(vim.env.ASKED))
vim.cmd("edit " .. path)
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({ name = "antipasta", cmd = { program, "lsp" }, root_dir = vim.env.ROOT })
vim.lsp.buf_attach_client(buffer, client)
vim.wait(20000, function() return #vim.diagnostic.get(buffer) > 0 end)
local document = { uri = vim.uri_from_bufnr(buffer) }

local function ask(method, params)
  local found = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  return found[client].result
end

local whole = { start = { line = 0, character = 0 }, ["end"] = { line = 99, character = 0 } }
local function look()
  local hints = ask("textDocument/inlayHint", { textDocument = document, range = whole })
  local function read(hint) return { hint.position.line, hint.position.character, hint.label } end
  return vim.tbl_map(read, hints)
end

local said = { before = look(), diagnostics = #vim.diagnostic.get(buffer) }
local place = { start = { line = 1, character = 0 }, ["end"] = { line = 1, character = 0 } }
local context = { diagnostics = {} }
local actions = ask("textDocument/codeAction", { textDocument = document, range = place, context = context })
said.titles = vim.tbl_map(function(action) return action.title end, actions)
local edit = actions[2].edit
vim.lsp.util.apply_workspace_edit(edit, "utf-16")
vim.cmd("write")
vim.wait(1000)
said.after = look()
local file = io.open(answer, "w")
file:write(vim.json.encode(said))
file:close()
vim.cmd("qall!")
"""


def run_neovim(project: Path, path: Path, folder: Path) -> dict[str, Any]:
    """Return what Neovim has seen of a file while it applied all steps of the fix."""
    if shutil.which("nvim") is None:
        give_up("needs `apt-get install neovim`")
    script, answer = folder / "script.lua", folder / "answer.json"
    script.write_text(SCRIPT)
    server = shutil.which("pytest-antipasta", path=str(Path(sys.executable).parent))
    subprocess.run(
        ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {script}"],
        cwd=project,
        env={
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
            "ROOT": str(project),
            "ASKED": json.dumps([server, str(path), str(answer)]),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=90,
        check=True,
    )
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


def test_it_shows_values_and_applies_a_fix(
    repository: Repository,
    tmp_path: Path,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (repository.path / "pyproject.toml").write_text(SETTINGS)
    path = repository.path / "shop.py"
    path.write_text(SOURCE, encoding="utf-8")
    said = run_neovim(repository.path, path, tmp_path)
    assert said["before"] == [[1, 22, "cyclomatic 8/10, cognitive 16/4"]]
    assert said["diagnostics"] == 1
    first, every, *others = said["titles"]
    assert first.startswith("Move to a new function, lines 6-9: cognitive 16 → 9, ")
    assert every == "All 2 steps: cognitive 16 → 4, cyclomatic 8 → 4, proven equivalent"
    assert [title.partition(" ")[0] for title in others] == ["Ignore", "Explain"]
    assert [1, 22, "cognitive 4/4"] in said["after"]
    monkeypatch.chdir(repository.path)
    blocks = json.loads(program("measure", "shop.py", "--format", "json").out)["files"][0]["blocks"]
    (ship,) = (block for block in blocks if block["name"] == "ship")
    reached = tuple(map(int, re.findall(r"→ (\d+)", every)))
    assert (ship["cognitive_complexity"], ship["cyclomatic_complexity"]) == reached
    assert main(["check"]) == 0
