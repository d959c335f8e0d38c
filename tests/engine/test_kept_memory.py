"""What a finished run keeps in memory: no store, and little of the files that pass."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import pytest

from pytest_antipasta.engine.opening import AskedFiles, Passing, open_run
from pytest_antipasta.engine.result import Result
from pytest_antipasta.engine.rules import read_rules
from pytest_antipasta.engine.storage.storage import Storage

_FILES = 150


def _run(root: Path, cache_dir: Path, passing: Passing) -> Result:
    return open_run(read_rules(root), cache_dir, AskedFiles(passing=passing)).judge_all()


def _list_storages() -> set[int]:
    gc.collect()
    return {id(found) for found in gc.get_objects() if isinstance(found, Storage)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree of files that pass, each with functions of its own."""
    root = tmp_path / "root"
    root.mkdir()
    for number in range(_FILES):
        lines = (f"def f{number}_{each}(a):\n    return a\n" for each in range(20))
        (root / f"m{number}.py").write_text("".join(lines))
    return root


def test_a_result_holds_no_storage(root: Path, cache_dir: Path) -> None:
    """It would keep thousands of records in memory while a report is written."""
    others = _list_storages()
    for _ in range(2):  # measured, and looked up
        result = _run(root, cache_dir, "counted")
        assert len(result.verdicts) == _FILES
        assert _list_storages() <= others


def test_files_that_pass_keep_no_values_in_a_later_run(root: Path, cache_dir: Path) -> None:
    """At 100,000 files, their values would take half a gigabyte."""
    _run(root, cache_dir, "counted")
    kept: dict[Passing, int] = {}
    for passing in ("measured", "counted"):
        _run(root, cache_dir, passing)  # imports what it needs
        gc.collect()
        tracemalloc.start()
        result = _run(root, cache_dir, passing)
        gc.collect()
        kept[passing] = tracemalloc.get_traced_memory()[0] // len(result.verdicts)
        tracemalloc.stop()
        del result
    assert kept["counted"] < kept["measured"] / 4, kept
