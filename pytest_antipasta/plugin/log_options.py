"""The log of a pytest session, in the main process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import pytest

from pytest_antipasta.logs.file import LogFile
from pytest_antipasta.logs.notes import ERROR, INFO, log_event
from pytest_antipasta.logs.options import begin_log
from pytest_antipasta.messages import hide_addresses, make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.plugin.arguments import iter_own_words
from pytest_antipasta.report.inputs import require_log_place
from pytest_antipasta.runtime.environment import VERSION, python_minor

_OPTIONS = ("--antipasta-log-file", "--antipasta-log-level", "--antipasta-log-format")


def keep_log(config: pytest.Config) -> None:
    """Log to a file until the session ends, if requested.

    Raises:
        UsageError: the options or the environment are wrong.
    """
    options = (read_own(config, option, "where logs are written") for option in _OPTIONS)
    log = begin_log(config.invocation_params.dir, require_log_place, _OPTIONS[0], *options)
    if log is not None:
        config.pluginmanager.register(_Log(log))
        config.add_cleanup(log.close)
    words = hide_addresses(map(str, config.invocation_params.args))
    versions = f"pytest-antipasta {VERSION}, pytest {pytest.__version__}, Python {python_minor()}"
    log_event(INFO, "run", f"{versions}: {words}")


def read_own(config: pytest.Config, option: str, what: str) -> Any:
    """Return the value of an option that only the user may set; ``what`` is for the message.

    The author of a project's ``addopts`` must not choose where we write.

    Raises:
        UsageError: the value is neither on the command line nor in ``PYTEST_ADDOPTS``.
    """
    value = config.getoption(option)
    if not value:
        return value
    words = list(iter_own_words(config))
    own = [*_iter_values(option, words), option in words]  # a switch has the value True
    if all(item in own for item in (value if isinstance(value, list) else [value])):
        return value
    raise UsageError(
        f"{option} is in the project's `addopts`, but a project can't choose {what}; remove it there "
        "and pass it on the command line or in PYTEST_ADDOPTS"
    )


def _iter_values(option: str, words: Sequence[str]) -> Iterator[str]:
    """Yield the values of an option in the words of a command line."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, equals, value = word.partition("=")
        if name == option:
            yield value if equals else following


class _Log:
    """Logs how a session ends, and reports problems of the log."""

    def __init__(self, log: LogFile) -> None:
        self._log = log

    def pytest_internalerror(self, excrepr: Any, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Log an internal error of pytest."""
        log_event(ERROR, "error", excinfo.exconly(tryshort=True), traceback=str(excrepr))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Log the exit code."""
        log_event(INFO, "run", f"exit code {int(session.exitstatus)}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Report why log lines are missing."""
        if self._log.trouble:
            terminalreporter.write_line(make_printable(f"warning: {self._log.trouble}"))
