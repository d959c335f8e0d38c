"""What is done in a thread while something else is done."""

from __future__ import annotations

import subprocess
import sys
from threading import Event, get_ident

import pytest

from pytest_antipasta.runtime.background import in_background

PATIENCE = 30.0


def test_it_is_done_while_something_else_is_done() -> None:
    may_go_on, is_begun = Event(), Event()

    def ask() -> int:
        is_begun.set()
        assert may_go_on.wait(PATIENCE)
        return get_ident()

    answer = in_background(ask)
    assert is_begun.wait(PATIENCE)
    assert not answer.done()
    may_go_on.set()
    assert answer.result(PATIENCE) != get_ident()


def test_what_goes_wrong_is_raised_where_it_is_asked_for() -> None:
    answer = in_background(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        answer.result(PATIENCE)


def test_who_is_interrupted_does_not_wait_for_it() -> None:
    program = (
        "import time\n"
        "from pytest_antipasta.runtime.background import in_background\n"
        "in_background(lambda: time.sleep(600))\n"
        "raise KeyboardInterrupt\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=PATIENCE)
    assert done.stderr.splitlines()[-1] == b"KeyboardInterrupt"
