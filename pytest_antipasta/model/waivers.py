"""Waivers: what a change allows that was not allowed before it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

WaiverKind: TypeAlias = Literal["comment", "entry", "settings", "moved"]
"""What allows more: a comment that suppresses, an entry of the baseline, a key of the settings, or another
path of the code, for which other limits hold."""
NewWaivers: TypeAlias = Literal["report", "reason", "fail"]
"""What becomes of waivers, the softest first: they are reported; they fail without a reason; they fail."""


class Waiver(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Something that a change allows and that was not allowed before it.

    Attributes:
        kind: what allows more.
        path: of the code, relative to the root; for ``settings`` of the file that has the key.
        line: of the comment or of the function, 1-based; of a key of settings it is not known.
        block: the qualified name of the function; ``None`` for a number of the file, and for settings.
        metric: what is allowed more of; ``None`` for several metrics.
        text: the comment, the baseline's path, the key of the settings, or the path that the code had.
        reason: that the comment or the entry gives.
        before: the limit that held; ``None`` for no single one.
        after: what holds now; ``None`` for anything.
        effect: what passes now and would have failed: ``path::name metric``, or ``path metric`` for a file's
            number. ``None`` where the time budget ended before that was known.
        fails: whether the change fails for it.
    """

    kind: WaiverKind
    path: str
    line: int | None = None
    block: str | None = None
    metric: str | None = None
    text: str = ""
    reason: str | None = None
    before: str | None = None
    after: str | None = None
    effect: tuple[str, ...] | None = ()
    fails: bool = False


class Waivers(Struct, frozen=True):
    """What a change does to what is allowed.

    Attributes:
        added: what it allows more, by kind, path and line.
        taken_back: what was allowed before it and is not now, likewise.
        policy: the setting ``new_waivers`` that counts.
    """

    added: tuple[Waiver, ...] = ()
    taken_back: tuple[Waiver, ...] = ()
    policy: NewWaivers = "report"

    @property
    def fails(self) -> bool:
        """Whether the change fails for one of them."""
        return any(one.fails for one in self.added)


NO_WAIVERS = Waivers()
"""Of a change that allows what was allowed before it, and of what is no change."""
