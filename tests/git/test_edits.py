"""How often commits of the last year edited a function, beside a naive count by names."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from pytest_antipasta.git.edits import find_recent_edits
from pytest_antipasta.model.finding import FunctionKey
from tests.commits import commit_all
from tests.conftest import Repository
from tests.windows import can_be_on_disk

DAY = 24 * 60 * 60
NOW = 1_700_000_000


def find_functions(root: Path) -> dict[FunctionKey, tuple[int, int]]:
    """Return the lines of the functions of all modules."""
    return {
        (path.relative_to(root).as_posix(), node.name): (node.lineno, node.end_lineno or 0)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef)
    }


def count_edits(root: Path) -> dict[str, int]:
    """Return the counts of functions by name."""
    found = find_recent_edits(root, find_functions(root))
    assert found is not None
    return {name: number for (_, name), number in found.counts.items()}


def write(root: Path, name: str, *functions: str) -> None:
    (root / name).write_text("\n\n".join(functions) + "\n")


def make(name: str, *lines: str) -> str:
    return "\n".join([f"def {name}(a):", *(f"    {line}" for line in lines), f"    return {name}"])


A, B, C = make("a", "a += 1", "a += 2"), make("b", "a += 1", "a += 2"), make("c", "a += 3")


@pytest.mark.parametrize(
    ("versions", "counts"),
    [
        pytest.param([[A, B], [A, make("b", "a += 9", "a += 2")]], {"b": 1}, id="a line"),
        pytest.param([[A, B], [A, make("b", "a += 1")]], {"b": 1}, id="a line less"),
        pytest.param([[A, B], [A, make("b", "a += 1", "a += 7", "a += 2")]], {"b": 1}, id="a line more"),
        pytest.param([[A], [A, B], [A, make("b", "a = 0")]], {"b": 1}, id="a new one, and then an edit"),
        pytest.param([[A, B], ["import x\n", A, B], [C, A, B]], {}, id="lines above"),
        pytest.param([[A, B], [B]], {}, id="a neighbour is gone"),
        pytest.param([[A, B], [make("a", "a = 1"), make("b", "a = 1")]], {"a": 1, "b": 1}, id="both"),
        pytest.param(
            [[A], [make("a", "'+++ b/x'")], [make("a", "'@@ -1 +1 @@'")]], {"a": 2}, id="like a patch"
        ),
        pytest.param([[A, B], [B, A], [B, make("a", "a = 2")]], {"a": 1}, id="moved, then edited"),
    ],
)
def test_a_commit_counts_where_it_changes_lines(
    repository: Repository, versions: list[list[str]], counts: dict[str, int]
) -> None:
    for number, functions in enumerate(versions):
        write(repository.path, "m.py", *functions)
        commit_all(repository.path, "x", NOW + number * DAY)
    assert count_edits(repository.path) == counts


def test_a_year_ends_at_the_checked_out_commit(repository: Repository) -> None:
    """Not today: a report of a commit is always the same."""
    for days, lines in ((0, "a = 0"), (1, "a = 1"), (300, "a = 2"), (366.5, "a = 3")):
        write(repository.path, "m.py", make("a", lines))
        commit_all(repository.path, "x", NOW + int(days * DAY))
    found = find_recent_edits(repository.path, find_functions(repository.path))
    assert found is not None
    assert (found.commits, found.counts) == (2, {("m.py", "a"): 2})


def test_what_is_not_committed_moves_lines_and_is_no_edit(repository: Repository) -> None:
    for number, functions in enumerate([(A, B), (A, make("b", "a = 0"))]):
        write(repository.path, "m.py", *functions)
        commit_all(repository.path, "x", NOW + number)
    write(repository.path, "m.py", "import x", C, make("a", "a = 8"), make("b", "a = 0"))
    assert count_edits(repository.path) == {"b": 1}


def test_paths_are_those_of_the_root_and_of_any_name(repository: Repository) -> None:
    root = repository.path / "sub folder"
    root.mkdir()
    names = list(filter(can_be_on_disk, ["m.py", "ä ö.py", 'q"uote.py', "[a].py", "back\\slash.py"]))
    for number in range(3):
        for name in names:
            write(root, name, make("a", f"a = {number}"))
        commit_all(repository.path, "x", NOW + number)
    found = find_recent_edits(root, find_functions(root))
    assert found is not None
    assert found.counts == {(name, "a"): 2 for name in names}


SETTINGS = {
    "log.diffMerges": "combined",
    "log.follow": "true",
    "diff.interHunkContext": "100",
    "diff.orderFile": "missing",
    "diff.noprefix": "false",
    "diff.mnemonicPrefix": "true",
    "diff.renames": "copies",
    "diff.context": "10",
    "core.quotePath": "false",
    "color.ui": "always",
    "log.showSignature": "true",
}


def test_no_setting_of_a_user_changes_counts(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{NOW + 9} +0000")
    (repository.path / ".gitattributes").write_text("*.py -diff\n")
    file = 'ä"b.py' if can_be_on_disk('"') else "ä b.py"
    for number in range(3):
        write(repository.path, file, A, make("b", f"a = {number}"))
        commit_all(repository.path, "x", NOW + number)
    repository.git("checkout", "-q", "-b", "side")
    write(repository.path, file, A, make("b", "a = 8"))
    commit_all(repository.path, "x", NOW + 8)
    repository.git("checkout", "-q", "-")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    write(repository.path, file, "import x", A, make("b", "a = 8"))
    for name, value in SETTINGS.items():
        repository.git("config", name, value)
        assert count_edits(repository.path) == {"b": 3}, name
        repository.git("config", "--unset", name)


def test_a_file_outside_has_none(repository: Repository) -> None:
    for number in range(2):
        write(repository.path, "m.py", make("a", f"a = {number}"))
        commit_all(repository.path, "x", NOW + number)
    outside = {("../out.py", "f"): (1, 2), (str(repository.path.parent / "abs.py"), "f"): (1, 2)}
    found = find_recent_edits(repository.path, {("m.py", "a"): (1, 3), **outside})
    assert found is not None
    assert found.counts == {("m.py", "a"): 1}


def test_a_renamed_file_keeps_its_edits(repository: Repository) -> None:
    """Also if it is edited at the same time, renamed again, or has lines that look like a rename."""
    root = repository.path
    (root / "src").mkdir()
    long = [f"a += {number}" for number in range(20)]
    for number, (old, name, lines) in enumerate(
        [
            ("", "m.py", ["rename from x", *long]),
            ("", "m.py", ["rename from y", *long]),
            ("m.py", "n.py", ["rename from y", *long]),
            ("n.py", "src/ä.py", ["rename from z", *long]),
            ("", "m.py", ["rename from other", *long]),
            ("", "src/ä.py", ["rename to z", *long]),
        ]
    ):
        if old:
            (root / old).unlink()
        write(root, name, make("a", 'text = """', *lines, '"""'))
        commit_all(root, "x", NOW + number * DAY)
    found = find_recent_edits(root, find_functions(root))
    assert found is not None
    assert found.counts == {("src/ä.py", "a"): 3}
    under_src = find_recent_edits(root / "src", find_functions(root / "src"))
    assert under_src is not None
    assert under_src.counts == {("ä.py", "a"): 1}, "the file comes from outside the root"


def test_a_merge_counts_once(repository: Repository) -> None:
    write(repository.path, "m.py", A, B)
    commit_all(repository.path, "x", NOW)
    repository.git("checkout", "-q", "-b", "side")
    for number in range(3):
        write(repository.path, "m.py", A, make("b", f"a = {number}"))
        commit_all(repository.path, "x", NOW + number)
    repository.git("checkout", "-q", "-")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert count_edits(repository.path) == {"b": 1}


def test_there_is_no_history(repository: Repository, tmp_path: Path) -> None:
    """Without a repository, without a commit, and where it is cut off."""
    assert find_recent_edits(tmp_path, {}) is None
    write(repository.path, "m.py", A)
    assert find_recent_edits(repository.path, {("m.py", "a"): (1, 4)}) is None
    for number in range(2):
        write(repository.path, "m.py", make("a", f"a = {number}"))
        commit_all(repository.path, "x", NOW + number)
    repository.git("clone", "-q", "--depth=1", f"file://{repository.path}", str(tmp_path / "shallow"))
    assert find_recent_edits(tmp_path / "shallow", {("m.py", "a"): (1, 3)}) is None


def test_more_paths_than_a_command_can_have(repository: Repository) -> None:
    write(repository.path, "m.py", A)
    commit_all(repository.path, "x", NOW)
    write(repository.path, "m.py", make("a", "a = 0"))
    commit_all(repository.path, "x", NOW + 1)
    others = {(f"{number}.py", "f"): (1, 2) for number in range(501)}
    found = find_recent_edits(repository.path, {("m.py", "a"): (1, 3), **others})
    assert found is not None
    assert found.counts == {("m.py", "a"): 1}


@pytest.mark.parametrize("seed", range(2))
def test_the_count_is_that_of_names(repository: Repository, seed: int) -> None:
    """Random edits, insertions and deletions of functions whose names stay."""
    chance = Random(seed)
    functions = {f"f{number}": [f"a = 'f{number} {line}'" for line in range(5)] for number in range(8)}
    expected: Counter[str] = Counter()
    for step in range(25):
        before = dict(functions)
        _edit(functions, chance, step)
        if step:
            expected.update(name for name in before.keys() & functions if before[name] != functions[name])
        write(repository.path, "m.py", *(make(name, *lines) for name, lines in functions.items()))
        commit_all(repository.path, "x", NOW + step)
    kept: Mapping[str, int] = {name: number for name, number in expected.items() if name in functions}
    assert count_edits(repository.path) == kept


def _edit(functions: dict[str, list[str]], chance: Random, step: int) -> None:
    """Edit a few functions, and add or take away another."""
    for name in chance.sample(sorted(functions), 2):
        lines = [*functions[name]]
        place = chance.randrange(1, len(lines) - 1)
        lines[place : place + chance.randrange(2)] = [f"a = '{name} {step}'"] * chance.randrange(2)
        functions[name] = lines if len(lines) > 3 else [*lines, f"a = '{name} {step} last'"]
    if step % 5 == 4:
        functions[f"f{step}00"] = [f"a = 'f{step} {line}'" for line in range(5)]
    if step % 7 == 6:
        del functions[chance.choice(sorted(functions))]
