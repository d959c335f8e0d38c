"""Contributions in the store for history, to avoid computing them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import Annotated, TypeAlias

import msgspec

from pytest_antipasta.model.judged import Comparison, Violation
from pytest_antipasta.model.measured import Number
from pytest_antipasta.runtime.environment import VERSION
from pytest_antipasta.store.protocol import UNDECODABLE
from pytest_antipasta.trend.contents import Contents
from pytest_antipasta.trend.contributions import Contribution, ContributionKey

# A prefix of their digests, so that no record of a measurement has such a key.
_KIND = b"adds"
# Increased when the contribution of a content changes.
_SCHEMA = 3
# Bytes of a sum, half of them for the fraction.
_WIDTH = 16
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class _Record(msgspec.Struct, array_like=True):
    """A contribution in the store: msgpack has no integers as large as scaled sums."""

    lines: _Count
    blocks: _Count
    sums: bytes
    counts: tuple[_Count, ...]
    violations: tuple[tuple[str, str | None, int | None, Number, Number, Comparison], ...]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Record).decode


class KeptContributions:
    """Looks up contributions, and stores new ones."""

    def __init__(self, contents: Contents, metrics: tuple[str, ...], *, nested_blocks: bool) -> None:
        """Use the store of these contents, for contributions of some metrics."""
        self._contents = contents
        self._metrics = metrics
        settings = (VERSION, _SCHEMA, metrics, nested_blocks)
        self._name_limits = cache(lambda limits: _encode((*settings, limits.limits)))

    def find(self, keys: Iterable[ContributionKey]) -> dict[ContributionKey, Contribution]:
        """Return the stored contributions."""
        names = {self._name(key): key for key in keys}
        found = self._contents.find_records({name: digest for name, (digest, _) in names.items()})
        decoded = ((names[name], _unpack(record, self._metrics)) for name, record in found.items())
        return {key: item for key, item in decoded if item is not None}

    def keep(self, key: ContributionKey, contribution: Contribution) -> None:
        """Store a contribution if its content's measurement is stored, as a failed one may succeed later."""
        if contribution.error is None and self._contents.is_kept(key[0]):
            with suppress(OverflowError):  # an absurd value
                self._contents.keep_record(self._name(key), _pack(contribution))

    def _name(self, key: ContributionKey) -> bytes:
        digest, limits = key
        return _KIND + hashlib.sha256(digest + self._name_limits(limits)).digest()


def _pack(contribution: Contribution) -> bytes:
    violations = tuple(
        (each.metric, each.qualified_name, each.line, each.value, each.threshold, each.comparison)
        for each in contribution.violations
    )
    sums = b"".join(each.to_bytes(_WIDTH, "big", signed=True) for each in contribution.sums)
    return _encode(_Record(contribution.lines, contribution.blocks, sums, contribution.counts, violations))


def _unpack(record: bytes, metrics: tuple[str, ...]) -> Contribution | None:
    """Return the contribution; ``None`` if the record is damaged, or has other metrics."""
    try:
        item = _decode(record)
    except UNDECODABLE:
        return None
    violations = tuple(Violation(*each) for each in item.violations)
    parts = [item.sums[start : start + _WIDTH] for start in range(0, len(item.sums), _WIDTH)]
    sums = tuple([int.from_bytes(part, "big", signed=True) for part in parts])
    if {len(sums), len(item.counts)} != {len(metrics)}:
        return None
    if not all(each.metric in metrics and (each.qualified_name or "").isprintable() for each in violations):
        return None
    return Contribution(None, item.lines, item.blocks, sums, item.counts, violations)
