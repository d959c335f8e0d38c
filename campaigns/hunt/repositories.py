"""Repositories for steps: commits are objects written here, the index and merges are git's."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

from campaigns.hunt.baselines import write_files
from campaigns.hunt.trees import FOLDERS, Tree, is_script

_PERSON = "A. Author <author@example.org> 0 +0000"


def write_worktree(folder: Path, tree: Tree) -> None:
    """Have a tree's files in a worktree, and no others."""
    for place in folder.iterdir():
        if place.name in FOLDERS:
            shutil.rmtree(place)
        elif place.is_file() and place.name != ".git":  # that of a linked worktree
            place.unlink()
    write_files(folder, tree)


def find_origins(folder: Path, *change: str) -> dict[str, str]:
    """Return for each file that git takes for another one renamed the path that this had, in a worktree."""
    options = ("--name-status", "--find-renames", "-l1000", "--diff-filter=R", "-z", "--no-relative")
    command = ["git", "diff", *options, *change]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    fields = done.stdout.split("\0")[:-1]
    return dict(zip(fields[2::3], fields[1::3], strict=True))


class Repository:
    """A repository in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Create it, as ``git init`` does, but without a process."""
        self.path = folder
        self._git = folder / ".git"
        for name in ("objects", "refs/heads"):
            (self._git / name).mkdir(parents=True)
        (self._git / "HEAD").write_text("ref: refs/heads/main\n")
        (self._git / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n")

    def commit(self, tree: Tree, parents: Sequence[str] = ()) -> str:
        """Write a commit and return its name."""
        lines = [f"tree {self._write_tree(tree)}", *(f"parent {name}" for name in parents)]
        lines += [f"author {_PERSON}", f"committer {_PERSON}", "", "step", ""]
        return self._write("commit", "\n".join(lines).encode())

    def set_head(self, commit: str) -> None:
        """Have the branch at a commit."""
        (self._git / "refs/heads/main").write_text(f"{commit}\n")

    def stage(self, tree: Tree) -> None:
        """Have a tree in the index."""
        self.git("read-tree", "--reset", self._write_tree(tree))

    def write(self, tree: Tree) -> None:
        """Have a tree's files in the worktree, and no others."""
        write_worktree(self.path, tree)

    def put(self, commit: str, index: Tree, worktree: Tree) -> None:
        """Have the branch at a commit, and trees in the index and in the worktree."""
        self.set_head(commit)
        self.stage(index)
        self.write(worktree)

    def read(self) -> dict[str, str]:
        """Return the files of the worktree."""
        names = sorted(place for place in self.path.rglob("*") if place.is_file())
        named = ((place.relative_to(self.path).as_posix(), place) for place in names)
        return {name: place.read_bytes().decode() for name, place in named if not name.startswith(".git/")}

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run git; who calls looks at its exit code where it can fail."""
        return subprocess.run(["git", *arguments], cwd=self.path, capture_output=True, text=True, check=False)

    def find_origins(self, *change: str) -> dict[str, str]:
        """Return for each file that git takes for another one renamed the path that this had.

        A change is two commits, or one after ``--cached`` for what is staged.
        """
        return find_origins(self.path, *change)

    def _write_tree(self, tree: Tree) -> str:
        here = {name: self._write("blob", text.encode()) for name, text in tree.items() if "/" not in name}
        modes = {name: b"100755" if is_script(name) else b"100644" for name in here}
        entries = [(name, b"%s %s\0" % (modes[name], name.encode()), blob) for name, blob in here.items()]
        for folder in sorted({name.partition("/")[0] for name in tree if "/" in name}):
            inner = {
                name.partition("/")[2]: text for name, text in tree.items() if name.startswith(f"{folder}/")
            }
            entries.append((f"{folder}/", b"40000 %s\0" % folder.encode(), self._write_tree(inner)))
        return self._write("tree", b"".join(head + bytes.fromhex(name) for _, head, name in sorted(entries)))

    def _write(self, kind: str, data: bytes) -> str:
        whole = b"%s %d\0%s" % (kind.encode(), len(data), data)
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        place = self._git / "objects" / name[:2] / name[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(whole, 1))
        return name
