"""Raw line counts: the numbers of ``radon.raw.analyze``, from one scan over the text."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from tokenize import ERRORTOKEN, NEWLINE, NL, OP, STRING, TokenInfo, generate_tokens
from typing import NamedTuple


class RawCounts(NamedTuple):
    """The line counts of one source, under radon's names.

    Attributes:
        loc: all lines; ``sloc``, ``multi``, ``blank`` and ``single_comments`` add up to it.
        lloc: logical lines: one for each piece that newlines and semicolons separate, and one more
            where it has a colon with code behind it.
        sloc: lines that hold code.
        comments: ``#`` comments, those behind code included.
        multi: lines of strings that stand alone and span lines, without their blank lines.
        blank: empty lines, wherever they are.
        single_comments: lines with nothing but a comment or a string.
    """

    loc: int
    lloc: int
    sloc: int
    comments: int
    multi: int
    blank: int
    single_comments: int


class RawCountError(ValueError):
    """radon's tokenizer gives up on this source, even if Python accepts it."""


def count_lines(text: str) -> RawCounts:
    r"""Return what ``radon.raw.analyze`` returns for a source that Python can parse.

    radon strips all lines and splits them into chunks: the shortest runs of whole lines that can be
    tokenized. The scan sees the same stripped lines, and a regular expression finds where chunks
    end. A chunk that it does not understand, such as one with a semicolon, is tokenized.

    Args:
        text: decoded source with ``\n`` at the end of its lines, without a byte order mark.

    Raises:
        RawCountError: where radon raises anything.
    """
    lines = list(map(str.strip, text.splitlines()))
    view = "\n".join([*lines, ""]).lstrip("\n")
    tally = _Tally()
    if len(lines) != text.count("\n") + (text[-1:] != "\n") and _has_broken_comment(text):
        _count_tokens(view, tally)
    else:
        _count_matches(view, tally)
    loc = len(lines) - tally.lost
    blank = lines.count("") - tally.lost_blank
    sloc = loc - blank - tally.multi - tally.single_comments
    return RawCounts(loc, tally.lloc, sloc, tally.comments, tally.multi, blank, tally.single_comments)


@dataclass(slots=True)
class _Tally:
    """What the scan has counted; ``lost`` lines are in none of radon's counts."""

    lloc: int = 0
    comments: int = 0
    multi: int = 0
    single_comments: int = 0
    lost: int = 0
    lost_blank: int = 0


# The last group of a match, an empty one, tells what was matched; none is code without a colon.
_LONE_COMMENT = 1
_COMMENT = 2
_LONE_STRING = 5  # 3 to 5: either quote without a prefix, any quote with one
_COLON = 6  # outside of brackets; the groups up to _BLOCK are colons inside of them
_BRACKET_LEVELS = 4
_BLOCK = _COLON + _BRACKET_LEVELS + 1  # code that ends in a colon
_OPEN = _BLOCK + 1
_CLOSE = _BLOCK + 2
_STUCK = _BLOCK + 3

_LOOKS_INTO_STRINGS = sys.version_info >= (3, 12)  # PEP 701: the tokenizer takes f-strings apart


