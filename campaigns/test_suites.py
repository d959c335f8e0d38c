"""A project whose tests run before and after ``fix``: the test that looks at its source is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_SHOP = """
def notify(users, send):
    for user in users:
        if user:
            if user.email:
                if user.is_admin:
                    send(user.email)
"""
_TESTS = """
import inspect, unittest
import shop

class Tests(unittest.TestCase):
    def test_behaviour(self):
        self.assertIsNone(shop.notify([None], None))

    def test_text(self):
        '''Its source.'''
        self.assertEqual(len(inspect.getsource(shop).split("\\n")), 8)

    def test_wrong(self):
        self.fail()
"""


@pytest.mark.parametrize(
    ("tests", "lost"),
    [
        pytest.param("-m pytest -p no:cacheprovider", "test_shop.Tests::test_text", id="pytest"),
        pytest.param("-m unittest -v", "test_text (test_shop.Tests.test_text)", id="unittest"),
    ],
)
def test_a_test_that_no_longer_passes_is_named(tests: str, lost: str, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(_SHOP, encoding="utf-8")
    (tmp_path / "test_shop.py").write_text(_TESTS, encoding="utf-8")
    command = f"'{sys.executable}' {tests}"
    done = subprocess.run(
        [sys.executable, "-m", "campaigns", "suites", str(tmp_path), "--tests", command],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "1 function over the limit, 1 with a plan",
        "  lines: 2 added, 3 removed",
        "  merge the two ifs: 1 step",
        "0 wrong",
        f"{command}: 2 tests passed before, 1 of them no longer",
        f"  {lost}",
    ]
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["shop.py", "test_shop.py"]
