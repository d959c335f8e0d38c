"""Where modules are looked for, where each package has a folder of its own, as with Nix, Bazel and pex."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from pytest_antipasta.runtime.imports import HOME, trusted_folders
from tests.windows import NEEDS_LINKS

# What an environment has of modules that no program of ours is started with.
_PROGRAM = """\
import os, sys
sys.path[:] = ["", *sys.argv[1].split(os.pathsep), *(entry for entry in sys.path if entry)]
from pytest_antipasta.runtime.imports import trusted_first
found = []
with trusted_first(is_alone=True):
    for name in ("redis", "opentelemetry.sdk.trace", "git"):
        found.append(os.path.realpath(__import__(name, fromlist=["_"]).__file__))
import json
print(json.dumps(found))
from pytest_antipasta.cli import main
sys.exit(main(["check", "--no-cache", "--jobs", "2"]))
"""


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """A folder for each thing that is installed here."""
    (packages,) = [Path(each) for each in site.getsitepackages() if Path(each, "msgspec").exists()]
    store = tmp_path / "store"
    names = [path for path in packages.iterdir() if not path.name.startswith(("__", "_pytest_antipasta"))]
    for path in names:
        if path.suffix in (".pth", ".dist-info") or "editable" in path.name:
            continue
        folder = store / path.name
        folder.mkdir(parents=True)
        (folder / path.name).symlink_to(path)
        (folder / "it-1.dist-info").mkdir()
    return [HOME, *map(str, store.iterdir())]


def test_the_whole_standard_library_is_trusted() -> None:
    """On Windows, a part of it has a folder of its own."""
    folders = trusted_folders()
    found = filter(PathFinder.find_spec, sys.stdlib_module_names)
    assert [name for name in found if not PathFinder.find_spec(name, folders)] == []


@NEEDS_LINKS
@pytest.mark.slow
def test_each_package_may_have_a_folder_of_its_own(folders: list[str], tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "other-1.dist-info").mkdir()
    for name in ("redis.py", "git.py", "opentelemetry.py", "radon.py", "complexipy.py"):
        (project / name).write_text("raise SystemExit('imported')\n")
    (project / "a.py").write_text("x = 1\n" * 5000)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _PROGRAM, os.pathsep.join(folders)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    found = json.loads(done.stdout.splitlines()[0])
    assert [Path(path).parent.name for path in found] == ["redis", "trace", "git"]
    assert done.stdout.splitlines()[1] == "no violations in 6 files"
