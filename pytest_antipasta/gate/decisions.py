"""Decide which violations a change causes: the table of decisions, and the row for a value.

A value that is over its limit after a change is compared with each parent. The mildest decision counts, so
that a merge does not fail for a violation that one of its parents has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from msgspec import structs

from pytest_antipasta.gate.settings_change import show_limit
from pytest_antipasta.gate.snapshots import Parent, StateBefore
from pytest_antipasta.metrics.following.comparison import BlockComparison, BlockState, FollowedBlock
from pytest_antipasta.metrics.following.file_version import BlockId
from pytest_antipasta.model.judged import ReportedChange, Suppression, Tolerated, Verdict, Violation
from pytest_antipasta.model.measured import Number, find_number
from pytest_antipasta.policy.limits import is_critical, is_worse, satisfies
from pytest_antipasta.settings.values import Settings

Decision: TypeAlias = Literal["passes", "tolerated", "fails"]
"""The decision on a value, the mildest first: it is not reported, it is reported and passes, or it fails."""
Happened: TypeAlias = Literal["added", "edited", "moved", "rewritten", "unchanged", "unknown"]
"""The change of a function or a file.

``moved``: the same body under another name or in another file. ``rewritten``: moved or renamed, and edited.
``unknown``: the same text was in a file that could not be measured. Renaming a file moves no function.
"""
Movement: TypeAlias = Literal["worse", "no worse"]


class DecisionRow(NamedTuple):
    """One row of the table of decisions on values that are over their limits after a change.

    A value that fails by the table is tolerated if a comment or the baseline allows it after the change.

    Attributes:
        of: what the value belongs to.
        happened: how the function or file changed.
        before: the state of the value before the change.
        after: the value compared with the one before the change.
        decision: the decision on the value.
        strictly: the decision for a function of ``critical_functions``, or a file with ``strict_files``.
        rule: the sentence that ``docs/commit-hook.md`` repeats; a test compares them.
    """

    of: Literal["function", "file"] | None
    happened: Happened | None
    before: StateBefore | None
    after: Movement | None
    decision: Decision
    strictly: Decision
    rule: str


ANY = None
# The first row that matches counts.
DECISIONS = (
    #           of          happened     before        after       decision     strictly
    DecisionRow(ANY,        "added",     ANY,          ANY,        "fails",     "fails",
        "The value is in a new function or file: it fails."),
    DecisionRow(ANY,        "unknown",   ANY,          ANY,        "passes",    "passes",
        "The value is in unchanged text, and the file could not be measured before: it passes."),
    DecisionRow(ANY,        ANY,         "suppressed", ANY,        "fails",     "fails",
        "The change removes the comment that suppressed it: it fails, even in unchanged code."),
    DecisionRow(ANY,        ANY,         "recorded",   ANY,        "fails",     "fails",
        "The [baseline](baseline.md) allowed it before and does not now: it fails, in any file."),
    DecisionRow(ANY,        ANY,         "within",     ANY,        "fails",     "fails",
        "It was within its limit before: it fails, even if only a move to another folder changed the limit."),
    DecisionRow(ANY,        "unchanged", ANY,          ANY,        "passes",    "passes",
        "The value is in other unchanged code: it passes."),
    DecisionRow("function", "moved",     ANY,          ANY,        "passes",    "fails",
        "The value is in a renamed or moved function with an unchanged body: it passes."),
    DecisionRow(ANY,        ANY,         "none",       ANY,        "fails",     "fails",
        "The previous version of the function or file has no value for the metric: it fails."),
    DecisionRow("function", ANY,         "over",       "worse",    "fails",     "fails",
        "The value is in an edited function, also if renamed or moved, and got worse: it fails."),
    DecisionRow("function", ANY,         "over",       "no worse", "tolerated", "fails",
        "The value is in an edited function, also if renamed or moved, and no worse: it is tolerated."),
    DecisionRow("file",     "edited",    "over",       "no worse", "tolerated", "tolerated",
        "The value is that of a file and did not get worse: it is tolerated."),
    DecisionRow("file",     "edited",    "over",       "worse",    "tolerated", "fails",
        "The value is that of a file and got worse: it is tolerated."),
)  # fmt: skip
_MILDEST_FIRST: tuple[Decision, ...] = ("passes", "tolerated", "fails")
# The state of a :class:`FollowedBlock`, and the word of the table; reports say "renamed" or "moved" by what
# differs.
_HAPPENED: dict[str, Happened] = {"unchanged": "unchanged", "renamed": "moved", "modified": "edited"}


class ComparedValue(NamedTuple):
    """A value that is over its limit, compared with one parent.

    Attributes:
        happened: how the function or file changed.
        before: the state of the value before the change.
        limit: the limit that the value was within, if it exceeds the one after the change, as ``<= 20``.
        value: the value before the change; ``None`` without one.
        reported: the change as reports show it.
        origin: the function or file before it was renamed or moved, or its file was.
    """

    happened: Happened
    before: StateBefore
    limit: str | None = None
    value: Number | None = None
    reported: ReportedChange | None = None
    origin: tuple[str, str | None] | None = None


def find_row(of: str, happened: str, before: str, after: str) -> DecisionRow:
    """Return the row of the table for a value over its limit; :class:`DecisionRow` has the columns."""
    found = (of, happened, before, after)
    return next(
        row for row in DECISIONS if all(want in (None, is_) for want, is_ in zip(row, found, strict=False))
    )


def decide(verdict: Verdict, violation: Violation, beside: ComparedValue, settings: Settings) -> Decision:
    """Return the decision of the table on a value of a file, without comments and baseline."""
    name, value = violation.qualified_name, beside.value
    has_worsened = value is not None and is_worse(
        violation.value, value, violation.comparison, violation.threshold
    )
    of, after = "file" if name is None else "function", "worse" if has_worsened else "no worse"
    row = find_row(of, beside.happened, beside.before, after)
    is_strict = (
        settings.strict_files
        if name is None
        else is_critical(settings.critical_functions, verdict.path, verdict.by_name.get(name))
    )
    return row.strictly if is_strict else row.decision


def look_back(path: str, violation: Violation, parent: Parent) -> ComparedValue:
    """Return a value that is over its limit after the change, compared with a parent."""
    name, metric, comparison = violation.qualified_name, violation.metric, parent.comparison
    if name is None:
        if (old := comparison.file_before(path)) is None:
            return ComparedValue("added", "none", reported="added")
        value, place = find_number(old.measurement.metrics, metric), (old.path, None)
        state = _find_state(parent, place, violation, value)
        return ComparedValue("edited", *state, value, "modified", place)
    change = comparison.classify((path, name))
    if _is_copy(change, metric, parent):
        change = comparison.classify_by_place((path, name))
    if change.state == "added":
        return _look_for_similar((path, name), violation, parent)
    if change.before is None:
        return ComparedValue("unknown", "none")
    # A closure has no value of its own. When it becomes a function, its value before is that of the function
    # that it was part of.
    source = comparison.look_up_measured(change.before, metric)
    value = find_number(parent.before.versions[source[0]].blocks[source[1]], metric)
    state = _find_state(parent, source, violation, value)
    happened = _HAPPENED[change.state] if source == change.before else "edited"
    if happened == "moved" and comparison.is_in_place((path, name), change):
        happened = "unchanged"
    reported, origin = _name_report(path, change.state, change.before, parent)
    return ComparedValue(happened, *state, value, reported, origin)


def _look_for_similar(block: BlockId, violation: Violation, parent: Parent) -> ComparedValue:
    """Return a value of an added function, compared with the similar function of a parent if there is one."""
    passed = parent.find_passed_on(block, violation, parent.origins_of_over)
    if passed is None:
        return ComparedValue("added", "none", reported="added")
    state = _find_state(parent, passed.source, violation, passed.value)
    is_left = parent.comparison.find_successor(passed.origin) is not None
    reported = "added" if is_left else _name_change(block[0], passed.origin, parent)
    return ComparedValue("rewritten", *state, passed.value, reported, passed.origin)


def _name_change(path: str, origin: BlockId, parent: Parent) -> ReportedChange:
    """Return whether a function was renamed in its file, or moved from another file."""
    return "renamed" if parent.comparison.origins.get(path) == origin[0] else "moved"


def _name_report(
    path: str, state: BlockState, before: BlockId, parent: Parent
) -> tuple[ReportedChange, BlockId | None]:
    """Return what reports say of a function, and its origin if it or its file was renamed or moved."""
    if state == "renamed":
        return _name_change(path, before, parent), before
    if before[0] == path:
        return "modified", None
    return "moved" if state == "unchanged" else "modified", before


def _find_state(
    parent: Parent, source: tuple[str, str | None], violation: Violation, value: Number | None
) -> tuple[StateBefore, str | None]:
    """Return the state of a value before a change, and its limit if it was within another one."""
    if value is None:
        return "none", None
    state = parent.before.look_up_state(*source, violation.metric)
    if state == "within" and not satisfies(value, violation.comparison, violation.threshold):
        limit = parent.before.find_limit(*source, violation.metric)
        if limit is not None and not satisfies(value, limit.comparison, limit.limit):
            limit = None  # inside another function, without `nested_blocks`
        return state, show_limit(limit)
    # A value that a comment allows on both sides is compared like one that is over its limit.
    return "over" if state == "suppressed" and isinstance(violation, Tolerated) else state, None


def _is_copy(change: FollowedBlock, metric: str, parent: Parent) -> bool:
    """Return whether a block is a copy: its original still exists, and has a violation of its own."""
    if change.state != "renamed" or change.before is None:
        return False
    successor = parent.comparison.find_successor(change.before)
    return successor is not None and parent.after.look_up_state(*successor, metric) == "over"


def choose_mildest(
    verdict: Verdict, violation: Violation, parents: Sequence[Parent], settings: Settings
) -> tuple[Decision, ComparedValue]:
    """Return the mildest decision on a value of a file, and its comparison with that parent."""
    found = [look_back(verdict.path, violation, parent) for parent in parents]
    decided = [(decide(verdict, violation, beside, settings), beside) for beside in found]
    return min(decided, key=lambda pair: (_MILDEST_FIRST.index(pair[0]), pair[1].value is None))


def narrow_verdict(verdict: Verdict, parents: Sequence[Parent], settings: Settings) -> Verdict:
    """Return the verdict on a whole file, reduced to the violations that a change causes.

    The file was measured, and the change has at least one parent.
    """
    violations: list[Violation] = []
    tolerated: list[Tolerated] = []
    for violation in sorted((*verdict.violations, *verdict.tolerated), key=lambda number: number.line or 0):
        decision, beside = choose_mildest(verdict, violation, parents, settings)
        narrowed = structs.replace(
            _add_before(verdict.path, violation, beside), was_suppressed=beside.before == "suppressed"
        )
        if decision == "passes":
            continue
        if isinstance(narrowed, Tolerated):  # a comment allows it
            tolerated.append(narrowed)
        elif decision == "fails":
            violations.append(narrowed)
        else:
            tolerated.append(Tolerated(**structs.asdict(narrowed), why="not worse"))
    suppressions = tuple(
        _narrow_suppression(verdict, suppression, parents) for suppression in verdict.suppressions
    )
    return structs.replace(
        verdict,
        violations=tuple(violations),
        warnings=tuple(_iter_new_warnings(verdict, parents, settings)),
        tolerated=tuple(tolerated),
        suppressions=suppressions,
    )


def _iter_new_warnings(
    verdict: Verdict, parents: Sequence[Parent], settings: Settings
) -> Iterator[Violation]:
    """Yield the warnings of a file that a change causes.

    A warning about a function is new if the value would fail by the table. A warning about a file is new if
    the value was within its limit before.
    """
    for warning in verdict.warnings:
        decision, beside = choose_mildest(verdict, warning, parents, settings)
        if decision == "fails" and (warning.qualified_name is not None or beside.before == "within"):
            yield _add_before(verdict.path, warning, beside)


def _add_before(path: str, violation: Violation, beside: ComparedValue) -> Violation:
    """Return a value of a file with the one before the change, and its old path and name if they differ."""
    old_path, old_name = beside.origin or (None, None)
    return structs.replace(
        violation,
        before=beside.value,
        change=beside.reported,
        previous_limit=beside.limit,
        previous_path=old_path if old_path != path else None,
        previous_name=old_name if old_name != violation.qualified_name else None,
    )


def _narrow_suppression(verdict: Verdict, suppression: Suppression, parents: Sequence[Parent]) -> Suppression:
    """Return a suppression that fails only if the change adds it, or edits its block."""
    if suppression.fails and any(_is_old(verdict, suppression, parent.comparison) for parent in parents):
        return structs.replace(suppression, fails=False)
    return suppression


def _is_old(verdict: Verdict, suppression: Suppression, parent: BlockComparison) -> bool:
    name, old = suppression.qualified_name, parent.file_before(verdict.path)
    functions = {block.qualified_name for block in verdict.measurement.blocks if block.kind != "class"}
    if name in functions and (name := _find_unchanged(verdict.path, name or "", parent)) is None:
        return False
    comments = old.measurement.comments if old is not None else ()
    return any(comment.text == suppression.text and name in (None, comment.block) for comment in comments)


def _find_unchanged(path: str, name: str, parent: BlockComparison) -> str | None:
    """Return the name before a change of an unchanged function, which may have had another number."""
    change = parent.classify((path, name))
    is_in_place = parent.is_in_place((path, name), change)
    return change.before[1] if is_in_place and change.before is not None else None
