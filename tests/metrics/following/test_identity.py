"""Which block of the earlier side each one is, where several have had its body."""

from __future__ import annotations

import pytest

from pytest_antipasta.metrics.following.comparison import identify_blocks
from tests.metrics.following.sides import Texts, ifs, parent

BODY = ifs(3)
F = f"def f(a):\n{BODY}"
EDITED = f"def f(a):\n    a += 1\n{BODY}"
NESTED = f"def around(a):\n    def f(a):\n{ifs(3, ' ' * 8)}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            {"a.py": F},
            {"a.py": f"{EDITED}{NESTED}"},
            {("a.py", "f"): ("modified", ("a.py", "f")), ("a.py", "around.f"): ("added", None)},
            id="a copy of one that keeps its place is new",
        ),
        pytest.param(
            {"a.py": F, "b.py": F},
            {"a.py": f"{EDITED}{NESTED}", "b.py": ""},
            {
                ("a.py", "f"): ("modified", ("a.py", "f")),
                ("a.py", "around.f"): ("renamed", ("b.py", "f")),
            },
            id="unless another of that body is gone",
        ),
        pytest.param(
            {"a.py": F, "b.py": F},
            {"a.py": f"{EDITED}{NESTED}", "b.py": "", "c.py": F},
            {
                ("a.py", "f"): ("modified", ("a.py", "f")),
                ("a.py", "around.f"): ("added", None),
                ("c.py", "f"): ("renamed", ("b.py", "f")),
            },
            id="which is one block only",
        ),
    ],
)
def test_identity(before: Texts, after: Texts, expected: dict[tuple[str, str], object]) -> None:
    found = identify_blocks(parent(before, after))
    told = {block: (change.state, change.before) for block, change in found.items()}
    assert {block: told[block] for block in expected} == expected
