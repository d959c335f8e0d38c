"""What crosses the wire under pytest-xdist: tasks to the workers, results back, all as plain data."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from pytest_antipasta.collection import RESULT, FailureText
from pytest_antipasta.engine import Engine
from pytest_antipasta.sweep import Result, Task

_KEY = "antipasta"
_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Result).decode


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs items for another one."""
    return hasattr(config, "workerinput")


def received_tasks(config: pytest.Config) -> list[Task]:
    """Return, in a worker, the tasks that the controller made."""
    return [Task(*task) for task in config.workerinput[_KEY]]  # type: ignore[attr-defined]


class WorkerEnd:
    """Sends results from a worker."""

    def __init__(self, engine: Engine) -> None:
        """Take what has the store open."""
        self._engine = engine

    def pytest_sessionfinish(self) -> None:
        """Let go of the store."""
        self._engine.close()

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(self, report: Any) -> Generator[None, Any, Any]:
        """Send the result in place of the failure's text, which the controller can make of it."""
        result = getattr(report, RESULT, None)
        if result is None:
            return (yield)
        longrepr, report.longrepr = report.longrepr, None
        delattr(report, RESULT)
        try:
            data = yield
        finally:
            report.longrepr = longrepr
            setattr(report, RESULT, result)
        data[RESULT] = _encode(result)
        return data


class ControllerEnd:
    """Sends tasks to the workers, and makes reports of theirs whole again."""

    def __init__(self, get_tasks: Callable[[], Sequence[Task]]) -> None:
        """Take what finds the tasks."""
        self._get_tasks = get_tasks
        self._locations: Mapping[str, str] = {}

    def pytest_configure_node(self, node: Any) -> None:
        """Give a new worker the files, so that all see the same ones in the same order."""
        tasks = self._get_tasks()
        self._locations = {task.path: task.location for task in tasks}
        node.workerinput[_KEY] = [tuple(task) for task in tasks]

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(self, data: dict[str, Any]) -> Generator[None, Any, Any]:
        """Make of a result what it was."""
        encoded = data.pop(RESULT, None)
        report = yield
        if encoded is not None:
            result = _decode(encoded)
            setattr(report, RESULT, result)
            if result.verdict.failed:
                report.longrepr = FailureText(result.verdict, self._locations[result.verdict.path])
        return report
