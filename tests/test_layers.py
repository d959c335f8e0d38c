"""The layers of DESIGN: arrows point one way, and what is foreign enters at one place each.

A module may import from its own layer and those below. ``IMPORTERS`` says who may know a package that is
not ours, or a part of the standard library that belongs to one module.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_antipasta

ROOT = Path(pytest_antipasta.__file__).parent
LAYERS = {
    "model": "model errors imports collector",
    "pure core": (
        "chains source suppressions metrics explanation likeness bodies file_version changes narrowing policy"
        " baseline common_text"
        " patterns printable nearest advice versions"
    ),
    "resources": (
        "regular store git git_output git_hooks revisions change_sets gitignore worktree settings"
        " limits container child interrupts baseline_file"
    ),
    "engine": (
        "adoption "
        "engine content_run sweep memory selection omission effort phases run lazy_run guard orders pool"
        " ahead worker source_paths comparison gate change_run tolerance gate_places baseline_before"
        " change_tolerance tolerance_before recording"
    ),
    "edges": (
        "plugin session arguments collection longrepr outcome protocol xdist cli report api __init__ __main__"
    ),
}
# Stricter than the layers: what these modules know of ours, besides themselves.
KNOWS = {
    "model": "",
    "errors": "",
    "chains": "",
    "source": "model chains",
    "metrics": "model source suppressions imports collector",
    "suppressions": "model policy nearest",
    "policy": "model",
    "likeness": "",
    "baseline": "model policy bodies likeness versions nearest",
    "patterns": "imports",
    "regular": "",
    "store": "model versions imports regular",
    "git": "",
    "gitignore": "git patterns",
    "printable": "",
    "nearest": "",
    "worktree": "model patterns printable gitignore regular",
    "settings": "model errors patterns nearest imports regular",
    "plugin": "session",
}
IMPORTERS = {
    "pytest": "plugin session arguments collection outcome protocol xdist",
    "_pytest": "arguments",  # what `-m` means, for which there is no public way to ask
    "xdist": "",
    "radon": "metrics.raw_chunk",
    "complexipy": "metrics.cognitive advice",
    "diskcache": "",
    "sqlite3": "store.database store.failures",
    "pickle": "",
    "filelock": "store.opening",
    "platformdirs": "store.location",
    "git": "revisions",
    "subprocess": "git revisions child",
    "multiprocessing": "",
    "threading": "child store.database",
    "signal": "interrupts guard cli",
    "resource": "worker",
    "pathspec": "patterns gitignore",
    "rich": "report.rich_table",
    "yaml": "settings.yaml_file",
    "tomllib": "settings.toml_parser",
    "tomli": "settings.toml_parser",
    "argparse": "cli",
}
ANYWHERE = {"msgspec"}


def find_modules() -> dict[str, Path]:
    """Return the files of the package by their names in it."""
    paths = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in paths.items()}


MODULES = find_modules()


def iter_imports(path: Path) -> Iterator[str]:
    """Yield the full names of what a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole package"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    """Return which parts of the package a file imports: modules at its top, and its folders."""
    full = {name.split(".")[1] for name in iter_imports(path) if name.startswith("pytest_antipasta.")}
    return {name if name in TOPS else "__init__" for name in full}


def is_one_of(name: str, words: str) -> bool:
    """Whether a module, or a folder that it is in, is among the words."""
    return any(name == word or name.startswith(f"{word}.") for word in words.split())


TOPS = {name.split(".")[0] for name in MODULES}
RANKS = {name: rank for rank, names in enumerate(LAYERS.values()) for name in names.split()}


def test_every_module_has_a_layer() -> None:
    assert sorted(TOPS - set(RANKS)) == []


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_module_knows_a_layer_above(name: str) -> None:
    rank = RANKS[name.split(".")[0]]
    assert [known for known in sorted(ours(MODULES[name])) if RANKS[known] > rank] == []


@pytest.mark.parametrize("part", sorted(KNOWS))
def test_some_know_even_less(part: str) -> None:
    known: set[str] = set().union(*(ours(MODULES[name]) for name in MODULES if is_one_of(name, part)))
    assert known <= {part, *KNOWS[part].split()}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_what_is_foreign_enters_at_one_place(name: str) -> None:
    tops = {found.split(".")[0] for found in iter_imports(MODULES[name])} - {"pytest_antipasta"} - ANYWHERE
    foreign = {top for top in tops if top in IMPORTERS or top not in sys.stdlib_module_names}
    assert [top for top in sorted(foreign) if not is_one_of(name, IMPORTERS.get(top, ""))] == []


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_module_is_named_like_one_of_the_standard_library(name: str) -> None:
    assert name.rpartition(".")[2] not in sys.stdlib_module_names - {"__main__"}


def test_no_two_modules_need_each_other() -> None:
    waiting = {top: set().union(*(ours(MODULES[n]) for n in MODULES if is_one_of(n, top))) for top in TOPS}
    waiting = {top: needed - {top, "__init__"} for top, needed in waiting.items()}
    while free := [top for top, needed in waiting.items() if not needed & set(waiting)]:
        for top in free:
            del waiting[top]
    assert waiting == {}
