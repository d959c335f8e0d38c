"""A warm run never answers for content that is not there any more.

The file system's clock ticks every 10 ms here, as that of Linux may, and files count as settled after 20 ms
instead of two seconds.
"""

from __future__ import annotations

import mmap
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.opening import open_run
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files import reading, walk
from pytest_antipasta.files.reading import sign
from pytest_antipasta.model.measured import Measurement, Signature
from pytest_antipasta.results.stats import find_warnings
from pytest_antipasta.settings.values import Settings

_TICK, _SETTLED = 10**7, 2 * 10**7
CAN_LINK = sys.platform != "win32"  # which needs a privilege for that
# All of one size, and each with other numbers.
CONTENTS = [
    b"def f(a): return a " + b"if a else b " * count + b"or a " * (20 - count) + b"#" * (7 * (12 - count))
    for count in range(12)
]


def sign_coarsely(status: os.stat_result) -> Signature:
    size, modified, changed, inode = sign(status)
    return size, modified // _TICK * _TICK, changed // _TICK * _TICK, inode


def begin(root: Path, cache_dir: Path | None) -> Ledger:
    return open_run(Rules(Settings(root=root, source=None, paths=(".", "linked"))), cache_dir)


def measure_all(root: Path, cache_dir: Path | None) -> tuple[dict[str, Measurement], int]:
    """Return what a run says of each file, and how many files it has found in the store by their status."""
    ledger = begin(root, cache_dir)
    known = sum(source.digest is not None for source in ledger.plan.sources)
    run = ledger.judge_all(workers=0)
    assert find_warnings(run) == ()
    return {path: verdict.measurement for path, verdict in run.verdicts.items()}, known


class Tree:
    """A tree that is edited at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.root, self.elsewhere = folder / "root", folder / "elsewhere"
        self.random = random.Random(seed)
        for place in ("root/pkg", "elsewhere/one", "elsewhere/two"):
            (folder / place).mkdir(parents=True)
        for number in range(6):
            self.path(number).write_bytes(self.content())
        for name in ("one", "two"):
            (self.elsewhere / name / "l.py").write_bytes(self.content())
        if CAN_LINK:
            (self.root / "linked").symlink_to(self.elsewhere / "one")
        else:
            (self.root / "linked").mkdir()
            (self.root / "linked" / "l.py").write_bytes(self.content())
        self.edits: list[Callable[[], None]] = [
            self.rewrite, self.rewrite_with_old_times, self.replace, self.replace_with_old_times, self.touch,
            self.exchange, self.turn_link, self.write_through_hard_link, self.write_through_map, self.remove,
            self.write_beside, self.set_times_back, self.replace_by_link,
        ]  # fmt: skip
        if sys.platform == "win32":  # which does not tell that times were restored, see docs/platforms.md
            self.edits = [
                self.rewrite, self.replace, self.touch, self.exchange, self.write_through_hard_link,
                self.write_through_map, self.remove, self.write_beside,
            ]  # fmt: skip

    def path(self, number: int | None = None) -> Path:
        number = self.random.randrange(6) if number is None else number
        return self.root / ("pkg" if number % 2 else ".") / f"f{number}.py"

    def content(self) -> bytes:
        return self.random.choice(CONTENTS)

    def present(self) -> Path:
        """Return a file that is there and no link."""
        path = self.path()
        if path.is_symlink() or not path.exists():
            path.unlink(missing_ok=True)
            path.write_bytes(self.content())
        return path

    def rewrite(self) -> None:
        self.present().write_bytes(self.content())

    def rewrite_with_old_times(self) -> None:
        path = self.present()
        before = path.stat()
        path.write_bytes(self.content())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def replace(self) -> None:
        new = self.root / "new"
        new.write_bytes(self.content())
        new.replace(self.path())

    def replace_with_old_times(self) -> None:
        path = self.present()
        before = path.stat()
        new = self.root / "new"
        new.write_bytes(self.content())
        os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
        new.replace(path)

    def touch(self) -> None:
        self.present().touch()

    def exchange(self) -> None:
        one, other, aside = self.present(), self.present(), self.root / "aside"
        if one != other:
            one.rename(aside)
            other.rename(one)
            aside.rename(other)

    def turn_link(self) -> None:
        link = self.root / "linked"
        target = self.elsewhere / self.random.choice(["one", "two"])
        link.unlink()
        link.symlink_to(target)

    def write_through_hard_link(self) -> None:
        path, link = self.present(), self.elsewhere / "hard"
        link.unlink(missing_ok=True)
        os.link(path, link)
        with link.open("r+b") as file:
            file.write(self.content())

    def write_through_map(self) -> None:
        with self.present().open("r+b") as file, mmap.mmap(file.fileno(), 0) as view:
            view[:] = self.content()
            view.flush()

    def remove(self) -> None:
        self.path().unlink(missing_ok=True)

    def write_beside(self) -> None:
        (self.elsewhere / self.random.choice(["one", "two"]) / "l.py").write_bytes(self.content())

    def set_times_back(self) -> None:
        long_ago = self.random.choice([0, 10**18, 2 * 10**18])
        os.utime(self.present(), ns=(long_ago, long_ago))

    def replace_by_link(self) -> None:
        path = self.path()
        path.unlink(missing_ok=True)
        path.symlink_to(self.elsewhere / "one" / "l.py")

    def write_during_a_run(self, cache_dir: Path) -> None:
        """Write files right before and right after they are read, so that their times may stay the same."""
        run = begin(self.root, cache_dir)
        for source in run.plan.sources:
            path = Path(source.location)
            if path.is_symlink() or self.random.random() < 0.5:
                run.add(run.judge_one(source))
            else:
                path.write_bytes(self.content())
                run.add(run.judge_one(source))
                path.write_bytes(self.content())
        run.finish()


def test_all_contents_have_one_size_and_other_numbers(tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "notes.txt").touch()  # an empty folder would be reported
    for number, content in enumerate(CONTENTS):
        (tmp_path / f"f{number}.py").write_bytes(content)
    measured, _ = measure_all(tmp_path, None)
    assert len({len(content) for content in CONTENTS}) == 1
    assert len({repr(measurement) for measurement in measured.values()}) == len(CONTENTS)


@pytest.fixture
def quick_dir() -> Iterator[Path]:
    """A folder for the store in memory, where there is one: hundreds of runs would wait for the disk."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.mark.slow
def test_after_any_edit_a_warm_run_says_what_one_without_a_store_says(
    tmp_path: Path, quick_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_RACY_NANOSECONDS", _SETTLED)
    for module in (reading, walk):
        monkeypatch.setattr(module, "sign", sign_coarsely)
    tree = Tree(tmp_path, seed=1)
    known = 0
    for step in range(80):
        for _ in range(tree.random.choice([0, 1, 1, 3])):
            tree.random.choice(tree.edits)()
        if step % 4 == 0:
            tree.write_during_a_run(quick_dir)
        if tree.random.random() < 0.3:
            time.sleep(1.5 * _SETTLED / 1e9)  # so that what is there may be trusted from the next run on
        warm, number = measure_all(tree.root, quick_dir)
        assert warm == measure_all(tree.root, None)[0], f"step {step}"
        known += number
    assert known > 80  # else nothing was tested: every file was read every time
