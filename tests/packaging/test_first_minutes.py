"""What a newcomer does first, with the built packages from an index, on every Python that is here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pytest_antipasta.runtime.environment import VERSION
from tests.corpora import USER_CACHE
from tests.documents.pages import iter_blocks
from tests.packaging.built import ROOT, serve_index
from tests.report.browser import HAS_SELENIUM, Shown, give_up, open_browser

pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of a POSIX shell"),
]

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
INSTALLERS = ("uvx", "uv tool install", "pipx run", "uv run --isolated --no-project --with pytest-antipasta")
# Set to `all`, everything is tried on every Python; else by the day on another one.
VARIABLE = "PYTEST_ANTIPASTA_INSTALLS"
COOKIES = next(
    block.text for block in iter_blocks(ROOT / "docs" / "get-started.md") if block.name == "cookies.py"
)


def find_python(version: str) -> str:
    """Return an interpreter, on the PATH or kept by pyenv; skip the test without one."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path("~/.pyenv").expanduser()) / "versions"
    candidates = [shutil.which(f"python{version}"), *map(str, sorted(kept.glob(f"{version}.*/bin/python")))]
    for candidate in filter(None, candidates):
        done = subprocess.run([candidate, "-c", ""], capture_output=True, check=False)
        if not done.returncode:
            return candidate
    pytest.skip(f"there is no CPython {version} here")


