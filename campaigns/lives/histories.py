"""Random histories: functions are edited, renamed, moved and copied, and files break now and then."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

Tree: TypeAlias = "dict[str, tuple[str, bool]]"
"""What a commit has: by path the text of a file, and whether it is executable."""
COMMITS = 14
_PATHS = ("a.py", "b.py", "c.py", "lib/d.py", "lib/e.py")
_NAMES = tuple("fghijk")
_BREAKS = ("def broken(:\n", "<<<<<<< HEAD\n", "print 'old'\n")


class Function(Struct, frozen=True):
    """A function: its name and class, and what its body is made of."""

    name: str
    owner: str
    branches: int
    value: int
    note: int = 0
    is_broken: bool = False

    def write(self) -> str:
        """Return its source."""
        lines = [f"def {self.name}(a{'(' if self.is_broken else ''}):"]
        lines += [f"    # note {number}" for number in range(self.note)]
        for number in range(self.branches):
            lines += [f"    if a > {self.value + number}:", f"        a += {self.value}"]
        lines += [f"    b = a * {self.value}", f"    return b - {self.value}"]
        indent = "    " if self.owner else ""
        return "".join(f"{indent}{line}\n" for line in lines)


class File(NamedTuple):
    """A file: its functions, what breaks it, and what says nothing."""

    functions: tuple[Function, ...] = ()
    broken: str = ""
    note: int = 0
    is_executable: bool = False
    all_gone: bool = False

    def write(self) -> str:
        """Return its source."""
        if self.all_gone:
            return f"{self.broken}# {self.note}\n"
        plain = [one.write() for one in self.functions if not one.owner]
        owners = dict.fromkeys(one.owner for one in self.functions if one.owner)
        for owner in owners:
            methods = [one.write() for one in self.functions if one.owner == owner]
            plain += [f"class {owner}:\n" + "\n".join(methods)]
        return f"# file {self.note}\n" + "\n\n".join(plain) + (f"\n\n{self.broken}" if self.broken else "")


def make_history(seed: int, number: int) -> list[Tree]:
    """Return the trees of a history's commits; in each second history, all files parse."""
    writer = _Writer(random.Random(f"{seed} {number}"), breaks=number % 2 == 0)
    return [writer.go_on() for _ in range(COMMITS)]


