"""A repository in which somebody works: files come, change, go, and are not always Python."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

from tests.limits import DEEP, HEAVY

_FILES = 80
_CHANGES = 12
# All of more than a megabyte, so that they are measured in a process of their own: what one of half of that
# takes in this one, the allocator gives back or keeps as it sees fit, which would hide what grows.
_HOSTILE = {"slow.py": b"x: int; y = [\n" + b"1,\n" * 350_000 + b"]\n", "deep.py": DEEP, "heavy.py": HEAVY}
# Bounds that some hundred runs come up against, with hours between them.
_SETTINGS = """\
[tool.pytest-antipasta]
file_timeout = 0.3
memory_limit_mb = 150
cache_max_entries = {entries}
cache_max_age_days = 20
thresholds = {{ maintainability_index = false }}
"""


class ChangingTree:
    """The repository.

    Attributes:
        root: its top.
        most_entries: that its settings allow the store.
    """

    def __init__(self, root: Path, seed: int, most_entries: int) -> None:
        """Make it, with a first commit."""
        self.root, self.most_entries = root, most_entries
        self._random = random.Random(seed)
        self._number = 0
        root.mkdir()
        (root / "pyproject.toml").write_text(_SETTINGS.format(entries=most_entries))
        for _ in range(_FILES):
            self._add()
        self._git("init", "--quiet")
        self.commit()

    def change(self) -> None:
        """Do what a while of work does to it."""
        for _ in range(_CHANGES):
            change = self._random.choice([self._add, self._edit, self._edit, self._remove, self._rename])
            change()
        broken = self.root / "broken.py"
        if broken.exists():
            broken.unlink()
        else:
            broken.write_text(f"def f(:\n    {self._number}\n")

    def welcome(self) -> None:
        """Add a hostile file, another one every time."""
        name = self._random.choice(sorted(_HOSTILE))
        # One that nobody has seen: a comment in front of it.
        (self.root / name).write_bytes(b"# %d\n" % self._random.getrandbits(64) + _HOSTILE[name])

    def see_off(self) -> None:
        """Remove hostile files."""
        for name in _HOSTILE:
            (self.root / name).unlink(missing_ok=True)

    def stage(self) -> None:
        """Stage everything."""
        self._git("add", "--all")

    def commit(self) -> None:
        """Commit everything."""
        self.stage()
        self._git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "--message=work")

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)

    def _files(self) -> list[Path]:
        return sorted(self.root.glob("m*.py"))

    def _add(self) -> None:
        self._number += 1
        self._write(self.root / f"m{self._number}.py")

    def _edit(self) -> None:
        self._write(self._random.choice(self._files()))

    def _remove(self) -> None:
        files = self._files()
        if len(files) > _FILES // 2:
            self._random.choice(files).unlink()

    def _rename(self) -> None:
        self._number += 1
        self._random.choice(self._files()).rename(self.root / f"m{self._number}.py")

    def _write(self, path: Path) -> None:
        count = self._random.randrange(1, 12)
        path.write_text("".join(map(self._function, range(count))))

    def _function(self, index: int) -> str:
        branches = self._random.randrange(12)
        lines = "".join(f"    if a > {number}:\n        b += a\n" for number in range(branches))
        return f"def f{index}(a, b):\n{lines}    return a * b + {self._random.randrange(10**6)}\n\n\n"
