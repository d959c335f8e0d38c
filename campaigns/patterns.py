"""Patterns at random: ``exclude``, ``overrides.files`` and ``.gitignore`` files mean what git takes them for.

The oracle is ``git check-ignore``, which reads all of them from ``.gitignore`` files.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from campaigns.options import make_parser
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.settings.asked import with_exclude
from pytest_antipasta.settings.path_thresholds import ThresholdFinder
from pytest_antipasta.settings.values import Override, Settings

# Names that patterns speak of, and those that an escape, a set or a range has to spell.
_NAMES = [
    "a", "b", "ab", "aab", "abb", "c.py", "d.py", "a.b", ".a", "x y", "s ", "[a]", "]", "-", "^", "!a", "#a",
    "A", "ü", "aü", "z", "1", "a-b", "a\\b", "n\nn", "a*", "**", "~", "é.py",
]  # fmt: skip
_PIECES = [
    "a", "b", "ab", "c", ".py", ".", "*", "*", "*", "**", "***", "?", "?", "/", "/", "/", "**/", "/**/",
    "/**", "\\/", "\\", "\\a", "\\*", "\\[", "\\ ", " ", "[", "]", "[a]", "[!a]", "[^ab]", "[a-c]", "[c-a]",
    "[]a]", "[!]a]", "[a-]", "[-a]", "[a/b]", "[!/]", "[\\]a]", "[a\\-c]", "[[]", "[[:alpha:]]",
    "[![:alpha:]]", "[[:punct:][:digit:]]", "[[:alpha:]", "[[:]", "[[:a]", "[a-[:digit:]]", "[[:alpha:]-z]",
    "[--9]", "[*-.]", "[[:nope:]]", "ü", "[ü]", "[!ü]", "[a-ü]", "!", "#", "-", "^", "~", "&&", "||", "\t",
]  # fmt: skip
# A path as Windows writes it, which settings refuse: it escapes a letter, or nothing.
_OF_WINDOWS = re.compile(r"(?!#)(?:[^\\]|\\\W)*\\(?:\w|$)", re.DOTALL)
# Trees that git is asked about in one process.
_AT_ONCE = 25
_LIMIT = Threshold("blank_lines", 1, "<=")


KINDS = ("exclude", "overrides", "gitignore")


class Case(NamedTuple):
    """A tree, and patterns about it.

    Attributes:
        kind: where the patterns stand.
        root: of the tree.
        lines: the patterns, by the folder that they are in.
        paths: the files and folders of the tree, all that there are.
    """

    kind: str
    root: Path
    lines: dict[str, list[str]]
    paths: list[str]


class Oracle:
    """A repository that stands beside its files, so that to us they are in none."""

    def __init__(self, folder: Path) -> None:
        """Make the repository; its files are below ``top``."""
        self.top, self._git = folder / "files", folder / "git"
        self.top.mkdir()
        self._run("init", "--quiet")

    def ask(self, cases: Sequence[Case]) -> list[set[str]]:
        """Return the paths of each case that git ignores, with the patterns in ``.gitignore`` files."""
        for case in cases:
            write_lines(case)
        names = [f"{case.root.name}/{path}" for case in cases for path in case.paths]
        said = self._run("check-ignore", "--no-index", "--stdin", "-z", asked="\0".join(names))
        ignored = set(os.fsdecode(said).split("\0"))
        for case in cases:
            remove_lines(case)
        return [{path for path in case.paths if f"{case.root.name}/{path}" in ignored} for case in cases]

    def _run(self, *arguments: str, asked: str = "") -> bytes:
        command = ["git", f"--git-dir={self._git}", f"--work-tree={self.top}", *arguments]
        run = subprocess.run(command, cwd=self.top, input=os.fsencode(asked), capture_output=True)
        if run.returncode not in (0, 1):
            raise RuntimeError(run.stderr.decode())
        return run.stdout


def write_lines(case: Case) -> None:
    """Write the ``.gitignore`` files."""
    for folder, lines in case.lines.items():
        (case.root / folder / ".gitignore").write_bytes(b"\n".join(map(os.fsencode, lines)))


def remove_lines(case: Case) -> None:
    """Remove them."""
    for folder in case.lines:
        (case.root / folder / ".gitignore").unlink()


def grow(chance: random.Random, folder: Path, depth: int = 0) -> None:
    """Make a folder with files and folders in it."""
    folder.mkdir()
    for name in chance.sample(_NAMES, chance.randint(2, 5)):
        if depth < 2 and chance.random() < 0.5:
            grow(chance, folder / name, depth + 1)
        else:
            (folder / name).touch()


def make_line(chance: random.Random, paths: Sequence[str]) -> str:
    """Return a pattern: a path of the tree with some of it replaced, or pieces alone."""
    if chance.random() < 0.25:
        line = "".join(chance.choices(_PIECES, k=chance.randint(1, 5)))
    else:
        line = chance.choice(paths).replace("\n", "?")
        line = line[chance.choice([0, 0, line.rfind("/") + 1]) :]
        for _ in range(chance.randint(0, 3)):
            start = chance.randrange(len(line) + 1)
            line = line[:start] + chance.choice(_PIECES) + line[start + chance.randint(0, 2) :]
    before = chance.choice(["", "", "", "", "!", "!", "/", "!/", "**/", "\\"])
    return before + line + chance.choice(["", "", "", "", "/", "/", " ", "/**", "/*", "\\ "])


def make_case(root: Path, kind: str, seed: int, step: int) -> Case:
    """Make a tree with patterns about the whole of it, or about some folders."""
    chance = random.Random(f"{kind} {seed} {step}")
    grow(chance, root)
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))
    folders = [path for path in paths if (root / path).is_dir()] if kind == "gitignore" else []
    some = ["", *chance.sample(folders, min(len(folders), 3))]
    lines = {folder: [make_line(chance, paths) for _ in range(chance.randint(1, 5))] for folder in some}
    if kind != "gitignore":
        lines = {"": [line for line in lines[""] if not _OF_WINDOWS.match(line)]}
    return Case(kind, root, lines, paths)


def ask_us(case: Case) -> set[str]:
    """Return the files that we leave out, or that have the limits of an override."""
    settings = Settings(root=case.root, source=None, include=("*",), use_gitignore=case.kind == "gitignore")
    taken = [line for line in case.lines[""] if _is_taken(settings, line)]
    if case.kind == "overrides" and not taken:
        return set()  # an override without patterns is for all files
    if case.kind == "overrides":
        override = Override(tuple(taken), {_LIMIT.metric: _LIMIT})
        find = ThresholdFinder(replace(settings, overrides=(override,))).find
        return {path for path in case.paths if _LIMIT in find(path).thresholds}
    if case.kind == "gitignore":
        write_lines(case)
    else:
        settings = with_exclude(settings, taken)
    found = {os.path.relpath(file.location, case.root) for file in select_files(settings).files}
    if case.kind == "gitignore":
        remove_lines(case)
    return set(case.paths) - found


def _is_taken(settings: Settings, line: str) -> bool:
    """Whether settings take a pattern; one that they refuse has to say nothing to git."""
    with suppress(UsageError):
        return bool(with_exclude(settings, [line]))
    return False


def find_differences(oracle: Oracle, cases: Sequence[Case]) -> Iterator[tuple[Case, str]]:
    """Yield the cases in which git and we disagree, each with a file and who selects it."""
    for case, by_git in zip(cases, oracle.ask(cases), strict=True):
        by_us = ask_us(case)
        for path in case.paths:
            if (case.root / path).is_file() and (path in by_git) != (path in by_us):
                yield case, f"{path!r} is selected by {'git' if path in by_git else 'us'} alone"
                break


def shrink(oracle: Oracle, case: Case) -> Case:
    """Return the case with as few lines as still show it."""
    for folder, lines in case.lines.items():
        for number in reversed(range(len(lines))):
            fewer = [*case.lines[folder][:number], *case.lines[folder][number + 1 :]]
            smaller = case._replace(lines={**case.lines, folder: fewer})
            if any(find_differences(oracle, [smaller])):
                case = smaller
    return case


def find_troubles(folder: Path, kind: str, seed: int, steps: range) -> Iterator[str]:
    """Do some steps of a kind in an empty folder, and yield what is wrong."""
    oracle = Oracle(folder)
    for start in range(0, len(steps), _AT_ONCE):
        cases = [
            make_case(oracle.top / str(step), kind, seed, step) for step in steps[start : start + _AT_ONCE]
        ]
        for case, _ in [*find_differences(oracle, cases)]:
            case = shrink(oracle, case)
            said = ", ".join(said for _, said in find_differences(oracle, [case]))
            yield f"{kind}, step {case.root.name}: {said}: {case.lines}"
        for case in cases:
            shutil.rmtree(case.root)


def main(argv: Sequence[str] | None = None) -> int:
    """Do some steps of each kind; print what is wrong and return 1 if anything is."""
    parser = make_parser("patterns", main.__doc__, steps=1000, step="of each kind")
    args = parser.parse_args(argv)
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    wrong: list[str] = []
    for kind in KINDS:
        with tempfile.TemporaryDirectory(prefix="antipasta-patterns-") as folder:
            wrong += find_troubles(Path(folder), kind, args.seed, range(args.steps))
    print(*wrong, sep="\n")  # noqa: T201
    print(f"{args.steps} steps of each of {', '.join(KINDS)}: {len(wrong)} wrong")  # noqa: T201
    return int(bool(wrong))
