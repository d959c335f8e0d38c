"""What may happen to the files of a commit: each edit is one function, and chosen by a number alone."""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, TypeAlias

from campaigns.hunt.baselines import BASELINE_EDITS
from campaigns.hunt.trees import (
    BLOCK_METRICS,
    FOLDERS,
    SETTINGS,
    Tree,
    Warned,
    measured_of,
    read_settings,
    sources_of,
    write_settings,
)

Edit: TypeAlias = Callable[[dict[str, str], Random], str]
"""Changes a tree and says what it did; with ``""`` where there was nothing to do it to."""
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Span(NamedTuple):
    """Where a function stands; lines are counted from 0.

    Attributes:
        path: of its file.
        name: of the function.
        lines: all of the file.
        start: the line of its first decorator, or of its ``def``.
        head: the line of its ``def``.
        body: the line of its first statement.
        end: the line after its last one.
        indent: of the ``def``.
    """

    path: str
    name: str
    lines: list[str]
    start: int
    head: int
    body: int
    end: int
    indent: str

    @property
    def text(self) -> str:
        """The function's source, at no indentation."""
        return textwrap.dedent("\n".join(self.lines[self.start : self.end])) + "\n"

    @property
    def inner(self) -> str:
        """The indentation of its statements."""
        line = self.lines[self.body]
        return line[: len(line) - len(line.lstrip())]


def find_spans(tree: Tree) -> list[Span]:
    """Return all functions whose body begins on a line of its own."""
    return [span for path, text in sources_of(tree).items() for span in _find_in(path, text)]


@functools.lru_cache(maxsize=5_000)
def _find_in(path: str, text: str) -> list[Span]:
    lines = text.split("\n")
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, _Function)]
    spans = [_make_span(path, lines, node) for node in nodes if node.body[0].lineno > node.lineno]
    return sorted(spans, key=lambda span: span.head)


