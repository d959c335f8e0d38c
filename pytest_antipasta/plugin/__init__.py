"""The pytest plugin: its options; everything else is imported only when one of them is used."""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any

import pytest

MARKER = "antipasta: the complexity check of one source file"
_NOT_NEEDED = (
    "antipasta: a conftest.py can't be loaded; checking source files does not need it: add "
    "`--noconftest`, or run `pytest-antipasta check`\n"
)

_NO_ADDOPTS = (
    "if `addopts` has an option of a plugin that is not installed, run `pytest-antipasta check`, "
    "which does not read `addopts`"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("antipasta", "complexity of source files")

    def add_flag(name: str, text: str) -> None:
        group.addoption(name, action="store_true", help=text)

    def add_value(name: str, value: str, text: str) -> None:
        group.addoption(name, metavar=value, help=text)

    add_flag(
        "--antipasta", "Check the complexity of source files, one item per file, in addition to the tests"
    )
    add_flag(
        "--antipasta-only",
        "Check only the complexity of source files; collect no tests, import nothing but conftest.py",
    )
    add_flag("--antipasta-staged", "Check staged changes against HEAD instead of whole files")
    add_value(
        "--antipasta-diff",
        "REF",
        "Check changes since the merge base with REF (or in REF..REF) instead of whole files",
    )
    add_value(
        "--antipasta-shard",
        "I/N",
        "Check part I of N of the source files and deselect the others; all tests still run",
    )
    add_value("--antipasta-config", "FILE", "Read the settings from this pyproject.toml or .antipasta.yaml")
    add_value(
        "--antipasta-baseline",
        "FILE",
        "Tolerate the violations recorded in this file (default: antipasta-baseline.json if it exists)",
    )
    add_flag("--antipasta-no-baseline", "Ignore the baseline")
    group.addoption(
        "--antipasta-report",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help="Write a report; - as PATH writes to standard output; repeatable. "
        "`pytest-antipasta check --help` lists the formats",
    )
    add_flag("--antipasta-warnings-fail", 'Treat every limit as level "error"')
    add_flag(
        "--antipasta-exit-zero", "Exit with 0 if only source files fail and all of them could be measured"
    )
    add_value(
        "--antipasta-near", "RATIO", "Also list functions at or above this ratio of a limit, such as 0.8"
    )
    add_flag("--antipasta-no-ignore", "Check as if there were no suppression comments")
    add_flag("--antipasta-no-cache", "Do not read or write the measurement store")
    add_value(
        "--antipasta-cache-dir", "DIR", "Folder of the measurement store (also: PYTEST_ANTIPASTA_CACHE_DIR)"
    )
    add_value(
        "--antipasta-shared-store",
        "URL",
        "Share measurements through this Redis server (also: PYTEST_ANTIPASTA_SHARED_STORE)",
    )
    add_value("--antipasta-policy-from", "REF", "Read `new_waivers` from this commit's settings")
    add_value("--antipasta-limits-from", "REF", "Use the settings and the baseline of this commit")
    add_value(
        "--antipasta-coverage",
        "PATH",
        "Read coverage data at the session's end: a .coverage file or a coverage.json",
    )
    add_flag("--antipasta-debug", "Print decisions, their reasons and timings")
    add_value(
        "--antipasta-log-file",
        "PATH",
        "Append a log of the run to this file (also: PYTEST_ANTIPASTA_LOG_FILE)",
    )
    group.addoption(
        "--antipasta-log-level",
        choices=("debug", "info", "warning", "error"),
        help="Log level; default: info (also: PYTEST_ANTIPASTA_LOG_LEVEL)",
    )
    group.addoption(
        "--antipasta-log-format",
        choices=("text", "json"),
        help="Log format: text (default) or json (also: PYTEST_ANTIPASTA_LOG_FORMAT)",
    )


@pytest.hookimpl(wrapper=True)  # around pytest-cov, which starts here
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, Any, Any]:
    """Reserve standard output for a report; without tests, disable plugins that are only about tests."""
    options = early_config.known_args_namespace
    if not _is_asked_for(options):
        return (yield)
    _require_values(options)
    from pytest_antipasta.plugin.pytest_internals import guarded_imports, is_program

    if options.antipasta_report:
        with guarded_imports():
            from pytest_antipasta.plugin.stdout import divert

            divert(early_config, options.antipasta_report)
    if not options.antipasta_only:
        return (yield)
    if is_program():
        with guarded_imports():
            from pytest_antipasta.plugin.garbage import RestingCollector

        early_config.pluginmanager.register(RestingCollector())
    if hasattr(options, "no_cov"):
        options.no_cov = True  # no test runs: 0 % would be below any limit
    if hasattr(options, "no-testmon"):
        args.insert(0, "--no-testmon")  # it would take our item for all tests of the file, and skip these
    if early_config.getini("addopts"):
        parser.extra_info["hint"] = _NO_ADDOPTS  # pytest reports it together with invalid arguments
    try:
        return (yield)
    except Exception as error:
        if getattr(getattr(error, "path", None), "name", None) == "conftest.py":
            sys.stderr.write(_NOT_NEEDED)  # pytest itself writes the error below
        raise


@pytest.hookimpl(optionalhook=True, tryfirst=True)  # xdist has its own answer
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Answer ``-n auto``, which xdist requests before anything is configured."""
    if not _is_asked_for(config.option):
        return None
    # Not at the top, as it would slow down sessions that do not use the checker.
    from pytest_antipasta.plugin.pytest_internals import guarded_imports

    with guarded_imports():
        from pytest_antipasta.plugin.session import count_workers

    return count_workers(config)


def pytest_configure(config: pytest.Config) -> None:
    """Register the checker if requested."""
    config.addinivalue_line("markers", MARKER)
    if _is_asked_for(config.option):
        from pytest_antipasta.plugin.pytest_internals import guarded_imports

        with guarded_imports():
            if hasattr(config, "workerinput"):  # a worker of xdist
                from pytest_antipasta.plugin.worker import register
            else:
                from pytest_antipasta.plugin.session import register

        register(config)
    else:
        for name in ("baseline", "coverage", "report", "shard"):
            if config.getoption(f"antipasta_{name}"):
                raise pytest.UsageError(f"--antipasta-{name} needs --antipasta or --antipasta-only")
        for argument in config.args:
            if argument.endswith("::antipasta"):  # copied from a failure; pytest would import the file
                raise pytest.UsageError(f"{argument!r} needs --antipasta or --antipasta-only")


def _is_asked_for(options: Any) -> bool:
    switches = (options.antipasta, options.antipasta_only, options.antipasta_staged)
    # An empty REF counts as requested: an unset variable must not disable the check.
    return options.antipasta_diff is not None or any(switches)


def _require_values(options: Any) -> None:
    """Reject ``--antipasta-option=--``, from which argparse makes an empty list up to Python 3.12.4."""
    lists = {name: value for name, value in vars(options).items() if isinstance(value, list)}
    for name, value in lists.items():
        if name.startswith("antipasta_") and ([] in value or (not value and name != "antipasta_report")):
            option = name.replace("_", "-")
            raise pytest.UsageError(f"argument --{option}: expected one argument, got '--'")
