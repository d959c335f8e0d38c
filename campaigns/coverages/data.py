"""Coverage data made up for sources, and written by coverage.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from types import CodeType
from typing import NamedTuple, TypeAlias

from coverage import CoverageData
from coverage.parser import PythonParser

from campaigns.coverages.projects import PLACES
from campaigns.hunt.trees import Tree, sources_of

Arc: TypeAlias = tuple[int, int]

GONE = "src/gone.py"
"""A file of which there is data, and nothing else."""
_CONTEXTS = (None, "", "test_a|run", "test_ü")


class Ran(NamedTuple):
    """What ran of the files of a project.

    Attributes:
        lines: the lines of each file.
        arcs: the jumps of each file; ``None`` if branches were not measured.
    """

    lines: Mapping[str, frozenset[int]]
    arcs: Mapping[str, frozenset[Arc]] | None

    def draw(self, rng: Random) -> Ran:
        """Return a part of it."""
        lines = {path: frozenset(one for one in of if rng.random() < 0.5) for path, of in self.lines.items()}
        arcs = self.arcs and {
            path: frozenset(one for one in of if rng.random() < 0.5) for path, of in self.arcs.items()
        }
        return Ran(lines, arcs)


def run_randomly(tree: Tree, older: Tree, rng: Random) -> Ran:
    """Return what may have run: of some files, some in an older version, and of one that is gone."""
    arcs: dict[str, frozenset[Arc]] = {}
    for path, text in sources_of(tree).items():
        version = older.get(path, text) if rng.random() < 0.2 else text
        if rng.random() > 0.15 and can_run(version):
            arcs[path] = frozenset(_jump(version, rng))
    if rng.random() < 0.3 or not arcs:
        arcs[GONE] = frozenset({(-1, 1), (1, -1)})
    lines = {path: frozenset(line for arc in of for line in arc if line > 0) for path, of in arcs.items()}
    return Ran(lines, arcs if rng.random() < 0.6 else None)


def can_run(text: str) -> bool:
    """Return whether a text that can be parsed can be compiled, too: edits may name two arguments alike."""
    with suppress(SyntaxError):
        compile(text, "x", "exec", dont_inherit=True)
        return True
    return False


def list_codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object, and those in it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from list_codes(inner)


def list_lines(code: CodeType) -> list[int]:
    """Return the lines of a code object, in their order."""
    return list(dict.fromkeys(line for _, _, line in code.co_lines() if line))


def _jump(text: str, rng: Random) -> Iterator[Arc]:
    """Yield the jumps that one run may have had: in each code object from some lines to some."""
    if rng.random() < 0.1:
        return  # the file was found, and did not run
    parser = PythonParser(text=text if text.endswith("\n") else f"{text}\n")
    parser.parse_source()
    possible = parser.arcs()
    share = rng.choice((0.2, 0.6, 0.95))
    for code in list_codes(compile(text, "x", "exec", dont_inherit=True)):
        lines = [line for line in list_lines(code) if rng.random() < share]
        if not lines or rng.random() > share + 0.2:
            continue
        first = code.co_firstlineno
        yield from zip((-first, *lines), (*lines, -first), strict=True)
        there = {*lines, -first}
        yield from (arc for arc in sorted(possible) if there.issuperset(arc) and rng.random() < share)


class Written(NamedTuple):
    """Files with coverage data.

    Attributes:
        paths: of the files.
        words: how they are named on the command line.
    """

    paths: tuple[Path, ...]
    words: str


def write_data(ran: Ran, folder: Path, where: str, rng: Random) -> Written:
    """Write data of one or several runs with coverage.py, in some contexts.

    Args:
        ran: what ran in all of them.
        folder: of the project.
        where: how paths are written: ``here``, ``relative`` or ``elsewhere``.
        rng: chance.
    """
    runs = rng.choice((1, 1, 2, 3))
    name = rng.choice((".coverage", ".coverage", "data.of.tests"))
    names = (
        [name] if runs == 1 and rng.random() < 0.7 else [f"{name}.host.{number}" for number in range(runs)]
    )
    words = name if name != ".coverage" or rng.random() < 0.6 else "."
    paths = tuple(folder / name for name in names)
    for number, path in enumerate(paths):
        place = _choose_place(folder, where, rng)
        # The last has all of it that the others may lack.
        write_run(ran if number == len(paths) - 1 else ran.draw(rng), path, place, rng)
    return Written(paths, words)


def _choose_place(folder: Path, where: str, rng: Random) -> str:
    return {"here": str(folder), "relative": "", "elsewhere": rng.choice(PLACES)}[where]


def write_run(ran: Ran, path: Path, place: str, rng: Random | None = None) -> None:
    """Write a data file whose paths begin with a folder; with ``rng`` divided among contexts."""
    separator = "\\" if "\\" in place else "/"
    names = {one: separator.join(filter(None, [place, *one.split("/")])) for one in ran.lines}
    data = CoverageData(str(path))
    parts = [ran] if rng is None else [*(ran.draw(rng) for _ in range(rng.randint(0, 2))), ran]
    for part in parts:
        data.set_context(rng.choice(_CONTEXTS) if rng is not None else None)
        if part.arcs is not None:
            data.add_arcs({names[one]: arcs for one, arcs in part.arcs.items()})
        else:
            data.add_lines({names[one]: lines for one, lines in part.lines.items()})
    data.touch_files(names.values())
    data.write()
    data.close()
