"""What lizard's own command line says of functions, and what ours does."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from tests.extension.conftest import Environment, read_files, write_settings

Row: TypeAlias = tuple["str | int", ...]
"""Path, line, and of a function nloc, complexity, tokens, parameters and length."""
_NUMBERS = ("lizard:nloc", "cyclomatic_complexity", "lizard:tokens", "lizard:parameters", "lizard:length")


def ask_lizard(lizard: Path, files: Sequence[Path], root: Path) -> list[Row]:
    """Return what lizard says of some files."""
    (root / "files.txt").write_text("".join(f"{path.relative_to(root)}\n" for path in files))
    done = subprocess.run(
        [sys.executable, "-m", "lizard", "--csv", "--input_file", "files.txt"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(lizard)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    rows = csv.reader(io.StringIO(done.stdout))
    return sorted((row[6].removeprefix("./"), int(row[9]), *map(int, row[:5])) for row in rows)


def ask_us(environment: Environment, root: Path, languages: Sequence[str]) -> tuple[list[Row], list[str]]:
    """Return what we say of all files of a folder, and the paths of those without numbers."""
    write_settings(
        root, others=[f"languages = {json.dumps(languages)}", 'include = ["none"]', "paths = ['.']"]
    )
    done = environment.check(root, "--format", "json", "--no-cache")
    files = read_files(done.stdout)
    rows = [
        (file["path"], block["line"], *(block[name] for name in _NUMBERS))
        for file in files
        for block in file["blocks"]
    ]
    return sorted(rows), [file["path"] for file in files if file["status"] != "measured"]
