"""Available processors and memory in a container, from Linux control groups, and memory of the host."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath

_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")
_HOST = Path("/proc/meminfo")
_EVENTS = Path("/proc/vmstat")


def read_processor_share(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> float:
    """Return the number of processors that all groups of this process allow; infinity without a limit."""
    shares = [float("inf")]
    for folder in _iter_folders(root, "", membership):
        shares += _divide(_read_words(folder / "cpu.max"))
    for folder in _iter_folders(root, "cpu", membership):
        shares += _divide(
            _read_words(folder / "cpu.cfs_quota_us") + _read_words(folder / "cpu.cfs_period_us")
        )
    return min(shares)


def read_free_memory(root: Path = _ROOT, membership: Path = _MEMBERSHIP, host: Path | None = None) -> float:
    """Return the free megabytes of the host and all groups of this process; infinity if unknown."""
    free = [float("inf")]
    for folder in _iter_folders(root, "", membership):
        free += _subtract(folder, "memory.max", "memory.current", "")
    for folder in _iter_folders(root, "memory", membership):
        free += _subtract(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_")
    free += [kibibytes * 1024 / 1e6 for kibibytes in _read_table(host or _HOST, "MemAvailable:")]
    return min(free)


def count_oom_kills() -> int:
    """Return how many processes the host or a group has killed for lack of memory."""
    return sum(_read_table(_EVENTS, "oom_kill"))


def _iter_folders(root: Path, controller: str, membership: Path) -> Iterator[Path]:
    """Yield the folders of a controller's group and all its parents; in version 2 controllers have no names.

    A container that sees its own group as the root has the limits there, whatever its group's path is.
    """
    for line in _read_text(membership).splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            group = PurePosixPath(path.lstrip("/"))
            for inside in (group, *group.parents):
                yield root / controller / inside


def _divide(words: list[str]) -> list[float]:
    """Return quota divided by period, in a list; empty if the quota is unlimited (``max`` or -1)."""
    if len(words) == 2 and all(map(str.isdecimal, words)) and int(words[1]):
        return [int(words[0]) / int(words[1])]
    return []


def _subtract(folder: Path, limit: str, usage: str, prefix: str) -> list[float]:
    """Return the free megabytes of a group, in a list; empty without a limit.

    The page cache counts as used memory of the group, but is freed on demand.
    """
    numbers = [*_read_words(folder / limit), *_read_words(folder / usage)]
    if len(numbers) != 2 or not all(map(str.isdecimal, numbers)):
        return []
    cached = _read_table(folder / "memory.stat", f"{prefix}active_file", f"{prefix}inactive_file")
    return [(int(numbers[0]) - int(numbers[1]) + sum(cached)) / 1e6]


def _read_table(file: Path, *names: str) -> list[int]:
    """Return the values that follow some names."""
    words = _read_words(file)
    return [int(word) for name, word in pairwise(words) if name in names and word.isdecimal()]


def _read_words(file: Path) -> list[str]:
    return _read_text(file).split()


def _read_text(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, ValueError):
        return ""
