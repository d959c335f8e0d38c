"""Raw line counts: the values of ``radon.raw.analyze``, from one scan of the text.

Parts that the scan can't decide are tokenized. Where radon fails on source that Python accepts, the same text
is counted with plain characters.
"""

from __future__ import annotations

import re
import sys
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

_Token: TypeAlias = tuple[int, str, tuple[int, int], tuple[int, int]]
_LOOKS_INTO_STRINGS = sys.version_info >= (3, 12)  # PEP 701: the tokenizer splits f-strings
_BRACKET_LEVELS = 4

# The last group of a match is its kind; a match without a group is code without a colon.
_LONE_COMMENT, _COMMENT = 1, 2
# 3 to 5 are strings that are statements: in either quotes, or with a prefix.
_COLON = 6  # first group for colons: outside and inside brackets and f-strings
_BLOCK = _COLON + (_BRACKET_LEVELS + 1) * (3 if _LOOKS_INTO_STRINGS else 1)  # code that ends in a colon
_SEMICOLON, _OPEN, _CLOSE, _STUCK = range(_BLOCK + 1, _BLOCK + 5)


class RawCounts(NamedTuple):
    """The line counts of one source, in radon's order.

    Attributes:
        lines_of_code: all lines; the sum of code, multi-line strings, blank lines and single comments.
        logical_lines_of_code: by colons and semicolons; ``if x: y``, ``x: int`` and ``x[1:2]`` have two.
        source_lines_of_code: lines that hold code.
        comment_lines: ``#`` comments, including those after code.
        multi_line_string_lines: lines of multi-line strings that are statements of their own, without their
            blank lines.
        blank_lines: empty lines, wherever they are.
        single_comment_lines: lines with only a comment or a string.
    """

    lines_of_code: int
    logical_lines_of_code: int
    source_lines_of_code: int
    comment_lines: int
    multi_line_string_lines: int
    blank_lines: int
    single_comment_lines: int


class RawCountError(ValueError):
    """The source can't be split into chunks that can be tokenized, so it is not Python."""


class _LineTally:
    """The counts so far; ``lost`` lines are in none of radon's counts."""

    def __init__(self) -> None:
        self.lloc = self.comments = self.multi = self.single_comments = self.lost = self.lost_blank = 0


class LongScanError(Exception):
    """There is much text to tokenize, which may take seconds."""


def count_lines(text: str, most_tokenized: float = float("inf")) -> RawCounts:
    r"""Return the line counts of a source that Python can parse.

    They are what ``radon.raw.analyze`` returns, if it returns something. It fails if ``str.splitlines`` ends
    a line within a string, for example. Then they are what it returns for the same source with plain
    characters, whose lines are those of Python's parser.

    Args:
        text: decoded source with ``\n`` at the end of its lines, without a byte order mark.
        most_tokenized: no chunk is tokenized if more characters than this are left.

    Raises:
        RawCountError: the source is not Python.
        LongScanError: a chunk must be tokenized, and there is too much left.
    """
    try:
        return _count_as_radon(text, most_tokenized)
    except RawCountError:
        return _count_as_radon(_make_plain(text), most_tokenized)


def _count_as_radon(text: str, most_tokenized: float) -> RawCounts:
    """Return what ``radon.raw.analyze`` returns.

    radon strips all lines and splits them into chunks: the shortest runs of whole lines that can be
    tokenized. The scan uses the same stripped lines, and a regular expression finds the ends of chunks. A
    chunk that it does not match is tokenized.

    Raises:
        RawCountError: radon raises an error.
    """
    lines = list(map(str.strip, text.splitlines()))
    view = "\n".join([*lines, ""]).lstrip("\n")
    tally = _LineTally()
    _count_view(view, tally, _has_broken_comment(text), most_tokenized)
    loc = len(lines) - tally.lost
    blank = lines.count("") - tally.lost_blank
    sloc = loc - blank - tally.multi - tally.single_comments
    return RawCounts(
        lines_of_code=loc,
        logical_lines_of_code=tally.lloc,
        source_lines_of_code=sloc,
        comment_lines=tally.comments,
        multi_line_string_lines=tally.multi,
        blank_lines=blank,
        single_comment_lines=tally.single_comments,
    )


