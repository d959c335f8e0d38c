"""Messages between controller and workers of pytest-xdist: sources out, outcomes back, as plain data."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from msgspec.structs import asdict

from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules, decode_orders, encode_orders
from pytest_antipasta.extension.metrics import find_language_versions, find_metric_versions
from pytest_antipasta.files.source import Source, decode_sources, encode_sources
from pytest_antipasta.model.run import Process
from pytest_antipasta.plugin.items import OUTCOME, make_judged_item
from pytest_antipasta.plugin.longrepr import FailureText
from pytest_antipasta.plugin.protocol import AROUND_ITEMS, needs_phases
from pytest_antipasta.plugin.pytest_internals import is_heard
from pytest_antipasta.processes.limits import read_peak
from pytest_antipasta.runtime.environment import VERSION
from pytest_antipasta.store.fingerprint import list_versions

if TYPE_CHECKING:
    from pytest_antipasta.plugin.checker import Checker
    from pytest_antipasta.plugin.remote import RemoteWorkers

_KEY = "antipasta"
# Fields of all reports, and those that are empty in most; they are sent with the outcome, as execnet is slow
# for each value.
_OWN_FIELDS = (
    "$report_type",
    "nodeid",
    "location",
    "keywords",
    "outcome",
    "when",
    "duration",
    "start",
    "stop",
)
_MOSTLY_EMPTY = ("longrepr", "sections", "user_properties")
_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(tuple[dict[str, Any], Outcome]).decode
_decode_all = msgspec.msgpack.Decoder(list[Outcome]).decode


class Received(NamedTuple):
    """The data that the controller has sent to a worker.

    Attributes:
        sources: the files, in the order of collection in all workers.
        only: whether no tests are collected; a worker's arguments do not contain our node ids.
        rootpath: folder that node ids are relative to.
        unheard: hooks around items that no plugin implements in the controller.
        needs_phases: whether a plugin of the controller needs the reports of pytest's three phases.
        difference: why the worker defers all files to the controller; empty if it does not.
        orders: the rules, and the folder of the store, if any; ``None`` if there is a difference.
        outcomes: outcomes of all sources, if the controller has them already.
        channel: asks the controller for the content of a path; ``None`` if the worker reads the same files.
    """

    sources: list[Source]
    only: bool
    rootpath: Path
    unheard: frozenset[str]
    needs_phases: bool
    difference: str
    orders: tuple[Rules, Path | None] | None = None
    outcomes: list[Outcome] | None = None
    channel: Any = None


def receive(config: pytest.Config) -> Received | None:
    """Return, in a worker, the data that the controller has sent, if any."""
    data = config.workerinput.get(_KEY)  # type: ignore[attr-defined]
    if data is None:
        return None
    received = Received(
        list(decode_sources(data["sources"])),
        data["only"],
        Path(os.fsdecode(data["rootpath"])),
        frozenset(data["unheard"]),
        data["needs_phases"],
        describe_difference(_list_versions(), data["versions"]),
    )
    if received.difference:
        return received
    outcomes = data["outcomes"] and _decode_all(data["outcomes"])
    return received._replace(orders=decode_orders(data["rules"]), outcomes=outcomes, channel=data["channel"])


def describe_difference(worker: Sequence[str], controller: Sequence[str]) -> str:
    """Return why a worker can't measure, as its versions give other values; empty if it can.

    Versions are those of the packages that measure and judge.
    """
    there = [version for version in worker if version not in controller]
    here = [version for version in controller if version not in worker]
    if not there and not here:
        return ""
    return (
        f"workers have {', '.join(there)}, but this process has {', '.join(here)}; their files were "
        "measured in this process"
    )


def _list_versions() -> list[str]:
    others = (*find_metric_versions(), *find_language_versions())
    return [*list_versions(others), f"pytest-antipasta {VERSION}"]


class WorkerMessages:
    """Sends outcomes from a worker."""

    def __init__(self, measurer: Measurer | None) -> None:
        """Close the store of a measurer when the session ends, if there is one."""
        self._measurer = measurer
        self._began, self._processor_before = time.perf_counter(), time.process_time()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the store, and send the use of resources of this process and its children."""
        begun: list[Process] = []
        if self._measurer is not None:
            self._measurer.close()
            begun = self._measurer.diagnostics.ended
        pid, processor = os.getpid(), time.process_time() - self._processor_before
        seconds = time.perf_counter() - self._began
        process = Process(pid, "pytest-xdist", seconds, processor, read_peak(pid))
        output: dict[str, Any] = session.config.workeroutput  # type: ignore[attr-defined]
        output[_KEY] = [asdict(item) for item in (process, *begun)]

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(self, report: Any) -> Generator[None, Any, Any]:
        """Send the outcome instead of the failure's text, which the controller makes from it."""
        outcome = getattr(report, OUTCOME, None)
        if outcome is None:
            return (yield)
        longrepr = report.longrepr
        if isinstance(longrepr, FailureText):
            report.longrepr = None
        delattr(report, OUTCOME)
        try:
            data = yield
        finally:
            report.longrepr = longrepr
            setattr(report, OUTCOME, outcome)
        names = (*_OWN_FIELDS, *(name for name in _MOSTLY_EMPTY if not data.get(name)))
        own = {name: data.pop(name) for name in names if name in data}
        data[OUTCOME] = _encode((own, outcome))
        return data


