"""Hypothesis strategies for valid programs as source text: every kind of node, in any layout.

Programs mean nothing; they only parse. Names, numbers and strings come from small pools so that the
same value turns up in several types and several definitions have the same name.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

HAS_TYPE_PARAMETERS = sys.version_info >= (3, 12)
HAS_FREE_FSTRINGS = sys.version_info >= (3, 12)
HAS_TYPE_DEFAULTS = sys.version_info >= (3, 13)
HAS_TEMPLATES = sys.version_info >= (3, 14)
HAS_BARE_HANDLERS = sys.version_info >= (3, 14)

NAMES = ("a", "b", "x", "f", "A", "_", "self", "match", "case", "type", "é", "ﬁ", "变量", "ª")
# Python takes these for identifiers, but `\w`, which radon's tokenizer uses up to 3.11, does not.
ODD_NAMES = ("℘", "a·")
DEFINED = ("f", "g", "A", "x", "é")
NUMBERS = ("0", "1", "1.0", "2", "0x1", "0b11", "0o7", "1_000", "1e3", ".5", "5.", "1j", "9" * 30)
WORDS = ("True", "False", "None", "...")
BINARY = ("+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^")
UNARY = ("-", "+", "~")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in")
QUOTES = ("'", '"', "'''", '"""')
PIECES = ("a", "x", "1", "", " ", "#", ":", ";", "(", "]", "\\n", "\\\\", "\\d", "\\\n", "0x1")
LONG_PIECES = ("\n", "\n\n", "\n   b\n", "  \n", "\n# c\n", "\n;:\n")
# `str.splitlines` breaks lines at these, the tokenizer does not.
ODD_PIECES = ("\f", "\v", "\x1c", "\x85", "\u2028")
COMMENTS = ("# c", "#", "#: x", "# a; b: c", "# é", "# \"'", "# \\", "#(", '# """', "# type: ignore")
FORMATS = (":>10", ":", ":{x}", ":{x}.{a}f", ":%H:%M", "!r", "!s:^{a}", "!a:", "=", " = ", "=!r:>3")
INDENTS = ("    ", " ", "  ", "\t")
BLANKS = ("", "   ", "\t", "\f")


class Level(IntEnum):
    """How loosely an expression binds; a place that takes less puts it in parentheses."""

    ATOM = 0
    ARITHMETIC = 1
    LOGIC = 2
    TEST = 3
    ANY = 4


@dataclass(frozen=True)
class Clause:
    """A header with its body, such as ``else`` or a whole ``def`` with decorators."""

    header: str
    body: list[Statement]
    decorators: list[str] = field(default_factory=list)
    may_be_one_line: bool = True


Statement: TypeAlias = "str | list[Clause]"


