"""Edited cells of a notebook: which was which, and how many are compared to tell."""

from __future__ import annotations

from collections import Counter

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.following import file_version
from pytest_antipasta.metrics.following.file_version import FileVersion, pair_edited
from pytest_antipasta.metrics.source import encode_joined
from pytest_antipasta.model.measured import Measured


def make_notebook(cells: list[str]) -> FileVersion:
    data = encode_joined(enumerate(cells, 1))
    return FileVersion("a.ipynb", lambda: data, lambda: Measured(measure(data)))


def name(number: int) -> str:
    return f"code-cell#{number}"


def pair(before: list[str], after: list[str]) -> dict[str, str]:
    old, new = make_notebook(before), make_notebook(after)
    gone, come = ([name(number + 1) for number in range(len(side))] for side in (before, after))
    return pair_edited(old, new, come, gone)


def make_cells(number: int, first: str = "") -> list[str]:
    return [f"{first}a{one} = 1\nb{one} = 2\nplt.show()" for one in range(number)]


def test_edited_cells_are_found_wherever_they_are() -> None:
    after = make_cells(200, "new = 1\n")[::-1]
    assert pair(make_cells(200), after) == {name(one): name(201 - one) for one in range(1, 201)}


def test_what_has_nothing_in_common_keeps_its_number() -> None:
    assert pair(["a = 1", "b = 2"], ["c = 3", "d = 4"]) == {name(1): name(1), name(2): name(2)}


@pytest.mark.parametrize("number", [100, 200])
def test_a_line_that_all_have_tells_nothing(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []

    def compare(lines: Counter[str], others: Counter[str]) -> float:
        compared.append(lines)
        return find(lines, others)

    find = file_version._compare
    monkeypatch.setattr(file_version, "_compare", compare)
    pair(make_cells(number), make_cells(number, "new = 1\n"))
    assert len(compared) == number
