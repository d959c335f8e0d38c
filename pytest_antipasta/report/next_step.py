"""What to do about a run that failed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.messages import format_argument, format_path, make_printable
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import excess_ratio


def suggest_next(verdicts: Sequence[Verdict], root: Path) -> str | None:
    """Return the command that explains the worst of what fails; ``None`` where it can't be typed.

    Standard input has no name, and that of a file may not be one that can be printed.

    Args:
        verdicts: in the order of their paths.
        root: what the paths are relative to.
    """
    failed = sorted((verdict for verdict in verdicts if verdict.failed), key=_rank, reverse=True)
    verdict = next((verdict for verdict in failed if os.path.lexists(root / verdict.path)), None)
    if verdict is None:
        return None
    path = format_path(root / verdict.path)
    if verdict.measurement.error is not None:
        return f"`pytest-antipasta explain {format_argument(path)}` shows what is known of it"
    worst = max(verdict.violations, key=_rank_violation, default=None)
    name = f"::{worst.qualified_name}" if worst is not None and worst.qualified_name else ""
    target = format_argument(make_printable(f"{path}{name}"))
    return f"`pytest-antipasta explain {target}` shows where its numbers come from, and its limits"


def _rank(verdict: Verdict) -> tuple[bool, float]:
    return max(map(_rank_violation, verdict.violations), default=(False, 0.0))


def _rank_violation(violation: Violation) -> tuple[bool, float]:
    """Functions before files, as they are what can be mended."""
    return violation.qualified_name is not None, excess_ratio(violation)


class Invocation(Struct, frozen=True):
    """Where somebody stands, and what they would have to name.

    Attributes:
        folder: where they stand.
        root: what the paths of verdicts are relative to.
        config: the settings, if they were named.
    """

    folder: Path
    root: Path
    config: Path | None

    def format_command(self, action: str, verdicts: Iterable[Verdict]) -> str:
        """Return a command about files, as it is to be typed."""
        options = [] if self.config is None else ["--config", self._format(self.config)]
        paths = [self._format(self.root / verdict.path) for verdict in verdicts]
        return " ".join(("pytest-antipasta", action, *options, *paths))

    def _format(self, path: Path) -> str:
        try:
            return format_argument(os.path.relpath(path, self.folder))
        except ValueError:  # on another drive
            return format_argument(str(path))
