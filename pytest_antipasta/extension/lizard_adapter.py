"""The languages that lizard measures, as an extension: lizard knows nothing of us.

All numbers are those that its command line gives for a file, without options.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from functools import cache, partial
from typing import Any

from pytest_antipasta.extension.contract import Language, Metric, ParsedBlock, ParsedFile, ParseError
from pytest_antipasta.extension.hooks import hookimpl
from pytest_antipasta.extension.installed import LIZARD_WANTED, site_folders
from pytest_antipasta.runtime import trusted_first

_TABLE = {
    "c": (".c .h", "//"),
    "cpp": (".cpp .cc .cxx .hh .hpp", "//"),
    "csharp": (".cs", "//"),
    "erlang": (".erl .hrl .es .escript", "%"),
    "fortran": (".f70 .f90 .f95 .f03 .f08 .f .for .ftn .fpp", "!"),
    "gdscript": (".gd", "#"),
    "go": (".go", "//"),
    "java": (".java", "//"),
    "javascript": (".js .cjs .mjs", "//"),
    "kotlin": (".kt .kts", "//"),
    "lua": (".lua", "--"),
    "objective_c": (".m .mm", "//"),
    "perl": (".pl .pm", "#"),
    "php": (".php", "//"),
    "plsql": (".sql .pks .pkb .pls .plb .pck", "--"),
    "r": (".r .R", "#"),
    "ruby": (".rb", "#"),
    "rust": (".rs", "//"),
    "scala": (".scala", "//"),
    "solidity": (".sol", "//"),
    "structured_text": (".st", "//"),
    "swift": (".swift", "//"),
    "tsx": (".tsx .jsx", "//"),
    "ttcn": (".ttcn .ttcnpp", "//"),
    "typescript": (".ts", "//"),
    "vue": (".vue", "//"),
    "zig": (".zig", "//"),
}
LIZARD_LANGUAGES = {name: (tuple(endings.split()), comment) for name, (endings, comment) in _TABLE.items()}
"""For each the endings for which lizard has one reader, and what begins a comment that ends with its line."""
_LONGEST_NAME = 1000
# Of a conflict, in their order.
_MARKS = [re.compile(mark, re.MULTILINE) for mark in (rb"^<{7} ", rb"^={7}\r?$", rb"^>{7} ")]

# What may be about us, with a slip in the name or without.
_ABOUT_US = re.compile("ant.{0,4}past", re.IGNORECASE)


@hookimpl
def antipasta_metrics() -> list[Metric]:
    """Give what lizard counts in a function besides its complexity; Python has none of it."""
    units = {"parameters": "", "length": "lines", "nloc": "lines", "tokens": ""}
    return [Metric(name=name, scope="block", version="1", unit=unit) for name, unit in units.items()]


@hookimpl
def antipasta_languages() -> list[Language]:
    """Give all that lizard reads, but Python."""
    return [
        Language(
            name=name,
            endings=endings,
            version="1",
            measure=partial(_measure, endings[0], comment),
            comment=comment,
        )
        for name, (endings, comment) in LIZARD_LANGUAGES.items()
    ]


def _measure(ending: str, comment: str, data: bytes) -> ParsedFile:
    _require_text(data)
    text, lizard = _decode(data), _load()
    if lizard.get_reader_for(ending) is None:  # which it would read as C
        raise ImportError(
            f'the installed lizard does not support this language; run `pip install "{LIZARD_WANTED}"`'
        )
    said = io.StringIO()
    with redirect_stderr(said):  # where it says that it has given up a file half-way
        found = lizard.analyze_file.analyze_source_code(f"source{ending}", text)
    if why := said.getvalue().strip():
        # It names the file, of which it knows no name.
        raise ParseError(f"lizard stopped before the end of the file: {why.partition(' with ')[2] or why}")
    lines = data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
    blocks = [_make_block(function, lines) for function in found.function_list]
    return ParsedFile(
        blocks=blocks,
        numbers={"lines_of_code": lines, "source_lines_of_code": found.nloc},
        comments=_find_comments(lizard.get_reader_for(ending), text, comment),
    )


def _require_text(data: bytes) -> None:
    """Refuse what lizard would find hardly anything in, and say nothing of."""
    if (place := data.find(b"\0")) >= 0:
        raise ParseError("the file has a null byte and is not UTF-8 text", data.count(b"\n", 0, place) + 1)
    place, begin = 0, -1
    for mark in _MARKS:
        if (found := mark.search(data, place)) is None:
            return
        begin, place = found.start() if begin < 0 else begin, found.end()
    line = data.count(b"\n", 0, begin) + 1
    raise ParseError("the file has merge conflict markers; resolve the conflict", line)


def _find_comments(reader: Any, text: str, start: str) -> dict[int, str]:
    """Return the comments that go to the end of their lines, where one may be about us."""
    found: dict[int, str] = {}
    if not _ABOUT_US.search(text):
        return found
    end = 0
    for token in reader.generate_tokens(text):
        if (begin := text.find(token, end)) < 0:
            continue  # some languages have tokens that are not in the text, or pass over its lines
        end = begin + len(token)
        if token.startswith(start) and _ABOUT_US.search(token):
            found[text.count("\n", 0, begin) + 1] = token.rstrip()
    return found


def _decode(data: bytes) -> str:
    """Return the text that lizard makes of a file in the locale of UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("utf-8", "ignore")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _make_block(function: Any, lines: int) -> ParsedBlock:
    # A carriage return alone ends no line of ours.
    line = min(max(1, function.start_line), lines)
    return ParsedBlock(
        name=_make_name(function.name),
        line=line,
        end_line=min(max(line, function.end_line), lines),
        numbers={
            "cyclomatic_complexity": function.cyclomatic_complexity,
            "parameters": function.parameter_count,
            "length": function.length,
            "nloc": function.nloc,
            "tokens": function.token_count,
        },
    )


def _make_name(name: str) -> str:
    """Return a name of lizard's with dots between its parts, and without what means something else to us."""
    shown = "".join(one if one.isprintable() else " " for one in name)
    parts = re.split(r"::|\.", re.sub(r"#+(?=\d)", "", shown)[:_LONGEST_NAME])
    return ".".join(filter(None, map(str.strip, parts))) or "(anonymous)"


@cache
def _load() -> Any:
    """Return lizard's module."""
    with trusted_first(site_folders(), is_alone=True), _without_program():
        import lizard

    return lizard


@contextmanager
def _without_program() -> Iterator[None]:
    """Hide what program runs: lizard imports what lies beside it, which may be what is to be checked."""
    program, sys.argv = sys.argv, []
    try:
        yield
    finally:
        sys.argv = program