def _count_view(view: str, tally: _LineTally, is_broken: bool, most_tokenized: float) -> None:
    # Up to CPython 3.11, the tokenizer accepts `\w+` as names, which is less than Python's parser.
    pattern = _compile_fragments(_LOOKS_INTO_STRINGS or view.isascii())
    position = 0
    while position < len(view):
        if not is_broken:
            position = _count_known(pattern.finditer(view, position), tally)
        if len(view) - position > most_tokenized:
            raise LongScanError
        if position < len(view):
            position = _count_chunk(view, position, tally)


def _count_known(matches: Iterator[re.Match[str]], tally: _LineTally) -> int:
    """Count chunks; return the start of one that must be tokenized, or the end of the text."""
    lloc = 0
    for match in matches:
        kind = match.lastindex
        if kind is None or kind == _BLOCK:
            lloc += 1
        elif kind > _BLOCK:
            if not _count_pieces(match, matches, tally):
                break
        elif kind >= _COLON:
            lloc += 2
        elif kind <= _COMMENT:
            tally.comments += 1
            tally.single_comments += kind == _LONE_COMMENT
        else:
            lloc += 1
            _count_string(match[0], tally)
    tally.lloc += lloc
    return match.start()


def _count_string(text: str, tally: _LineTally) -> None:
    filled = sum(map(bool, text.split("\n")))
    tally.single_comments += filled == 1
    tally.multi += filled if filled > 1 else 0


def _count_pieces(first: re.Match[str], others: Iterator[re.Match[str]], tally: _LineTally) -> bool:
    """Count a chunk of several matches, with semicolons or long brackets; return whether it could."""
    lloc = 1
    comments = depth = 0
    has_colon = False
    for match in chain((first,), others):
        kind = match.lastindex or 0
        has_colon = has_colon or "" in match.groups()[_COLON - 1 : _BLOCK]
        depth += (kind == _OPEN) - (kind == _CLOSE)
        if _is_odd(match, depth, has_colon):
            return False
        comments += kind in (_LONE_COMMENT, _COMMENT)
        lloc += kind == _SEMICOLON and first.string[match.end()] not in "\n#"
        if kind < _SEMICOLON and not depth:
            break
    tally.comments += comments
    tally.lloc += lloc + (has_colon and kind != _BLOCK)
    return True


def _is_odd(match: re.Match[str], depth: int, has_colon: bool) -> bool:
    """Return whether radon's rules for a match depend on more than brackets and colons."""
    if match.lastindex == _STUCK:
        return not match[0]
    # radon's count for `x: int; y` depends on the number of tokens after the colon, and a form feed can split
    # a line before its semicolon.
    return depth < 0 or (match.lastindex == _SEMICOLON and (has_colon or depth > 0 or match[0][0] == ";"))


