"""pylint's comments: ``# pylint: disable=…``, ``disable-next=…``, ``enable=…`` and ``skip-file``.

The rules are those of pylint 4.1 with astroid 4.3. ``disable`` and ``enable`` belong to the innermost
statement, part of a header, or list of parameters that contains their line:

* In a module, class or function, they apply from there to its end; before its first statement also to its
  ``def``. Later ones end what a comment around the function says about its ``def``.
* In another statement, they apply to the end of the body that contains them.
* In a list of parameters, they apply to its lines; in another part of a header, to no function.

pylint reports ``too-many-boolean-expressions`` at the condition. Here, it belongs to the ``def`` like all.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.model.measured import Block, Comment, CommentPlace
from pytest_antipasta.model.registry import OUR_METRICS
from pytest_antipasta.policy.suppressions.patterns import DIRECTIVE, LONGEST
from pytest_antipasta.policy.suppressions.tokens import iter_tokens

_COMMENT = re.compile(r"\bpylint:[^\S\n]*(?P<pragmas>[^;#\n]+)[;#]?")
_PRAGMA = re.compile(
    r"\b(?P<all>skip-file|disable-all|disable\s*=[^=]*(?<![\w-])all(?![\w-]))"
    r"|\b(?P<verb>disable(?:-next|-msg)?|enable(?:-msg)?)\b\s*=(?P<names>(?:(?!\b(?:dis|en)able\b)[^=])*)"
)
_NAME = re.compile(r"[0-9A-Za-z_-]{2,}|[CREIWF][0-9]*")
MESSAGES = {metric.pylint[0]: metric.name for metric in OUR_METRICS if metric.pylint}
"""Names of our metrics by pylint's messages."""
_BY_NUMBER = {metric.pylint[1]: metric.pylint[0] for metric in OUR_METRICS if metric.pylint}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (ast.Module, ast.ClassDef, *_FUNCTIONS)
_SUITES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar)
_BODIES = ("body", "handlers", "orelse", "finalbody", "cases")
# A module, statement, handler, case or expression, which have no common type with lines.
_Node: TypeAlias = Any


class PylintComment(NamedTuple):
    """What a comment of pylint's disables.

    Attributes:
        is_for_file: whether it applies to the file.
        messages: the messages that match our metrics.
        end: where it ends in the text; a reason may follow.
    """

    is_for_file: bool
    messages: tuple[str, ...]
    end: int


def parse_pylint_comment(text: str) -> PylintComment | None:
    """Parse a comment of which the first part is pylint's; ``None`` if it disables no message of ours."""
    if (match := _COMMENT.search(text)) is None:
        return None
    is_for_file = any(pragma["all"] for pragma in _PRAGMA.finditer(match["pragmas"]))
    found = {message for verb, message in _iter_messages(match["pragmas"]) if verb[0] == "d"}
    messages = tuple(message for message in MESSAGES if is_for_file or message in found)
    return PylintComment(is_for_file, messages, match.end()) if messages else None


def has_pylint_comment(text: str) -> bool:
    """Return whether a source may have such a comment; a string that looks like one counts too."""
    return any(parse_pylint_comment(match[0]) for match in _COMMENT.finditer(text))


def _iter_messages(pragmas: str) -> Iterator[tuple[str, str]]:
    """Yield the verbs of a comment, each with a message that matches a metric."""
    for pragma in _PRAGMA.finditer(pragmas):
        for name in _NAME.findall(pragma["names"] or ""):
            is_category = name in ("R", "all") or name.lower() == "design"
            named = _BY_NUMBER.get(name.upper(), name)
            yield from ((pragma["verb"], each) for each in MESSAGES if is_category or each == named)


