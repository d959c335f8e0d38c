"""The repository of a folder, with its objects, differences and history."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.git.diffs import Diffs
from pytest_antipasta.git.objects import Objects
from pytest_antipasta.git.process import WITH_HOOKS, GitRunner, RefusalError, decode
from pytest_antipasta.git.time_budget import TimeBudget

if TYPE_CHECKING:
    from pytest_antipasta.git.history import History


class Repository:
    """One repository; its top is the top of the working tree, or a bare repository's own folder."""

    def __init__(self, folder: Path, budget: TimeBudget | None = None) -> None:
        """Find the repository of a folder, for a commit that waits for git, or without its time limit.

        Raises:
            GitError: git is missing, or there is no repository.
            SlowGitError: git does not answer in the time of the commit.
        """
        budget = budget or TimeBudget()
        runner = GitRunner(folder, budget)
        is_bare, git_dir, top = _find_places(runner)
        self.is_bare = is_bare
        # Git for Windows before 2.25 keeps a mapped drive, which ``realpath`` resolves elsewhere.
        self.top = Path(os.path.realpath(git_dir if is_bare else top))
        if not is_bare:
            # A working tree need not lead back to its repository: `core.worktree` and GIT_WORK_TREE name any
            # folder, the latter also relative to the current one.
            runner = GitRunner(self.top, budget, {"GIT_DIR": git_dir, "GIT_WORK_TREE": top})
        self._runner = runner
        self.objects = Objects(runner)
        self.diffs = Diffs(runner, self.objects, self.top)
        self._git_dir = Path(git_dir)

    @cached_property
    def history(self) -> History:
        """The commits of this repository."""
        from pytest_antipasta.git.history import History

        return History(self._runner, self._git_dir)

    def name(self, place: Path) -> str:
        """Return git's name of a place: its path from the top, with links resolved.

        A place outside the repository begins with ``../``.
        """
        location = os.path.realpath(place)
        try:
            return os.path.relpath(location, self.top).replace(os.sep, "/")
        except ValueError:  # it is on another drive of Windows
            return f"../{location}"

    def ignores(self, name: str) -> bool:
        """Return whether git ignores a file, by its path from the top."""
        # Exit code 1 means that no rule matches.
        return bool(self._runner.begin("check-ignore", "--", name).read((0, 1)))

    def hooks_folder(self) -> Path:
        """Return the folder of git hooks, including ``core.hooksPath``."""
        return self._find_folder("--git-path", "hooks")

    def own_hooks_folder(self) -> Path:
        """Return the folder of git hooks without ``core.hooksPath``, which is inside git's own folder."""
        return self._find_folder("--git-common-dir") / "hooks"

    def find_configured_hooks(self, event: str) -> dict[str, str]:
        """Return the commands that git runs for an event by its settings, by the setting of each.

        Git knows such hooks since 2.54; the script in its folder of hooks is not one of them.
        """
        # Exit codes 1 and 129 mean that there are no hooks, and that git is older.
        listed = decode(self._runner.begin("hook", "list", event).read((0, 1, 129))).splitlines()
        keys = [f"hook.{name}.command" for name in listed]
        if not keys:
            return {}
        entries = self._runner.run_for_text("config", "--null", "--list").split("\0")
        commands = dict(entry.partition("\n")[::2] for entry in entries)
        return {key: commands[key] for key in keys if key in commands}

    def _find_folder(self, *question: str) -> Path:
        found = self._runner.begin("rev-parse", *question, options=WITH_HOOKS).read()
        return self.top / decode(found).rstrip("\n")


def _find_places(runner: GitRunner) -> tuple[bool, str, str]:
    """Return whether the repository is bare, its own folder, and the working tree (empty without one)."""
    questions = ["--is-bare-repository", "--absolute-git-dir", "--show-toplevel"]
    try:
        found = runner.run_for_text("rev-parse", *questions)
    except RefusalError:
        # Without a working tree, git fails after printing the rest.
        found = runner.run_for_text("rev-parse", *questions[:2])
        if not found.startswith("true"):
            raise
        questions.pop()
    lines = found.removesuffix("\n").split("\n")
    if len(lines) > len(questions):  # names may contain newlines
        lines = [runner.run_for_text("rev-parse", question).removesuffix("\n") for question in questions]
    return lines[0] == "true", lines[1], "".join(lines[2:])
