"""Run source items with one report each, if no plugin needs the three phases of a test.

A test has three phases, each with hooks, a call record and a report, because of fixtures. A dozen plugins
watch each test for warnings, threads and assertions. A source file has none of these. If all active plugins
are known to ignore source files, an item runs with only the report of the call, in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import cached_property
from typing import Any, Literal

import pytest

from pytest_antipasta.plugin.items import OUTCOME, SUFFIX, SourceItem
from pytest_antipasta.plugin.pytest_internals import (
    find_reporter,
    find_watchers,
    is_heard,
    is_left_to_us,
    is_spreading,
    run_phases,
    select_unprinted,
)

_PHASE_HOOKS = (
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_runtest_makereport",
    "pytest_runtest_logreport",
    "pytest_report_teststatus",
)
AROUND_ITEMS = ("pytest_runtest_logstart", "pytest_runtest_logfinish")
"""Hooks that are called for each item besides that of its report."""
_LOOP_HOOKS = ("pytest_runtestloop", "pytest_runtest_protocol")
_PHASE_OPTIONS = ("usepdb", "trace", "setuponly", "setupshow", "setupplan")


class BareProtocol:
    """Runs source items: with one report each, or in pytest's three phases where they are needed.

    It is registered before other plugins of ours: the outcome that ``WorkerMessages`` adds to a message must
    be added after this plugin has left it out.
    """

    def __init__(
        self, config: pytest.Config, unheard: Iterable[str] | None = None, *, phases_elsewhere: bool = False
    ) -> None:
        """Run the items of a session.

        Args:
            config: pytest's config object.
            unheard: in a worker, the hooks around items that no plugin implements in the controller.
            phases_elsewhere: in a worker, whether the controller needs the reports of pytest's three phases.
        """
        self._config = config
        self._unheard_elsewhere = unheard
        self._phases_elsewhere = phases_elsewhere
        self._keywords: dict[str, Literal[1]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run source items one after another if there are no other items."""
        if not self._may_loop or not all(isinstance(item, SourceItem) for item in session.items):
            return None
        if session.testsfailed or not session.items:
            return None  # pytest reports the errors of collection
        for item, nextitem in zip(session.items, [*session.items[1:], None], strict=True):
            if self.pytest_runtest_protocol(item, nextitem) is None:
                self._config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run one source item; in pytest's phases if an option or a plugin needs them.

        The last item runs in pytest's phases too, as they tear down what tests left.

        No item is left to plugins that rerun failed items, with delays, or run them in forked processes, from
        which only plain data returns: a file would give the same result.
        """
        if not isinstance(item, SourceItem):
            return None
        for watch in self._watchers:
            watch(item)
        if nextitem is None or self._needs_phases:
            # Not a call of the hook without them: wrappers of this call would run twice.
            return run_phases(item, nextitem)
        hook, nodeid, location = self._config.hook, item.nodeid, item.location
        if "pytest_runtest_logstart" not in self._unheard:
            hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        self._keywords = self._keywords or dict.fromkeys(item.keywords, 1)
        if self._is_junit_written:
            item.add_numbers()
        self._log_report(report=item.make_report("call", self._keywords))
        if self._is_junit_written:
            # pytest reads a test's properties from the last phase.
            self._log_report(report=item.make_report("teardown", self._keywords))
        if "pytest_runtest_logfinish" not in self._unheard:
            hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Add the outcome, if known, to the report of the call of pytest's phases, for our own plugins."""
        report = yield
        if call.when == "call" and isinstance(item, SourceItem) and item.outcome is not None:
            setattr(report, OUTCOME, item.outcome)
            if report.skipped:  # pytest names the line that skips
                report.longrepr = item.describe_skip() or report.longrepr
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(self) -> Generator[None, Any, Any]:
        """Leave the outcome out of what others make of a report, such as pytest-reportlog.

        ``WorkerMessages`` adds it afterwards.
        """
        data = yield
        if data is not None:
            data.pop(OUTCOME, None)
        return data

    @cached_property
    def _log_report(self) -> Callable[..., Any]:
        """The hook that takes a report."""
        is_worker = hasattr(self._config, "workerinput")
        hook: Callable[..., Any] = self._config.hook.pytest_runtest_logreport
        return select_unprinted(self._config) if is_worker else hook

    @cached_property
    def _watchers(self) -> Sequence[Callable[[pytest.Item], object]]:
        return find_watchers(self._config)

    @cached_property
    def _needs_phases(self) -> bool:
        return self._phases_elsewhere or needs_phases(self._config)

    @cached_property
    def _may_loop(self) -> bool:
        """Return whether no other plugin handles the order or the surroundings of items."""
        config = self._config
        # A worker of xdist runs items from its controller, and the controller runs none.
        is_spread = hasattr(config, "workerinput") or is_spreading(config)
        has_timer = config.pluginmanager.hasplugin("faulthandler")  # else its settings are unknown
        is_timed = has_timer and float(config.getini("faulthandler_timeout") or 0) > 0
        return (
            not self._needs_phases
            and not is_spread
            and not is_timed
            and not _has_any(config, ("collectonly",))
            and is_left_to_us(self._config, _LOOP_HOOKS)
        )

    @cached_property
    def _unheard(self) -> frozenset[str]:
        """Hooks around items that no plugin implements, here or elsewhere."""
        if self._unheard_elsewhere is None:
            return frozenset(name for name in AROUND_ITEMS if not is_heard(self._config, name))
        # In a worker, each call is a message.
        return frozenset(name for name in self._unheard_elsewhere if is_left_to_us(self._config, (name,)))

    @cached_property
    def _is_junit_written(self) -> bool:
        return bool(self._config.getoption("xmlpath", None))


def needs_phases(config: pytest.Config) -> bool:
    """Return whether an option or a plugin needs pytest's three phases of source items."""
    return _has_any(config, _PHASE_OPTIONS) or not is_left_to_us(config, _PHASE_HOOKS)


def forget_passed_phases(config: pytest.Config) -> None:
    """Take passed setups and teardowns of source items out of what the terminal remembers.

    It looks through all of them once for each failure, which takes longer than the run if there are thousands
    of files. What they have printed stays.
    """
    remembered: dict[str, list[Any]] = getattr(find_reporter(config), "stats", {})
    if uncounted := remembered.get(""):
        uncounted[:] = [
            report
            for report in uncounted
            if report.sections or report.when == "call" or not report.nodeid.endswith(SUFFIX)
        ]


def _has_any(config: pytest.Config, options: Sequence[str]) -> bool:
    return any(config.getoption(name, False) for name in options)
