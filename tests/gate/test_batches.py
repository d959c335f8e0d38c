"""What the gate asks to be measured, and when: in a few batches, and no more than the verdict needs."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.engine.diagnostics import ReportProgress, ignore_progress
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.files.source import Source
from pytest_antipasta.gate.change_sets import staged_changes
from pytest_antipasta.gate.gate import Gate
from pytest_antipasta.gate.measuring import ContentMeasurer, HeldFile
from pytest_antipasta.gate.sides import open_side
from pytest_antipasta.gate.trees import IndexTree
from pytest_antipasta.git.repository import Repository as GitRepository
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.model.measured import Measured
from pytest_antipasta.settings.values import Settings
from tests.commits import commit_all
from tests.conftest import Repository
from tests.gate.conftest import function

BAD, GOOD = function(11), function(2)


class Batches(ContentMeasurer):
    """Notes what it is asked to measure.

    Attributes:
        asked: the paths of each batch.
    """

    def __init__(self) -> None:
        """Measure without limits and without a store; nothing was asked for yet."""
        settings = Settings(Path(), None)
        super().__init__(Rules(settings), Measurer(Storage(Path()), settings))
        self.asked: list[list[str]] = []

    def measure(self, files: Sequence[HeldFile], tell: ReportProgress = ignore_progress) -> None:
        """Note a batch, and measure it."""
        if files:
            self.asked.append([file.path for file in files])
        super().measure(files, tell)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository of files that are good, and one that is over the limit."""
    made = Repository(tmp_path)
    for name in ("a", "b", "c", "old"):
        (tmp_path / f"{name}.py").write_text(BAD if name == "old" else GOOD)
    commit_all(made.path, "first")
    return made


def open_gate(
    repository: Repository,
    batches: Batches,
    *,
    in_haste: bool = False,
    recorded: tuple[BaselineEntry, ...] | None = None,
    **settings: object,
) -> Gate:
    """Return the gate for what is staged."""
    repository.git("add", ".")
    found = GitRepository(repository.path)
    values = Settings(repository.path, None, **settings)  # type: ignore[arg-type]
    side = open_side(IndexTree(found), found.top, lambda _: Rules(values, recorded))
    return Gate(batches, staged_changes(side), in_haste=in_haste)


def test_what_files_were_is_measured_where_a_verdict_needs_it(repository: Repository) -> None:
    (repository.path / "a.py").write_text(GOOD + "\n")
    (repository.path / "b.py").write_text(GOOD + "\n\n")
    (repository.path / "old.py").write_text(f"# a comment\n{BAD}")
    batches = Batches()
    assert not any(one.failed for one in open_gate(repository, batches).judge().verdicts)
    assert batches.asked == [["old.py", "b.py", "a.py"], ["old.py"]]


def test_all_of_each_side_is_asked_for_at_once_where_a_body_may_have_come_from_anywhere(
    repository: Repository,
) -> None:
    (repository.path / "a.py").write_text(GOOD + function(12, "g"))
    (repository.path / "b.py").write_text(GOOD + function(13, "g"))
    (repository.path / "c.py").write_text(GOOD + "\n")
    batches = Batches()
    judged = open_gate(repository, batches).judge()
    assert [one.path for one in judged.verdicts if one.failed] == ["a.py", "b.py"]
    assert batches.asked == [["b.py", "a.py", "c.py"], ["b.py", "a.py"], ["c.py"]]


def test_to_list_changes_takes_both_sides_at_once(repository: Repository) -> None:
    for name in ("a", "b", "c"):
        (repository.path / f"{name}.py").write_text(function(3))
    batches = Batches()
    gate = open_gate(repository, batches)
    assert len(gate.list_changes(gate.judge()).changes) == 3
    assert batches.asked == [["a.py", "b.py", "c.py"]] * 2


def test_in_haste_the_first_files_are_decided_before_others_are_measured(repository: Repository) -> None:
    for number in range(100):
        (repository.path / f"f{number:02}.py").write_text(BAD if number == 30 else GOOD)
    batches = Batches()
    (repository.path / "core.py").write_text(GOOD)
    judged = open_gate(
        repository, batches, in_haste=True, critical_paths=("core.py",), fail_fast=True
    ).judge()
    assert [one.path for one in judged.verdicts] == ["core.py", "f30.py"]
    assert batches.asked == [["core.py"], ["f30.py", batches.asked[1][1]]]
    batches.asked.clear()
    open_gate(repository, batches, in_haste=True).judge()
    assert [len(batch) for batch in batches.asked] == [25, 50, 26]


def test_all_files_are_asked_for_at_once_where_what_is_recorded_may_have_moved(
    repository: Repository,
) -> None:
    repository.git("mv", "old.py", "new.py")
    batches = Batches()
    entry = BaselineEntry(path="old.py", qualified_name="f", metric="cyclomatic_complexity", value=11)
    gate = open_gate(repository, batches, recorded=(entry,), judge="all")
    (verdict,) = gate.judge().verdicts
    assert [one.why for one in verdict.tolerated] == ["baseline"]
    assert batches.asked[:2] == [["new.py"], ["a.py", "b.py", "c.py", "new.py"]]


class Asking(ContentMeasurer):
    """Notes which files have values when workers are asked for others."""

    files: Sequence[HeldFile] = ()
    measured: Sequence[bool] = ()

    def _iter_answers(self, missing: Mapping[bytes | None, Source]) -> Generator[Measured, None, None]:
        self.measured = [file.is_measured for file in self.files]
        yield from super()._iter_answers(missing)


def test_stored_files_are_taken_before_workers_begin(tmp_path: Path) -> None:
    """The time may be up before they end."""
    rules = Rules(Settings(tmp_path, None))
    with closing(open_measurer(rules.settings, tmp_path / "store")) as measurer:
        asking = Asking(rules, measurer)
        asking.measure([HeldFile("stored.py", BAD.encode(), asking)])
        measurer.storage.write()
    with closing(open_measurer(rules.settings, tmp_path / "store")) as measurer:
        asking = Asking(rules, measurer, jobs=2)
        contents = {"a.py": BAD, "b.py": function(3), "c.py": function(4)}
        asking.files = [HeldFile(path, data.encode(), asking) for path, data in contents.items()]
        asking.measure(asking.files)
    assert asking.measured == [True, False, False]
    assert all(file.is_measured for file in asking.files)