@dataclass
class Writer:
    """Writes one program; every choice is drawn, so that a failure shrinks.

    Attributes:
        draw: makes the choices.
        fuel: how many more nodes with children may be written.
        is_odd: whether unusual whitespace, names and line ends are used at all.
        brackets: how many brackets are open, within which a newline is whitespace.
        quotes: which quotes a string may have here.
        is_bound: whether the place is within an f-string that allows little in its fields.
    """

    draw: st.DrawFn
    fuel: int
    is_odd: bool
    brackets: int = 0
    quotes: tuple[str, ...] = QUOTES
    is_bound: bool = False

    def pick(self, options: Sequence[T]) -> T:
        """Choose one; the first is the simplest."""
        chosen: T = self.draw(_sampled(tuple(options)))
        return chosen

    def number(self, least: int, most: int) -> int:
        """Choose a number."""
        return self.draw(_integers(least, most))

    def often(self) -> bool:
        """Choose, with even chances."""
        return self.draw(_BOOLEANS)

    def seldom(self) -> bool:
        """Choose, with small chances."""
        return self.number(0, 7) == 7

    def oddly(self) -> bool:
        """Choose, with small chances, and only where the layout is unusual."""
        return self.is_odd and self.seldom()

    def gap(self) -> str:
        """Write whitespace where none is needed."""
        return self._whitespace("") if self.oddly() else self.pick(("", " "))

    def space(self) -> str:
        """Write whitespace where some is needed."""
        return self._whitespace(" ") if self.oddly() else " "

    def _whitespace(self, least: str) -> str:
        if self.is_bound:
            return least
        options = ["  ", "\t", " \\\n  ", "\\\n"] if least == "" else ["  ", "\t", " \\\n  "]
        if self.brackets:
            options += ["\n", " \n\n  ", f" {self.pick(COMMENTS)}\n"]
        return self.pick(options)

    @contextmanager
    def inside_brackets(self) -> Iterator[None]:
        """Allow newlines."""
        self.brackets += 1
        yield
        self.brackets -= 1

    @contextmanager
    def inside_field(self, quote: str) -> Iterator[None]:
        """Restrict strings and whitespace to what an f-string allows in its fields."""
        before = self.quotes, self.is_bound
        if not HAS_FREE_FSTRINGS:
            self.quotes = tuple(one for one in self.quotes if len(one) == 1 and one not in quote)
            self.is_bound = True
        with self.inside_brackets():
            yield
        self.quotes, self.is_bound = before

    def name(self) -> str:
        """Write an identifier."""
        return self.pick(ODD_NAMES) if self.oddly() and self.seldom() else self.pick(NAMES)

    def enclosed(self, left: str, write: Callable[[], str], right: str) -> str:
        """Write something in brackets."""
        with self.inside_brackets():
            return f"{left}{self.gap()}{write()}{self.gap()}{right}"

    def joined(self, items: Sequence[str], *, may_end: bool = True) -> str:
        """Write commas between items, and perhaps one behind; not to be called outside brackets."""
        text = ""
        for item in items:
            text += f"{self.gap()},{self.gap()}{item}" if text else item
        return text + f"{self.gap()}," if text and may_end and self.seldom() else text

    def several(self, write: Callable[[], str], least: int, most: int) -> list[str]:
        """Write some of a kind."""
        return [write() for _ in range(self.number(least, most))]

    def expression(self, depth: int, level: Level = Level.TEST) -> str:
        """Write an expression that may stand where no more than ``level`` is allowed."""
        is_leaf = depth <= 0 or self.fuel <= 0 or self.often()
        self.fuel -= not is_leaf
        kind = self.pick(_LEAVES if is_leaf else _EXPRESSION_KINDS)
        return self.expression_of(kind, depth, level)

    def expression_of(self, kind: str, depth: int, level: Level = Level.TEST) -> str:
        """Write an expression of a kind in ``EXPRESSIONS``."""
        own, write = EXPRESSIONS[kind]
        if own > level or self.seldom():
            return self.enclosed("(", lambda: write(self, depth - 1), ")")
        return write(self, depth - 1)

    def pattern(self, depth: int, *, closed: bool = False) -> str:
        """Write a pattern; a closed one may stand in an or-pattern."""
        self.fuel -= 1
        kind = self.pick(_SIMPLE_PATTERNS if depth <= 0 or self.fuel <= 0 else _PATTERN_KINDS)
        is_open, write = PATTERNS[kind]
        if closed and is_open:
            return self.enclosed("(", lambda: write(self, depth - 1), ")")
        return write(self, depth - 1)

    def statement(self, depth: int) -> Statement:
        """Write a statement of any kind."""
        self.fuel -= 1
        is_simple = depth <= 0 or self.fuel <= 0 or self.seldom() or self.often()
        kind = self.pick(_SIMPLE_STATEMENTS if is_simple else _COMPOUND_STATEMENTS)
        return STATEMENTS[kind](self, depth - 1)

    def body(self, depth: int, most: int = 3) -> list[Statement]:
        """Write the statements of a block, perhaps with a docstring."""
        docstring: list[Statement] = [_lone_string(self)] if self.seldom() else []
        return docstring + [self.statement(depth) for _ in range(self.number(1, most))]


