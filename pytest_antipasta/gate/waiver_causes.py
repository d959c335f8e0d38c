"""Find what allows a value that passes after a change and fails by the rules before it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from msgspec.structs import replace

from pytest_antipasta.baseline.matching import identify
from pytest_antipasta.gate.critical_code import LostFunctions, find_lost_functions, waive_moved
from pytest_antipasta.gate.measuring import HeldFile
from pytest_antipasta.gate.settings_change import name_settings, show_exclude, show_limit
from pytest_antipasta.gate.waiver_rules import NOT_MEASURED, Failing, RulesAfter, RulesBefore
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.model.judged import BaselineEntry, Suppression, Tolerated, Verdict
from pytest_antipasta.model.waivers import Waiver
from pytest_antipasta.policy.limits import allows

_LIMITS = ("thresholds", "overrides")


class CauseFinder:
    """Finds the waiver for a value: what allows it now, and did not before."""

    def __init__(self, befores: Sequence[RulesBefore], after: RulesAfter, baseline_name: str) -> None:
        """Compare the rules after a change with those of its parents.

        Waivers name the first of the parents, and the baseline by ``baseline_name``.
        """
        self._befores = befores
        self._before = befores[0]
        self._change = befores[0].change
        self._after = after
        self._baseline_name = baseline_name

    @cached_property
    def lost(self) -> list[LostFunctions]:
        """The functions that each parent has as critical, and that are not critical any more."""
        return [find_lost_functions(before, self._after) for before in self._befores]

    def find(
        self, file: HeldFile, failing: Failing, verdict: Verdict | None, tolerated: Tolerated | None
    ) -> Waiver:
        """Return the waiver for a value.

        Args:
            file: the file after the change.
            failing: the value, as it fails by the rules before the change.
            verdict: the verdict by the rules after the change; ``None`` if these do not measure the file.
            tolerated: the value in this verdict, if it is tolerated.
        """
        waiver = self._find_cause(file, failing, verdict, tolerated)
        block, metric = failing.number
        value = f"{file.path}{f'::{block}' if block else ''} {metric}"
        own = None if waiver.kind == "settings" else block
        return replace(waiver, block=own, metric=metric, effect=(value,))

    def _find_cause(
        self, file: HeldFile, failing: Failing, verdict: Verdict | None, tolerated: Tolerated | None
    ) -> Waiver:
        """Return the waiver for a value, without the name of the value."""
        if verdict is None:
            return self._find_cause_of_absence(file, failing)
        if tolerated is not None and tolerated.why == "suppressed":
            return self._find_comment(file, tolerated, verdict, failing.allowed)
        if tolerated is not None:
            return self._find_entry(file, tolerated, failing.allowed)
        if failing.metric == NOT_MEASURED or failing.metric in verdict.lacking:
            # A lower `max_file_size_mb` may be the reason that a file is too large.
            return self._change.waive("max_file_size_mb" if self._before.had_room(file) else "on_error")
        return self._find_limit(file, failing)

    def _find_comment(
        self, file: HeldFile, tolerated: Tolerated, verdict: Verdict, allowed_before: str | None
    ) -> Waiver:
        allowing = (pair for pair in verdict.find_allowances(tolerated) if allows(pair[1], tolerated.value))
        comment, allowance = next(allowing)
        is_old = all(
            before.had_comment(file.path, comment, tolerated.qualified_name, tolerated.metric)
            for before in self._befores
        )
        if is_old and (waiver := self._find_lost(file, tolerated)) is not None:
            return waiver
        if is_old and (key := self._find_key_of_comment(comment)) is not None:
            return self._change.waive(key)
        cell, line = file.measurement.locate(comment.line)
        return Waiver(
            kind="comment",
            path=file.path,
            line=line,
            cell=cell,
            text=file.measurement.spell_comment(comment.text),
            reason=comment.reason,
            before=allowed_before,
            after=None if allowance.ceiling is None else f"{allowance.comparison} {allowance.ceiling}",
        )

    def _find_key_of_comment(self, comment: Suppression) -> str | None:
        """Return the setting that makes an unchanged comment allow more."""
        before, after = self._change
        if comment.reason is None and before.require_reasons and not after.require_reasons:
            return "require_reasons"
        if comment.tool in after.foreign_suppressions and comment.tool not in before.foreign_suppressions:
            return "foreign_suppressions"
        return next(iter(self._change.find_differing(_LIMITS)), None)

    def _find_entry(self, file: HeldFile, tolerated: Tolerated, allowed_before: str | None) -> Waiver:
        entry = self._after.find_entries(file)[identify(tolerated)]
        is_old = all(before.has_entry(entry, tolerated) for before in self._befores)
        if is_old and (waiver := self._find_lost(file, tolerated)) is not None:
            return waiver
        if is_old and (key := self._find_key_of_entry(tolerated)) is not None:
            return self._change.waive(key)
        cell, line = file.measurement.locate(tolerated.line)
        return Waiver(
            kind="entry",
            path=file.path,
            line=line,
            cell=cell,
            text=self._name_entry(file, tolerated, entry),
            reason=entry.reason,
            before=allowed_before,
            after=f"{tolerated.comparison} {entry.value}",
        )

    def _find_key_of_entry(self, number: Tolerated) -> str | None:
        """Return the setting that makes an unchanged entry of the baseline allow more."""
        before, after = self._change
        if number.qualified_name is None and before.strict_files and not after.strict_files:
            return "strict_files"
        return next(iter(self._change.find_differing(("baseline", *_LIMITS))), None)

    def _find_lost(self, file: HeldFile, number: Tolerated) -> Waiver | None:
        """Return the waiver for a value of a function that is not critical any more, so that others count."""
        block = file.path, number.qualified_name or ""
        if (lost := self.lost[0].get(block)) is None:
            return None
        if lost.was is None:
            return self._change.waive("critical_functions")
        return waive_moved(block, lost.place, lost.was)

    def _name_entry(self, file: HeldFile, tolerated: Tolerated, entry: BaselineEntry) -> str:
        if entry.key == (file.path, *identify(tolerated)):
            return self._baseline_name
        block = f"::{entry.qualified_name}" if entry.qualified_name else ""
        return f"{self._baseline_name}: {entry.path}{block}"

    def _find_limit(self, file: HeldFile, failing: Failing) -> Waiver:
        """Return the reason that a value is within its limit after the change."""
        own, metric = self._before.name_before(file.path), failing.metric
        block = file.blocks.get(failing.block or "")
        now = self._after.files.find_limit(file.path, metric, block, file.measurement)
        limits = show_limit(failing.limit), show_limit(now)
        if failing.limit != now and self._before.find_limit(own, metric, block, file.measurement) == now:
            if failing.home != own:
                return _waive_move(file, limits, failing.home)
            plain = replace(file.measurement, generated=False)
            if self._before.find_limit(own, metric, block, plain) == failing.limit:
                moved = _waive_move(file, limits, "a file that is not generated")
                return replace(moved, line=self._find_mark(file))
            moved = _waive_move(file, limits, f"{failing.home}::{failing.was}")
            cell, line = file.measurement.locate(failing.line)
            return replace(moved, line=line, cell=cell, block=failing.block)
        if failing.limit == now:
            # Without a limit of the file, the values of a function alone were missing.
            keys = ("nested_blocks",) if failing.limit is not None else _LIMITS
            return self._change.waive(next(iter(self._change.find_differing(keys)), "nested"))
        path, key = self._after.trace_limit(file.path, metric, block)
        return Waiver(kind="settings", path=path, text=key, before=limits[0], after=limits[1])

    def _find_mark(self, file: HeldFile) -> int | None:
        """Return the line that says that a changed file is generated; ``None`` in a notebook."""
        version = self._before.parent.after.versions.get(file.path)
        if version is None or file.measurement.has_cells:
            return None
        from pytest_antipasta.metrics.generated import find_mark

        return find_mark(decode_source(version.read()))

    def _find_cause_of_absence(self, file: HeldFile, failing: Failing) -> Waiver:
        """Return the reason that a file is not measured after the change."""
        keys = self._change.find_selection_keys()
        own = self._before.name_before(file.path)
        is_moved = failing.home != own and (not keys or not self._before.paths.has(own))
        if is_moved or self._before.was_script(file.path):
            return Waiver(kind="moved", path=file.path, text=failing.home, after="not measured")
        project = self._after.find_excluding(file.path)
        if project is None or "nested" in keys:
            return self._change.waive(next(iter(keys), "nested"))
        shown = [show_exclude(side, project.root) for side in self._change]
        path = name_settings(self._after.settings, project)
        return Waiver(kind="settings", path=path, text="exclude", before=shown[0], after=shown[1])


def _waive_move(file: HeldFile, limits: tuple[str, str], was: str) -> Waiver:
    """Return the waiver for code that had another limit because of its path, its name or what it was."""
    return Waiver(kind="moved", path=file.path, text=was, before=limits[0], after=limits[1])
