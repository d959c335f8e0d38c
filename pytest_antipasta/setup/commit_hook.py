"""The commit hook as a step of ``config init``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.errors import UsageError
from pytest_antipasta.git import GitError, find_repository
from pytest_antipasta.setup.git_hooks import GitHook, find_config_to_name

_IDS = ("antipasta", "antipasta-full", "antipasta-push")
_CONFIGS = (".pre-commit-config.yaml", ".pre-commit-config.yml")
# Local, so that it runs what is installed beside the project and asks for no address; else as in our own
# .pre-commit-hooks.yaml. What pre-commit calls `system` is `unsupported` too from its 4.4 on, and not before.
_ENTRY = """\
  - repo: local
    hooks:
      - id: antipasta
        name: antipasta
        entry: pytest-antipasta hook
{args}        language: system
        types: [python]
        require_serial: true
        stages: [pre-commit, pre-merge-commit, manual]"""


class CommitHook(Struct, frozen=True):
    """How a repository's commits can be judged.

    Attributes:
        config: pre-commit's settings, where that is in use.
        script: git's own hook, where it is not.
        settings: that it has to name, relative to git's top; ``None`` where it finds them by itself.
        is_in_config: whether pre-commit's settings have it.
    """

    config: Path | None
    script: GitHook | None
    settings: str | None
    is_in_config: bool = False

    @property
    def is_blocked(self) -> bool:
        """Whether a script of somebody else is where ours would be."""
        return self.script is not None and self.script.is_blocked

    @property
    def is_left_to_add(self) -> bool:
        """Whether it is for the user to add it to pre-commit's settings."""
        return self.script is None and self.config is not None and not self.is_in_config

    def install(self) -> Iterator[str]:
        """Install the script, or say what to add to pre-commit's settings; yield what to tell.

        Raises:
            UsageError: the script can't be written.
        """
        if self.script is not None:
            self.script.install(force=False)
            yield f"commit hook: installed as {self.script.path}"
        elif self.config is not None and self.is_in_config:
            yield f"commit hook: {self.config.name} has it already"
        elif self.config is not None:
            yield f"commit hook: add this to the repos of {self.config.name} and run `pre-commit install`"
            yield from self._format_entry().splitlines()

    def _format_entry(self) -> str:
        import json  # here, because hardly anybody needs it; what it writes is YAML, too

        args = f"        args: [--config, {json.dumps(self.settings)}]\n" if self.settings else ""
        return _ENTRY.format(args=args)


def choose_commit_hook(target: Path, is_wanted: bool | None) -> CommitHook | None:
    """Find how commits can be judged; ``None`` where they can't or should not be.

    Args:
        target: the file of the settings, in a repository, perhaps.
        is_wanted: whether that was asked for; ``None`` if it was not said.

    Raises:
        UsageError: it was asked for and can't be.
    """
    if is_wanted is False:
        return None
    try:
        hook = _find_commit_hook(target)
    except (GitError, UsageError) as error:
        if is_wanted:
            raise UsageError(f"the commit hook can't be installed: {error}") from error
        return None
    if is_wanted and hook is None:
        raise UsageError("there is no git repository here to install the hook in; run `git init` first")
    if hook is None or not hook.is_blocked:
        return hook
    if is_wanted and hook.script is not None:
        raise UsageError(
            f"{hook.script.path}: another script is there; `pytest-antipasta hooks install` says what to do "
            "about it, and --no-hook leaves it as it is"
        )
    return None


def _find_commit_hook(target: Path) -> CommitHook | None:
    top = find_repository(target.parent)
    if top is None:
        return None
    settings = find_config_to_name(target, top)
    for name in _CONFIGS:
        if (top / name).is_file():
            return CommitHook(top / name, None, settings, _has_hook(top / name, settings))
    # Here, because it brings git with it.
    from pytest_antipasta.git import Repository

    script = GitHook(Repository(target.parent).hooks_folder(), "pre-commit", settings)
    return CommitHook(None, script, settings)


def _has_hook(config: Path, settings: str | None) -> bool:
    """Whether pre-commit's settings have a hook of ours, and for these settings.

    Raises:
        UsageError: they can't be read, or are no YAML.
    """
    # Here, because hardly any command needs it.
    from pytest_antipasta.settings import parse_yaml, read_text

    _, data = parse_yaml(config, read_text(config))
    hooks = (hook for repository in _find_items(data, "repos") for hook in _find_items(repository, "hooks"))
    ours = [hook for hook in hooks if isinstance(hook, dict) and hook.get("id") in _IDS]
    return any(settings is None or settings in f"{hook.get('entry')} {hook.get('args')}" for hook in ours)


def _find_items(table: object, key: str) -> list[object]:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, list) else []
