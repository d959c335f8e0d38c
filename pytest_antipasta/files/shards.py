"""Dividing files among several machines: shards, balanced by cost, in which few files change places."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence

from pytest_antipasta.model import Shard, UsageError

# What opening, looking up and reporting a file costs, as bytes of a source to measure.
_BYTES_PER_FILE = 500
# How much more than its even part a shard may have: less moves more files, more keeps the others waiting.
_ROOM = 1.1
_MOST = 1000
# Bytes of a digest that say when it is a file's turn.
_TURN = 8


def parse_shard(text: str) -> Shard:
    """Return what ``2/5`` asks for.

    Raises:
        UsageError: there is no such shard.
    """
    if match := re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text):
        number, of = map(int, match.groups())
        if 1 <= number <= of <= _MOST:
            return Shard(number, of)
    raise UsageError(f"expected a shard such as 2/5, from 1/1 to {_MOST}/{_MOST}, got {text!r}")


def divide(sizes: Mapping[str, int], of: int) -> dict[str, int]:
    """Return the number of the shard of each file, which depends on nothing but what is given.

    Each path ranks the shards by a hash, and gets the first that has room ("Consistent hashing with bounded
    loads", Mirrokni and others, 2016): where files come, go or grow, hardly any other moves, and a shard more
    takes little besides its own part. While no file has more than a tenth of a shard, some shard has room for
    it: together they would else have more than there is.

    Args:
        sizes: in bytes, by path.
        of: how many shards.
    """
    costs = {path: size + _BYTES_PER_FILE for path, size in sizes.items()}
    room = _ROOM * sum(costs.values()) / of
    loads, shards = [0] * of, dict[str, int]()
    # A digest begins with the same bytes however long it is.
    draws = {path: hashlib.shake_128(path.encode()).digest(_TURN + 4 * of) for path in costs}
    # First what is hard to find room for; but not by size, as one large file would push out many small ones.
    for path in sorted(draws, key=lambda path: (costs[path] < room / 10, draws[path])):
        chosen = _choose(draws[path][_TURN:], loads, room - costs[path])
        loads[chosen] += costs[path]
        shards[path] = chosen + 1
    return shards


def _choose(draw: bytes, loads: Sequence[int], most: float) -> int:
    """Return the shard that a path's hash ranks first among those with such a load at most."""
    marks = struct.unpack(f">{len(loads)}I", draw)
    favourite = marks.index(max(marks))
    if loads[favourite] <= most:
        return favourite
    ranked = sorted(range(len(loads)), key=marks.__getitem__, reverse=True)
    fitting = (shard for shard in ranked if loads[shard] <= most)
    return next(fitting, min(ranked, key=loads.__getitem__))


def digest_files(sizes: Mapping[str, int]) -> str:
    """Return what stands for the files that are divided: their paths and sizes."""
    lines = (f"{path}\0{sizes[path]}\0" for path in sorted(sizes))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
