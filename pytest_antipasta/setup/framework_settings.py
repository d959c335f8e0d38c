"""The settings of pre-commit and prek: where they are, and which hooks they have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.documents import KeyPath, read_text
from pytest_antipasta.setup.git_hooks import GitHook
from pytest_antipasta.setup.script_commands import find_commands

OUR_IDS = ("antipasta", "antipasta-full", "antipasta-push")
"""The ids of our hooks."""
_OF_PREK = "prek.toml"
_OF_BOTH = ".pre-commit-config.yaml"
CONFIGS = (_OF_PREK, _OF_BOTH, ".pre-commit-config.yml")
"""Names of the settings: the first that exists counts. Only prek reads the others."""
_NEEDLESS_QUOTES = re.compile(r'"([\w-][\w -]*)"')


def find_config(top: Path | None, hook: GitHook) -> str | None:
    """Return the name of the settings of pre-commit or prek in a repository, if there are some."""
    names = (_OF_BOTH,) if hook.framework == "pre-commit" else CONFIGS
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
            if name and any(is_ours(found, hook.type) for _, found in read_hooks(folder / name)):
                return (folder / name).relative_to(top).as_posix()
        except UsageError:  # pre-commit itself says what is wrong with them
            continue
    return None


def is_ours(hook: Mapping[str, Any], hook_type: str) -> bool:
    """Return whether a framework's hook is ours for a git hook; a local one may have any id."""
    name, stages = hook.get("id"), _find_items(hook, "stages")
    if name in OUR_IDS and not stages and "entry" not in hook:  # those of our manifest
        return bool(name.endswith("-push")) == (hook_type == "pre-push")
    commands = find_commands(" ".join(map(str, [hook.get("entry"), *_find_items(hook, "args")])))
    if hook_type != "pre-push":
        commands -= {"hook --push"}
    # Without stages, all; those without "pre-" are older names.
    is_run = not stages or hook_type in stages or hook_type.removeprefix("pre-") in stages
    return is_run and (name in OUR_IDS or bool(commands))


def find_framework(config: str, hook: GitHook) -> str:
    """Return the program that runs the hooks of such settings: the installed one, or one that reads them."""
    return hook.framework or find_reader(config)


def find_reader(config: str) -> str:
    """Return the program that reads such settings; pre-commit, where both do."""
    return "pre-commit" if config == _OF_BOTH else "prek"


def format_install(config: str, hook: GitHook) -> str:
    """Return the command with which a framework installs its hook of the same type."""
    option = f" --hook-type {hook.type}" if hook.type != "pre-commit" else ""
    return f"{find_framework(config, hook)} install{option}"


def read_hooks(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each hook with its ``file:line``, and with the stages that are the default.

    The stages of our hooks that are not local are those of our manifest, whatever is the default. Entries in
    another format than pre-commit's are skipped.
    """
    data, find_line = parse_hooks(path)
    default = {"stages": _find_items(data, "default_stages")}
    for number, repository in enumerate(_find_items(data, "repos")):
        for index, hook in enumerate(_find_items(repository, "hooks")):
            if isinstance(hook, dict):
                line = find_line(("repos", number, "hooks", index))
                is_known = hook.get("id") in OUR_IDS and "entry" not in hook
                yield f"{format_path(path)}:{line}", hook if is_known else default | hook


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


def name_place(config: str) -> str:
    """Return where in such settings a hook is added."""
    return config if config == _OF_PREK else f"`repos` in {config}"


def format_entry(config: str, entry: Mapping[str, object]) -> Sequence[str]:
    """Return the lines of a local hook, as the settings of a framework have it."""
    first, *others = iter_fields(config, entry)
    if config == _OF_PREK:
        return ["[[repos]]", 'repo = "local"', "", "[[repos.hooks]]", first, *others]
    return ["  - repo: local", "    hooks:", f"      - {first}", *(f"        {line}" for line in others)]


def iter_fields(config: str, entry: Mapping[str, object]) -> Iterator[str]:
    """Yield the fields of a hook, as TOML or as YAML."""
    import json

    for key, value in entry.items():
        text = json.dumps(value, ensure_ascii=False)
        yield f"{key} = {text}" if config == _OF_PREK else f"{key}: " + _NEEDLESS_QUOTES.sub(r"\1", text)
