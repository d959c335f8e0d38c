"""Divide files among several machines: shards of balanced cost that few files move between."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.run import Shard

# The cost of opening, looking up and reporting a file, in bytes of source to measure.
_BYTES_PER_FILE = 500
_MOST = 1000


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

    Files in the order of a hash are cut into parts of even cost, so that few files move when one is added,
    removed or grows.

    Sizes are in bytes; ``of`` is the number of shards.
    """
    costs = {path: size + _BYTES_PER_FILE for path, size in sizes.items()}
    total, shards = sum(costs.values()), dict[str, int]()
    begin = 0
    for path in sorted(costs, key=lambda path: hashlib.sha256(path.encode()).digest()):
        shards[path] = of * (2 * begin + costs[path]) // (2 * total) + 1
        begin += costs[path]
    return shards


def digest_files(sizes: Mapping[str, int]) -> str:
    """Return the digest of the divided files: their paths and sizes."""
    lines = (f"{path}\0{sizes[path]}\0" for path in sorted(sizes))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
