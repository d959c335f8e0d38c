"""What a block's sums are and are not."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_antipasta.explanation import ExplainedBlock, Explanation
from pytest_antipasta.model import Block
from pytest_antipasta.report.wording import count


def iter_notes(parts: Explanation, one: ExplainedBlock) -> Iterator[str]:
    """Yield why a sum is not the block's number, where it is not, and what it leaves out."""
    yield from _iter_average(one)
    block = one.block
    if block.kind == "class":
        yield "a class has no cognitive_complexity; the sum is that of the functions in its lines"
    elif one.cognitive is None:
        yield "no cognitive_complexity: complexipy refuses the file"
    elif block.cognitive_complexity is None:
        yield f"no cognitive_complexity of its own: its points are {_find_outer(parts, block)}'s"
    inner = [other.block for other in parts.blocks if _is_function_in(other.block, block)]
    if inner and block.kind != "class":
        own = ", ".join(f"{one.qualified_name} {one.cyclomatic_complexity}" for one in inner)
        yield f"not in the cyclomatic sum, as they have numbers of their own: {own}"


def _iter_average(one: ExplainedBlock) -> Iterator[str]:
    """Yield what radon makes of a class's sum: ``int(sum / methods) + (methods > 1)``."""
    if one.methods:
        number = one.block.cyclomatic_complexity
        average = f"{one.cyclomatic.total} / {count(one.methods, 'method')}, rounded down"
        more = ", and 1 more" if one.methods > 1 else ""
        yield f"cyclomatic_complexity of a class is an average: {average}{more} = {number}"


def _find_outer(parts: Explanation, block: Block) -> str:
    """Return the function that complexipy gives a closure's points to."""
    outer = (other.block for other in parts.blocks if other.block.cognitive_complexity is not None)
    names = (one.qualified_name for one in outer if one.line <= block.line <= one.end_line)
    return next(names, "another function")


def _is_function_in(block: Block, outer: Block) -> bool:
    return block.kind != "class" and block.qualified_name.startswith(f"{outer.qualified_name}.")
