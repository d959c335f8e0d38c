"""The measurer and what drives it: look up, measure, judge, remember, and how many processes that takes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.engine.diagnostics import Diagnostics, RunWarning, merge_warnings
from pytest_antipasta.engine.executor.worker_count import estimate_seconds, weigh_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.opening import open_run
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.files.reading import sign
from pytest_antipasta.files.source import Source
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.model.measured import FileMetrics, Measurement
from pytest_antipasta.model.run import Workers
from pytest_antipasta.results.stats import find_warnings
from pytest_antipasta.settings.values import Override, Settings
from pytest_antipasta.store.protocol import Bounds
from pytest_antipasta.store.records import decode_record
from tests.engine.conftest import DEFAULTS, WatchedStore, held, remember

GOOD, BAD = b"def f():\n    return 1\n", b"def f(:\n"
BOUNDS = Bounds(fingerprint=b"print")


def open_around(store: WatchedStore | None, bounds: Bounds = BOUNDS, **options: Any) -> Storage:
    """Return the storage of some root with a store."""
    return Storage(Path("/root"), store, bounds, **options)


def test_what_is_not_known_is_measured_and_handed_back_to_be_kept(store: WatchedStore) -> None:
    measurer = Measurer(open_around(store), DEFAULTS)
    measured = measurer.measure(held(GOOD))
    assert (measured.measurement, measured.origin) == (measure(GOOD), "measured")
    assert measured.record is not None
    assert decode_record(measured.record) == measured.measurement
    assert store.items == {}


@pytest.mark.parametrize("has_store", [True, False])
def test_a_content_is_measured_once_though_nothing_is_written_yet(
    store: WatchedStore, has_store: bool
) -> None:
    measurer = Measurer(open_around(store if has_store else None), DEFAULTS)
    first, second = measurer.measure(held(GOOD)), measurer.measure(held(GOOD))
    assert (first.origin, second.origin) == ("measured", "copy")
    assert second.record == first.record  # which what measured the first may not have kept
    assert second.measurement == first.measurement
    assert measurer.measure(held(BAD)).measurement == measurer.measure(held(BAD)).measurement


@pytest.mark.parametrize(("data", "is_remembered"), [(GOOD, True), (BAD, False)])
def test_an_earlier_verdict_spares_measuring_unless_it_has_an_error(data: bytes, is_remembered: bool) -> None:
    earlier = Measurer(open_around(None), DEFAULTS).measure(held(data))
    measurer = Measurer(open_around(None), DEFAULTS)
    measurer.remember(earlier.digest, earlier.measurement)
    again = measurer.measure(held(data))
    assert (again.measurement, again.origin == "copy") == (earlier.measurement, is_remembered)


def test_what_is_known_is_looked_up(store: WatchedStore) -> None:
    measurer = Measurer(open_around(store), DEFAULTS)
    digest = remember(measurer, store, GOOD)
    for known in (measurer.measure(held(GOOD)), measurer.storage.find(digest)):
        assert known is not None
        assert (known.measurement, known.origin, known.record) == (
            measure(GOOD),
            "store",
            None,
        )


def test_records_are_written_as_they_come_so_that_a_killed_run_loses_little(
    store: WatchedStore, tmp_path: Path
) -> None:
    storage = open_around(store)
    for number in range(1200):
        storage.keep(b"%d" % number, b"record")
    assert 500 <= len(store.items) < 1200
    storage.write()
    assert len(store.items) == 1200


def make_rules(root: Path, **fields: object) -> Rules:
    return Rules(Settings(root=root, source=None, **fields))  # type: ignore[arg-type]


LIMIT = Threshold("cyclomatic_complexity", 0, "<=")


@pytest.mark.parametrize(
    ("path", "data", "on_error", "failed"),
    [
        pytest.param("a.py", GOOD, "fail", True, id="over the limit"),
        pytest.param("lax/a.py", GOOD, "fail", False, id="where another limit holds"),
        pytest.param("lax/strict/a.py", GOOD, "fail", True, id="where a later one does"),
        pytest.param("lax/a.py", BAD, "fail", True, id="an error"),
        pytest.param("lax/a.py", BAD, "warn", False, id="an error that is only told"),
        pytest.param("/lax/a.py", GOOD, "fail", True, id="outside the root, where no override holds"),
    ],
)
def test_a_file_fails_by_the_limits_of_its_path(
    tmp_path: Path, path: str, data: bytes, on_error: str, failed: bool
) -> None:
    (tmp_path / "x.py").write_bytes(data)
    overrides = (
        Override(("lax/",), {"cyclomatic_complexity": None}),
        Override(("strict/",), {"cyclomatic_complexity": LIMIT}),
    )
    rules = make_rules(
        tmp_path, thresholds={"cyclomatic_complexity": LIMIT}, overrides=overrides, on_error=on_error
    )
    result = FileJudge(rules, Measurer(open_around(None), DEFAULTS)).run(Source(path, str(tmp_path / "x.py")))
    assert (result.verdict.path, result.verdict.failed) == (path, failed)


def test_a_known_digest_needs_no_file(store: WatchedStore, tmp_path: Path) -> None:
    digest = remember(Measurer(open_around(store), DEFAULTS), store, GOOD)
    measurer = Measurer(open_around(store), DEFAULTS)
    judge = FileJudge(make_rules(tmp_path), measurer)
    source = Source("gone.py", str(tmp_path / "gone.py"), digest)
    assert measurer.is_stored(source)
    assert judge.run(source).verdict.from_store
    store.delete_many(store.items)
    assert not measurer.is_stored(source)
    error = judge.run(source).verdict.measurement.error
    assert error is not None
    assert error.kind == "missing"


def test_a_digest_is_remembered_for_as_long_as_the_file_stays(
    store: WatchedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10**10)
    path = tmp_path / "a.py"
    path.write_bytes(GOOD)
    run = open_run(make_rules(tmp_path), None)
    result = run.judge_one(run.plan.sources[0])
    assert result.signature == sign(path.stat())
    storage = open_around(store)
    storage.put(result)
    storage.write()
    (source,) = open_around(store).with_digests(run.plan.selection.files)
    assert source.digest == result.digest
    os.utime(path, (0, 0))
    (source,) = open_around(store).with_digests(open_run(make_rules(tmp_path), None).plan.selection.files)
    assert source.digest is None


def test_a_result_in_two_processes_is_reported_once(tmp_path: Path) -> None:
    run = open_run(make_rules(tmp_path), None)
    for name in ("a.py", "b.py"):
        verdict = Verdict(name, Measurement(FileMetrics()))
        run.add(Outcome(verdict, warnings=(RunWarning("the store is off"), RunWarning(f"only {name}"))))
    assert find_warnings(run.make_result()) == ("the store is off", "only a.py", "only b.py")
    assert find_warnings(run.make_result()) == ("the store is off", "only a.py", "only b.py")


BAD_RECORD, OTHER_RECORD = (
    RunWarning(f"unreadable ({name})", "unreadable record") for name in ("one", "two")
)
FULL, DAMAGED = (RunWarning(f"off: {name}", "store off") for name in ("full", "damaged"))
ANOTHER, A = RunWarning("b"), RunWarning("a")


@pytest.mark.parametrize(
    ("warnings", "expected"),
    [
        ([A, ANOTHER, A], ["a", "b"]),
        ([BAD_RECORD, OTHER_RECORD], ["unreadable (one)"]),
        ([BAD_RECORD, A, FULL], ["a", "off: full"]),
        ([FULL, A, DAMAGED], ["off: full", "a"]),
    ],
    ids=["each once", "one reason will do", "a store that is off is not read", "workers find it off, too"],
)
def test_a_broken_store_costs_one_line(warnings: list[RunWarning], expected: list[str]) -> None:
    assert merge_warnings(warnings) == expected


def test_what_was_found_and_not_noted_for_a_day_is_noted_once(store: WatchedStore, tmp_path: Path) -> None:
    measurer = Measurer(open_around(store), DEFAULTS)
    digests = [remember(measurer, store, data) for data in (GOOD, GOOD + b"\n")]
    store.aging = {measurer.storage.key(digests[0])}
    judge, storage = FileJudge(make_rules(tmp_path), measurer), measurer.storage
    for digest in digests:
        outcome = judge.run_for_another(Source("a.py", "", digest))
        storage.put(outcome)
    # What another process has found: its own store knows of it, and ours does not.
    store.aging = set()
    storage.write()
    assert store.used == [measurer.storage.key(digests[0])]


def test_what_another_process_could_not_read_is_known(store: WatchedStore, tmp_path: Path) -> None:
    digest = remember(Measurer(open_around(store), DEFAULTS), store, GOOD)
    store.connection.execute("UPDATE Cache SET value = CAST('damaged' AS BLOB)")
    (tmp_path / "a.py").write_bytes(GOOD)
    worker = FileJudge(make_rules(tmp_path), Measurer(open_around(store), DEFAULTS))
    outcome, storage = (
        worker.run_for_another(Source("a.py", str(tmp_path / "a.py"), digest)),
        open_around(None),
    )
    storage.put(outcome)
    assert storage.describe_use(()).unreadable == {digest}


def test_a_store_without_room_is_left_as_it_is_and_reported(store: WatchedStore, tmp_path: Path) -> None:
    for first in (0, 20):
        diagnostics = Diagnostics()
        bounds = Bounds(max_entries=10, fingerprint=b"fprint08")
        storage = open_around(store, bounds, diagnostics=diagnostics)
        for number in range(first, first + 1200 if first else 20):
            storage.keep(b"%032d" % number, b"record")
        storage.write()
        assert set(store.items) == {b"%032dfprint08" % number for number in range(8)}
        ((told, _),) = diagnostics.take()
        assert told.endswith("set cache_max_entries = 25")


@pytest.mark.parametrize(
    ("seconds", "most", "expected", "reason"),
    [
        pytest.param(0.0, 8, 0, "little to measure", id="nothing to measure"),
        pytest.param(0.2, 8, 0, "little to measure", id="less than workers take to begin"),
        pytest.param(0.2, 1, 0, "little to measure", id="little for a single processor"),
        pytest.param(10.0, 1, 0, "only one process may be used", id="a single processor"),
        pytest.param(10.0, 2, 2, "much to measure", id="two processors"),
        pytest.param(10.0, 64, 9, "much to measure", id="more processors than pay"),
    ],
)
def test_as_many_workers_as_get_the_work_done_soonest(
    seconds: float, most: int, expected: int, reason: str
) -> None:
    assert weigh_workers(seconds, most) == Workers(expected, reason, most)


@pytest.mark.parametrize(
    ("number", "known", "expected"),
    [(0, 0, 0.0), (1, 0, 1.0), (100, 100, 0.0), (100, 0, 1.0), (1000, 500, 0.5)],
)
def test_a_sample_tells_how_much_there_is_to_measure(number: int, known: int, expected: float) -> None:
    asked, sources = [], [Source(f"{place}.py", size=1000) for place in range(number)]

    def is_stored(source: Source) -> bool:
        asked.append(source)
        return int(source.path.removesuffix(".py")) < known

    everything = estimate_seconds(sources, lambda _: False)
    assert estimate_seconds(sources, is_stored) == pytest.approx(everything * expected, rel=0.1)
    assert len(asked) <= 40
