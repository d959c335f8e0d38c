"""A tree whose files, settings and history change at random."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

_NAMES = (
    "a.py",
    "b.py",
    "lib/a.py",
    "lib/c.py",
    "lib/deep/d.py",
    "n.ipynb",
    "lib/m.ipynb",
    "x.txt",
    "build/y.py",
)
_LIMITS = ("cyclomatic_complexity", "cognitive_complexity", "halstead_volume", "maintainability_index")
# Sizes of the files lie between them.
_SIZES = (0.00005, 0.0002, 0.0004, 0.0008, 0.002)
_VALUES = {
    "notebooks": ("true", "false"),
    "nested_blocks": ("true", "false"),
    "on_error": ('"warn"', '"fail"'),
    "exclude": ('["lib/"]', '["*.ipynb"]', '["b.py"]'),
    "include": ('["*.py", "*.txt"]', '["a.*"]'),
    "paths": ('["lib"]', '[".", "lib"]'),
    "use_gitignore": ("false",),
    "nested": ("true", "false"),
    "judge": ('"all"',),
    "strict_files": ("true",),
    "cache_compression": ("true", "false"),
    "jobs": ("1", "2", '"auto"'),
    "cache_max_entries": ("3", "8", "100"),
    "cache_max_size_mb": ("0.01",),
    "critical_functions": ('["a.py::f"]', '["*::g"]'),
}
_THRESHOLDS = ("false", "1", "3", "7", "50", '{limit = 2, comparison = "<"}')


class Tree:
    """A repository; each step of its life depends on chance alone."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        """Begin with some files, and a commit of them."""
        self.root, self._chance = root, chance
        self._now = 1_000_000_000
        root.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        for name in _NAMES[:6]:
            self._write(name, self._make_content(name))
        self._configure()
        self._commit()

    def git(self, *args: str) -> None:
        """Run git in it."""
        subprocess.run(["git", *args], cwd=self.root, check=True, capture_output=True)

    def change(self) -> str:
        """Do something to it; return what."""
        ways: dict[Callable[[], str], int] = {
            self._edit: 8, self._configure: 6, self._edit_alike: 2, self._rename: 2, self._copy: 2,
            self._delete: 1, self._touch: 1, self._configure_folder: 1, self._stage: 2, self._commit: 1,
            self._ignore: 1, self._swap: 1,
        }  # fmt: skip
        (way,) = self._chance.choices(list(ways), list(ways.values()))
        return way()

    def pick_file(self) -> str:
        """Return the name of a file that is there."""
        files = [path for path in sorted(self.root.rglob("*")) if path.suffix in (".py", ".ipynb")]
        return str(self._chance.choice(files).relative_to(self.root)) if files else "gone.py"

    def _write(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self._stamp(path)

    def _stamp(self, path: Path) -> None:
        """Give a file a time of its own: nothing is to be asked of the tick of a clock here."""
        self._now += 1
        os.utime(path, (self._now, self._now))

    def _make_content(self, name: str) -> bytes:
        if name.endswith(".ipynb"):
            cells = [self._make_code() for _ in range(self._chance.randrange(4))]
            kind = self._chance.choice(["python", "python", "R"])
            notebook = {
                "cells": [{"cell_type": "code", "source": code} for code in cells],
                "metadata": {"kernelspec": {"language": kind, "name": "k"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
            return self._chance.choice([json.dumps(notebook), "{", json.dumps(notebook)]).encode()
        odd = [b"\xff\xfe", b"def f(:\n", b"\0", b"<<<<<<< a\n", b"", b"\xef\xbb\xbfx = 1\n"]
        return self._chance.choice(odd) if self._chance.random() < 0.1 else self._make_code().encode()

    def _make_code(self) -> str:
        blocks = []
        for _ in range(self._chance.randrange(5)):
            name = self._chance.choice("fgh")
            comment = self._chance.choice(
                [
                    "",
                    "",
                    "",
                    "  # antipasta: ignore",
                    "  # antipasta: ignore[cyclomatic_complexity<=4] why",
                    "  # noqa",
                ]
            )
            branches = "".join(
                f"    if a == {n} and b:\n        a += 1\n" for n in range(self._chance.randrange(6))
            )
            head = self._chance.choice(["", "", f"class {name.upper()}:\n"])
            body = f"def {name}(a, b):{comment}\n{branches}    return a\n"
            blocks.append(head + ("".join(f"    {line}\n" for line in body.splitlines()) if head else body))
        return f"x = {self._chance.randrange(10)}\n" + "\n\n".join(blocks)

    def _edit(self) -> str:
        name = self._chance.choice(_NAMES)
        self._write(name, self._make_content(name))
        return f"edit {name}"

    def _edit_alike(self) -> str:
        """Write other content of the same size, with the old time; the time of its status is another."""
        path = self.root / self.pick_file()
        if not path.exists():
            return "nothing"
        status, content = path.stat(), path.read_bytes()
        time.sleep(0.02)  # more than a tick of the kernel's clock
        path.write_bytes(
            content.replace(b"if a", b"if b") if b"if a" in content else content.replace(b"x =", b"y =")
        )
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return f"edit {path.name} with its old time"

    def _swap(self) -> str:
        first, second = self.root / self.pick_file(), self.root / self.pick_file()
        if not first.exists() or first == second or first.suffix != second.suffix:
            return "nothing"
        between = self.root / "between"
        first.rename(between)
        second.rename(first)
        between.rename(second)
        return f"swap {first.name} and {second.name}"

    def _rename(self) -> str:
        old, new = self.root / self.pick_file(), self.root / self._chance.choice(_NAMES)
        if old.exists():
            new.parent.mkdir(parents=True, exist_ok=True)
            old.replace(new)
        return f"rename {old.name} {new.name}"

    def _copy(self) -> str:
        old, new = self.root / self.pick_file(), self._chance.choice(_NAMES)
        if old.exists():
            self._write(new, old.read_bytes())
        return f"copy {old.name} {new}"

    def _delete(self) -> str:
        path = self.root / self.pick_file()
        path.unlink(missing_ok=True)
        return f"delete {path.name}"

    def _touch(self) -> str:
        path = self.root / self.pick_file()
        if path.exists():
            self._stamp(path)
        return f"touch {path.name}"

    def _ignore(self) -> str:
        lines = self._chance.sample(
            ["lib/", "b.py", "*.ipynb", "build/", "!lib/a.py"], self._chance.randrange(3)
        )
        self._write(".gitignore", "".join(f"{line}\n" for line in lines).encode())
        return f"ignore {lines}"

    def _stage(self) -> str:
        self.git("add", "--all")
        return "stage"

    def _commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")
        return "commit"

    def _configure(self) -> str:
        text = self._make_settings()
        self._write("pyproject.toml", text.encode())
        return f"settings {text!r}"

    def _configure_folder(self) -> str:
        if self._chance.random() < 0.5:
            (self.root / "lib/pyproject.toml").unlink(missing_ok=True)
            return "no settings in lib"
        self._write("lib/pyproject.toml", self._make_settings().encode())
        return "settings in lib"

    def _make_settings(self) -> str:
        pick = self._chance.choice

        def seldom() -> bool:
            return self._chance.random() < 0.25

        lines = ["[tool.pytest-antipasta]"]
        if self._chance.random() < 0.5:
            lines.append(f"max_file_size_mb = {pick(_SIZES)}")
        for name, values in _VALUES.items():
            if seldom():
                lines.append(f"{name} = {pick(values)}")
        lines.append("[tool.pytest-antipasta.thresholds]")
        lines += [f"{metric} = {pick(_THRESHOLDS)}" for metric in _LIMITS if self._chance.random() < 0.6]
        if seldom():
            lines += [
                "[[tool.pytest-antipasta.overrides]]",
                'files = ["lib/**"]',
                "thresholds.cyclomatic_complexity = 2",
            ]
        return "\n".join([*lines, ""])
