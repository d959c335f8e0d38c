"""``pytest-antipasta config init``: settings for a repository that has none."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.adoption.levels import Level
from pytest_antipasta.adoption.proposal import Proposal, iter_table, make_proposal
from pytest_antipasta.cli.commit_hook import CommitHook, choose_commit_hook
from pytest_antipasta.cli.config_edit import Edit, find_target, make_edit, require_no_settings
from pytest_antipasta.cli.config_show import write_lines
from pytest_antipasta.cli.options import begin_run, judge_all
from pytest_antipasta.cli.questions import choose, confirm, is_terminal
from pytest_antipasta.errors import UsageError
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.wording import count
from pytest_antipasta.settings import Settings
from pytest_antipasta.settings.wording import format_path


class Choices(Struct, frozen=True):
    """What was asked for, by flags or by answers.

    Attributes:
        level: the limits.
        hook: how commits are to be judged, if they are.
    """

    level: Level
    hook: CommitHook | None


def run_init(args: argparse.Namespace) -> int:
    """Propose settings and write those that are chosen.

    Raises:
        UsageError: there are settings already, or something can't be read or written.
    """
    target = find_target(args.config)
    if not args.force:
        require_no_settings(args.config)
    hook = choose_commit_hook(target.parent, args.hook)
    proposal = make_proposal(target.parent, lambda settings: _judge_all(args, settings))
    if not args.quiet:
        write_lines(*_iter_findings(target, proposal))
    is_asking = is_terminal() and not (args.yes or args.dry_run)
    choices = _choose(args, proposal, hook, is_asking)
    edit = make_edit(target, iter_table(proposal, choices.level))
    if args.dry_run:
        write_lines(*edit.iter_diff())
        return 0
    if is_asking and None in (args.level, args.hook):
        _confirm(edit)
    return _carry_out(edit, choices, args.quiet)


def _confirm(edit: Edit) -> None:
    write_lines(*edit.iter_diff())
    if not confirm("write this?", True):
        raise UsageError("nothing was written")


def _judge_all(args: argparse.Namespace, settings: Settings) -> Sequence[Verdict]:
    run = begin_run(args, settings, ())
    judge_all(run, args)
    return run.sorted_verdicts()


def _choose(
    args: argparse.Namespace, proposal: Proposal, hook: CommitHook | None, is_asking: bool
) -> Choices:
    """Take what the flags say, and ask for the rest or take the defaults."""
    level, wants_hook = args.level, args.hook
    if level is None:
        level = (
            choose("which limits?", [each.name for each in proposal.levels], "default")
            if is_asking
            else "default"
        )
    if wants_hook is None:
        wants_hook = hook is not None and is_asking and confirm("install the commit hook?", True)
    return Choices(proposal.find_level(level), hook if wants_hook else None)


def _carry_out(edit: Edit, choices: Choices, quiet: bool) -> int:
    edit.write()
    told = [f"{format_path(edit.path)}: settings written, limits: {choices.level.name}"]
    told += choices.hook.install() if choices.hook else ()
    if not quiet:
        write_lines(*told)
    return 0


def _iter_findings(target: Path, proposal: Proposal) -> Iterator[str]:
    """Yield what was found, and what each level would mean."""
    yield f"root: {format_path(target.parent)}"
    yield f"paths: {_format_counts(proposal.layout.paths)}"
    if proposal.layout.others:
        yield f"not checked: {_format_counts(proposal.layout.others)}"
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


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{path} ({count(number, 'file')})" for path, number in counts.items())


def _format_row(title: str, cells: Sequence[str]) -> str:
    return f"{title:30}" + "".join(f"{cell:>10}" for cell in cells)
