"""Divide files among several machines: shards of balanced cost that few files move between."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.run import Shard

# The cost of opening, looking up and reporting a file, in bytes of source to measure.
_BYTES_PER_FILE = 500
# How far a shard may exceed its even part: a smaller value moves more files, a larger one delays other
# shards.
_ROOM = 1.1
_MOST = 1000
# Bytes of a digest that decide the order of files.
_TURN = 8


def parse_shard(text: str) -> Shard:
    """Return the shard of a text such as ``2/5``.

    Raises:
        UsageError: the text is not a valid shard.
    """
    if match := re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text):
        number, of = map(int, match.groups())
        if 1 <= number <= of <= _MOST:
            return Shard(number, of)
    raise UsageError(f"expected a shard such as 2/5, from 1/1 to {_MOST}/{_MOST}, got {text!r}")


def divide(sizes: Mapping[str, int], of: int) -> dict[str, int]:
    """Return the shard number of each file, which depends only on the arguments.

    Each path ranks the shards by a hash, and gets the first with room ("Consistent hashing with bounded
    loads", Mirrokni and others, 2016). When files are added, removed or grow, few others move; a further
    shard takes little more than its own part. If no file is larger than a tenth of a shard, some shard always
    has room.

    Sizes are in bytes; ``of`` is the number of shards.
    """
    costs = {path: size + _BYTES_PER_FILE for path, size in sizes.items()}
    room = _ROOM * sum(costs.values()) / of
    loads, shards = [0] * of, dict[str, int]()
    # The first bytes of a digest do not depend on its length.
    draws = {path: hashlib.shake_128(path.encode()).digest(_TURN + 4 * of) for path in costs}
    # Large costs first, but not exactly by size, as one large file would displace many small ones.
    for path in sorted(draws, key=lambda path: (costs[path] < room / 10, draws[path])):
        chosen = _choose(draws[path][_TURN:], loads, room - costs[path])
        loads[chosen] += costs[path]
        shards[path] = chosen + 1
    return shards


def _choose(draw: bytes, loads: Sequence[int], most: float) -> int:
    """Return the shard that a path's hash ranks first among those with at most this load."""
    marks = struct.unpack(f">{len(loads)}I", draw)
    favourite = marks.index(max(marks))
    if loads[favourite] <= most:
        return favourite
    ranked = sorted(range(len(loads)), key=marks.__getitem__, reverse=True)
    fitting = (shard for shard in ranked if loads[shard] <= most)
    return next(fitting, min(ranked, key=loads.__getitem__))


def digest_files(sizes: Mapping[str, int]) -> str:
    """Return the digest of the divided files: their paths and sizes."""
    lines = (f"{path}\0{sizes[path]}\0" for path in sorted(sizes))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
