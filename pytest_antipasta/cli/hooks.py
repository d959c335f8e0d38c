"""``pytest-antipasta hooks``: install plain git hooks, without pre-commit."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from pytest_antipasta.cli.command import Annotated, Option, add_actions, add_command
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.stdout import write_lines
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import make_printable, make_printable_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.setup.framework_settings import (
    find_config,
    find_configured,
    find_framework,
    format_install,
)
from pytest_antipasta.setup.git_hooks import (
    HOOK_TYPES,
    GitHook,
    find_config_to_name,
    find_git_hooks,
    list_notes,
)


class _HooksOptions(Struct, frozen=True):
    types: Annotated[
        Sequence[str] | None, Option("git hook type; repeatable", name="--type", choices=HOOK_TYPES)
    ] = None


class _ChangeOptions(_HooksOptions, frozen=True):
    dry_run: Annotated[bool, Option("write nothing; report what would be done")] = False


class _InstallOptions(_ChangeOptions, frozen=True):
    force: Annotated[bool, Option("replace other scripts; also write to core.hooksPath")] = False


def add_parser(subparsers: SubParsers) -> None:
    """Add ``hooks`` with its actions to the command line."""
    actions = add_actions(subparsers, "hooks", "install git hooks that check commits and pushes")
    text = "write the hook scripts; without --type, only for commits"
    add_command(actions, "install", text, _InstallOptions, _run_install)
    text = "remove our scripts and restore the previous ones"
    add_command(actions, "uninstall", text, _ChangeOptions, _run_uninstall)
    text = "show which hooks are installed, and where"
    add_command(actions, "status", text, _HooksOptions, _run_status)


def _run_install(options: _InstallOptions) -> int:
    config = _find_config()
    for hook in _find_hooks(options.types or HOOK_TYPES[:1], config):
        write_lines(*_iter_installing(options, hook))
        if not (options.dry_run or hook.is_executable):
            write_lines(
                "note: git ignores it, as files of this file system are not executable; set core.hooksPath "
                "to a folder on another one, and use --force"
            )
    write_lines(*list_notes())
    return 0


def _iter_installing(options: _InstallOptions, hook: GitHook) -> Iterator[str]:
    """Install a hook, and yield what was done."""
    name = _find_configured(hook)
    if name and not options.force:
        _refuse_besides(hook, name)
    is_replacing = hook.install(force=options.force, is_dry=options.dry_run)
    would = "would be " if options.dry_run else ""
    yield f"{hook.type}: {would}installed as {_name(hook)}{_describe_config(hook.config or '')}"
    if is_replacing:
        kept = make_printable_path(hook.aside.as_posix())
        yield f"note: the previous script {would or 'is '}kept as {kept}, which git does not run"
    if _find_configured(hook) is None and (other := find_config(find_repository(Path.cwd()), hook)):
        framework = find_framework(other, hook)
        yield f"note: to have {framework} run it instead, add the id `{hook.id}` to {other}"


def _refuse_besides(hook: GitHook, config: str) -> NoReturn:
    """Raise UsageError, as a framework's settings have our hook already."""
    why = f"{config} already has our hook"
    instead = f"run `{format_install(config, hook)}`, or "
    if hook.installer:
        why, instead = f"{why}, which {hook.installer} runs", ""
    if hook.writer:
        raise UsageError(f"{why}; --force would replace its script, and none of its hooks would run")
    do = "replace the script that exists" if hook.is_there else "install a script that runs besides"
    raise UsageError(f"{why}; {instead}use --force to {do}")


def _run_uninstall(options: _ChangeOptions) -> int:
    would = "would be " if options.dry_run else ""
    for hook in _find_hooks(options.types or HOOK_TYPES):
        if not hook.is_ours:
            write_lines(f"{hook.type}: {_describe_foreign(hook)}")
        elif hook.uninstall(is_dry=options.dry_run):
            write_lines(f"{hook.type}: {would}removed; the previous script {would or 'is '}restored")
        else:
            write_lines(f"{hook.type}: {would}removed")
    return 0


def _describe_foreign(hook: GitHook) -> str:
    """Return that a hook without our script is not removed, and what still runs our command."""
    if caller := hook.caller:
        return f"not ours, left as it is; {make_printable_path(caller.place)} runs `{hook.command}`"
    return "not ours, left as it is" if hook.is_there else "not installed"


def _run_status(options: _HooksOptions) -> int:
    for hook in _find_hooks(options.types or HOOK_TYPES):
        if hook.is_ours:
            write_lines(f"{hook.type}: installed as {_name(hook)}, {_describe(hook)}", *_list_second(hook))
        elif (name := _find_configured(hook)) and hook.installer:
            installed = f"installed by {hook.installer}, as {name} has our hook"
            write_lines(f"{hook.type}: {installed}", *_list_flaw(hook), *_list_second(hook))
        elif name and not hook.is_there:
            command = format_install(name, hook)
            write_lines(f"{hook.type}: not installed; run `{command}`, as {name} has our hook")
        elif caller := hook.caller:
            runs = f"{make_printable_path(caller.place)} runs `{hook.command}`"
            write_lines(f"{hook.type}: installed, as {runs}", *_list_flaw(hook))
        elif hook.is_there:
            why = f"another script exists, {_name(hook)}: {_advise(hook.type)}"
            write_lines(f"{hook.type}: not installed because {why}")
        else:
            write_lines(f"{hook.type}: not installed")
    return 0


def _list_flaw(hook: GitHook) -> list[str]:
    """Return a warning if a hook that we did not write lets everything pass."""
    return [f"warning: {make_printable(flaw)}"] if (flaw := hook.flaw) else []


def _list_second(hook: GitHook) -> list[str]:
    """Return a note if something else also runs an installed hook."""
    if caller := hook.caller:
        return [f"note: it runs twice, as {make_printable_path(caller.place)} runs `{hook.command}`"]
    return []


def _advise(hook_type: str) -> str:
    """Return what to do about another script, without the settings to name if they are invalid."""
    try:
        config = _find_config()
    except UsageError:  # which a check reports
        config = None
    [to_install] = _find_hooks([hook_type], config)
    return to_install.advise()


def _find_config() -> str | None:
    """Return the settings that a hook has to name, as git runs it at the repository's top."""
    from pytest_antipasta.settings.load import load_settings

    return find_config_to_name(load_settings(Path.cwd()).settings.source, find_repository(Path.cwd()))


def _find_configured(hook: GitHook) -> str | None:
    here = Path.cwd()
    top = find_repository(here)
    return None if top is None else find_configured(top, hook, here)


def _describe(hook: GitHook) -> str:
    """Return what an installed script runs, and whether that exists."""
    again = f"`pytest-antipasta hooks install --type {hook.type}`"
    if not hook.is_executable:
        return f"but it is not executable, so git ignores it; {again} fixes it"
    missing = hook.find_missing()
    if missing is None:
        return f"runs {make_printable_path(hook.python)}{_describe_config(hook.written_config)}"
    gone = f"but {make_printable_path(missing)} no longer exists"
    return f"{gone}, so it checks nothing unless `pytest-antipasta` is on PATH; {again} fixes it"


def _name(hook: GitHook) -> str:
    return make_printable_path(hook.place)


def _describe_config(config: str) -> str:
    return f" with --config {make_printable_path(config)}" if config else ""


def _find_hooks(types: Sequence[str], config: str | None = None) -> list[GitHook]:
    try:
        return find_git_hooks(Path.cwd(), types, config)
    except GitError as error:
        raise UsageError(str(error)) from error
