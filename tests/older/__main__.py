"""Write the archive of a version: a repository with a baseline, and the store that its commands leave."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.environment import ENVIRONMENT
from tests.older.unpacking import ARCHIVES, FACTS, STORE, TREE
from tests.older.writing import write_all


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
            template = folder / "template"  # an empty one, without examples of hooks
            template.mkdir()
            os.environ |= ENVIRONMENT | {"GIT_TEMPLATE_DIR": str(template)}
            number = write_all(folder, code)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(code)], check=True)
        path = ARCHIVES / f"records-{number}.tar.xz"
        with tarfile.open(path, "w:xz") as archive:
            for part in (TREE, STORE, FACTS):
                archive.add(folder / part, part, filter=_forget_user)
    print(f"written: {path.relative_to(Path.cwd())}, {path.stat().st_size} bytes")  # noqa: T201
    return 0


def _forget_user(part: tarfile.TarInfo) -> tarfile.TarInfo:
    part.uid = part.gid = 0
    part.uname = part.gname = ""
    return part


if __name__ == "__main__":
    sys.exit(main())
