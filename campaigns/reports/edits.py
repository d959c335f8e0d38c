"""What is hostile to a format: names of files, reasons of comments, and files without values."""

from __future__ import annotations

from random import Random

from campaigns.hunt.edits import Edit, find_spans
from campaigns.hunt.trees import sources_of
from campaigns.ways.projects import FOLDERS
from tests.report.conftest import HOSTILE

_NAMES = tuple(name for name in HOSTILE if name.encode(errors="replace").decode() == name)
_CONTENTS = ("def f(:\n", "def f():\n    raise;\n", "\0", "<<<<<<< a\n", "x = '\n", "")
_WHAT = ("", "[cyclomatic_complexity]", "[cyclomatic_complexity<=3]", "[cognitive<=9]", "[halstead_x]")
_REASONS = (
    *("why | not", "<b>&amp;</b>", "`x`", "a, b", '"q"', "::error::", "ünï", "%0A", "=1+1", "\u202e", "'"),
)


def _rename(tree: dict[str, str], rng: Random) -> str:
    sources = sorted(sources_of(tree))
    if not sources:
        return ""
    old, new = rng.choice(sources), f"{rng.choice(FOLDERS)}/{rng.choice(_NAMES)}"
    tree[new] = tree.pop(old)
    return f"{old} is {new!r}"


def _break(tree: dict[str, str], rng: Random) -> str:
    path = f"{rng.choice(FOLDERS)}/{rng.choice('abcd')}.py"
    tree[path] = rng.choice(_CONTENTS)
    return f"{path}: {tree[path]!r}"


def _suppress(tree: dict[str, str], rng: Random) -> str:
    spans = [span for span in find_spans(tree) if "#" not in span.lines[span.head]]
    if not spans:
        return ""
    span = rng.choice(spans)
    comment = f"  # antipasta: ignore{rng.choice(_WHAT)} {rng.choice(_REASONS)}"
    lines = [*span.lines[: span.head], span.lines[span.head] + comment, *span.lines[span.head + 1 :]]
    tree[span.path] = "\n".join(lines)
    return f"{span.path}: {comment}"


HOSTILE_EDITS: tuple[Edit, ...] = (*[_rename] * 12, *[_break] * 4, *[_suppress] * 8)
"""Changes of a tree that formats have to bear."""
