"""What is remembered from one run to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.files.source import Source
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileMetrics, Measured, Measurement
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.protocol import Bounds, EntryError
from tests.engine.conftest import DEFAULTS, WatchedStore

GOOD, BAD = b"def f():\n    return 1\n", b"def f(:\n"
SIGNATURE = (120, 1, 2, 3)
BOUNDS = Bounds(fingerprint=b"print")


def settings(root: Path) -> Settings:
    return Settings(root=root, source=None)


def found(path: str) -> Source:
    """A file as the walk finds it."""
    return Source(path, f"/project/{path}", size=SIGNATURE[0], signature=SIGNATURE)


def outcome(path: str = "a.py", **fields: object) -> Outcome:
    """What comes of a file."""
    return Outcome(Verdict(path, Measurement(FileMetrics())), **fields)  # type: ignore[arg-type]


def outcome_of(measured: Measured) -> Outcome:
    verdict = Verdict("a.py", measured.measurement)
    return Outcome(verdict, measured.digest, measured.signature, measured.record)


@pytest.fixture
def storage(store: WatchedStore, tmp_path: Path) -> Storage:
    return Storage(tmp_path, store, BOUNDS)


def test_what_is_measured_is_kept_at_the_end(store: WatchedStore, storage: Storage) -> None:
    measured = Measurer(storage, DEFAULTS).measure(Source("a.py", data=GOOD))
    assert measured.digest is not None
    storage.put(outcome_of(measured))
    assert store.items.keys() == set()
    storage.write()
    assert store.items[storage.key(measured.digest)] == measured.record
    storage.finish()
    assert store.closed


def test_what_has_no_content_is_measured_and_not_kept(
    store: WatchedStore, storage: Storage, tmp_path: Path
) -> None:
    measured = Measurer(storage, DEFAULTS).measure(Source("gone.py", str(tmp_path / "gone.py")))
    storage.put(outcome_of(measured))
    storage.write()
    error = measured.measurement.error
    assert error is not None
    assert error.kind == "missing"
    assert store.items == {}


def test_without_a_store_nothing_is_remembered_and_nothing_is_wrong(tmp_path: Path) -> None:
    diagnostics = Diagnostics()
    storage = Storage(tmp_path, None, BOUNDS, diagnostics=diagnostics)
    storage.put(outcome(digest=b"digest", signature=SIGNATURE, record=b"record", is_aging=True))
    storage.write(["a.py"])
    (source,) = storage.with_digests([found("a.py")])
    assert source.digest is None
    assert diagnostics.take() == ()


def test_what_this_process_itself_has_found_is_noted_as_used(store: WatchedStore, tmp_path: Path) -> None:
    store.aging = {b"key"}
    Storage(tmp_path, store, BOUNDS).write()
    assert store.used == [b"key"]


def test_a_batch_that_is_broken_off_is_written_at_the_end(
    store: WatchedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        raise KeyboardInterrupt

    storage = Storage(tmp_path, store, BOUNDS)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "put_many", break_off)
        for number in range(1200):
            storage.keep(b"%d" % number, b"record")
            kept = number + 1
    storage.keep(b"another", b"record")
    storage.write()
    assert len(store.items) == kept + 2


def remembered(store: WatchedStore, root: Path, *paths: str) -> list[bytes | None]:
    """Return the digests that a new run knows, of files that are as they were."""
    return [source.digest for source in Storage(root, store, BOUNDS).with_digests(list(map(found, paths)))]


@pytest.mark.parametrize(
    ("still_there", "expected"),
    [
        pytest.param(None, [b"of a", b"of b"], id="a run over some files forgets none"),
        pytest.param(["b.py"], [None, b"of b"], id="a run over all forgets those that are gone"),
        pytest.param([], [None, None], id="even the last one"),
    ],
)
def test_files_that_are_gone(
    store: WatchedStore, tmp_path: Path, still_there: list[str] | None, expected: list[bytes | None]
) -> None:
    storage = Storage(tmp_path, store, BOUNDS)
    for name in ("a", "b"):
        storage.put(outcome(f"{name}.py", digest=b"of " + name.encode(), signature=SIGNATURE))
    storage.write()
    Storage(tmp_path, store, BOUNDS).write(still_there)
    assert remembered(store, tmp_path, "a.py", "b.py") == expected


def test_a_file_that_may_have_changed_since_it_was_read_is_read_again(
    store: WatchedStore, tmp_path: Path
) -> None:
    storage = Storage(tmp_path, store, BOUNDS)
    storage.put(outcome(digest=b"digest", signature=None))
    storage.write()
    assert remembered(store, tmp_path, "a.py") == [None]


def test_an_index_that_is_as_it_was_is_not_written(store: WatchedStore, tmp_path: Path) -> None:
    for _ in range(2):
        storage = Storage(tmp_path, store, BOUNDS)
        storage.put(outcome(digest=b"digest", signature=SIGNATURE))
        storage.write(["a.py"])
    assert store.puts == 1


def test_an_index_that_the_store_can_not_give_costs_a_reading(
    store: WatchedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(key: bytes) -> bytes:
        raise EntryError("a pickle")

    monkeypatch.setattr(store, "get", refuse)
    assert remembered(store, tmp_path, "a.py") == [None]
    storage = Storage(tmp_path, store, BOUNDS)
    storage.put(outcome(digest=b"digest", signature=SIGNATURE))
    storage.write()
    monkeypatch.undo()
    assert remembered(store, tmp_path, "a.py") == [b"digest"]


def test_files_that_are_not_known_stay_as_they_are(store: WatchedStore, tmp_path: Path) -> None:
    files = [found("a.py"), Source("b.py", "/project/b.py")]
    assert Storage(tmp_path, store, BOUNDS).with_digests(files) == files


@pytest.mark.parametrize(("max_size", "expected"), [(120, b"digest"), (119, None)])
def test_a_file_that_is_too_large_now_is_not_known(
    store: WatchedStore, tmp_path: Path, max_size: int, expected: bytes | None
) -> None:
    storage = Storage(tmp_path, store, BOUNDS)
    storage.put(outcome(digest=b"digest", signature=SIGNATURE))
    storage.write()
    (source,) = Storage(tmp_path, store, BOUNDS).with_digests([found("a.py")], max_size)
    assert source.digest == expected
