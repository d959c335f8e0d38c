"""What holds for every test: nothing of the user's is read, and nothing of the user's is written."""

from __future__ import annotations

import difflib
import gc
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment import GIT_SETTINGS
from tests.forked import ForkedPython
from tests.limits import note_begin

if TYPE_CHECKING:
    from _pytest.capture import CaptureResult

    from tests.otlp import Collector

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["pytester"]

_CACHE_DIR = "PYTEST_ANTIPASTA_CACHE_DIR"
# What a terminal, a CI service or a shell would add to the output. Without a language, argparse looks for
# translations of each of its words, on the disk.
_PINNED = {"PY_COLORS": "0", "NO_COLOR": "1", "COLUMNS": "250", "TERM": "dumb", "LANGUAGE": "C"}
_UNWANTED_PREFIXES = ("GIT_", "OTEL_", "PYTEST_ANTIPASTA_SHARED_", "PYTEST_XDIST_")
_UNWANTED = (
    "PYTEST_ANTIPASTA_JOBS", "CI", "CI_PROJECT_URL", "GITHUB_SERVER_URL", "BUILD_NUMBER", "FORCE_COLOR",
    "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED", "PYTHONWARNINGS", "TRACEPARENT", "TRACESTATE",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
)  # fmt: skip


# Where it is set in the environment, each worker of each run would rewrite the assertions of all tests: 15 s.
sys.dont_write_bytecode = False


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which tests renew what pages show."""
    parser.addoption("--write", action="store_true", help="write what pages show, where it differs")


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Half a process more than there are processors, as each waits for other programs now and then."""
    number = yield
    return number if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else number * 3 // 2


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Look for garbage in what tests make alone, and not in a million objects that last as long as they."""
    gc.disable()
    try:
        _import_tests_in_turn(session.config)
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _import_tests_in_turn(config: pytest.Config) -> None:
    """Import the tests in another order in each worker, so that each rewrites the assertions of its part.

    When it comes to the parts of the others, these have written what they have rewritten.
    """
    if not (worker := getattr(config, "workerinput", None)):
        return
    folders = [path for path in map(Path, config.args) if path.is_dir()]
    files = sorted(
        file.relative_to(config.rootpath) for path in folders for file in path.resolve().rglob("test_*.py")
    )
    start = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for file in files[start:] + files[:start]:
        with suppress(
            Exception, pytest.skip.Exception
        ):  # the collection reports it, or that the module skips itself
            import_module(".".join(file.with_suffix("").parts))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Note when a test begins, for those that look for the processes that they have begun."""
    note_begin()


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home folder and a known environment."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(_UNWANTED_PREFIXES) or name in _UNWANTED:
                environment.delenv(name)
        for name, value in (GIT_SETTINGS | _PINNED).items():
            environment.setenv(name, value)
        environment.setenv("HOME", str(folder))
        environment.setenv("PYTEST_ADDOPTS", without_other_plugins(()))
        template = _make_template(tmp_path_factory.mktemp("git") / "template")
        environment.setenv("GIT_TEMPLATE_DIR", str(template))
        yield folder


@cache
def without_other_plugins(wanted: tuple[str, ...]) -> str:
    """Return options against plugins that happen to be installed.

    They order, colour and repeat items, and importing them takes as long as the rest of a short run.
    """
    others = {point.name for point in entry_points(group="pytest11")} - {"antipasta", "xdist", *wanted}
    return " ".join(f"-p no:{name}" for name in sorted(others))


def _make_template(folder: Path) -> Path:
    """Write what git copies into each repository, without its examples: thousands are made.

    None lives long enough to be tidied up, and each commit would begin a process that looks whether to.
    """
    (folder / "hooks").mkdir(parents=True)
    (folder / "config").write_text("[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n")
    (folder / "info").mkdir()
    (folder / "info/exclude").touch()
    return folder


