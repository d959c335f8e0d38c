"""The rows of a table, judged at once: each has a folder of a repository, and functions like no other row's.

No row may take a file away: git would look for it in all others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.forked import ForkedPython
from tests.gate.conftest import Guarded, Said, find_places

Files = Mapping[str, str]
"""Contents by path."""


def name_rows(rows: Sequence[Any]) -> dict[str, tuple[Any, ...]]:
    """Return the values of parameters by their ids."""
    return {row.id: row.values for row in rows}


class Table:
    """A repository with a folder for each row, whose commands run in forks, without a store."""

    def __init__(self, origin: Path, folder: Path, python: ForkedPython, rows: Mapping[str, Files]) -> None:
        """Copy a repository, and commit what each row has before."""
        self.guarded = Guarded(folder, None, python.run, origin)
        self._folders = {name: f"row{number}" for number, name in enumerate(rows)}
        self.stage(rows)

    def stage(self, rows: Mapping[str, Files]) -> None:
        """Write the files of each row, and stage all that there is."""
        for number, (name, files) in enumerate(rows.items()):
            for path, text in files.items():
                # Else its functions could be those of another row, moved.
                own = text.replace("a += 1", f"a += {number + 10}")
                self.guarded.write(f"{self._folders[name]}/{path}", own)
        self.guarded.git("add", "--all")

    def say(self, *arguments: str) -> Said:
        """Run a command of ours."""
        return self.guarded.run_program(*arguments, "--no-cache")

    def find(self, *arguments: str) -> dict[str, list[str]]:
        """Return for each row the places that a command prints for what is over a limit."""
        said = self.say(*arguments)
        places = find_places(said.out)
        assert said.code == bool(places), said
        return {
            name: [place.removeprefix(f"{folder}/") for place in places if place.startswith(f"{folder}/")]
            for name, folder in self._folders.items()
        }

    def read(self, *arguments: str) -> dict[str, list[dict[str, Any]]]:
        """Return for each row the files of a JSON report."""
        files = json.loads(self.say(*arguments, "--format", "json").out)["files"]
        return {
            name: [file for file in files if re.match(rf"{folder}/", file["path"])]
            for name, folder in self._folders.items()
        }