class _Writer:
    """Makes one commit after another."""

    def __init__(self, chance: random.Random, *, breaks: bool) -> None:
        self._chance = chance
        self._breaks = breaks
        self._value = 0
        self._files: dict[str, File] = {}
        self._trees: list[dict[str, File]] = []
        for path in chance.sample(_PATHS, 3):
            self._add_file(path)
        if breaks and not chance.randrange(6):
            self._break(chance.choice([*self._files]))

    def go_on(self) -> Tree:
        """Make a commit, of several edits; the first one has what there is."""
        for _ in range(self._chance.choice((1, 1, 2, 3)) if self._trees else 0):
            self._edit()
        self._trees.append(dict(self._files))
        return {path: (file.write(), file.is_executable) for path, file in self._files.items()}

    def _edit(self) -> None:
        edits = {
            self._edit_function: 8, self._rename: 2, self._move: 4, self._copy: 1, self._delete: 1,
            self._add: 3, self._note: 2, self._break: 6 * self._breaks, self._mend: 7, self._rename_file: 2,
            self._delete_file: 1, self._add_file: 1, self._make_executable: 1, self._revert: 1,
        }  # fmt: skip
        edit = self._chance.choices([*edits], [*edits.values()])[0]
        if self._files or edit is self._add_file:
            edit(self._chance.choice([*self._files] or _PATHS))

    def _next(self) -> int:
        self._value += 7
        return self._value

    def _make(self, taken: Sequence[tuple[str, str]]) -> Function | None:
        places = [(name, owner) for name in _NAMES for owner in ("", "", "A")]
        free = [place for place in places if place not in taken]
        if not free:
            return None
        return Function(*self._chance.choice(free), self._chance.randrange(4), self._next())

    def _free(self, file: File) -> Function | None:
        return self._make([(one.name, one.owner) for one in file.functions])

    def _choose(self, path: str) -> Function | None:
        functions = self._files[path].functions
        return self._chance.choice(functions) if functions else None

    def _put(self, path: str, *functions: Function, without: Function | None = None) -> None:
        file = self._files[path]
        kept = tuple(one for one in file.functions if one is not without)
        self._files[path] = file._replace(functions=(*kept, *functions))

    def _edit_function(self, path: str) -> None:
        one = self._choose(path)
        if one is not None:
            place = self._files[path].functions.index(one)
            edited = replace(one, value=self._next(), branches=self._chance.randrange(4))
            functions = [*self._files[path].functions]
            functions[place] = edited
            self._files[path] = self._files[path]._replace(functions=tuple(functions))

    def _rename(self, path: str) -> None:
        one, other = self._choose(path), self._free(self._files[path])
        if one is not None and other is not None:
            self._put(path, replace(one, name=other.name, owner=other.owner), without=one)

    def _move(self, path: str) -> None:
        one, to = self._choose(path), self._chance.choice([*self._files])
        if (
            one is None
            or to == path
            or any((x.name, x.owner) == (one.name, one.owner) for x in self._files[to].functions)
        ):
            return
        self._put(path, without=one)
        self._put(to, one)

    def _copy(self, path: str) -> None:
        one, to = self._choose(path), self._chance.choice([*self._files])
        other = self._free(self._files[to])
        if one is not None and other is not None:
            self._put(to, replace(one, name=other.name, owner=other.owner))

    def _delete(self, path: str) -> None:
        self._put(path, without=self._choose(path))

    def _add(self, path: str) -> None:
        one = self._free(self._files[path])
        self._put(path, *([one] if one is not None else []))

    def _note(self, path: str) -> None:
        one = self._choose(path)
        if one is None:
            self._files[path] = self._files[path]._replace(note=self._next())
        else:
            self._put(path, replace(one, note=one.note + 1), without=one)

    def _break(self, path: str) -> None:
        file, one = self._files[path], self._choose(path)
        how = self._chance.randrange(4)
        if how == 0 and one is not None:
            self._put(path, replace(one, is_broken=True), without=one)
        elif how == 1:
            self._files[path] = file._replace(broken=self._chance.choice(_BREAKS), all_gone=True)
        else:
            self._files[path] = file._replace(broken=self._chance.choice(_BREAKS), note=self._next())

    def _mend(self, path: str) -> None:
        file = self._files[path]
        functions = tuple(replace(one, is_broken=False) for one in file.functions)
        self._files[path] = file._replace(functions=functions, broken="", all_gone=False)

    def _rename_file(self, path: str) -> None:
        free = [one for one in _PATHS if one not in self._files]
        if free:
            self._files[self._chance.choice(free)] = self._files.pop(path)

    def _delete_file(self, path: str) -> None:
        del self._files[path]

    def _add_file(self, path: str) -> None:
        free = [one for one in _PATHS if one not in self._files]
        if free:
            path = path if path in free else self._chance.choice(free)
            self._files[path] = File(note=self._next())
            for _ in range(self._chance.randrange(2, 5)):
                self._add(path)

    def _make_executable(self, path: str) -> None:
        file = self._files[path]
        self._files[path] = file._replace(is_executable=not file.is_executable)

    def _revert(self, path: str) -> None:
        """Have a file as an earlier commit had it."""
        older = [files[path] for files in self._trees if path in files]
        if older:
            self._files[path] = self._chance.choice(older)


def write_repository(folder: Path, trees: Sequence[Tree]) -> None:
    """Make a repository of these commits, with an empty worktree."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    stream = bytearray()
    for number, tree in enumerate(trees):
        subject = f"commit {number}"
        who = f"committer A <a@example.org> {1_600_000_000 + number * 3600} +0000"
        stream += f"commit refs/heads/main\n{who}\n".encode()
        stream += f"data {len(subject)}\n{subject}\ndeleteall\n".encode()
        for path, (text, is_executable) in sorted(tree.items()):
            data = text.encode()
            stream += (
                f"M {'100755' if is_executable else '100644'} inline {path}\ndata {len(data)}\n".encode()
            )
            stream += data + b"\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=bytes(stream), check=True)
