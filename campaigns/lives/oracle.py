"""What a history has to say of its functions and files, by git, ``ast``, radon and complexipy alone.

It goes forward and knows all files at once, where what it is the oracle of goes back along one function, and
looks at as little as that takes. The rules are those of ``docs/trend.md``: a body that is the same is the
same function under another name or in another file; an edited one is the same where it kept its name and its
file; a content that does not parse is passed over, and functions that still stand in its text are there.
"""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

import complexipy
from radon.complexity import cc_visit

Step: TypeAlias = (
    "tuple[str, str | None, str, str | None, tuple[int | None, ...] | None, tuple[int | None, ...]]"
)
"""Subject, change, place, place before, numbers before, numbers."""


class Diff(NamedTuple):
    """A file that a commit changes; ``None`` for what is not there."""

    old: str | None
    old_blob: str
    new: str | None
    new_blob: str


class Function(NamedTuple):
    """A function in one content."""

    body: str
    lines: str
    numbers: tuple[int, int]


class Life:
    """A function through all commits.

    Attributes:
        is_open: whether the pages leave open which function it was, as of two that are the same.
    """

    def __init__(self, place: str, function: Function) -> None:
        """Begin."""
        self.place, self.function = place, function
        self.changes, self.edits = 0, 0
        self.steps: list[Step] = []
        self.is_open = False

    def note(self, subject: str, place: str, function: Function, *, is_edited: bool) -> None:
        """Note what the function is in a commit after which its file has numbers."""
        kind = "modified"
        if place.partition("::")[0] != self.place.partition("::")[0]:
            kind = "moved"
        elif place != self.place:
            kind = "renamed"
        if kind != "modified" or function.numbers != self.function.numbers:
            self.steps.append((subject, kind, place, self.place, self.function.numbers, function.numbers))
        else:
            self.edits += is_edited
        self.place, self.function = place, function


def copy(life: Life) -> Life:
    """Return a life of its own with the same past."""
    other = Life(life.place, life.function)
    other.changes, other.edits, other.is_open = life.changes, life.edits, life.is_open
    other.steps = [*life.steps]
    return other


class Known(NamedTuple):
    """What is known of a file: its functions when it last parsed, and the content that it has now.

    Attributes:
        lives: by qualified name.
        text: of the content if that does not parse.
        is_dark: whether no content of it has parsed since the first commit.
    """

    lives: dict[str, Life]
    text: str | None = None
    is_dark: bool = False


_Place: TypeAlias = "tuple[str, str]"
_Before: TypeAlias = Mapping[str, Known]


class Oracle:
    """Goes along a history.

    Attributes:
        files: what is known of each in the last commit.
        churn: how often each was changed.
    """

    def __init__(self, folder: Path) -> None:
        """Go along the history of a repository."""
        self._folder = folder
        self.files: dict[str, Known] = {}
        self.churn: Counter[str] = Counter()
        commits = self._git("rev-list", "--first-parent", "--reverse", "HEAD").split()
        for number, commit in enumerate(commits):
            self._subject = f"commit {number}"
            if number == 0:
                self._begin(commit)
            else:
                diffs = list(self._list_diffs(commits[number - 1], commit))
                self._count_files(diffs)
                self._apply(diffs)

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self._folder, check=True, capture_output=True)
        return done.stdout.decode()

    def _list_diffs(self, before: str, after: str) -> Iterator[Diff]:
        options = ("-r", "--raw", "-z", "--no-abbrev", "--find-renames")
        fields = iter(self._git("diff-tree", *options, before, after).split("\0"))
        for head in fields:
            if head:
                _, _, old_blob, blob, status = head.split(" ")
                old = next(fields)
                new = next(fields) if status[0] in "RC" else old
                diff = Diff(None if status == "A" else old, old_blob, None if status == "D" else new, blob)
                if (diff.old, diff.old_blob) != (diff.new, diff.new_blob):
                    yield diff

    def _begin(self, commit: str) -> None:
        for line in self._git("ls-tree", "-r", commit).splitlines():
            text = self._git("cat-file", "blob", line.split()[2])
            path, functions = line.partition("\t")[2], parse(text)
            if functions is None:
                self.files[path] = Known({}, text, is_dark=True)
                continue
            self.files[path] = Known({name: Life(f"{path}::{name}", one) for name, one in functions.items()})
            for life in self.files[path].lives.values():
                life.steps.append((self._subject, "added", life.place, None, None, life.function.numbers))

    def _count_files(self, diffs: Iterable[Diff]) -> None:
        before = {diff.old: self.churn.pop(diff.old, 0) for diff in diffs if diff.old is not None}
        for diff in diffs:
            if diff.new is not None:
                changes = before[diff.old] if diff.old is not None else 0
                self.churn[diff.new] = changes + (diff.old_blob != diff.new_blob)

    def _apply(self, diffs: list[Diff]) -> None:
        before = {path: self.files.pop(path) for path in filter(None, (diff.old for diff in diffs))}
        self._origins = {new: old for old, _, new, _ in diffs if new is not None and old is not None}
        self._texts: dict[str, str] = {}
        self._dark = {path for path, known in before.items() if known.is_dark}
        good, broken = self._parse(diffs)
        past = {path: before.get(self._origins.get(path, ""), Known({})) for path in broken}
        self.files |= {path: _wait(past[path], text) for path, text in broken.items()}
        standing = [_find_standing(past[path], text) for path, text in broken.items()]
        after = {(path, name): one for path, some in good.items() for name, one in some.items()}
        match = _Match(before, after, self._origins, set().union(*standing))
        self.files |= {path: Known({}) for path in good}
        for place, one in after.items():
            self.files[place[0]].lives[place[1]] = self._go_on(match, place, one, before)

    def _parse(self, diffs: list[Diff]) -> tuple[dict[str, dict[str, Function]], dict[str, str]]:
        """Return the functions of the files that parse, and the texts of those that don't."""
        good, broken = {}, {}
        for diff in diffs:
            if diff.new is not None:
                self._texts[diff.old or ""] = text = self._git("cat-file", "blob", diff.new_blob)
                if (functions := parse(text)) is None:
                    broken[diff.new] = text
                else:
                    good[diff.new] = functions
        return good, broken

    def _go_on(self, match: _Match, place: _Place, one: Function, before: _Before) -> Life:
        """Return the life of a function that a commit has in a file that parses."""
        life = match.found.get(place)
        if life is None:
            dark = ((path, old.text or "") for path, old in before.items() if old.is_dark)
            life = self._begin_life(place, one, dark)
        else:
            text = next(old.text for old in before.values() if life in old.lives.values())
            is_edited = life.function.body != one.body
            was_broken = text is not None and not (stands_in(life.function, text) or stands_in(one, text))
            life.changes += is_edited or was_broken
            life.note(self._subject, "::".join(place), one, is_edited=is_edited)
        life.is_open |= place in match.open
        return life

    def _begin_life(self, place: _Place, one: Function, dark: Iterable[tuple[str, str]]) -> Life:
        """Return a function that was not there before, unless a file that never parsed has lost it."""
        life = Life("::".join(place), one)
        is_there = any(
            stands_in(one, text) and not stands_in(one, self._texts.get(path, "")) for path, text in dark
        )
        is_known = place[0] not in self._origins or self._origins[place[0]] not in self._dark
        change = "added" if is_known and not is_there else None
        life.steps.append((self._subject, change, life.place, None, None, one.numbers))
        return life