@cache
def _fragments(is_ascii: bool) -> re.Pattern[str]:
    """Compile what matches a line of code, with all lines that its brackets and strings reach over.

    Where it can't reach the end of a line, it stops behind or before the character in the way.
    Alternatives start with a literal character where possible, which is where ``re`` is fastest.
    No two of them match the same text, so that going back from a failure takes linear time.
    """
    plain = r"^'\"#()\[\]{}:;\\"
    if not is_ascii and not _LOOKS_INTO_STRINGS:
        # Up to CPython 3.11 an identifier is `\w+` to the tokenizer, which is less than Python takes.
        plain = r"\w \t!%&*+,\-./<=>@^|~"
    # Nothing is ever given back; to say so saves time after a failure (from CPython 3.11 on).
    repeat = "*+" if sys.version_info >= (3, 11) else "*"
    code = rf"[{plain}]{repeat}" if plain[0] != "^" else rf"[{plain}\n]{repeat}"
    inside = rf"[{plain}]{repeat}" if plain[0] == "^" else rf"[{plain}\n]{repeat}"
    strings = [_plain_string('"'), _plain_string("'")]
    any_string = "|".join(strings)
    prefixed = rf"[rRbBuU{'' if _LOOKS_INTO_STRINGS else 'fF'}]{{1,2}}(?:{any_string})"
    lone = "|".join(rf"{string}\n+()" for string in [*strings, prefixed])
    if _LOOKS_INTO_STRINGS:
        any_string += "|" + _format_string('"') + "|" + _format_string("'")
    # A backslash before an empty line, a comment or nothing, or alone on a line, is an oddity.
    rest = rf"{any_string}|:=|\\(?<=[^\n]\\)\n(?![\n\\#])"
    bracketed = ""
    for _ in range(_BRACKET_LEVELS):
        bracketed = rf"[(\[{{]{inside}(?:(?:{bracketed}:(?!=)()|{rest}){inside})*[)\]}}]|"
    return re.compile(
        rf"\#(?:(?<=^\#)()|())[^\n]*\n+|{lone}"
        rf"|{code}(?:(?:{bracketed}:(?![=\n]|[ \t]*\#)()|{rest}){code})*"
        r"(?:\n+|(?=\#)|:()[ \t]*(?:\n+|(?=\#))|[(\[{]()|[)\]}]()|())",
        re.DOTALL | re.MULTILINE,
    )


def _plain_string(quote: str) -> str:
    """Give the pattern of a string that the tokenizer does not look into, without its prefix."""
    guard = f"(?<![fFtT]{quote})(?<![fFtT][rR]{quote})" if _LOOKS_INTO_STRINGS else ""
    text, long_text = rf"[^{quote}\\\n]*", rf"[^{quote}\\]*"
    end = rf"{quote}(?!{quote})"
    return (
        rf"{quote}{guard}(?:{text}{end}|{text}(?:\\.{text})+{quote}"
        rf"|{quote * 2}{long_text}(?:(?:\\.|{quote}{{1,2}}(?!{quote})){long_text})*{quote * 3})"
    )


def _format_string(quote: str) -> str:
    """Give the pattern of an f-string with simple code in it: no colons, no strings in strings."""
    other = "'" if quote == '"' else '"'
    code = r"[^{}:'\"#\\\n]*"
    field = rf"\{{{code}(?:{other}[^{other}{{}}\\\n]*{other}{code})*\}}"
    text = rf"[^{quote}{{}}\\\n]*"
    escape = r"\\[^{}N]"
    return (
        rf"{quote}(?<=\b[fFtT]{quote}){text}"
        rf"(?:(?:{field}|\{{\{{|\}}\}}|{escape}){text})*{quote}(?!{quote})"
    )


def _count_matches(view: str, tally: _Tally) -> None:
    position = 0
    while True:
        match = _count_lines_of_code(view, position, tally)
        position = match.start()
        if position == len(view):
            return
        position = _count_brackets(view, match, tally) or _count_chunk(view, position, tally)


def _count_lines_of_code(view: str, position: int, tally: _Tally) -> re.Match[str]:
    """Count up to the first chunk that is not matched as a whole, which is returned."""
    lloc = comments = 0
    for match in _fragments(view.isascii()).finditer(view, position):
        kind = match.lastindex
        if kind is None or kind == _BLOCK:
            lloc += 1
        elif kind > _BLOCK:
            break
        elif kind >= _COLON:
            lloc += 2
        elif kind <= _COMMENT:
            comments += 1
            tally.single_comments += kind == _LONE_COMMENT
        else:
            lloc += 1
            _count_string(match[0].split("\n"), tally)
    tally.lloc += lloc
    tally.comments += comments
    return match


