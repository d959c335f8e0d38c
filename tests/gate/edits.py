"""Hypothesis strategies for small projects and what people do to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from hypothesis import strategies as st

PATHS = ("a.py", "b.py", "c/d.py")
NAMES = ("f", "g", "h")
OWNERS = ("", "", "A", "B")


@dataclass(frozen=True)
class Function:
    """A function with what is to be seen of it.

    Attributes:
        name: its name.
        owner: the class that it is in, or none.
        body: the number of its branches.
        twist: tells apart bodies of the same numbers.
        header: what stands before or in its signature.
        closure: whether one is defined in it.
        layout: how it is written, which does not count.
    """

    name: str
    owner: str
    body: int
    twist: int
    header: int
    closure: bool
    layout: int

    def lines(self) -> list[str]:
        """Write it."""
        indent = "\t" if self.layout == 1 else "   "
        lines = [*self._header(indent), *self._branches(indent)]
        if self.closure:
            lines += [f"{indent}def f(b):", f"{indent * 2}return b and a or {self.twist}"]
        lines += [f"{indent}return a"]
        if self.layout == 4:
            lines = ["if True:", *(f"  {line}" if line else line for line in lines)]
        return lines

    def _header(self, indent: str) -> list[str]:
        before, signature = (("", "(a)"), ("@x", "(a, b=1)"), ("", "(a: int) -> int"))[self.header]
        lines = [before] if before else []
        if self.layout == 2:
            lines = ["# before", "", *lines]
        lines += [
            f"def {self.name}{signature}:",
            f'{indent}"""Say.',
            "",
            f"{indent}{indent}More.",
            f'{indent}"""',
        ]
        return lines

    def _branches(self, indent: str) -> list[str]:
        lines: list[str] = []
        for number in range(self.body):
            test = f"(a == {number})" if self.layout == 3 else f"a == {number}"
            lines += [f"{indent}if {test}:" + ("  # why" if self.layout == 2 else "")]
            lines += [f"{indent * 2}a += {self.twist}", *([""] if self.layout == 3 else [])]
        return lines


Project: TypeAlias = dict[str, tuple[Function, ...]]

functions = st.builds(
    Function,
    name=st.sampled_from(NAMES),
    owner=st.sampled_from(OWNERS),
    body=st.integers(2, 5),
    twist=st.integers(0, 1),
    header=st.integers(0, 2),
    closure=st.booleans(),
    layout=st.integers(0, 4),
)
projects = st.dictionaries(
    st.sampled_from(PATHS), st.lists(functions, min_size=1, max_size=4).map(tuple), min_size=1, max_size=3
)


def write(project: Project) -> dict[str, bytes]:
    """Return the contents of a project's files."""
    return {path: _write_file(items).encode() for path, items in project.items()}


def _write_file(items: tuple[Function, ...]) -> str:
    lines: list[str] = ["import os", ""]
    owner = ""
    for item in items:
        if item.owner and item.owner != owner:
            lines.append(f"class {item.owner}:")
        indent = "    " if item.owner else ""
        lines += [f"{indent}{line}" if line else "" for line in item.lines()]
        owner = item.owner
    return "\n".join(lines) + "\n"


@st.composite
def edited(draw: st.DrawFn, project: Project) -> Project:
    """Edit a project a few times."""
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("function", "function", "function", "file", "insert")))
        if kind == "insert":
            project = _insert(draw, project, draw(functions), draw(st.sampled_from(PATHS)))
        elif kind == "file":
            project = _edit_file(draw, project)
        else:
            project = _edit_function(draw, project)
    return project


def _edit_function(draw: st.DrawFn, project: Project) -> Project:
    places = [(path, index) for path, items in project.items() for index in range(len(items))]
    if not places:
        return project
    path, index = draw(st.sampled_from(places))
    item = project[path][index]
    other = draw(functions)
    rest = {**project, path: project[path][:index] + project[path][index + 1 :]}
    kind = draw(
        st.sampled_from(("delete", "move", "copy", "copy", "name", "owner", "body", "header", "layout"))
    )
    if kind == "delete":
        return rest
    if kind == "move":
        return _insert(draw, rest, item, draw(st.sampled_from(PATHS)))
    if kind == "copy":
        return _insert(draw, project, item, draw(st.sampled_from(PATHS)))
    changed = replace(item, **{kind: getattr(other, kind)})
    return {**project, path: (*project[path][:index], changed, *project[path][index + 1 :])}


def _edit_file(draw: st.DrawFn, project: Project) -> Project:
    path = draw(st.sampled_from(sorted(project) or PATHS))
    items = project.get(path, ())
    kind = draw(st.sampled_from(("delete", "rename", "reverse", "class")))
    rest = {other: kept for other, kept in project.items() if other != path}
    if kind == "delete":
        return rest
    if kind == "rename":
        return {**rest, "e.py": items}
    if kind == "reverse":
        return {**project, path: items[::-1]}
    return {**project, path: tuple(replace(item, owner=item.owner and "C") for item in items)}


def _insert(draw: st.DrawFn, project: Project, item: Function, path: str) -> Project:
    items = project.get(path, ())
    index = draw(st.integers(0, len(items)))
    return {**project, path: (*items[:index], item, *items[index:])}
