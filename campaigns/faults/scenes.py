"""The faults. Each is given a trial and does the worst; then it returns what the run said that met it.

What a fault did that goes away by itself (permissions, other processes, a wrong clock) is undone at its end.
"""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from campaigns.faults.trial import Child, Seen, Trial
from pytest_antipasta.model.measured import RECORD_SCHEMA
from pytest_antipasta.store import fingerprint, local
from pytest_antipasta.store.location import locate_cache_dir

Scene: TypeAlias = Callable[[Trial], list[Seen]]
_NOBODY = 65_534
_IS_ROOT = os.geteuid() == 0


def killed(trial: Trial) -> list[Seen]:
    """A process is killed while it creates, reads or writes the store."""
    if trial.random.random() < 0.5:
        trial.run(trial.cache_dir)
        trial.change(0)
    for _ in range(trial.random.randrange(1, 4)):
        child = Child(lambda: trial.run(trial.cache_dir))
        child.kill(trial.random.random() * 0.06)
        child.answer()
    return [trial.run(trial.cache_dir)]


def killed_without_wal(trial: Trial) -> list[Seen]:
    """A process is killed while it uses a store with a rollback journal."""
    trial.journal = "delete"
    return killed(trial)


def cut_off(trial: Trial) -> list[Seen]:
    """The end of the database or of its WAL is missing."""
    _cut_off(trial)
    return [trial.run(trial.cache_dir)]


def _cut_off(trial: Trial) -> None:
    if trial.random.random() < 0.5:
        trial.run(trial.cache_dir)
        path = trial.folder / "cache.db"
    else:
        _leave_wal(trial)
        path = trial.folder / trial.random.choice(["cache.db", "cache.db-wal"])
    os.truncate(path, trial.random.randrange(path.stat().st_size + 1))


def random_bytes(trial: Trial) -> list[Seen]:
    """A page of the database or of its WAL has random bytes."""
    _overwrite(trial)
    return [trial.run(trial.cache_dir)]


def _overwrite(trial: Trial) -> None:
    if trial.random.random() < 0.5:
        trial.run(trial.cache_dir)
        trial.flip(trial.folder / "cache.db", trial.random.randrange(1, 5))
    else:
        _leave_wal(trial)
        name = trial.random.choice(["cache.db", "cache.db-wal", "cache.db-shm"])
        trial.flip(trial.folder / name, trial.random.randrange(1, 5))


def page_of_another_place(trial: Trial) -> list[Seen]:
    """A page of the database is overwritten by another."""
    _misplace(trial)
    return [trial.run(trial.cache_dir)]


def _misplace(trial: Trial) -> None:
    trial.run(trial.cache_dir)
    with (trial.folder / "cache.db").open("r+b") as file:
        pages = file.seek(0, os.SEEK_END) // 4096
        file.seek(4096 * trial.random.randrange(pages))
        page = file.read(4096)
        file.seek(4096 * trial.random.randrange(1, pages))
        file.write(page)


def disk_full(trial: Trial) -> list[Seen]:
    """File sizes are limited."""
    if trial.random.random() < 0.7:
        trial.run(trial.cache_dir)
        for number in range(8):
            trial.change(number)
    most = trial.random.choice([0, 1, 4096, 20_000, 40_000, 60_000])

    def run() -> Seen:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        return trial.run(trial.cache_dir)

    return [Child(run).answer()]


def read_only(trial: Trial) -> list[Seen]:
    """The folder is read-only."""
    folder = trial.cache_dir
    if trial.random.random() < 0.5:
        trial.run(trial.cache_dir)
        folder = trial.folder
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o500)
    with _as_nobody(trial.cache_dir):
        seen = trial.run(trial.cache_dir)
    folder.chmod(0o700)
    return [seen]


def folder_deleted(trial: Trial) -> list[Seen]:
    """The folder is deleted while a run has the store open."""
    if trial.random.random() < 0.5:
        trial.run(trial.cache_dir)
    return [trial.run(trial.cache_dir, lambda: shutil.rmtree(trial.cache_dir))]


def wrong_owner(trial: Trial) -> list[Seen]:
    """The folder belongs to another user."""
    trial.run(trial.cache_dir)
    if not _IS_ROOT:
        return []
    os.chown(trial.folder, _NOBODY, _NOBODY)
    seen = trial.run(trial.cache_dir)
    os.chown(trial.folder, 0, 0)
    return [seen]


def no_home(trial: Trial) -> list[Seen]:
    """There is no home folder."""

    def run() -> Seen:
        for name in ("HOME", "XDG_CACHE_HOME", "PYTEST_ANTIPASTA_CACHE_DIR", "USERPROFILE"):
            os.environ.pop(name, None)
        locate_cache_dir(None, None)  # imports what a user without rights may not be able to read
        if _IS_ROOT:
            os.setresuid(54_321, 54_321, 54_321)  # as in a container, with no entry in /etc/passwd
        else:
            os.environ["HOME"] = "/dev/null/home"
        return trial.run(locate_cache_dir(None, None))

    return [Child(run).answer()]


def two_versions(trial: Trial) -> list[Seen]:
    """Versions with different store formats alternate."""
    keys, layout = vars(fingerprint), local.LAYOUT
    seen = []
    for _ in range(2):
        keys["RECORD_SCHEMA"] = RECORD_SCHEMA + 1
        seen.append(trial.run(trial.cache_dir))
        keys["RECORD_SCHEMA"], local.LAYOUT = RECORD_SCHEMA, "v2"
        seen.append(trial.run(trial.cache_dir))
        local.LAYOUT = layout
        seen.append(trial.run(trial.cache_dir))
    assert [one.hits for one in seen[3:]] == [trial.files] * 3
    return seen


