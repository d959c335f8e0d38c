"""What is remembered from one run to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.engine import HeldSource, Result, Task
from pytest_antipasta.engine.measuring import Lookup, Measurer
from pytest_antipasta.engine.memory import Memory, open_memory
from pytest_antipasta.files import FoundFile
from pytest_antipasta.model import FileMetrics, Measurement, Verdict
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import Bounds, EntryError
from tests.engine.conftest import WatchedStore

GOOD, BAD = b"def f():\n    return 1\n", b"def f(:\n"
SIGNATURE = (120, 1, 2, 3)
SMALL = Bounds(max_entries=7)


def settings(root: Path) -> Settings:
    return Settings(root=root, source=None)


def found(path: str) -> FoundFile:
    """A file as the walk finds it."""
    return FoundFile(path, f"/project/{path}", SIGNATURE)


def result(path: str = "a.py", **fields: object) -> Result:
    """What comes of a file."""
    return Result(Verdict(path, Measurement(FileMetrics())), **fields)  # type: ignore[arg-type]


@pytest.fixture
def measurer(store: WatchedStore) -> Measurer:
    return Measurer(Lookup(store, b"print"))


def test_what_is_measured_is_kept_at_the_end(store: WatchedStore, measurer: Measurer, tmp_path: Path) -> None:
    memory = Memory(tmp_path, measurer)
    measured = memory.measure(HeldSource("a.py", GOOD))
    assert measured.digest is not None
    assert store.items == {}
    memory.write()
    assert store.items == {measurer.lookup.key(measured.digest): measured.record}
    memory.finish()
    assert store.closed


def test_what_has_no_content_is_measured_and_not_kept(
    store: WatchedStore, measurer: Measurer, tmp_path: Path
) -> None:
    memory = Memory(tmp_path, measurer)
    error = memory.measure(Task("gone.py", str(tmp_path / "gone.py"))).measurement.error
    memory.write()
    assert error is not None
    assert error.kind == "missing"
    assert store.items == {}


def test_the_record_that_a_result_brings_is_kept(
    store: WatchedStore, measurer: Measurer, tmp_path: Path
) -> None:
    memory = Memory(tmp_path, measurer)
    memory.note(result(digest=b"digest", record=b"record"))
    memory.write()
    assert store.items == {measurer.lookup.key(b"digest"): b"record"}


def test_where_the_store_is(tmp_path: Path, cache_dir: Path) -> None:
    with closing(open_memory(settings(tmp_path), cache_dir)) as memory:
        assert memory.cache_dir == cache_dir
    assert open_memory(settings(tmp_path), None).cache_dir is None


def test_without_a_store_nothing_is_remembered_and_nothing_is_wrong(tmp_path: Path) -> None:
    memory = Memory(tmp_path, Measurer(Lookup(None, b"print")))
    memory.note(result(digest=b"digest", signature=SIGNATURE, record=b"record", is_aging=True))
    memory.write(["a.py"])
    (task,) = memory.make_tasks([found("a.py")])
    assert task.digest is None
    assert memory.lookup.pop_warnings() == ()


def test_what_this_process_itself_has_found_is_noted_as_used(
    store: WatchedStore, measurer: Measurer, tmp_path: Path
) -> None:
    store.aging = {b"key"}
    Memory(tmp_path, measurer).write()
    assert store.used == [b"key"]


def test_a_batch_that_is_broken_off_is_written_at_the_end(
    store: WatchedStore, measurer: Measurer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        raise KeyboardInterrupt

    memory = Memory(tmp_path, measurer)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "put_many", break_off)
        for number in range(1200):
            memory.keep(b"%d" % number, b"record")
            kept = number + 1
    memory.keep(b"another", b"record")
    memory.write()
    assert len(store.items) == kept + 2


def remembered(measurer: Measurer, root: Path, *paths: str) -> list[bytes | None]:
    """Return the digests that a new run knows, of files that are as they were."""
    return [task.digest for task in Memory(root, measurer).make_tasks(list(map(found, paths)))]


@pytest.mark.parametrize(
    ("still_there", "expected"),
    [
        pytest.param(None, [b"of a", b"of b"], id="a run over some files forgets none"),
        pytest.param(["b.py"], [None, b"of b"], id="a run over all forgets those that are gone"),
        pytest.param([], [None, None], id="even the last one"),
    ],
)
def test_files_that_are_gone(
    measurer: Measurer, tmp_path: Path, still_there: list[str] | None, expected: list[bytes | None]
) -> None:
    memory = Memory(tmp_path, measurer)
    for name in ("a", "b"):
        memory.note(result(f"{name}.py", digest=b"of " + name.encode(), signature=SIGNATURE))
    memory.write()
    Memory(tmp_path, measurer).write(still_there)
    assert remembered(measurer, tmp_path, "a.py", "b.py") == expected


def test_a_file_that_may_have_changed_since_it_was_read_is_read_again(
    measurer: Measurer, tmp_path: Path
) -> None:
    memory = Memory(tmp_path, measurer)
    memory.note(result(digest=b"digest", signature=None))
    memory.write()
    assert remembered(measurer, tmp_path, "a.py") == [None]


def test_an_index_that_is_as_it_was_is_not_written(
    store: WatchedStore, measurer: Measurer, tmp_path: Path
) -> None:
    for _ in range(2):
        memory = Memory(tmp_path, measurer)
        memory.note(result(digest=b"digest", signature=SIGNATURE))
        memory.write(["a.py"])
    assert store.puts == 1


def test_an_index_that_the_store_can_not_give_costs_a_reading(
    store: WatchedStore, measurer: Measurer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(key: bytes) -> bytes:
        raise EntryError("a pickle")

    monkeypatch.setattr(store, "get", refuse)
    assert remembered(measurer, tmp_path, "a.py") == [None]
    memory = Memory(tmp_path, measurer)
    memory.note(result(digest=b"digest", signature=SIGNATURE))
    memory.write()
    monkeypatch.undo()
    assert remembered(measurer, tmp_path, "a.py") == [b"digest"]


def test_the_size_of_a_task_is_that_of_its_file(measurer: Measurer, tmp_path: Path) -> None:
    files = [found("a.py"), FoundFile("b.py", "/project/b.py", None)]
    assert Memory(tmp_path, measurer).make_tasks(files) == [
        Task("a.py", "/project/a.py", None, 120),
        Task("b.py", "/project/b.py", None, 0),
    ]


@pytest.mark.parametrize(("max_size", "expected"), [(120, b"digest"), (119, None)])
def test_a_file_that_is_too_large_now_is_not_known(
    store: WatchedStore, tmp_path: Path, max_size: int, expected: bytes | None
) -> None:
    measurer = Measurer(Lookup(store, b"print"), max_size=max_size)
    memory = Memory(tmp_path, measurer)
    memory.note(result(digest=b"digest", signature=SIGNATURE))
    memory.write()
    assert remembered(measurer, tmp_path, "a.py") == [expected]
