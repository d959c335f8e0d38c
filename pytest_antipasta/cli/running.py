"""Common parts of commands over files: named paths, rules, a run, its progress and warnings."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.cli.options import FileOptions, JudgingOptions, RunOptions, StoreOptions
from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.engine.diagnostics import ReportProgress, ignore_progress
from pytest_antipasta.engine.executor.worker_count import find_jobs
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.opening import AskedFiles, Passing, open_content_run, open_run
from pytest_antipasta.engine.result import Result
from pytest_antipasta.engine.rules import Rules, read_rules
from pytest_antipasta.engine.run_log import iter_debug_lines
from pytest_antipasta.engine.storage.storage import find_store
from pytest_antipasta.files.exclusion import find_idle_exclusions
from pytest_antipasta.files.locations import display_path, rebase
from pytest_antipasta.files.selection import require_inside
from pytest_antipasta.messages import count, find_nearest, format_argument, format_value, make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.model.run import Shard
from pytest_antipasta.results.stats import find_warnings
from pytest_antipasta.runtime.environment import is_ci
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import Asked, Settings
from pytest_antipasta.store.location import find_shared_store

if TYPE_CHECKING:
    from pytest_antipasta.git.time_budget import TimeBudget
    from pytest_antipasta.report.next_step import Invocation

_STDIN = "-"
# A node id, a block or a line of a file; or a block after one colon, as in some tools.
_PART = r"(?P<file>.+?)(?P<part>::.+|:[0-9]+(?::[0-9]*)?:?|:(?P<name>[^\W\d][^:/\\]*))"
_NO_BASELINE = JudgingOptions(no_baseline=True)
# Seconds before progress is shown.
_PATIENCE = 1.0


def load_rules(
    config: Path | None,
    judging: JudgingOptions = _NO_BASELINE,
    files: RuleFiles = DISK,
    *,
    limits_from: str | None = None,
    warnings_fail: bool = False,
    budget: TimeBudget | None = None,
) -> Rules:
    """Return the rules to judge by.

    Args:
        config: path of the settings, if an option names it.
        judging: the options about baseline and suppression comments; without them, no baseline is used.
        files: reads the settings files and the baseline.
        limits_from: name of the commit whose settings and baseline replace the current ones.
        warnings_fail: whether warnings are violations.
        budget: the time of a commit that waits for git.
    """
    rules = read_rules(
        Path.cwd(),
        config,
        judging.baseline,
        files,
        has_baseline=not judging.no_baseline,
        honours_suppressions=not judging.no_ignore,
        warnings_fail=warnings_fail,
    )
    if limits_from is None:
        return rules
    from pytest_antipasta.gate.committed_rules import take_limits

    return take_limits(rules, Path.cwd(), limits_from, budget)


def adjust(
    settings: Settings,
    limits: Sequence[tuple[str, object]] | None = None,
    exclude: Sequence[str] | None = None,
) -> Settings:
    """Return settings with the values of the options ``--limit`` and ``--exclude``."""
    if not (limits or exclude):
        return settings
    from pytest_antipasta.settings.asked import with_asked

    return with_asked(settings, Asked(dict(limits or ()), tuple(exclude or ())))


def is_stdin(options: FileOptions) -> bool:
    """Return whether to read standard input."""
    if _STDIN not in options.paths:
        if options.stdin_filename is not None:
            raise UsageError("--stdin-filename needs `-` (standard input); add `-`")
        if options.force_exclude:
            raise UsageError(
                "--force-exclude needs `-` (standard input); files named on the command line are never "
                "excluded"
            )
        return False
    if options.paths != [_STDIN]:
        raise UsageError("`-` (standard input) can't be used with files")
    if options.force_exclude and options.stdin_filename is None:
        raise UsageError("--force-exclude needs a file name; add --stdin-filename PATH")
    if options.shared_store:
        raise UsageError("--shared-store can't be used with `-` (standard input)")
    return True


def begin_stdin_run(options: FileOptions, rules: Rules) -> Ledger:
    """Read standard input and judge it."""
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    name = options.stdin_filename
    location = None if name is None else os.path.abspath(name)
    if location is not None and os.path.isdir(location):
        raise UsageError(f"--stdin-filename {name}: is a folder; name a file")
    data = sys.stdin.buffer.read()
    cache_dir = choose_cache_dir(options, rules.settings)
    return open_content_run(rules, data, location, cache_dir, is_forced=options.force_exclude)


def begin_run(
    options: FileOptions,
    rules: Rules,
    shard: Shard | None = None,
    passing: Passing = "measured",
) -> Ledger:
    """Return the ledger of a run over the named files, all source files, or a shard; see :func:`open_run`."""
    locations = locate_all(rules.settings, options.paths)
    if rules.settings.asked.exclude:
        rules = replace(rules, notes=(*rules.notes, *_iter_idle(rules.settings)))
    shared = find_shared_store(options.shared_store, "--shared-store")
    asked = AskedFiles(locations, shard=shard, shared=shared, passing=passing)
    return open_run(rules, choose_cache_dir(options, rules.settings), asked)


def _iter_idle(settings: Settings) -> Iterator[str]:
    """Yield the patterns of the option ``--exclude`` that exclude nothing."""
    added = settings.asked.exclude
    known = settings.exclude[: -len(added)]
    for pattern in find_idle_exclusions(replace(settings, exclude=known), added):
        yield f"--exclude: {format_value(pattern)} matches no source file"


def choose_cache_dir(options: StoreOptions, settings: Settings) -> Path | None:
    """Return the folder of the store, or ``None`` for a run without a store."""
    return None if options.no_cache else find_store(settings, options.cache_dir)


def judge_all(ledger: Ledger, options: RunOptions) -> Result:
    """Judge all files of a run in as many processes as requested, or as the work is worth."""
    try:
        jobs = find_jobs(options.jobs, ledger.plan.rules.settings)
    except UsageError:
        ledger.close()
        raise
    with follow(options.quiet) as step:
        run = ledger.judge_all(jobs, step)
    if options.debug:
        print_to_stderr(iter_debug_lines(run.describe()))
        print_to_stderr(line for traceback in run.tracebacks for line in traceback.splitlines())
    return run


def judge_content(
    rules: Rules, data: bytes, location: str, options: RunOptions, *, is_brief: bool | None
) -> Verdict:
    """Judge a content of a file, and report the warnings of that run; none with ``None`` for ``is_brief``."""
    ledger = open_content_run(rules, data, location, choose_cache_dir(options, rules.settings))
    run = judge_all(ledger, options)
    if is_brief is not None:
        print_warnings(run, is_brief=is_brief)
    return run.sorted_verdicts()[0]


def iter_stale(
    rules: Rules, verdicts: Sequence[Verdict], stand: Invocation, place: str = ""
) -> Iterator[str]:
    """Yield that values are better than recorded, or entries name no function, and how to update these.

    Args:
        rules: the rules that the files were judged by.
        verdicts: the verdicts.
        stand: where the user runs the command.
        place: where the values are, after a space; empty for the file that the command names.
    """
    if not rules.recorded:
        return
    from pytest_antipasta.baseline.review import count_stale

    better, gone = count_stale(rules.recorded, verdicts, rules.thresholds.find)
    stale = []
    if better:
        stale.append(f"{count(better, 'value')}{place} {'is' if better == 1 else 'are'} better than recorded")
    if gone:
        named = (
            "names a function no longer in its file"
            if gone == 1
            else "name functions no longer in their files"
        )
        stale.append(f"{count(gone, 'entry', 'entries')} {named}")
    if stale:
        command = stand.format_command("baseline prune")
        yield f"baseline: {' and '.join(stale)}; update it with `{command}`"


@contextmanager
def follow(
    quiet: bool,
    *noun: str,
    waited: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[ReportProgress]:
    """Yield a function for reporting progress in the block; a terminal shows it after the first second.

    The block must not write to standard error or to the terminal.

    Args:
        quiet: whether progress is hidden.
        noun: noun for what is counted, see :func:`count`; default: files.
        waited: seconds that the user has already waited.
        clock: returns the time in seconds.
    """
    is_dumb = os.environ.get("TERM") == "dumb" or is_ci()  # or no terminal, which could not clear a line
    if quiet or is_dumb or sys.stderr is None or not sys.stderr.isatty():
        yield ignore_progress
        return
    line, began = None, clock()

    def step(done: int, total: int) -> None:
        nonlocal line
        if line is None and clock() < began + _PATIENCE - waited:
            return
        if line is None:
            from pytest_antipasta.cli.progress import ProgressLine

            line = ProgressLine(sys.stderr, noun or ("file",), began, clock)
        line.draw(done, total)

    try:
        yield step
    finally:
        if line is not None:
            line.clear()


def print_warnings(run: Result, *, is_brief: bool) -> None:
    """Report the warnings of a run that has no summary."""
    print_to_stderr(f"warning: {warning}" for warning in find_warnings(run, is_brief=is_brief))


def locate_all(settings: Settings, paths: Iterable[str]) -> list[str] | None:
    """Return the named paths as absolute locations; ``None`` for all."""
    paths = list(paths)
    require_existing(paths)
    locations = [locate(path) for path in paths]
    require_inside(settings, locations)
    return locations or None


def require_existing(paths: Iterable[str]) -> None:
    """Check that all named paths exist; an empty one is the current folder."""
    if missing := [path for path in paths if path and not os.path.lexists(path)]:
        raise UsageError("\n".join(map(describe_missing, missing)))


def locate(path: str) -> str:
    """Return a path as an absolute location."""
    location = _make_absolute(path)
    if not os.path.lexists(location):
        raise UsageError(describe_missing(path))
    return location


def name_in_reports(settings: Settings, path: str) -> str:
    """Return the path that reports have for a file, which need not exist."""
    return display_path(settings.root, rebase(settings.root, _make_absolute(path)))


def _make_absolute(path: str) -> str:
    if not path:
        raise UsageError("a path is empty (unset variable?); name a file or folder")
    return os.path.abspath(path)


def split_block(text: str) -> tuple[str, str]:
    """Return the file and the qualified name of ``FILE::BLOCK``.

    As in pytest, ``FILE::CLASS::METHOD`` is accepted. The name of an existing file may contain colons.
    """
    path, _, name = text.rpartition("::")
    while "::" in path and not os.path.lexists(path):
        path, _, outer = path.rpartition("::")
        name = f"{outer}.{name}"
    return path, name


def _hint_at_existing(path: str) -> str:
    """Return what to write for a missing path: the most similar one in its folder, if it can be typed."""
    if set(path) & set("*?"):
        return "; patterns are not expanded here, so name each path"
    folder, name = os.path.split(path)
    try:
        known = [each for each in os.listdir(folder or ".") if make_printable(each) == each]
    except OSError:
        return ""
    nearest = find_nearest(name, known)
    if nearest is None:
        return ""
    return f'; did you mean "{make_printable(os.path.join(folder, nearest).replace(os.sep, "/"))}"?'


def describe_missing(path: str) -> str:
    """Return that a path does not exist, and what to write for a block or a line of a file.

    A path in a folder that the user may not enter may exist.
    """
    try:
        os.lstat(path)
    except PermissionError as error:
        return f"{make_printable(path)}: can't be read: {error.strerror}"
    except OSError:
        pass
    text = f"no such file or folder: {make_printable(path)}"
    match = re.fullmatch(_PART, path)
    if match is None or not os.path.isfile(match["file"]):
        return text + _hint_at_existing(path)
    text += f"; name the whole file, {make_printable(match['file'])}"
    if match["part"] == "::antipasta":
        return text
    name = match["name"] or ""
    if match["file"].endswith(NOTEBOOK):
        name = re.sub(r"^cell (\d+)$", r"code-cell#\1", name)
    target = f"{match['file']}::{name}" if name else path
    return f"{text}, or see `pytest-antipasta explain {make_printable(format_argument(target))}`"
