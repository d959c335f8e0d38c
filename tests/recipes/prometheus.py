"""Prometheus and node_exporter on loopback, by the example's configuration, and a project that they watch."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from tests.recipes.runner import BIN, ROOT, run_shell
from tests.report.browser import give_up

EXAMPLE = ROOT / "examples" / "monitoring"
TEXTFILES = "/var/lib/prometheus/node-exporter"
"""The folder of Debian's node_exporter, which the page names."""
NEW_RUN = "instance_root:antipasta_run_duration_seconds:each"

_SECONDS = 60.0
_LISTENING = re.compile(r'Listening on" address=(\S+)')
_ANY_LABEL = re.compile(r"\$(?:job|instance|root)\b")
_Found = TypeVar("_Found")


def find_program(name: str) -> str:
    """Return where a program of Debian's packages is."""
    path = shutil.which(name)
    if path is None:
        packages = "prometheus prometheus-node-exporter prometheus-pushgateway"
        give_up(f"needs `apt-get install {packages}`, whose services may be off")
    return str(path)


def wait_for(ask: Callable[[], _Found], what: str) -> _Found:
    """Return the first answer that is something."""
    deadline = time.monotonic() + _SECONDS
    while not (found := ask()):
        assert time.monotonic() < deadline, f"waited {_SECONDS} s for {what}"
        time.sleep(0.05)
    return found


@contextmanager
def serve(folder: Path, program: str, *options: str) -> Iterator[str]:
    """Run a server on a free port of loopback, and yield its address."""
    log = folder / f"{program}.log"
    command = [find_program(program), *options, "--web.listen-address=127.0.0.1:0"]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            found = wait_for(
                lambda: _LISTENING.search(log.read_text()) or server.poll() is not None,
                f"an address in {log}",
            )
            assert isinstance(found, re.Match), log.read_text()
            yield found[1]
        finally:
            server.terminate()


def quicken(text: str) -> str:
    """Return a configuration or an expression with half a second for its intervals, and one for alerts."""
    text = re.sub(r"(interval: |offset )\d+[ms]\b", r"\g<1>500ms", text)
    return re.sub(r"(for: )\d+m\b", r"\g<1>1s", text)


def copy_configuration(folder: Path, exporter: str) -> None:
    """Copy that of the example, to be quick and to ask one node_exporter."""
    for name in ("prometheus.yml", "antipasta.rules.yml"):
        text = (EXAMPLE / name).read_text(encoding="utf-8").replace("localhost:9100", exporter)
        (folder / name).write_text(quicken(text), encoding="utf-8")


class Watched:
    """A project whose runs are scraped.

    Attributes:
        textfiles: the folder that node_exporter reads.
    """

    def __init__(self, folder: Path, address: str) -> None:
        """Watch a project in a folder by a Prometheus."""
        self.textfiles = folder / "textfiles"
        self._project = folder / 'a "quoted" \\ project'
        self._project.mkdir()
        self._store = folder / "store"
        self._api = f"http://{address}/api/v1"
        self._open = build_opener(ProxyHandler({})).open
        self._began = time.time()

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self._project / name).write_text(text)

    def run(self, command: str) -> None:
        """Run a command of the page in the project, and wait until the rules have seen what it leaves."""
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        variables = {"PATH": path, "PYTEST_ANTIPASTA_CACHE_DIR": str(self._store)}
        run_shell(command.replace(TEXTFILES, str(self.textfiles)), self._project, variables)
        (report,) = self.textfiles.iterdir()
        ended = re.findall(r"^antipasta_run_end_timestamp_seconds{.*} (.+)$", report.read_text(), re.M)
        seen = "instance_root:antipasta_run_end_timestamp_seconds:seen"
        wait_for(lambda: self._has_value(seen, float(ended[0])), f"the run of {ended} to be seen")

    def _has_value(self, expression: str, value: float) -> bool:
        found = self.ask("query", query=expression)["result"]
        return bool(found) and float(found[0]["value"][1]) == value

    def is_ready(self) -> bool:
        """Return whether Prometheus answers, which it does some time after it has begun to listen."""
        try:
            self.ask("labels")
        except HTTPError as error:
            return error.code != HTTPStatus.SERVICE_UNAVAILABLE
        return True

    def ask(self, what: str, **parameters: str) -> Any:
        """Return what Prometheus answers."""
        with self._open(f"{self._api}/{what}?{urlencode(parameters)}") as answer:
            return json.load(answer)["data"]

    def find(self, expression: str) -> list[dict[str, Any]]:
        """Return the series that an expression has had since the beginning, for all that can be chosen."""
        query = _ANY_LABEL.sub(".+", expression)
        end = str(time.time())
        asked = self.ask("query_range", query=query, start=str(self._began), end=end, step="500ms")
        return list(asked["result"])

    def find_labels(self, query: str) -> list[str]:
        """Return the values that a variable of the dashboard can have."""
        match = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
        assert match is not None, query
        asked = {"match[]": _ANY_LABEL.sub(".+", match[1])}
        return list(self.ask(f"label/{match[2]}/values", **asked))


@contextmanager
def scrape(folder: Path, jobs: str) -> Iterator[Watched]:
    """Run a Prometheus with some jobs of a configuration, and yield what asks it."""
    text = f"global: {{scrape_interval: 500ms}}\nscrape_configs:\n{jobs}"
    (folder / "prometheus.yml").write_text(text, encoding="utf-8")
    options = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}")
    with serve(folder, "prometheus", *options) as address:
        watched = Watched(folder, address)
        wait_for(watched.is_ready, "Prometheus to be ready")
        yield watched


@contextmanager
def watch(folder: Path) -> Iterator[Watched]:
    """Start both, and end them."""
    textfiles = folder / "textfiles"
    textfiles.mkdir()
    collectors = ("--collector.disable-defaults", "--collector.textfile")
    with serve(
        folder, "prometheus-node-exporter", *collectors, f"--collector.textfile.directory={textfiles}"
    ) as exporter:
        copy_configuration(folder, exporter)
        options = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}")
        with serve(folder, "prometheus", *options) as address:
            watched = Watched(folder, address)
            wait_for(watched.is_ready, "Prometheus to be ready")
            wait_for(lambda: watched.find("up == 1"), "the first scrape")
            yield watched
