"""Virtual environments for what is measured, apart from the one that measures.

Ours holds this checkout and what it needs and nothing else, as plugins of other packages would be
started with every run; the peers have one for all of them, but for wily, which needs an older radon.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

_PROJECT = Path(__file__).parent.parent
_PEERS = Path(__file__).with_name("peers.txt")
WILY = "wily==1.25.0"


def make_own_environment(scratch: Path) -> Path:
    """Return the folder of the programs of an environment with this checkout in it."""
    return make_environment(scratch / "own", "pytest-xdist", str(_PROJECT))


def make_peer_environment(scratch: Path) -> Path:
    """Return the folder of the programs of an environment with the peers in it."""
    return make_environment(scratch / "peers", "--requirement", str(_PEERS))


def make_wily_environment(scratch: Path) -> Path:
    """Return the folder of the programs of an environment with wily in it."""
    return make_environment(scratch / "wily", WILY)


def make_environment(folder: Path, *requirements: str) -> Path:
    """Return the folder of the programs of an environment with some packages in it."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", *requirements], check=True)
    return programs


def describe_versions(programs: Path) -> list[str]:
    """Return the installed packages with their versions."""
    listing = subprocess.run(
        [programs / "python", "-m", "pip", "list", "--format", "freeze"],
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(listing.stdout.split(), key=str.lower)


def describe_peers() -> list[str]:
    """Return the peers with their versions, without what they need."""
    return [*_PEERS.read_text(encoding="utf-8").split(), WILY]
