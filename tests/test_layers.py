"""The layers of packages: arrows point down, what is private stays inside, what is foreign has one door.

``python -m tests.test_layers --print`` draws the floors and all arrows between packages.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import pytest_antipasta

ROOT = Path(pytest_antipasta.__file__).parent
# Stricter than the drawing: what these know of ours.
KNOWS = {
    "extension": "model runtime",
    "metrics": "model runtime",
    "advice.proof": "metrics",
    "store": "model runtime logs",
    "processes": "model runtime",
    "files": "metrics settings git model messages runtime",
    "gate": "engine files baseline store extension metrics policy settings git logs model messages runtime",
    "report": "advice baseline settings extension metrics policy git.links model messages runtime",
    "plugin.__init__": "plugin.garbage plugin.stdout plugin.session plugin.worker plugin.pytest_internals",
}
IMPORTERS = {
    "pytest": "plugin",
    "_pytest": "plugin.pytest_internals",
    "xdist": "",
    "radon": "metrics.raw",
    "complexipy": "metrics.cognitive",
    "diskcache": "",
    "sqlite3": "coverage.data store.local store.writer",
    "pickle": "",
    "filelock": "store.local",
    "pluggy": "extension.hooks extension.loading",
    "site": "extension.installed",
    "platformdirs": "store.location",
    "git": "git.process",
    "subprocess": "git.process processes.child processes.interpreter",
    "multiprocessing": "",
    "coverage": "coverage",
    "redis": "store.shared",
    "lizard": "extension.lizard_adapter",
    "threading": "cli.agent_time extension.containment processes.child store.local logs.tracing "
    "plugin.watching",
    "signal": "processes.child processes.interrupts git.process cli",
    "resource": "processes.serving git.process",
    "pygls": "editor.server",
    "lsprotocol": "editor.server",
    "asyncio": "editor.server",
    "yaml": "settings.yaml_file",
    "tomllib": "settings.toml_file settings.toml_lines",
    "argparse": "cli",
    "logging": "logs",
    "opentelemetry": "logs.otel",
    "fcntl": "logs.file",
}
ANYWHERE = {"msgspec"}
# Packages with code in their `__init__.py`: names for others, and where programs begin.
PUBLIC = ("__init__", "extension.__init__")
ENTRIES = ("cli.__init__", "plugin.__init__")


def find_modules() -> dict[str, Path]:
    """Return the files of the package by their names in it."""
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")}


MODULES = find_modules()
ROOMS = sorted({name.split(".")[0] for name in MODULES})


@cache
def read_trees() -> Mapping[str, ast.Module]:
    """Return the syntax of each module, by its name: not at import, which each worker of xdist does."""
    return {name: ast.parse(path.read_bytes()) for name, path in MODULES.items()}


def iter_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements below one, which takes a tenth of the time of a walk through expressions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield node
            yield from iter_statements(node)


def iter_imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield what a module imports, wherever in it: the module, and the name if it takes one."""
    for node in iter_statements(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole package"
            yield from ((node.module or "", alias.name) for alias in node.names)


@cache
def list_imports(name: str) -> list[tuple[str, str]]:
    """Return what a module imports."""
    return [*iter_imports(read_trees()[name])]


def iter_ours(name: str) -> Iterator[tuple[str, str]]:
    """Yield what a module imports of ours: the module, and the name if it takes one."""
    for module, imported in list_imports(name):
        top, _, place = module.partition(".")
        if top != "pytest_antipasta":
            continue
        full = f"{place}.{imported}".lstrip(".")
        if full in MODULES or f"{full}.__init__" in MODULES:
            place, imported = full, ""
        yield place if place in MODULES else f"{place}.__init__".lstrip("."), imported


def room(name: str) -> str:
    """Return the package or the top module that a module belongs to."""
    return name.split(".")[0]


def is_one_of(name: str, words: str) -> bool:
    """Whether a module, or a package that it is in, is among the words."""
    return any(name == word or name.startswith(f"{word}.") for word in words.split())


@cache
def find_needs(name: str) -> set[str]:
    """Return the modules that one needs."""
    return {home for home, _ in iter_ours(name)}


def find_arrows() -> dict[str, set[str]]:
    """Return the rooms that each needs."""
    return {
        one: {room(home) for name in MODULES if room(name) == one for home in find_needs(name)} - {one}
        for one in ROOMS
    }


def rank_all(needs: Mapping[str, set[str]]) -> dict[str, int]:
    """Return how far each stands above the ground; what is in a circle is left out."""
    ranks: dict[str, int] = {}
    while free := [one for one in needs if one not in ranks and needs[one] - {one} <= ranks.keys()]:
        ranks |= {one: 1 + max((ranks[other] for other in needs[one] - {one}), default=0) for one in free}
    return ranks


def read_drawing() -> dict[str, set[str]]:
    """Return the arrows of the drawing in CONTRIBUTING; rooms that it draws as one stand for all of them."""
    page = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = page.split("```mermaid")[1].split("```")[0]
    drawn: dict[str, set[str]] = {}
    ground: list[str] = []
    for start, title, ends in re.findall(r'^    (\w+)\["([^"]*)"\](?: --> (.*))?$', lines, re.MULTILINE):
        drawn[start] = set(filter(None, ends.split(" & ")))
        ground = title.split(", ") if start == "ground" else ground
    del drawn["ground"]
    known = {
        start: (ends - {"ground"}).union(ground if "ground" in ends else ()) for start, ends in drawn.items()
    }
    return {**dict[str, set[str]]((one, set()) for one in ground), **known}


def test_the_drawing_has_all_arrows() -> None:
    """An arrow stands for those that it continues, and is an import itself."""
    drawn, arrows = read_drawing(), find_arrows()
    rooms = {one for one in ROOMS if not one.startswith("__")}
    assert drawn.keys() == rooms, "the drawing is in CONTRIBUTING.md; packages stand in it, and top modules"
    closed = {one: set(ends) for one, ends in drawn.items()}
    for _ in closed:
        closed = {one: ends.union(*map(closed.__getitem__, ends)) for one, ends in closed.items()}
    missing = {one: needed - closed[one] - {one} for one, needed in arrows.items() if one in drawn}
    advice = "move what is imported down, or who imports it up; an arrow of the drawing is a decision"
    assert {one: ends for one, ends in missing.items() if ends} == {}, advice
    false = {one: ends - arrows[one] - {"model", "messages", "runtime"} for one, ends in drawn.items()}
    assert {one: ends for one, ends in false.items() if ends} == {}, "no import needs these arrows any more"


@pytest.mark.parametrize("part", sorted(KNOWS))
def test_some_know_even_less(part: str) -> None:
    inside = [name for name in MODULES if is_one_of(name, part)]
    known = {home for name in inside for home in find_needs(name)}
    assert [home for home in sorted(known) if not is_one_of(home, f"{part} {KNOWS[part]}")] == []


def test_names_come_from_the_module_that_has_them() -> None:
    """The package and `extension` show names to others, not to us; nobody else passes names on."""
    taken = [(name, home, imported) for name in MODULES for home, imported in iter_ours(name) if imported]
    assert [way for way in taken if way[1].endswith("__init__") and way[1] not in ENTRIES] == []
    defined = {home: {*iter_defined(read_trees()[home])} for home in MODULES}
    assert [way for way in taken if way[2] not in defined[way[1]]] == []


def iter_defined(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module defines at its top, under conditions too."""
    nodes: list[ast.stmt] = [*tree.body]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (
                each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
            )
        elif isinstance(node, ast.If | ast.Try):
            nodes += (child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node)


def test_a_package_has_no_code_of_its_own() -> None:
    packages = {name for name in MODULES if name.rpartition(".")[2] == "__init__"}
    assert {name for name in packages if len(read_trees()[name].body) > 1} == {*PUBLIC, *ENTRIES}


def test_a_private_module_is_used_by_its_package_only() -> None:
    ways = [(name, home) for name in MODULES for home in find_needs(name)]
    private = [(name, home) for name, home in ways if home.rpartition(".")[2].startswith("_")]
    inner = [way for way in private if not way[1].endswith("__init__")]
    assert [(name, home) for name, home in inner if not is_one_of(name, home.rpartition(".")[0])] == []


@pytest.mark.parametrize("package", sorted({name.rpartition(".")[0] for name in MODULES} - {""}))
def test_no_package_has_a_circle_inside(package: str) -> None:
    """Neither among its modules nor among the packages in it, each of which counts as one."""
    needs: dict[str, set[str]] = {}
    for name in MODULES:
        if name.startswith(f"{package}."):
            homes = {find_part(package, home) for home in find_needs(name) if home.startswith(f"{package}.")}
            needs.setdefault(find_part(package, name), set()).update(homes)
    assert sorted(needs.keys() - rank_all(needs).keys()) == []


def find_part(package: str, name: str) -> str:
    """Return the module or the package right inside of a package that a module of it is, or is in."""
    return name.removeprefix(f"{package}.").split(".")[0]


def test_no_two_rooms_need_each_other() -> None:
    arrows = find_arrows()
    assert sorted(arrows.keys() - rank_all(arrows).keys()) == []


def test_what_is_foreign_enters_at_one_place() -> None:
    tops = {(name, module.split(".")[0]) for name in MODULES for module, _ in list_imports(name)}
    known = sys.stdlib_module_names | {"pytest_antipasta"} | ANYWHERE
    foreign = [(name, top) for name, top in sorted(tops) if top in IMPORTERS or top not in known]
    wrong = [(name, top) for name, top in foreign if not is_one_of(name, IMPORTERS.get(top, ""))]
    assert wrong == [], "import it where IMPORTERS says, and use what that module offers"


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    theirs = sys.stdlib_module_names - {"__main__"}
    assert [name for name in MODULES if name.rpartition(".")[2] in theirs] == []


def test_a_type_has_a_name_of_its_own() -> None:
    """What is read as `Plan` or `Step` is one thing in all of the package."""
    homes: dict[str, list[str]] = {}
    for name in MODULES:
        for statement in read_trees()[name].body:
            if (found := find_type(statement)) and not found.startswith("_"):
                homes.setdefault(found, []).append(name)
    assert {found: names for found, names in homes.items() if len(names) > 1} == {}


def find_type(statement: ast.stmt) -> str | None:
    """Return the name of the class or the alias that a statement defines."""
    if isinstance(statement, ast.ClassDef):
        return statement.name
    if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.annotation) == "TypeAlias":
        return ast.unparse(statement.target)
    return None


# Where objects of pytest and of its plugins are what is assigned to.
OF_OTHERS = {"call", "config", "gateway", "io", "node", "option", "options", "report", "session"}


def iter_assigned(tree: ast.Module) -> Iterator[ast.Attribute]:
    """Yield the attributes that are assigned to anything but the object of a method, or its class."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Store | ast.Del):
            continue
        if not isinstance(node.value, ast.Name) or node.value.id not in {"self", "cls"}:
            yield node


def find_owner(node: ast.Attribute) -> str:
    """Return the last name of the object that an attribute is of."""
    return ast.unparse(node.value).rpartition(".")[2]


@pytest.mark.parametrize("inside", ["cli", "engine", "gate", "plugin"])
def test_attributes_are_assigned_where_their_class_is(inside: str) -> None:
    found = []
    for name in (name for name in MODULES if room(name) == inside):
        tree = read_trees()[name]
        own = {
            part.name.strip("_").lower() for part in iter_statements(tree) if isinstance(part, ast.ClassDef)
        }
        found += [
            (name, ast.unparse(node))
            for node in iter_assigned(tree)
            if find_owner(node) not in own | OF_OTHERS
        ]
    assert found == []


def test_a_value_says_by_a_field_whether_it_was_made() -> None:
    texts = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}
    assert [name for name, text in texts.items() if " in self.__dict__" in text] == []


def describe_floors() -> Iterator[str]:
    """Yield the rooms floor by floor with what each needs, then how many there are of all."""
    arrows = find_arrows()
    ranks = rank_all(arrows)
    for one in sorted(ranks, key=lambda one: (-ranks[one], one)):
        yield f"{ranks[one]}  {one:10} {' '.join(sorted(arrows[one]))}"
    circles = " ".join(sorted(arrows.keys() - ranks.keys())) or "none"
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values())
    number = sum(len(needs) for needs in arrows.values())
    yield f"{len(ROOMS) - 1} rooms, {max(ranks.values())} floors, {number} arrows, circles: {circles}"
    yield f"{len(MODULES)} modules, {lines} lines"


if __name__ == "__main__":
    assert sys.argv[1:] == ["--print"], "python -m tests.test_layers --print"
    print(*describe_floors(), sep="\n")  # noqa: T201
