"""Install the commit hook, as a step of ``config init``, and read the hooks that pre-commit and prek run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.documents import KeyPath, read_text
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.setup.git_hooks import GitHook, find_config_to_name, find_git_hooks, list_notes

_IDS = ("antipasta", "antipasta-full", "antipasta-push")
# What the manifest has for these ids.
_TYPES = ["python", "jupyter"]
_STUBS, _PASS_STUBS = ".pyi", {"pyi", "text", "file"}
_WITH_STUBS = ["python", "pyi", "jupyter"]
_OF_PREK = "prek.toml"
_OF_BOTH = ".pre-commit-config.yaml"
# The first that exists counts. Only prek reads the others.
_CONFIGS = (_OF_PREK, _OF_BOTH, ".pre-commit-config.yml")
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
_COMMAND = re.compile(r"\bpytest-antipasta hook(?![\w-])")
_NEEDLESS_QUOTES = re.compile(r'"([\w-][\w -]*)"')


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
    if (caller := script.caller) and settings is None:
        return CommitHook(None, [f"commit hook: {caller} already runs `{script.command}`"])
    return CommitHook(script)


def _advise(config: Path, script: GitHook) -> CommitHook:
    """Return what to do about a framework's settings; ``script`` is the one that would be installed."""
    settings = script.config
    ours = [hook for _, hook in read_hooks(config) if _is_ours(hook, script.type)]
    if any(settings is None or settings in f"{hook.get('entry')} {hook.get('args')}" for hook in ours):
        return CommitHook(None, [f"commit hook: already in {config.name}"])
    place = config.name if config.name == _OF_PREK else f"`repos` in {config.name}"
    advice = f"commit hook: add this to {place} and run `{format_install(config.name, script)}`"
    entry = {**_ENTRY, "args": ["--config", settings]} if settings else _ENTRY
    return CommitHook(None, [advice, *_format_entry(config.name, entry)], [config])


def _format_entry(config: str, entry: Mapping[str, object]) -> Sequence[str]:
    """Return the lines of a local hook, as the settings of a framework have it."""
    first, *others = _iter_fields(config, entry)
    if config == _OF_PREK:
        return ["[[repos]]", 'repo = "local"', "", "[[repos.hooks]]", first, *others]
    return ["  - repo: local", "    hooks:", f"      - {first}", *(f"        {line}" for line in others)]


def _iter_fields(config: str, entry: Mapping[str, object]) -> Iterator[str]:
    """Yield the fields of a hook, as TOML or as YAML."""
    import json

    for key, value in entry.items():
        text = json.dumps(value, ensure_ascii=False)
        yield f"{key} = {text}" if config == _OF_PREK else f"{key}: " + _NEEDLESS_QUOTES.sub(r"\1", text)


def find_config(top: Path | None, hook: GitHook) -> str | None:
    """Return the name of the settings of pre-commit or prek in a repository, if there are some."""
    names = (_OF_BOTH,) if hook.framework == "pre-commit" else _CONFIGS
    return next((name for name in names if top is not None and (top / name).is_file()), None)


def find_configured(top: Path, hook: GitHook, here: Path) -> str | None:
    """Return the path from the top of the settings of pre-commit or prek if these run a hook of ours.

    prek also reads those in folders, of which it runs the hooks if a file below has changed. Those of the
    current folder ``here``, and above it, count.
    """
    folders = [top]
    if hook.framework == "prek":
        folders += [folder for folder in (here, *here.parents) if top in folder.parents]
    for folder in folders:
        name = find_config(folder, hook)
        try:
            if name and any(_is_ours(found, hook.type) for _, found in read_hooks(folder / name)):
                return (folder / name).relative_to(top).as_posix()
        except UsageError:  # pre-commit itself says what is wrong with them
            continue
    return None


def _is_ours(hook: Mapping[str, Any], hook_type: str) -> bool:
    """Return whether a framework's hook is ours for a git hook; a local one may have any id."""
    if (name := hook.get("id")) in _IDS:
        return bool(name.endswith("-push")) == (hook_type == "pre-push")
    command = " ".join(map(str, [hook.get("entry"), *_find_items(hook, "args")]))
    stages = _find_items(hook, "stages")  # without any, all
    is_run = not stages or hook_type in stages or hook_type.removeprefix("pre-") in stages  # an older name
    return is_run and _COMMAND.search(command) is not None


def find_framework(config: str, hook: GitHook) -> str:
    """Return the program that runs the hooks of such settings: the installed one, or one that reads them."""
    return hook.framework or _find_reader(config)


def _find_reader(config: str) -> str:
    return "pre-commit" if config == _OF_BOTH else "prek"


def format_install(config: str, hook: GitHook) -> str:
    """Return the command with which a framework installs its hook of the same type."""
    option = f" --hook-type {hook.type}" if hook.type != "pre-commit" else ""
    return f"{find_framework(config, hook)} install{option}"


def iter_stub_notes(settings: Settings, paths: Iterable[str]) -> Iterator[str]:
    """Yield a note for each hook to which no stubs are passed, if some are source files.

    Args:
        settings: settings of the root.
        paths: paths of all source files.
    """
    top = find_repository(settings.root)
    if top is None or not any(path.endswith(_STUBS) for path in paths):
        return
    for name in _CONFIGS:
        (line,) = _iter_fields(name, {"types_or": _WITH_STUBS})
        for place in _find_leaving_out_stubs(top / name):
            yield f"{place}: {_find_reader(name)} passes no *.pyi files; add `{line}`"


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
    return hook.get("id") in _IDS and bool(names) and not names & _PASS_STUBS


def read_hooks(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each hook with its ``file:line``, and with the stages that are the default.

    Entries in another format than pre-commit's are skipped.
    """
    data, find_line = parse_hooks(path)
    default = {"stages": _find_items(data, "default_stages")}
    for number, repository in enumerate(_find_items(data, "repos")):
        for index, hook in enumerate(_find_items(repository, "hooks")):
            if isinstance(hook, dict):
                line = find_line(("repos", number, "hooks", index))
                yield f"{format_path(path)}:{line}", default | hook


def parse_hooks(path: Path) -> tuple[object, Callable[[KeyPath], int | None]]:
    """Return the values of a framework's settings, and what finds their lines."""
    text = read_text(path)
    if path.name == _OF_PREK:
        from pytest_antipasta.settings.toml_file import parse_toml
        from pytest_antipasta.settings.toml_lines import find_lines

        return parse_toml(path, text), find_lines(text).get
    from pytest_antipasta.settings.yaml_file import parse_yaml

    return parse_yaml(path, text)


def _find_items(table: object, key: str) -> list[object]:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, list) else []
