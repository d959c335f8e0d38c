"""Figures that programs of ours write to pages."""

from __future__ import annotations

from pathlib import Path


def write_figures(page: Path, name: str, text: str) -> None:
    """Put text between the marks of a name, in place of what was there."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, first, rest = page.read_text(encoding="utf-8").partition(begin)
    _, last, after = rest.partition(end)
    if not first or not last:
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