class ControllerMessages:
    """Sends sources to the workers, and completes their reports."""

    _session: pytest.Session

    def __init__(self, checker: Checker, remote: RemoteWorkers) -> None:
        self._checker = checker
        self._remote = remote
        self._properties: dict[str, list[tuple[str, object]]] = {}

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Store the parent node of items, and open the run before workers start.

        Its errors end the session now; later, xdist would not end the workers that it has started.
        """
        self._session = session
        _ = self._checker.ledger

    def pytest_configure_node(self, node: Any) -> None:
        """Send the files to a new worker, so that all workers see the same items in the same order.

        The largest files come first: at the end, all other workers would wait for one of them.
        """
        is_elsewhere = self._remote.serves(node)
        own = self._remote.admit(node, self._sources) if is_elsewhere else self._sent_to_local
        node.workerinput[_KEY] = self._sent_to_all | own

    @cached_property
    def _sources(self) -> Sequence[Source]:
        """The sources of all files, in the order of judging."""
        return sorted(self._checker.ledger.plan.sources, key=lambda source: (-source.size, source.path))

    @cached_property
    def _sent_to_all(self) -> dict[str, Any]:
        """The data for every worker."""
        config = self._session.config
        return {
            "versions": _list_versions(),
            "only": self._checker.only,
            "rootpath": os.fsencode(config.rootpath),
            "needs_phases": needs_phases(config),
            "unheard": [name for name in AROUND_ITEMS if not is_heard(config, name)],
        }

    @cached_property
    def _sent_to_local(self) -> dict[str, Any]:
        """The further data for workers that see the same files as this process."""
        plan = self._checker.ledger.plan
        return {
            "sources": encode_sources(self._sources),
            "rules": encode_orders(plan.rules, self._checker.requests.cache_dir),
            "outcomes": _encode([*map(Outcome, plan.known.values())]) if plan.kind == "change" else None,
            "channel": None,
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Record the use of resources of a worker, and its usage error: xdist only says that no tests ran.

        A crashed worker can't report them.
        """
        session, output = self._session, getattr(node, "workeroutput", None) or {}
        self._checker.ledger.add_processes(msgspec.convert(output.get(_KEY, ()), list[Process]))
        if output.get("exitstatus") == pytest.ExitCode.USAGE_ERROR:
            session.shouldstop = "workers reported a usage error; `-n 0` shows it"

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(self, data: dict[str, Any]) -> Generator[None, Any, Any]:
        """Restore the outcome from a message."""
        encoded = data.pop(OUTCOME, None)
        if encoded is None:
            return (yield)
        own, outcome = _decode(encoded)
        data.update(own, location=tuple(own["location"]))
        report = yield
        setattr(report, OUTCOME, outcome)
        if report.failed and report.longrepr is None:
            location = self._checker.ledger.plan.by_path[outcome.verdict.path].location
            report.longrepr = FailureText(outcome, location, self._session.config)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        """Complete the outcome of a worker, before other plugins see the report.

        Reports are decoded in threads of execnet, and only the thread that opened the store can use it.
        """
        sent: Outcome | None = getattr(report, OUTCOME, None)
        if sent is not None:
            ledger = self._checker.ledger
            node = getattr(report, "node", None)  # reports of this process have none
            source = ledger.plan.by_path[sent.verdict.path]
            outcome = ledger.complete_outcome(self._remote.check(node, sent), source)
            if outcome is not sent:
                item = make_judged_item(self._session, source, outcome)
                vars(report).update(vars(item.make_report("call")), nodeid=report.nodeid)
                self._properties[report.nodeid] = item.user_properties
        elif report.when == "teardown" and report.nodeid in self._properties:
            report.user_properties = self._properties[report.nodeid]  # JUnit reads them there
        return (yield)