@functools.cache
def _sampled(options: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(options)


@functools.cache
def _integers(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


_BOOLEANS = st.booleans()

WriteExpression: TypeAlias = Callable[[Writer, int], str]


# Expressions: each writes one node, `depth` being what its children may have.


def _name(w: Writer, _depth: int) -> str:
    return w.name()


def _constant(w: Writer, _depth: int) -> str:
    if w.quotes and w.often():
        return _string(w)
    return w.pick(NUMBERS + WORDS)


def _string(w: Writer) -> str:
    is_bytes = w.seldom()
    parts = [_string_part(w, is_bytes=is_bytes)]
    if w.seldom():
        parts.append(_string_part(w, is_bytes=is_bytes))
    return w.gap().join(parts)


def _string_part(w: Writer, *, is_bytes: bool) -> str:
    prefixes = ("b", "rb", "Br") if is_bytes else ("", "", "r", "u", "R")
    prefix, quote = w.pick(prefixes), w.pick(w.quotes)
    return f"{prefix}{quote}{_string_content(w, quote, is_bytes=is_bytes)}{quote}"


def _string_content(w: Writer, quote: str, *, is_bytes: bool = False) -> str:
    if w.is_bound:
        return w.pick(("a", "x", "1", ""))
    pieces = [*PIECES] if is_bytes else [*PIECES, "é", "{", "}}", "{x:y}"]
    if len(quote) == 3:
        pieces += [*LONG_PIECES, "a'b", 'a"b', "a''b"]
    elif w.oddly() and w.seldom() and not is_bytes:
        pieces = [*ODD_PIECES]
    return "".join(w.several(lambda: w.pick(pieces), 0, 3))


def _formatted(w: Writer, depth: int, prefixes: Sequence[str] = ("f", "F", "rf", "fR")) -> str:
    if not w.quotes:
        return w.name()
    prefix, quote = w.pick(prefixes), w.pick(w.quotes)
    parts = w.several(lambda: _formatted_part(w, quote, depth), 1, 3)
    return f"{prefix}{quote}{''.join(parts)}{quote}"


def _template(w: Writer, depth: int) -> str:
    return _formatted(w, depth, ("t", "T", "rt", "tR"))


def _formatted_part(w: Writer, quote: str, depth: int) -> str:
    if w.often():
        return _field(w, quote, depth)
    plain = ("a", "{{", "}}", ":", "#", " ", ";")
    if w.is_bound:
        return w.pick(plain)
    return w.pick(plain + ((*LONG_PIECES, "\\\n") if len(quote) == 3 else ("\\n", "\\\n")))


def _field(w: Writer, quote: str, depth: int) -> str:
    with w.inside_field(quote):
        text = w.expression(depth, Level.LOGIC)
        # A gap behind may be a comment, which must not swallow the format.
        return "{ " + text + w.pick(("", "", *FORMATS)) + "}"


def _binary(w: Writer, depth: int) -> str:
    operator = w.pick(BINARY)
    left, right = w.expression(depth, Level.ARITHMETIC), w.expression(depth, Level.ARITHMETIC)
    return f"{left} {w.gap()}{operator}{w.gap()} {right}"


def _unary(w: Writer, depth: int) -> str:
    return f"{w.pick(UNARY)}{w.gap()}{w.expression(depth, Level.ARITHMETIC)}"


def _not(w: Writer, depth: int) -> str:
    return f"not{w.space()}{w.expression(depth, Level.LOGIC)}"


def _boolean(w: Writer, depth: int) -> str:
    values = w.several(lambda: w.expression(depth, Level.LOGIC), 2, 4)
    text = values[0]
    operator = w.pick(("and", "or"))
    for value in values[1:]:
        text += f"{w.space()}{operator}{w.space()}{value}"
        operator = operator if w.often() else w.pick(("and", "or"))
    return text


def _compare(w: Writer, depth: int) -> str:
    text = w.expression(depth, Level.ARITHMETIC)
    for _ in range(w.number(1, 3)):
        text += f"{w.space()}{w.pick(COMPARISONS)}{w.space()}{w.expression(depth, Level.ARITHMETIC)}"
    return text


def _primary(w: Writer, depth: int) -> str:
    """Write what may stand before a dot or bracket; a number would swallow the dot."""
    text = w.expression(depth, Level.ATOM)
    return f"({text})" if text[0] in "0123456789.fFrRbBuU'\"" and text[-1:] not in ")]}" else text


def _attribute(w: Writer, depth: int) -> str:
    return f"{_primary(w, depth)}{w.gap()}.{w.gap()}{w.name()}"


def _call(w: Writer, depth: int) -> str:
    function = _primary(w, depth)
    if w.seldom():
        return function + w.enclosed("(", lambda: _comprehended(w, depth), ")")
    return function + w.enclosed("(", lambda: _arguments(w, depth), ")")


def _arguments(w: Writer, depth: int) -> str:
    items = w.several(lambda: w.expression(depth, Level.ANY if w.seldom() else Level.TEST), 0, 2)
    if w.seldom():
        items.append(_starred(w, depth))
    if w.seldom():
        items.append(f"key{w.gap()}={w.gap()}{w.expression(depth)}")
    if w.seldom():
        items.append(f"**{w.gap()}{w.expression(depth)}")
    # An unparenthesised `yield` is no argument.
    return w.joined([f"({item})" if item.startswith("yield") else item for item in items])


def _subscript(w: Writer, depth: int) -> str:
    return _primary(w, depth) + w.enclosed("[", lambda: _index(w, depth), "]")


def _index(w: Writer, depth: int) -> str:
    if w.seldom():
        return w.joined([_starred(w, depth), w.expression(depth)])
    return w.joined(w.several(lambda: _slice(w, depth) if w.often() else w.expression(depth), 1, 2))


def _slice(w: Writer, depth: int) -> str:
    parts = [w.expression(depth) if w.often() else "" for _ in range(w.number(2, 3))]
    return ":".join(parts) if w.often() else " : ".join(parts)


def _starred(w: Writer, depth: int) -> str:
    return f"*{w.gap()}{w.expression(depth, Level.ARITHMETIC)}"


def _item(w: Writer, depth: int) -> str:
    return _starred(w, depth) if w.seldom() else w.expression(depth)


def _list(w: Writer, depth: int) -> str:
    return w.enclosed("[", lambda: w.joined(w.several(lambda: _item(w, depth), 0, 3)), "]")


def _set(w: Writer, depth: int) -> str:
    return w.enclosed("{", lambda: w.joined(w.several(lambda: _item(w, depth), 1, 3)), "}")


def _tuple(w: Writer, depth: int) -> str:
    def write() -> str:
        items = w.several(lambda: _item(w, depth), 0, 3)
        return f"{items[0]}," if len(items) == 1 else w.joined(items)

    return w.enclosed("(", write, ")")


def _dict(w: Writer, depth: int) -> str:
    return w.enclosed("{", lambda: w.joined(w.several(lambda: _pair(w, depth), 0, 3)), "}")


def _pair(w: Writer, depth: int) -> str:
    if w.seldom():
        return f"**{w.expression(depth, Level.ARITHMETIC)}"
    return f"{w.expression(depth)}{w.gap()}:{w.gap()}{w.expression(depth)}"


def _comprehended(w: Writer, depth: int, element: str | None = None) -> str:
    text = w.expression(depth) if element is None else element
    for _ in range(w.number(1, 2)):
        loop = f"async{w.space()}for" if w.seldom() else "for"
        text += f"{w.space()}{loop}{w.space()}{_targets(w, depth)}{w.space()}in{w.space()}"
        text += w.expression(depth, Level.LOGIC)
        for _ in range(w.number(0, 2)):
            text += f"{w.space()}if{w.space()}{w.expression(depth, Level.LOGIC)}"
    return text


def _list_comprehension(w: Writer, depth: int) -> str:
    return w.enclosed("[", lambda: _comprehended(w, depth), "]")


def _set_comprehension(w: Writer, depth: int) -> str:
    return w.enclosed("{", lambda: _comprehended(w, depth), "}")


def _generator(w: Writer, depth: int) -> str:
    return w.enclosed("(", lambda: _comprehended(w, depth), ")")


def _dict_comprehension(w: Writer, depth: int) -> str:
    def write() -> str:
        pair = f"{w.expression(depth)}{w.gap()}:{w.gap()}{w.expression(depth)}"
        return _comprehended(w, depth, pair)

    return w.enclosed("{", write, "}")


def _conditional(w: Writer, depth: int) -> str:
    body, test = w.expression(depth, Level.LOGIC), w.expression(depth, Level.LOGIC)
    return f"{body}{w.space()}if{w.space()}{test}{w.space()}else{w.space()}{w.expression(depth)}"


def _lambda(w: Writer, depth: int) -> str:
    parameters = _parameters(w, depth, annotated=False)
    return f"lambda{' ' if parameters else ''}{parameters}{w.gap()}:{w.gap()}{w.expression(depth)}"


def _walrus(w: Writer, depth: int) -> str:
    return f"{w.name()}{w.gap()}:={w.gap()}{w.expression(depth)}"


def _await(w: Writer, depth: int) -> str:
    return f"await{w.space()}{w.expression(depth, Level.ATOM)}"


def _yield(w: Writer, depth: int) -> str:
    return f"yield{w.space()}{w.expression(depth)}" if w.often() else "yield"


def _yield_from(w: Writer, depth: int) -> str:
    return f"yield{w.space()}from{w.space()}{w.expression(depth)}"


EXPRESSIONS: dict[str, tuple[Level, WriteExpression]] = {
    "Name": (Level.ATOM, _name),
    "Constant": (Level.ATOM, _constant),
    "BinOp": (Level.ARITHMETIC, _binary),
    "UnaryOp": (Level.ARITHMETIC, _unary),
    "Not": (Level.LOGIC, _not),
    "BoolOp": (Level.LOGIC, _boolean),
    "Compare": (Level.LOGIC, _compare),
    "IfExp": (Level.TEST, _conditional),
    "Attribute": (Level.ATOM, _attribute),
    "Call": (Level.ATOM, _call),
    "Subscript": (Level.ATOM, _subscript),
    "List": (Level.ATOM, _list),
    "Tuple": (Level.ATOM, _tuple),
    "Set": (Level.ATOM, _set),
    "Dict": (Level.ATOM, _dict),
    "ListComp": (Level.ATOM, _list_comprehension),
    "SetComp": (Level.ATOM, _set_comprehension),
    "DictComp": (Level.ATOM, _dict_comprehension),
    "GeneratorExp": (Level.ATOM, _generator),
    "Lambda": (Level.TEST, _lambda),
    "JoinedStr": (Level.ATOM, _formatted),
    **({"TemplateStr": (Level.ATOM, _template)} if HAS_TEMPLATES else {}),
    "NamedExpr": (Level.ANY, _walrus),
    "Await": (Level.ARITHMETIC, _await),
    "Yield": (Level.ANY, _yield),
    "YieldFrom": (Level.ANY, _yield_from),
}
EXPRESSION_PARTS = {
    "Starred": _starred,
    "Slice": _slice,
    "FormattedValue": _field,
    "Interpolation": _field,
}
_LEAVES = ("Name", "Constant")
_EXPRESSION_KINDS = tuple(EXPRESSIONS)


# Parameters, targets and patterns.


def _parameters(w: Writer, depth: int, *, annotated: bool) -> str:
    positional = ["p", "q", "r"][: w.number(0, 3)]
    items = [_parameter(w, name, depth, annotated=annotated) for name in positional]
    if items and w.often():
        items = [*items[:-1], f"{items[-1]}={w.expression(depth)}"]
    if items and w.seldom():
        items.insert(w.number(1, len(items)), "/")
    star = w.number(0, 7)
    if star == 6:
        items.append(_parameter(w, "*args", depth, annotated=annotated))
    if star in (5, 6):
        items += ["*"] * (star == 5) + [
            f"{_parameter(w, 's', depth, annotated=annotated)}={w.expression(depth)}"
        ]
    if w.seldom():
        items.append(_parameter(w, "**kw", depth, annotated=annotated))
    return w.joined(items)


def _parameter(w: Writer, name: str, depth: int, *, annotated: bool) -> str:
    if not annotated or not w.seldom():
        return name
    annotation = w.expression(depth)
    if name == "*args" and w.often():
        annotation = _starred(w, depth)
    return f"{name}{w.gap()}:{w.gap()}{annotation}"


def _target(w: Writer, depth: int) -> str:
    kind = w.number(0, 6) if depth > 0 else 0
    if kind == 4:
        return f"{w.name()}.{w.name()}"
    if kind == 5:
        return f"{w.name()}" + w.enclosed("[", lambda: _index(w, depth - 1), "]")
    if kind == 6:
        return w.enclosed(*_between(w.pick(("()", "[]")), lambda: _targets(w, depth - 1)))
    return w.name()


def _between(pair: str, write: Callable[[], str]) -> tuple[str, Callable[[], str], str]:
    return pair[0], write, pair[1]


def _targets(w: Writer, depth: int) -> str:
    items = w.several(lambda: _target(w, depth), 1, 2)
    if len(items) == 2 and w.seldom():
        items[w.number(0, 1)] = f"*{w.name()}"
    return w.joined(items, may_end=False)


def _value_pattern(w: Writer, _depth: int) -> str:
    fixed = ("1", "-1", "1.0", "-0.5", "1+2j", "-1 - 2j", "a.b", "A.x.y")
    return _string(w) if w.often() else w.pick(fixed)


def _singleton_pattern(w: Writer, _depth: int) -> str:
    return w.pick(("None", "True", "False"))


def _as_pattern(w: Writer, depth: int) -> str:
    if depth < 0 or w.often():
        return w.pick(("_", "a", "é", "case"))
    return f"{w.pattern(depth, closed=True)}{w.space()}as{w.space()}{w.pick(('a', 'match'))}"


def _or_pattern(w: Writer, depth: int) -> str:
    return f"{w.gap()}|{w.gap()}".join(w.several(lambda: w.pattern(depth, closed=True), 2, 3))


def _star_pattern(w: Writer, _depth: int) -> str:
    return f"*{w.gap()}{w.pick(('_', 'a', 'x'))}"


def _sequence_items(w: Writer, depth: int) -> str:
    items = w.several(lambda: w.pattern(depth), 1, 3)
    if w.seldom():
        items.append(_star_pattern(w, depth))
    return f"{items[0]}," if len(items) == 1 else w.joined(items)


def _sequence_pattern(w: Writer, depth: int) -> str:
    if w.seldom():
        return w.pick(("[]", "()"))
    return w.enclosed(*_between(w.pick(("[]", "()")), lambda: _sequence_items(w, depth)))


def _mapping_pattern(w: Writer, depth: int) -> str:
    def write() -> str:
        keys = ("'a'", "1", "-1", "a.b", "None", 'b"x"')
        items = w.several(lambda: f"{w.pick(keys)}{w.gap()}:{w.gap()}{w.pattern(depth)}", 0, 2)
        return w.joined([*items, "**rest"] if w.seldom() else items)

    return w.enclosed("{", write, "}")


def _class_pattern(w: Writer, depth: int) -> str:
    def write() -> str:
        items = w.several(lambda: w.pattern(depth), 0, 2)
        return w.joined([*items, f"key={w.pattern(depth)}"] if w.often() else items)

    return w.pick(("A", "a.B", "int")) + w.enclosed("(", write, ")")


PATTERNS: dict[str, tuple[bool, WriteExpression]] = {
    "MatchAs": (True, _as_pattern),
    "MatchValue": (False, _value_pattern),
    "MatchSingleton": (False, _singleton_pattern),
    "MatchSequence": (False, _sequence_pattern),
    "MatchMapping": (False, _mapping_pattern),
    "MatchClass": (False, _class_pattern),
    "MatchOr": (True, _or_pattern),
}
PATTERN_PARTS = {"MatchStar": _star_pattern}
_SIMPLE_PATTERNS = ("MatchAs", "MatchValue", "MatchSingleton")
_PATTERN_KINDS = tuple(PATTERNS)


# Statements: a simple one is its text, a compound one is its clauses.


def _expression_statement(w: Writer, depth: int) -> str:
    if w.seldom():
        return _lone_string(w)
    return w.expression(depth, Level.ANY)


def _lone_string(w: Writer) -> str:
    text = _formatted(w, 0) if w.seldom() else _string(w)
    return f"({text})" if w.seldom() else text


def _values(w: Writer, depth: int) -> str:
    items = w.several(lambda: _item(w, depth), 1, 2)
    if len(items) == 1:
        return f"{items[0]}," if items[0].startswith("*") else items[0]
    return w.joined(items)


def _assign(w: Writer, depth: int) -> str:
    targets = w.several(lambda: _targets(w, depth), 1, 2)
    value = w.expression(depth, Level.ANY) if w.seldom() else _values(w, depth)
    # A bare walrus is no value of an assignment.
    value = f"({value})" if ":=" in value else value
    return "".join(f"{target}{w.gap()}={w.gap()}" for target in targets) + value


def _augmented(w: Writer, depth: int) -> str:
    target = w.pick((w.name(), f"{w.name()}.{w.name()}", f"{w.name()}[0]"))
    return f"{target}{w.gap()}{w.pick(BINARY)}={w.gap()}{w.expression(depth)}"


def _annotated(w: Writer, depth: int) -> str:
    target = w.pick((w.name(), f"{w.name()}.{w.name()}", f"{w.name()}[1:2]", f"({w.name()})"))
    value = f"{w.gap()}={w.gap()}{w.expression(depth)}" if w.often() else ""
    return f"{target}{w.gap()}:{w.gap()}{w.expression(depth)}{value}"


def _assert(w: Writer, depth: int) -> str:
    message = f",{w.gap()}{w.expression(depth)}" if w.seldom() else ""
    return f"assert{w.space()}{w.expression(depth)}{message}"


def _raise(w: Writer, depth: int) -> str:
    if w.seldom():
        return "raise"
    cause = f"{w.space()}from{w.space()}{w.expression(depth)}" if w.seldom() else ""
    return f"raise{w.space()}{w.expression(depth)}{cause}"


def _return(w: Writer, depth: int) -> str:
    return "return" if w.seldom() else f"return{w.space()}{_values(w, depth)}"


def _delete(w: Writer, depth: int) -> str:
    targets = (w.name(), f"{w.name()}.{w.name()}", f"{w.name()}[{w.expression(depth)}]")
    return "del " + w.joined(w.several(lambda: w.pick(targets), 1, 2))


def _import(w: Writer, _depth: int) -> str:
    return f"import{w.space()}" + w.pick(("a", "a.b", "a as b", "a, b.c as d"))


def _import_from(w: Writer, _depth: int) -> str:
    source = w.pick(("a", ".", "..a.b", "...")) if w.often() else "a"
    if w.seldom():
        return f"from {source} import *"
    if w.often():
        return f"from {source} import " + w.enclosed("(", lambda: w.joined(["a", "b as c"]), ")")
    return f"from {source} import a, b as c"


def _global(w: Writer, _depth: int) -> str:
    return f"global{w.space()}" + w.pick(("a", "a, b"))


def _nonlocal(w: Writer, _depth: int) -> str:
    return f"nonlocal{w.space()}" + w.pick(("x", "x, f"))


def _type_alias(w: Writer, depth: int) -> str:
    return f"type{w.space()}{w.pick(('X', 'type'))}{_type_parameters(w, depth)} = {w.expression(depth)}"


def _type_parameters(w: Writer, depth: int) -> str:
    if not HAS_TYPE_PARAMETERS or not w.seldom():
        return ""
    items = ["T", f"U:{w.gap()}{w.expression(depth)}", "*Ts", "**P"][w.number(0, 3) :]
    if HAS_TYPE_DEFAULTS and w.seldom():
        items.append(f"D = {w.expression(depth)}")
    return w.enclosed("[", lambda: w.joined(items), "]")


def _decorators(w: Writer, depth: int) -> list[str]:
    usual = ("property", "f.setter", "staticmethod", "A")
    count = w.number(1, 2) if w.seldom() else 0
    return [f"@{w.gap()}" + (w.pick(usual) if w.often() else w.expression(depth)) for _ in range(count)]


def _function(w: Writer, depth: int, keyword: str = "def") -> list[Clause]:
    # Before its children, or the text would have whitespace of another place.
    decorators, types = _decorators(w, depth), _type_parameters(w, depth)
    parameters = w.enclosed("(", lambda: _parameters(w, depth, annotated=True), ")")
    returns = f"{w.gap()}->{w.gap()}{w.expression(depth)}" if w.seldom() else ""
    header = f"{keyword}{w.space()}{w.pick(DEFINED)}{types}{parameters}{returns}"
    return [Clause(header, w.body(depth), decorators)]


def _async_function(w: Writer, depth: int) -> list[Clause]:
    return _function(w, depth, f"async{w.space()}def")


def _class(w: Writer, depth: int) -> list[Clause]:
    decorators, types = _decorators(w, depth), _type_parameters(w, depth)
    bases = w.enclosed("(", lambda: _arguments(w, depth), ")") if w.seldom() else ""
    return [Clause(f"class{w.space()}{w.pick(DEFINED)}{types}{bases}", w.body(depth), decorators)]


def _if(w: Writer, depth: int) -> list[Clause]:
    tests = w.several(lambda: _test(w, depth), 1, 3)
    words = ["if", *["elif"] * (len(tests) - 1)]
    clauses = [
        Clause(f"{word}{w.space()}{test}", w.body(depth)) for word, test in zip(words, tests, strict=True)
    ]
    return clauses + _else(w, depth)


def _test(w: Writer, depth: int) -> str:
    text = w.expression(depth, Level.ANY)
    return f"({text})" if text.startswith("yield") else text


def _else(w: Writer, depth: int, header: str = "else") -> list[Clause]:
    return [Clause(header, w.body(depth))] if w.seldom() or w.seldom() else []


def _while(w: Writer, depth: int) -> list[Clause]:
    return [Clause(f"while{w.space()}{_test(w, depth)}", w.body(depth)), *_else(w, depth)]


def _for(w: Writer, depth: int, keyword: str = "for") -> list[Clause]:
    header = f"{keyword}{w.space()}{_targets(w, depth)}{w.space()}in{w.space()}{_values(w, depth)}"
    return [Clause(header, w.body(depth)), *_else(w, depth)]


def _async_for(w: Writer, depth: int) -> list[Clause]:
    return _for(w, depth, f"async{w.space()}for")


def _with(w: Writer, depth: int, keyword: str = "with") -> list[Clause]:
    def write() -> str:
        return w.joined(w.several(lambda: _with_item(w, depth), 1, 2), may_end=w.brackets > 0)

    items = w.enclosed("(", write, ")") if w.seldom() else write()
    return [Clause(f"{keyword}{w.space()}{items}", w.body(depth))]


def _with_item(w: Writer, depth: int) -> str:
    target = f"{w.space()}as{w.space()}{_target(w, depth)}" if w.often() else ""
    return f"{w.expression(depth)}{target}"


def _async_with(w: Writer, depth: int) -> list[Clause]:
    return _with(w, depth, f"async{w.space()}with")


def _match(w: Writer, depth: int) -> list[Clause]:
    subject = _values(w, depth)
    cases: list[Statement] = [[_case(w, depth)] for _ in range(w.number(1, 3))]
    return [Clause(f"match{w.space()}{subject}", cases, may_be_one_line=False)]


def _case(w: Writer, depth: int) -> Clause:
    pattern = _sequence_items(w, 1) if w.seldom() else w.pattern(max(depth, 1) + 1)
    guard = f"{w.space()}if{w.space()}{_test(w, depth)}" if w.seldom() else ""
    return Clause(f"case{w.space()}{pattern}{guard}", w.body(depth, 2))


def _try(w: Writer, depth: int, star: str = "") -> list[Clause]:
    count = w.number(0, 2)
    handlers = [Clause(_handler(w, depth, star), w.body(depth)) for _ in range(count)]
    if not star and w.seldom():
        handlers.append(Clause("except", w.body(depth)))
    rest = _else(w, depth) if handlers else []
    last = [Clause("finally", w.body(depth))] if not handlers or w.seldom() else []
    return [Clause("try", w.body(depth)), *handlers, *rest, *last]


def _handler(w: Writer, depth: int, star: str) -> str:
    name = f"{w.space()}as{w.space()}{w.name()}" if w.often() else ""
    more = f", {w.expression(depth)}" if HAS_BARE_HANDLERS and not name and w.seldom() else ""
    return f"except{star}{w.space()}{w.expression(depth)}{more}{name}"


def _try_star(w: Writer, depth: int) -> list[Clause]:
    return _try(w, depth, "*")


STATEMENTS: dict[str, Callable[[Writer, int], Statement]] = {
    "Pass": lambda _w, _depth: "pass",
    "Expr": _expression_statement,
    "Assign": _assign,
    "AugAssign": _augmented,
    "AnnAssign": _annotated,
    "Return": _return,
    "Assert": _assert,
    "Raise": _raise,
    "Delete": _delete,
    "Break": lambda _w, _depth: "break",
    "Continue": lambda _w, _depth: "continue",
    "Import": _import,
    "ImportFrom": _import_from,
    "Global": _global,
    "Nonlocal": _nonlocal,
    **({"TypeAlias": _type_alias} if HAS_TYPE_PARAMETERS else {}),
    "FunctionDef": _function,
    "AsyncFunctionDef": _async_function,
    "ClassDef": _class,
    "If": _if,
    "For": _for,
    "AsyncFor": _async_for,
    "While": _while,
    "With": _with,
    "AsyncWith": _async_with,
    "Match": _match,
    "Try": _try,
    "TryStar": _try_star,
}
_KINDS = tuple(STATEMENTS)
_SIMPLE_STATEMENTS = _KINDS[: _KINDS.index("FunctionDef")]
_COMPOUND_STATEMENTS = ("FunctionDef", "ClassDef", "If", *_KINDS[_KINDS.index("FunctionDef") :])


# Layout: from statements to lines.


def _lay_out(w: Writer, body: Sequence[Statement], indent: str) -> list[str]:
    lines: list[str] = []
    waiting = list(body)
    while waiting:
        lines += _noise(w, indent)
        first = waiting.pop(0)
        if not isinstance(first, str):
            for clause in first:
                lines += _lay_out_clause(w, clause, indent)
            continue
        simple = [first]
        while waiting and isinstance(waiting[0], str) and w.seldom():
            simple.append(str(waiting.pop(0)))
        lines.append(indent + _one_line(w, simple))
    return lines


def _lay_out_clause(w: Writer, clause: Clause, indent: str) -> list[str]:
    lines = []
    for decorator in clause.decorators:
        lines += [indent + decorator + _behind(w), *_noise(w, indent)]
    header = f"{indent}{clause.header}{w.gap()}:"
    simple = [one for one in clause.body if isinstance(one, str)]
    if clause.may_be_one_line and len(simple) == len(clause.body) and w.seldom():
        return [*lines, f"{header}{w.gap()}{_one_line(w, simple)}"]
    inner = indent + w.pick(INDENTS)
    return [*lines, header + _behind(w), *_lay_out(w, clause.body, inner)]


def _one_line(w: Writer, simple: Sequence[str]) -> str:
    text = f"{w.gap()};{w.gap()}".join(simple)
    if w.oddly():
        # The blank line belongs to the statement, for radon to something else.
        return f"{text} \\\n"
    return text + (w.gap() + ";" if w.seldom() else "") + _behind(w)


def _behind(w: Writer) -> str:
    return w.pick(("  ", "\t")) + w.pick(COMMENTS) if w.seldom() else w.pick(("", "", " "))


def _noise(w: Writer, indent: str) -> list[str]:
    lines = []
    while w.seldom():
        margin = w.pick((indent, "", "  ", "\t"))
        lines.append(margin + w.pick(COMMENTS) if w.often() else w.pick(BLANKS if w.is_odd else ("",)))
    return lines


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Draw the text of a program; a few are not valid, which the caller finds out with ``ast``."""
    return write_program(Writer(draw, fuel=draw(st.integers(10, 80)), is_odd=draw(st.booleans())))


def write_program(w: Writer) -> str:
    """Write the text of a program."""
    lines = _lay_out(w, w.body(depth=4, most=5), "")
    return "\n".join([*lines, *_noise(w, "")]) + w.pick(("\n", "", "\n\n", "\n  "))


@st.composite
def programs_with(draw: st.DrawFn, kind: str) -> str:
    """Draw a program with a node of a kind in ``EXPRESSIONS``, ``PATTERNS`` or ``STATEMENTS``."""
    w = Writer(draw, fuel=draw(st.integers(3, 15)), is_odd=draw(st.booleans()))
    return "\n".join([*_lay_out(w, [_statement_with(w, kind)], ""), ""])


def _statement_with(w: Writer, kind: str) -> Statement:
    if kind in STATEMENTS:
        return STATEMENTS[kind](w, 3)
    if kind in PATTERNS:
        case = Clause(f"case {PATTERNS[kind][1](w, 3)}", ["pass"])
        return [Clause("match x", [[case]], may_be_one_line=False)]
    return f"x = {w.expression_of(kind, 3, Level.ATOM)}"


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw a program as it may stand on disk: any newlines, with or without a mark or a cookie."""
    text = draw(programs())
    encoding, prefix = draw(_sampled(_ENCODINGS))
    newline = draw(_sampled(("\n", "\r\n", "\r")))
    return str(prefix + text).replace("\n", newline).encode(encoding, "replace")


_ENCODINGS = (
    ("utf-8", ""),
    ("utf-8", ""),
    ("utf-8-sig", ""),
    ("utf-8", "# -*- coding: utf-8 -*-\n"),
    ("latin-1", "# vim: set fileencoding=latin-1 :\n"),
    ("cp1252", "\n# coding: cp1252\n"),
)
