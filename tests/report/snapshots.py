"""What every report says of a few projects, to be compared between two versions.

``python -m tests.report.snapshots FOLDER`` writes it, and ``diff -r`` of two such folders shows what differs:
all formats and the text of ``check``, of the hook and of ``report merge``. Times, processes and the folders
that the projects are in are left out.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository
from tests.corpora import corpus
from tests.metrics.notebook.making import make_notebook
from tests.plugin.conftest import FAILING, PASSING
from tests.report.conftest import FILES, FORMATS, HOSTILE, OF_RUNS, SETTINGS, write

CORPORA = ("flask", "requests")
# Tests in the same order every time, where something else is installed that changes it.
_SAME = ("-p", "no:randomly")
# What a run says of its times and processes, by key and as text.
_VOLATILE = frozenset(
    ("seconds", "phases", "processor", "ended", "slowest", "processes", "store", "handles", "workers",
     "strategy", "commit", "files", "settings_digest", "warnings")
)  # fmt: skip
_TIMES = (
    (re.compile(rb' time="[0-9.]+"'), b""),
    (re.compile(rb"\b[0-9]+\.[0-9]+ ?s\b"), b"TIME s"),
    (re.compile(rb"with (no|\d+) workers? \([^)]*\)"), b"with WORKERS"),
    (
        re.compile(rb"^(antipasta_\w*(seconds|bytes|ratio|handles|info)\w*\{[^}]*\}) .*$", re.MULTILINE),
        rb"\1",
    ),
)


def make_projects(folder: Path) -> None:
    """Make the projects, each a repository with something staged and something changed since a commit."""
    for name in CORPORA:
        root = Repository(folder / name)
        shutil.copytree(corpus(name), root.path, dirs_exist_ok=True)
        _commit(root)
        for path in sorted(root.path.rglob("*.py"))[::3]:
            lines = path.read_text(encoding="utf-8").split("\n")
            places = [number for number, line in enumerate(lines) if re.match(r" +return\b", line)]
            for number in reversed(places[::4]):
                indent = lines[number][: -len(lines[number].lstrip())]
                lines[number:number] = [f"{indent}if {number} and {number}:", f"{indent}    {number}"]
            path.write_text("\n".join(lines), encoding="utf-8")
        root.git("add", "--all")
    _make_mixed(Repository(folder / "mixed"))


def _make_mixed(repository: Repository) -> None:
    """Make a project with all that a report can have, hostile names among it."""
    root = repository.path / "app"
    settings = SETTINGS.replace("[tool.pytest-antipasta]\n", "[tool.pytest-antipasta]\nnotebooks = true\n", 1)
    nested = "def outer(a):\n    def inner(b):\n        return a and b and 1 or 2\n    return inner\n"
    files: dict[str, str | bytes] = {
        "pyproject.toml": settings
        + '\n[[tool.pytest-antipasta.overrides]]\nfiles = ["pkg/**"]\nthresholds = {lines_of_code = 3}\n',
        "pkg/same.py": FAILING,
        "pkg/worse.py": FAILING,
        "pkg/moved.py": FAILING,
        "nested.py": nested,
        "book.ipynb": make_notebook(FAILING, PASSING),
    }
    write(root, files)
    _commit(repository)
    with _inside(root):
        main(["baseline", "write", "--no-cache", "--quiet"])
    worse = FAILING.replace("return 1", "return a and b")
    (root / "pkg/moved.py").rename(root / "pkg/new_place.py")
    write(root, {**FILES, **dict.fromkeys(HOSTILE, FAILING), "pkg/worse.py": worse})
    write(
        root, {"book.ipynb": make_notebook(worse, PASSING, "def f(:\n"), "good.ipynb": make_notebook(worse)}
    )
    repository.git("add", "--all")


def _commit(repository: Repository) -> None:
    commit_all(repository.path, "before")


def write_snapshots(projects: Path, target: Path) -> None:
    """Write what all runs over the projects say."""
    for name in (*CORPORA, "mixed/app"):
        for kind, args in {
            "whole": [],
            "change": ["--diff", "HEAD"],
            "staged": ["--staged"],
            "plain": ["--no-baseline", "--no-ignore"],
            "metric": ["--metric=cognitive_complexity"],
        }.items():
            folder = target / name.replace("/", "-") / kind
            folder.mkdir(parents=True)
            _run(projects / name, projects, folder, ["check", "--no-cache", "--jobs=1", *args])
        _merge(projects / name, projects, target / name.replace("/", "-") / "merged")
        for kind, args in {"hook": ["hook", "--no-cache"], "top": ["check", "--no-cache", "--top=5"]}.items():
            text = _capture(projects / name, args)
            (target / name.replace("/", "-") / f"{kind}.txt").write_bytes(_strip(text, projects))
        command = [sys.executable, "-m", "pytest", "--antipasta-only", "-p", "no:cacheprovider", "-q", *_SAME]
        done = subprocess.run(command, cwd=projects / name, capture_output=True, check=False)
        (target / name.replace("/", "-") / "pytest.txt").write_bytes(_strip(done.stdout, projects))


def _run(root: Path, projects: Path, folder: Path, args: Sequence[str]) -> None:
    """Write all reports of a run, and its text."""
    outputs = {form: folder / form for form in (*FORMATS, *OF_RUNS)}
    text = _capture(root, [*args, *(f"--report={form}={path}" for form, path in outputs.items())])
    (folder / "text").write_bytes(text)
    for path in folder.iterdir():
        path.write_bytes(_strip(path.read_bytes(), projects, path.name))


def _merge(root: Path, projects: Path, folder: Path) -> None:
    """Write all reports merged from those of three shards."""
    folder.mkdir()
    shards = [folder / f"{number}.shard" for number in (1, 2, 3)]
    for number, path in enumerate(shards, 1):
        _capture(root, ["check", "--no-cache", "--quiet", f"--shard={number}/3", f"--report=shard={path}"])
    _run(root, projects, folder, ["report", "merge", *map(str, shards)])


def _capture(root: Path, args: Sequence[str]) -> bytes:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
    with _inside(root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(list(args))
    out.write(f"exit {code}\n")
    out.flush()
    assert isinstance(out.buffer, io.BytesIO)
    return out.buffer.getvalue()


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Make a folder the current one in the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield


def _strip(content: bytes, projects: Path, form: str = "") -> bytes:
    """Return a report without what differs between two runs of the same version."""
    content = content.replace(os.fsencode(projects), b"PROJECTS")
    if form == "run-csv":
        return content.partition(b"\n")[0]
    if form == "json" or form.endswith(".json"):
        record = json.loads(content)
        record["run"] = {name: _blank(name, value) for name, value in record["run"].items()}
        return json.dumps(record, indent=1).encode()
    for pattern, instead in _TIMES:
        content = pattern.sub(instead, content)
    return content


def _blank(name: str, value: object) -> object:
    """Return a value without what differs; of a table the keys stay."""
    if name not in _VOLATILE:
        return {key: _blank(key, one) for key, one in value.items()} if isinstance(value, dict) else value
    if isinstance(value, dict):
        return {key: type(one).__name__ for key, one in value.items()}
    first = value[0] if isinstance(value, list) and value else None
    return sorted(first) if isinstance(first, dict) else type(value).__name__


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(HOME=scratch, XDG_CACHE_HOME=scratch, GIT_CONFIG_GLOBAL=os.devnull)
        # Dates are in no report, names and addresses in none either.
        os.environ.update(
            {f"GIT_{who}_{what}": "x@x.x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        )
        place = Path(scratch) / "projects"
        make_projects(place)
        write_snapshots(place, Path(sys.argv[1]).absolute())