def _wait(known: Known, text: str) -> Known:
    """Return what is known of a file that does not parse now.

    A function that another file takes over meanwhile may be here again when this one parses.
    """
    return Known({name: copy(life) for name, life in known.lives.items()}, text, known.is_dark)


def _find_standing(known: Known, text: str) -> set[int]:
    """Return the functions of a file, by their ``id``, that stand in its text, which does not parse."""
    return {id(life) for life in known.lives.values() if stands_in(life.function, text)}


class _Match:
    """Which function of a commit is which of the one before.

    Attributes:
        found: the lives of functions by path and qualified name.
        open: functions of which the pages don't say it.
    """

    def __init__(
        self,
        before: _Before,
        after: Mapping[_Place, Function],
        origins: Mapping[str, str],
        standing: set[int],
    ) -> None:
        """Compare two commits; functions that stand in the text of a file that does not parse are there."""
        self.open: set[_Place] = set()
        self.found: dict[_Place, Life] = {}
        self._after = after
        self._places = {
            place: before[origins[place[0]]].lives.get(place[1]) for place in after if place[0] in origins
        }
        for place, one in after.items():
            same = self._places.get(place)
            if same is not None and same.function.body == one.body:
                self.found[place] = same
        self._stayed = frozenset(self.found)
        stayed = {id(life) for life in self.found.values()} | standing
        lives = [life for known in before.values() for life in known.lives.values()]
        self._left = [life for life in lives if id(life) not in stayed]
        for place, one in after.items():
            if place not in self.found and (life := self._find(place, one)) is not None:
                self.found[place] = life

    def _find(self, place: _Place, one: Function) -> Life | None:
        """Find what a function was that has not kept its place and its body."""
        same = [life for life in self._left if life.function.body == one.body]
        rivals = [other for other in self._list(one.body) if other not in self._stayed]
        if len(same) > 1 or len(rivals) > 1:
            self.open.add(place)
        elif same and not self._is_edited_in_place(same[0]):
            return same[0]
        mine = self._places.get(place)
        if mine is None or mine not in self._left or mine in self.found.values():
            return None
        has_gone = self._list(mine.function.body) not in ([], [place])
        return None if has_gone and not self._is_edited_in_place(mine) else mine

    def _list(self, body: str) -> list[_Place]:
        """Return where a body is after the commit."""
        return [place for place, one in self._after.items() if one.body == body]

    def _is_edited_in_place(self, life: Life) -> bool:
        """Whether a function has kept its name and its file with another body, which no function had."""
        for place, one in self._after.items():
            if self._places.get(place) is life and one.body != life.function.body:
                return not any(other.function.body == one.body for other in self._left)
        return False


def stands_in(function: Function, text: str) -> bool:
    """Whether a text has the lines of a function as they are."""
    return f"\n{function.lines}\n" in f"\n{text}\n"


def parse(text: str) -> dict[str, Function] | None:
    """Return the functions of a source by qualified name; ``None`` where it does not parse."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    lines = text.split("\n")
    cyclomatic = {
        (one.lineno, one.name): one.complexity for one in cc_visit(text) if hasattr(one, "closures")
    }
    cognitive = {one.line_start: one.complexity for one in complexipy.code_complexity(text).functions}
    found = {}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for owner, body in [("", tree.body), *((f"{node.name}.", node.body) for node in classes)]:
        for node in body:
            if isinstance(node, ast.FunctionDef):
                name = f"{owner}{node.name}"
                own = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                numbers = cyclomatic[node.lineno, node.name], cognitive[node.lineno]
                node.name = ""
                found[name] = Function(ast.dump(node), own, numbers)
    return found
