"""``pytest-antipasta cache export`` and ``import``, and a folder that a CI service keeps."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.storage.storage import current_fingerprint
from pytest_antipasta.store.exchange import import_entries
from pytest_antipasta.store.inventory import count_entries
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.protocol import EntryError
from tests.cli.test_cache import SOURCE, ask, execute, tell
from tests.conftest import Program

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three files that were measured; the current one."""
    folder = tmp_path / "project"
    make_project(folder)
    monkeypatch.chdir(folder)
    assert main(["check", "--quiet"]) == 0
    return folder


def make_project(folder: Path) -> None:
    folder.mkdir()
    for number in range(3):
        (folder / f"f{number}.py").write_text(SOURCE.format(number))


def check(program: Program, cache_dir: Path) -> dict[str, Any]:
    """Return the report of a run with a store."""
    said = program("check", "--format", "json", "--cache-dir", str(cache_dir))
    report: dict[str, Any] = json.loads(said.out)
    return report


def test_another_store_finds_what_was_exported(project: Path, tmp_path: Path, program: Program) -> None:
    other = tmp_path / "other"
    (told,) = tell(program, "export", str(tmp_path / "file"))
    assert (
        told == f"3 measurements written to {tmp_path / 'file'}, {(tmp_path / 'file').stat().st_size} bytes"
    )
    assert tell(program, "import", str(tmp_path / "file"), "--cache-dir", str(other)) == [
        "3 measurements imported"
    ]
    measured, found = check(program, tmp_path / "third"), check(program, other)
    assert (measured.pop("run")["misses"], found.pop("run")["hits"]) == (3, 3)
    assert measured == found


def test_there_is_no_path_in_it_and_no_index(
    project: Path, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, now = tmp_path / "file", time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10**10)  # an index has no files that are new
    assert main(["check", "--quiet"]) == 0
    assert ask(program, "status")["roots"] == 1
    assert ask(program, "export", str(path))["size"] == path.stat().st_size
    assert not [name for name in (b"f0.py", bytes(project), b"index") if name in path.read_bytes()]
    ask(program, "import", str(path), "--cache-dir", str(tmp_path / "other"))
    status = ask(program, "status", "--cache-dir", str(tmp_path / "other"))
    assert (status["measurements"], status["roots"]) == (3, 0)


def test_what_was_imported_is_measured_again(project: Path, tmp_path: Path, program: Program) -> None:
    """No file is known by its status yet."""
    ask(program, "export", str(tmp_path / "file"))
    data = (tmp_path / "file").read_bytes()
    (project / "new.py").write_text("x = 1\n")
    other = ("--cache-dir", str(tmp_path / "other"))
    ask(program, "import", str(tmp_path / "file"), *other)
    assert tell(program, "verify", *other) == ["4 entries read, 3 measured again: no problems"]
    forged = data[:-32].replace(b"f0", b"f9")
    (tmp_path / "file").write_bytes(forged + hashlib.sha256(forged).digest())
    ask(program, "import", str(tmp_path / "file"), *other)
    facts = ask(program, "verify", *other, code=1)
    assert [entry["reason"] for entry in facts["bad"]] == ["different values when measured again"]


def test_what_is_measured_again_is_looked_for_among_all_files(
    project: Path, tmp_path: Path, program: Program
) -> None:
    """Of which few are stored; three of them are known by their status, or none."""
    ask(program, "export", str(tmp_path / "file"))
    for number in range(400):
        (project / f"new{number}.py").write_text(f"x = {number}\n")
    other = ("--cache-dir", str(tmp_path / "other"))
    ask(program, "import", str(tmp_path / "file"), *other)
    for options in ((), other):
        assert ask(program, "verify", *options)["measured_again"] == 3


def test_what_was_used_since_a_day(project: Path, cache_dir: Path, tmp_path: Path, program: Program) -> None:
    execute(cache_dir, "UPDATE Cache SET access_time = ? WHERE rowid = 1", time.time() - 5 * 86400)
    now = time.time()
    for days, number in ((1, 2), (3, 2), (6, 3)):
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - days * 86400))
        assert ask(program, "export", str(tmp_path / "file"), "--since", since)["exported"] == number


@pytest.mark.parametrize(("day", "number"), [("0001-01-01", 3), ("1970-01-01", 3), ("9999-12-31", 0)])
def test_any_day_is_one(project: Path, tmp_path: Path, program: Program, day: str, number: int) -> None:
    assert ask(program, "export", str(tmp_path / "file"), "--since", day)["exported"] == number


