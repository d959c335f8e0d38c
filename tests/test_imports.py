"""What other programs import, and what that costs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from threading import Event, Thread

import pytest

import pytest_antipasta
from pytest_antipasta.runtime.imports import trusted_first
from tests.conftest import Repository


def modules_after(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement and had not before."""
    program = f"import sys; before = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_imports_nothing_that_is_not_asked_for() -> None:
    found = modules_after("import pytest_antipasta")
    ours = {name for name in found if name.startswith("pytest_antipasta")}
    assert ours == {"pytest_antipasta"}
    assert {name.partition(".")[0] for name in found} <= {"pytest_antipasta", *sys.stdlib_module_names}


def test_everything_that_is_promised_is_there() -> None:
    assert sorted(pytest_antipasta.__all__) == pytest_antipasta.__all__
    for name in pytest_antipasta.__all__:
        assert getattr(pytest_antipasta, name).__name__ == name
    assert pytest_antipasta.__version__.count(".") == 2


def test_what_is_not_promised_is_an_error() -> None:
    with pytest.raises(AttributeError, match="module 'pytest_antipasta' has no attribute 'nothing'"):
        pytest_antipasta.nothing  # noqa: B018


def test_a_measurement_brings_neither_the_store_nor_git_nor_pytest() -> None:
    found = modules_after("import pytest_antipasta; pytest_antipasta.measure(b'x = 1')")
    tops = {name.partition(".")[0] for name in found}
    assert not tops & {"sqlite3", "git", "pytest", "_pytest", "yaml", "diskcache", "filelock", "platformdirs"}


@pytest.mark.parametrize("module", ["cli", "api"])
def test_nothing_happens_at_import(module: str) -> None:
    found = modules_after(f"import pytest_antipasta.{module}")
    tops = {name.partition(".")[0] for name in found}
    assert not tops & {"sqlite3", "git", "pytest", "_pytest", "yaml", "diskcache", "radon", "complexipy"}
    assert not tops & {"concurrent", "logging"}


# Without packages that are not installed.
EACH_FIRST = """\
import sys
from importlib import import_module
for name in sys.argv[1:]:
    for each in [each for each in sys.modules if each.partition(".")[0] == "pytest_antipasta"]:
        del sys.modules[each]
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        assert not error.name.startswith("pytest_antipasta"), (name, error)
    except ImportError as error:
        print(name, error)
"""


