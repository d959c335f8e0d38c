"""Processors and memory that a container may use, from Linux control groups of either version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def find_processor_share(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> float:
    """Return the processors' worth of time that all groups of this process leave it; infinity without limits.

    Args:
        root: where the groups are mounted.
        membership: the file that says which of them this process is in.
    """
    shares = [float("inf")]
    for folder in _iter_folders(root, "", membership):
        shares += _divide(_read_words(folder / "cpu.max"))
    for folder in _iter_folders(root, "cpu", membership):
        shares += _divide(
            _read_words(folder / "cpu.cfs_quota_us") + _read_words(folder / "cpu.cfs_period_us")
        )
    return min(shares)


def find_memory(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> float:
    """Return the megabytes that all groups of this process leave it; infinity without limits.

    Args:
        root: where the groups are mounted.
        membership: the file that says which of them this process is in.
    """
    limits = [float("inf")]
    files = [folder / "memory.max" for folder in _iter_folders(root, "", membership)]
    files += [folder / "memory.limit_in_bytes" for folder in _iter_folders(root, "memory", membership)]
    for file in files:
        limits += [int(word) / 1e6 for word in _read_words(file)[:1] if word.isdecimal()]
    return min(limits)


def _iter_folders(root: Path, controller: str, membership: Path) -> Iterator[Path]:
    """Yield the folders of a controller's group and of all around it; in version 2 they have no names.

    A container that sees its own group as the root finds the limits there, whatever its group's path says.
    """
    for line in _read_text(membership).splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            group = PurePosixPath(path.lstrip("/"))
            for inside in (group, *group.parents):
                yield root / controller / inside


def _divide(words: list[str]) -> list[float]:
    """Return quota by period, in a list; nothing where the quota is no limit: ``max``, or -1."""
    if len(words) == 2 and all(map(str.isdecimal, words)) and int(words[1]):
        return [int(words[0]) / int(words[1])]
    return []


def _read_words(file: Path) -> list[str]:
    return _read_text(file).split()


def _read_text(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, ValueError):
        return ""
