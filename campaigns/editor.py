"""Random buffers and settings in an editor: the server says of each what ``check`` says of it as a file.

Buffers are opened, changed and saved, while settings and the baseline change on disk.

``python -m campaigns editor --steps N --seed S``
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from lsprotocol import types

from campaigns.hunt.commands import call
from campaigns.hunt.contents import measure_fully
from campaigns.hunt.repositories import Repository
from campaigns.hunt.trees import Tree, sources_of
from campaigns.steps import Difference, Step, do_steps
from campaigns.ways.edits import select_edits
from campaigns.ways.projects import make_project, read_table
from tests.editor.client import Editor, apply, edit

_SAME, _SINCE = "buffers are judged like files", "the value in HEAD is named if it differs"
_IGNORED = "a function is not over a limit after its comment was taken"
_MOST_BUFFERS = 4
_MESSAGE = re.compile(
    r"((?P<name>[^:]+): )?(?P<metric>\w+) is (?P<value>[\d.]+), must be [<>=!]+ [\d.]+"
    r"(.*? \(HEAD has (?P<before>[\d.]+)\))?"
)


class _Mark(NamedTuple):
    """What is said of a line, 1-based; the name is that of a function with a number."""

    path: str
    line: int
    rule: str
    level: str
    name: str | None


class _Told(NamedTuple):
    """What the server says: all marks, and the messages that don't name the value in HEAD as they should."""

    marks: frozenset[_Mark]
    wrong: list[str]


class EditorStep(Step):
    """A commit, a working tree, buffers with other texts, and settings that change before they are saved."""

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:  # noqa: ARG004
        """Return that there are four states."""
        return "session", 4

    def _run(self) -> Iterator[Difference]:
        first = make_project(Random(f"{self._plan.seed}:files"))
        commit, disk, typed, later = self._edit_in_turn(first, select_edits(first))
        self._repository.set_head(self._repository.commit(commit))
        self._repository.stage(commit)
        sources = sources_of(typed)
        names = self._rng.sample([*sources], min(len(sources), _MOST_BUFFERS))
        buffers = {name: sources[name] for name in names}
        session = _Session(self._repository, buffers)
        told = asyncio.run(session.go(commit, disk, later))
        expected = {
            "typed": self._check_alone(disk, buffers),
            "saved": self._check({**later, **buffers}, buffers),
            "ignored": self._check({**later, **session.buffers}, buffers),
        }
        for moment, said in told.items():
            yield from _compare(moment, said, expected[moment])
        over = {(one.path, one.name) for one in told["ignored"].marks if one.level == "warning"}
        useless = [f"{one} is still over" for one in session.ignored if one in over]
        if useless and not read_table(later).get("require_reasons"):  # which a person writes
            yield Difference(_IGNORED, useless)

    def _check_alone(self, disk: Tree, buffers: Tree) -> frozenset[_Mark]:
        """Return what ``check`` says of each buffer if no other is saved."""
        alone = (self._check({**disk, name: text}, {name: text}) for name, text in buffers.items())
        return frozenset[_Mark]().union(*alone)

    def _check(self, tree: Tree, buffers: Tree) -> frozenset[_Mark]:
        """Return what ``check`` says of the files of some buffers; nothing if it can't read the settings."""
        self._repository.write(tree)
        said = call(self._repository.path, "check", "--format", "json")
        files = json.loads(said.out)["files"] if said.code != 2 else []
        return frozenset(mark for file in files if file["path"] in buffers for mark in _list_marks(file))


