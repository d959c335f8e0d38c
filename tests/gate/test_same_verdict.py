"""Narrowing hides nothing and invents nothing: the gate says what both sides measured in full say."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.settings.values import Settings
from tests.gate.edits import NAMES, Project, edited, projects, write
from tests.gate.naive import rows_of
from tests.gate.replay import (
    compare,
    git,
    is_small,
    iter_steps,
    judge_by_gate,
    judge_by_rule,
    make_settings,
)

_CHECKOUT = Path(__file__).parents[2]
# Low, so that small programs are often over them.
_THRESHOLDS = {
    "cyclomatic_complexity": Threshold("cyclomatic_complexity", 3, "<="),
    "cognitive_complexity": Threshold("cognitive_complexity", 3, "<"),
    "maintainability_index": Threshold("maintainability_index", 60, ">="),
    "lines_of_code": Threshold("lines_of_code", 40, "<="),
    "halstead_effort": Threshold("halstead_effort", 200, "<="),
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository."""
    folder = tmp_path_factory.mktemp("bare")
    git(folder, "init", "--bare", "--quiet")
    return folder


def commit(folder: Path, sides: Sequence[Mapping[str, bytes]]) -> list[str]:
    """Commit each side upon the one before."""
    stream = b"feature done\nreset refs/heads/edits\n"
    for contents in sides:
        stream += b"commit refs/heads/edits\ncommitter a <a@b> 0 +0000\ndata 0\ndeleteall\n"
        for path, data in contents.items():
            stream += b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data)
    command = ["git", "fast-import", "--quiet", "--force"]
    subprocess.run(command, cwd=folder, input=stream + b"done\n", capture_output=True, check=True)
    return git(folder, "rev-list", "--reverse", "edits").split()


@st.composite
def changes(draw: st.DrawFn) -> tuple[Project, Project]:
    """A project, and what became of it."""
    before = draw(projects)
    return before, draw(edited(before))


@pytest.mark.slow
@settings(
    max_examples=12,
    derandomize="CI" in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    change=changes(),
    strict=st.booleans(),
    critical=st.sampled_from(((), ("A.*",), ("a.py::*", "h"))),
)
def test_of_generated_edits(
    bare: Path, change: tuple[Project, Project], strict: bool, critical: tuple[str, ...]
) -> None:
    before, after = (write(project) for project in change)
    for contents in (before, after):
        for path, data in contents.items():
            note(f"--- {path}\n{data.decode()}")
    old, new = commit(bare, [before, after])
    rules = replace(
        make_settings(bare), thresholds=_THRESHOLDS, strict_files=strict, critical_functions=critical
    )
    expected = judge_by_rule(bare, old, new, rules)
    event(f"fails: {any(row[3] == 'fails' for row in expected)}")
    event(f"tolerated: {any(row[3] == 'tolerated' for row in expected)}")
    assert rows_of(judge_by_gate(bare, old, new, rules).verdicts) == expected


@pytest.mark.slow
@settings(
    max_examples=12,
    derandomize="CI" in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    change=changes(),
    names=st.tuples(*[st.sets(st.sampled_from(NAMES))] * 2),
    critical=st.sampled_from(((), ("A.*", "h"))),
)
def test_of_edits_with_comments(
    bare: Path,
    change: tuple[Project, Project],
    names: tuple[set[str], set[str]],
    critical: tuple[str, ...],
) -> None:
    """What comments suppress is tolerated in place of failing, and fails where they are taken away."""
    sides = [_suppress(write(project), some) for project, some in zip(change, names, strict=True)]
    for contents in sides:
        for path, data in contents.items():
            note(f"--- {path}\n{data.decode()}")
    old, new = commit(bare, sides)
    rules = replace(make_settings(bare), thresholds=_THRESHOLDS, critical_functions=critical)
    verdicts = judge_by_gate(bare, old, new, rules).verdicts
    failing = [one for verdict in verdicts for one in verdict.violations]
    event(f"suppressed before: {any(one.was_suppressed for one in failing)}")
    assert rows_of(verdicts) == judge_by_rule(bare, old, new, rules)


def _suppress(contents: Mapping[str, bytes], names: set[str]) -> dict[str, bytes]:
    """Put a comment behind the line of each function of some names."""

    def write_comment(match: re.Match[bytes]) -> bytes:
        return match[0] + (b"  # antipasta: ignore" if match[1].decode() in names else b"")

    return {path: re.sub(rb"def (\w+)\(.*", write_comment, data) for path, data in contents.items()}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the newest history of this checkout."""
    if not (_CHECKOUT / ".git").exists():
        pytest.skip("the checkout has no history: this is no clone")
    folder = tmp_path_factory.mktemp("history") / "clone"
    git(_CHECKOUT, "clone", "--quiet", "--bare", "--shared", ".", str(folder))
    return folder


@pytest.mark.slow
def test_of_our_own_history(history: Path) -> None:
    """The newest commits of few files; ``python -m campaigns replay .`` goes over all."""
    rules: Settings = make_settings(history)
    steps = [*itertools.islice((step for step in iter_steps(history) if is_small(history, step)), 2)]
    assert [(old, new) for old, new in steps if compare(history, old, new, rules)] == []
