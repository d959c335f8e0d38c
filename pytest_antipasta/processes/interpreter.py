"""The interpreter of this process, without what a program of pex, shiv, PyInstaller or Nix adds to it."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path


@cache
def can_import_alone(module: str, folder: Path) -> bool:
    """Return whether the interpreter, started in a folder, finds a module that is not there."""
    command = [sys.executable, "-P", "-c", f"import {module}"]
    try:
        return not subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode  # noqa: S603
    except OSError:
        return False
