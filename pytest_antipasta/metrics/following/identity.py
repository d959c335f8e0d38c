"""Which block of the earlier side each one of the later side is, so that none is two."""

from __future__ import annotations

from collections.abc import Container, Mapping

from pytest_antipasta.metrics.following.comparison import BlockComparison, Change
from pytest_antipasta.metrics.following.file_version import BlockId


def identify_blocks(comparison: BlockComparison) -> Mapping[BlockId, Change]:
    """Return what happened to each block of the later side.

    The block that has kept its place, edited, is the one that it was, and not another that has its old body.
    That one may have been another block of that body.
    """
    found = {block: comparison.classify(block) for block in comparison.after.list_blocks()}
    edited = {change.before for change in found.values() if change.state == "modified"}
    copies = [block for block, change in found.items() if _is_of(change, edited)]
    taken = {change.before for change in found.values() if not _is_of(change, edited)}
    for copy in copies:
        found[copy] = _place(comparison, copy, taken)
        taken.add(found[copy].before)
    return found


def identify_block(comparison: BlockComparison, block: BlockId) -> Change:
    """Return what happened to one block of the later side, likewise, and look at others only if need be."""
    change = comparison.classify(block)
    return identify_blocks(comparison)[block] if change.state == "renamed" else change


def _place(comparison: BlockComparison, copy: BlockId, taken: Container[BlockId | None]) -> Change:
    """Return what happened to a block whose body was that of another one, which still has its place."""
    other = next((old for old in comparison.find_same_bodies(copy) if old not in taken), None)
    if other is not None:
        return Change("renamed", other)
    change = comparison.classify_by_place(copy)
    return Change("added") if change.before in taken else change


def _is_of(change: Change, edited: Container[BlockId | None]) -> bool:
    """Whether a block has the old body of one that has kept its place."""
    return change.state == "renamed" and change.before in edited
