"""The pictures of the documentation show what commands print, can be read, and fetch nothing."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.figures import Figures, read_figures
from benchmarks.peers_chart import describe_rows, draw_chart, find_rows, write_charts
from tests.documents.drawing import THEMES, draw_terminal

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = sorted(DOCS.glob("pictures/*.svg"))
NAMESPACE = "{http://www.w3.org/2000/svg}"
LEAST_CONTRAST = 4.5
"""What the Web Content Accessibility Guidelines ask of text, level AA."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_they_are_what_commands_print(tmp_path: Path, renew: Callable[[Path, str], None]) -> None:
    from tests.documents.pictures import make_pictures  # Windows has no `pty`

    for name, text in make_pictures(tmp_path).items():
        renew(DOCS / "pictures" / name, text)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_has_a_title_and_fetches_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < 30_000
    root = ElementTree.fromstring(text)
    title = root.find(f"{NAMESPACE}title")
    assert title is not None and title.text
    assert re.findall(r"https?:[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"url\(|@import|href|<script|<image", text)


def test_each_has_a_light_and_a_dark_variant_of_the_same_words() -> None:
    words = {path.stem: "".join(ElementTree.parse(path).getroot().itertext()) for path in PICTURES}
    for name in {stem.rpartition("-")[0] for stem in words}:
        light, dark = (re.sub(r"\.b\{.*\}", "", words[f"{name}-{theme}"]) for theme in THEMES)
        assert light == dark


@pytest.mark.parametrize("name", THEMES)
def test_each_ink_can_be_read_on_its_paper(name: str) -> None:
    theme = THEMES[name]
    found = {style: contrast(ink, theme.paper) for style, ink in theme.ink.items()}
    assert {style: ratio for style, ratio in found.items() if ratio < LEAST_CONTRAST} == {}
    assert contrast("#ffffff", "#000000") == pytest.approx(21)


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours' luminances, as WCAG 2 defines it."""

    def luminance(color: str) -> float:
        parts = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
        linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        red, green, blue = linear
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        pytest.param("a  b", [("16", "pl", "a"), ("41.2", "pl", "b")], id="gaps are places, not text"),
        pytest.param("\x1b[31m12\x1b[0m/10", [("16", "re", "12"), ("32.8", "pl", "/10")], id="colours"),
        pytest.param("\x1b[1;33m<&\x1b[0m", [("16", "ye b", "<&")], id="bold, and what XML escapes"),
        pytest.param("1 of 2\rdone", [("16", "pl", "done")], id="progress that was written over"),
        pytest.param("files 3 ▁▂█", [("16", "pl", "files 3"), ("83.2", "pl", "▁▂█")], id="plots"),
    ],
)
def test_a_terminal_is_drawn(sent: str, shown: list[tuple[str, str, str]]) -> None:
    root = ElementTree.fromstring(draw_terminal(sent, THEMES["light"], "a title"))
    found = [(text.get("x"), text.get("class"), text.text) for text in root.iter(f"{NAMESPACE}text")]
    assert found == shown


def test_a_style_that_has_no_ink_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw_terminal("\x1b[35mtext", THEMES["light"], "a title")


LAST_RUN = DOCS / "benchmarks.json"
needs_last_run = pytest.mark.skipif(not LAST_RUN.exists(), reason="`python -m benchmarks` writes the figures")


@needs_last_run
def test_the_text_of_the_chart_in_the_readme_has_its_numbers(renew: Callable[[Path, str], None]) -> None:
    readme = DOCS.parent / "README.md"
    text = readme.read_text(encoding="utf-8")
    (said,) = re.findall(r'<img alt="(.+)" src="docs/pictures/peers-light.svg">', text)
    renew(readme, text.replace(said, describe_rows(find_rows(read_figures(str(LAST_RUN))))))


@needs_last_run
def test_the_chart_of_peers_has_the_figures_of_the_last_run(tmp_path: Path) -> None:
    write_charts(read_figures(str(LAST_RUN)), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["peers-dark.svg", "peers-light.svg"]
    for path in tmp_path.iterdir():
        drawn = path.read_text(encoding="utf-8")
        assert drawn == (DOCS / "pictures" / path.name).read_text(encoding="utf-8")


def test_a_row_is_the_sum_of_its_commands_the_fastest_first_without_those_where_one_is_missing(
    tmp_path: Path,
) -> None:
    parts = {"radon cc": [1.0, 9.0, 2.0], "radon mi": [3.0], "radon hal": [0.5], "radon raw": [0.25]}
    seconds = {f"{name}, 885 files": rounds for name, rounds in parts.items()}
    seconds |= {"xenon, 885 files": [6.0], "check, cold, 885 files": [1.0]}
    radon, *others = ("radon cc + mi + hal + raw", 5.75), ("pytest-antipasta check, first run", 1.0)
    assert find_rows(Figures("", {}, seconds, {})) == [*others, radon, ("xenon (cyclomatic alone)", 6.0)]
    for name in ("radon raw", "xenon", "check, cold"):
        del seconds[f"{name}, 885 files"]
    assert find_rows(Figures("", {}, seconds, {})) == []
    write_charts(Figures("", {}, seconds, {}), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_bars_are_as_long_as_what_they_show() -> None:
    rows = [("pytest-antipasta", 1.0), ("other", 4.0), ("next to nothing", 0.0)]
    root = ElementTree.fromstring(draw_chart(rows, THEMES["dark"]))
    frame, *bars = root.iter(f"{NAMESPACE}rect")
    ours, other, least = (float(bar.get("width", "")) for bar in bars)
    assert other == pytest.approx(4 * ours, rel=0.01)
    assert least > 0
    end = max(float(bar.get("x", "")) + float(bar.get("width", "")) for bar in bars)
    assert end + 8 + 8 * len("4.00 s") < float(frame.get("width", ""))