def test_other_versions_measurements_go_along(
    project: Path, cache_dir: Path, tmp_path: Path, program: Program
) -> None:
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({b"d" * 32 + b"other ve": b"any bytes"})
    assert ask(program, "export", str(tmp_path / "file"))["exported"] == 4
    (told,) = tell(program, "import", str(tmp_path / "file"), "--cache-dir", str(tmp_path / "other"))
    assert told == "4 measurements imported, 3 of this version"
    with closing(LocalStore(tmp_path / "other")) as store:
        assert store.get(b"d" * 32 + b"other ve") == b"any bytes"


def _is_anything_kept(path: Path, data: bytes, store: LocalStore) -> bool:
    path.write_bytes(data)
    with pytest.raises(EntryError):
        import_entries(store, path, current_fingerprint())
    return count_entries(store) > 0


def test_a_file_is_taken_in_whole_or_not_at_all(project: Path, tmp_path: Path, program: Program) -> None:
    path = tmp_path / "file"
    ask(program, "export", str(path))
    data = path.read_bytes()
    damaged = [data[:end] for end in range(0, len(data), 17)]
    damaged += [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(0, len(data), 17)]
    damaged += [data + b"x", data[:-1] + b"x"]
    with closing(LocalStore(tmp_path / "other")) as store:
        assert not any(_is_anything_kept(path, one, store) for one in damaged)


def _forge(data: bytes) -> bytes:
    """Return a file whose last record is no measurement, with the digest that belongs to it."""
    forged = data[:-33] + b"\xc1"
    return forged + hashlib.sha256(forged).digest()


def _forge_name(data: bytes) -> bytes:
    """Return the same of a file with a name that a terminal would obey."""
    forged = data[:-32].replace(b"f0", b"\x1bc")
    return forged + hashlib.sha256(forged).digest()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: b"", "is not a file written by `pytest-antipasta cache export` of this version"),
        (lambda data: data[:-1], "was modified or truncated after it was written"),
        (_forge, "MessagePack data is malformed"),
        (_forge_name, "has a name with unprintable characters"),
    ],
    ids=["empty", "cut off", "no measurement", "a name"],
)
def test_what_is_wrong_with_a_file_is_reported(
    project: Path,
    tmp_path: Path,
    program: Program,
    change: Callable[[bytes], bytes],
    said: str,
) -> None:
    path = tmp_path / "file"
    ask(program, "export", str(path))
    path.write_bytes(change(path.read_bytes()))
    assert tell_error(program, "import", str(path)).startswith(f"error: {path}: {said}")


def tell_error(program: Program, *args: str) -> str:
    """Return what a command says that fails."""
    return program("cache", *args, code=2).err


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a regular file that can't be read")
def test_a_file_that_can_not_be_read_is_not_a_fault_of_the_store(program: Program) -> None:
    assert tell_error(program, "import", "/proc/self/mem") == "error: /proc/self/mem: Input/output error\n"


def test_mistakes_are_reported_in_a_line(project: Path, program: Program) -> None:
    assert tell_error(program, "import", "gone") == "error: gone: No such file or directory\n"
    assert "not a regular file" in tell_error(program, "import", os.devnull)
    assert "can't write the export" in tell_error(program, "export", "f0.py/file")
    assert "would overwrite the source file f0.py; " in tell_error(program, "export", "f0.py")
    assert (project / "f0.py").read_text() == SOURCE.format(0)
    (project / "my.toml").write_text("[tool.pytest-antipasta]\n")
    assert "would overwrite the settings my.toml; " in tell_error(program, "export", "my.toml")
    assert "only reports can go to standard output; name a file" in tell_error(program, "export", "-")


def test_a_time_that_is_none_is_reported_by_the_parser(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["cache", "export", "file", "--since", "yesterday"])
    assert "expected a date such as 2026-11-21, got 'yesterday'" in capsys.readouterr().err


def test_where_there_is_no_store_nothing_is_written(tmp_path: Path, program: Program) -> None:
    path, nowhere = tmp_path / "file", tmp_path / "nowhere"
    path.write_text("before")
    assert ask(program, "export", str(path), "--cache-dir", str(nowhere), code=2)["exists"] is False
    assert path.read_text() == "before"
    assert not nowhere.exists()


def test_the_folder_that_a_ci_service_keeps_is_a_store(
    project: Path, cache_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    """In another place and with other times, as an archive has them, for a clone of its own."""
    shutil.copytree(cache_dir, tmp_path / "restored", copy_function=shutil.copyfile)
    make_project(tmp_path / "clone")
    monkeypatch.chdir(tmp_path / "clone")
    assert check(program, tmp_path / "restored")["run"]["hits"] == 3
