"""A signal that comes while something must not be broken off is obeyed afterwards."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pytest_antipasta.processes.interrupts import (
    Interrupted,
    defer_signals,
    ignore_signals_once,
    obey_signals,
)

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Our handlers, as the command line installs them; `nohup` would have one ignored."""
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    obey_signals()
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_put_off_until_the_end_of_the_block(number: signal.Signals) -> None:
    finished = False
    with pytest.raises(Interrupted) as caught, defer_signals():
        signal.raise_signal(number)
        finished = True
    assert (finished, caught.value.signal) == (True, number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_is_ignored_stays_so(number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_IGN)
    obey_signals()
    signal.raise_signal(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_obeyed_when_the_block_raises(number: signal.Signals) -> None:
    with pytest.raises(Interrupted) as caught, defer_signals():
        signal.raise_signal(number)
        raise OSError("the disk is full")
    assert caught.value.signal == number
    assert isinstance(caught.value.__context__, OSError)


def test_the_end_of_an_inner_block_is_not_the_end() -> None:
    finished = False
    with pytest.raises(Interrupted), defer_signals():
        with defer_signals():
            signal.raise_signal(signal.SIGTERM)
        finished = True
    assert finished


def test_a_second_signal_is_obeyed_at_once() -> None:
    finished = False
    with pytest.raises(Interrupted) as caught, defer_signals():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        finished = True
    assert (finished, caught.value.signal) == (False, signal.SIGINT)
    with defer_signals():
        pass  # and nothing of it is left


def test_a_program_that_begins_after_one_that_ended_obeys_signals() -> None:
    ignore_signals_once()
    obey_signals()
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGTERM)
