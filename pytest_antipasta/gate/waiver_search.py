"""Search for the waivers of a change: in files that can have some, or in all files if settings differ."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, filterfalse

from pytest_antipasta.baseline import FileSource, identify, locate_baseline
from pytest_antipasta.engine import HeldSource, Rules
from pytest_antipasta.files import display_path
from pytest_antipasta.gate.limits_from import read_policy
from pytest_antipasta.gate.measuring import OutOfTimeError
from pytest_antipasta.gate.policy import PolicySource
from pytest_antipasta.gate.policy_sides import (
    NOT_MEASURED,
    Failing,
    LeftFile,
    Side,
    SideBefore,
    allows,
    read_rules_after,
    read_rules_before,
)
from pytest_antipasta.gate.snapshots import Sides
from pytest_antipasta.gate.waivers import (
    BOUNDS,
    COMMENT_RULES,
    ENTRY_RULES,
    PATTERN_KEYS,
    Cause,
    Waived,
    apply_policy,
    find_differing,
    find_entries_taken_back,
    find_lower_bounds,
    find_selection_keys,
    find_softer_rules,
    find_strictest,
    find_tightened,
    find_unknown,
    group_waived,
    lets_pass,
    merge_waivers,
    show,
    show_limit,
    sort_waivers,
)
from pytest_antipasta.git import FileDiff, GitError, Repository
from pytest_antipasta.model import NewWaivers, Tolerated, UsageError, Verdict, Waiver, Waivers
from pytest_antipasta.policy import is_critical
from pytest_antipasta.report import find_allowances
from pytest_antipasta.runtime import SOURCE_ENDINGS
from pytest_antipasta.settings import Settings, compile_patterns

# Settings that allow nothing.
_PLACES = frozenset(("root", "source", "projects", "baseline", "cache_dir"))


def find_waivers(sides: Sides, policy: PolicySource) -> Waivers:
    """Return the waivers that a change adds, those that it takes back, and the policy.

    Args:
        sides: the change.
        policy: the sources of the policy and the limits.

    Raises:
        UsageError: the settings of the policy's commit are invalid.
        GitError: a git command failed.
    """
    search = WaiverSearch(sides, policy)
    added = search.find_added()
    chosen = search.find_policy()
    judged = tuple(apply_policy(added, chosen, fails_unknown=search.blocks_unknown))
    return Waivers(judged, tuple(search.find_taken_back()), policy=chosen)


class WaiverSearch:
    """The search for the waivers of one change."""

    def __init__(self, sides: Sides, policy: PolicySource) -> None:
        """Prepare the search in a change, by the rules after it."""
        self._repository: Repository = sides.repository
        self._unread: list[str] = []
        self._config = None if policy.config is None else self._repository.name(policy.config)
        self._policy = policy
        self._sides = self._case = sides
        if not policy.has_limits:
            rules = read_rules_after(sides, self._config, policy.adjust)
            if rules is not None:
                self._case = sides.with_rules(rules)
        self._rules = self._case.rules

    def find_added(self) -> list[Waiver]:
        """Return the waivers that the change adds."""
        befores = self._befores
        unread = [
            Waiver(
                kind="settings",
                path=self._after.name_settings(),
                text=f"previous version: {why}",
                effect=None,
            )
            for why in dict.fromkeys(self._unread)
        ]
        if not befores:
            return unread
        first, *others = (self._find_key_waivers(before) for before in befores)
        # A merge does not loosen what it takes from one of its parents.
        shared = [{(waiver.kind, waiver.path, waiver.text) for waiver in found} for found in others]
        common = [
            waiver
            for waiver in first
            if all((waiver.kind, waiver.path, waiver.text) in found for found in shared)
        ]
        try:
            waived = [*group_waived(self._find_waived()), *self._find_patterns()]
        except OutOfTimeError:
            waived = self._find_unknown()
        return sort_waivers(merge_waivers([*unread, *common, *waived]))

    @property
    def blocks_unknown(self) -> bool:
        """Whether waivers with an unknown effect may fail, by the settings before the change."""
        return any(before.settings.on_timeout == "block" for before in self._befores)

    def find_taken_back(self) -> list[Waiver]:
        """Return the waivers that a change with one parent takes back.

        Comments are included only if both sides are measured.
        """
        if len(self._case.change_set.parents) != 1 or not self._befores:
            return []
        (before,) = self._befores
        found = find_tightened(before.settings, self._rules.settings, self._after.name_settings())
        old, new = before.rules.recorded or (), self._rules.recorded or ()
        found += [] if old is new else find_entries_taken_back(old, new, self._baseline_name)
        return sort_waivers([*found, *self._find_comments_taken_back()])

    def _find_comments_taken_back(self) -> Iterator[Waiver]:
        """Yield comments that suppressed a value and that the change removed from all its files."""
        if not self._sides.are_known:
            return
        (parent,) = self._sides.parents
        left = Counter(
            comment.text for file in parent.after.versions.values() for comment in file.measurement.comments
        )
        for path, version in parent.before.versions.items():
            if not version.measurement.comments:
                continue
            for comment in self._befores[0].judge.judge(path, version.measurement).suppressions:
                left[comment.text] -= 1
                if comment.state in ("used", "exceeded") and left[comment.text] < 0:
                    yield Waiver(
                        kind="comment",
                        path=path,
                        line=comment.line,
                        block=comment.qualified_name,
                        text=comment.text,
                        reason=comment.reason,
                    )

    def find_policy(self) -> NewWaivers:
        """Return the value of ``new_waivers`` that counts."""
        if self._policy.policy_from is not None:
            root, config = self._rules.settings.root, self._policy.config
            return read_policy(self._repository, self._policy.policy_from, root, config).new_waivers
        return find_strictest(before.settings.new_waivers for before in self._befores)

    @cached_property
    def _befores(self) -> list[SideBefore]:
        """The sides of the parents that have files and readable settings."""
        found: list[SideBefore] = []
        for place in range(len(self._case.change_set.parents)):
            try:
                rules = self._read_rules_before(place)
            except UsageError as error:
                self._unread.append(str(error))
                continue
            except GitError:  # the repository has no commit yet
                continue
            if rules is None:  # the parent has no files
                continue
            found.append(SideBefore(self._case, rules, self._sides, place))
        # The languages of all parents are needed to measure the previous versions of files.
        storage = self._case.measurer.storage
        named = (before.rules.settings.languages for before in found)
        storage.languages = tuple(dict.fromkeys(chain(storage.languages, *named)))
        return found

    def _read_rules_before(self, place: int) -> Rules | None:
        if self._policy.has_limits:
            return self._rules
        return read_rules_before(self._case, place, self._config, self._policy.adjust)

    @cached_property
    def _after(self) -> Side:
        return Side(self._case, self._rules, self._sides)

    def _has_settings_changed(self, before: SideBefore) -> bool:
        return _differ(before.settings, self._rules.settings)

    def _find_key_waivers(self, before: SideBefore) -> list[Waiver]:
        if before.settings == self._rules.settings:
            return []
        settings, path = self._rules.settings, self._after.name_settings()
        return [
            *find_softer_rules(before.settings, settings, path),
            *find_lower_bounds(before.settings, settings, path, self._find_left()),
        ]

    def _find_left(self) -> dict[str, list[str]]:
        """Return the files of the change that pass unmeasured, by the setting that is the reason."""
        left: dict[str, list[str]] = {}
        for path in self._changed:
            if (file := self._sides.after.versions.get(path)) is None:
                continue
            error = file.measurement.error if file.is_measured else None
            if file.is_measured and error is None:
                continue
            key = BOUNDS.get(None if error is None else error.kind)
            if key is not None and lets_pass(self._rules.settings, key):
                left.setdefault(key, []).append(f"{path} {NOT_MEASURED}")
        return left

    def _find_unknown(self) -> list[Waiver]:
        before = self._befores[0]
        found = find_unknown(before.settings, self._rules.settings, self._after.name_settings())
        if before.rules.recorded != self._rules.recorded and self._rules.recorded:
            old = {(entry.key, entry.value) for entry in before.rules.recorded or ()}
            new = [entry for entry in self._rules.recorded if (entry.key, entry.value) not in old]
            found += [
                Waiver(
                    kind="entry",
                    path=entry.path,
                    block=entry.qualified_name,
                    metric=entry.metric,
                    text=self._baseline_name,
                    reason=entry.reason,
                    after=str(entry.value),
                    effect=None,
                )
                for entry in new
            ]
        return found

    @cached_property
    def _baseline_name(self) -> str:
        settings = self._rules.settings
        return display_path(settings.root, os.fspath(locate_baseline(settings, self._rules.named)))

    # Files that may have waivers.

    def _find_waived(self) -> list[Waived]:
        """Return the values that pass and fail by the rules of every parent."""
        files = self._iter_all() if any(map(self._has_settings_changed, self._befores)) else self._iter_some()
        return [waived for file in files for waived in self._compare(file)]

    def _iter_all(self) -> Iterator[LeftFile]:
        """Yield all files after the change that the settings of a parent measure."""
        seen: set[str] = set()
        for before in self._befores:
            for verdict, source in before.tree.iter_versions():
                path = self._to_now(before, verdict.path)
                if path not in seen:
                    seen.add(path)
                    yield LeftFile(path, verdict.measurement, source)
        yield from self._iter_renamed(seen)

    def _to_now(self, before: SideBefore, path: str) -> str:
        roots = before.settings.root, self._rules.settings.root
        return path if roots[0] == roots[1] else display_path(roots[1], os.path.normpath(roots[0] / path))

    def _iter_some(self) -> Iterator[LeftFile]:
        """Yield the files in which comments or the baseline may allow more than before."""
        seen: set[str] = set()
        for path in self._find_commented():
            seen.add(path)
            version = self._sides.after.versions[path]
            yield LeftFile(path, version.measurement, version)
        for path in sorted(self._find_recorded() - seen):
            if (found := self._after.tree.find_version(path)) is not None:
                seen.add(path)
                yield LeftFile(path, found[0].measurement, found[1])
        yield from self._iter_renamed(seen)

    def _find_commented(self) -> list[str]:
        """Return the files of the change that have comments."""
        if not self._rules.honours_suppressions:
            return []
        versions = self._sides.after.versions.items()
        return [path for path, version in versions if path in self._changed and version.measurement.comments]

    @cached_property
    def _changed(self) -> Mapping[str, FileDiff]:
        """The source files that differ from every parent."""
        return self._case.paths.find_changed(self._case.change_set.parents, None)

    def _find_recorded(self) -> set[str]:
        """Return the files for which the baseline has entries that no parent has."""
        if not self._rules.recorded:
            return set()
        found = [
            self._after.recorded.find_paths_of_lost(frozenset(before.rules.recorded or ()), ())
            for before in self._befores
            if before.rules.recorded is not self._rules.recorded
        ]
        return set.intersection(*found) if len(found) == len(self._befores) else set()

    def _iter_renamed(self, seen: set[str]) -> Iterator[LeftFile]:
        """Yield files that were renamed since the first readable parent, and have other limits than there."""
        diffs = filter(self._may_have_moved, self._case.change_set.parents[self._befores[0].place])
        asked = [diff for diff in diffs if self._name(diff) not in seen]
        if not asked:
            return
        contents = self._case.change_set.read(asked)
        for diff in asked:
            if (data := contents.get(diff.path or "")) is not None:
                yield self._open_file(self._name(diff), data)

    def _open_file(self, path: str, data: bytes) -> LeftFile:
        """Return a file with its measurement, which may exist already."""
        if (version := self._sides.after.versions.get(path)) is not None:
            return LeftFile(path, version.measurement, version)
        measurement = self._case.measurer.measure_one(HeldSource(path, data)).measurement
        return LeftFile(path, measurement, FileSource(lambda: data, measurement.foreign))

    def _name(self, diff: FileDiff) -> str:
        return self._case.paths.name(diff.path or "")

    def _may_have_moved(self, diff: FileDiff) -> bool:
        """Return whether a file was measured and renamed, and its limits changed or it is not measured."""
        if diff.path is None or diff.old_path in (None, diff.path):
            return False
        before = self._befores[0]
        old, new = diff.old_path or "", diff.path or ""
        if os.path.splitext(old)[1] != os.path.splitext(new)[1] and not new.endswith(SOURCE_ENDINGS):
            return False  # renamed to a file that is not source code
        if before.paths.find(old) is None:
            return False
        if self._after.paths.find(new) is None:
            return True
        return before.find_limits(before.paths.name(old)) != self._after.find_limits(self._name(diff))

    # Values of a file that pass.

    def _compare(self, file: LeftFile) -> Iterator[Waived]:
        """Yield the values of a file that fail by the rules of every parent, and pass after the change."""
        first, *others = self._befores
        failing = {violation.number: violation for violation in first.find_failing(file)}
        for before in others if failing else ():
            found = {violation.number for violation in before.find_failing(file)}
            failing = {number: violation for number, violation in failing.items() if number in found}
        if not failing:
            return
        verdict = self._judge_after(file)
        over = _list_failing(verdict)
        for number in failing.keys() - over:
            yield Waived(file.path, *number, self._find_cause(file, failing[number], verdict))

    def _judge_after(self, file: LeftFile) -> Verdict | None:
        """Return the verdict on a file by the rules after the change; ``None`` if it is not measured."""
        return self._after.judge_recorded(file.path, file) if self._after.paths.has(file.path) else None

    def _find_cause(self, file: LeftFile, failing: Failing, verdict: Verdict | None) -> Cause:
        before = self._befores[0]
        if verdict is None:
            return self._find_cause_of_absence(file, failing)
        tolerated = next((number for number in verdict.tolerated if identify(number) == failing.number), None)
        limit = show_limit(failing.limit) if failing.limit else None
        if tolerated is not None and tolerated.why == "suppressed":
            return self._find_comment(file, tolerated, verdict, limit)
        if tolerated is not None:
            return self._find_entry(file, tolerated, limit)
        if failing.metric == NOT_MEASURED:
            # A lower `max_file_size_mb` may be the reason that a file is too large.
            keys = ("max_file_size_mb", "on_error") if before.had_room(file) else ("on_error",)
            return self._find_key(keys, before)
        return self._find_limit(file, failing)

    def _find_comment(
        self, file: LeftFile, tolerated: Tolerated, verdict: Verdict, limit: str | None
    ) -> Cause:
        allowing = [
            (comment, item)
            for comment, item in find_allowances(verdict, tolerated)
            if allows(item, tolerated.value)
        ]
        comment, item = allowing[0]
        is_old = all(
            before.had_comment(file.path, comment, tolerated.qualified_name, tolerated.metric)
            for before in self._befores
        )
        if is_old and (cause := self._find_key_cause((*COMMENT_RULES, "thresholds", "overrides"))):
            return cause
        ceiling = None if item.ceiling is None else f"{item.comparison} {item.ceiling}"
        return Cause("comment", file.path, comment.line, comment.text, comment.reason, limit, ceiling)

    def _find_entry(self, file: LeftFile, tolerated: Tolerated, limit: str | None) -> Cause:
        whole = self._after.judge.judge(file.path, file.measurement)
        entry = self._after.recorded.tolerance.find_entries(whole, file.source)[identify(tolerated)]
        is_old = all(before.has_entry(entry, tolerated) for before in self._befores)
        if is_old and (cause := self._find_key_cause((*ENTRY_RULES, "thresholds", "overrides"))):
            return cause
        text, value = self._baseline_name, f"{tolerated.comparison} {entry.value}"
        if entry.key != (file.path, *identify(tolerated)):
            text = f"{text}: {entry.path}{f'::{entry.qualified_name}' if entry.qualified_name else ''}"
        return Cause("entry", file.path, tolerated.line, text, entry.reason, limit, value)

    def _find_limit(self, file: LeftFile, failing: Failing) -> Cause:
        """Return the reason that a value is within its limit after the change."""
        before = self._befores[0]
        limit = failing.limit
        own = before.name_before(file.path)
        now = self._after.find_limit(file.path, failing.number)
        is_elsewhere = failing.home != own
        if is_elsewhere and before.find_limit(own, failing.number) == now:
            return Cause("moved", file.path, None, failing.home, None, show_limit(limit), show_limit(now))
        if limit == now:
            return self._find_key(("nested_blocks", "nested"), before)
        path, key = self._after.trace_limit(file.path, failing.metric)
        return Cause("settings", path, None, key, None, show_limit(limit), show_limit(now))

    def _find_cause_of_absence(self, file: LeftFile, failing: Failing) -> Cause:
        before = self._befores[0]
        keys = find_selection_keys(before.settings, self._rules.settings)
        own = before.name_before(file.path)
        if failing.home != own and not before.paths.has(own):
            return Cause("moved", file.path, None, failing.home, None, None, "not measured")
        if not keys and failing.home != own:
            return Cause("moved", file.path, None, failing.home, None, None, "not measured")
        return self._find_key(keys or ("nested",), before)

    def _find_key_cause(self, keys: Iterable[str]) -> Cause | None:
        differing = find_differing(self._befores[0].settings, self._rules.settings, keys)
        return self._find_key(differing, self._befores[0]) if differing else None

    def _find_key(self, keys: Sequence[str], before: SideBefore) -> Cause:
        """Return the first of some keys that differs as the cause."""
        key = next(iter(find_differing(before.settings, self._rules.settings, keys)), keys[0])
        old, new = getattr(before.settings, key), getattr(self._rules.settings, key)
        is_table = key in ("thresholds", "overrides", "baseline")
        shown = (None, None) if is_table or old == new else (show(old), show(new))
        return Cause("settings", self._after.name_settings(), None, key, None, *shown)

    def _find_patterns(self) -> list[Waiver]:
        """Return waivers for the patterns of settings that make less code critical than in every parent."""
        now = self._rules.settings
        if not all(find_differing(side.settings, now, PATTERN_KEYS) for side in self._befores):
            return []
        before = self._befores[0].settings
        path, lost = self._after.name_settings(), dict[str, list[str]]()
        if find_differing(before, now, ("critical_functions",)):
            lost["critical_functions"] = list(self._iter_less_critical(before, now))
        if find_differing(before, now, ("critical_paths",)):
            was, is_ = compile_patterns(before.critical_paths), compile_patterns(now.critical_paths)
            paths = (verdict.path for verdict, _ in self._after.tree.iter_versions())
            lost["critical_paths"] = list(filterfalse(is_, filter(was, paths)))
        return [
            Waiver(
                kind="settings",
                path=path,
                text=key,
                before=show(getattr(before, key)),
                after=show(getattr(now, key)),
                effect=tuple(names),
            )
            for key, names in lost.items()
            if names
        ]

    def _iter_less_critical(self, before: Settings, now: Settings) -> Iterator[str]:
        """Yield the functions that were critical and are not after the change."""
        for verdict, _ in self._after.tree.iter_versions():
            names = [block.qualified_name for block in verdict.measurement.blocks if block.kind != "class"]
            for name in names if before.critical_functions else ():
                was = is_critical(before.critical_functions, verdict.path, name)
                if was and not is_critical(now.critical_functions, verdict.path, name):
                    yield f"{verdict.path}::{name}"


def _list_failing(verdict: Verdict | None) -> set[tuple[str | None, str]]:
    """Return the failing values of a file, with :data:`NOT_MEASURED` if the file fails unmeasured."""
    if verdict is None:
        return set()
    over = set(map(identify, verdict.violations))
    return over | {(None, NOT_MEASURED)} if verdict.error is not None and verdict.failed else over


def _differ(before: Settings, after: Settings) -> bool:
    """Return whether settings differ in more than their location."""
    names = [name for name in Settings.__struct_fields__ if name not in _PLACES]
    if any(getattr(before, name) != getattr(after, name) for name in names):
        return True
    roots = [os.path.realpath(settings.root) for settings in (before, after)]
    if roots[0] != roots[1] or len(before.projects) != len(after.projects):
        return True
    return any(_differ(old, new) for old, new in zip(before.projects, after.projects, strict=True))
