"""Pictures of terminals in the documentation, made from what the commands print there.

``pytest tests/documents --write`` renews them.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.documents.drawing import THEMES, draw_terminal
from tests.documents.pages import iter_blocks
from tests.terminals import iter_sent, open_terminal
from tests.trend.conftest import function

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "pictures"
COLUMNS = 84
# What a run takes differs between two.
_SECONDS = re.compile(r"in \d+\.\d\d s")
TITLES = {
    "commit": "git commit is blocked: in cookies.py, find_cookie, renamed from find, has cognitive "
    "complexity 19 of at most 15, which was 14. A proven step of pytest-antipasta fix makes it 14 again.",
    "trend": "pytest-antipasta trend: what two years of commits did to complexity, as a plot of each number, "
    "and the commit in which the worst function exceeded its limit.",
}
# Dates and subjects of commits, with the complexity of each function from then on.
HISTORY: tuple[tuple[str, str, Mapping[str, int]], ...] = (
    ("2024-03-04", "Sell the first book", {"cart.py::total": 3, "stock.py::reserve": 4, "mail.py::send": 2}),
    ("2024-04-08", "Give members a discount", {"cart.py::total": 5, "users.py::log_in": 5}),
    ("2024-05-06", "Take coupons", {"cart.py::total": 9, "coupons.py::parse": 6}),
    ("2024-06-03", "Ship abroad", {"shipping.py::price": 8, "shipping.py::route": 7}),
    ("2024-07-01", "Sell by the piece", {"cart.py::total": 12, "stock.py::reserve": 6}),
    ("2024-08-05", "Ask for customs papers", {"shipping.py::price": 13, "mail.py::send": 4}),
    ("2024-09-02", "Let customers return things", {"returns.py::accept": 9, "stock.py::reserve": 8}),
    ("2024-10-07", "Pay by invoice", {"pay.py::charge": 11, "pay.py::remind": 5, "users.py::log_in": 7}),
    ("2024-11-04", "Refund in part", {"returns.py::accept": 14, "pay.py::refund": 6}),
    ("2024-12-02", "Combine coupons", {"cart.py::total": 16, "coupons.py::parse": 12}),
    ("2025-01-06", "Split price by country", {"shipping.py::price": 6, "shipping.py::customs": 7}),
    ("2025-02-03", "Split total", {"cart.py::total": 7, "cart.py::discount": 8}),
    ("2025-03-03", "Search by author", {"search.py::find": 7, "search.py::rank": 6}),
    ("2025-04-07", "Parse coupons by a table", {"coupons.py::parse": 4}),
    ("2025-05-05", "Rank by what sells", {"search.py::rank": 13}),
    ("2025-06-02", "Remind twice", {"pay.py::remind": 8, "mail.py::send": 6}),
    ("2025-07-07", "Accept gifts", {"returns.py::accept": 18}),
    ("2025-08-04", "Split rank", {"search.py::rank": 6, "search.py::weigh": 6}),
    ("2025-09-01", "Reserve for a day", {"stock.py::reserve": 9, "stock.py::release": 3}),
    ("2025-10-06", "Charge by a table", {"pay.py::charge": 5}),
    ("2025-11-03", "Log in by mail", {"users.py::log_in": 9}),
    ("2025-12-01", "Refund gifts", {"pay.py::refund": 11}),
    ("2026-01-12", "Find by subject", {"search.py::find": 9}),
    ("2026-02-02", "Split refund", {"pay.py::refund": 7, "pay.py::give_back": 4}),
)


def make_pictures(scratch: Path) -> dict[str, str]:
    """Return the pictures by their names, from commands that run in an empty folder."""
    shown = {"commit": _show_commit(scratch / "commit"), "trend": _show_trend(scratch / "trend")}
    return {
        f"{name}-{theme}.svg": draw_terminal(text, colors, TITLES[name])
        for name, text in shown.items()
        for theme, colors in THEMES.items()
    }


def _show_commit(folder: Path) -> str:
    """Return the commit that the hook blocks on the page to get started."""
    folder.mkdir()
    _run_git(folder, "init", "--quiet")
    before, after = (block for block in iter_blocks(DOCS / "get-started.md") if block.name == "cookies.py")
    (folder / before.name).write_text(before.text, encoding="utf-8")
    for command in ("fix cookies.py::find", "hooks install"):
        run_in_terminal(f"pytest-antipasta {command}", folder)
    _run_git(folder, "add", "--all")
    _run_git(folder, "commit", "--quiet", "--message=Find cookies")
    (folder / after.name).write_text(after.text, encoding="utf-8")
    return _type('git commit --all --message "Leave out expired cookies"', folder)


def _show_trend(folder: Path) -> str:
    """Return what ``trend`` says of the made history of a shop."""
    folder.mkdir()
    _run_git(folder, "init", "--quiet", "--initial-branch=main")
    functions: dict[str, dict[str, str]] = {}
    for date, subject, changed in HISTORY:
        for name, complexity in changed.items():
            path, _, block = name.partition("::")
            functions.setdefault(path, {})[block] = function(complexity, block)
        for path, blocks in functions.items():
            (folder / path).write_text("\n\n".join(blocks.values()), encoding="utf-8")
        _run_git(folder, "add", "--all")
        _run_git(folder, "commit", "--quiet", f"--message={subject}", date=f"{date}T12:00:00+00:00")
    return _type("pytest-antipasta trend", folder)


def _run_git(folder: Path, *arguments: str, date: str = "") -> None:
    """Run git as nobody in particular, on a date if it makes a commit."""
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date} if date else {}
    subprocess.run(["git", *arguments], cwd=folder, env=_make_environment(folder) | dates, check=True)


def _type(command: str, folder: Path) -> str:
    """Return a command as it is typed, with what it prints."""
    return f"\x1b[2m$\x1b[0m \x1b[1m{command}\x1b[0m\n{run_in_terminal(command, folder)}"


def run_in_terminal(command: str, folder: Path) -> str:
    """Return what git or a command of ours sends to a terminal of a folder, with the codes of its colours."""
    program, *args = shlex.split(command)
    programs = {"git": ["git"], "pytest-antipasta": [sys.executable, "-m", "pytest_antipasta"]}
    controller, terminal = open_terminal(COLUMNS)
    line = [*programs[program], *args]
    environment = _make_environment(folder)
    with subprocess.Popen(line, cwd=folder, env=environment, stdout=terminal, stderr=terminal):
        os.close(terminal)
        sent = b"".join(iter_sent(controller))
    os.close(controller)
    return _SECONDS.sub("in 0.02 s", sent.decode().replace("\r\n", "\n"))


def _make_environment(folder: Path) -> dict[str, str]:
    """Return what a command sees: nothing of the user's."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(DOCS.parent),
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PYTEST_ANTIPASTA_CACHE_DIR": str(folder / ".git" / "store"),
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "A. Author"), ("EMAIL", "author@example.org"))
        },
    }
