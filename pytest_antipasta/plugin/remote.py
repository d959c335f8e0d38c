"""Workers of pytest-xdist in other places: on other hosts, or in other folders of this host.

Such a worker receives the digest of each file to measure, and reads its own copy. It requests missing or
different files. Its outcome is accepted if it has the same digest and all values. The controller judges all
other files, including stored ones. Only the controller reads and writes the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace as replace_dataclass
from functools import cached_property, partial
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import encode_orders
from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.files.source import Source, encode_sources
from pytest_antipasta.logs.notes import WARNING, log_event
from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.model.measured import Signature
from pytest_antipasta.plugin.arguments import drop_places, is_list_asked_for, iter_deselecting
from pytest_antipasta.plugin.checker import Checker
from pytest_antipasta.plugin.items import make_judged_item
from pytest_antipasta.plugin.pytest_internals import copy_nothing, write_in_turn

_REMEMBERING = {"lf": "--lf", "failedfirst": "--ff", "newfirst": "--nf", "stepwise": "--sw"}


def _is_remote(spec: Any) -> bool:
    """Return whether a worker of a gateway (xdist's ``--tx``) is in another place."""
    return not spec.popen or bool(spec.chdir) or bool(spec.via)


class RemoteWorkers:
    """Serves workers in other places, checks their outcomes, and replaces lost ones."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._gateways: set[Any] = set()
        self._sent: Counter[Any] = Counter()
        self._waited_for: list[Any] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None, Any, Any]:
        """Name a place that can't be reached, as xdist starts no session without all of its workers."""
        try:
            return (yield)
        except pytest.UsageError:
            raise
        except Exception as error:
            if not self._waited_for or not _is_remote(self._waited_for[0]):
                raise
            place = _name_place(self._waited_for[0])
            reason = make_printable(f"{type(error).__name__}: {error}")
            raise pytest.UsageError(f"--tx: can't start a worker at {place} ({reason})") from error

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """Record a reached place."""
        if _is_remote(gateway.spec):
            self._gateways.add(gateway)
            write_in_turn(gateway)  # files are sent by a separate thread

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_configure_node(self) -> None:
        """Wait for the next worker."""
        del self._waited_for[:1]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config, specs: Sequence[Any]) -> None:
        """Keep xdist from copying files to other places, and from sending paths of this one.

        Raises:
            pytest.UsageError: the selection depends on pytest's cache, which exists only in this place.
        """
        self._waited_for = list(specs)
        if not self._checker.only or not any(map(_is_remote, specs)):
            return  # how tests are copied, and which, is up to xdist
        for name, option in _REMEMBERING.items():
            if config.getoption(name, None):
                message = (
                    f"{option} uses pytest's cache on this host, which workers on other hosts can't read"
                )
                raise pytest.UsageError(message)
        if copy_nothing(config):
            parameters = config.invocation_params
            config.invocation_params = replace_dataclass(parameters, args=drop_places(config))

    def serves(self, node: Any) -> bool:
        """Return whether a worker is in another place."""
        return getattr(node, "gateway", None) in self._gateways

    def admit(self, node: Any, sources: Iterable[Source]) -> dict[str, Any]:
        """Return the data for a new worker: sources with digests of files to measure, and rules."""
        channel = node.gateway.newchannel()
        channel.setcallback(partial(self._send_content, node, channel))
        sources = [
            source._replace(digest=self._contents.get(source.path, (None, None))[0]) for source in sources
        ]
        rules = self._checker.ledger.plan.rules
        return {
            "sources": encode_sources(sources),
            "rules": encode_orders(rules, None),
            "outcomes": None,
            "channel": channel,
        }

    def check(self, node: Any, outcome: Outcome) -> Outcome:
        """Return a worker's outcome, or judge again if the worker is in another place and may be wrong."""
        if not self.serves(node) or outcome.is_deferred:
            return outcome
        measurement = outcome.verdict.measurement
        digest, signature = self._contents.get(outcome.verdict.path, (None, None))
        is_right = measurement.error is None and not measurement.missing and outcome.digest == digest
        return replace(outcome, signature=signature, is_deferred=not is_right)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Judge files here that no worker has, unless they were deselected here."""
        done = yield
        ledger, hook = self._checker.ledger, session.config.hook
        is_asked = is_list_asked_for(session.config) or any(iter_deselecting(session.config))
        rest = [source for source in ledger.plan.sources if source.path not in ledger.verdicts]
        if not rest or not self._gateways or is_asked or session.shouldfail or session.shouldstop:
            return done
        self.report_line(
            f"{count(len(rest), 'file')} had to be checked in this process: the worker's pytest "
            "deselected it or too many workers crashed"
        )
        session.testscollected += len(rest)
        for source in rest:
            item = make_judged_item(session, source, ledger.judge_apart(source))
            hook.pytest_runtest_logreport(report=item.make_report("call"))
            hook.pytest_runtest_logreport(report=item.make_report("teardown"))
        return done

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Report the files sent to a worker; let xdist replace a lost worker by one on this host.

        With tests, it is replaced in its own place.
        """
        if not self.serves(node):
            return
        spec = node.gateway.spec
        worker = f"{node.gateway.id} ({_name_place(spec)})"
        if sent := self._sent[node]:
            self.report_line(
                f"{worker} received this host's copy of {count(sent, 'file')}: it had none or different ones"
            )
        if error:
            self.report_line(f"{worker} crashed; its files are measured again")
            if self._checker.only:  # tests stay with their Python
                node.gateway.spec = type(spec)("execmodel=main_thread_only//popen")

    @cached_property
    def _contents(self) -> dict[str, tuple[bytes, Signature | None]]:
        """The digest and status of each file to measure, by path."""
        ledger = self._checker.ledger
        plan, identify = ledger.plan, ledger.judge.measurer.identify_new
        if plan.kind == "change":
            return {}
        return {source.path: content for source in plan.sources if (content := identify(source)) is not None}

    def _send_content(self, node: Any, files: Any, path: str) -> None:
        """Send a worker the content of a file; in a thread of execnet."""
        data = None
        if path in self._contents:
            with suppress(UnreadableError):
                data = self._checker.ledger.plan.by_path[path].read(float("inf")).data
        self._sent[node] += 1
        files.send(data)

    def report_line(self, line: str) -> None:
        """Add a line to the summary and to the log."""
        log_event(WARNING, "workers", line)
        self._checker.ledger.warn(line)


def _name_place(spec: Any) -> str:
    return make_printable(str(spec.ssh or spec.socket or spec.vagrant_ssh or spec.chdir or spec.via))