def iter_pylint_comments(text: str, blocks: Sequence[Block]) -> Iterator[Comment]:
    """Yield the comments of a valid source that apply to its functions, or to all of it."""
    found = [*_iter_comments(text)]
    parsed = ((comment, parse_pylint_comment(comment.text)) for comment in found)
    if of_file := [comment for comment, known in parsed if known is not None and known.is_for_file]:
        yield replace(of_file[0], text=_write(of_file[0], tuple(MESSAGES), "skip-file"))
        return
    functions = {block.line: block.qualified_name for block in blocks if block.is_function}
    for line, comment, messages in _find_disabled(_parse(text), found, sorted(functions)):
        written = _write(comment, messages, f"disable={','.join(messages)}")
        place: CommentPlace = "signature" if comment.line == line else "range"
        yield replace(comment, text=written, place=place, block=functions[line])


def _write(comment: Comment, messages: tuple[str, ...], pragma: str) -> str:
    """Return a comment as it is written, or a short one where that says more or less than these messages."""
    other, known = DIRECTIVE.match(comment.text), parse_pylint_comment(comment.text)
    is_plain = (other is None or other["pylint"]) and len(comment.text) <= LONGEST
    is_whole = is_plain and known is not None and known.messages == messages
    return comment.text if is_whole else f"# pylint: {pragma}"


def _iter_comments(text: str) -> Iterator[Comment]:
    for token in iter_tokens(io.StringIO(text)):
        if token.type == tokenize.COMMENT and (found := [*_COMMENT.finditer(token.string)]):
            # Of several behind a `#` of their own, the last one counts.
            start = token.string.rfind("#", 0, found[-1].start())
            yield Comment(token.start[0], token.start[1] + start, token.string[start:], "own line")


