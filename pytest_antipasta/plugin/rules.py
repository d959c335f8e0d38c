"""The rules of a pytest session: its settings, which pytest's configfile may decide, and its baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_antipasta.engine.rules import Rules, read_rules
from pytest_antipasta.messages import format_argument, format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.plugin.log_options import read_own
from pytest_antipasta.settings.configfile import Beside, find_beside
from pytest_antipasta.settings.rule_files import DISK, RuleFiles

if TYPE_CHECKING:
    from pytest_antipasta.gate.sides import Side


class SessionRules(NamedTuple):
    """The rules of a session.

    Attributes:
        rules: the rules.
        note: which settings ``check`` would use instead, and how it uses these; ``None`` if the same.
        side: the side after a change that has these rules; ``None`` if whole files are checked.
    """

    rules: Rules
    note: str | None = None
    side: Side | None = None


def load_rules(config: pytest.Config) -> SessionRules:
    """Return the rules to judge by; of a change, those of the tree that it leads to.

    Raises:
        UsageError: settings or options are invalid.
    """
    read_own(config, "--antipasta-exit-zero", "whether a session fails")
    read_own(config, "--antipasta-policy-from", "which policy applies")
    read_own(config, "--antipasta-limits-from", "which limits apply")
    ref, is_staged = config.getoption("antipasta_diff"), config.getoption("antipasta_staged")
    if ref is None and not is_staged:
        if config.getoption("antipasta_policy_from") is not None:
            raise UsageError("--antipasta-policy-from needs --antipasta-diff or --antipasta-staged")
        return _load(config, DISK)
    from pytest_antipasta.gate.sides import open_after

    loaded: list[SessionRules] = []

    def load(files: RuleFiles) -> Rules:
        loaded.append(_load(config, files))
        return loaded[-1].rules

    side = open_after(config.invocation_params.dir, None if is_staged else ref, load)
    return loaded[-1]._replace(rules=side.rules, side=side)


def option_path(config: pytest.Config, name: str) -> Path | None:
    """Return the path that an option names."""
    value = config.getoption(name)
    return config.invocation_params.dir / value if value else None


def _load(config: pytest.Config, files: RuleFiles) -> SessionRules:
    baseline, is_off = option_path(config, "antipasta_baseline"), config.getoption("antipasta_no_baseline")
    if is_off and baseline is not None:
        raise UsageError("--antipasta-baseline and --antipasta-no-baseline can't be used together")
    named, beside = option_path(config, "antipasta_config"), None
    if named is None and (beside := _find_beside(config, files)) is not None:
        named = beside.path
    rules = read_rules(
        config.invocation_params.dir,
        named,
        baseline,
        files,
        has_baseline=not is_off,
        honours_suppressions=not config.getoption("antipasta_no_ignore"),
        warnings_fail=config.getoption("antipasta_warnings_fail"),
    )
    if (name := config.getoption("antipasta_limits_from")) is not None:
        from pytest_antipasta.gate.committed_rules import take_limits

        rules = take_limits(rules, config.invocation_params.dir, name)
    return SessionRules(rules, None if beside is None else _describe(beside))


def _find_beside(config: pytest.Config, files: RuleFiles) -> Beside | None:
    """Return the settings beside pytest's configfile, if they decide.

    A configfile that pytest has found in the current folder or above it decides nothing: the search for
    settings goes the same way, and stops at the nearest.
    """
    configfile, folder = config.inipath, config.invocation_params.dir
    if configfile is None:
        return None
    if not config.getoption("inifilename") and folder.is_relative_to(configfile.parent):
        return None
    return find_beside(configfile, folder, files)


def _describe(beside: Beside) -> str:
    path = format_path(beside.path)
    other = "the defaults" if beside.other is None else format_path(beside.other)
    return (
        f"settings from {path}, because pytest's configfile is in that folder; in this folder, "
        f"`pytest-antipasta check` uses {other}; for the same settings, pass --config "
        f"{format_argument(path)}"
    )
