"""Random histories in which it is known which function is which, beside what ``trend`` makes of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count

import pytest

from tests.trend.conftest import Past, function

COMMITS = 25
PATHS = ("a.py", "b.py", "lib/c.py", "lib/d.py")


class Known:
    """A function that knows what happened to it.

    Attributes:
        path: where it is.
        name: its name.
        complexity: of it.
        value: in its body, which no other one has.
        steps: complexity and place after each commit that changed one of them.
        changes: the commits that changed its body.
    """

    def __init__(self, path: str, name: str, complexity: int, value: int) -> None:
        self.path, self.name, self.complexity, self.value = path, name, complexity, value
        self.steps: list[tuple[int, str, str, int]] = []
        self.changes = 0

    def note(self, day: int, *, is_edit: bool) -> None:
        now = (self.path, self.name, self.complexity)
        if not self.steps or self.steps[-1][1:] != now:
            self.steps.append((day, *now))
        self.changes += is_edit


class Author:
    """Commits changes of some functions, of each one of one kind, as what is moved and edited is new."""

    def __init__(self, past: Past, seed: int) -> None:
        self._past = past
        self._chance = random.Random(seed)
        self._numbers = count()
        self._comments: dict[str, int] = {}
        self.known: list[Known] = []

    def write(self) -> None:
        for _ in range(12):
            self._add(0)
        self._record(0)
        for day in range(1, COMMITS):
            self._change(day)
            self._record(day)

    def _change(self, day: int) -> None:
        if self._chance.random() < 0.15:
            self._rename_file(day)
            return
        for one in self._chance.sample(self.known, 3):
            self._chance.choice([self._edit, self._edit, self._rename, self._move, self._delete])(day, one)
        if self._chance.random() < 0.4:
            self._add(day)
        self._comments[self._chance.choice(PATHS)] = day

    def _add(self, day: int) -> None:
        new = Known(self._chance.choice(PATHS), f"f{next(self._numbers)}", self._pick(), next(self._numbers))
        new.note(day, is_edit=False)
        self.known.insert(self._chance.randrange(len(self.known) + 1), new)

    def _edit(self, day: int, one: Known) -> None:
        one.value = next(self._numbers)
        one.complexity = self._chance.choice([one.complexity, self._pick()])
        one.note(day, is_edit=True)

    def _rename(self, day: int, one: Known) -> None:
        one.name = f"g{next(self._numbers)}"
        one.note(day, is_edit=False)

    def _move(self, day: int, one: Known) -> None:
        one.path = self._chance.choice(PATHS)
        if self._chance.random() < 0.5:
            one.name = f"g{next(self._numbers)}"
        one.note(day, is_edit=False)

    def _delete(self, day: int, one: Known) -> None:
        if len(self.known) > 8:
            self.known.remove(one)

    def _rename_file(self, day: int) -> None:
        old, new = self._chance.sample(PATHS, 2)
        if any(one.path == new for one in self.known):
            return
        for one in self.known:
            if one.path == old:
                one.path = new
                one.note(day, is_edit=False)

    def _pick(self) -> int:
        return self._chance.randrange(1, 9)

    def _record(self, day: int) -> None:
        texts: dict[str, str | None] = dict.fromkeys(PATHS)
        for one in self.known:
            head = texts[one.path] or f"# comment {self._comments.get(one.path, 0)}\n"
            texts[one.path] = f"{head}\n\n{function(one.complexity, one.name, one.value)}"
        self._past.record(texts, day, str(day))


def find_life(past: Past, one: Known) -> Iterator[tuple[int, str, str, int]]:
    for step in past.ask(f"{one.path}::{one.name}")["steps"]:
        complexity = step["metrics"]["cyclomatic_complexity"]["after"]
        yield int(step["subject"]), step["path"], step["qualified_name"], complexity


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_each_function_is_followed(past: Past, seed: int) -> None:
    author = Author(past, seed)
    author.write()
    for one in author.known:
        assert list(find_life(past, one)) == one.steps
    hotspots = past.ask("--hotspots")["block_hotspots"]
    found = {
        (each["path"], each["qualified_name"]): (each["changes"], each["complexity"]) for each in hotspots
    }
    assert found == {
        (one.path, one.name): (one.changes, one.complexity) for one in author.known if one.changes
    }
    moves = {len({step[1] for step in one.steps}) for one in author.known}
    assert max(moves) > 1, "some have been in several files"
