"""What differs on Windows, and what tests need that it lacks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

AND = "\n          " if sys.platform == "win32" else " && "
"""What stands between the commands of a hook's ``record``: not each shell of Windows knows ``&&``."""
QUOTE = '"' if sys.platform == "win32" else "'"
"""What stands around a proposed argument with spaces."""

NEEDS_FILE_LIMITS = pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no sizes of files")
NEEDS_JUNCTIONS = pytest.mark.skipif(sys.platform != "win32", reason="Windows alone has junctions")
NEEDS_LINKS = pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a privilege to create links")
NEEDS_PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
NEEDS_PROCESSOR_TIME = pytest.mark.skipif(sys.platform == "win32", reason="files have at least 30 s there")
NEEDS_SCRIPTS = pytest.mark.skipif(sys.platform == "win32", reason="Windows starts no shell scripts")
NEEDS_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
NOT_ON_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file, name or mode")

# Characters, a space or dot at the end, and names of devices, with or without a suffix.
_REFUSED = re.compile(
    r'(?i)[\x00-\x1f<>:"\\|?*\ud800-\udfff]|[ .](/|$)|(^|/)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|/|$)'
)


def can_be_on_disk(name: str) -> bool:
    """Return whether this system can have a file of a name; Windows allows fewer characters."""
    return sys.platform != "win32" or can_be_on_windows(name)


def can_be_on_windows(name: str) -> bool:
    """Return whether Windows can have a file of a name, a path with slashes."""
    return _REFUSED.search(name) is None


def decode_name(name: bytes) -> str:
    """Return Python's text for a name of bytes that need not be UTF-8, which Windows would not decode."""
    return name.decode("utf-8", "surrogateescape")


def decode_output(output: bytes) -> str:
    """Return what a program has printed, with the line ends that Python's own output has elsewhere."""
    return os.fsdecode(output).replace(os.linesep, "\n")


def make_junction(path: Path, target: Path) -> None:
    """Create a folder of Windows that leads to another one."""
    subprocess.run(["cmd", "/c", "mklink", "/J", str(path), str(target)], check=True, capture_output=True)


def change_mode(root: Path, path: str, mode: int) -> None:
    """Change the mode of a file in a repository; Windows has modes in the index alone."""
    (root / path).chmod(mode)
    if sys.platform == "win32":
        sign = "+" if mode & 0o100 else "-"
        command = ["git", "update-index", "--add", f"--chmod={sign}x", path]
        subprocess.run(command, cwd=root, check=True)