@pytest.fixture
def renew(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a file with what it ought to be; ``--write`` writes that."""

    def compare(path: Path, text: str) -> None:
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        if kept != text and request.config.getoption("--write"):
            path.write_text(text, encoding="utf-8")
        elif kept != text:
            lines = difflib.unified_diff(
                kept.splitlines(), text.splitlines(), path.name, "printed", lineterm=""
            )
            pytest.fail("\n".join([*lines, "`pytest tests/documents --write` renews it"]), pytrace=False)

    return compare


@pytest.fixture(scope="session")
def _stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("stores")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def cache_dir(home: Path, _stores: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store of the test's own, not there yet; a test that uses the user's fails."""
    folder = next(_stores)
    monkeypatch.setenv(_CACHE_DIR, str(folder))
    yield folder
    fail_for_user_store(home)


@pytest.fixture(scope="session")
def _empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pytest_antipasta.store.local import LocalStore  # here, as most runs of a few tests need none

    folder = tmp_path_factory.mktemp("store") / "empty"
    with closing(LocalStore(folder)):
        return folder


@pytest.fixture
def made_store(cache_dir: Path, _empty_store: Path) -> Path:
    """The test's own store, made and empty: making each takes as long as the rest of a short run."""
    return shutil.copytree(_empty_store, cache_dir)


def fail_for_user_store(home: Path) -> None:
    """Fail where a test made a store in a home folder, and take it away from the next one."""
    store = home / ".cache" / "pytest-antipasta"
    if store.exists():
        shutil.rmtree(store)
        pytest.fail("the test wrote into the user's store")


@pytest.fixture(scope="session")
def forked_python(home: Path) -> Iterator[ForkedPython]:
    """A Python that runs programs in processes of their own, without the cost of starting."""
    python = ForkedPython()
    yield python
    python.close()


@pytest.fixture(
    params=[
        pytest.param([], id="here"),
        pytest.param(["-n", "2"], id="in workers", marks=pytest.mark.slow),
    ]
)
def workers(request: pytest.FixtureRequest) -> list[str]:
    """Arguments for no workers, and where a change lands for two."""
    args: list[str] = request.param
    return args


@cache
def _make_empty_repository(template: str) -> Path:
    """Return what ``git init`` makes of a template, beside it: copying that takes no process."""
    folder = Path(template).with_name("empty")
    command = ["git", "init", "--quiet", "--initial-branch=main", str(folder)]
    subprocess.run(command, capture_output=True, check=True)
    return folder


class Repository:
    """A real git repository."""

    def __init__(self, path: Path) -> None:
        """Create it."""
        self.path = path
        empty = _make_empty_repository(os.environ["GIT_TEMPLATE_DIR"])
        shutil.copytree(empty, path, dirs_exist_ok=True)

    def git(self, *args: str) -> str:
        """Run git in it and return what it prints."""
        done = subprocess.run(["git", *args], cwd=self.path, capture_output=True, check=True)
        return os.fsdecode(done.stdout)

    def lose(self, name: str) -> None:
        """Delete an object by its full name; git makes it read-only, and Windows keeps such files."""
        path = self.path / ".git/objects" / name[:2] / name[2:]
        path.chmod(0o600)
        path.unlink()


class Program:
    """The command line, run in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Take what has its output."""
        self._capsys = capsys

    def __call__(self, *args: str, code: int | None = 0) -> CaptureResult[str]:
        """Run a command that ends with an exit code, ``None`` for any, and return what it alone prints."""
        from pytest_antipasta.cli import main

        self._capsys.readouterr()
        ended = main(args)
        assert code is None or ended == code
        return self._capsys.readouterr()


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """The command line, run in this process."""
    return Program(capsys)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Any]:
    """Chromium without a network."""
    from tests.report.browser import open_browser

    yield from open_browser(tmp_path_factory.mktemp("profile"))


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """What takes the spans that the environment asks for."""
    from tests.otlp import ENDPOINT, collect  # here, because it needs the extra `otel`

    with collect() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        monkeypatch.setenv("OTEL_BSP_EXPORT_TIMEOUT", "20000")  # a machine that is busy may take long
        yield collector


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "repository")
