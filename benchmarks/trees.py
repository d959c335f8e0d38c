"""The code bases that are measured: git repositories in a scratch folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.corpora import corpus, python_files

# Part of django, all of django, all of homeassistant.
SIZES = (10, 50, 200, 885, 6725)
# The last commit of a tree with more files adds so many of them, the largest.
ADDED = 500


def make_tree(size: int, scratch: Path) -> Path:
    """Return a repository with as many Python files, all committed."""
    folder = scratch / f"tree-{size}"
    name = "homeassistant" if size > 885 else "django"
    files = python_files(name)
    # Evenly spread over the code base: small and large files alike.
    chosen = [files[index * len(files) // size] for index in range(size)]
    chosen.sort(key=lambda path: path.stat().st_size)
    before = max(0, size - ADDED)
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    for sources in filter(None, (chosen[:before], chosen[before:])):
        for source in sources:
            target = folder / source.relative_to(corpus(name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit all that is there."""
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message", "a state")


def run_git(folder: Path, *arguments: str) -> None:
    """Run git with an author of its own and nobody's settings."""
    settings = ("user.name=benchmark", "user.email=benchmark@localhost", "gc.auto=0")
    options = [option for setting in settings for option in ("-c", setting)]
    subprocess.run(["git", *options, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
