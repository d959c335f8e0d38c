"""The package in programs of pex, shiv and zipapp, and inside a ZIP file, as a wheel on the path is."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

import pytest_antipasta
from tests.conftest import Repository

START = "from pytest_antipasta.cli import run; run()"
HOME = Path(pytest_antipasta.__file__).parents[1]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ZIP file with the package."""
    place = tmp_path_factory.mktemp("archive") / "package.zip"
    with ZipFile(place, "w") as file:
        for path in (HOME / "pytest_antipasta").rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                file.write(path, path.relative_to(HOME))
    return place


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python without packages."""
    folder = tmp_path_factory.mktemp("python")
    venv.create(folder, symlinks=os.name != "nt")
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def run_packed(python: Path, home: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, by a program that adds the package and others to the path of a Python."""
    code = f"import sys; sys.path += {[str(home), *map(sysconfig.get_path, ('purelib', 'platlib'))]}; {START}"
    return subprocess.run(
        [python, "-P", "-c", code, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )


@pytest.mark.slow
def test_a_page_is_written(python: Path, archive: Path, repository: Repository) -> None:
    (repository.path / "a.py").write_text("def f(x):\n    return x\n")
    done = run_packed(python, archive, repository.path, "check", "--format", "html")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith("</html>")


@pytest.mark.slow
@pytest.mark.parametrize("words", ["hooks install", "hooks install --dry-run", "config init --yes --hook"])
@pytest.mark.parametrize("is_zipped", [False, True], ids=["unpacked", "zipped"])
def test_no_hook_is_installed_that_could_not_run(
    python: Path, archive: Path, repository: Repository, words: str, is_zipped: bool
) -> None:
    home = archive if is_zipped else HOME
    done = run_packed(python, home, repository.path, *words.split())
    assert (done.returncode, done.stdout) == (2, "")
    why = (
        f"{python.as_posix()} does not find pytest_antipasta by itself, so git could not run the hook; "
        "install pytest-antipasta with pip, uv or pipx, then run `pytest-antipasta hooks install`"
    )
    before = "the commit hook can't be installed: " if words.startswith("config") else ""
    assert done.stderr == f"error: {before}{why}\n"
    assert not (repository.path / ".git" / "hooks" / "pre-commit").exists()
    assert not (repository.path / "pyproject.toml").exists()
