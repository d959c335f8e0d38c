"""Running commands in turn and timing them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

from msgspec import Struct


class Sample(Struct, frozen=True):
    """What one run of a command took.

    Attributes:
        seconds: of the wall clock.
        peak: resident memory of its largest process, in bytes.
    """

    seconds: float
    peak: int


class Command(Struct, frozen=True):
    """Something to time.

    Attributes:
        name: as in the tables.
        line: program and arguments.
        folder: to run it in.
        environment: beside the inherited one.
        prepare: what has to be done before every run, outside of the time.
    """

    name: str
    line: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = {}
    prepare: Callable[[], object] | None = None


class Series(Struct, frozen=True):
    """All runs of one command.

    Attributes:
        name: the command's.
        samples: in the order of the rounds.
    """

    name: str
    samples: list[Sample]

    @property
    def seconds(self) -> float:
        """The median."""
        return median(sample.seconds for sample in self.samples)

    @property
    def spread(self) -> float:
        """The range of all rounds, as a share of the median."""
        seconds = [sample.seconds for sample in self.samples]
        return (max(seconds) - min(seconds)) / self.seconds

    @property
    def peak(self) -> int:
        """The largest of all rounds."""
        return max(sample.peak for sample in self.samples)


def time_in_turn(commands: Iterable[Command], rounds: int) -> dict[str, Series]:
    """Run all commands in turn, several times, so that a slow minute of the machine hits all alike.

    A first round that is not counted fills the file cache and writes byte code.
    """
    commands = list(commands)
    series: dict[str, Series] = {command.name: Series(command.name, []) for command in commands}
    for number in range(rounds + 1):
        for command in commands:
            sample = time_once(command)
            if number:
                series[command.name].samples.append(sample)
    return series


def time_once(command: Command) -> Sample:
    """Run a command once; its output goes nowhere, and its exit code says nothing of interest."""
    if command.prepare is not None:
        command.prepare()
    started = time.perf_counter()
    process = subprocess.Popen(
        command.line,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = 0
    return Sample(seconds, usage.ru_maxrss * 1024)
