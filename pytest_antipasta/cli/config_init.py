"""``pytest-antipasta config init``: proposing settings for a repository that has none."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_antipasta.baseline import DEFAULT_NAME, read_baseline
from pytest_antipasta.cli.config_table import find_target, propose_table, require_no_other_settings
from pytest_antipasta.cli.options import begin_run, judge_all
from pytest_antipasta.cli.stdout import write_lines
from pytest_antipasta.engine import Rules
from pytest_antipasta.messages import count, format_path
from pytest_antipasta.model import Verdict
from pytest_antipasta.settings import Settings
from pytest_antipasta.setup import CommitHook, Preset, Proposal, find_commit_hook, iter_table, make_proposal


def run_init(args: argparse.Namespace) -> int:
    """Propose settings, and write them with ``--yes``.

    Raises:
        UsageError: there are settings already, or something can't be read or written.
    """
    target = find_target(args.config)
    require_no_other_settings(args, target)
    hook = find_commit_hook(target) if args.hook else None
    baseline = target.with_name(DEFAULT_NAME)
    if args.baseline and os.path.lexists(baseline):
        read_baseline(baseline)  # a damaged one is reported before anything is written
    proposal = make_proposal(target.parent, lambda settings: _judge_all(args, settings))
    preset = proposal.presets[args.preset]
    if not args.quiet:
        write_lines(*_iter_findings(target, proposal, preset), "")
    propose_table(args, target, list(iter_table(proposal, preset)))
    if args.yes:
        return _finish(args, target, preset, hook)
    if not args.quiet:
        write_lines(*_iter_plans(baseline if args.baseline else None, preset, hook))
    return 0


def _judge_all(args: argparse.Namespace, settings: Settings) -> Sequence[Verdict]:
    run = begin_run(args, Rules(settings), ())
    judge_all(run, args)
    return run.tally.sorted_verdicts()


def _iter_findings(target: Path, proposal: Proposal, preset: Preset) -> Iterator[str]:
    """Yield what was found, and how much of it each preset would fail."""
    yield f"root: {format_path(target.parent)} ({count(proposal.found, 'file')})"
    for exclusion in proposal.exclusions:
        yield f"excluded: {exclusion.pattern} ({exclusion.why}, {count(exclusion.count, 'file')})"
    if proposal.test_patterns:
        yield f"tests: {' '.join(proposal.test_patterns)}"
    yield f"preset: {preset.name}"
    failing = ", ".join(f"{each.name} {each.failing}" for each in proposal.presets.values())
    yield f"of {count(proposal.files, 'file')}, over a limit by preset: {failing}"


def _iter_plans(baseline: Path | None, preset: Preset, hook: CommitHook | None) -> Iterator[str]:
    """Yield what ``--yes`` would do besides writing the table."""
    if baseline is not None or hook is not None:
        yield ""
    if baseline is not None and preset.failing:
        yield f"would record {count(preset.failing, 'file')} over a limit in {format_path(baseline)}"
    elif baseline is not None:
        yield "nothing is over a limit: there is nothing to record"
    if hook is not None:
        yield from hook.describe()


def _finish(args: argparse.Namespace, target: Path, preset: Preset, hook: CommitHook | None) -> int:
    """Write what was asked for besides the table, and say what is left to do."""
    code = _write_baseline(args, target) if args.baseline else 0
    told = [*hook.install()] if hook is not None else []
    if preset.failing and not args.baseline:
        failing = count(preset.failing, "file")
        told.append(f"next: `pytest-antipasta baseline write` lets {failing} over a limit be, and no worse")
    baseline = target.with_name(DEFAULT_NAME)
    written = [target, baseline] if args.baseline and baseline.exists() else [target]
    told.append(f"next: commit {' and '.join(map(format_path, written))}")
    if not args.quiet:
        write_lines(*told)
    return code


def _write_baseline(args: argparse.Namespace, target: Path) -> int:
    # Here, because it is not always wanted.
    from pytest_antipasta.cli.baseline import run_write

    return run_write(argparse.Namespace(**vars(args) | {"config": target, "paths": [], "baseline": None}))
