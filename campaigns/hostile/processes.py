"""The processes of a run, looked at from outside: which there were, and what they took at most."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

# Seconds between two looks. The system keeps the peak of each process; one that ends in between has lost it.
_TICK = 0.03
_ROLES = {"pytest_antipasta.engine.executor.worker": "ours", "exec(eval(sys.stdin": "xdist's"}


class Observed(NamedTuple):
    """What was seen of a run.

    Attributes:
        code: its exit code; ``None`` for one that did not end.
        seconds: until it ended.
        peaks: megabytes that processes were resident with at most, by what they are for.
        left: processes that are still there.
    """

    code: int | None
    seconds: float
    peaks: dict[str, list[float]]
    left: int


def observe(command: Sequence[str], folder: Path, output: Path, patience: float) -> Observed:
    """Run a command and look at it and all that it begins.

    Args:
        command: to run.
        folder: to run it in.
        output: what it says goes there.
        patience: seconds after which it is ended.
    """
    began = time.monotonic()
    peaks: dict[int, tuple[str, float]] = {}
    with output.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
        while process.poll() is None and time.monotonic() < began + patience:
            for pid in _iter_session(process.pid):
                _note_peak(peaks, pid, is_first=pid == process.pid)
            time.sleep(_TICK)
    code, seconds = process.poll(), time.monotonic() - began
    if code is None:
        os.killpg(process.pid, 9)
        process.wait()
    found: dict[str, list[float]] = {}
    for role, peak in peaks.values():
        found.setdefault(role, []).append(peak)
    return Observed(code, seconds, found, len(list(_iter_session(process.pid))))


def _iter_session(leader: int) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            yield int(folder.name)


def _note_peak(peaks: dict[int, tuple[str, float]], pid: int, *, is_first: bool) -> None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines()
        words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return
    peak = next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:")), None)
    if peak is None:
        return
    role = "first" if is_first else next((role for mark, role in _ROLES.items() if mark in words), "git")
    # Between fork and exec a process is still what its parent is.
    peaks[pid] = role, peak
