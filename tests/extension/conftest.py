"""An environment of Python's into which a test installs distributions with extensions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import pytest_antipasta
from pytest_antipasta.extension.loaded import GROUP
from tests.conftest import Repository
from tests.corpora import CorpusUnavailableError, corpus
from tests.forked import ForkedPython
from tests.windows import decode_output

# What every extension here begins with.
HEAD = """\
import ast, os, re, sys, time
from pytest_antipasta.extension import (
    Language, Metric, ParsedBlock, ParsedFile, ParseError, ReportFormat, hookimpl
)
"""
PARAMETERS = """
def count(source):
    return {name: len(node.args.args) for name, node in source.functions.items()}

@hookimpl
def antipasta_metrics():
    return [Metric(name="parameters", scope="block", version="1", measure=count)]
"""


SQL = """
def read(data):
    blocks, start, points = [], None, 0
    for number, line in enumerate(data.decode().splitlines(), 1):
        if found := re.match(r"procedure (\\w+)", line):
            name, start, points = found[1], number, 1
        elif line == "end" and start:
            blocks.append(ParsedBlock(
                name=name, line=start, end_line=number, numbers={"cyclomatic_complexity": points}
            ))
            start = None
        else:
            points += line.count("if ") if start else 0
    if start:
        raise ParseError(f"procedure {name} has no end", start)
    return ParsedFile(blocks=blocks, numbers={"lines_of_code": data.count(b"\\n")})

@hookimpl
def antipasta_languages():
    return [Language(name="sql", endings=(".sql",), version="1", comment="--", measure=read)]
"""

_VARIABLES = {
    # A module that is written anew within a second, in the same size, would not be compiled again.
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": "-p antipasta -p xdist",
}


class Environment:
    """A Python that has what this one has, and distributions of its own.

    Attributes:
        python: its program.
        site_packages: where they are.
    """

    def __init__(self, folder: Path) -> None:
        """Create it."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = scripts / Path(sys.executable).name
        base = {"base": str(folder), "platbase": str(folder)}
        self.site_packages = Path(sysconfig.get_path("purelib", vars=base))
        others = [Path(msgspec.__file__).parents[1], Path(pytest_antipasta.__file__).parents[1]]
        (self.site_packages / "others.pth").write_text("".join(f"{path}\n" for path in others))
        self._forked = ForkedPython(str(self.python), {**os.environ, **_VARIABLES})

    def install(
        self,
        source: str,
        name: str = "example",
        version: str = "1.0",
        entry_points: str = f"[{GROUP}]\nexample = {{module}}\n",
    ) -> str:
        """Install a distribution of one module, as pip leaves it, and return its name."""
        self.uninstall(name)
        module = name.replace("-", "_")
        (self.site_packages / f"{module}.py").write_text(HEAD + textwrap.dedent(source))
        write_metadata(self.site_packages, name, version, entry_points.format(module=module))
        return name

    def uninstall(self, name: str = "example") -> None:
        """Take a distribution away."""
        module = name.replace("-", "_")
        (self.site_packages / f"{module}.py").unlink(missing_ok=True)
        for folder in self.site_packages.glob(f"{module}-*.dist-info"):
            shutil.rmtree(folder)

    def clear(self) -> None:
        """Take all away."""
        for folder in self.site_packages.glob("*.dist-info"):
            self.uninstall(folder.name.partition("-")[0].replace("_", "-"))

    def run(self, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a module of its."""
        module, *options = arguments
        done = self._forked.run(module, options, cwd, {**os.environ, **_VARIABLES, **variables})
        out, err = map(decode_output, (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def close(self) -> None:
        """End what runs its modules."""
        self._forked.close()

    def check(self, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``check``."""
        return self.run("pytest_antipasta", "check", *arguments, cwd=cwd)

    def report_in_all_ways(self, cwd: Path, outcomes: str) -> list[str]:
        """Return the JSON reports of ``check`` and of pytest, each without workers and with some.

        Args:
            cwd: the project.
            outcomes: what pytest's last line says.
        """
        reports = [
            self.check(cwd, "--format", "json", "--no-cache", *arguments).stdout
            for arguments in ((), ("--jobs", "2"))
        ]
        for workers in ("0", "1"):
            report = cwd / f"report-{workers}.json"
            option = f"--antipasta-report=json={report}"
            arguments = ("-p", "no:cacheprovider", "--antipasta-only", "--antipasta-no-cache", "-n", workers)
            assert outcomes in self.run("pytest", *arguments, option, cwd=cwd).stdout
            reports.append(report.read_text())
        return reports


def write_metadata(folder: Path, name: str, version: str, entry_points: str) -> None:
    """Write what pip leaves beside a distribution's modules."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(entry_points)


@pytest.fixture(scope="session")
def _environment(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    environment = Environment(tmp_path_factory.mktemp("environment") / "venv")
    yield environment
    environment.close()


@pytest.fixture
def environment(_environment: Environment) -> Iterator[Environment]:
    """An environment without extensions, yet."""
    yield _environment
    _environment.clear()


@pytest.fixture
def lizard(environment: Environment) -> Path:
    """The folder of what lizard has, which is installed into the environment."""
    try:
        folder = corpus("lizard")
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    shutil.copytree(folder, environment.site_packages, dirs_exist_ok=True)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with two functions, of three parameters and of one."""
    folder = Repository(tmp_path / "project").path
    (folder / "a.py").write_text("def many(a, b, c):\n    return a\n\n\ndef few(a):\n    return a\n")
    write_settings(folder, '"example:parameters" = 2')
    return folder


def read_files(report: str) -> Any:
    """Return the records of the files in a JSON report."""
    return json.loads(report)["files"]


def make_procedure(name: str, branches: int) -> str:
    """Return a procedure of the language ``SQL``, whose complexity is one more."""
    return f"procedure {name}(a int)\n" + "  if a then b\n" * branches + "end\n"


def write_settings(folder: Path, *limits: str, others: Sequence[str] = ()) -> None:
    """Write settings with limits."""
    lines = ["[tool.pytest-antipasta]", *others, "[tool.pytest-antipasta.thresholds]", *limits]
    (folder / "pyproject.toml").write_text("\n".join(lines) + "\n")
