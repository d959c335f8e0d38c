"""What pages show of terminals is what their commands print; ``pytest tests/documents --write`` renews it."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Repository
from tests.documents.pages import renew_session, run_page
from tests.limits import SLOW

DOCS = Path(__file__).parents[2] / "docs"
# What a page needs besides the files that it shows, and the width of its terminal.
FILES = {
    "limits": {"generated.py": SLOW},
    "troubleshooting": {"src/cart.py": b"def f():\n    return 1\n"},
}
COLUMNS = {"get-started": "80"}
# The plugins that our items are tested beside would change what is shown.
ALONE = "-p no:randomly -p no:sugar -p no:pytest_jsonreport -p no:html -p no:cacheprovider"
# A test of its own writes a folder for each session of settings.
UNTRIED = {"settings"}
PAGES = sorted(page.stem for page in DOCS.glob("*.md") if "\n```console\n" in page.read_text("utf-8"))


def run(capsys: pytest.CaptureFixture[str], command: str) -> str:
    """Return what a command prints: one of ours in this process, another in one of its own."""
    line, _, source = command.partition(" < ")
    program, *arguments = shlex.split(line)
    if program != "pytest-antipasta":
        return _run_another(program, arguments)
    data = io.BytesIO(Path(source).read_bytes() if source else b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(data))
        main(arguments)
    return "".join(capsys.readouterr())


def _run_another(program: str, arguments: list[str]) -> str:
    words = {"git": ["git"], "python": [sys.executable], "pytest": [sys.executable, "-m", "pytest"]}[program]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [*words, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pages show what Linux prints")
@pytest.mark.parametrize("name", [name for name in PAGES if name not in UNTRIED])
def test_commands_print_what_their_page_shows(
    name: str,
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    renew: Callable[[Path, str], None],
) -> None:
    for path, data in FILES.get(name, {}).items():
        place = repository.path / path
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    monkeypatch.chdir(repository.path)
    monkeypatch.setenv("COLUMNS", COLUMNS.get(name, os.environ["COLUMNS"]))
    monkeypatch.setenv("PYTEST_ADDOPTS", ALONE)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    page = DOCS / f"{name}.md"
    renew(page, run_page(page, repository.path, partial(run, capsys)))


@pytest.mark.parametrize(
    ("shown", "printed", "renewed"),
    [
        ("a\n", "a\n", "a\n"),
        ("a\n", "b\n", "b\n"),
        ("a … c\n", "a b c\n", "a … c\n"),
        ("a … c\nd\n", "a b c\ne\n", "a … c\ne\n"),
        ("a\n…\nd\n", "a\nb\nc\nd\n", "a\n…\nd\n"),
        ("a\n…\nd\ne\n", "a\nb\nc\nd\nf\n", "a\n…\nd\nf\n"),
        ("a\n…\nd\n", "a\nb\nc\n", "a\nb\nc\n"),
    ],
)
def test_a_session_is_renewed(shown: str, printed: str, renewed: str) -> None:
    assert renew_session(f"$ x y\n{shown}", {"x y": printed}.__getitem__) == f"$ x y\n{renewed}"
