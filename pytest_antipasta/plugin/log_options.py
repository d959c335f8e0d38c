"""The log of a pytest session, in the process that the user sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import pytest

from pytest_antipasta.git import require_own_links
from pytest_antipasta.logs import ERROR, INFO, Log, begin_log, note
from pytest_antipasta.messages import hide_addresses, make_printable
from pytest_antipasta.model import UsageError
from pytest_antipasta.plugin.arguments import iter_own_words
from pytest_antipasta.runtime import VERSION, python_minor

_OPTIONS = ("--antipasta-log-file", "--antipasta-log-level", "--antipasta-log-format")


def keep_log(config: pytest.Config) -> None:
    """Write to the log until the session ends, if there is to be one.

    Raises:
        UsageError: the options or the environment are wrong.
    """
    options = (read_own(config, option, "where logs are written") for option in _OPTIONS)
    log = begin_log(config.invocation_params.dir, require_own_links, _OPTIONS[0], *options)
    if log is not None:
        config.pluginmanager.register(_Log(log))
        config.add_cleanup(log.close)
    words = hide_addresses(map(str, config.invocation_params.args))
    versions = f"pytest-antipasta {VERSION}, pytest {pytest.__version__}, Python {python_minor()}"
    note(INFO, "run", f"{versions}: {words}")


def read_own(config: pytest.Config, option: str, what: str) -> Any:
    """Return the value of an option that has to be the user's own; what it chooses is for the message.

    A project's ``addopts`` come from whoever has written it, who is not to choose where we write.

    Raises:
        UsageError: a value is neither on the command line nor in ``PYTEST_ADDOPTS``.
    """
    value = config.getoption(option)
    if not value:
        return value
    own = list(_iter_values(option, list(iter_own_words(config))))
    if all(one in own for one in (value if isinstance(value, list) else [value])):
        return value
    raise _refuse(option, what)


def require_own_flag(config: pytest.Config, option: str, what: str) -> None:
    """Make sure that an option without a value, which is on, is the user's own.

    Raises:
        UsageError: it is neither on the command line nor in ``PYTEST_ADDOPTS``.
    """
    if option not in iter_own_words(config):
        raise _refuse(option, what)


def _refuse(option: str, what: str) -> UsageError:
    return UsageError(
        f"{option} is in the project's `addopts`, but a project can't choose {what}; remove it there "
        "and pass it on the command line or in PYTEST_ADDOPTS"
    )


def _iter_values(option: str, words: Sequence[str]) -> Iterator[str]:
    """Yield the values that words of a command line give an option."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, equals, value = word.partition("=")
        if name == option:
            yield value if equals else following


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
