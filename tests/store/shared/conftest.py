"""A project, machines that check it, and a Redis between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.store.shared.servers import Server, serve

FILES = 5
VARIABLE = "PYTEST_ANTIPASTA_SHARED_STORE"
Capture = pytest.CaptureFixture[str]


class Machines:
    """Machines with clones of one project; each has a store of its own, by its name."""

    def __init__(self, stores: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stores = stores
        self._capsys = capsys
        self._environment = monkeypatch
        self.err = ""

    def share(self, url: str, **variables: str) -> None:
        """Have all machines use a shared store from now on."""
        self._environment.setenv(VARIABLE, url)
        for name, value in variables.items():
            self._environment.setenv(f"{VARIABLE}_{name}", value)

    def warm(self, name: str, *options: str) -> tuple[int, int, list[str]]:
        """Return how many files a machine knew, how many it has measured, and what it was told."""
        facts = self.ask(name, "cache", "warm", *options)
        assert facts["files"] == facts["known"] + facts["measured"]
        return facts["known"], facts["measured"], facts["notes"]

    def ask(self, name: str, *command: str, code: int = 0) -> dict[str, Any]:
        """Return the JSON of a command on a machine."""
        self._environment.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(self._stores / name))
        self._capsys.readouterr()
        assert main([*command, "--format", "json"]) == code
        out, self.err = self._capsys.readouterr()
        answer: dict[str, Any] = json.loads(out)
        return answer


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with some files; the current one."""
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"f{number}.py").write_text(f"def f{number}(a):\n    return a if a else {number}\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def machines(project: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Machines:
    return Machines(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for servers that are meant to answer, however busy the machine is."""
    monkeypatch.setattr("pytest_antipasta.store.shared.CONNECT_SECONDS", 20.0)
    monkeypatch.setattr("pytest_antipasta.engine.sharing._PATIENCE", 20.0)


@pytest.fixture
def server(_server: Server, patient: None) -> Server:
    """A Redis with nothing in it."""
    _server.client.flushall()
    _server.client.config_resetstat()
    return _server


def enlarge(project: Path) -> None:
    """Make the files so large that measuring them is worth a question."""
    for path in project.glob("*.py"):
        path.write_text(f"{path.read_text()}# {'x' * 800_000}\n")