@pytest.mark.slow
def test_each_module_can_be_imported_first() -> None:
    folder = Path(pytest_antipasta.__file__).parent
    modules = (path.relative_to(folder.parent).with_suffix("") for path in sorted(folder.rglob("*.py")))
    names = [".".join(path.parts) for path in modules]
    done = subprocess.run([sys.executable, "-c", EACH_FIRST, *names], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# Asked for by name, and ours for it. `check` has the option of coverage, whose module imports nothing.
ASKED_FOR = {"coverage", "pygls", "lsprotocol", "redis", "lizard", "opentelemetry"}
OURS_FOR_IT = (
    "pytest_antipasta.coverage",
    "pytest_antipasta.editor",
    "pytest_antipasta.engine.covering",
    "pytest_antipasta.logs.otel",
    "pytest_antipasta.metrics.notebook",
    "pytest_antipasta.report.coverage",
    "pytest_antipasta.setup",
    "pytest_antipasta.store.shared",
)
# For reports beside the text, which is all that most runs write.
OF_REPORTS = "pytest_antipasta.results.report"
# For words that are wrong, for traces, for a terminal and for limits of one run. A session of pytest has the
# first two.
UNNEEDED = {
    "difflib",
    "pytest_antipasta.logs.tracing",
    "pytest_antipasta.cli.progress",
    "pytest_antipasta.settings.asked",
}
COMMANDS = (
    "check", "check --staged", "check --diff HEAD", "check --format agent", "check --format json", "hook",
    "hook a.py", "measure", "explain a.py::f", "baseline show", "trend", "config show", "cache status",
)  # fmt: skip


def find_asked_for(modules: Iterable[str]) -> set[str]:
    """Return the modules that only an option, a command or an extra is for."""
    return {name for name in modules if name.partition(".")[0] in ASKED_FOR or name.startswith(OURS_FOR_IT)}


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a commit, and something staged; the current folder."""
    monkeypatch.chdir(repository.path)
    for number in range(2):
        (repository.path / "a.py").write_text(f"def f(a):\n    if a:\n        return {number}\n")
        repository.git("add", "a.py")
        if not number:
            repository.git("commit", "--quiet", "--message", "begin")
    return repository


def test_commands_import_nothing_that_nobody_asks_for(project: Repository) -> None:
    program = (
        "import io, sys\nfrom contextlib import redirect_stdout\nfrom pytest_antipasta.cli import main\n"
        f"for command in {COMMANDS!r}:\n"
        "    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), 'utf-8')):\n"
        "        code = main(command.split())\n"
        "    print(command, code, *sys.modules, sep=',')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    rows = [line.split(",") for line in done.stdout.splitlines()]
    assert [(command, code) for command, code, *_ in rows] == [(command, "0") for command in COMMANDS]
    assert OF_REPORTS not in rows[0]
    for command, _, *modules in rows:
        assert find_asked_for(modules) | (UNNEEDED & {*modules}) == set(), command


@pytest.mark.parametrize("options", [[], ["--antipasta"], ["--antipasta-only"]], ids=" ".join)
def test_sessions_import_nothing_that_nobody_asks_for(project: Repository, options: list[str]) -> None:
    (project.path / "test_a.py").write_text("def test_a(): pass\n")
    program = (
        "import sys, pytest\n"
        f"code = pytest.main(['-q', '-p', 'no:cacheprovider', *{options!r}])\n"
        "print(int(code), *sys.modules, sep=',')\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_antipasta.plugin"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment | plugins
    )
    code, *modules = done.stdout.splitlines()[-1].split(",")
    assert (code, find_asked_for(modules)) == ("0", set())
    assert OF_REPORTS not in modules
    assert ("pytest_antipasta.engine" in modules) == bool(options)


def test_what_is_asked_for_is_imported(project: Repository) -> None:
    """So that the names above are those of what there is."""
    found = modules_after("import pytest_antipasta.editor.server, pytest_antipasta.coverage.data")
    found |= modules_after(f"import {', '.join((*OURS_FOR_IT, *UNNEEDED, OF_REPORTS))}")
    assert {"coverage", "pygls", "lsprotocol", *OURS_FOR_IT, *UNNEEDED, OF_REPORTS} <= found


def test_threads_leave_the_path_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("/elsewhere")
    before, is_inside, may_end = sys.path[:], Event(), Event()
    other = Thread(target=_import_slowly, args=[is_inside, may_end])
    other.start()
    is_inside.wait()
    with trusted_first():
        may_end.set()
        other.join()
        assert sys.path[0] != "/elsewhere"
    assert sys.path == before


def _import_slowly(is_inside: Event, may_end: Event) -> None:
    with trusted_first():
        is_inside.set()
        may_end.wait()


def test_an_import_that_waits_for_another_thread_does_not_hold_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python lets one thread at a time import a module, and the other wait."""
    lines = ("test.IS_INSIDE.set()", "test.MAY_END.wait()", "with test.trusted_first(): pass")
    (tmp_path / "slow_module.py").write_text("\n".join((f"import {__name__} as test", *lines)))
    monkeypatch.syspath_prepend(tmp_path)
    first, second = (Thread(target=_import_in_block, args=[has], daemon=True) for has in (False, True))
    first.start()
    IS_INSIDE.wait()
    second.start()
    IS_IN_BLOCK.wait()
    MAY_END.set()
    for thread in (first, second):
        thread.join(timeout=30)
        assert not thread.is_alive()


IS_INSIDE, IS_IN_BLOCK, MAY_END = Event(), Event(), Event()


def _import_in_block(has_block: bool) -> None:
    with trusted_first() if has_block else nullcontext():
        if has_block:
            IS_IN_BLOCK.set()
        import_module("slow_module")
