"""The packages of what is committed, and an index on this machine that has them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).parents[2]


def run(*words: str | Path, folder: Path = ROOT) -> str:
    """Return what a program prints, which has to succeed."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clone(folder: Path) -> Path:
    """Return a clone of what is committed, in a folder."""
    run("git", "clone", "--quiet", ROOT, folder / "clone")
    return folder / "clone"


def build(source: Path, target: Path) -> list[Path]:
    """Return wheel and sdist of a checkout."""
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, folder=source)
    return sorted(target.iterdir())


class _Quiet(SimpleHTTPRequestHandler):
    """Listings of folders, which is all that a package index has to be."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


@contextmanager
def serve_index(packages: list[Path], folder: Path) -> Iterator[str]:
    """Yield the address of a package index that has our packages and nothing else."""
    ours = folder / "simple" / "pytest-antipasta"
    ours.mkdir(parents=True)
    for path in packages:
        shutil.copy(path, ours)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()
