"""Set up the checker for one pytest session: settings, run, and plugins to register."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_antipasta.engine.executor.worker_count import find_jobs
from pytest_antipasta.engine.storage.storage import find_store
from pytest_antipasta.files.selection import require_inside, require_paths
from pytest_antipasta.logs.notes import ERROR, log_event
from pytest_antipasta.messages import hide_passwords
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.run import Shard
from pytest_antipasta.plugin import xdist
from pytest_antipasta.plugin.arguments import PATHS_ONLY, is_list_asked_for, limit_restarts, take_arguments
from pytest_antipasta.plugin.checker import Checker, Requests, as_usage_error
from pytest_antipasta.plugin.collection import Collection
from pytest_antipasta.plugin.log_options import keep_log, read_own
from pytest_antipasta.plugin.protocol import BareProtocol
from pytest_antipasta.plugin.reporter import Reporter
from pytest_antipasta.plugin.rules import load_rules
from pytest_antipasta.plugin.tracing import keep_trace
from pytest_antipasta.report.formats.outputs import parse_outputs
from pytest_antipasta.store.location import find_shared_store

if TYPE_CHECKING:
    from pytest_antipasta.store.shared_address import SharedAddress


_PREPARED = pytest.StashKey[Checker]()


class NoFiles:
    """Reports that nothing is checked if only modules are named, as with ``--pyargs``."""

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Report this in place of a summary."""
        terminalreporter.write_sep("=", "antipasta")
        terminalreporter.write_line(f"warning: nothing was checked: {PATHS_ONLY}")


def register(config: pytest.Config) -> None:
    """Register the plugins that handle source files, except in a worker of xdist.

    Raises:
        pytest.UsageError: settings or options are invalid.
    """
    checker = _prepare(config)
    if checker.requests.locations != () or checker.only:
        _register_main(config, checker)
    elif any("::" not in argument for argument in config.args):
        config.pluginmanager.register(NoFiles())
    # Otherwise a test was requested by its node id, and no file.


def _register_main(config: pytest.Config, checker: Checker) -> None:
    """Register the plugins of the main process, with or without workers."""
    register_plugin = config.pluginmanager.register
    register_plugin(BareProtocol(config))
    register_plugin(Collection(checker.find_files, only=checker.only))
    register_plugin(Reporter(checker))
    if config.getoption("xmlpath", None):
        from pytest_antipasta.plugin.junit import JUnitCases

        register_plugin(JUnitCases(checker))
    if config.getoption("dist", "no") != "no":
        from pytest_antipasta.plugin.crash import CrashRecovery
        from pytest_antipasta.plugin.remote import RemoteWorkers

        if checker.only:
            limit_restarts(config)
        remote = RemoteWorkers(checker)
        register_plugin(remote)
        if checker.only:
            from pytest_antipasta.plugin.watching import WorkerWatch

            register_plugin(WorkerWatch(remote.report_line, remote.serves))
        register_plugin(xdist.ControllerMessages(checker, remote))
        register_plugin(CrashRecovery(checker))


def count_workers(config: pytest.Config) -> int | None:
    """Answer ``-n auto``: ``None`` for xdist's default, 0 for sessions with only source files.

    xdist's workers take a second to start pytest and collect, and send each report separately. Our own worker
    processes start measuring after a quarter of a second, in chunks.

    Raises:
        pytest.UsageError: settings or options are invalid.
    """
    checker = _prepare(config)
    if not checker.only or os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    if is_list_asked_for(config) or config.option.help or config.option.markers:
        return 0
    jobs = checker.requests.jobs
    checker.open(jobs).decide_workers(jobs, config.getoption("maxprocesses", None) or sys.maxsize)
    return 0


def _prepare(config: pytest.Config) -> Checker:
    """Return what checks the files of the session; made once."""
    if _PREPARED not in config.stash:
        checker = config.stash[_PREPARED] = Checker(config, _read_requests(config))
        config.add_cleanup(checker.close)
    return config.stash[_PREPARED]


def _read_requests(config: pytest.Config) -> Requests:
    # A conftest.py may have changed the current folder.
    (locations, only), folder = take_arguments(config), config.invocation_params.dir
    try:
        keep_log(config)
        keep_trace(config)
        shared = _find_shared_store(config)  # before git is asked about a change
        loaded = load_rules(config)
        rules = loaded.rules
        if loaded.side is None:
            require_paths(rules.settings)  # before xdist starts processes that would have to be ended
        if only:  # otherwise tests may be in any folder
            require_inside(rules.settings, locations or ())
        asked_reports = read_own(config, "--antipasta-report", "which reports are written")
        outputs = parse_outputs(asked_reports, folder)
        shard = _find_shard(config)
        _require_ratio(config)
        jobs = find_jobs(None, rules.settings)
        _require_coverage(config)
        read_own(config, "--antipasta-cache-dir", "which store is used")
    except UsageError as error:
        log_event(ERROR, "error", hide_passwords(str(error)))
        raise as_usage_error(error) from error
    cache_dir = None
    if not config.getoption("antipasta_no_cache"):
        cache_dir = find_store(rules.settings, config.getoption("antipasta_cache_dir"), folder)
    return Requests(locations, only, loaded, outputs, cache_dir, jobs, shard, shared)


def _find_shard(config: pytest.Config) -> Shard | None:
    if (text := config.getoption("antipasta_shard")) is None:
        return None
    from pytest_antipasta.files.shards import parse_shard

    return parse_shard(text)


def _require_coverage(config: pytest.Config) -> None:
    """Reject the option for coverage data if it can't be read."""
    if config.getoption("antipasta_coverage") is not None:
        from pytest_antipasta.engine.covering import require_coverage

        require_coverage("--antipasta-coverage")


def _find_shared_store(config: pytest.Config) -> SharedAddress | None:
    option = "--antipasta-shared-store"
    url = read_own(config, option, "where measurements go")
    is_change = config.getoption("antipasta_staged") or config.getoption("antipasta_diff") is not None
    if url and is_change:
        raise UsageError(f"{option} can't be used with --antipasta-staged or --antipasta-diff")
    shared = find_shared_store(url, option)
    return None if is_list_asked_for(config) else shared


def _require_ratio(config: pytest.Config) -> None:
    if (text := config.getoption("antipasta_near")) is not None:
        from pytest_antipasta.policy.headroom import parse_ratio

        try:
            parse_ratio(text)
        except UsageError as error:
            raise UsageError(f"--antipasta-near: {error}") from error
