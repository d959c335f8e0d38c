"""Which files are tests."""

from __future__ import annotations

import pytest

from pytest_antipasta.setup.proposal import find_test_patterns

FOUND = [
    pytest.param(["a.py", "src/a.py"], [], id="none"),
    pytest.param(["tests/a.py", "src/x/tests/test_b.py"], ["tests/"], id="folders anywhere, once"),
    pytest.param(["test/a.py", "django/test/client.py"], ["/test/"], id="one called test at the top"),
    pytest.param(["django/test/client.py"], [], id="and none further down, which may be about testing"),
    pytest.param(["src/test_a.py", "b_test.py"], ["test_*.py", "*_test.py"], id="beside the source"),
    pytest.param(["polls/tests.py", "conftest.py"], ["tests.py", "conftest.py"], id="Django's, and fixtures"),
    pytest.param(
        ["contest.py", "latest.py", "attests/a.py", "testing/a.py"], [], id="names that only look so"
    ),
]


def test_of_modules_named_so_those_without_tests_are_none() -> None:
    paths = ["src/jinja2/tests.py", "polls/tests.py", "polls/tests/a.py"]
    assert find_test_patterns(paths, paths[:1]) == ("tests/", "/polls/tests.py")


@pytest.mark.parametrize(("paths", "expected"), FOUND)
def test_tests_are_found_by_their_names(paths: list[str], expected: list[str]) -> None:
    assert find_test_patterns(paths) == tuple(expected)
