"""Let a version write all that it keeps: a baseline, and the store that its commands leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.older.project import make_project
from tests.older.unpacking import FACTS, STORE, TREE

# What the version does: a baseline, measurements, a stat index, a memo, bodies and a history. A small tree
# is worth a memo, and its files count as settled at once.
_PROGRAM = """
import json, sys
from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo_keeping
from pytest_antipasta.files import reading
from pytest_antipasta.store import fingerprint

memo_keeping.SMALLEST_INDEX, reading._RACY_NANOSECONDS = 0, -(10**9)
for words in (
    ["baseline", "write", "--quiet", "lib/more.py"],
    ["check", "--quiet"],
    ["check", "--quiet", "--diff=HEAD~1"],
    ["trend", "--quiet"],
):
    main(words)
with open(sys.argv[1], "w") as facts:
    json.dump({"versions": fingerprint.list_versions()}, facts)
"""


def write_all(folder: Path, code: Path) -> str:
    """Write a project and what a version keeps of it; return the version's number of records.

    Args:
        folder: for both.
        code: a folder that has the package of the version.
    """
    make_project(folder / TREE)
    environment = {
        **os.environ,
        "PYTHONPATH": str(code),
        "PYTEST_ANTIPASTA_CACHE_DIR": str(folder / STORE),
        "HOME": str(folder),
    }
    command = [sys.executable, "-c", _PROGRAM, str(folder / FACTS)]
    subprocess.run(command, cwd=folder / TREE, env=environment, check=True, stdout=subprocess.DEVNULL)
    schema: str = json.loads((folder / FACTS).read_text())["versions"][0]
    return schema.removeprefix("schema ")
