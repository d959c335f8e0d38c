"""What a run says at its end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.opening import open_content_run
from pytest_antipasta.engine.result import Ending, Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.model.finding import Report, Totals
from pytest_antipasta.model.judged import Tolerated, Verdict, Violation
from pytest_antipasta.model.measured import FileError, FileMetrics, Measurement, Number, Origin
from pytest_antipasta.model.run import RunFacts, RunStats, Workers
from pytest_antipasta.report.summary import format_summary
from pytest_antipasta.results.stats import format_cost, format_store
from pytest_antipasta.settings.values import Settings

NOTHING = Measurement(FileMetrics())
BROKEN = Measurement(FileMetrics(), (), FileError("syntax", "wrong", 3))


def facts(
    total: int | None = 3,
    narrowed_by: tuple[str, ...] | None = None,
    warnings: tuple[str, ...] = (),
    **others: Any,
) -> RunStats:
    return RunStats(total, narrowed_by, warnings, **others)


def over(
    name: str | None, value: Number, limit: Number = 10, metric: str = "cyclomatic_complexity"
) -> Violation:
    return Violation(metric, name, 1 if name else None, value, limit, "<=")


def verdict(path: str, *violations: Violation, origin: Origin = "measured") -> Verdict:
    return Verdict(path, NOTHING, violations, origin=origin)


INDEX = Violation("maintainability_index", None, None, 12.3, 50, ">=")
PASSED = [verdict("a.py"), verdict("b.py"), verdict("c.py", origin="store")]


@pytest.mark.parametrize(
    ("verdicts", "known", "line"),
    [
        pytest.param(PASSED, facts(), "no violations in 3 files", id="all pass"),
        pytest.param(
            [verdict("a.py", over("f", 11), over("g", 12)), *PASSED[1:]],
            facts(),
            "2 functions are over a limit, in 1 of 3 files",
            id="some fail",
        ),
        pytest.param(
            [replace(verdict("a.py", over("f", 11), over(None, 12)), functions=2), *PASSED[1:]],
            facts(total=1234, unlisted=1231, unlisted_functions=5000),
            "1 of 5,002 functions and 1 file are over a limit, in 1 of 1,234 files",
            id="some of many functions",
        ),
        pytest.param(
            [replace(verdict("a.py", over("f", 11)), functions=20)],
            facts(total=1, narrowed_by=("--staged",), is_change=True),
            "1 function is over a limit, in 1 file; 1 file checked, limited to `--staged`",
            id="some of a change, which leaves others in its files out",
        ),
        pytest.param(
            [Verdict("a.py", BROKEN, errors_fail=True), verdict("b.py", over("f", 11)), PASSED[2]],
            facts(),
            "1 function is over a limit, in 1 of 3 files, 1 file not measured",
            id="one can't be measured",
        ),
        pytest.param(
            [Verdict("a.py", BROKEN, errors_fail=True), *PASSED[1:]],
            facts(),
            "no violations in 2 files, 1 file not measured",
            id="one can't be measured, and others pass",
        ),
        pytest.param(
            PASSED, facts(total=340), "no violations; 3 of 340 files checked", id="some were left out"
        ),
        pytest.param(
            PASSED,
            facts(total=340, narrowed_by=("tests", "x y.py")),
            "no violations; 3 of 340 files checked, limited to `tests`, `x y.py`",
            id="narrowed",
        ),
        pytest.param(
            PASSED,
            facts(total=340, narrowed_by=tuple("abcde")),
            "no violations; 3 of 340 files checked, limited to `a`, `b`, `c` and 2 more",
            id="narrowed to many",
        ),
        pytest.param(
            PASSED,
            facts(total=340, narrowed_by=(".",)),
            "no violations; 3 of 340 files checked, limited to `.`",
            id="the root, where `paths` names folders outside it",
        ),
        pytest.param(
            [],
            facts(total=340, narrowed_by=("docs",)),
            (
                "warning: 0 of 340 files, limited to `docs`: nothing was checked; run `pytest-antipasta "
                "config show FILE` to see why a file is excluded"
            ),
            id="narrowed to nothing",
        ),
        pytest.param(
            PASSED[:1],
            facts(total=None, narrowed_by=("a.py",)),
            "no violations in 1 file",
            id="narrowed to a file",
        ),
        pytest.param(
            PASSED[:1],
            facts(total=None, narrowed_by=("bin/run",)),
            "no violations in 1 file",
            id="narrowed to a file without a suffix",
        ),
        pytest.param(
            PASSED[:1],
            facts(total=2, narrowed_by=("pkg.v1",)),
            "no violations; 1 of 2 files checked, limited to `pkg.v1`",
            id="narrowed to a folder with a dot",
        ),
        pytest.param(
            PASSED[:1],
            facts(total=2, narrowed_by=("--ignore app.py",)),
            "no violations; 1 of 2 files checked, limited to `--ignore app.py`",
            id="a file is ignored",
        ),
        pytest.param(
            [verdict("a.py", over("f", 11), over(None, 12)), verdict("b.py", over(None, 12)), PASSED[2]],
            facts(),
            "1 function and 2 files are over a limit, in 2 of 3 files",
            id="functions and files",
        ),
        pytest.param(
            [verdict("a.py", over(None, 12)), *PASSED[1:]],
            facts(),
            "1 of 3 files is over a limit",
            id="a file alone",
        ),
        pytest.param(
            [verdict("a.py", over("f", 11), over("f", 12, metric="cognitive_complexity"))],
            facts(total=2345, narrowed_by=("a", "b")),
            "1 function is over a limit, in 1 file; 1 of 2,345 files checked, limited to `a`, `b`",
            id="a function over two limits",
        ),
        pytest.param(
            [Verdict("a.py", NOTHING, warnings=(over("f", 11), INDEX)), *PASSED[1:]],
            facts(),
            "no violations in 3 files, 1 warning in 1 file",
            id="a warning that somebody has asked for",
        ),
        pytest.param(
            [],
            facts(total=340, narrowed_by=("a.py",), deselected_by=("-k x",)),
            "warning: 0 of 340 files, limited to `a.py`, `-k x`: nothing was checked",
            id="deselected",
        ),
        pytest.param(
            [],
            facts(total=0, is_change=True, narrowed_by=("--staged",), deselected_by=("shard 1/2",)),
            "0 of 0 files, limited to `--staged`, `shard 1/2`: no source file added or modified",
            id="a shard of a change without source files",
        ),
        pytest.param(
            [],
            facts(total=0, is_change=True, narrowed_by=("--staged",), folder="packages/be"),
            "0 of 0 files, limited to `--staged`: no source file added or modified below packages/be/",
            id="a change elsewhere in the repository",
        ),
        pytest.param(
            [],
            facts(total=None, narrowed_by=("a.py",), stopped="1 error during collection"),
            "warning: 0 files, stopped early (1 error during collection): nothing was checked",
            id="stopped before the first",
        ),
        pytest.param(
            [],
            facts(total=0),
            "warning: 0 files: nothing was checked; "
            "check `paths`, `include` and `exclude` in the settings; symlinks are not followed",
            id="no source files",
        ),
    ],
)
def test_the_first_line_says_how_many_files_and_what_came_of_them(
    verdicts: list[Verdict], known: RunStats, line: str
) -> None:
    assert next(format_summary(verdicts, known)) == line


def test_what_does_not_fail_is_reported() -> None:
    verdicts = [
        Verdict("a.py", BROKEN),
        Verdict("b.py", BROKEN, errors_fail=True),
        Verdict("c.py", NOTHING, unjudged=("maintainability_index", "halstead_volume")),
        *(Verdict(f"{name}.py", NOTHING, unjudged=("halstead_volume",)) for name in "defgh"),
    ]
    assert list(format_summary(verdicts, facts(warnings=("the store is off", "a note"))))[1:] == [
        "not checked: maintainability_index, halstead_volume of c.py, no value",
        "not checked: halstead_volume of d.py, e.py, f.py and 2 more files, no value",
        "warning: a.py:3: not measured (syntax): wrong",
        "the store is off",
        "a note",
    ]


def made(cache_dir: Path | None, *found: int, **others: Any) -> Result:
    """Return the result of a run beside tests, whose time is that of its phases."""
    phases = Phases()
    phases.seconds["judge"] = 1.234
    result = open_content_run(Rules(Settings(Path.cwd(), None)), b"", None, cache_dir).judge_all(0)
    known = {"found": found, "phases": phases, "kind": "files"}
    return replace(result, **known | {"ending": Ending(is_beside_tests=True), "workers": None} | others)


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        (None, ""),
        (Workers(0, "why"), ", with no workers (why)"),
        (Workers(4, "why"), ", with 4 workers (why)"),
        (Workers(1, "why"), ", with 1 worker (why)"),
    ],
)
def test_a_line_says_what_the_store_gave_and_how_long_it_took(
    tmp_path: Path, workers: Workers | None, words: str
) -> None:
    line = f"store: 1 hit, 2 misses, in 1.23 s, tests not counted{words}"
    assert format_store(made(tmp_path, 1, 2, 0, workers=workers)) == line


def test_without_tests_and_a_store_only_the_time_is_said() -> None:
    line = format_store(made(None, 0, 3, 0, ending=Ending(), workers=Workers(4, "why")))
    assert re.fullmatch(r"3 files read without the store, in 0\.\d\d s with 4 workers \(why\)", line)


def test_what_a_run_cost_is_one_line(tmp_path: Path) -> None:
    known = "checked 2,003 files, 2,001 unchanged, in 1.23 s"
    assert format_cost(made(tmp_path, 1, 1, 1)) == "checked 3 files, 1 unchanged, in 1.23 s"
    assert format_cost(made(tmp_path, 2001, 2, 0)) == known
    assert format_cost(made(None, 0, 3, 0)) == "checked 3 files, in 1.23 s"
    assert format_cost(made(None, 0, 0, 0)) == ""


def test_totals_count_everything() -> None:
    tolerated = Tolerated("cyclomatic_complexity", "f", 1, 11, 10, "<=", why="baseline")
    verdicts = [
        Verdict("a.py", BROKEN, errors_fail=True),
        Verdict("b.py", NOTHING, (over("f", 11),), (tolerated, tolerated), ("maintainability_index",)),
        Verdict("c.py", NOTHING, warnings=(over("f", 11), over("g", 11), over("h", 11))),
    ]
    assert Report([], RunFacts(), verdicts).totals == Totals(
        files=3, measured=2, errors=1, violations=1, warnings=3, tolerated=2, unjudged=1
    )