def _parse(text: str) -> _Node:
    """Return the syntax tree of a source, in which modules and cases have lines too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes
        tree: _Node = ast.parse(text)
    tree.lineno, tree.end_lineno = 0, tree.body[-1].end_lineno if tree.body else 0
    cases: Iterable[_Node] = (node for node in ast.walk(tree) if isinstance(node, ast.match_case))
    for case in cases:
        case.lineno, case.end_lineno = case.pattern.lineno, case.body[-1].end_lineno
    return tree


def _find_disabled(
    tree: _Node, comments: Sequence[Comment], lines: Sequence[int]
) -> Iterator[tuple[int, Comment, tuple[str, ...]]]:
    """Yield the line of each ``def`` with a comment that applies to it, and the messages it disables."""
    states: dict[str, list[Comment | None]] = {message: [None] * len(lines) for message in MESSAGES}
    for comment in comments:
        for message, first, last, state in _iter_decisions(tree, comment):
            places = slice(bisect_left(lines, first), bisect_right(lines, last))
            states[message][places] = [state] * len(lines[places])
    for line, *found in zip(lines, *states.values(), strict=True):
        yield from ((line, each, _list_messages(found, each)) for each in dict.fromkeys(found) if each)


def _iter_decisions(tree: _Node, comment: Comment) -> Iterator[tuple[str, int, int, Comment | None]]:
    """Yield the messages that a comment decides about in ranges of lines, and itself if it disables them."""
    ranges = [*_iter_ranges(tree, comment.line)]
    following = (comment.line + 1, comment.line + 1, True)
    match = _COMMENT.search(comment.text)
    for verb, message in _iter_messages(match["pragmas"]) if match else ():
        for first, last, applies in [following] if verb == "disable-next" else ranges:
            yield message, first, last, comment if applies and verb[0] == "d" else None


def _list_messages(found: Sequence[Comment | None], comment: Comment) -> tuple[str, ...]:
    return tuple(message for message, each in zip(MESSAGES, found, strict=True) if each is comment)


def _iter_ranges(tree: _Node, line: int) -> Iterator[tuple[int, int, bool]]:
    """Yield the lines that a comment on a line decides about, and whether it applies to them."""
    path = [*_iter_path(tree, line)]
    in_header = [last for first, last in _iter_header(path[-1]) if first <= line <= last]
    around = [node for node in path if _find_first(node) <= line <= node.end_lineno]
    if in_header:
        yield line, in_header[0], True
    elif around:
        node = around[-1]
        yield line, _find_end(node, line), True
        if _is(node, _FUNCTIONS) and node.lineno < line:
            body = _get_body(node)
            yield node.lineno, node.lineno, line <= (_find_first(body[0]) if body else node.end_lineno)


def _iter_path(tree: _Node, line: int) -> Iterator[_Node]:
    """Yield the statements around a line from the outside; their decorators count."""
    node = tree
    while node is not None:
        yield node
        node = _find_inner(node, line)


def _find_inner(node: _Node, line: int) -> _Node | None:
    """Return the statement in a body of a node that contains a line; ``None`` if there is none."""
    # astroid has no lines for a case, and gives those of a handler to its name. So pylint looks into neither.
    if _is(node, ast.match_case) or (_is(node, ast.ExceptHandler) and node.name):
        return None
    for body in (_get_body(node, name) for name in _BODIES):
        place = bisect_left(body, line, key=lambda each: each.end_lineno)
        if place < len(body) and _find_start(body[place]) <= line:
            return body[place]
    return None


def _is(node: _Node, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(node, kinds)


def _get_body(node: _Node, name: str = "body") -> Sequence[_Node]:
    """Return the statements of a node without a docstring."""
    body: Sequence[_Node] = getattr(node, name, ())
    has_text = _is(node, _SCOPES) and ast.get_docstring(node, clean=False) is not None
    return body[1:] if has_text else body


def _find_start(node: _Node) -> int:
    """Return the first line of a node, with its decorators."""
    return int(min(each.lineno for each in (node, *getattr(node, "decorator_list", ())[:1])))


def _find_first(node: _Node) -> int:
    """Return the first line of a node in astroid: of a function, the lengths of decorators are added."""
    if not _is(node, _FUNCTIONS):
        return int(node.lineno)
    return int(sum((each.end_lineno - each.lineno + 1 for each in node.decorator_list), _find_start(node)))


def _iter_header(node: _Node) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each part before the body of a node."""
    if _find_start(node) == node.end_lineno or _is(node, ast.match_case):
        return
    if decorators := getattr(node, "decorator_list", ()):
        yield decorators[0].lineno, decorators[-1].end_lineno
    if _is(node, _FUNCTIONS):
        yield _find_parameters(node)
    for name in {*node._fields}.difference(_BODIES, ("decorator_list", "args")):
        value = getattr(node, name)
        for part in value if isinstance(value, list) else [value]:
            yield from _iter_lines(part)


def _find_parameters(node: _Node) -> tuple[int, int]:
    """Return the lines of parameters; where there are none, the first line of the function."""
    named = [each for each in ast.iter_child_nodes(node.args) if isinstance(each, ast.arg)]
    first = max([_find_first(node), *(each.lineno for each in named[:1])])
    return first, max([first, *(each.end_lineno or 0 for each in named[-1:])])


def _iter_lines(part: _Node) -> Iterator[tuple[int, int]]:
    if _is(part, ast.withitem):
        yield from (lines for each in ast.iter_child_nodes(part) for lines in _iter_lines(each))
    elif hasattr(part, "end_lineno"):
        yield part.lineno, part.end_lineno


def _find_end(node: _Node, line: int) -> int:
    """Return the last line that a comment in a statement applies to; it may be an earlier line."""
    if not _is(node, _SUITES):
        return int(node.end_lineno)
    if final := getattr(node, "finalbody", ()):
        if line >= _find_first(final[0]):
            return int(node.end_lineno)
        if line == _find_first(final[0]) - 1:
            return int(final[0].end_lineno)
    body = node.body
    if line > body[-1].end_lineno and (others := getattr(node, "orelse", ())):
        # If the first statement of `else` has a body too, only that one counts.
        body = others[:1] if _is(others[0], _SUITES) else others
        body = others[0].body if getattr(others[0], "orelse", ()) else body
    return int(body[-1].end_lineno)
