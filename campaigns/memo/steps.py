"""Random things that people and programs do to a repository."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from random import Random

from pytest_antipasta.baseline.file import DEFAULT_NAME
from pytest_antipasta.store import fingerprint

FUNCTION = "def {name}(a):\n{body}    return a\n"
FOLDERS = ("", "src/", "src/deep/", "lib/", "scripts/")
NAMES = ("one", "two", "three")
# What kinds of files are: modules and scripts. One repository of four also has notebooks that nobody has
# decided about, with which there is no memo.
SUFFIXES = (".py", ".py", ".py", "")
FIRST_LINES = ("#!/usr/bin/env python3\n", "#!/usr/bin/env python3\n", "#!/bin/sh\n", "")
# Settings of git that decide about its answers, or that would run a program.
GIT_SETTINGS = (
    ("attr.tree", "HEAD", "HEAD~1"),
    ("core.autocrlf", "true", "input", "false"),
    ("core.bare", "true", "false"),
    ("core.checkStat", "minimal", "default"),
    ("core.eol", "crlf", "lf"),
    ("core.fileMode", "false", "true"),
    ("core.fsmonitor", "false", "true"),
    ("core.ignoreCase", "true", "false"),
    ("core.ignoreStat", "true", "false"),
    ("core.precomposeUnicode", "true", "false"),
    ("core.quotePath", "false", "true"),
    ("core.safecrlf", "true", "false"),
    ("core.sparseCheckout", "true", "false"),
    ("core.splitIndex", "true", "false"),
    ("core.symlinks", "false", "true"),
    ("core.trustctime", "false", "true"),
    ("core.untrackedCache", "true", "false"),
    ("core.worktree", "../src", "../..", ".."),
    ("core.excludesFile", "ignored-here", "/dev/null"),
    ("core.attributesFile", "attributes-here", "/dev/null"),
    ("diff.ignoreSubmodules", "all", "none"),
    ("diff.noprefix", "true", "false"),
    ("diff.relative", "true", "false"),
    ("diff.renames", "copies", "false"),
    ("include.path", "more-settings", "none"),
    ("index.sparse", "true", "false"),
    ("index.version", "4", "2"),
    ("status.showUntrackedFiles", "no", "all"),
    ("submodule.module.ignore", "all", "none"),
    ("submodule.recurse", "true", "false"),
)
ATTRIBUTES = (
    "",
    "*.py ident\n",
    "*.py text eol=crlf\n",
    "*.py filter=upper\n",
    "*.py working-tree-encoding=UTF-16\n",
)
SETTINGS = (
    "[tool.pytest-antipasta]\n",
    "[tool.pytest-antipasta]\nexclude = ['/lib/']\n",
    "[tool.pytest-antipasta]\nnotebooks = false\ninclude = ['*.py']\n",
    "[tool.pytest-antipasta]\nnotebooks = true\n",
    "[tool.pytest-antipasta]\nuse_gitignore = false\n",
    "[tool.pytest-antipasta]\nnested = true\n",
    "[tool.pytest-antipasta]\npaths = ['src']\n",
    "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 3\n",
    "[[tool.pytest-antipasta.overrides]]\nfiles = ['/src/']\nthresholds = {cyclomatic_complexity = 20}\n",
)
# Files that decide about others, and what they may contain.
SPECIAL = {
    ".antipasta.yaml": ("defaults: {}\n",),
    ".gitattributes": ATTRIBUTES,
    "pyproject.toml": SETTINGS,
    "pyvenv.cfg": ("",),
}
# Variables that change what git reads.
VARIABLES = (
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_ATTR_SOURCE", "HEAD~1"),
    ("GIT_CONFIG", "/dev/null"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_PARAMETERS", "'core.filemode'='false'"),
    ("GIT_CONFIG_PARAMETERS", "'core.ignorecase'='true'"),
    ("GIT_DIR", "/nowhere"),
    ("GIT_ICASE_PATHSPECS", "1"),
    ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"),
    ("GIT_WORK_TREE", "/nowhere"),
)


class Project:
    """A repository, and the store of its runs."""

    def __init__(self, folder: Path, environment: Mapping[str, str], random: Random) -> None:
        """Make it, with some files."""
        self.folder, self.random = folder, random
        self._places = [folder]
        self._upgrades = 0
        self.store = folder.parent / "store"
        self.log: list[str] = []
        self._environment = environment
        self._suffixes = (*SUFFIXES, ".ipynb") if random.random() < 0.25 else SUFFIXES
        folder.mkdir()
        self.git("init", "--quiet", "-b", "main")
        (folder / "pyproject.toml").write_text(SETTINGS[0])
        for place in FOLDERS:
            for name in NAMES:
                self._write(f"{place}{name}.py")
            self._write(f"{place}tool")
        self.commit()

    def git(self, *words: str) -> None:
        """Run git; it may refuse."""
        self.log.append(f"git {' '.join(words)}")
        command = ("git", "-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
        done = subprocess.run(
            (*command, *words), cwd=self.folder, env=self._environment, capture_output=True, check=False
        )
        if done.returncode:
            self.log[-1] += f" ({done.returncode})"

    def step(self) -> None:
        """Do one thing; it may fail in a folder that is locked."""
        kinds: list[tuple[int, Callable[[], None]]] = [
            (16, self.edit), (8, self.edit_unseen), (2, self.delete), (6, self.add_file), (10, self.commit),
            (8, self.switch), (4, self.stash), (4, self.reset), (4, self.rename), (4, self.change_mode),
            (2, self.ignore), (1, self.attribute), (2, self.set), (1, self.record), (1, self.nest),
            (1, self.flag), (1, self.intend), (1, self.forget), (1, self.merge), (1, self.collect),
            (1, self.damage), (1, self.mark), (1, self.link), (1, self.outside), (1, self.module),
            (1, self.worktree), (1, self.name_oddly), (1, self.lock), (2, self.ignore_special),
            (1, self.amend), (6, self.configure), (1, self.make_special),
            (1, self.use_other_index), (2, self.move_to_worktree), (1, self.upgrade), (1, self.unlock),
            (1, self.replace_folder), (3, self.replace_file),
            (2, self.change_case), (4, self.refresh), (2, self.use_variable), (1, self.encode),
        ]  # fmt: skip
        weights = [weight for weight, _ in kinds]
        (chosen,) = self.random.choices([kind for _, kind in kinds], weights)
        self.log.append(f"-- {chosen.__name__}")
        with suppress(OSError):
            chosen()

    def edit(self) -> None:
        """Write files anew."""
        for _ in range(self.random.randint(1, 4)):
            self._write(self._choose())

    def edit_unseen(self) -> None:
        """Write a file with the size and the time that it had."""
        path = self.folder / self._choose()
        if not path.is_file():
            return
        status, data = path.stat(), path.read_bytes()
        if b"if a" in data:
            data = data.replace(b"if a", b"not a", 1) if self.random.random() < 0.5 else data
            path.write_bytes(data.swapcase() if self.random.random() < 0.1 else data)
        else:
            path.write_bytes(data.replace(b"not a", b"if a ", 1)[: len(data)])
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        self.log.append(f"unseen {path}")

    def delete(self) -> None:
        """Delete a file, or a folder."""
        path = self.folder / self._choose()
        if self.random.random() < 0.2 and path.parent != self.folder:
            shutil.rmtree(path.parent, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        self.log.append(f"delete {path}")

    def add_file(self) -> None:
        """Write a new file."""
        suffix = self.random.choice(self._suffixes)
        self._write(f"{self.random.choice(FOLDERS)}new{self.random.randint(0, 3)}{suffix}")

    def commit(self) -> None:
        """Commit all, or some."""
        self.git("add", "-A" if self.random.random() < 0.7 else "-u")
        self.git("commit", "--quiet", "-m", "x")

    def switch(self) -> None:
        """Check another branch out."""
        name = self.random.choice(("main", "a", "b"))
        self.git("checkout", "--quiet", *(["-B"] if self.random.random() < 0.2 else []), name)
        if self.random.random() < 0.3:
            self.git("checkout", "--quiet", "--detach", "HEAD~1")

    def stash(self) -> None:
        """Put changes aside, or take them back."""
        self.git("stash", *self.random.choice(((), ("pop",), ("-u",))))

    def reset(self) -> None:
        """Go back."""
        self.git("reset", "--quiet", *self.random.choice((("--hard",), ("--soft", "HEAD~1"), ("HEAD~1",))))

    def rename(self) -> None:
        """Move a file."""
        moved = f"{self.random.choice(FOLDERS)}moved{self.random.choice(SUFFIXES)}"
        self.git("mv", "-k", self._choose(), moved)

    def change_mode(self) -> None:
        """Make a file executable, or not, or say so in the index."""
        path = self.folder / self._choose("tool", "new0", "new1", "moved")
        if self.random.random() < 0.2:
            self.git(
                "update-index", f"--chmod={self.random.choice('+-')}x", os.path.relpath(path, self.folder)
            )
        elif path.is_file() and not path.is_symlink():
            path.chmod(path.stat().st_mode ^ 0o111)
            self.log.append(f"mode of {path}")

    def ignore(self) -> None:
        """Change which files git ignores."""
        place = self.random.choice((".gitignore", "src/.gitignore", ".git/info/exclude"))
        if (self.folder / place).parent.is_dir():
            (self.folder / place).write_text(
                self.random.choice(("new*.py\n", "NEW*.PY\n", "deep/\n", "", "*.py\n", "one.py/\n"))
            )

    def attribute(self) -> None:
        """Change attributes."""
        place = self.random.choice((".gitattributes", "src/.gitattributes", ".git/info/attributes"))
        if (self.folder / place).parent.is_dir():
            (self.folder / place).write_text(self.random.choice(ATTRIBUTES))

    def set(self) -> None:
        """Write other settings, those of a folder among them."""
        if self.random.random() < 0.2 and (self.folder / "src").is_dir():
            (self.folder / "src" / "pyproject.toml").write_text(self.random.choice(SETTINGS))
        else:
            (self.folder / "pyproject.toml").write_text(self.random.choice(SETTINGS))

    def record(self) -> None:
        """Write a baseline, or delete it."""
        path = self.folder / DEFAULT_NAME
        if path.exists():
            path.unlink()
        else:
            from pytest_antipasta.cli import main

            main(["baseline", "write", "-q", "--no-cache"])

    def nest(self) -> None:
        """Make or take away a repository inside."""
        folder = self.folder / self.random.choice(("src/deep", "inner", "lib"))
        if (folder / ".git").exists():
            shutil.rmtree(folder / ".git")
            return
        folder.mkdir(exist_ok=True, parents=True)
        self.git("init", "--quiet", os.fspath(folder))
        (folder / "inside.py").write_text(self._function())

    def flag(self) -> None:
        """Tell git not to look at a file, or to look again."""
        what = self.random.choice(("assume-unchanged", "skip-worktree"))
        no = self.random.choice(("", "no-"))
        self.git("update-index", f"--{no}{what}", self._choose())

    def intend(self) -> None:
        """Add a file without its content."""
        self.add_file()
        self.git("add", "-N", ".")

    def forget(self) -> None:
        """Take a file out of the index, and leave it."""
        self.git("rm", "--quiet", "--cached", self._choose())

    def merge(self) -> None:
        """Merge a branch, or give up."""
        self.git(*self.random.choice((("merge", "--quiet", "a"), ("merge", "--abort"), ("rebase", "b"),
                                      ("rebase", "--abort"))))  # fmt: skip

    def collect(self) -> None:
        """Delete what no reference leads to."""
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("gc", "--quiet", "--prune=now")

    def damage(self) -> None:
        """Flip a byte of a memo, or cut it."""
        file = self.store / "v1" / "cache.db"
        if not file.exists():
            return
        with closing(sqlite3.connect(file)) as database, database:
            rows = database.execute(
                "SELECT rowid, value FROM Cache WHERE substr(key, 1, 4) = CAST('memo' AS BLOB)"
            )
            for row, value in filter(lambda found: found[1], rows.fetchall()):
                at = self.random.randrange(len(value))
                changed = value[:at] + bytes([value[at] ^ 1 << self.random.randrange(8)]) + value[at + 1 :]
                value = changed if self.random.random() < 0.7 else value[:at]
                database.execute("UPDATE Cache SET value = ? WHERE rowid = ?", (value, row))

    def mark(self) -> None:
        """Make a folder a virtual environment, or not."""
        path = self.folder / self.random.choice(("lib", "src")) / "pyvenv.cfg"
        if path.exists():
            path.unlink()
        elif path.parent.is_dir():
            path.write_text("")

    def link(self) -> None:
        """Put a link in the place of a file."""
        path = self.folder / self._choose()
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            path.symlink_to(self.folder / "one.py")

    def outside(self) -> None:
        """Change attributes and ignored files outside of the repository."""
        folder = Path(self._environment["HOME"], ".config", "git")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.random.choice(("attributes", "ignore"))).write_text(
            self.random.choice(("", "*.py ident\n", "new1.py\n"))
        )

    def module(self) -> None:
        """Add a submodule, or take it away."""
        if (self.folder / "module").exists():
            self.git("rm", "-f", "--quiet", "module")
        else:
            self.git("submodule", "add", "--force", "--quiet", os.fspath(self.folder), "module")

    def worktree(self) -> None:
        """Use a sparse working tree, or a whole one."""
        self.git("sparse-checkout", *self.random.choice((("set", "src"), ("disable",))))

    def name_oddly(self) -> None:
        """Write a file, or delete one, whose name is not UTF-8, or has a line end."""
        name = self.random.choice(
            (b"caf\xe9.py", b"new\nline.py", "\N{GREEK SMALL LETTER ALPHA}.py".encode())
        )
        path = os.path.join(os.fsencode(self.folder), self.random.choice((b"", b"src/", b"lib/")), name)
        self.log.append(f"oddly {path!r}")
        if os.path.lexists(path):
            os.unlink(path)
        elif os.path.isdir(os.path.dirname(path)):
            with open(path, "w") as file:
                file.write(self._function())

    def lock(self) -> None:
        """Make a folder unreadable, or readable again; root reads it all the same."""
        folder = self.folder / self.random.choice(("src", "src/deep", "lib"))
        if folder.is_dir():
            folder.chmod(self.random.choice((0o000, 0o400, 0o700)))
            self.log.append(f"lock {folder} {oct(folder.stat().st_mode)}")

    def ignore_special(self) -> None:
        """Write files that decide about others and that git ignores."""
        if (self.folder / ".git" / "info").is_dir():  # not in a linked working tree
            (self.folder / ".git" / "info" / "exclude").write_text("\n".join(SPECIAL))
        folder = self.folder / self.random.choice(("lib", "src", "src/deep", "scripts"))
        name, texts = self.random.choice(tuple(SPECIAL.items()))
        if folder.is_dir():
            (folder / name).write_text(self.random.choice(texts))

    def amend(self) -> None:
        """Write the last commit anew."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "--amend", "-m", "amended")

    def configure(self) -> None:
        """Change a setting of git's, or take it back."""
        name, *values = self.random.choice(GIT_SETTINGS)
        value = self.random.choice((*values, None))
        self.git("config", *([name, value] if value is not None else ["--unset-all", name]))
        (self.folder / "ignored-here").write_text("new2.py\n")
        (self.folder / "attributes-here").write_text(self.random.choice(ATTRIBUTES))
        included = self._places[0] / ".git" / "more-settings"
        included.write_text(self.random.choice(("", "[core]\nignorecase = true\nfilemode = false\n")))

    def use_variable(self) -> None:
        """Have runs begin with a variable of git's, or without any."""
        for name, _ in VARIABLES:
            os.environ.pop(name, None)
        if self.random.random() < 0.5:
            name, value = self.random.choice(VARIABLES)
            os.environ[name] = value
            self.log.append(f"{name}={value}")

    def change_case(self) -> None:
        """Write the name of a file in other letters, which may be the same to git, or as it was."""
        if self.random.random() < 0.5:
            self.git("config", "core.ignoreCase", "true")
        path = self.folder / self._choose()
        other = path.with_name(path.name.capitalize())
        first, second = (path, other) if path.exists() else (other, path)
        if first.exists():
            first.rename(second)
            self.log.append(f"rename {first} {second}")

    def refresh(self) -> None:
        """Have git look at all files, as every ``git status`` does."""
        self.git("status")

    def replace_file(self) -> None:
        """Put a folder in the place of a tracked file, or take it away."""
        path = self.folder / self._choose()
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
            path.mkdir()
            for name in ("one.py", "new1.py", "deep/one.py"):
                self._write(os.path.relpath(path / name, self.folder))
        self.log.append(f"replace {path}")

    def encode(self) -> None:
        """Write a file in another encoding, which git converts or not."""
        path = self.folder / self._choose()
        data = path.read_bytes()
        with suppress(UnicodeDecodeError):
            path.write_bytes(data.decode().encode("utf-16"))
            self.log.append(f"encode {path}")
            if self.random.random() < 0.5:
                self.git("add", "-u")

    def make_special(self) -> None:
        """Put a named pipe in the place of a file, or take it away."""
        path = self.folder / self._choose()
        if path.parent.is_dir():
            path.unlink(missing_ok=True)
            os.mkfifo(path)
            self.log.append(f"pipe {path}")

    def use_other_index(self) -> None:
        """Have runs begin as a hook of ``git commit FILE`` does, with an index of its own, or not."""
        if os.environ.pop("GIT_INDEX_FILE", None) is None:
            copy = self.folder.parent / "other-index"
            shutil.copyfile(self._places[0] / ".git" / "index", copy)
            os.environ["GIT_INDEX_FILE"] = os.fspath(copy)

    def move_to_worktree(self) -> None:
        """Go on in a linked working tree, or in the first one."""
        if len(self._places) == 1:
            self._places.append(self.folder.with_name(f"{self.folder.name}-linked"))
            self.git("worktree", "add", "--quiet", "--detach", os.fspath(self._places[1]))
        (other,) = {*self._places} - {self.folder}
        if other.is_dir():
            self.folder = other
            os.chdir(other)
            self.log.append(f"in {other}")

    def upgrade(self) -> None:
        """Have another version of what measures."""
        self._upgrades += 1
        version = f"99.{self._upgrades % 3}"
        setattr(fingerprint, "installed_version", lambda _: version)  # noqa: B010 - as if it were installed

    def unlock(self) -> None:
        """Make all folders readable."""
        for name in ("src", "src/deep", "lib"):
            if (folder := self.folder / name).is_dir():
                folder.chmod(0o700)

    def replace_folder(self) -> None:
        """Put a file or a link in the place of a folder of tracked files."""
        folder = self.folder / self.random.choice(("lib", "src/deep", "scripts"))
        if folder.is_symlink():
            folder.unlink()
        elif folder.is_dir():
            shutil.rmtree(folder)
            folder.symlink_to(self.folder / "src") if self.random.random() < 0.5 else folder.write_text("")
        self.log.append(f"replace {folder}")

    def _choose(self, *scripts: str) -> str:
        place, names = self.random.choice(FOLDERS), (*NAMES, "new0", "new1", "moved")
        if scripts or self.random.random() < 0.2:
            return f"{place}{self.random.choice(scripts or ('tool', 'new0', 'moved'))}"
        suffix = self.random.choice(self._suffixes)
        return f"{place}{'study' if suffix == '.ipynb' else self.random.choice(names)}{suffix}"

    def _write(self, path: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink() or target.is_fifo():
            target.unlink()
        if not target.is_dir():
            is_script = not target.suffix
            first = self.random.choice(FIRST_LINES) if is_script else ""
            target.write_text(first + self._function())
            if is_script and self.random.random() < 0.7:
                target.chmod(0o755)
            self.log.append(f"write {path} {first}")

    def _function(self) -> str:
        branches = self.random.choice((0, 1, 2, 4, 12))
        body = "".join(f"    if a: b{number} = {self.random.randint(0, 9)}\n" for number in range(branches))
        comment = self.random.choice(("", "", "# antipasta: ignore\n"))
        return (
            comment
            + FUNCTION.format(name=self.random.choice("fgh"), body=body)
            + "def more(): pass\n" * self.random.choice((0, 0, 1, 3))
            + ("" if branches < 12 or self.random.random() < 0.9 else "def (")
        )
