"""Whose imports are guarded: ours, in all their forms, and what they lead to; nobody else's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

from pytest_antipasta.runtime.imports import guard_imports

# Names of modules that are there twice: where our dependencies are, and in a project.
BEFORE = ("guarded_one", "guarded_two", "guarded_late", "guarded_package", "guarded_package.part")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python looks into first, and one of an installation."""
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    installed, project = tmp_path / "installed", tmp_path / "project"
    for folder in (installed, project):
        (folder / "guarded_package").mkdir(parents=True)
        (folder / "guarded_one.py").write_text("import guarded_two\nfrom guarded_two import PLACE")
        for name in ("guarded_two", "guarded_package/__init__"):
            (folder / f"{name}.py").write_text(f"PLACE = {folder.name!r}")
        (folder / "guarded_package" / "part.py").write_text("from guarded_two import PLACE")
    (installed / "guarded-1.dist-info").mkdir()
    monkeypatch.syspath_prepend(installed)
    monkeypatch.syspath_prepend(project)
    monkeypatch.chdir(project)
    guard_imports()
    yield project
    for name in BEFORE:
        sys.modules.pop(name, None)


def run_as(name: str, code: str) -> object:
    """Return what code of a module finds."""
    module = ModuleType(name)
    exec(code, vars(module))
    found: object = vars(module)["found"]
    return found


IMPORTS = (
    "from guarded_one import PLACE as found",
    "from guarded_two import PLACE as found",
    "from guarded_package import part; found = part.PLACE",
    "import guarded_package.part; found = guarded_package.part.PLACE",
    "import importlib; found = importlib.import_module('guarded_one').PLACE",
    "from importlib.util import find_spec; from os.path import dirname, basename\n"
    "found = basename(dirname(find_spec('guarded_one').origin))",
    "def f():\n    import guarded_one\n    return guarded_one.PLACE\nfound = f()",
)


@pytest.mark.parametrize("code", IMPORTS)
def test_what_ours_import_is_what_is_installed(project: Path, code: str) -> None:
    assert run_as("pytest_antipasta.anything", code) == "installed"


def test_what_they_import_late_is_what_is_installed(project: Path) -> None:
    """From Python 3.15 on, such an import waits until the name is used, unless the guard forbids it."""
    lines = [
        '__lazy_modules__ = ["guarded_two"]',
        "import guarded_two",
        "def find():",
        "    return guarded_two",
    ]
    (project.parent / "installed" / "guarded_late.py").write_text("\n".join(lines))
    code = "import guarded_late; found = guarded_late.find().PLACE"
    assert run_as("pytest_antipasta.anything", code) == "installed"


@pytest.mark.parametrize("name", ["pytest_antipasta_other", "conftest", "", "importlib_metadata"])
def test_what_others_import_is_what_python_finds_first(project: Path, name: str) -> None:
    assert run_as(name, IMPORTS[0]) == "project"


def test_a_module_that_ours_have_imported_is_like_any_other(project: Path) -> None:
    run_as("pytest_antipasta.anything", "import guarded_one as found")
    spec = sys.modules["guarded_one"].__spec__
    assert spec is not None
    assert spec.cached is not None
    assert Path(spec.cached).exists()
    assert isinstance(spec.loader, SourceFileLoader)
    assert (spec.loader.get_source("guarded_one") or "").startswith("import guarded_two")


def test_what_has_another_loader_is_imported_by_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ZipFile(project.parent / "archive.zip", "w") as archive:
        archive.writestr("guarded_zipped.py", "found = 1")
    monkeypatch.syspath_prepend(project.parent / "archive.zip")
    assert run_as("pytest_antipasta.anything", "from guarded_zipped import found") == 1
    assert type(sys.modules.pop("guarded_zipped").__loader__).__name__ == "zipimporter"


def test_modules_of_python_itself_are_left_to_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "_symtable", raising=False)
    (project / "_symtable.py").write_text("raise SystemExit('imported')")
    assert "_symtable" in sys.builtin_module_names
    assert run_as("pytest_antipasta.anything", "import _symtable as found") is import_module("_symtable")


def test_a_module_that_is_nowhere_is_an_error(project: Path) -> None:
    with pytest.raises(ModuleNotFoundError):
        run_as("pytest_antipasta.anything", "import guarded_nowhere as found")
