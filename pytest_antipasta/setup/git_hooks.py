"""Install and remove git hook scripts in a repository's hooks folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from shlex import quote, split

from pytest_antipasta.git.links import require_own_links
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.processes.interpreter import HERE_LAST, can_import_alone
from pytest_antipasta.runtime.fileio import move_file, replace_file
from pytest_antipasta.runtime.imports import HOME
from pytest_antipasta.settings.values import SETTINGS_NAMES
from pytest_antipasta.setup.hook_callers import (
    Caller,
    advise_to_call,
    find_caller,
    find_started,
    find_writer,
    read_script,
)
from pytest_antipasta.setup.script_commands import find_commands

HOOK_TYPES = ("pre-commit", "pre-push")
_ARGUMENTS = {"pre-commit": "hook", "pre-push": "hook --push"}
_MARK = "# Written by `pytest-antipasta hooks install`; `pytest-antipasta hooks uninstall` takes it away."
_ASIDE = ".before-antipasta"
_PACKAGE = Path(HOME, "pytest_antipasta", "__main__.py")
# Folders in which `uvx` and `pipx run` create environments, on all systems.
_CACHES = ("cache", ".cache", "caches")
# The interpreter by its path, as the program may not be on git's PATH. Without `-m`, which would import files
# of the repository with names of our modules or of the standard library.
_SCRIPT = """\
#!/bin/sh
{mark}
# What other programs ask you to add goes above `exec`; `hooks install` and `hooks uninstall` remove it.
python={python}
package={package}
{config}if [ -x "$python" ] && [ -f "$package" ]; then
    exec "$python" -P -c '{run}' {arguments}
fi
# Fall back to another installation if it starts.
if pytest-antipasta --version > /dev/null 2>&1; then
    exec pytest-antipasta {arguments}
fi
missing=$package
[ -x "$python" ] || missing=$python
cat >&2 << END
warning: antipasta did not run: this hook was installed with a file that no longer exists:
  $missing
to repair the hook: reinstall pytest-antipasta and run \\`pytest-antipasta hooks install --type {type}\\`
to remove the hook: delete $0
END
exit 0
"""
# Until our modules handle Ctrl-C, it ends Python without a traceback. The module `signal` imports `enum`.
_RUN = f"""
import _signal, os, sys
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
{HERE_LAST}
try:
    from pytest_antipasta.cli import run
    run()
except ImportError as error:
    print(f"warning: antipasta did not run: its installation is broken: {{error}}", file=sys.stderr)
    print(f"hint: reinstall pytest-antipasta for {{sys.executable}}", file=sys.stderr)
"""


def find_config_to_name(source: Path | None, top: Path | None) -> str | None:
    """Return the path of settings from git's top; ``None`` if a hook, which runs there, finds them itself."""
    if source is None or top is None:
        return None
    place = Path(os.path.realpath(source.parent), source.name)
    top = Path(os.path.realpath(top))
    if not place.is_relative_to(top):
        return None
    name = place.relative_to(top).as_posix()
    return None if name in SETTINGS_NAMES else name


def list_notes(prefix: str = sys.prefix) -> list[str]:
    """Return a note if an installer deletes, or may delete, the environment of a hook.

    Args:
        prefix: the folder of the environment; that of this process by default.
    """
    parts = {part.lower() for part in PurePath(prefix).parts}
    in_cache = not parts.isdisjoint(_CACHES)
    if "builds-v0" in parts:  # of `uv run --with` or `--isolated`
        deletes, command = "uv deletes this environment when this command ends", "uv tool install"
    elif "archive-v0" in parts or (in_cache and "uv" in parts):
        deletes, command = "`uvx` may delete this environment", "uv tool install"
    elif in_cache and "pipx" in parts:
        deletes, command = "`pipx run` may delete this environment", "pipx install"
    else:
        return []
    return [
        (
            f"note: {deletes}; commits would then pass with a warning. "
            f"For a permanent hook, run `{command} pytest-antipasta`, then `pytest-antipasta hooks install`"
        )
    ]


def find_git_hooks(folder: Path, types: Iterable[str], config: str | None = None) -> list[GitHook]:
    """Return the git hooks of a folder's repository.

    Raises:
        GitError: git is missing, or there is no repository.
    """
    from pytest_antipasta.git.repository import Repository

    repository = Repository(folder)
    hooks, own = repository.hooks_folder(), repository.own_hooks_folder()
    is_own = os.path.realpath(hooks) == os.path.realpath(own)
    return [
        GitHook(
            hooks,
            name,
            config,
            is_own=is_own,
            top=repository.top,
            is_bare=repository.is_bare,
            commands=repository.find_configured_hooks(name),
        )
        for name in types
    ]