def _has_broken_comment(text: str) -> bool:
    """Return whether a line with a ``#`` ends at a character that only ``str.splitlines`` splits at.

    radon treats the text after a form feed in a comment as code.
    """
    has_breaks = any(map(text.__contains__, "\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
    return has_breaks and any("#" in line and line[-1] != "\n" for line in text.splitlines(keepends=True))


# A chunk that the scan can't decide is counted by its tokens.


@cache
def _import_radon() -> Any:
    from radon import raw

    return raw


def _count_chunk(view: str, start: int, tally: _LineTally) -> int:
    """Count the tokens of one chunk as ``radon.raw.analyze`` does; return the start of the next.

    Args:
        view: stripped lines joined by newlines.
        start: where the chunk starts.
        tally: the counts are added to it.

    Raises:
        RawCountError: the chunk has no end.
    """
    radon = _import_radon()
    tokens, lines = _tokenize_chunk(view, start)
    tally.lloc += radon._logical([*tokens, (tokenize.ENDMARKER, "")])
    tally.comments += sum(token[0] == tokenize.COMMENT for token in tokens)
    if any(radon.is_single_token(kind, tokens) for kind in (tokenize.COMMENT, tokenize.STRING)):
        _, _, (first_row, _), (last_row, _) = tokens[0]
        if first_row == last_row:
            # radon adds one line for the chunk, even if backslashes have joined others to it.
            tally.single_comments += 1
            tally.lost += len(lines) - 1
            tally.lost_blank += lines.count("\n")
        else:
            tally.multi += len(lines) - lines.count("\n")
    end = start + sum(map(len, lines))
    while view.startswith("\n", end):
        end += 1
    return end


def _tokenize_chunk(view: str, start: int) -> tuple[list[_Token], list[str]]:
    """Return the tokens and the lines of a chunk.

    radon tokenizes one line, then two lines, and so on until there is no error. Here the tokenizer is fed
    line by line until the first point without an error.
    """
    tokens: list[_Token] = []
    lines: list[str] = []
    depth = 0
    for token in _iter_tokens(_feed_lines(view, start, lines)):
        tokens.append(token)
        kind, string, (row, _), _ = token
        if kind == tokenize.OP:
            depth += (string in "([{") - (string in ")]}")
            if _LOOKS_INTO_STRINGS and depth < 0:
                depth = 0  # the tokenizer in C ignores an unmatched closing bracket
        elif kind in (tokenize.NEWLINE, tokenize.NL) and not depth and not _is_swallowed(lines, row):
            return tokens, lines[:row]
    raise RawCountError("unterminated bracket, string or line continuation")


def _iter_tokens(lines: Iterator[str]) -> Iterator[_Token]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in f-strings, since CPython 3.12
            for token in tokenize.generate_tokens(lines.__next__):
                # Without the line, which CPython 3.12.1 copies for each of its tokens.
                yield token[:4]
                if token.type == tokenize.ERRORTOKEN:
                    break
    except Exception as error:  # TokenError, SyntaxError, and SystemError from bugs in CPython 3.12
        raise RawCountError(str(error)) from error


def _feed_lines(view: str, start: int, lines: list[str]) -> Iterator[str]:
    """Yield the lines from ``start`` on, and append them to ``lines``."""
    while start < len(view):
        end = view.index("\n", start) + 1
        lines.append(view[start:end])
        yield lines[-1]
        start = end


def _is_swallowed(lines: list[str], row: int) -> bool:
    """Return whether a backslash has joined a blank row, which radon's tokenizer can't see at the end.

    No chunk begins with a blank row.
    """
    return lines[row - 1] == "\n" and lines[row - 2].endswith("\\\n")


# A source for which radon fails is counted with plain characters.

_SPACE = re.compile(r"[^\S\n]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_JOINTS = re.compile(r"(?:\\\n *)+")
_EQUALS = re.compile(r"(?<![-+*/%&|^@<>=!:])=(?!=)")


def _make_plain(text: str) -> str:
    r"""Return a source with the same lines for Python's parser, on which radon does not fail.

    - ``str.splitlines`` ends a line at characters such as a form feed or U+2028: each is a space here.
    - Up to CPython 3.11, the tokenizer does not accept all names that the parser accepts: others are ASCII.
    - radon needs a statement after a backslash at the end of a line: none is left before a blank line.
    - CPython 3.12 and 3.13 raise SystemError for some f-strings of several lines with an ``=`` in a field:
      it is another operator here.
    """
    text = _NOT_ASCII.sub("_", _SPACE.sub(" ", text))

    def disjoin(joints: re.Match[str]) -> str:
        is_joining = text[joints.end() : joints.end() + 1] not in ("", "\n")
        return joints[0] if is_joining else joints[0].replace("\\", " ")

    return _EQUALS.sub("+", _JOINTS.sub(disjoin, text))


# The pattern of the scan.


@cache
def _compile_fragments(is_any_name_known: bool) -> re.Pattern[str]:
    """Compile a pattern for a line of code with all lines that its brackets and strings span.

    If it can't match up to the end of a line, it stops after a bracket or before unknown text.
    """
    outside, inside = r"[^'\"#()\[\]{}:;\\\n]", r"[^'\"#()\[\]{}:;\\]"
    if not is_any_name_known:
        outside, inside = r"[\w \t!%&*+,\-./<=>@^|~]", r"[\w \t\n!%&*+,\-./<=>@^|~]"
    strings = [_plain_string('"'), _plain_string("'")]
    prefixes = "rRbBuU" if _LOOKS_INTO_STRINGS else "rRbBuUfF"
    lone_strings = [*strings, rf"[{prefixes}]{{1,2}}(?:{'|'.join(strings)})"]
    # A backslash before a blank line, a comment or the end, or alone on its line, is not matched.
    items = [*strings, ":=", r"\\(?<=[^\n]\\)\n(?![\n\\#])"]
    if _LOOKS_INTO_STRINGS:
        items += [_format_string('"'), _format_string("'")]
    brackets: list[str] = []
    for _ in range(_BRACKET_LEVELS):
        brackets = [rf"[(\[{{]{_run(inside, [*brackets, *items, ':(?!=)()'])}[)\]}}]"]
    comment = r"\#(?:(?<=^\#)()|())[^\n]*\n+"
    code = _run(outside, [*brackets, *items, r":(?![=\n]|[ \t]*\#)()"])
    end = r"(?:\n+|(?=\#)|:()[ \t]*(?:\n+|(?=\#))|;()[ \t]*|[(\[{]()|[)\]}]()|())"
    alternatives = [comment, *(rf"{string}\n+()" for string in lone_strings), code + end]
    return re.compile("|".join(alternatives), re.DOTALL | re.MULTILINE)


def _run(plain: str, items: Iterable[str]) -> str:
    """Return a pattern of plain characters with items between them.

    No text matches in two ways, so that backtracking takes linear time. ``re`` keeps some hundred bytes for
    each item during the match, so their number is limited. It is fastest with items that start with a plain
    character.
    """
    plain += "*+"  # possessive, which makes failures cheaper
    return rf"{plain}(?:(?:{'|'.join(items)}){plain}){{0,1000}}"


def _plain_string(quote: str) -> str:
    """Return the pattern of a string without replacement fields, without its prefix."""
    guard = f"(?<![fFtT]{quote})(?<![fFtT][rR]{quote})" if _LOOKS_INTO_STRINGS else ""
    text, long_text = rf"[^{quote}\\\n]*", rf"[^{quote}\\]*"
    return (
        rf"{quote}{guard}(?:{text}{quote}(?!{quote})|{text}(?:\\.{text})+{quote}"
        rf"|{quote * 2}{long_text}(?:(?:\\.|{quote}{{1,2}}(?!{quote})){long_text})*{quote * 3})"
    )


def _format_string(quote: str) -> str:
    """Return the pattern of an f-string with only simple code; others are tokenized."""
    other = "'" if quote == '"' else '"'
    code = r"[^{}:'\"#\\\n]*"
    text, layout = rf"[^{quote}{{}}\\\n]*", r"[^{}'\"\\\n]*"
    field = (
        rf"\{{{code}(?:{other}[^{other}{{}}\\\n]*{other}{code})*"
        rf"(?::(?!=)(){layout}(?:\{{{code}\}}{layout})*)?\}}"
    )
    return (
        rf"{quote}(?<=\b[fFtT]{quote}){text}"
        rf"(?:(?:{field}|\{{\{{|\}}\}}|\\[^{{}}N]){text})*{quote}(?!{quote})"
    )
