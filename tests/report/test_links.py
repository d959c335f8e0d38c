"""Places that terminals open: links where a terminal says that it has them, and text that it finds."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.model.measured import FileMetrics, Measurement
from pytest_antipasta.report.rows import Look, find_rows, format_flat, format_rows
from pytest_antipasta.report.terminal import Paint, has_links, measure_text

OVER = Violation("cyclomatic_complexity", "f", 7, 12, 10, "<=")
ROWS = find_rows([Verdict("a b.py", Measurement(FileMetrics()), (OVER,))])
VARIABLES = (
    "FORCE_HYPERLINK",
    "TERM",
    "TERM_PROGRAM",
    "VTE_VERSION",
    "KONSOLE_VERSION",
    "WT_SESSION",
    "DOMTERM",
)


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "variables", "expected"),
    [
        pytest.param(Screen(), {"TERM": "xterm-256color"}, False, id="says nothing"),
        pytest.param(Screen(), {"TERM_PROGRAM": "iTerm.app"}, True, id="a program"),
        pytest.param(Screen(), {"TERM_PROGRAM": "vscode"}, False, id="one that finds paths itself"),
        pytest.param(Screen(), {"TERM": "xterm-kitty"}, True, id="a kind of terminal"),
        pytest.param(Screen(), {"VTE_VERSION": "5202"}, True, id="a version"),
        pytest.param(Screen(), {"VTE_VERSION": "4205"}, False, id="an older version"),
        pytest.param(Screen(), {"VTE_VERSION": "x"}, False, id="no version"),
        pytest.param(Screen(), {"WT_SESSION": "1"}, True, id="a variable"),
        pytest.param(Screen(), {"WT_SESSION": "1", "FORCE_HYPERLINK": "0"}, False, id="refused"),
        pytest.param(io.StringIO(), {"WT_SESSION": "1"}, False, id="a pipe"),
        pytest.param(io.StringIO(), {"FORCE_HYPERLINK": "1"}, True, id="forced"),
        pytest.param(None, {"WT_SESSION": "1"}, False, id="no stream"),
    ],
)
def test_a_terminal_has_links_where_it_says_so(
    stream: io.StringIO | None, variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert has_links(stream) is expected


def test_a_place_links_to_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    address = Path("a b.py").absolute().as_uri()
    look = Look(Paint(False, True))
    path, row = format_rows(ROWS, look)
    assert path == f"\x1b]8;;{address}\x1b\\a b.py\x1b]8;;\x1b\\"
    assert row == f"    \x1b]8;;{address}#7\x1b\\7:1\x1b]8;;\x1b\\  f  cyclomatic 12/10"
    assert [measure_text(line) for line in (path, row)] == [len(line) for line in format_rows(ROWS)]
    ((line,),) = format_flat(ROWS, look)
    assert line == f"\x1b]8;;{address}#7\x1b\\a b.py:7\x1b]8;;\x1b\\: f  cyclomatic 12/10"


def test_an_escaped_name_is_no_link() -> None:
    assert Paint(False, True).link("a\\x1b.py:1", "a\\x1b.py", 1) == "a\\x1b.py:1"
