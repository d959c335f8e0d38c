"""One side of a change: all its files, in which blocks are found by their bodies and their text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from operator import attrgetter

from pytest_antipasta.metrics.following.file_version import BlockId, FileVersion, LineIndex


class Side:
    """One side of a change."""

    def __init__(self, versions: Iterable[FileVersion], is_settled: Callable[[BlockId], bool]) -> None:
        """Order the files by their paths.

        Args:
            versions: of the files.
            is_settled: whether a block is known to be what it was, so that nobody looks for its body.
        """
        self.versions = {version.path: version for version in sorted(versions, key=attrgetter("path"))}
        self._is_settled = is_settled
        self._by_body: dict[int | None, dict[str, list[BlockId]]] = {}

    def list_blocks(self) -> list[BlockId]:
        """Return all blocks of all files."""
        return [(path, name) for path, version in self.versions.items() for name in version.blocks]

    def find_blocks(self, body: str, complexity: int | None) -> Sequence[BlockId]:
        """Return the blocks that have a body, but for those that are settled.

        Args:
            body: normalised.
            complexity: the cyclomatic one of such a block, as only blocks of the same one are looked at.
        """
        if complexity not in self._by_body:
            found: dict[str, list[BlockId]] = {}
            for version, name in self._by_complexity.get(complexity, ()):
                found.setdefault(version.body(name) or "", []).append((version.path, name))
            self._by_body[complexity] = found
        return self._by_body[complexity].get(body, ())

    @cached_property
    def _by_complexity(self) -> dict[int | None, list[tuple[FileVersion, str]]]:
        found: dict[int | None, list[tuple[FileVersion, str]]] = {}
        for version in self.versions.values():
            for name, block in version.blocks.items():
                if not self._is_settled((version.path, name)):
                    found.setdefault(block.cyclomatic_complexity, []).append((version, name))
        return found

    def find_text(self, lines: Sequence[str]) -> str | None:
        """Return the path of a file that can't be measured and has some lines as they are."""
        paths = (path for path, text in self._unmeasured.items() if text.has(lines))
        return next(paths, None)

    @cached_property
    def _unmeasured(self) -> dict[str, LineIndex]:
        return {
            version.path: LineIndex(version.lines)
            for version in self.versions.values()
            if version.measurement.error is not None
        }
