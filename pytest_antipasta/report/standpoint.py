"""Where somebody stands who is to run a command of ours."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.model import Verdict
from pytest_antipasta.printable import format_argument


class Standpoint(Struct, frozen=True):
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
