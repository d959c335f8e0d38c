"""Find added functions that were renamed or moved and edited, by the lines that they share with old ones.

Two functions are compared as git compares files: by the share of common lines in the longer one. Indentation,
blank lines and comment lines are ignored. Functions without an origin by such lines are compared without the
names of variables, as a method that becomes a function has no ``self`` any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from pytest_antipasta.metrics.following.comparison import (
    BlockComparison,
    ComparedFiles,
    FollowedBlock,
    identify_blocks,
)
from pytest_antipasta.metrics.following.file_version import BlockId, FileVersion, index_lines
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import Block, find_number

# The minimum share of common lines in the longer function is one divided by this.
_SHARE = 2
# A line that more old functions than this contain is not searched for, as each new one that has it would be
# compared with all of them.
_MOST = 200
_TOO_MANY = (
    f"some new functions were not compared with old ones, as more than {_MOST} have the same lines; if they "
    "were renamed or moved, commit that first, and edits after it"
)
_get_complexities = attrgetter("cyclomatic_complexity", "cognitive_complexity")


class SimilarOrigin(NamedTuple):
    """The old function that an added one is matched with.

    Attributes:
        before: the old function.
        after: the same function on the new side if it was made simpler; ``None`` if it is gone.
    """

    before: BlockId
    after: BlockId | None


class _Pair(NamedTuple):
    share: float
    new: BlockId
    old: BlockId


class _OldFunctions:
    """Old functions by their lines, with the names of variables or without."""

    def __init__(self, before: ComparedFiles, blocks: Iterable[BlockId], *, is_named: bool) -> None:
        self._versions = before.versions
        self._blocks = blocks
        self._is_named = is_named

    def are_too_many(self, version: FileVersion, name: str) -> bool:
        """Return whether one may be similar to a new function by lines alone that are not searched for."""
        own = version.count_lines(name, is_named=self._is_named)
        common = sum(number for line, number in own.items() if len(self._holders.get(line, ())) > _MOST)
        return common * _SHARE >= own.total()

    def iter_alike(self, version: FileVersion, name: str) -> Iterator[_Pair]:
        """Yield the old functions that share enough lines with a new one."""
        version.check_time()
        own = version.count_lines(name, is_named=self._is_named)
        for old in dict.fromkeys(self._iter_holders(own)):
            lines = self._lines[old]
            common, longest = (own & lines).total(), max(own.total(), lines.total())
            if common * _SHARE >= longest:
                yield _Pair(common / longest, (version.path, name), old)

    def _iter_holders(self, own: Counter[str]) -> Iterator[BlockId]:
        """Yield the functions with one of the rarest lines; the lines checked are more than half of all."""
        left = own.total()
        for line in sorted(own, key=lambda line: len(self._holders.get(line, ()))):
            holders = self._holders.get(line, ())
            if left * _SHARE < own.total() or len(holders) > _MOST:
                return
            yield from holders
            left -= own[line]

    @cached_property
    def _lines(self) -> dict[BlockId, Counter[str]]:
        return {
            (path, name): self._versions[path].count_lines(name, is_named=self._is_named)
            for path, name in self._blocks
        }

    @cached_property
    def _holders(self) -> dict[str, list[BlockId]]:
        """For each line, the old functions that contain it."""
        return index_lines(self._lines)


class SimilarOrigins:
    """Matches added functions with the most similar functions that the same change deletes or makes simpler.

    Each origin is matched once, by lines as they are and then by those without names of variables: best share
    first, then same name, same file, and order of paths and lines.
    """

    def __init__(
        self,
        comparison: BlockComparison,
        list_rivals: Callable[[], Iterable[BlockId]],
        warn: Callable[[str], object],
    ) -> None:
        """Compare nothing yet.

        Args:
            comparison: comparison of both sides.
            list_rivals: returns the new functions that an origin may belong to, in order; functions that were
                not added have none.
            warn: receives a warning about an added function that too many old functions may be similar to.
        """
        self._comparison = comparison
        self._list_rivals = list_rivals
        self._warn = warn
        self._takers: dict[str, Mapping[BlockId, BlockId]] = {}

    def find(self, block: BlockId) -> SimilarOrigin | None:
        """Return the origin of an added function.

        All new files are measured only if an old function is similar.
        """
        path, name = block
        version = self._comparison.after.versions[path]
        is_alike = any(pair for olds in self._olds for pair in olds.iter_alike(version, name))
        origin = self.pairs.get(block) if is_alike else None
        if origin is None and self._olds[0].are_too_many(version, name):
            self._warn(_TOO_MANY)
        return origin

    def find_taker(self, source: BlockId, metric: str) -> BlockId | None:
        """Return the first added function that keeps the value of an old one.

        Several closures can have been part of the old one. One that is a closure still has no value, and
        keeps none.
        """
        if metric not in self._takers:
            self._takers[metric] = self._find_takers(metric)
        return self._takers[metric].get(source)

    def _find_takers(self, metric: str) -> Mapping[BlockId, BlockId]:
        versions, takers = self._comparison.after.versions, dict[BlockId, BlockId]()
        for block, similar in self.pairs.items():
            if find_number(versions[block[0]].blocks[block[1]], metric) is not None:
                takers.setdefault(self._comparison.look_up_measured(similar.before, metric), block)
        return takers

    @cached_property
    def _olds(self) -> Sequence[_OldFunctions]:
        """The old functions that may be origins: by their lines, and by those without names of variables."""
        before = self._comparison.before
        before.measure()
        blocks = self._comparison.list_touched()
        return [_OldFunctions(before, blocks, is_named=is_named) for is_named in (True, False)]

    @cached_property
    def pairs(self) -> Mapping[BlockId, SimilarOrigin]:
        """The origins of all added functions, in the order in which they were matched."""
        found = identify_blocks(self._comparison)
        origins = _find_origins(self._comparison, found)
        added = [block for block in self._list_rivals() if found[block].state == "added"]
        pairs: dict[BlockId, SimilarOrigin] = {}
        for olds in self._olds:
            taken = {origin.before for origin in pairs.values()}
            free = {old: now for old, now in origins.items() if old not in taken}
            pairs |= self._match(olds, free, [block for block in added if block not in pairs])
        return pairs

    def _match(
        self, olds: _OldFunctions, origins: Mapping[BlockId, BlockId | None], added: Iterable[BlockId]
    ) -> dict[BlockId, SimilarOrigin]:
        """Return the origins of added functions, best share first."""
        versions = self._comparison.after.versions
        alike = (pair for path, name in added for pair in olds.iter_alike(versions[path], name))
        pairs: dict[BlockId, SimilarOrigin] = {}
        taken: set[BlockId] = set()
        for _, new, old in self._sort((pair for pair in alike if pair.old in origins), origins):
            if new not in pairs and old not in taken:
                pairs[new] = SimilarOrigin(old, origins[old])
                taken.add(old)
        return pairs

    def _sort(self, pairs: Iterable[_Pair], origins: Iterable[BlockId]) -> list[_Pair]:
        """Return pairs sorted by likelihood."""
        places = {block: place for place, block in enumerate(origins)}

        def rank(pair: _Pair) -> tuple[float, bool, bool, int]:
            is_other_file = self._comparison.origins.get(pair.new[0]) != pair.old[0]
            return -pair.share, _find_name(pair.new) != _find_name(pair.old), is_other_file, places[pair.old]

        # Sorting is stable: of equal pairs, the one with the first added function comes first.
        return sorted(pairs, key=rank)


def _find_origins(
    comparison: BlockComparison, found: Mapping[BlockId, FollowedBlock]
) -> dict[BlockId, BlockId | None]:
    """Return the old functions that are gone, and simpler ones with their new versions."""
    before, after = comparison.before, comparison.after
    there = {change.before: block for block, change in found.items()}
    origins: dict[BlockId, BlockId | None] = {}
    for block in before.list_blocks():
        version, now = before.versions[block[0]], there.get(block)
        if now is not None:
            # One that became a closure has no cognitive points of its own any more, and passes none on.
            is_origin = found[now].state == "modified" and _is_simpler(
                version.blocks[block[1]], after.versions[now[0]].blocks[now[1]]
            )
        else:  # it may be in a file that has no values now
            is_origin = not after.find_text(version.block_lines(block[1]))
        if is_origin:
            origins[block] = now
    return origins


def _is_simpler(old: Block, new: Block) -> bool:
    """Return whether one of the complexities of a function has decreased."""
    values = zip(*map(_get_complexities, (old, new)), strict=True)
    return any((before or 0) > (after or 0) for before, after in values)


def _find_name(block: BlockId) -> str:
    return strip_number(block[1]).rpartition(".")[2]
