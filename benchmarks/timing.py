"""Running commands in turn and timing them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

from msgspec import Struct

_LAUNCHER = str(Path(__file__).with_name("launch.py"))


class Sample(Struct, frozen=True):
    """What one run of a command took.

    Attributes:
        seconds: of the wall clock.
        processor: seconds of processors, of all its processes.
        peak: resident memory of its largest process, in bytes.
    """

    seconds: float
    processor: float
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
    def processor(self) -> float:
        """The median of the seconds of processors."""
        return median(sample.processor for sample in self.samples)

    @property
    def spread(self) -> float:
        """The range of all rounds, as a share of the median."""
        seconds = [sample.seconds for sample in self.samples]
        return (max(seconds) - min(seconds)) / self.seconds

    @property
    def peak(self) -> int:
        """The largest of all rounds."""
        return max(sample.peak for sample in self.samples)


def time_in_turn(commands: Iterable[Command], rounds: int, *, warm_up: bool = True) -> dict[str, Series]:
    """Run all commands in turn, several times, so that a slow minute of the machine hits all alike.

    Args:
        commands: to time.
        rounds: that count.
        warm_up: whether one goes before them that does not, as it fills the file cache and writes byte code.
    """
    commands = list(commands)
    series: dict[str, Series] = {command.name: Series(command.name, []) for command in commands}
    for number in range(-1 if warm_up else 0, rounds):
        for command in commands:
            sample = time_once(command)
            if number >= 0:
                series[command.name].samples.append(sample)
    return series


def time_duel(one: Command, other: Command, choose_rounds: Callable[[float], int]) -> list[float]:
    """Return the ratio of two commands in each of several rounds.

    They run one right after the other, as the speed of a machine changes within seconds, and take turns in
    going first. The first round tells how long one takes; it counts only where there are no others.
    """
    first = _time_pair(one, other)
    rounds = choose_rounds(sum(first))
    pairs = [
        _time_pair(one, other) if number % 2 else _time_pair(other, one)[::-1] for number in range(rounds)
    ]
    return [mine / its for mine, its in pairs or [first]]


def _time_pair(one: Command, other: Command) -> tuple[float, float]:
    return time_once(one).seconds, time_once(other).seconds


def make_environment(command: Command) -> dict[str, str]:
    """Return what a command runs in, byte code allowed: users do not compile in every run."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, **command.environment}


def time_once(command: Command) -> Sample:
    """Run a command once; its output goes nowhere, and its exit code says nothing of interest."""
    if command.prepare is not None:
        command.prepare()
    done = subprocess.run(
        [sys.executable, "-I", "-S", _LAUNCHER, *command.line],
        cwd=command.folder,
        env=make_environment(command),
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, processor, peak = done.stdout.split()
    return Sample(float(seconds), float(processor), int(peak))
