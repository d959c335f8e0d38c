"""Git merges what two branches do to a baseline."""

from __future__ import annotations

import pytest

from tests.baseline.conftest import Root, function, read_entries


@pytest.fixture
def branched(root: Root) -> Root:
    """A root on a branch ``topic`` beside main, with four recorded functions."""
    for name in "bdfh":
        root.write(f"{name}.py", function(5))
    root.run("baseline", "write")
    root.commit()
    root.git("branch", "topic")
    return root


def commit_on(root: Root, branch: str, files: dict[str, str], command: str = "write") -> None:
    root.git("checkout", "--quiet", branch)
    for path, text in files.items():
        root.write(path, text)
    root.run("baseline", command)
    root.commit()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param({"a.py": function(6)}, {"i.py": function(7)}, id="the first and the last"),
        pytest.param({"i.py": function(6)}, {"b.py": function(4)}, id="a last one, and another gets better"),
        pytest.param({"d.py": function(2)}, {"i.py": function(7)}, id="one fixed, one added at the end"),
    ],
)
def test_what_is_independent_merges_and_is_what_would_be_written(
    branched: Root, ours: dict[str, str], theirs: dict[str, str]
) -> None:
    commit_on(branched, "main", ours)
    commit_on(branched, "topic", theirs)
    branched.git("merge", "--quiet", "--no-edit", "main")
    merged = branched.baseline.read_bytes()
    assert branched.check() == []
    branched.run("baseline", "write")
    assert branched.baseline.read_bytes() == merged


def test_entries_at_one_place_conflict_and_the_message_says_so(branched: Root) -> None:
    commit_on(branched, "main", {"i.py": function(6)})
    commit_on(branched, "topic", {"j.py": function(7)})
    with pytest.raises(Exception, match="merge"):
        branched.git("merge", "--quiet", "--no-edit", "main")
    said = branched.run("check")
    assert said.code == 2
    assert said.err == [
        (
            "error: antipasta-baseline.json:8: has merge conflict markers; keep the lines of both sides, "
            "remove the markers, and run `pytest-antipasta baseline prune`"
        )
    ]
    lines = branched.baseline.read_text().splitlines(keepends=True)
    branched.baseline.write_text("".join(line for line in lines if line[0] not in "<=>"))
    assert branched.check() == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param({"i.py": function(6)}, {"j.py": function(7)}, id="entries at one place"),
        pytest.param({"b.py": function(2)}, {"d.py": function(4)}, id="one fixed, its neighbour better"),
    ],
)
def test_a_union_merge_is_never_in_conflict(
    branched: Root, ours: dict[str, str], theirs: dict[str, str]
) -> None:
    for branch in ("main", "topic"):
        commit_on(branched, branch, {".gitattributes": "antipasta-baseline.json merge=union\n"})
    commit_on(branched, "main", ours)
    commit_on(branched, "topic", theirs)
    branched.git("merge", "--quiet", "--no-edit", "main")
    assert branched.check() == []
    branched.run("baseline", "prune")
    pruned = branched.baseline.read_bytes()
    branched.run("baseline", "write")
    assert branched.baseline.read_bytes() == pruned


def test_a_reason_of_either_side_is_kept(branched: Root) -> None:
    for branch in ("main", "topic"):
        commit_on(branched, branch, {".gitattributes": "antipasta-baseline.json merge=union\n"})
    branched.run("baseline", "write", "--reason", "two kinds of price", "b.py")
    branched.commit()
    commit_on(branched, "main", {"b.py": f"# sold\n{function(5, end='return 7')}"})
    branched.git("merge", "--quiet", "--no-edit", "topic")
    assert branched.baseline.read_text().count('"path": "b.py"') == 2
    said = branched.run("baseline", "prune")
    assert said.out == [f"{branched.baseline.name}: written, 4 entries for 4 files"]
    (entry,) = (item for item in read_entries(branched.baseline) if item["path"] == "b.py")
    assert entry["reason"] == "two kinds of price"


@pytest.mark.parametrize("values", [(5, 6), (6, 5)])
def test_of_two_entries_the_lower_one_is_what_was_allowed(root: Root, values: tuple[int, int]) -> None:
    root.write("a.py", function(6))
    root.run("baseline", "write")
    (entry,) = read_entries(root.baseline)
    root.record(*({**entry, "value": value} for value in values))
    said = root.run("baseline", "write", "--reason", "another kind of price")
    assert said.out[1:] == ["allows more: a.py: f: cyclomatic_complexity 5 → 6"]
    assert [item["reason"] for item in read_entries(root.baseline)] == ["another kind of price"]
