"""CPython 3.14, which npm has as WebAssembly, with wheels from PyPI; node runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.corpora import DOWNLOAD_SECONDS, ENVIRONMENT, USER_CACHE
from tests.report.browser import give_up

ROOT = Path(__file__).parents[2]
_FOLDER = Path(__file__).parent
# What of our dependencies, and of the tests', is compiled; all else is taken from where the tests run.
_COMPILED = ("msgspec", "hypothesis")
_WHEELS = (
    "--platform=pyemscripten_2026_0_wasm32",
    "--python-version=3.14",
    "--only-binary=:all:",
    "--no-deps",
)


def find_pyodide() -> Path:
    """Return the folder of the package, as npm has installed it; skip the test without it."""
    folder = Path(os.environ.get("PYTEST_ANTIPASTA_NODE", "/nowhere"), "node_modules", "pyodide")
    if not folder.is_dir() or shutil.which("node") is None:
        give_up("needs node, `npm install --prefix FOLDER pyodide@314`, and PYTEST_ANTIPASTA_NODE=FOLDER")
    return folder


def fetch_wheels() -> Path:
    """Return a folder with what is compiled, unpacked; skip the test where it can't be downloaded."""
    import filelock

    folder = USER_CACHE / f"pyodide-314-msgspec-{msgspec.__version__}"
    USER_CACHE.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            scratch = Path(f"{folder}.part")
            shutil.rmtree(scratch, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", *_WHEELS]
            done = subprocess.run(
                [*command, f"--dest={scratch}", *_COMPILED],
                env=ENVIRONMENT,
                capture_output=True,
                text=True,
                timeout=DOWNLOAD_SECONDS,
                check=False,
            )
            if done.returncode:
                give_up(f"pip can't download {', '.join(_COMPILED)} for WebAssembly: {done.stderr}")
            for wheel in scratch.glob("*.whl"):
                with zipfile.ZipFile(wheel) as archive:
                    archive.extractall(scratch)
            scratch.rename(folder)
    return folder


def run(
    pyodide: Path,
    tests: Sequence[str] = (),
    corpora: Sequence[Path] = (),
    *,
    share: int = 1,
    seed: int = 0,
) -> subprocess.CompletedProcess[str]:
    """Run pytest, or compare code bases with radon, on CPython 3.14.

    Args:
        pyodide: the package's folder.
        tests: pytest's arguments; empty for none.
        corpora: folders of sources to compare.
        share: one file of so many is compared.
        seed: which of them.
    """
    packages = Path(msgspec.__file__).parents[1]
    path = [f"/host{folder}" for folder in (ROOT, fetch_wheels(), packages)]
    orders: dict[str, Any] = {"path": path, "tests": list(tests), "share": share, "seed": seed}
    orders["corpora"] = [f"/host{folder}" for folder in corpora]
    return subprocess.run(
        ["node", str(_FOLDER / "run.mjs"), str(pyodide), str(_FOLDER / "inside.py")],
        input=json.dumps(orders),
        capture_output=True,
        text=True,
        check=False,
    )
