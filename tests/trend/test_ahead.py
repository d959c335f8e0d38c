"""Parts of a series that are made while the one before is used."""

from __future__ import annotations

from contextlib import closing
from contextvars import ContextVar
from threading import Event, get_ident

import pytest

from pytest_antipasta.trend.ahead import map_ahead

PATIENCE = 30.0
NOTED: ContextVar[str] = ContextVar("NOTED", default="nothing")


def test_the_next_part_is_made_while_one_is_used_and_no_further_one() -> None:
    made = [Event() for _ in range(4)]

    def make(key: int) -> int:
        made[key].set()
        return 10 * key

    with closing(map_ahead(make, range(4))) as parts:
        assert next(parts) == 0
        assert made[1].wait(PATIENCE)
        assert not made[2].is_set()
        assert list(parts) == [10, 20, 30]


def test_parts_are_made_in_another_thread_one_after_another() -> None:
    threads = set(map_ahead(lambda _key: get_ident(), range(9)))
    assert len(threads) == 1
    assert get_ident() not in threads


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_part_comes(number: int) -> None:
    assert list(map_ahead(str, range(number))) == [str(each) for each in range(number)]


def test_a_part_that_fails_fails_in_its_turn() -> None:
    parts = map_ahead(lambda key: 1 // (2 - key), range(5))
    assert [next(parts), next(parts)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(parts)


def test_what_is_noted_there_is_noted_of_the_same_run() -> None:
    NOTED.set("this run")
    assert list(map_ahead(lambda _key: NOTED.get(), range(3))) == ["this run"] * 3
