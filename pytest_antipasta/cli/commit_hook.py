"""The commit hook as a step of ``config init``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.errors import UsageError
from pytest_antipasta.git import GitError, find_repository
from pytest_antipasta.git_hooks import GitHook

_CONFIGS = (".pre-commit-config.yaml", ".pre-commit-config.yml")
# Local, so that it runs what is installed beside the project and asks for no address.
_ENTRY = """\
  - repo: local
    hooks:
      - id: antipasta
        name: antipasta
        entry: pytest-antipasta hook
        language: system
        types: [python]
        require_serial: true"""


class CommitHook(Struct, frozen=True):
    """How a repository's commits can be judged.

    Attributes:
        config: pre-commit's settings, where that is in use.
        script: git's own hook, where it is not.
    """

    config: Path | None
    script: GitHook | None

    def install(self) -> Iterator[str]:
        """Install the script, or say what to add to pre-commit's settings; yield what to tell.

        Raises:
            UsageError: the script can't be written.
        """
        if self.script is not None:
            self.script.install(force=False)
            yield f"commit hook: installed as {self.script.path}"
        elif self.config is not None and "antipasta" in self.config.read_text("utf-8", "replace"):
            yield f"commit hook: {self.config.name} has it already"
        elif self.config is not None:
            yield f"commit hook: add this to the repos of {self.config.name}, and run `pre-commit install`:"
            yield from _ENTRY.splitlines()


def find_commit_hook(folder: Path) -> CommitHook | None:
    """Find how commits can be judged; ``None`` outside of a repository.

    Raises:
        UsageError: git can't say, or another script is in the way.
    """
    top = find_repository(folder)
    if top is None:
        return None
    for name in _CONFIGS:
        if (top / name).is_file():
            return CommitHook(top / name, None)
    # Here, because it brings git with it.
    from pytest_antipasta.revisions import Repository

    try:
        script = GitHook(Repository(folder).hooks_folder(), "pre-commit")
    except GitError as error:
        raise UsageError(str(error)) from error
    if script.is_there and not script.is_ours:
        raise UsageError(f"{script.path} is not ours: {script.advise()}; or give --no-hook")
    return CommitHook(None, script)