class Newcomer:
    """Somebody with a home folder, a repository and a terminal."""

    def __init__(self, folder: Path, index: str) -> None:
        """Begin with nothing but git."""
        self.home, self.project = folder / "home", folder / "shop"
        self.home.mkdir()
        self.project.mkdir()
        unknown = ("PYTEST_ANTIPASTA_CACHE_DIR", "VIRTUAL_ENV")
        self.environment = {name: value for name, value in os.environ.items() if name not in unknown}
        indices = (os.environ.get("PIP_EXTRA_INDEX_URL"), index)
        self.environment |= {
            "HOME": str(self.home),
            "PIP_CACHE_DIR": str(USER_CACHE / "pip"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_EXTRA_INDEX_URL": " ".join(filter(None, indices)),
            "PIPX_DEFAULT_BACKEND": "pip",
            "UV_CACHE_DIR": str(USER_CACHE / "uv"),
            "UV_INDEX": index,
            "UV_NO_CONFIG": "1",
        }

    def run(self, command: str, code: int = 0) -> str:
        """Return what a command prints, which has to end with an exit code."""
        done = subprocess.run(
            shlex.split(command),
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def install(self, command: str) -> str:
        """Return what an installer prints; skip the test where it reaches no index of other packages."""
        probe = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(self.home),
            "radon",
        ]
        try:
            return self.run(command)
        except AssertionError:
            if subprocess.run(probe, env=self.environment, capture_output=True, check=False).returncode:
                give_up("pip can't download anything here")
            raise

    def find_first(self, folder: Path) -> None:
        """Have the programs of a folder found before others."""
        self.environment["PATH"] = os.pathsep.join((str(folder), os.environ["PATH"]))


@pytest.fixture(scope="session")
def index(packages: Sequence[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an index that has our packages; all others come from where they always do."""
    with serve_index(list(packages), tmp_path_factory.mktemp("index")) as address:
        yield address


@pytest.fixture
def newcomer(index: str, tmp_path: Path) -> Newcomer:
    """Somebody who has a file with one function that does too much, committed."""
    person = Newcomer(tmp_path, index)
    person.run("git init --quiet --initial-branch=main")
    (person.project / "cookies.py").write_text(COOKIES, encoding="utf-8")
    person.run("git add --all")
    person.run("git commit --quiet -m first")
    return person


def skip_other_days(version: str, number: int = 0) -> None:
    """Skip a test that is for another Python than that of the day, from which others count."""
    day = int(time.time() // 86400) + number
    if os.environ.get(VARIABLE) != "all" and version != PYTHONS[day % (len(PYTHONS) - 1)]:
        pytest.skip(f"on another day, or with {VARIABLE}=all")  # there is no 3.14 yet


@pytest.mark.parametrize("version", PYTHONS)
def test_the_first_ten_minutes(version: str, newcomer: Newcomer, tmp_path: Path) -> None:
    skip_other_days(version, len(INSTALLERS))
    run, project = newcomer.run, newcomer.project
    newcomer.install(f"{find_python(version)} -m venv {project}/.venv")
    newcomer.find_first(project / ".venv" / "bin")
    (project / ".gitignore").write_text(".venv/\nreport.html\n", encoding="utf-8")
    newcomer.install("pip install --quiet 'pytest-antipasta[xdist]'")
    named = rf"pytest-antipasta {re.escape(VERSION)} \(radon \S+, complexipy \S+, Python {version}\)\n"
    assert re.fullmatch(named, run("pytest-antipasta --version"))
    read_a_failure(newcomer)
    adopt_it(newcomer)
    be_blocked(newcomer)
    run("pytest-antipasta check --report html=report.html", code=1)
    assert is_shown(project / "report.html", tmp_path)
    fix_it(newcomer)


def read_a_failure(newcomer: Newcomer) -> None:
    """It says where, what and how much, and what to do next."""
    failure = newcomer.run("pytest-antipasta check", code=1)
    assert "cookies.py\n    1:1  find  cognitive 18/15\n" in failure
    commands = find_commands(failure)
    assert {command.split()[1] for command in commands} == {"explain", "fix"}
    for command in commands:
        is_fix = " fix " in command
        said = newcomer.run(f"{command} --dry-run" if is_fix else command)
        assert ("within its limits" if is_fix else "must be <= 15 (default): over by 3") in said
    by_pytest = newcomer.run("pytest --antipasta-only -n auto", code=1)
    assert "FAILED cookies.py::antipasta - find cognitive 18/15" in by_pytest


def adopt_it(newcomer: Newcomer) -> None:
    """What is over its limit today is recorded, and a hook installed."""
    adopted = newcomer.run("pytest-antipasta config init --yes --baseline --hook")
    assert "next: commit pyproject.toml and antipasta-baseline.json\n" in adopted
    newcomer.run("git add --all")
    newcomer.run("git commit --quiet -m adopt")
    assert "baseline: 1 violation tolerated\n" in newcomer.run("pytest-antipasta check")


def be_blocked(newcomer: Newcomer) -> None:
    """The hook blocks what is worse, and each command that it names can be run as it stands."""
    worse = COOKIES.replace("if found is None:", "if found is None and name:")
    (newcomer.project / "cookies.py").write_text(worse, encoding="utf-8")
    blocked = newcomer.run("git commit --all -m worse", code=1)
    assert "1  find  cognitive 18 → 19/15 (+1)" in blocked
    assert newcomer.run("git log --format=%s") == "adopt\nfirst\n"
    commands = find_commands(blocked)
    assert len(commands) > 2
    for command in commands:
        dry = command.replace(" fix ", " fix --dry-run ")
        newcomer.run(dry, code=1 if " check " in command else 0)
    newcomer.run("git checkout --quiet HEAD antipasta-baseline.json")


def fix_it(newcomer: Newcomer) -> None:
    """The commit passes, and the baseline has nothing left to record."""
    newcomer.run("pytest-antipasta fix cookies.py::find")
    newcomer.run("git commit --quiet --all -m fix")
    newcomer.run("pytest-antipasta baseline prune")
    newcomer.run("git commit --quiet --all -m prune")
    assert newcomer.run("pytest-antipasta check").startswith("no violations in 1 file\n")
    assert newcomer.run("git status --porcelain") == ""


def find_commands(text: str) -> list[str]:
    """Return the commands of ours that a message names, with their arguments."""
    lines = re.findall(r"^(?:simplify|record)  +(.+)$", text, re.MULTILINE)
    marked = re.findall(r"`((?:pytest-antipasta|git) [^`]+)`", text)
    return [*marked, *(command for line in lines for command in line.split(" && "))]


def is_shown(page: Path, folder: Path) -> bool:
    """Whether a report names the function that is over its limit: in a browser, where there is one."""
    if not (HAS_SELENIUM and shutil.which("chromium") and shutil.which("chromedriver")):
        return "find" in page.read_text(encoding="utf-8")
    for browser in open_browser(folder / "profile"):
        return "find" in "".join(Shown(browser, page).cells("name"))
    return False


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("installer", INSTALLERS)
def test_it_is_installed_by_name(installer: str, version: str, newcomer: Newcomer) -> None:
    skip_other_days(version, INSTALLERS.index(installer))
    program, _, rest = installer.partition(" ")
    python = find_python(version)
    here = Path(sys.executable).parent
    if not (here / program).exists():
        give_up("needs `pip install -e '.[lint]'`")
    fresh = "" if program == "pipx" else "--refresh-package pytest-antipasta"
    line = f"{here / program} {rest} --python {python} {fresh} pytest-antipasta"
    if installer == "uv tool install":
        newcomer.install(line)
        line = str(newcomer.home / ".local" / "bin" / "pytest-antipasta")
    assert f"pytest-antipasta {VERSION} (radon " in newcomer.install(f"{line} --version")
    assert f'"python": "{version}' in newcomer.run(f"{line} check --format json", code=1)
    # A hook needs an environment that stays.
    is_told = re.search("deletes? this environment", newcomer.run(f"{line} hooks install")) is not None
    assert is_told == (installer != "uv tool install")


def test_a_machine_without_an_index_can_say_so(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe that tells a missing network from a package that can't be installed."""
    newcomer.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    monkeypatch.delenv("PYTEST_ANTIPASTA_PROGRAMS", raising=False)
    with pytest.raises(pytest.skip.Exception):
        newcomer.install(f"{sys.executable} -m pip download --dest {newcomer.home} pytest-antipasta")
