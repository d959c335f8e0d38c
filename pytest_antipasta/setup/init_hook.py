"""Install the commit hook, as a step of ``config init``, and read the hooks that pre-commit runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.documents import read_text
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.setup.git_hooks import GitHook, find_config_to_name, find_git_hooks, list_notes

_IDS = ("antipasta", "antipasta-full", "antipasta-push")
# What the manifest has for these ids.
_TYPES = ["python", "jupyter"]
_STUBS, _PASS_STUBS = ".pyi", {"pyi", "text", "file"}
_WITH_STUBS = "`types_or: [python, pyi, jupyter]`"
_CONFIGS = (".pre-commit-config.yaml", ".pre-commit-config.yml")
# A local hook, so that it runs the installed package and needs no address; otherwise as in our own
# .pre-commit-hooks.yaml. `system` is also called `unsupported` since pre-commit 4.4.
_ENTRY = """\
  - repo: local
    hooks:
      - id: antipasta
        name: antipasta
        entry: pytest-antipasta hook
{args}        language: system
        types_or: [python, jupyter]
        require_serial: true
        stages: [pre-commit, pre-merge-commit, manual]"""


class CommitHook(Struct, frozen=True):
    """How a repository's commits can be judged: by git's own hook, or by pre-commit's, with advice.

    Attributes:
        script: git's own hook; ``None`` if pre-commit runs hooks.
        advice: what to do with pre-commit.
        to_change: pre-commit's settings, if they must be changed.
    """

    script: GitHook | None
    advice: Sequence[str] = ()
    to_change: Sequence[Path] = ()

    def describe(self) -> Sequence[str]:
        """Return what installing does."""
        return [f"would install the commit hook as {self.script.path}"] if self.script else self.advice

    def install(self) -> Sequence[str]:
        """Install the script, if it is one; return a message."""
        if self.script is None:
            return self.advice
        self.script.install(force=False)
        return [f"commit hook: installed as {self.script.path}", *list_notes()]


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
    if hook.script is not None and hook.script.is_blocked:
        why = "another script exists" if hook.script.is_there else "core.hooksPath points to that folder"
        raise UsageError(
            f"{hook.script.path}: {why}; run `pytest-antipasta hooks install` for advice, or omit "
            "--hook to leave it unchanged"
        )
    return hook


def _choose_commit_hook(target: Path, top: Path) -> CommitHook:
    settings = find_config_to_name(target, top)
    if (name := find_config(top)) is not None:
        return _advise(top / name, settings)
    (script,) = find_git_hooks(target.parent, ["pre-commit"], settings)
    return CommitHook(script)


def _advise(config: Path, settings: str | None) -> CommitHook:
    """Return what to do about pre-commit's settings; ``settings`` are ours, if the hook must name them."""
    ours = [hook for _, hook in read_hooks(config) if hook.get("id") in _IDS]
    if any(settings is None or settings in f"{hook.get('entry')} {hook.get('args')}" for hook in ours):
        return CommitHook(None, [f"commit hook: already in {config.name}"])
    import json

    args = f"        args: [--config, {json.dumps(settings)}]\n" if settings else ""
    advice = f"commit hook: add this to `repos` in {config.name} and run `pre-commit install`"
    return CommitHook(None, [advice, *_ENTRY.format(args=args).splitlines()], [config])


def find_config(top: Path | None) -> str | None:
    """Return the name of pre-commit's settings in a repository, if there are some."""
    return next((name for name in _CONFIGS if top is not None and (top / name).is_file()), None)


def find_configured(top: Path, hook_type: str) -> str | None:
    """Return the name of pre-commit's settings if these run our hook of a type of git's."""
    ids = [name for name in _IDS if name.endswith("-push") == (hook_type == "pre-push")]
    for name in _CONFIGS:
        try:
            if (top / name).is_file() and any(hook.get("id") in ids for _, hook in read_hooks(top / name)):
                return name
        except UsageError:  # pre-commit itself says what is wrong with them
            continue
    return None


def iter_stub_notes(settings: Settings, paths: Iterable[str]) -> Iterator[str]:
    """Yield a note for each hook that pre-commit passes no stubs to, if some are source files.

    Args:
        settings: settings of the root.
        paths: paths of all source files.
    """
    top = find_repository(settings.root)
    if top is not None and any(path.endswith(_STUBS) for path in paths):
        places = [place for name in _CONFIGS for place in _find_leaving_out_stubs(top / name)]
        yield from (f"{place}: pre-commit passes no *.pyi files; add {_WITH_STUBS}" for place in places)


def _find_leaving_out_stubs(config: Path) -> list[str]:
    """Return the places of such hooks in pre-commit's settings; none if these are missing or invalid."""
    try:
        return [place for place, hook in read_hooks(config) if _leaves_out_stubs(hook)]
    except UsageError:
        return []


def _leaves_out_stubs(hook: Mapping[str, Any]) -> bool:
    # A local hook has a command, and no types unless it names some.
    types = hook.get("types_or", [] if "entry" in hook else _TYPES)
    names = set(map(str, types)) if isinstance(types, list) else set()
    return hook.get("id") in _IDS and bool(names) and not names & _PASS_STUBS


def read_hooks(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each hook with its ``file:line``; entries in another format than pre-commit's are skipped."""
    from pytest_antipasta.settings.yaml_file import find_yaml_line, parse_yaml

    node, data = parse_yaml(path, read_text(path))
    for number, repository in enumerate(_find_items(data, "repos")):
        for index, hook in enumerate(_find_items(repository, "hooks")):
            if isinstance(hook, dict):
                line = find_yaml_line(node, ("repos", number, "hooks", index))
                yield f"{format_path(path)}:{line}", hook


def _find_items(table: object, key: str) -> list[object]:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, list) else []
