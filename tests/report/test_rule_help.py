"""The help of rules: each metric of ours has a reason, and an example whose value gets better."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.measured import number_getter
from pytest_antipasta.model.registry import OUR_METRICS, JudgedMetric
from pytest_antipasta.report.contents import find_name, read_lines
from pytest_antipasta.runtime import environment

# An example of one line stands for files of any size.
IN_WORDS = {
    "maintainability_index", "halstead_volume", "halstead_difficulty", "halstead_effort", "halstead_time",
    "halstead_bugs", "lines_of_code", "logical_lines_of_code", "source_lines_of_code",
}  # fmt: skip


def find_worst(text: str, metric: str) -> float:
    """Return the value of a text: of the function that has most, or of the file."""
    found = measure(text.encode())
    assert found.error is None
    find = number_getter(metric)
    (scope,) = (one.scope for one in OUR_METRICS if one.name == metric)
    parts = found.blocks if scope == "block" else [found.metrics]
    return max(value for value in map(find, parts) if value is not None)


EXAMPLES = {metric.name: metric.example for metric in OUR_METRICS if metric.example is not None}


@pytest.mark.parametrize("metric", sorted(set(EXAMPLES) - IN_WORDS - {"crap"}))
def test_the_example_gets_better(metric: str) -> None:
    before, after = EXAMPLES[metric]
    assert find_worst(after, metric) < find_worst(before, metric)


@pytest.mark.parametrize("metric", OUR_METRICS, ids=lambda metric: metric.name)
def test_texts_are_sentences_and_whole_lines(metric: JudgedMetric) -> None:
    before, after = EXAMPLES[metric.name]
    assert metric.reason.endswith(".")
    assert before.endswith("\n")
    assert after.endswith("\n")
    assert max(map(len, (before + after).splitlines())) < 90


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("def f(f):", (4, 5), id="the first"),
        pytest.param("def ff(f):", (7, 8), id="a whole word"),
        pytest.param("x = lambda: 1", None, id="none"),
    ],
)
def test_where_a_line_has_a_name(text: str, expected: tuple[int, int] | None) -> None:
    assert find_name(text, "f") == expected


def test_a_file_that_changed_has_no_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("a = 1\n")
    assert read_lines(file, b"another digest") == []
    assert read_lines(tmp_path / "gone.py", b"") == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            {"url": "https://host.example/owner/pytest-antipasta", "vcs_info": {"vcs": "git"}},
            "https://host.example/owner/pytest-antipasta",
            id="a repository",
        ),
        pytest.param(
            {"url": "https://user:secret@host.example/a", "vcs_info": {"vcs": "git"}},
            "https://host.example/a",
            id="with a password",
        ),
        pytest.param({"url": "ssh://git@host.example/a", "vcs_info": {"vcs": "git"}}, None, id="not the web"),
        pytest.param({"url": "https://host.example/a.whl", "archive_info": {}}, None, id="a file"),
        pytest.param(None, None, id="an index of packages"),
    ],
)
def test_the_address_of_the_tool(
    content: object, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A distribution that stands first on the path is made; the tool itself may come from anywhere."""
    folder = tmp_path / "pytest_antipasta-0.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: pytest-antipasta\nVersion: 0.1.0\n")
    if content is not None:
        (folder / "direct_url.json").write_text(json.dumps(content))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert environment.find_home() == expected
