"""``pytest-antipasta config init``: settings for a repository that has none."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_antipasta.baseline import DEFAULT_NAME, read_baseline
from pytest_antipasta.cli.options import begin_run, judge_all
from pytest_antipasta.cli.stdout import write_lines
from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import count, format_path
from pytest_antipasta.model import Verdict
from pytest_antipasta.settings import Settings
from pytest_antipasta.setup import (
    Asker,
    Choices,
    Edit,
    Proposal,
    choose_commit_hook,
    find_target,
    is_terminal,
    iter_table,
    make_choices,
    make_edit,
    make_proposal,
    require_no_settings,
)


def run_init(args: argparse.Namespace) -> int:
    """Propose settings and write those that are chosen.

    Raises:
        UsageError: there are settings already, or something can't be read or written.
    """
    target = find_target(args.config)
    if not args.force:
        require_no_settings(target, args.config)
    hook = choose_commit_hook(target, args.hook)
    proposal = make_proposal(target.parent, lambda settings: _judge_all(args, settings))
    if not args.quiet:
        write_lines(*_iter_findings(target, proposal))
    asker = Asker(is_terminal() and not (args.yes or args.dry_run))
    choices = make_choices(args, proposal, hook, asker)
    edit = make_edit(target, iter_table(proposal, choices.level))
    if args.dry_run:
        write_lines(*edit.iter_diff())
        return 0
    if asker.has_asked:
        write_lines(*edit.iter_diff())
        if not asker.confirm("write this?", default=True, otherwise=True):
            raise UsageError("nothing was written")
    if choices.wants_baseline:
        _require_baseline(edit.path)
    return _carry_out(args, edit, choices)


def _require_baseline(path: Path) -> None:
    """Make sure that a baseline that is there can be read, before anything is written.

    Raises:
        UsageError: it can't.
    """
    baseline = path.with_name(DEFAULT_NAME)
    if os.path.lexists(baseline):
        read_baseline(baseline)


def _judge_all(args: argparse.Namespace, settings: Settings) -> Sequence[Verdict]:
    run = begin_run(args, settings, ())
    judge_all(run, args)
    return run.tally.sorted_verdicts()


def _carry_out(args: argparse.Namespace, edit: Edit, choices: Choices) -> int:
    edit.write()
    tell = write_lines if not args.quiet else _say_nothing
    tell(f"{format_path(edit.path)}: settings written, limits: {choices.level.name}")
    code = _write_baseline(args, edit.path) if choices.wants_baseline else 0
    if choices.hook is not None:
        tell(*choices.hook.install())
    tell(*_iter_next(edit.path, choices))
    return code


def _iter_next(path: Path, choices: Choices) -> Iterator[str]:
    """Yield what is left to do."""
    if choices.level.failing and not choices.wants_baseline:
        failing = count(choices.level.failing, "file")
        yield f"next: `pytest-antipasta baseline write` lets {failing} over a limit be as now, and no worse"
    baseline = path.with_name(DEFAULT_NAME)
    written = [path, baseline] if choices.wants_baseline and baseline.exists() else [path]
    step = f"next: commit {' and '.join(map(format_path, written))}"
    if choices.hook is not None and choices.hook.is_left_to_add:
        step += ", and have commits judged as said above"
    yield step


def _say_nothing(*_: str) -> None:
    pass


def _write_baseline(args: argparse.Namespace, path: Path) -> int:
    # Here, because it is not always wanted.
    from pytest_antipasta.cli.baseline import run_write

    return run_write(argparse.Namespace(**vars(args) | {"config": path, "paths": [], "baseline": None}))


def _iter_findings(target: Path, proposal: Proposal) -> Iterator[str]:
    """Yield what was found, and what each level would mean."""
    yield f"root: {format_path(target.parent)}"
    yield f"paths: . ({count(proposal.found, 'file')})"
    for exclusion in proposal.exclusions:
        yield f"excluded: {exclusion.pattern} ({exclusion.why}, {count(exclusion.count, 'file')})"
    yield ""
    yield _format_row("limits", [level.name for level in proposal.levels])
    for metric, threshold in proposal.levels[0].thresholds.items():
        limits = [str(level.thresholds[metric].limit) for level in proposal.levels]
        yield _format_row(f"{metric} {threshold.comparison}", limits)
    failing = [str(level.failing) for level in proposal.levels]
    yield _format_row(f"of {count(proposal.files, 'file')}, over a limit", failing)
    yield ""


def _format_row(title: str, cells: Sequence[str]) -> str:
    return f"{title:30}" + "".join(f"{cell:>10}" for cell in cells)
