"""Install the commit hook, as a step of ``config init``, or say how pre-commit or prek would run it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.setup.framework_settings import (
    CONFIGS,
    OUR_IDS,
    find_config,
    find_reader,
    format_entry,
    format_install,
    is_ours,
    iter_fields,
    name_place,
    read_hooks,
)
from pytest_antipasta.setup.git_hooks import GitHook, find_config_to_name, find_git_hooks, list_notes

# What the manifest has for these ids.
_TYPES = ["python", "jupyter"]
_STUBS, _PASS_STUBS = ".pyi", {"pyi", "text", "file"}
_WITH_STUBS = ["python", "pyi", "jupyter"]
# A local hook, so that it runs the installed package and needs no address; otherwise as in our own
# .pre-commit-hooks.yaml. `system` is also called `unsupported` since pre-commit 4.4.
_ENTRY: Mapping[str, object] = {
    "id": "antipasta",
    "name": "antipasta",
    "entry": "pytest-antipasta hook",
    "language": "system",
    "types_or": _TYPES,
    "require_serial": True,
    "verbose": True,  # otherwise, what a passing hook says is not shown
    "stages": ["pre-commit", "pre-merge-commit", "manual"],
}


class CommitHook(Struct, frozen=True):
    """How a repository's commits can be judged: by git's own hook, or by that of a framework, with advice.

    Attributes:
        script: git's own hook; ``None`` if pre-commit or prek runs hooks.
        advice: what to do with pre-commit or prek.
        to_change: settings of pre-commit or prek, if they must be changed.
    """

    script: GitHook | None
    advice: Sequence[str] = ()
    to_change: Sequence[Path] = ()

    def describe(self) -> Sequence[str]:
        """Return what installing does."""
        return [f"would install the commit hook as {self.script.place}"] if self.script else self.advice

    def install(self) -> Sequence[str]:
        """Install the script, if it is one; return a message."""
        if self.script is None:
            return self.advice
        self.script.install(force=False)
        return [f"commit hook: installed as {self.script.place}", *list_notes()]


def choose_commit_hook(target: Path) -> CommitHook:
    """Return how commits can be judged with these settings.

    Raises:
        UsageError: this is not possible, or another script is in place of ours.
    """
    try:
        top = find_repository(target.parent)
        hook = _choose_commit_hook(target, top) if top is not None else None
    except (GitError, UsageError) as error:
        raise UsageError(f"the commit hook can't be installed: {error}") from error
    if hook is None:
        raise UsageError("there is no git repository here to install the hook in; run `git init` first")
    if hook.script is not None and (obstacle := hook.script.find_obstacle()):
        why, _ = obstacle
        raise UsageError(
            f"{hook.script.place} {why}; omit --hook to leave it unchanged, and then run "
            "`pytest-antipasta hooks install` for advice"
        )
    return hook


def _choose_commit_hook(target: Path, top: Path) -> CommitHook:
    settings = find_config_to_name(target, top)
    (script,) = find_git_hooks(target.parent, ["pre-commit"], settings)
    if (name := find_config(top, script)) is not None:
        return _advise(top / name, script)
    if script.caller and settings is None:
        return CommitHook(None, [f"commit hook: {script.advise()}"])
    script.require_use()
    return CommitHook(script)


def _advise(config: Path, script: GitHook) -> CommitHook:
    """Return what to do about a framework's settings; ``script`` is the one that would be installed."""
    settings = script.config
    ours = [hook for _, hook in read_hooks(config) if is_ours(hook, script.type)]
    if any(settings is None or settings in f"{hook.get('entry')} {hook.get('args')}" for hook in ours):
        return CommitHook(None, [f"commit hook: already in {config.name}"])
    advice = (
        f"commit hook: add this to {name_place(config.name)} and run `{format_install(config.name, script)}`"
    )
    entry = {**_ENTRY, "args": ["--config", settings]} if settings else _ENTRY
    return CommitHook(None, [advice, *format_entry(config.name, entry)], [config])


def iter_stub_notes(settings: Settings, paths: Iterable[str]) -> Iterator[str]:
    """Yield a note for each hook to which no stubs are passed, if some are source files.

    Args:
        settings: settings of the root.
        paths: paths of all source files.
    """
    top = find_repository(settings.root)
    if top is None or not any(path.endswith(_STUBS) for path in paths):
        return
    for name in CONFIGS:
        (line,) = iter_fields(name, {"types_or": _WITH_STUBS})
        for place in _find_leaving_out_stubs(top / name):
            yield f"{place}: {find_reader(name)} passes no *.pyi files; add `{line}`"


def _find_leaving_out_stubs(config: Path) -> list[str]:
    """Return the places of such hooks in a framework's settings; none if these are missing or invalid."""
    try:
        return [place for place, hook in read_hooks(config) if _leaves_out_stubs(hook)]
    except UsageError:
        return []


def _leaves_out_stubs(hook: Mapping[str, Any]) -> bool:
    # A local hook has a command, and no types unless it names some.
    types = hook.get("types_or", [] if "entry" in hook else _TYPES)
    names = set(map(str, types)) if isinstance(types, list) else set()
    return hook.get("id") in OUR_IDS and bool(names) and not names & _PASS_STUBS
