"""The checked-out commit and branch of a repository, and the date of a commit."""

from __future__ import annotations

from pathlib import Path

from pytest_antipasta.git.process import GitError, GitProcess
from pytest_antipasta.model.finding import CommitFacts


def find_commit(folder: Path, name: str = "HEAD") -> CommitFacts | None:
    """Return a commit of the repository around a folder, the checked-out one by default, if there is one."""
    question = ("log", "-1", "--no-show-signature", "--no-notes", "--format=%H %cI", name)
    try:
        commit, time = GitProcess(folder, question).read_text().split()
    except (GitError, ValueError):
        return None
    return CommitFacts(commit, time[:10])


def describe_head(folder: Path) -> dict[str, str]:
    """Return commit and branch by OpenTelemetry's names; empty without a commit.

    The repository's URL is left out, as it may contain a password.
    """
    question = ("rev-parse", "HEAD", "--abbrev-ref", "HEAD")
    try:
        commit, branch = GitProcess(folder, question).read_text().splitlines()
    except (GitError, ValueError):
        return {}
    named = {"vcs.ref.head.name": branch, "vcs.ref.head.type": "branch"} if branch != "HEAD" else {}
    return {"vcs.ref.head.revision": commit, **named}
