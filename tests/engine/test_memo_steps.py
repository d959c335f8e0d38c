"""The three steps of a memo, by tables: what git says and what a run found are given, and no git runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zlib import compress, decompress

import pytest
from msgspec.msgpack import decode, encode
from msgspec.structs import replace

from pytest_antipasta.engine import memo
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.memo import Memo, Recalled, RunFindings
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.tree_sources import TreeSources
from pytest_antipasta.files.source import Source
from pytest_antipasta.files.walk import find_regular
from pytest_antipasta.git.tree import TreeState
from pytest_antipasta.model.judged import LEFT_TO_STORE, BaselineEntry, Verdict, Violation
from pytest_antipasta.model.measured import FileError, Measurement
from pytest_antipasta.policy.worst import pack_worst
from pytest_antipasta.settings.values import Settings

OLD, NEW = "old tree", "new tree"
ATTRIBUTES = b"attributes"
# All are in the tree of the memo, and on disk.
FUNCTIONS = {"a.py": 1, "b.py": 0, "pkg/c.py": 20, "pkg/d.py": 300}
NAMES = tuple(FUNCTIONS)
OVER = Violation("cyclomatic_complexity", "f", 1, 11, 10, "<=")
# Long after the files of a test were written.
LATE = 4e9


def passed(path: str) -> Verdict:
    """Return a verdict with nothing to report."""
    return Verdict(path, LEFT_TO_STORE, digest=path.encode(), functions=FUNCTIONS.get(path, 0))


def failed(path: str) -> Verdict:
    """Return a verdict with a violation."""
    return replace(passed(path), violations=(OVER,))


def state_of(
    *edited: str, gone: tuple[str, ...] = (), untracked: tuple[str, ...] = (), head: str = OLD
) -> TreeState:
    """Return what git says of a working tree."""
    return TreeState(head, {*edited, *gone}, {*gone} - {*untracked}, untracked)


CLEAN = state_of()


class Tree:
    """A folder with files, and no git."""

    def __init__(self, root: Path, recorded: tuple[str, ...] = (), **options: Any) -> None:
        """Write the files."""
        self.root = root
        for name in NAMES:
            self.write(name)
        entries = tuple(
            BaselineEntry(path=path, qualified_name="f", metric=OVER.metric, value=11) for path in recorded
        )
        self.rules = Rules(Settings(root=root, source=None, **options), entries or None)
        self.sources = TreeSources(self.rules)

    def write(self, name: str, text: str = "x = 1\n") -> None:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def recall(self, kept: Memo, state: TreeState, *, lists_all: bool = False) -> Recalled | None:
        """Return what applies."""
        return memo.recall(kept, state, self.sources, lists_all=lists_all)

    def found(self, *names: str) -> dict[str, Source]:
        """Return files as a walk finds them."""
        files = {name: find_regular(self.root, name) for name in names}
        return {name: file for name, file in files.items() if file is not None}

    def make(self, listed: Sequence[str], judged: RunFindings, state: TreeState = CLEAN) -> Memo | None:
        """Return the memo of a commit with some files after a run."""
        return memo.make(NEW, ATTRIBUTES, listed, state, judged, self.sources)

    def make_after(self, *verdicts: Verdict, began: float = LATE) -> Memo | None:
        """Return the memo of a commit after a run with some verdicts on its files."""
        by_path = {verdict.path: verdict for verdict in verdicts}
        return self.make([*by_path], RunFindings(self.found(*by_path), by_path, began))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """The files of the memo."""
    return Tree(tmp_path)


def kept(*verdicts: Verdict, holes: tuple[str, ...] = ()) -> Memo:
    """Return the memo of all files."""
    others = {*holes, *(verdict.path for verdict in verdicts)}
    functions = {path: number for path, number in FUNCTIONS.items() if path not in others}
    return Memo(
        OLD,
        1.0,
        ATTRIBUTES,
        len(functions),
        holes,
        verdicts,
        functions=sum(functions.values()),
        functions_by_path=compress(encode(functions)),
    )


def but(*paths: str) -> list[str]:
    """Return all other files."""
    return [name for name in NAMES if name not in paths]


# What must be judged, what is known, and which other files pass.
APPLIED: dict[str, tuple[Memo, TreeState, list[str], list[str], list[str]]] = {
    "nothing differs": (kept(), state_of(), [], [], but()),
    "one file fails": (kept(failed("b.py")), state_of(), [], ["b.py"], but("b.py")),
    "one that passes is edited": (kept(), state_of("a.py"), ["a.py"], [], but("a.py")),
    "one that fails is edited": (kept(failed("b.py")), state_of("b.py"), ["b.py"], [], but("b.py")),
    "one is deleted": (kept(), state_of(gone=("pkg/c.py",)), [], [], but("pkg/c.py")),
    "that, and it is untracked": (
        kept(),
        state_of(gone=("a.py",), untracked=("a.py",)),
        ["a.py"],
        [],
        but("a.py"),
    ),
    "one is new": (kept(), state_of(untracked=("new.py",)), ["new.py"], [], but()),
    "one is staged": (kept(), state_of("new.py"), ["new.py"], [], but()),
    "no source file": (kept(), state_of("README.md", untracked=("b.txt",)), [], [], but()),
    "a hole": (kept(holes=("a.py",)), state_of(), ["a.py"], [], but("a.py")),
    "an edited hole": (kept(holes=("a.py",)), state_of("a.py"), ["a.py"], [], but("a.py")),
}


@pytest.mark.parametrize(
    ("known", "state", "open_files", "verdicts", "others"), APPLIED.values(), ids=APPLIED
)
def test_what_applies(
    tree: Tree, known: Memo, state: TreeState, open_files: list[str], verdicts: list[str], others: list[str]
) -> None:
    tree.write("new.py")
    functions = {path: FUNCTIONS[path] for path in others}
    counted = tree.recall(known, state)
    assert counted is not None
    assert [file.path for file in counted.files] == open_files
    assert [*counted.verdicts] == verdicts
    assert (counted.unlisted, counted.unlisted_functions) == (len(others), sum(functions.values()))
    listed = tree.recall(known, state, lists_all=True)
    assert listed is not None
    assert (listed.listed, listed.unlisted, listed.unlisted_functions) == (functions, 0, 0)
    assert counted.total == listed.total == len(open_files) + len(verdicts) + len(others)


def make_repository(tree: Tree) -> None:
    """Make a folder of untracked files a repository."""
    (tree.root / "other" / ".git").mkdir(parents=True)


# With these, files that git says nothing of may have other results.
SPECIAL: dict[str, tuple[Callable[[Tree], object], TreeState]] = {
    "attributes": (lambda _: None, state_of(".gitattributes")),
    "new attributes in a folder": (lambda _: None, state_of(untracked=("pkg/.gitattributes",))),
    "settings in a folder": (lambda _: None, state_of("pkg/pyproject.toml")),
    "a name with a line feed": (lambda _: None, state_of(untracked=("a\nb.py",))),
    "another repository": (make_repository, state_of(untracked=("other/a.py",))),
    "another repository above": (make_repository, state_of(untracked=("other/pkg/a.py",))),
}


@pytest.mark.parametrize(("prepare", "state"), SPECIAL.values(), ids=SPECIAL)
def test_nothing_applies(tree: Tree, prepare: Callable[[Tree], object], state: TreeState) -> None:
    prepare(tree)
    assert tree.recall(kept(), state) is None


def test_settings_of_the_root_are_part_of_the_key(tree: Tree) -> None:
    assert tree.recall(kept(), state_of("pyproject.toml")) is not None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser reads all folders")
def test_a_folder_that_cannot_be_read_is_left_to_a_walk(tree: Tree) -> None:
    (tree.root / "pkg").chmod(0)
    try:
        assert tree.recall(kept(), state_of(gone=("pkg/c.py",))) is None
    finally:
        (tree.root / "pkg").chmod(0o700)


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("head", [OLD, NEW])
def test_a_memo_far_away_does_not_apply(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, number: int, head: str
) -> None:
    monkeypatch.setattr(memo, "MOST_DIFFERENCES", 2)
    recalled = tree.recall(kept(), state_of(*NAMES[:number], head=head))
    # The memo of the checked-out commit gets no better by a run over changed files.
    assert (recalled is None) == (number > 2 and head == NEW)


@pytest.mark.parametrize("recorded", [(), ("a.py",)])
def test_what_a_baseline_decides_is_judged_again(tmp_path: Path, recorded: tuple[str, ...]) -> None:
    recalled = Tree(tmp_path, recorded).recall(kept(passed("a.py"), failed("b.py")), state_of())
    assert recalled is not None
    assert [file.path for file in recalled.files] == (["a.py", "b.py"] if recorded else [])
    assert [*recalled.verdicts] == ([] if recorded else ["a.py", "b.py"])


def test_a_doubt_that_the_index_removes(tree: Tree) -> None:
    """A file is judged if its entry in the index does not show that it passes, as the memo says."""
    recalled = tree.recall(kept(failed("b.py")), state_of("a.py"))
    assert recalled is not None
    found = tree.found(*NAMES)
    signatures = {name: file.signature for name, file in found.items() if file.signature}
    sample = {name: (signature, b"digest", b"") for name, signature in signatures.items()}
    doubted = memo.doubt(recalled, sample, tree.sources)
    assert [(file.path, file.digest) for file in doubted] == [
        (name, b"digest") for name in ("b.py", "pkg/c.py", "pkg/d.py")
    ]
    tree.write("pkg/c.py", "changed since\n")
    (tree.root / "pkg/d.py").unlink()
    doubted = memo.doubt(recalled, sample, tree.sources)
    assert [(file.path, file.digest) for file in doubted] == [("b.py", b"digest"), ("pkg/c.py", None)]


WITHIN, BEYOND = (
    pack_worst(measure(source)) for source in (b"x = 1\n", b"def f():\n" + 11 * b"    if x: y\n")
)


@pytest.mark.parametrize(
    ("worst", "known", "recorded", "is_doubted"),
    [
        (WITHIN, (), (), False),
        (BEYOND, (), (), True),
        (WITHIN, (failed("a.py"),), (), True),
        (WITHIN, (), ("b.py",), False),
        (BEYOND, (), ("a.py",), True),
    ],
)
def test_a_doubt_by_worst_values(
    tmp_path: Path, worst: bytes, known: tuple[Verdict, ...], recorded: tuple[str, ...], is_doubted: bool
) -> None:
    tree = Tree(tmp_path, recorded)
    recalled = tree.recall(kept(*known), state_of())
    assert recalled is not None
    (file,) = tree.found("a.py").values()
    assert file.signature is not None
    sample = {"a.py": (file.signature, b"digest", worst)}
    assert bool(memo.doubt(recalled, sample, tree.sources)) == is_doubted


@pytest.mark.parametrize(
    ("known", "verdict", "expected"),
    [
        ((), passed("a.py"), True),
        ((), failed("a.py"), False),
        ((failed("a.py"),), failed("a.py"), True),
        ((failed("a.py"),), passed("a.py"), False),
        ((failed("b.py"),), passed("a.py"), True),
    ],
)
def test_whether_it_is_right(
    tree: Tree, known: tuple[Verdict, ...], verdict: Verdict, expected: bool
) -> None:
    recalled = tree.recall(kept(*known), state_of())
    assert recalled is not None
    assert memo.is_right(verdict, recalled, tree.rules) == expected


def test_a_memo(tree: Tree) -> None:
    tree.write("tool")
    made = tree.make_after(*map(passed, (*NAMES[1:], "tool")), failed("a.py"))
    assert made is not None
    assert (made.tree, made.made, made.attributes, made.files, made.holes) == (NEW, LATE, ATTRIBUTES, 4, ())
    assert [verdict.path for verdict in made.verdicts] == ["a.py"]
    assert decode(decompress(made.functions_by_path)) == {
        "b.py": 0,
        "pkg/c.py": 20,
        "pkg/d.py": 300,
        "tool": 0,
    }
    assert made.functions == 320
    assert made.scripts == {"tool"}


@pytest.mark.parametrize("is_known", [True, False])
def test_a_memo_needs_all_files_in_git(tree: Tree, is_known: bool) -> None:
    judged = RunFindings({}, {"a.py": passed("a.py"), "new.py": passed("new.py")}, 5.0)
    made = tree.make(["a.py"], judged, state_of(untracked=("new.py",) if is_known else ()))
    assert (made == memo.make_empty(NEW, ATTRIBUTES, 5.0)) == (not is_known)


def edit(tree: Tree) -> None:
    tree.write("a.py", "changed during the run\n")


def drop(tree: Tree) -> None:
    (tree.root / "a.py").unlink()


UNREADABLE = Verdict("a.py", Measurement.of(FileError("unreadable", "not now")))
INVALID = Verdict("a.py", Measurement.of(FileError("syntax", "invalid")), errors_fail=True)
# Whether the result of a file is settled: what becomes of it, its verdict, and what git says.
SETTLED: dict[str, tuple[Callable[[Tree], object] | None, Verdict | None, TreeState, bool]] = {
    "passed": (None, passed("a.py"), state_of(), True),
    "can't be parsed": (None, INVALID, state_of(), True),
    "can't be read": (None, UNREADABLE, state_of(), False),
    "was not judged": (None, None, state_of(), False),
    "differs from the commit": (None, passed("a.py"), state_of("a.py"), False),
    "was edited meanwhile": (edit, passed("a.py"), state_of(), False),
    "was deleted meanwhile": (drop, passed("a.py"), state_of(), False),
}


@pytest.mark.parametrize(("happens", "verdict", "state", "is_settled"), SETTLED.values(), ids=SETTLED)
def test_holes(
    tree: Tree,
    happens: Callable[[Tree], object] | None,
    verdict: Verdict | None,
    state: TreeState,
    is_settled: bool,
) -> None:
    judged = RunFindings(tree.found("a.py"), {} if verdict is None else {"a.py": verdict}, LATE)
    if happens is not None:
        happens(tree)
    made = tree.make(["a.py"], judged, state)
    assert made is not None
    assert made.holes == (() if is_settled else ("a.py",))
    assert made.files + len(made.verdicts) == is_settled


def test_a_file_written_as_the_run_began_is_a_hole(tree: Tree) -> None:
    began = (tree.root / "a.py").stat().st_mtime
    made = tree.make_after(passed("a.py"), began=began)
    assert made is not None
    assert made.holes == ("a.py",)


@pytest.mark.parametrize("most", [1, 2])
def test_a_memo_of_holes_is_not_made(tree: Tree, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(memo, "MOST_HOLES", most)
    judged = RunFindings({}, {}, LATE)
    assert (tree.make(NAMES[:2], judged) is None) == (most < 2)
    assert tree.make(NAMES[:2], judged, state_of(NAMES[0])) is not None, "what differs is no hole"


SIZE = 5000


@pytest.mark.parametrize("size", [SIZE, SIZE + 1])
def test_a_file_that_other_line_endings_make_too_large_is_a_hole(tmp_path: Path, size: int) -> None:
    tree = Tree(tmp_path, max_file_size_mb=2 * SIZE / 1e6)
    tree.write("a.py", "#" * size)
    made = tree.make_after(passed("a.py"))
    assert made is not None
    assert made.holes == (() if size == SIZE else ("a.py",))


MEASURED = measure(b"def f():\n    pass\n\n\ndef within():\n    pass\n")
BRIEF = replace(failed("a.py"), is_brief=True, measurement=MEASURED)
CELLS = replace(MEASURED, blocks=(replace(MEASURED.blocks[0], kind="cell"),))
# What a verdict leaves in a memo: whether it has all of its values.
SHORTENED: dict[str, tuple[Verdict, bool]] = {
    "values": (replace(failed("a.py"), measurement=MEASURED, origin="copy"), False),
    "few values": (BRIEF, True),
    "cells": (replace(failed("a.py"), measurement=CELLS), True),
    "an error": (INVALID, True),
}


@pytest.mark.parametrize(("verdict", "is_whole"), SHORTENED.values(), ids=SHORTENED)
def test_what_a_memo_keeps_of_a_verdict(tree: Tree, verdict: Verdict, is_whole: bool) -> None:
    made = tree.make_after(verdict)
    assert made is not None
    (left,) = made.verdicts
    assert left.origin == "store"
    assert (left.measurement == verdict.measurement) == is_whole
