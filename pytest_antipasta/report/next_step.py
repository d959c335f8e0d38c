"""What to do after a failed run: the line ``next: …``, or how to simplify, allow or record, ready to copy."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import filterfalse, islice
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.baseline.file import locate_baseline
from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.git.links import is_in_checkout
from pytest_antipasta.messages import (
    MOST_NAMED,
    can_be_typed,
    chain_commands,
    format_argument,
    make_printable,
)
from pytest_antipasta.metrics.source import decode_source, has_digest
from pytest_antipasta.model.finding import Row
from pytest_antipasta.model.judged import Suppression, Verdict, Violation
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import CELL, NOTEBOOK
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.model.run import JudgedState
from pytest_antipasta.model.waivers import NO_REASON
from pytest_antipasta.policy.limits import allows, is_critical
from pytest_antipasta.report.contents import read_judged
from pytest_antipasta.report.rows import find_rows, sort_rows
from pytest_antipasta.report.wording import compute_violation_effect, format_place
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.patterns import is_outside
from pytest_antipasta.settings.values import Settings

SCREEN = 10
"""Maximum numbers of functions and of files in a list: together with a summary they fit on a screen."""
# Of more comments, only the first is written out.
_MOST_COMMENTS = 3
# More files are not named in a command, which shells limit: on Windows, to some 8,000 characters.
_MOST_PATHS = 20
# How a comment changes the line counts of its file, at the end of a line and on a line of its own.
_COUNTS_COMMENT = ("comment_lines",)
_COUNTS_LINE = ("comment_lines", "lines_of_code", "single_comment_lines")


def suggest_next(verdicts: Iterable[Verdict], stand: Invocation) -> str | None:
    """Return the suggested command, which explains the worst function, or records renamed ones again.

    Return ``None`` if no command can be typed, as standard input has no name and a name may not be printable,
    if the files differ on disk, or if all values are from coverage data, which explain does not read.
    """
    verdicts = [*verdicts]
    if paths := _find_renamed(verdicts):
        record = stand.format_recording(paths, "")
        if can_be_typed(record):
            return f"`{record}` records them under their new names; they are no worse than before"
    limits = "" if stand.has_other_limits else ", and its limits"
    for verdict, name in _iter_explained(verdicts, stand):
        explain = stand.format_function("explain", verdict.path, name)
        if not can_be_typed(explain):
            continue
        if verdict.error is not None:
            return f"`{explain}` shows the line and the details"
        return f"`{explain}` shows how its values are calculated{limits}"
    return None


def _find_renamed(verdicts: Iterable[Verdict]) -> list[str]:
    """Return the files that fail, if only as their recorded functions, no worse, have other names or places.

    Return none if they are too many for a line.
    """
    failing = [verdict for verdict in verdicts if verdict.failed]
    are_renamed = all(verdict.violations and all(map(_is_renamed, verdict.violations)) for verdict in failing)
    return [verdict.path for verdict in failing] if are_renamed and len(failing) <= MOST_NAMED else []


def _is_renamed(violation: Violation) -> bool:
    """Return whether a value is no worse than recorded, of a function with another name or place."""
    return violation.was_recorded and violation.change in ("renamed", "moved") and _was_allowed(violation)


def suggest_recording(stand: Invocation, paths: Sequence[str] = ()) -> str:
    """Return how to record all violations in a first baseline, or those of some paths."""
    command = make_printable(stand.format_command("baseline write", paths))
    return f"`{command}` records them, so that only new or worse ones fail"


def _iter_explained(verdicts: Iterable[Verdict], stand: Invocation) -> Iterator[tuple[Verdict, str | None]]:
    """Yield the functions, or files that could not be parsed, that are on disk as checked, worst first."""
    known = [
        verdict
        for verdict in filter(_can_be_explained, verdicts)
        if os.path.lexists(stand.root / verdict.path)
    ]
    rows = sort_rows(find_rows(known, _find_explained))
    if not rows:
        yield from ((verdict, None) for verdict in known)
    # What a run over files has judged, is what is on disk.
    found = (row for row in rows if row.numbers[0].change is None or not _differs(row.verdict, stand))
    yield from ((row.verdict, row.name) for row in found)


def _can_be_explained(verdict: Verdict) -> bool:
    """Return whether a file fails in a way that ``explain`` can describe further."""
    error = verdict.error
    if error is None:
        return bool(_find_explained(verdict))
    return verdict.failed and error.kind == "syntax" and error.line is not None


def _find_explained(verdict: Verdict) -> list[Violation]:
    """Return the violations except those from coverage data, which ``explain`` does not read."""
    return [violation for violation in verdict.violations if violation.metric not in COVERAGE_METRICS]


def iter_ways_out(
    rows: Sequence[Row], settings: Settings, stand: Invocation, width: int | None = None
) -> Iterator[str]:
    """Yield commands and edits that together resolve all violations, the worst of which come first.

    Commands and comments are never folded, so that they can be copied; a comment has its own line if it does
    not fit in ``width`` beside its place.
    """
    if not rows:
        return
    over = list({id(row.verdict): row.verdict for row in rows}.values())  # in the order of the list
    yield from _iter_differing(over[:MOST_NAMED], stand)
    known = filter(partial(_is_readable, stand), rows)
    explaining = (stand.format_function("explain", row.verdict.path, row.name) for row in known)
    yield from (f"simplify  {command}" for command in islice(filter(can_be_typed, explaining), 1))
    if any(is_refused(row.verdict, row.name, settings) for row in rows):
        return
    if stand.honours_suppressions:
        yield from _iter_allowing(_find_allowed(rows), stand, width)
    if stand.reads_baseline:
        yield from _iter_recording(sorted(verdict.path for verdict in over), settings, stand)


def _is_readable(stand: Invocation, row: Row) -> bool:
    """Return whether ``explain`` finds the file of a row, which may be staged and not on disk.

    For a commit that is not checked out, another line says to do that first.
    """
    return stand.judged == "commits" or os.path.lexists(stand.root / row.verdict.path)


def _iter_differing(failed: Iterable[Verdict], stand: Invocation) -> Iterator[str]:
    """Yield what to do first, as commands read files on disk, which may not be the checked versions."""
    if stand.judged == "index":  # of which the limits are read, too
        for path in _find_differing(failed, stand):  # a filter of git changes a file without anybody's edits
            yield f"unstaged  {path} differs on disk from what was checked; `git add {path}` stages that"
    elif stand.is_elsewhere:
        yield "first     check out the commit that failed, which is not checked out"
    elif stand.has_other_limits:
        yield "first     stash the changed limits on disk, which are not those of this check"
    elif stand.top is not None:
        for path in islice(_find_differing(failed, stand), 1):
            is_commit = stand.judged == "commits"
            step = (
                "stash your changes" if is_commit else "choose parts by `git add --patch`, and commit these"
            )
            yield f"first     {path} differs on disk from what was checked; {step}"


def _find_differing(failed: Iterable[Verdict], stand: Invocation) -> Iterator[str]:
    """Yield the paths of files that were not checked as they are on disk."""
    differing = (verdict for verdict in failed if _differs(verdict, stand))
    return (stand.format_path(stand.root / verdict.path) for verdict in differing)


def _differs(verdict: Verdict, stand: Invocation) -> bool:
    """Return whether the checked version of a file is not the one on disk, as far as this is known."""
    # Digests of notebooks and other languages are of more than the content.
    is_other = verdict.measurement.foreign is not None or verdict.path.endswith(NOTEBOOK)
    if is_other or verdict.digest is None or _is_escaped(verdict.path):
        return False
    try:
        return not has_digest(read_regular(stand.root / verdict.path), verdict.digest)
    except OSError:  # a staged file need not be on disk, as in a sparse checkout
        return stand.judged == "commits"
    except ValueError:  # the encoding of Python's paths does not have all characters of the name
        return False


def _iter_recording(paths: Sequence[str], settings: Settings, stand: Invocation) -> Iterator[str]:
    if settings.new_waivers == "fail":
        return  # the baseline records whole files, also what nothing allowed before
    if recorded := [*filterfalse(is_outside, paths)]:
        yield from _iter_commands(recorded, settings, stand)
    if len(recorded) < len(paths):
        yield "          a baseline records no files outside the root"


def _iter_commands(paths: Sequence[str], settings: Settings, stand: Invocation) -> Iterator[str]:
    """Yield the commands that record the violations of files, and stage or commit the baseline."""
    reason = f" --reason {NO_REASON}" if settings.new_waivers == "reason" else ""
    baseline = locate_baseline(settings)
    stand = stand.name_outside(baseline)
    record, without = (stand.format_recording(named, reason) for named in (paths, ()))
    most = MOST_NAMED if stand.is_whole else _MOST_PATHS
    if len(paths) > most or not can_be_typed(record):
        record = without if stand.is_whole else f"{without} PATH"
    staging = stand.format_staging(baseline)
    first, *others = chain_commands((record, *staging))
    yield f"record    {first}"
    yield from (f"          {command}" for command in others)
    if staging and stand.judged == "named files":
        # Without such a file, the commit has both versions of a function, and the baseline one.
        yield f"          then {stand.format_naming(baseline)}, and any file that code moved from"


def is_refused(verdict: Verdict, name: str | None, settings: Settings) -> bool:
    """Return whether neither a comment nor the baseline can allow a block, or the file for ``None``."""
    if is_critical(settings.critical_functions, verdict.path, verdict.by_name.get(name)):
        return True
    own = (violation for violation in verdict.violations if violation.qualified_name == name)
    return settings.new_waivers == "fail" and not all(map(_was_allowed, own))


def _was_allowed(violation: Violation) -> bool:
    """Return whether to allow a value again, at its new place, allows no more than before the change."""
    was_allowed = violation.was_suppressed or violation.was_recorded
    return was_allowed and compute_violation_effect(violation) != "worse"


def propose_comment(verdict: Verdict, name: str | None) -> str:
    """Return a comment that covers all violations of a block, or the file's own for ``None``.

    One that replaces another keeps its reason, and covers what that one alone covers.
    """
    counting: Sequence[str] = ()  # the metrics that a new comment changes
    comment = find_own_comment(verdict, name)
    if comment is None:
        counting = _COUNTS_LINE if name is None or name.startswith(CELL) else _COUNTS_COMMENT
    ceilings = ", ".join(_iter_ceilings(_iter_covered(verdict, name, comment), counting))
    verb = "ignore" if name else "ignore-file"
    reason = (comment and comment.reason) or NO_REASON
    return f"{_find_mark(verdict)} antipasta: {verb}[{ceilings}] {reason}"


def _find_mark(verdict: Verdict) -> str:
    """Return the start of a comment in the language of a file; empty if unknown."""
    foreign = verdict.measurement.foreign
    return (foreign.comment or "") if foreign else "#"


def _find_allowed(rows: Iterable[Row]) -> list[tuple[Verdict, str | None]]:
    """Return the blocks and files that each need a comment, in the order of the rows."""
    wanted = {(row.verdict.path, row.name): row.verdict for row in rows}
    return [(verdict, name) for (_, name), verdict in wanted.items()]


def _iter_allowing(
    allowed: Sequence[tuple[Verdict, str | None]], stand: Invocation, width: int | None
) -> Iterator[str]:
    """Yield the places and texts of comments; of many, the first, and how many more are needed.

    Nothing is yielded if a language has no comments.
    """
    if not all(_find_mark(verdict) for verdict, _ in allowed):
        return
    others = len(allowed) - 1 if len(allowed) > _MOST_COMMENTS else 0
    for verdict, name in allowed[:1] if others else allowed:
        place, comment = _find_place(verdict, name, stand), propose_comment(verdict, name)
        line = f"allow     {place}  {comment}"
        is_long = width is not None and len(line) > width
        yield from (f"allow     {place}", f"          {comment}") if is_long else (line,)
    if others:
        yield f"          and {others:,} more, each with its own values"


def _find_place(verdict: Verdict, name: str | None, stand: Invocation) -> str:
    """Return the place where to write a comment."""
    path = stand.format_path(stand.root / verdict.path)

    def place(line: int | None) -> str:
        return format_place(path, *verdict.measurement.locate(line))

    if (comment := find_own_comment(verdict, name)) is not None:
        return f"replace the comment in {place(comment.line)} with"
    if name is None:
        return f"on its own line in {path}"
    first = {violation.qualified_name: violation.line for violation in verdict.violations}[name]
    if name.startswith(CELL):  # a comment directly above a function would be the function's
        cell = format_place(path, verdict.measurement.locate(first)[0], None)
        return f"on its own line, with a blank line below, before the code of {cell}"
    if first is None or verdict.path.endswith(NOTEBOOK):
        return f"on its own line before {place(first)}"
    if verdict.measurement.foreign is not None:
        return f"add to {place(first)}"
    data = read_judged(stand.root, verdict)
    if data is None:  # lines may have moved since
        return f"on its own line above `def {strip_number(name).rpartition('.')[2]}` in {path}"
    from pytest_antipasta.policy.suppressions.comments import (
        find_comment_line,  # the tokenizer, which most runs do without
    )

    line = find_comment_line(decode_source(data), first)
    return f"on its own line before {place(first)}" if line is None else f"add to {place(line)}"


def find_own_comment(verdict: Verdict, name: str | None) -> Suppression | None:
    """Return the existing antipasta comment of a block, or of the file for ``None``."""
    own = ("antipasta", name)
    found = (
        suppression
        for suppression in verdict.suppressions
        if (suppression.tool, suppression.qualified_name) == own
    )
    return next(found, None)


def _iter_covered(verdict: Verdict, name: str | None, replaced: Suppression | None) -> Iterator[Violation]:
    """Yield the violations of a block or a file, and the values that a comment alone suppresses."""
    yield from (item for item in verdict.violations if item.qualified_name == name)
    for item in verdict.tolerated:
        covering = [known for known, part in verdict.find_allowances(item) if allows(part, item.value)]
        if item.why == "suppressed" and covering == [replaced]:
            yield item


def _iter_ceilings(violations: Iterable[Violation], counted: Sequence[str]) -> Iterator[str]:
    """Yield each metric of some values, with a ceiling that covers these."""
    numbers: dict[str, list[Violation]] = {}
    for violation in violations:
        numbers.setdefault(violation.metric, []).append(violation)
    yield from (_format_ceiling(found, int(metric in counted)) for metric, found in numbers.items())


def _format_ceiling(numbers: Sequence[Violation], more: int) -> str:
    metric, comparison = numbers[0].metric, numbers[0].comparison
    metric = look_up_metric(metric).short or metric
    if comparison in ("==", "!="):
        return metric  # without a limit, any value is allowed
    values = [number.value for number in numbers]
    if comparison in (">", ">="):
        return f"{metric}>={math.floor(min(values))}"
    return f"{metric}<={math.ceil(max(values)) + more}"


def _is_escaped(path: str) -> bool:
    """Return whether the name of a file may be shown with escapes, or has some: it may not be UTF-8."""
    return "\\" in path or not path.isprintable()


class Invocation(Struct, frozen=True):
    """Where the user runs commands, and the options that commands need.

    Attributes:
        folder: the current folder.
        root: folder that the paths of verdicts are relative to.
        config: path of the settings, if an option names it.
        baseline: path of the baseline, if an option names it.
        judged: what was judged. ``named files`` are those of ``git commit -- FILE``, whose index git deletes
            when the commit fails. Only a new commit can fix ``commits``.
        is_whole: whether a command that records violations records the same without paths.
        has_other_limits: whether options set other limits, which other commands do not have.
        top: the top of the repository whose change was judged; ``None`` for one of a server.
        is_elsewhere: whether the judged commit is not the one that is checked out.
        switches: options without a value that commands about a function need.
        honours_suppressions: whether comments count.
        reads_baseline: whether the check reads the baseline that commands write.
    """

    folder: Path
    root: Path
    config: Path | None
    baseline: Path | None = None
    judged: JudgedState = "working tree"
    is_whole: bool = False
    has_other_limits: bool = False
    top: Path | None = None
    is_elsewhere: bool = False
    switches: tuple[str, ...] = ()
    honours_suppressions: bool = True
    reads_baseline: bool = True

    def format_recording(self, paths: Iterable[str], reason: str) -> str:
        """Return the command that records the violations of files; ``reason`` is the option for a reason."""
        action = "baseline write --staged" if self.judged == "index" else "baseline write"
        return self.format_command(f"{action}{reason}", paths)

    def format_reasons(self, baseline: Path, paths: Sequence[str]) -> str:
        """Return the command that gives the entries of files a reason, and stages the baseline if needed.

        If this takes several commands, there is "and" between them, outside of the backticks around each.
        """
        staging = [] if self.judged == "working tree" else self.format_staging(baseline)
        record = self.name_outside(baseline).format_recording(paths, f" --reason {NO_REASON}")
        return "` and `".join(chain_commands((record, *staging)))

    def name_outside(self, baseline: Path) -> Invocation:
        """Return this with a baseline outside the repository as an option: no other command writes there."""
        is_own = is_in_checkout(baseline.absolute().parent, self.root)
        return self if is_own else replace(self, baseline=baseline)

    def format_command(self, action: str, paths: Iterable[str] = ()) -> str:
        """Return a command about files, by their paths from the root, quoted for a shell."""
        named = {"--config": self.config, "--baseline": self.baseline}
        options = [f"{option} {self.format_path(path)}" for option, path in named.items() if path is not None]
        shown = [self.format_path(self.root / path) for path in paths]
        return " ".join(("pytest-antipasta", action, *options, *shown))

    def format_function(self, action: str, path: str, name: str | None) -> str:
        """Return a command about a function of a file, or about the file."""
        command = " ".join((self.format_command(action), *self.switches))
        target = f"{self.root / path}::{name}" if name else str(self.root / path)
        return f"{command} {self.format_path(Path(target))}"

    def format_staging(self, path: Path) -> list[str]:
        """Return the commands that stage a file, or commit it; none for one above the repository."""
        top = self.top and os.path.realpath(self.top)
        if top is not None and not Path(os.path.realpath(path)).is_relative_to(top):
            return []
        return [f"git add {self.format_path(path)}", *["git commit"] * (self.judged == "commits")]

    def format_naming(self, path: Path) -> str:
        """Return what to do about a file in a commit of named files, which has no others."""
        return f"name {self.format_path(path)} in the commit, too"

    def format_path(self, path: Path) -> str:
        """Return a path as the user can type it."""
        try:
            return format_argument(os.path.relpath(path, self.folder))
        except ValueError:  # on another drive
            return format_argument(str(path))
