"""Waivers: what a change newly allows."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.model.measured import ErrorKind

WaiverKind: TypeAlias = Literal["comment", "entry", "settings", "moved"]
"""What allows more: a suppressing comment, a baseline entry, a key of the settings, or another path with
other limits."""
NO_REASON = "REASON"
"""What proposed comments and commands have in place of a reason; it counts as none."""
NewWaivers: TypeAlias = Literal["report", "reason", "fail"]
"""Effect of waivers: they are reported; they fail without a reason; they fail."""
STRICTNESS: tuple[NewWaivers, ...] = ("report", "reason", "fail")
"""The values of ``new_waivers``, the softest first."""

BOUNDS: dict[ErrorKind | None, str] = {
    "timeout": "file_timeout",
    "memory": "memory_limit_mb",
    None: "time_budget",
}
"""Settings that limit time and memory, by the error of a file that exceeds them; files after the
``time_budget`` have no error."""


class Waiver(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Something that a change allows and that was not allowed before.

    Attributes:
        kind: what allows more.
        path: path of the code, relative to the root; for ``settings``, the path of the settings file.
        line: line of the comment or the function, 1-based; ``None`` for a key of settings.
        cell: the cell of a notebook that the line is counted in; ``None`` for other files.
        block: qualified name of the function; ``None`` for a value of the file, and for settings.
        metric: the metric; ``None`` for several metrics.
        text: the comment, the path of the baseline, the key of the settings, or the old path of the code.
        reason: the reason in the comment or the entry.
        before: what was allowed before: the value of an entry, the ceiling of a comment, or else the limit;
            ``None`` for several limits. ``critical`` for a function that was in
            ``critical_functions`` under its old name or path.
        after: the new limit; ``None`` for unlimited. ``not critical`` for such a function.
        effect: violations that pass because of it: ``path::name metric``, or ``path metric`` for a value of a
            file. ``None`` if the time budget ended before they were computed.
        fails: whether the change fails because of it.
    """

    kind: WaiverKind
    path: str
    line: int | None = None
    cell: int | None = None
    block: str | None = None
    metric: str | None = None
    text: str = ""
    reason: str | None = None
    before: str | None = None
    after: str | None = None
    effect: tuple[str, ...] | None = ()
    fails: bool = False


class Waivers(Struct, frozen=True):
    """How a change alters what is allowed.

    Attributes:
        added: new waivers, sorted by kind, path and line.
        taken_back: removed waivers, in the same order.
        policy: the effective setting ``new_waivers``.
        new_baseline: the path of each entry of a baseline that the change adds as a whole; empty if there was
            one before.
    """

    added: tuple[Waiver, ...] = ()
    taken_back: tuple[Waiver, ...] = ()
    policy: NewWaivers = "report"
    new_baseline: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether the change fails because of a new waiver."""
        return any(item.fails for item in self.added)

    @property
    def allows_more(self) -> bool:
        """Whether there is anything that the change newly allows."""
        return bool(self.added or self.new_baseline)

    @property
    def listed(self) -> list[Waiver]:
        """The new waivers that texts list: the entries of a new baseline are counted, unless they fail."""
        return [item for item in self.added if item.fails or not self.new_baseline or item.kind != "entry"]


NO_WAIVERS = Waivers()
"""The waivers of a change without any, and of a run that is not about a change."""
