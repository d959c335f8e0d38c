"""Where the time of a run goes, as the run tells it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from statistics import median

from msgspec import Struct

from benchmarks.timing import Command, make_environment, time_once

_PHASE = re.compile(r"(\w+) (\d+\.\d+) s\b")


class Profile(Struct, frozen=True):
    """Seconds of the parts of a run, medians of all rounds.

    Attributes:
        name: the command's.
        seconds: of the wall clock, in all.
        phases: by their names, in the order in which they began; the rest is in none.
    """

    name: str
    seconds: float
    phases: dict[str, float]

    @property
    def rest(self) -> float:
        """What is in no phase: starting and ending Python, imports, output, and what pytest does."""
        return self.seconds - sum(self.phases.values())


def profile(command: Command, debug: str, rounds: int) -> Profile:
    """Run a command several times and return where its time goes.

    Args:
        command: to run.
        debug: the option that makes it tell.
        rounds: how often.
    """
    seconds = [time_once(command).seconds for _ in range(rounds)]
    told = [_read_phases(command, debug) for _ in range(rounds)]
    phases = {name: median(one[name] for one in told) for name in told[0]}
    return Profile(command.name, median(seconds), phases)


def _read_phases(command: Command, debug: str) -> dict[str, float]:
    if command.prepare is not None:
        command.prepare()
    done = subprocess.run(
        [*command.line, debug],
        cwd=command.folder,
        env=make_environment(command),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.endswith(" s in total")]
    return {name: float(seconds) for name, seconds in _PHASE.findall(lines[-1])}


def format_profiles(profiles: Iterable[Profile]) -> Iterable[str]:
    """Yield a table of them, a share of the whole in each cell."""
    profiles = list(profiles)
    names = list(dict.fromkeys(name for one in profiles for name in one.phases))
    yield f"| run | seconds | {' | '.join(names)} | the rest |"
    yield f"|---|---:|{'---:|' * (len(names) + 1)}"
    for one in profiles:
        shares = [one.phases.get(name, 0.0) / one.seconds for name in names]
        cells = " | ".join(f"{share:.0%}" for share in (*shares, one.rest / one.seconds))
        yield f"| {one.name} | {one.seconds:.2f} | {cells} |"
