"""Write the archive of a version: a repository with a baseline, and the store that its commands leave."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.environment import ENVIRONMENT
from tests.older.project import make_project
from tests.older.unpacking import ARCHIVES, FACTS, STORE, TREE

# What the version does: a baseline, measurements, a stat index, a memo, bodies and a history. A small tree
# is worth a memo, and its files count as settled at once.
_PROGRAM = """
import json, sys
from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo_keeping
from pytest_antipasta.files import walk
from pytest_antipasta.store import fingerprint

memo_keeping.SMALLEST_INDEX, walk._RACY_NANOSECONDS = 0, -(10**9)
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


def main(argv: list[str] | None = None) -> int:
    """Make the archive with the code of a commit."""
    parser = argparse.ArgumentParser(prog="python -m tests.older", description=main.__doc__)
    parser.add_argument("commit", help="commit of the version, before RECORD_SCHEMA is raised")
    commit = parser.parse_args(argv).commit
    with TemporaryDirectory(prefix="antipasta-older-") as name:
        folder = Path(name)
        code = folder / "code"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(code), commit], check=True)
        try:
            number = _write_all(folder, code)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(code)], check=True)
        path = ARCHIVES / f"records-{number}.tar.xz"
        with tarfile.open(path, "w:xz") as archive:
            for part in (TREE, STORE, FACTS):
                archive.add(folder / part, part, filter=_forget_user)
    print(f"written: {path.relative_to(Path.cwd())}, {path.stat().st_size} bytes")  # noqa: T201
    return 0


def _write_all(folder: Path, code: Path) -> str:
    """Write what the archive has; return the version's number of records."""
    template = folder / "template"  # an empty one, without examples of hooks
    template.mkdir()
    os.environ |= ENVIRONMENT | {"GIT_TEMPLATE_DIR": str(template)}
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


def _forget_user(part: tarfile.TarInfo) -> tarfile.TarInfo:
    part.uid = part.gid = 0
    part.uname = part.gname = ""
    return part


if __name__ == "__main__":
    sys.exit(main())