def _count_string(lines: list[str], tally: _Tally) -> None:
    """Count a string that stands alone; its first and its last line are never blank."""
    filled = len(lines) - lines.count("")
    if filled == 1:
        tally.single_comments += 1
    else:
        tally.multi += filled


def _count_brackets(view: str, match: re.Match[str], tally: _Tally) -> int | None:
    """Count a chunk whose brackets hold comments or are nested deeply; return its end.

    Returns:
        ``None`` for a chunk that is to be tokenized; then nothing is counted.
    """
    depth = comments = 0
    has_colon = False
    while True:
        kind = match.lastindex or 0
        has_colon = has_colon or "" in match.groups()[_COLON - 1 : _BLOCK]
        depth += (kind == _OPEN) - (kind == _CLOSE)
        comments += kind in (_LONE_COMMENT, _COMMENT)
        if kind == _STUCK or depth < 0:
            return None
        if kind < _OPEN and not depth:
            break
        match = _fragments(view.isascii()).match(view, match.end())  # type: ignore[assignment]
    tally.comments += comments
    tally.lloc += 2 if has_colon and kind != _BLOCK else 1
    return match.end()


def _has_broken_comment(text: str) -> bool:
    """Whether a line with a ``#`` ends where only ``str.splitlines`` ends lines."""
    pieces = text.splitlines(keepends=True)
    return any("#" in piece and not piece.endswith("\n") for piece in pieces)


def _count_tokens(view: str, tally: _Tally) -> None:
    position = 0
    while position < len(view):
        position = _count_chunk(view, position, tally)


def _count_chunk(view: str, start: int, tally: _Tally) -> int:
    """Count the chunk at ``start`` as ``radon.raw.analyze`` does; return where the next one starts."""
    from radon.raw import COMMENT, EM, _logical, is_single_token

    tokens, lines = _tokenize_chunk(view, start)
    tally.lloc += _logical([*tokens, (EM, "")])
    tally.comments += sum(token.type == COMMENT for token in tokens)
    if is_single_token(COMMENT, tokens) or is_single_token(STRING, tokens):
        blank = lines.count("\n")
        if tokens[0].start[0] == tokens[0].end[0]:
            tally.single_comments += 1
            tally.lost += len(lines) - 1
            tally.lost_blank += blank
        else:
            tally.multi += len(lines) - blank
    end = start + sum(map(len, lines))
    while view.startswith("\n", end):
        end += 1
    return end


def _tokenize_chunk(view: str, start: int) -> tuple[list[TokenInfo], list[str]]:
    """Return the tokens and the lines up to the end of a chunk.

    radon tokenizes one line, then two lines, and so on until there is no error; here the tokenizer
    is fed line by line and stopped where it would first have found no error.
    """
    tokens: list[TokenInfo] = []
    lines: list[str] = []
    depth = 0
    try:
        for token in generate_tokens(_feed_lines(view, start, lines).__next__):
            tokens.append(token)
            if token.type == OP:
                depth += (token.string in "([{") - (token.string in ")]}")
                if _LOOKS_INTO_STRINGS and depth < 0:
                    depth = 0  # the tokenizer in C forgets a bracket that closes nothing
            elif token.type == ERRORTOKEN:
                break
            elif token.type in (NEWLINE, NL) and not depth and not _is_swallowed(lines, token.start[0]):
                return tokens, lines[: token.start[0]]
    except Exception as error:
        raise RawCountError(str(error)) from error
    raise RawCountError("tokens without an end")


def _feed_lines(view: str, start: int, lines: list[str]) -> Iterator[str]:
    while start < len(view):
        end = view.index("\n", start) + 1
        lines.append(view[start:end])
        yield lines[-1]
        start = end


def _is_swallowed(lines: list[str], row: int) -> bool:
    """Whether the row is a blank one that a backslash has joined to the row before.

    radon's text has no newline at its end, so there the tokenizer still waits for the joined line.
    """
    return row > 1 and lines[row - 1] == "\n" and lines[row - 2].endswith("\\\n")
