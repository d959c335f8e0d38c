"""The interpreter of this process, without what a program of pex, shiv, PyInstaller or Nix adds to it."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

HERE_LAST = "sys.path.sort(key=lambda path: os.path.realpath(path) == os.getcwd())"
"""Code for a script that imports nothing from the current folder before the library, once it has os and sys.

An empty part of PYTHONPATH, as in ``$PYTHONPATH:/opt/lib``, is that folder, and before the library.
"""


@cache
def can_import_alone(module: str, folder: Path) -> bool:
    """Return whether the interpreter, started in a folder, finds a module; one that is there comes last."""
    command = [sys.executable, "-P", "-c", f"import os, sys\n{HERE_LAST}\nimport {module}"]
    try:
        return not subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode  # noqa: S603
    except OSError:
        return False
