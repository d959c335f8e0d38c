"""Collect outcomes from pytest's reports: summary, report files, and records for the store."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.executor.worker_count import explain_workers
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.result import Ending, Result, sum_seconds
from pytest_antipasta.engine.run_log import iter_debug_lines
from pytest_antipasta.logs.notes import INFO, log_all
from pytest_antipasta.messages import format_path, make_printable, show_name
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.plugin.arguments import (
    describe_workers,
    is_list_asked_for,
    iter_deselecting,
    iter_dropping,
)
from pytest_antipasta.plugin.checker import Checker
from pytest_antipasta.plugin.items import OUTCOME, SUFFIX, SourceItem, make_stopped
from pytest_antipasta.plugin.protocol import forget_passed_phases
from pytest_antipasta.report.formats.outputs import find_needs, write_reports
from pytest_antipasta.report.next_step import SCREEN, Invocation, suggest_next, suggest_recording
from pytest_antipasta.report.paths import ShowPath, show_from
from pytest_antipasta.report.rows import Look
from pytest_antipasta.report.summary import format_nothing, format_summary
from pytest_antipasta.report.terminal import fold_line
from pytest_antipasta.results.stats import find_deselecting, format_cost, format_store, make_stats

# Maximum number of functions close to a limit: they follow the failures of each run.
_NEAR = 10
# Exit codes of pytest before any item runs.
_ABORTED: dict[int, str] = {
    pytest.ExitCode.USAGE_ERROR: "pytest reported a usage error",
    pytest.ExitCode.INTERNAL_ERROR: "pytest had an internal error",
}


class Reporter:
    """Takes outcomes from reports, and ends the run; in the main process."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._loaded = checker.requests.loaded
        self._outputs = checker.requests.outputs
        self._troubles: list[str] = []
        self._interruption: str | None = None
        self._run: Result | None = None
        self._workers: set[str] = set()
        self._excused = 0
        self._untested: list[Verdict] = []
        self._has_failed_items = True
        self._has_run_tests = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Judge the change of ``--antipasta-diff`` before tests are collected: errors of git come early."""
        if session.config.getoption("antipasta_diff") is not None:
            _ = self._checker.ledger

    def pytest_report_header(self) -> str:
        """Name the settings file."""
        source = self._loaded.rules.settings.source
        return f"antipasta: {f'settings from {format_path(source)}' if source else 'default settings'}"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Start judging the files that are left after other plugins have selected items."""
        sources = [item.source for item in session.items if isinstance(item, SourceItem)]
        if sources and not is_list_asked_for(session.config):
            self._checker.ledger.begin(sources)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the outcome of a file, even if another plugin has stopped its item."""
        outcome: Outcome | None = getattr(report, OUTCOME, None)
        if outcome is None and not report.nodeid.endswith(SUFFIX):
            self._has_run_tests = True
        outcome = outcome or self._find_stopped(report)
        if outcome is None:
            return
        verdict = outcome.verdict
        if report.failed and verdict.failed and not (verdict.is_unmeasured or verdict.is_incomplete):
            self._excused += 1  # it fails for violations, and not for errors of measuring
        worker = getattr(report, "worker_id", "")  # empty for this process
        self._workers.add(worker)
        self._checker.ledger.add(replace(outcome, worker=worker) if worker else outcome)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Record why the session ends early: the user, or xdist's limit of failures."""
        self._interruption = str(excinfo.value) or "interrupted"
        if self._checker.has_begun:
            self._checker.ledger.interrupt()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Store the results and write the reports."""
        forget_passed_phases(session.config)
        if not self._checker.has_begun:
            return
        ledger = self._checker.ledger
        if is_list_asked_for(session.config):
            ledger.close()
            return
        self._end_judging(ledger)
        run = replace(ledger.finish(), ending=self._find_ending(session, ledger))
        workers = describe_workers(session.config, run.workers, self._workers - {""})
        if workers is not None:
            log_all(INFO, explain_workers(workers))
            run = replace(run, workers=workers)
        if (
            self._checker.only
            and _has_nothing(run)
            and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
        ):
            session.exitstatus = pytest.ExitCode.OK
        if session.config.getoption("antipasta_coverage") is not None:
            run = self._cover(session, run)
        self._run = run
        self._choose_end(session, run)
        if run.rules.faults:
            _end_with(session, pytest.ExitCode.INTERNAL_ERROR)  # some limit was not judged
        self._write_all(session, run)

    def _choose_end(self, session: pytest.Session, run: Result) -> None:
        """Let a session fail for waivers, or pass if only verdicts fail and that is requested."""
        if not session.config.getoption("antipasta_exit_zero"):
            if run.waivers.fails:
                _end_with(session, pytest.ExitCode.TESTS_FAILED)
            return
        is_excused = session.testsfailed == self._excused
        is_stopped = session.shouldfail or session.shouldstop  # as by `-x`, before all are checked
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and is_excused and not is_stopped:
            session.exitstatus = pytest.ExitCode.OK

    def _cover(self, session: pytest.Session, run: Result) -> Result:
        """Return the result with coverage data of pytest-cov; violations fail the session."""
        from pytest_antipasta.engine.covering import cover_run

        name, folder = session.config.getoption("antipasta_coverage"), session.config.invocation_params.dir
        before = {path: (verdict.failed, verdict.violations) for path, verdict in run.verdicts.items()}
        self._has_failed_items = any(failed for failed, _ in before.values())
        try:
            run = cover_run(run, folder / name, name)
        except UsageError as error:
            if self._find_interruption(session):  # pytest-cov writes no data then
                self._troubles.append(f"no coverage, as the session was stopped early: {error}")
            else:
                self._troubles.append(f"error: {error}")
                session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return run
        verdicts = run.sorted_verdicts()
        self._untested = [
            item for item in verdicts if item.failed and (item.failed, item.violations) != before[item.path]
        ]
        if self._untested and not session.config.getoption("antipasta_exit_zero"):
            _end_with(session, pytest.ExitCode.TESTS_FAILED)
        return run

    def _end_judging(self, ledger: Ledger) -> None:
        """Add the judging time of other processes, and pytest's own time.

        If workers of xdist do nothing else, this is the time of the busiest worker.
        """
        if self._workers - {""} or "judge" not in ledger.phases.seconds:
            others = [spent for pid, spent in sum_seconds(ledger.spent).items() if pid != os.getpid()]
            ledger.phases.add("judge", max(others, default=0.0) if self._checker.only else sum(others))
        if self._checker.only:
            ledger.phases.add_rest("pytest")

    def _write_all(self, session: pytest.Session, run: Result) -> None:
        """Write the reports; record errors."""
        if not self._outputs:
            return
        from pytest_antipasta.plugin.stdout import print_report
        from pytest_antipasta.results.report import report_run

        report = report_run(run, find_needs(self._outputs))
        write = partial(print_report, session.config)
        try:
            for error in write_reports(self._outputs, report, write):
                self._troubles.append(f"error: {error}")
                if isinstance(error, UsageError):
                    session.exitstatus = pytest.ExitCode.USAGE_ERROR
                else:
                    _end_with(session, pytest.ExitCode.INTERNAL_ERROR)
        except KeyboardInterrupt as interrupt:  # pytest itself would show a traceback here
            self._troubles.append(f"interrupted {interrupt}".strip())
            session.exitstatus = pytest.ExitCode.INTERRUPTED

    def _find_ending(self, session: pytest.Session, ledger: Ledger) -> Ending:
        """Return what may have deselected files, and why the run ended early, if it did."""
        reason = self._find_interruption(session)
        is_stopped = reason and len(ledger.verdicts) < len(ledger.plan.sources)
        return Ending(
            deselected_by=tuple(iter_deselecting(session.config)) or tuple(iter_dropping(session.config)),
            stopped=str(reason) if is_stopped else None,
            is_beside_tests=not self._checker.only,
        )

    def _find_interruption(self, session: pytest.Session) -> object:
        """Return why the session ended early; a false value if it didn't."""
        aborted = _ABORTED.get(session.exitstatus)
        return self._interruption or session.shouldfail or session.shouldstop or aborted

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Print the results of the run, and the next step."""
        run = self._run
        if run is None:
            return
        # Not `section`, which leaves an empty line below the title if no item failed.
        terminalreporter.write_sep("=", "antipasta")
        width = config.get_terminal_writer().fullwidth if terminalreporter.isatty else None
        for line in self._iter_section(run, config):
            for part in fold_line(line, width):
                terminalreporter.write_line(part)

    def _iter_section(self, run: Result, config: pytest.Config) -> Iterator[str]:
        """Yield the results of a run, the next step, and what the run cost."""
        lines = (
            *self._iter_near(run, config),
            *self._list_untested(run, config),
            *self._summarise(run, config),
        )
        notes = () if self._loaded.note is None else (self._loaded.note,)
        is_debug = config.getoption("antipasta_debug")
        details = iter_debug_lines(run.describe()) if is_debug else ()
        yield from map(make_printable, (*lines, *notes, *self._troubles, *details))
        yield from (f"next: {step}" for step in self._iter_next(run, config))
        verdicts = run.sorted_verdicts()
        if verdicts and not is_debug and config.get_verbosity() >= 0:
            yield format_cost(run)

    def _iter_near(self, run: Result, config: pytest.Config) -> Iterator[str]:
        """Yield the functions close to a limit, if requested."""
        if (text := config.getoption("antipasta_near")) is not None:
            from pytest_antipasta.policy.headroom import parse_ratio
            from pytest_antipasta.report.passing import find_near, format_near

            ratio, verdicts = parse_ratio(text), list(run.read_numbers(run.sorted_verdicts()))
            rows = find_near(verdicts, run.rules.settings, ratio)
            look = Look(show_path=_find_show_path(run, config))
            yield from format_near(rows, ratio, None if config.get_verbosity() > 0 else _NEAR, look)

    def _list_untested(self, run: Result, config: pytest.Config) -> Iterator[str]:
        """Yield violations from coverage data, as the items of these files have passed before."""
        if self._untested:
            from pytest_antipasta.report.coverage import format_untested
            from pytest_antipasta.report.failure import iter_wrong_comments

            show_path = _find_show_path(run, config)
            yield from format_untested(self._untested, show_path)
            yield from iter_wrong_comments(self._untested, show_path)

    def _summarise(self, run: Result, config: pytest.Config) -> Iterable[str]:
        verdicts, show_path = run.sorted_verdicts(), _find_show_path(run, config)
        verbosity = config.get_verbosity()
        stats = make_stats(run, is_brief=verbosity < 0)
        is_selected = bool(run.sources) and not verdicts and any(iter_deselecting(config))
        if is_selected and self._has_run_tests:
            # `-k test_one` selected tests and no files, and the tests have run.
            return [format_nothing(stats).removeprefix("warning: "), *run.rules.faults]
        used = [format_store(run)] if config.getoption("antipasta_debug") else []
        lines = chain(format_summary(verdicts, stats, show_path), used)
        if not any(verdict.warnings for verdict in verdicts):
            return lines
        from pytest_antipasta.report.passing import find_loud, find_warned, format_warned

        has_all = verbosity > 0
        find = find_warned if has_all else find_loud
        return chain(format_warned(verdicts, "`-v` shows them", find, show_path, has_all=has_all), lines)

    def _iter_next(self, run: Result, config: pytest.Config) -> Iterator[str]:
        """Yield what to do next: first how to record violations of which there are many."""
        verdicts, rules = run.sorted_verdicts(), run.rules
        folder, named = config.invocation_params.dir, (rules.named_config, rules.named_baseline)
        has_other_limits = rules.has_other_limits
        stand = Invocation(folder, rules.settings.root, *named, has_other_limits=has_other_limits)
        if _needs_baseline(run):
            yield suggest_recording(stand)
        if step := suggest_next(verdicts, stand):
            # The items of files that fail for coverage alone have passed.
            can_select = config.pluginmanager.hasplugin("cacheprovider") and not config.getoption("lf", False)
            has_lf = self._has_failed_items and can_select
            yield f"{step}; with `--lf`, pytest runs only what failed" if has_lf else step
        else:
            yield from self._iter_other_ways(run, config)

    def _iter_other_ways(self, run: Result, config: pytest.Config) -> Iterator[str]:
        """Yield how else to check the same files, if some were left out, or all passed."""
        only = self._checker.only
        if _has_dropped(run, config) or (only and run.ending.stopped):
            yield "`pytest-antipasta check` checks the same files without pytest"
        elif only and run.verdicts and not _has_failed(run):
            yield "`pytest --antipasta` checks the files along with the tests"

    def _find_stopped(self, report: pytest.TestReport) -> Outcome | None:
        """Return the outcome of a file whose item failed before it had one."""
        # For example stopped by pytest-timeout. A failing teardown is that of a test's fixture.
        if not report.failed or report.when == "teardown":
            return None
        source = self._checker.find_source(report.nodeid)
        if source is None:
            return None
        lines = report.longreprtext.strip().splitlines() or ["unknown reason"]
        reason = lines[-1].removeprefix(f"{show_name(source.path)}: not measured: ")
        return make_stopped(source, reason)


def _find_show_path(run: Result, config: pytest.Config) -> ShowPath:
    """Return a function that converts a path to one from the folder in which pytest was started."""
    return show_from(run.rules.settings.root, config.invocation_params.dir)


def _has_nothing(run: Result) -> bool:
    """Return whether it is a change or a shard without files, which is valid."""
    return not run.sources and (run.kind == "change" or run.part.shard is not None)


def _needs_baseline(run: Result) -> bool:
    """Return whether a run over all files, without a baseline, has more violations than fit on a screen."""
    are_many = sum(len(verdict.violations) for verdict in run.verdicts.values()) > SCREEN
    is_whole = run.selection.narrowed_by is None and are_many and not find_deselecting(run)
    return is_whole and run.can_be_recorded


def _has_dropped(run: Result, config: pytest.Config) -> bool:
    """Return whether a hook took files out of the items, which no option asked for."""
    is_whole = run.ending.stopped or len(run.verdicts) == len(run.sources)
    return not (is_whole or any(iter_deselecting(config)))


def _has_failed(run: Result) -> bool:
    return run.waivers.fails or any(verdict.failed for verdict in run.verdicts.values())


def _end_with(session: pytest.Session, code: pytest.ExitCode) -> None:
    """Change the exit code of a session that would pass."""
    if session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = code