def eight_at_once(trial: Trial) -> list[Seen]:
    """Eight processes use one store."""
    if trial.random.random() < 0.3:
        _leave_wal(trial)
    children = [Child(lambda: trial.run(trial.cache_dir)) for _ in range(8)]
    return [child.answer() for child in children]


def eight_and_damage(trial: Trial) -> list[Seen]:
    """Eight processes find one damaged database."""
    trial.run(trial.cache_dir)
    (trial.folder / "cache.db").write_bytes(trial.random.randbytes(20_000))
    children = [Child(lambda: trial.run(trial.cache_dir)) for _ in range(8)]
    return [child.answer() for child in children]


def wrong_clock(trial: Trial) -> list[Seen]:
    """The clock jumps by up to two years."""
    seen = []
    for number in range(3):
        (trial.root / f"f{number}.py").touch()
        days = trial.random.uniform(-700, 700)
        with _clock_off_by(days * 86_400):
            seen.append(trial.run(trial.cache_dir))
    return seen


def locked(trial: Trial) -> list[Seen]:
    """Another process has locked the database."""
    trial.run(trial.cache_dir)
    with closing(sqlite3.connect(trial.folder / "cache.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE Cache SET access_count = 1")
        return [Child(lambda: trial.run(trial.cache_dir)).answer()]


def in_the_way(trial: Trial) -> list[Seen]:
    """A file or a folder is in the wrong place."""
    place = trial.random.choice(["", "v1", "v1/cache.db", "v1/create.lock", "v1/damage"])
    path = trial.cache_dir / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if place.startswith("v1/"):
        path.mkdir()
    else:
        path.write_bytes(b"")
    seen = [trial.run(trial.cache_dir)]
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)  # the store may have it put aside
    return seen


_CHANGES = (
    "mode = 4", "value = NULL", "value = 'text'", "raw = 0", "access_time = 'never'", "value = zeroblob(100)",
    "key = x'00' || rowid", "filename = '../../tree/f0.py'", "expire_time = 1",
)  # fmt: skip


def foreign_rows(trial: Trial) -> list[Seen]:
    """Rows have unexpected values."""
    _change_rows(trial)
    return [trial.run(trial.cache_dir)]


def _change_rows(trial: Trial) -> None:
    trial.run(trial.cache_dir)
    change = trial.random.choice(_CHANGES)
    with closing(sqlite3.connect(trial.folder / "cache.db")) as database, database:
        database.execute(f"UPDATE Cache SET {change} WHERE rowid % 2 = {trial.random.randrange(2)}")


def _overwrite_half(trial: Trial) -> None:
    """Overwrite half of all pages but the first one, so that the database can be opened."""
    trial.run(trial.cache_dir)
    with (trial.folder / "cache.db").open("r+b") as file:
        for page in range(1, file.seek(0, os.SEEK_END) // 4096):
            if trial.random.random() < 0.5:
                file.seek(4096 * page)
                file.write(trial.random.randbytes(512))


_DAMAGES: tuple[Callable[[Trial], None], ...] = (
    _cut_off, _overwrite, _misplace, _change_rows, *[_overwrite_half] * 4
)  # fmt: skip


def damage_under_jobs(trial: Trial) -> list[Seen]:
    """`check --jobs 2` finds a damaged database."""
    return _meet(trial, lambda: trial.run(trial.cache_dir, workers=2))


def damage_under_xdist(trial: Trial) -> list[Seen]:
    """`pytest -n 2` finds a damaged database."""
    return _meet(trial, lambda: trial.run_pytest("-n", "2"))


def removed_under_jobs(trial: Trial) -> list[Seen]:
    """The folder is deleted before two workers open the store."""
    trial.run(trial.cache_dir)
    return [trial.run(trial.cache_dir, lambda: shutil.rmtree(trial.cache_dir), workers=2)]


def _meet(trial: Trial, run: Callable[[], Seen]) -> list[Seen]:
    trial.random.choice(_DAMAGES)(trial)
    seen = run()
    assert "by another run" not in "".join(seen.told), seen.told  # there was none
    return [seen]


SCENES: tuple[Scene, ...] = (
    killed, killed_without_wal, cut_off, random_bytes, page_of_another_place, disk_full, read_only,
    folder_deleted, wrong_owner, no_home, two_versions, eight_at_once, eight_and_damage, wrong_clock, locked,
    in_the_way, foreign_rows, damage_under_jobs, damage_under_xdist, removed_under_jobs,
)  # fmt: skip

SLOW = {damage_under_xdist}
"""Scenes that take seconds each; one in ten of the rounds does."""


def _leave_wal(trial: Trial) -> None:
    """Leave a store whose last writes stand in its WAL, as by a process that was killed."""

    def write() -> None:
        run = trial.begin(trial.cache_dir)
        for source in run.plan.sources:
            run.add(run.judge_one(source))
        run.judge.measurer.close = lambda: None  # type: ignore[method-assign]
        run.finish()
        os._exit(0)

    Child(write).answer()


@contextmanager
def _as_nobody(folder: Path) -> Iterator[None]:
    """Be a user to whom a folder belongs, and who is not above permissions."""
    if not _IS_ROOT:
        yield
        return
    _give(folder, _NOBODY)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        _give(folder, 0)


def _give(folder: Path, user: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user)


@contextmanager
def _clock_off_by(seconds: float) -> Iterator[None]:
    real, real_ns = time.time, time.time_ns
    time.time = lambda: real() + seconds
    time.time_ns = lambda: real_ns() + int(seconds * 1e9)
    try:
        yield
    finally:
        time.time, time.time_ns = real, real_ns


def remove(folder: Path) -> None:
    """Remove what a trial has left."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
