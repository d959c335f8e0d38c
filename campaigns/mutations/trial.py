"""A session of pytest that runs its tests once for each mutant of a module, up to the first that fails.

Each mutant lives in a fork of the session, in which everything has been imported and collected. A fault in a
function is put into the function that is there; for any other, the fork imports and collects everything anew.
Programs that tests start have no fault in them: the tests must be some that call the module themselves.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import NamedTuple

import pytest

from campaigns.mutations.mutants import Mutant
from campaigns.mutations.swap import put_into

# Without pytest's own output, and with the same drawn examples for each mutant.
_OPTIONS = (
    *("-o", "addopts=", "-o", "tmp_path_retention_policy=none", "--hypothesis-seed=0"),
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-p", "no:sugar"),
    *("-p", "no:pytest_jsonreport", "-p", "no:rerunfailures"),
)
# With a mutant a test may never come to an end, or take all memory.
_TIMES_LONGER, _SECONDS_LONGER, _SECONDS_TO_BEGIN = 5, 5, 60
_MOST_BYTES = 4 << 30
_BEGINNING = "the beginning"
_FORK = get_context("fork")
_ANEW = ("pytest_antipasta", "tests")


class CleanRunError(Exception):
    """The tests fail without any fault."""


class _Outcome(NamedTuple):
    """What came of the tests in a fork.

    Attributes:
        failed: the first that failed, by its id; empty if none did.
        seconds: what each has taken.
    """

    failed: str
    seconds: Mapping[str, float]


class _Messenger:
    """Tells the process that waits for a fork of each test."""

    def __init__(self, sender: Connection) -> None:
        self._sender = sender

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._sender.send((nodeid, 0.0, False))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._sender.send((report.nodeid, report.duration, report.failed))


class _Order:
    """Brings tests into an order."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._places = {each: place for place, each in enumerate(ids)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._places[item.nodeid])


class _MutantImporter(SourceFileLoader):
    """Imports a module with a fault."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(name, self) if name == self.name else None


class Trials:
    """Takes the place of pytest's loop over its tests.

    Attributes:
        survivors: the mutants with which all tests passed.
    """

    def __init__(self, name: str, tests: Sequence[str], mutants: Sequence[Mutant]) -> None:
        """Prepare trials of a module's mutants with the tests of some files."""
        self.survivors: list[Mutant] = []
        self._failed = "no tests"
        self._name = name
        self._tests = tests
        self._mutants = mutants

    def run(self) -> None:
        """Try all mutants.

        Raises:
            CleanRunError: the tests do not pass as it is.
        """
        pytest.main([*_OPTIONS, *self._tests], plugins=[self])
        if self._failed:
            raise CleanRunError(f"without any fault, {self._failed}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests as they are, and then with each mutant."""
        module = import_module(self._name)
        functions = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
        functions = [each for each in functions if each.__module__ == self._name]
        clean = _run_apart(partial(_run_tests, session), defaultdict(lambda: None))
        self._failed = f"{clean.failed} fails" if clean.failed else ""
        if self._failed:
            return True
        limits = {test: seconds * _TIMES_LONGER + _SECONDS_LONGER for test, seconds in clean.seconds.items()}
        limits[_BEGINNING] = _SECONDS_TO_BEGIN
        # The shortest first; what has found a fault is likely to find the next one, too.
        session.items.sort(key=lambda item: clean.seconds[item.nodeid])
        for mutant in self._mutants:
            outcome = _run_apart(partial(self._try, mutant, module, functions, session), limits)
            if not outcome.failed:
                self.survivors.append(mutant)
            session.items.sort(key=lambda item: item.nodeid != outcome.failed)
        return True

    def _try(
        self,
        mutant: Mutant,
        module: ModuleType,
        functions: Sequence[FunctionType],
        session: pytest.Session,
        messenger: _Messenger,
    ) -> int:
        if put_into(functions, mutant, Path(module.__file__ or "")):
            return _run_tests(session, messenger)
        for name in [name for name in sys.modules if name.split(".")[0] in _ANEW]:
            del sys.modules[name]
        sys.meta_path.insert(0, _MutantImporter(self._name, module.__file__ or "", mutant.code))
        order = _Order([item.nodeid for item in session.items])
        # With pytest's own importer behind ours, which otherwise takes the modules of plugins first.
        return pytest.main([*_OPTIONS, "--assert=plain", "-x", *self._tests], plugins=[messenger, order])


def _run_tests(session: pytest.Session, messenger: _Messenger) -> int:
    session.config.pluginmanager.register(messenger)
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            break
    return session.testsfailed


def _run_apart(work: Callable[[_Messenger], int], limits: Mapping[str, float | None]) -> _Outcome:
    """Return what comes of tests in a fork; one that dies, or takes too long over one of them, has failed."""
    receiver, sender = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_work, args=(work, sender))
    process.start()
    sender.close()
    failed, test = "", _BEGINNING
    seconds: Counter[str] = Counter()
    try:
        while receiver.poll(limits[test]):
            test, duration, has_failed = receiver.recv()
            seconds[test] += duration
            failed = failed or (test if has_failed else "")
        process.kill()
    except EOFError:  # it has come to its end
        pass
    process.join()
    receiver.close()
    return _Outcome(failed or (test if process.exitcode else ""), seconds)


def _work(work: Callable[[_Messenger], int], sender: Connection) -> None:
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    sys.exit(bool(work(_Messenger(sender))))