class GitHook:
    """One git hook of a repository, by git's name, and where a replaced script is kept.

    ``config`` is the path of settings to name, relative to git's top; ``None`` for settings at git's top.
    ``is_own`` is false for a folder named by ``core.hooksPath``. ``top`` is the top of the working tree, or a
    bare repository.
    ``commands`` are those that git also runs for this hook, by the names of its settings.
    """

    def __init__(
        self,
        folder: Path,
        hook_type: str,
        config: str | None = None,
        *,
        is_own: bool,
        top: Path,
        is_bare: bool,
        commands: Mapping[str, str],
    ) -> None:
        self._is_own = is_own
        self._top = top
        self._is_bare = is_bare
        self._commands = commands
        self.type = hook_type
        self.path = folder / hook_type
        self.aside = folder / f"{hook_type}{_ASIDE}"
        # A script whose interpreter is gone is written again for the same settings.
        is_broken = self.is_ours and self.find_missing() is not None
        self.config = (self.written_config or None) if is_broken else config

    @property
    def id(self) -> str:
        """The id of the same hook for pre-commit."""
        return "antipasta-push" if self.type == "pre-push" else "antipasta"

    @property
    def place(self) -> str:
        """The location of the script, as messages name it."""
        return self.path.as_posix()

    @property
    def is_there(self) -> bool:
        """Whether there is any script."""
        return os.path.lexists(self.path)

    @property
    def is_ours(self) -> bool:
        """Whether there is a script that we wrote."""
        return f"\n{_MARK}\n" in self._read()

    @property
    def is_executable(self) -> bool:
        """Whether git would run the script; it ignores others."""
        return os.access(self.path, os.X_OK)

    @property
    def writer(self) -> str | None:
        """Who wrote the script, if it is pre-commit or prek."""
        return find_writer(self.path)

    @property
    def installer(self) -> str | None:
        """Who wrote the script, or is run by a setting of git, if it is pre-commit or prek."""
        return self.writer or find_started(self._commands.values())

    @property
    def framework(self) -> str | None:
        """Who wrote this script or that for commits, if it is pre-commit or prek."""
        return self.installer or find_writer(self.path.with_name("pre-commit"))

    @property
    def caller(self) -> Caller | None:
        """What else git runs that runs our command: a setting of git, another script, or its settings."""
        arguments = _ARGUMENTS[self.type]
        for setting, text in self._commands.items():
            if arguments in find_commands(text):
                return Caller(f"{setting} in git's settings")
        return find_caller(self.path, self._top, arguments) if self.is_there and not self.is_ours else None

    @property
    def flaw(self) -> str | None:
        """Why git lets pass what our command blocks; ``None`` if it does not, or if nobody can tell."""
        if self.is_there and not (self.is_executable or self._commands):
            return (
                f"git ignores {self.place}, as it is not executable; `chmod +x {quote(self.place)}` fixes it"
            )
        caller = self.caller
        return caller.flaw if caller else None

    @property
    def command(self) -> str:
        """What the script runs, without the settings that it names."""
        return f"pytest-antipasta {_ARGUMENTS[self.type]}"

    @property
    def written_config(self) -> str:
        """The settings named in our script; empty without any."""
        return self._find_value("config")

    @property
    def python(self) -> str:
        """The interpreter in our script."""
        return self._find_value("python")

    def find_missing(self) -> str | None:
        """Return what our script needs and does not exist: the interpreter, or our package in it."""
        python, package = self.python, self._find_value("package")
        if not (os.path.isfile(python) and os.access(python, os.X_OK)):
            return python
        return None if os.path.isfile(package) else package

    def install(self, *, force: bool, is_dry: bool = False) -> bool:
        """Write the script if there is none, or replace ours; return whether another one is kept aside.

        With ``is_dry``, nothing is written.
        ``force`` keeps another script aside, which uninstalling restores. It also replaces ours with other
        settings, and writes to a folder named by ``core.hooksPath``.

        Raises:
            UsageError: there is another script, or the script can't be written, or git would not run it.
        """
        self.require_use()
        try:
            require_own_links(self.path)
            obstacle = self.find_obstacle()
            if obstacle is not None and not force:
                raise UsageError(f"{self.place} {': '.join(obstacle)}")
            is_foreign = self.is_there and not self.is_ours
            if is_foreign and os.path.lexists(self.aside):
                raise UsageError(
                    f"{self.place} was not written by pytest-antipasta, and {self.aside.name} "
                    "already exists; move one of them"
                )
            if is_dry:
                return is_foreign
            if is_foreign:
                move_file(self.path, self.aside)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._write()
        except OSError as error:
            raise UsageError(f"can't write {self.place}: {error.strerror}") from error
        return is_foreign

    def uninstall(self, *, is_dry: bool = False) -> bool:
        """Remove our script unless the run is dry; return whether another one is restored."""
        if is_dry:
            return os.path.lexists(self.aside)
        try:
            if os.path.lexists(self.aside):
                move_file(self.aside, self.path)
                return True
            self.path.unlink()
        except OSError as error:
            raise UsageError(f"can't remove {self.place}: {error.strerror}") from error
        return False

    def find_obstacle(self) -> tuple[str, str] | None:
        """Return why installing needs ``force``, and what to do about that; ``None`` if it does not.

        It does if there is a script of the user, or ours with other settings, or git runs our command by its
        own settings. It also does for a first script in a folder of ``core.hooksPath``, which git may track,
        or other repositories may use.
        """
        if not self.is_there:
            if caller := self.caller:
                why = f"{caller.place} already runs `{self.command}`; use --force to have it run twice"
                return "would be a second hook", why
            if self._is_own:
                return None
            return (
                "is in the folder set by core.hooksPath",
                "the script has paths of this machine, but other machines or repositories may use this "
                f"folder; use --force, or add `{self._format_line()} || exit 1` to its hook",
            )
        if not self.is_ours:
            return "was not written by pytest-antipasta", self.advise()
        written = self.written_config
        if written == (self.config or ""):
            return None
        if written:
            return (
                "belongs to another project",
                f"it uses the settings in {written}; use --force to overwrite it, or "
                "pre-commit, which can have one hook per project",
            )
        return (
            "checks the whole repository",
            "if settings at its top have `nested = true`, it also uses those in "
            f"{self.config}; use --force to check that folder only",
        )

    def advise(self) -> str:
        """Return what to do about another script."""
        if caller := self.caller:
            flaw = self.flaw
            return f"{caller.place} already runs `{self.command}`{f', but {flaw}' if flaw else ''}"
        advice = advise_to_call(self.path, self._format_line(), self.id)
        return f"{advice}, or use --force, which renames it to {self.aside.name}"

    def require_use(self) -> None:
        """Raise UsageError if git would not run the script, or the script not this installation.

        Git runs none of commits in a bare repository, and none without a folder for them.
        """
        if self._is_bare and self.type == "pre-commit":  # pre-push runs here, too
            raise UsageError(
                f"{self._top.as_posix()} is a bare repository, where nothing is committed; run this in a "
                "working tree, or install `hooks/pre-receive` to check what a server receives"
            )
        folder = self.path.parent
        if os.path.lexists(folder) and not folder.is_dir():
            named = "" if self._is_own else "; change or unset core.hooksPath, which names it"
            raise UsageError(f"{folder.as_posix()} is not a folder, so git runs no hooks{named}")
        if not (_PACKAGE.is_file() and can_import_alone("pytest_antipasta.cli", self._top)):
            raise UsageError(
                f"{Path(sys.executable).as_posix()} does not find pytest_antipasta by itself, so git could "
                "not run the hook; install pytest-antipasta with pip, uv or pipx, then run "
                "`pytest-antipasta hooks install`"
            )

    def _write(self) -> None:
        text = _SCRIPT.format(
            mark=_MARK,
            python=quote(sys.executable),
            package=quote(str(_PACKAGE)),
            run=_RUN,
            config=f"config={quote(self.config)}\n" if self.config else "",
            arguments=_ARGUMENTS[self.type] + (' --config "$config"' if self.config else ""),
            type=self.type,
        )
        replace_file(self.path, [os.fsencode(text)], 0o755)

    def _format_line(self) -> str:
        """Return the command of the script, with the settings to name."""
        return f"{self.command} --config {quote(self.config)}" if self.config else self.command

    def _find_value(self, name: str) -> str:
        """Return the value of a variable in our script."""
        lines = (line for line in self._read().splitlines() if line.startswith(f"{name}="))
        words = split(next(lines, ""))  # the inverse of `quote`
        return words[0].removeprefix(f"{name}=") if words else ""

    def _read(self) -> str:
        return read_script(self.path)
