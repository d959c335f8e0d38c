"""The checked-out commit and branch of a repository."""

from __future__ import annotations

from pathlib import Path

from pytest_antipasta.git.process import GitError, GitProcess


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
