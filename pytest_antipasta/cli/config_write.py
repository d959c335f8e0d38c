"""Write settings: ``config init`` proposes them, ``config migrate`` converts those of other tools."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_antipasta.baseline import DEFAULT_NAME, read_baseline
from pytest_antipasta.cli.running import begin_run, judge_all
from pytest_antipasta.cli.stdout import write_copied, write_lines
from pytest_antipasta.engine import Rules
from pytest_antipasta.git import find_repository
from pytest_antipasta.messages import count, format_path
from pytest_antipasta.model import UsageError, Verdict
from pytest_antipasta.report import write_report
from pytest_antipasta.runtime import python_minor
from pytest_antipasta.settings import Settings, load_settings, read_bytes
from pytest_antipasta.setup import (
    CommitHook,
    Preset,
    Proposal,
    append_table,
    find_commit_hook,
    iter_table,
    make_proposal,
)


def run_init(args: argparse.Namespace) -> int:
    """Propose settings, and write them with ``--yes``."""
    target = _find_target(args.config)
    _require_no_other_settings(args, target)
    hook = find_commit_hook(target) if args.hook else None
    baseline = target.with_name(DEFAULT_NAME)
    if args.baseline and os.path.lexists(baseline):
        read_baseline(baseline)  # a damaged baseline is reported before anything is written
    proposal = make_proposal(target.parent, lambda settings: _judge_all(args, settings))
    preset = proposal.presets[args.preset]
    if not args.quiet:
        write_lines(*_iter_findings(target, proposal, preset), "")
    _propose_table(args, target, list(iter_table(proposal, preset)))
    if args.yes:
        return _finish(args, target, preset, hook)
    if not args.quiet:
        write_lines(*_iter_plans(baseline if args.baseline else None, preset, hook))
    return 0


def _judge_all(args: argparse.Namespace, settings: Settings) -> Sequence[Verdict]:
    run = begin_run(args, Rules(settings), ())
    judge_all(run, args)
    return run.sorted_verdicts()


def _iter_findings(target: Path, proposal: Proposal, preset: Preset) -> Iterator[str]:
    """Yield the findings, and how many functions and files would fail each preset."""
    yield f"root: {format_path(target.parent)} ({count(proposal.found, 'file')})"
    for exclusion in proposal.exclusions:
        yield f"excluded: {exclusion.pattern} ({exclusion.why}, {count(exclusion.count, 'file')})"
    if proposal.newer:
        yield (
            f"Python {python_minor()} can't parse {count(len(proposal.newer), 'file')} with newer "
            "syntax; to check them, run under a newer Python version"
        )
    if proposal.test_patterns:
        yield f"tests: {' '.join(proposal.test_patterns)}"
    yield f"preset: {preset.name}"
    failing = ", ".join(f"{each.name} {each.failing}" for each in proposal.presets.values())
    yield f"files that fail with each --preset, of {proposal.files}: {failing}"


def _iter_plans(baseline: Path | None, preset: Preset, hook: CommitHook | None) -> Iterator[str]:
    """Yield what ``--yes`` would do besides writing the table."""
    if baseline is not None or hook is not None:
        yield ""
    if baseline is not None and preset.failing:
        yield f"would record {count(preset.failing, 'file')} with violations in {format_path(baseline)}"
    elif baseline is not None:
        yield "no violations, so there is nothing to record"
    if hook is not None:
        yield from hook.describe()


def _finish(args: argparse.Namespace, target: Path, preset: Preset, hook: CommitHook | None) -> int:
    """Write everything else that was requested, and print the remaining steps."""
    code = _write_baseline(args, target) if args.baseline else 0
    lines = [*hook.install()] if hook is not None else []
    baseline = target.with_name(DEFAULT_NAME)
    recorded = [baseline] if args.baseline and baseline.exists() else []
    step = f"commit {_enumerate([target, *recorded, *(hook.to_change if hook is not None else ())])}"
    if preset.failing and not args.baseline:
        failing = count(preset.failing, "file")
        step += (
            f"; after `pytest-antipasta baseline write`, {failing} over a limit may stay but not get worse"
        )
    lines.append(f"next: {step}")
    if not args.quiet:
        write_lines(*lines)
    return code


def _enumerate(paths: Sequence[Path]) -> str:
    *others, last = map(format_path, paths)
    return f"{', '.join(others)} and {last}" if others else last


def _write_baseline(args: argparse.Namespace, target: Path) -> int:
    from pytest_antipasta.cli.baseline import run_write

    return run_write(argparse.Namespace(**vars(args) | {"config": target, "paths": [], "baseline": None}))


def run_migrate(args: argparse.Namespace) -> int:
    """Propose a table converted from other tools' settings, and write it with ``--yes``."""
    from pytest_antipasta.setup import MIGRATED_FILES, find_migration, require_known

    target = _find_target(args.config)
    if args.file is not None:
        require_known(args.file)
    paths = [target.parent / name for name in MIGRATED_FILES] if args.file is None else [args.file.absolute()]
    migration = find_migration(paths)
    if migration is None:
        looked = ", ".join(MIGRATED_FILES) if args.file is None else format_path(args.file)
        raise UsageError(f"no complexity settings found in {looked}")
    if not migration.settings:
        lost = "".join(f"\n{lost.origin}: {lost.why}" for lost in migration.lost)
        raise UsageError(f"none of the settings found has an equivalent{lost}")
    _require_no_other_settings(args, target, but_yaml=True)
    _propose_table(args, target, list(migration.iter_table()))
    return 0


def _find_target(config: Path | None) -> Path:
    """Return the file to write: the named one, or the nearest ``pyproject.toml`` in the repository.

    A missing file will be created at the repository's top, or in the current folder outside a repository.
    """
    folder = Path.cwd()
    if config is not None:
        if config.suffix.lower() != ".toml":
            raise UsageError(
                f"{format_path(config)}: can't write TOML settings to this file; name a .toml file"
            )
        if not (folder / config).parent.is_dir():
            raise UsageError(f"{format_path(config)}: folder not found; create it first")
        return folder / config
    top = find_repository(folder) or folder
    inside = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
    found = (each for each in inside if os.path.lexists(each / "pyproject.toml"))
    return next(found, top) / "pyproject.toml"


def _require_no_other_settings(args: argparse.Namespace, target: Path, *, but_yaml: bool = False) -> None:
    """Check that a table would not override settings in another file, unless one was named."""
    source = load_settings(Path.cwd()).settings.source if args.config is None else None
    if source is None or source == target or (but_yaml and source.suffix != ".toml"):
        return
    advice = "`pytest-antipasta config migrate` converts them to a table"
    if source.suffix == ".toml":
        advice = f"`--config {format_path(target)}` proposes separate settings for that folder and below"
    raise UsageError(f"{format_path(source)}: already has settings that apply here; {advice}")


def _propose_table(args: argparse.Namespace, target: Path, table: Sequence[str]) -> None:
    """Print a table and its target file; with ``--yes``, append it there."""
    is_there = os.path.lexists(target)
    try:
        content = append_table(target, read_bytes(target) if is_there else b"", table)
    except UsageError:
        write_copied(table)  # for the user to copy
        raise
    name = format_path(target)
    if args.yes:
        write_report(target, content, "settings")
        lines = [f"{name}: settings written"]
    else:
        lines = [f"nothing written; --yes {'adds this to' if is_there else 'creates'} {name}:", ""]
    write_lines(*([] if args.quiet else lines))
    write_copied([] if args.yes else table)
