"""What is listed and read of commits."""

from __future__ import annotations

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
