"""What is made in a thread while something else is done."""

from __future__ import annotations

import subprocess
import sys
from threading import Event, get_ident

import pytest

from pytest_antipasta.trend.ahead import begin

PATIENCE = 30.0


def test_it_is_made_while_something_else_is_done() -> None:
    may_go_on, is_begun = Event(), Event()

    def make() -> int:
        is_begun.set()
        assert may_go_on.wait(PATIENCE)
        return get_ident()

    made = begin(make)
    assert is_begun.wait(PATIENCE)
    assert not made.done()
    may_go_on.set()
    assert made.result(PATIENCE) != get_ident()


def test_what_goes_wrong_is_raised_where_it_is_asked_for() -> None:
    made = begin(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        made.result(PATIENCE)


def test_without_threads_it_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def start_new_thread(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("_thread.start_new_thread", start_new_thread)
    assert begin(get_ident).result(0) == get_ident()


def test_who_is_interrupted_does_not_wait_for_it() -> None:
    program = (
        "import time\n"
        "from pytest_antipasta.trend.ahead import begin\n"
        "begin(lambda: time.sleep(600))\n"
        "raise KeyboardInterrupt\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=PATIENCE)
    assert done.stderr.splitlines()[-1] == b"KeyboardInterrupt"
