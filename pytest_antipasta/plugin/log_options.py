"""The log of a pytest session, in the process that the user sees."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.logs import ERROR, INFO, Log, begin_log, note
from pytest_antipasta.messages import hide_addresses, make_printable
from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import VERSION, python_minor, read_regular

_OPTIONS = ("--antipasta-log-file", "--antipasta-log-level", "--antipasta-log-format")


def keep_log(config: pytest.Config) -> None:
    """Write to the log until the session ends, if there is to be one.

    Raises:
        UsageError: the options or the environment are wrong.
    """
    options = (read_own(config, option, "where logs are written") for option in _OPTIONS)
    log = begin_log(config.invocation_params.dir, _OPTIONS[0], *options)
    if log is not None:
        config.pluginmanager.register(_Log(log))
        config.add_cleanup(log.close)
    words = hide_addresses(map(str, config.invocation_params.args))
    versions = f"pytest-antipasta {VERSION}, pytest {pytest.__version__}, Python {python_minor()}"
    note(INFO, "run", f"{versions}: {words}")


def read_own(config: pytest.Config, option: str, what: str) -> str | None:
    """Return the value of an option that has to be the user's own; what it chooses is for the message.

    A project's ``addopts`` come from whoever has written it, who is not to choose where we write.

    Raises:
        UsageError: neither the command line nor ``PYTEST_ADDOPTS`` has it.
    """
    value: str | None = config.getoption(option)
    own = (*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *map(str, config.invocation_params.args))
    folder = config.invocation_params.dir
    if value is None or any(word.partition("=")[0] == option for word in _expand_files(folder, own)):
        return value
    variable = option.replace("--", "pytest-").replace("-", "_").upper()
    raise UsageError(
        f"{option} is in the project's `addopts`, and a project does not choose {what}: "
        f"take it out there, and give it on the command line or as {variable}"
    )


def _expand_files(folder: Path, words: Iterable[str]) -> Iterator[str]:
    """Yield words, with the lines of a file in place of ``@file``, as argparse reads it."""
    for word in words:
        if not word.startswith("@"):
            yield word
            continue
        with suppress(OSError):  # before 8.2 pytest does not read it
            yield from _expand_files(folder, os.fsdecode(read_regular(folder / word[1:])).splitlines())


class _Log:
    """Notes how a session ends, and tells what is wrong with its log."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def pytest_internalerror(self, excrepr: Any, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note what has ended pytest."""
        note(ERROR, "error", excinfo.exconly(tryshort=True), traceback=str(excrepr))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Note the exit code."""
        note(INFO, "run", f"exit code {int(session.exitstatus)}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell why notes are missing."""
        if self._log.trouble:
            terminalreporter.write_line(make_printable(f"warning: {self._log.trouble}"))
