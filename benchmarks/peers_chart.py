"""The README's chart: the seconds that django's files take, beside other tools.

``python -m benchmarks`` writes it; ``python -m benchmarks.peers_chart`` draws it again from the figures of
an earlier run, ``docs/benchmarks.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from html import escape
from pathlib import Path
from statistics import median

from benchmarks.figures import Figures, read_figures
from tests.documents.drawing import CELL, LINE, MARGIN, THEMES, Theme, draw_page

_DOCS = Path(__file__).parent.parent / "docs"
_FILES = 885
# What a row is called, and the commands that it takes: radon has one for each kind of number.
_ROWS = (
    ("pytest-antipasta check, again", ("check, warm",)),
    ("pytest-antipasta check, first run", ("check, cold",)),
    ("ruff (C901 and PLR09 alone)", ("ruff C901,PLR09",)),
    ("complexipy (cognitive alone)", ("complexipy",)),
    ("xenon (cyclomatic alone)", ("xenon",)),
    ("radon cc + mi + hal + raw", ("radon cc", "radon mi", "radon hal", "radon raw")),
    ("wily build, one commit", ("wily build, one commit",)),
    ("antipasta 1.2.0, first run", ("antipasta 1.2.0, cold",)),
)
_OURS = "pytest-antipasta"
_WIDTH, _BAR = 700, 12


def find_rows(figures: Figures) -> list[tuple[str, float]]:
    """Return the chart's rows with median seconds, the fastest first, without those not measured."""
    rows = [(name, [f"{command}, {_FILES} files" for command in commands]) for name, commands in _ROWS]
    found = [
        (name, sum(round(median(figures.seconds[command]), 2) for command in commands))
        for name, commands in rows
        if all(command in figures.seconds for command in commands)
    ]
    return sorted(found, key=lambda row: row[1])


def describe_rows(rows: Sequence[tuple[str, float]]) -> str:
    """Return the numbers of a chart as text, for those who can't see it."""
    return "; ".join(f"{name}: {seconds:.2f} s" for name, seconds in rows)


def write_charts(figures: Figures, folder: Path) -> None:
    """Write the chart for light and for dark pages, unless the run left out the tree that it is about."""
    if rows := find_rows(figures):
        folder.mkdir(parents=True, exist_ok=True)
        for name, theme in THEMES.items():
            (folder / f"peers-{name}.svg").write_text(draw_chart(rows, theme), encoding="utf-8")


def draw_chart(rows: Sequence[tuple[str, float]], theme: Theme) -> str:
    """Return an SVG with a bar for each row, on a scale that begins at 0."""
    begin = MARGIN + (max(len(name) for name, _ in rows) + 2) * CELL
    free = MARGIN + _WIDTH - 8 * CELL - begin
    slowest = max(seconds for _, seconds in rows)
    parts = []
    for number, (name, seconds) in enumerate(rows):
        is_ours = name.startswith(_OURS)
        style = "gr" if is_ours else "fa"
        y, length = MARGIN + number * (LINE + 5), max(free * seconds / slowest, 2)
        bold = " b" if is_ours else ""
        parts += [
            f'<text x="{MARGIN}" y="{y + 14}" class="pl{bold}">{escape(name, quote=False)}</text>',
            f'<rect x="{begin:.5g}" y="{y + 3}" width="{length:.4g}" height="{_BAR}" class="{style}"/>',
            f'<text x="{begin + length + 8:.5g}" y="{y + 14}" class="pl{bold}">{seconds:.2f} s</text>',
        ]
    height = len(rows) * (LINE + 5) - 5
    return draw_page(_WIDTH, height, theme, describe_rows(rows), ["faint", "green", "plain"], parts)


def main(argv: Sequence[str] | None = None) -> None:
    """Draw the chart from the figures of an earlier run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers_chart", description=__doc__)
    parser.add_argument("figures", nargs="?", type=read_figures, default=str(_DOCS / "benchmarks.json"))
    write_charts(parser.parse_args(argv).figures, _DOCS / "pictures")


if __name__ == "__main__":
    main()
