"""What is listed and read of commits."""

from __future__ import annotations

import json
from functools import partial

import pytest

from pytest_antipasta.git.process import UnknownCommitError
from pytest_antipasta.git.repository import Repository as OurRepository
from tests.gate.conftest import Guarded


def test_the_listing_of_a_commit_is_kept_and_that_of_a_branch_is_not(guarded: Guarded) -> None:
    repository = OurRepository(guarded.path)
    commit = repository.history.resolve("HEAD")
    listed = repository.objects.list_commit(commit)
    assert repository.objects.list_commit("HEAD") == listed
    guarded.stage("new.py", "x = 1\n")
    guarded.record()
    assert repository.objects.list_commit("HEAD").keys() - listed.keys() == {"new.py"}
    assert repository.objects.list_commit(commit) is listed


def test_a_content_that_was_read_is_kept(guarded: Guarded) -> None:
    """A change asks for its settings and files more than once, from one side or the other."""
    objects = OurRepository(guarded.path).objects
    names = [entry.blob for entry in objects.list_commit("HEAD").values()]
    read = objects.read_blobs(names)
    for name in names:
        guarded.lose(name)
    assert len(read) == 3
    assert objects.read_blobs([*names, "1" * 40]) == read


def test_large_contents_are_not_kept(guarded: Guarded) -> None:
    """A repository may have more of them than there is memory."""
    for number in range(3):
        guarded.stage(f"large{number}.txt", bytes([number]) * 1_500_000)
    objects = OurRepository(guarded.path).objects
    names = [entry.blob for path, entry in objects.list_index().items() if path.startswith("large")]
    for name in names:
        assert len(objects.read_blobs([name])[name]) == 1_500_000
        guarded.lose(name)
    assert [*objects.read_blobs(names)] == names[:2]


def test_a_commit_is_found_by_one_process(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    history = OurRepository(guarded.path).history
    head = history.head()
    trace = guarded.path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
    assert (history.resolve("main"), history.common_ancestors("main", "HEAD")) == (head, [head])
    events = map(json.loads, trace.read_text().splitlines())
    names = [event["name"] for event in events if event["event"] == "cmd_name"]
    assert names == ["rev-parse", "merge-base"]


@pytest.mark.parametrize("name", ["no-such-name", "^main", "main^{tree}", "--all"])
def test_what_is_not_a_commit_is_unknown(guarded: Guarded, name: str) -> None:
    history = OurRepository(guarded.path).history
    for ask in (
        history.resolve,
        partial(history.common_ancestors, "main"),
        partial(history.common_ancestors, second="main"),
    ):
        with pytest.raises(UnknownCommitError, match="unknown commit"):
            ask(name)
