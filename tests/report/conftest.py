"""A project with everything that a report can have, and its reports in all formats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.model.formats import OUR_NAMES
from tests.conftest import Repository
from tests.plugin.conftest import FAILING, PASSING
from tests.trend.conftest import Past, function
from tests.windows import can_be_on_disk, decode_name

OF_RUNS = ("prometheus", "run-csv")
"""Formats that have nothing of a file."""
FORMATS = tuple(name for name in OUR_NAMES if name not in (*OF_RUNS, "shard"))
"""Formats that people and programs read, with what was found in files."""
SETTINGS = """\
[tool.pytest-antipasta]
unused_suppressions = "fail"

[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 2
lines_of_code = 4

[[tool.pytest-antipasta.overrides]]
files = ["refused.py"]
thresholds = { cognitive_complexity = { limit = 15, level = "warning" } }
"""
# complexipy rejects this semicolon.
_REFUSED = "def f():\n    raise;\n"
_SUPPRESSED = FAILING.replace(":", ":  # antipasta: ignore[cyclomatic_complexity<=3] as | it is", 1)
_UNUSED = PASSING.replace(":", ":  # antipasta: ignore[cognitive_complexity]", 1)
_TWICE = f"{FAILING}\n\n{FAILING}"
_WORSE = FAILING.replace("return 1", "return a and b")
FILES: Mapping[str, str | bytes] = {
    "a.py": FAILING,
    "bad.py": "def f(:\n",
    "good.py": PASSING,
    "lacking.py": _REFUSED,
    "latin.py": "s = 'é'\n".encode("latin-1"),
    "pkg/methods.py": f"x = 1\n\n\nclass K:\n    {FAILING.replace(chr(10), chr(10) + '    ').rstrip()}\n",
    "pkg/suppressed.py": _SUPPRESSED,
    "pkg/twice.py": _TWICE,
    "proto.py": "def constructor(a):\n    return a\n",
    "refused.py": _REFUSED,
    "unused.py": _UNUSED,
}
HOSTILE = tuple(filter(can_be_on_disk, (
    "new\nline.py", "cr\rlf.py", "100%.py", "%0A.py", "a::b.py", "a|b`c\\.py", "``.py", " `x` .py", "a,b.py",
    "=cmd().py", "@x.py", "+1.py", "-1.py", "\tx.py", "'x\".py", "rtl\u202egpj.py", "<script>&amp;.py",
    "](x)*_b_*.py", "#1.py", "ünï.py", "x" * 150 + "/" + "y" * 146 + ".py", decode_name(b"caf\xe9.py"),
    "\x1b[31m.py", "::error::x.py", "a?b#c.py", "$(id).py",
)))  # fmt: skip


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Repository:
    """A repository whose folder ``app`` is the project, with files of every kind and recorded numbers."""
    repository = Repository(tmp_path_factory.mktemp("reported"))
    root = repository.path / "app"
    files: dict[str, str | bytes] = {
        "pyproject.toml": SETTINGS,
        "pkg/same.py": FAILING,
        "pkg/worse.py": FAILING,
    }
    write(root, files)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        main(["baseline", "write", "--no-cache", "--quiet"])
    write(root, {**FILES, **dict.fromkeys(HOSTILE, FAILING), "pkg/worse.py": _WORSE})
    return repository


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, and the folders that they are in."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def write_reports(folder: Path, *args: str, formats: tuple[str, ...] = FORMATS) -> dict[str, bytes]:
    """Return the reports of a run of ``check`` in a folder, by format."""
    outputs = {form: folder.parent / f"report.{form}" for form in formats}
    reports = (f"--report={form}={path}" for form, path in outputs.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        main(["check", "--quiet", "--no-cache", *reports, *args])
    return {form: path.read_bytes() for form, path in outputs.items()}


def write_report(form: str, folder: Path, *args: str) -> bytes:
    """Return one report of a run of ``check`` in a folder."""
    return write_reports(folder, *args, formats=(form,))[form]


@pytest.fixture(scope="session")
def reports(reported: Repository) -> dict[str, bytes]:
    """The reports of that project, by format."""
    return write_reports(reported.path / "app")


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Past:
    """A repository with a history in which files come, change, are renamed and go."""
    past = Past(tmp_path_factory.mktemp("history") / "project")
    past.record(
        {"a.py": function(3), "lib/old.py": function(5, "g"), "gone.py": function(4, "h")}, 0, "first"
    )
    past.record({"a.py": function(7)}, 10, "a </script> \u202e <b>subject</b>")
    past.record({"lib/old.py": None, "lib/new.py": function(5, "g")}, 20, "rename")
    past.record({"gone.py": None, "lib/deep/b.py": function(9, "k"), "bad.py": "def f(:\n"}, 60, "third")
    past.record(dict.fromkeys(HOSTILE, function(4)), 70, "odd names")
    past.record({"lib/new.py": function(4, "g")}, 80, "last")
    return past


def write_trend_page(folder: Path, *args: str) -> bytes:
    """Return the page of a folder's history."""
    path = folder.parent / "trend.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["trend", "--no-cache", "--html", str(path), *args]) == 0
    return path.read_bytes()


@pytest.fixture(scope="session")
def trend_page(history: Past) -> bytes:
    """The page of that history."""
    return write_trend_page(history.path)


@pytest.fixture(scope="session")
def life_page(history: Past) -> bytes:
    """The page of one function's life in that history."""
    return write_trend_page(history.path, "lib/new.py::g")