class _Session:
    """What a user does with some buffers, and what the server says of them."""

    def __init__(self, repository: Repository, buffers: Tree) -> None:
        self._repository = repository
        self.buffers = dict(buffers)
        self.ignored: list[tuple[str, str]] = []

    async def go(self, commit: Tree, disk: Tree, later: Tree) -> dict[str, _Told]:
        """Type, commit and save, and ignore functions; return what is said after each."""
        repository, folder = self._repository, self._repository.path
        repository.write(disk)
        os.chdir(folder)  # the server begins where this process is
        async with edit(folder) as editor:
            for name in self.buffers:
                await editor.open(folder / name, disk.get(name, ""))
            typed = {name: await editor.type(folder / name, text) for name, text in self.buffers.items()}
            repository.write({**later, **self.buffers})
            repository.set_head(repository.commit(later))
            for name, text in [*self.buffers.items()][:1]:
                editor.save(folder / name, text)  # all buffers are judged
            saved = {name: await editor.hear((folder / name).as_uri()) for name in self.buffers}
            told = {"typed": _read(typed, commit), "saved": _read(saved, later)}
            over = {(one.path, one.name): one.line for one in told["saved"].marks if one.level == "warning"}
            for path in self.buffers:
                own = {name: line for (other, name), line in over.items() if other == path}
                if await self._ignore(editor, path, own):
                    saved[path] = await editor.type(folder / path, self.buffers[path])
        return told | {"ignored": _read(saved, later)}

    async def _ignore(self, editor: Editor, path: str, over: Mapping[str | None, int]) -> bool:
        """Take the comment that is offered for each function of a buffer; return whether there was one."""
        place, text = self._repository.path / path, self.buffers[path]
        for name, line in over.items():
            if name is None:
                continue
            for action in await editor.ask(place, line - 1):
                if isinstance(action, types.CodeAction) and action.title.startswith("Ignore"):
                    assert action.edit
                    assert action.edit.changes
                    (change,) = action.edit.changes[place.as_uri()]
                    self.buffers[path] = apply(self.buffers[path], change)
                    self.ignored.append((path, name))
        return self.buffers[path] != text


def _compare(moment: str, said: _Told, expected: frozenset[_Mark]) -> Iterator[Difference]:
    if said.marks != expected:
        lines = [f"the server alone: {mark}" for mark in sorted(said.marks - expected, key=str)]
        lines += [f"check alone: {mark}" for mark in sorted(expected - said.marks, key=str)]
        yield Difference(_SAME, [moment, *lines])
    if said.wrong:
        yield Difference(_SINCE, [moment, *said.wrong])


def _list_marks(file: dict[str, Any]) -> Iterator[_Mark]:
    """Yield what an editor should show of a file of a report."""
    path = file["path"]
    if file["status"] == "error":
        yield _Mark(path, file["error"]["line"] or 1, "not_measured", file["error"]["severity"], None)
    for key, level in (("violations", "warning"), ("warnings", "information")):
        for one in file[key]:
            yield _Mark(path, one["line"] or 1, one["metric"], level, one["qualified_name"])
    for one in file["suppressions"]:
        is_unused = one["state"] == "unused" and one["tool"] == "antipasta"
        if is_unused or one["problems"]:
            level = "warning" if one["fails"] else "information"
            yield _Mark(path, one["line"], "suppression", level, None)


def _read(diagnostics: dict[str, list[types.Diagnostic]], commit: Tree) -> _Told:
    marks, wrong = set(), []
    for path, found in diagnostics.items():
        for one in found:
            assert one.severity is not None
            number = _MESSAGE.match(one.message)
            name = number["name"] if number else None
            level = one.severity.name.lower()
            marks.add(_Mark(path, one.range.start.line + 1, str(one.code), level, name))
            if number and number["before"] != _find_before(number, path, commit):
                wrong.append(f"{path}: {one.message}")
    return _Told(frozenset(marks), wrong)


def _find_before(number: re.Match[str], path: str, commit: Tree) -> str | None:
    """Return the value in HEAD of a number that is named; ``None`` if it is the same, or there is none."""
    if path not in commit or number["name"] is None:
        return None
    block = measure_fully(commit[path].encode()).blocks.get(number["name"], {})
    before = str(block.get(number["metric"]))
    return None if before in ("None", number["value"]) else before


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if the server and ``check`` differ."""
    return do_steps("editor", EditorStep, main.__doc__, argv, steps=100, slow=1)
