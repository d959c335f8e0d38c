"""What has to be in the list of a change, from both sides measured by radon and complexipy themselves.

Nothing is expected of which block another one was, where several could be it, but that each was one at most;
everything of the numbers, and of which blocks are listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from campaigns.hunt.contents import Measured
from campaigns.hunt.following import Place, find_stem
from campaigns.hunt.oracle import Side, find_origins, read_state
from campaigns.hunt.trees import BLOCK_METRICS, SETTINGS, Tree, read_settings

Row: TypeAlias = Mapping[str, Any]
"""A block of the list, as JSON has it."""


class _Beside:
    """A change beside one parent."""

    def __init__(self, side: Side, after: Tree) -> None:
        settings = after[SETTINGS]
        before, now = read_state(side.tree, settings), read_state(after, settings)
        self.before, self.after = before.files, now.files
        self.origins = find_origins(before, now, side.origins)
        self._successors = {old: path for path, old in self.origins.items()}

    def is_as_before(self, place: Place) -> bool:
        """Whether a block has its name, its file and its body."""
        old = self.before.get(self.origins.get(place[0], ""))
        name = place[1]
        return old is not None and old.bodies.get(name) == self.after[place[0]].bodies[name]

    def is_still_there(self, old: Place) -> bool:
        """Whether an earlier block has its name, its file and its body still."""
        path = self._successors.get(old[0], "")
        return path in self.after and old[1] in self.after[path].bodies and self.is_as_before((path, old[1]))

    def find_old(self, row: Row) -> Place | None:
        """Return the earlier block of a row."""
        if row["change"] == "added":
            return None
        return row["previous_path"] or row["path"], row["previous_name"] or row["qualified_name"]


def _find_blocks(files: Mapping[str, Measured]) -> list[Place]:
    return [(path, name) for path, file in files.items() for name in file.blocks]


def find_wrong_rows(parents: Sequence[Side], after: Tree, rows: Sequence[Row]) -> list[str]:
    """Return what is wrong with the list of a change, a line each."""
    sides = [_Beside(side, after) for side in parents]
    wrong = list(_find_wrong_order(rows))
    for row in rows:
        told: list[list[str]] = [list(_find_wrong(row, side, after)) for side in sides]
        wrong += min(told, key=lambda lines: sum(1 for _ in lines))  # it is told beside one of them
    wrong += _find_wrong_choice(sides, rows)
    if len(sides) == 1:
        wrong += _find_wrong_pairs(sides[0], rows)
        wrong += _find_wrong_sums(sides[0], rows)
    return wrong


def _find_wrong_order(rows: Sequence[Row]) -> Iterator[str]:
    keys = [(row["path"], row["line"] is None, row["line"] or 0, row["qualified_name"]) for row in rows]
    if keys != sorted(keys) or len(set(keys)) < len(keys):
        yield f"not in order, or twice: {keys}"


def _find_wrong(row: Row, side: _Beside, after: Tree) -> Iterator[str]:
    """Yield what is wrong with a row beside one parent."""
    place, old = (row["path"], row["qualified_name"]), side.find_old(row)
    was = _find_numbers(side.before, old)
    now = _find_numbers(side.after, place if row["change"] != "deleted" else None)
    if (now and now["line"]) != row["line"]:
        yield f"{place}: not there, or in another line"
    if (was is None) != (row["change"] == "added") or (now is None) != (row["change"] == "deleted"):
        yield f"{place}: {old} was there, or was not"
    # Of a function that is gone from a file that was renamed, too: others in the file have these.
    limits = _find_limits(after, place)
    for metric, limit in limits.items():
        expected = {**_compare(was, now, metric), "limit": limit, "comparison": "<="}
        if row["metrics"][metric] != expected:
            yield f"{place}: {metric} is {row['metrics'][metric]}, not {expected}"
    if old and now and was:
        is_limited_otherwise = limits.keys() != _find_limits(after, old).keys()
        yield from _find_wrong_kind(row, side, old, is_limited_otherwise)


def _find_limits(after: Tree, place: Place) -> dict[str, Any]:
    limits = read_settings(after[SETTINGS]).find_limits(*place)
    return {
        metric: limit for metric, limit in limits.items() if metric in BLOCK_METRICS and limit is not False
    }


def _find_numbers(files: Mapping[str, Measured], place: Place | None) -> Mapping[str, Any] | None:
    return files[place[0]].blocks.get(place[1]) if place and place[0] in files else None


def _compare(was: Row | None, now: Row | None, metric: str) -> dict[str, Any]:
    before, after = (one[metric] if one else None for one in (was, now))
    delta = None if before is after is None else (after or 0) - (before or 0)
    return {"before": before, "after": after, "delta": delta}


def _find_wrong_kind(row: Row, side: _Beside, old: Place, is_limited_otherwise: bool) -> Iterator[str]:
    """Yield what does not fit what happened to a block that was there.

    An edited function is followed to another name or file if it is over a limit there, or if other metrics
    have a limit there.
    """
    place = (row["path"], row["qualified_name"])
    is_same_body = side.before[old[0]].bodies[old[1]] == side.after[place[0]].bodies[place[1]]
    is_same_file = side.origins.get(place[0]) == old[0]
    is_over = any(item["after"] and item["after"] > item["limit"] for item in row["metrics"].values())
    is_followed = is_same_body or ((is_over or is_limited_otherwise) and row["change"] != "modified")
    kind = ("renamed" if is_same_file else "moved") if is_followed else "modified"
    if row["change"] != kind:
        yield f"{place}: {row['change']}, not {kind} from {old}"
    if kind == "modified" and (not is_same_file or find_stem(old[1]) != find_stem(place[1])):
        yield f"{place}: was not {old}"


def _find_wrong_choice(sides: Sequence[_Beside], rows: Sequence[Row]) -> Iterator[str]:
    """Yield the blocks that are listed and as they were, and those that are not and aren't."""
    listed = {(row["path"], row["qualified_name"]) for row in rows if row["change"] != "deleted"}
    for place in _find_blocks(sides[0].after):
        if any(side.is_as_before(place) for side in sides) == (place in listed):
            yield f"{place}: {'listed' if place in listed else 'not listed'}"


def _find_wrong_pairs(side: _Beside, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the earlier blocks that several blocks were, or none though they are not as they were."""
    taken = Counter(old for row in rows if (old := side.find_old(row)) is not None)
    for old in _find_blocks(side.before):
        if taken[old] != (not side.is_still_there(old)):
            yield f"{old}: told {taken[old]} times"
    added = [(row["path"], row["qualified_name"]) for row in rows if row["change"] == "added"]
    gone = [side.find_old(row) for row in rows if row["change"] == "deleted"]
    bodies = {side.before[old[0]].bodies[old[1]] for old in gone if old}
    for path, name in added:
        if side.after[path].bodies[name] in bodies:
            yield f"{(path, name)}: added, though a block of that body is gone"


def _find_wrong_sums(side: _Beside, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the metrics whose deltas don't add up to what is between both sides."""
    everywhere = set(BLOCK_METRICS).intersection(*(row["metrics"] for row in rows))
    for metric in everywhere:  # that has a limit in all folders
        before, after = (_add_up(files, metric) for files in (side.before, side.after))
        delta = sum(row["metrics"][metric]["delta"] or 0 for row in rows)
        if delta != after - before:
            yield f"{metric}: all deltas make {delta}, and {before} became {after}"


def _add_up(files: Mapping[str, Measured], metric: str) -> int:
    numbers: list[Any] = [file.blocks[name][metric] for file in files.values() for name in file.blocks]
    return sum(number or 0 for number in numbers)