@functools.lru_cache(maxsize=5_000)
def is_python(text: str) -> bool:
    """Whether a text can be parsed."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _make_span(path: str, lines: list[str], node: _Function) -> Span:
    starts = [node.lineno, *(one.lineno for one in node.decorator_list)]
    first = node.body[0]
    body = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
    head = node.lineno - 1
    assert node.end_lineno is not None
    return Span(
        path,
        node.name,
        lines,
        min(starts) - 1,
        head,
        body - 1,
        node.end_lineno,
        lines[head][: node.col_offset],
    )


def _pick(tree: Tree, rng: Random, *, is_outer: bool = False) -> Span | None:
    spans = [span for span in find_spans(tree) if not (is_outer and span.indent)]
    return rng.choice(spans) if spans else None


def _replace(tree: dict[str, str], span: Span, start: int, end: int, new: Sequence[str]) -> None:
    tree[span.path] = "\n".join([*span.lines[:start], *new, *span.lines[end:]])


def _append(tree: dict[str, str], path: str, text: str) -> None:
    tree[path] = tree[path].rstrip("\n") + "\n\n\n" + text


_GROWTH = (
    ("_added = 0",),
    ("if _a and _b:", "    _added = 1"),
    ("for _a in _b:", "    if _a:", "        while _b or _a:", "            _b = 1"),
    ("def _closure(_a):", "    if _a and _b:", "        return [_c for _c in _a if _c]"),
)


def _after_docstring(span: Span) -> int:
    function = ast.parse(span.text).body[0]
    assert isinstance(function, _Function)
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None or first.end_lineno is None:
        return span.body
    return span.start + first.end_lineno


def grow(tree: dict[str, str], rng: Random) -> str:
    """Add statements to a function."""
    if (span := _pick(tree, rng)) is None:
        return ""
    new = rng.choice(_GROWTH)
    place = _after_docstring(span)
    _replace(tree, span, place, place, [span.inner + line for line in new])
    return f"{span.path}: {new[0]} in {span.name}"


def shrink(tree: dict[str, str], rng: Random) -> str:
    """Take a statement with branches out of a function."""
    for span in rng.sample(spans := find_spans(tree), len(spans)):
        function = ast.parse(span.text).body[0]
        branches = [
            one for one in ast.walk(function) if isinstance(one, ast.If | ast.For | ast.While | ast.Try)
        ]
        branches = [one for one in branches if not _is_elif(span, one)]
        if branches:
            gone = rng.choice(branches)
            assert gone.end_lineno is not None
            start = span.start + gone.lineno - 1
            line = span.lines[start]
            stand_in = line[: len(line) - len(line.lstrip())] + "pass"
            _replace(tree, span, start, span.start + gone.end_lineno, [stand_in])
            return f"{span.path}: less in {span.name}"
    return ""


def _is_elif(span: Span, node: ast.stmt) -> bool:
    return span.lines[span.start + node.lineno - 1].lstrip().startswith("elif")


def rename(tree: dict[str, str], rng: Random) -> str:
    """Give a function another name, also where it calls itself."""
    if (span := _pick(tree, rng)) is None:
        return ""
    others = [one.name for one in find_spans(tree) if one.path == span.path]
    name = rng.choice([f"{span.name}_2", f"_{span.name}", rng.choice(others)])
    text = "\n".join(span.lines[span.start : span.end])
    _replace(tree, span, span.start, span.end, [re.sub(rf"\b{re.escape(span.name)}\b", name, text)])
    return f"{span.path}: {span.name} is {name}"


def rewrite(tree: dict[str, str], rng: Random) -> str:
    """Give a function another name and edit it at once, in its place or at the end of a file."""
    spans = find_spans(tree)
    if not spans:
        return ""
    span = max(rng.choices(spans, k=5), key=lambda one: one.end - one.head)
    name = f"rewritten_{rng.randrange(3)}"
    text = re.sub(rf"\b{re.escape(span.name)}\b", name, "\n".join(span.lines[span.start : span.end]))
    lines = re.sub(rf"(def {name}\()(?=[^*)])", r"\1_first=None, ", text).split("\n")
    place = _after_docstring(span) - span.start
    lines[place:place] = [span.inner + line for line in rng.choice((*_GROWTH[:2], (), ()))]
    if rng.random() < 0.5:
        _replace(tree, span, span.start, span.end, lines)
        return f"{span.path}: {span.name} is {name}, edited"
    stay = [f"{span.indent}def {span.name}(): pass"] if rng.random() < 0.5 else [f"{span.indent}pass"]
    _replace(tree, span, span.start, span.end, stay)
    target = rng.choice(sorted(sources_of(tree)))
    _append(tree, target, textwrap.dedent("\n".join(lines)) + "\n")
    return f"{span.path}: {span.name} to {target} as {name}, edited"


def move(tree: dict[str, str], rng: Random) -> str:
    """Take a function to the end of a file, of another one for the most part."""
    if (span := _pick(tree, rng, is_outer=rng.random() < 0.7)) is None:
        return ""
    stay = [] if span.indent == "" else [f"{span.indent}pass"]
    text = span.text
    _replace(tree, span, span.start, span.end, stay)
    target = rng.choice(sorted(sources_of(tree)))
    _append(tree, target, text)
    return f"{span.path}: {span.name} to {target}"


def copy(tree: dict[str, str], rng: Random) -> str:
    """Have a function twice, edited or not."""
    if (span := _pick(tree, rng)) is None:
        return ""
    target = rng.choice(sorted(sources_of(tree)))
    _append(tree, target, span.text)
    return f"{span.path}: copy of {span.name} to {target}"


def delete(tree: dict[str, str], rng: Random) -> str:
    """Take a function away."""
    if (span := _pick(tree, rng)) is None:
        return ""
    _replace(tree, span, span.start, span.end, [f"{span.indent}pass"])
    return f"{span.path}: without {span.name}"


def decorate(tree: dict[str, str], rng: Random) -> str:
    """Put a decorator above a function."""
    if (span := _pick(tree, rng)) is None:
        return ""
    _replace(tree, span, span.start, span.start, [f"{span.indent}@decorated"])
    return f"{span.path}: decorator of {span.name}"


def overload(tree: dict[str, str], rng: Random) -> str:
    """Define a small function of the same name before one, or after it."""
    if (span := _pick(tree, rng)) is None:
        return ""
    place = rng.choice((span.start, span.end))
    new = [f"{span.indent}@overload", f"{span.indent}def {span.name}(*args): ..."]
    _replace(tree, span, place, place, new)
    return f"{span.path}: overload of {span.name}"


def nest(tree: dict[str, str], rng: Random) -> str:
    """Put a function into a class or another function."""
    if (span := _pick(tree, rng, is_outer=True)) is None:
        return ""
    around = rng.choice(("class Around:", "def around(a):"))
    text = textwrap.indent("\n".join(span.lines[span.start : span.end]), "    ")
    _replace(tree, span, span.start, span.end, [around, text])
    return f"{span.path}: {span.name} in {around}"


def unnest(tree: dict[str, str], rng: Random) -> str:
    """Take a function out of the class or function around it."""
    inner = [span for span in find_spans(tree) if span.indent]
    if not inner:
        return ""
    span = rng.choice(inner)
    text = span.text
    _replace(tree, span, span.start, span.end, [f"{span.indent}pass"])
    _append(tree, span.path, text)
    return f"{span.path}: {span.name} out of what is around it"


def swap(tree: dict[str, str], rng: Random) -> str:
    """Have two functions of a file change their names."""
    path = rng.choice(sorted(sources_of(tree)))
    names = sorted({span.name for span in find_spans(tree) if span.path == path})
    if len(names) < 2:
        return ""
    one, other = rng.sample(names, 2)
    text = re.sub(rf"\bdef {one}\b", "def \0", tree[path])
    text = re.sub(rf"\bdef {other}\b", f"def {one}", text)
    tree[path] = text.replace("def \0", f"def {other}")
    return f"{path}: {one} and {other} swapped"


def comment(tree: dict[str, str], rng: Random) -> str:
    """Write comments and blank lines."""
    if (span := _pick(tree, rng)) is None:
        return ""
    place = rng.choice((span.start, span.body))
    _replace(tree, span, place, place, ["", f"{span.indent}# a word", ""])
    return f"{span.path}: comment at {span.name}"


def reformat(tree: dict[str, str], rng: Random) -> str:
    """Lay a file out anew."""
    path = rng.choice(sorted(sources_of(tree)))
    if "antipasta" in tree[path]:  # what suppresses would be lost
        return ""
    tree[path] = ast.unparse(ast.parse(tree[path])) + "\n"
    return f"{path}: another layout"


def suppress(tree: dict[str, str], rng: Random) -> str:
    """Suppress the numbers of a function, or no more."""
    spans = find_spans(tree)
    marked = [span for span in spans for line in _marks(span)[:1] if line is not None]
    if marked and rng.random() < 0.4:
        span = rng.choice(marked)
        line = _marks(span)[0]
        bare = span.lines[line].partition("# antipasta")[0].rstrip()
        _replace(tree, span, line, line + 1, [bare] if bare else [])
        return f"{span.path}: no comment at {span.name}"
    free = [span for span in spans if not _marks(span)]
    if not free:
        return ""
    span = rng.choice(free)
    metric = rng.choice(BLOCK_METRICS)
    what = rng.choice(("", f"[{metric}]", f"[{metric}<={rng.randint(8, 30)}]"))
    if rng.random() < 0.5:
        _replace(tree, span, span.start, span.start, [f"{span.indent}# antipasta: ignore{what}"])
    else:
        head = f"{span.lines[span.head]}  # antipasta: ignore{what}"
        _replace(tree, span, span.head, span.head + 1, [head])
    return f"{span.path}: ignore{what} at {span.name}"


def _marks(span: Span) -> list[int]:
    start = span.start
    while start and span.lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return [line for line in range(start, span.head + 1) if "# antipasta:" in span.lines[line]]


def move_file(tree: dict[str, str], rng: Random) -> str:
    """Move a file to another folder, or give it another name."""
    path = rng.choice(sorted(sources_of(tree)))
    folder, _, name = path.partition("/")
    target = rng.choice([f"{rng.choice(FOLDERS)}/{name}", f"{folder}/new_{name}"])
    if target in tree:
        return ""
    tree[target] = tree.pop(path)
    return f"{path} is {target}"


def copy_file(tree: dict[str, str], rng: Random) -> str:
    """Have a file twice."""
    path = rng.choice(sorted(sources_of(tree)))
    target = f"{rng.choice(FOLDERS)}/copy_of_{path.partition('/')[2]}"
    tree[target] = tree[path]
    return f"{path} also as {target}"


def delete_file(tree: dict[str, str], rng: Random) -> str:
    """Take a file away, unless it is the last one."""
    if len(paths := sorted(sources_of(tree))) < 2:
        return ""
    path = rng.choice(paths)
    del tree[path]
    return f"{path} is gone"


def override(tree: dict[str, str], rng: Random) -> str:
    """Give a folder limits of its own, or others."""
    settings = read_settings(tree[SETTINGS])
    folder, metric = rng.choice(FOLDERS), rng.choice(BLOCK_METRICS)
    limit = rng.choice((1, 3, 8, 15, 30))
    others = {**settings.folders, folder: {**settings.folders.get(folder, {}), metric: limit}}
    tree[SETTINGS] = write_settings(settings._replace(folders=others))
    return f"{folder}: {metric} at most {limit}"


def override_functions(tree: dict[str, str], rng: Random) -> str:
    """Give functions of some names limits of their own, or none."""
    settings = read_settings(tree[SETTINGS])
    names = [span.name for span in find_spans(tree)] or ["f"]
    pattern = rng.choice(("_*", "*_2", "rewritten_*", "Around.*", "around.*", f"{rng.choice(names)[:3]}*"))
    metric, limit = rng.choice(BLOCK_METRICS), rng.choice((False, False, 1, 8, 30))
    others = {**settings.functions, pattern: {**settings.functions.get(pattern, {}), metric: limit}}
    tree[SETTINGS] = write_settings(settings._replace(functions=others))
    return f"{pattern}: {metric} at most {limit}"


def set_critical(tree: dict[str, str], rng: Random) -> str:
    """Tolerate nothing in the functions of a folder or a name, or tolerate again."""
    settings = read_settings(tree[SETTINGS])
    names = [span.name for span in find_spans(tree)] or ["f"]
    pattern = rng.choice((f"{rng.choice(FOLDERS)}/*::*", "_*", "Around.*", f"{rng.choice(names)[:3]}*"))
    critical = () if settings.critical else (pattern,)
    tree[SETTINGS] = write_settings(settings._replace(critical=critical))
    return f"critical: {critical}"


def limit(tree: dict[str, str], rng: Random) -> str:
    """Give all files another limit, or none."""
    settings = read_settings(tree[SETTINGS])
    metric = rng.choice(sorted(settings.limits))
    value = rng.choice((False, 1, 3, 8, 15, 60, 150))
    tree[SETTINGS] = write_settings(settings._replace(limits={**settings.limits, metric: value}))
    return f"{metric} at most {value}"


def warn(tree: dict[str, str], rng: Random) -> str:
    """Make a limit a warning, or an error again."""
    settings = read_settings(tree[SETTINGS])
    metric = rng.choice(sorted(settings.limits))
    if (limit := settings.limits[metric]) is False:
        return ""
    other = int(limit) if isinstance(limit, Warned) else Warned(limit)
    tree[SETTINGS] = write_settings(settings._replace(limits={**settings.limits, metric: other}))
    return f"{metric}: {type(other).__name__} over {other}"


def exclude(tree: dict[str, str], rng: Random) -> str:
    """Measure a folder no more, or again; one is left that is measured."""
    settings = read_settings(tree[SETTINGS])
    folder = rng.choice(FOLDERS)
    excluded = [one for one in settings.excluded if one != folder]
    if len(excluded) == len(settings.excluded):
        excluded.append(folder)
    new = write_settings(settings._replace(excluded=tuple(sorted(excluded))))
    if not measured_of(tree, new):
        return ""
    tree[SETTINGS] = new
    return f"excluded: {excluded}"


SOURCE_EDITS: tuple[Edit, ...] = (
    grow, grow, grow, shrink, shrink, rename, rename, rewrite, rewrite, rewrite, move, move, copy, copy,
    delete, decorate, overload, nest, unnest, swap, comment, reformat, suppress, suppress, move_file,
    move_file, copy_file, delete_file,
)  # fmt: skip
ALL_EDITS: tuple[Edit, ...] = (
    *SOURCE_EDITS,
    *SOURCE_EDITS,
    *BASELINE_EDITS,
    override,
    override,
    override_functions,
    override_functions,
    set_critical,
    set_critical,
    limit,
    limit,
    warn,
    warn,
    exclude,
    exclude,
)


def apply(tree: Tree, key: str, edits: Sequence[Edit]) -> tuple[dict[str, str], str]:
    """Return a tree after the edit that a key stands for, and what it was; as it is if that can't be done."""
    rng = Random(key)
    edited = dict(tree)
    edit = rng.choice(edits)
    if not sources_of(tree):
        return edited, f"{edit.__name__}: no sources"
    said = edit(edited, rng)
    if not all(map(is_python, sources_of(edited).values())):
        return dict(tree), f"{edit.__name__}: no Python"
    return edited, f"{edit.__name__}: {said}"
