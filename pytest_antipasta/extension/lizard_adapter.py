"""The languages that lizard measures, as a built-in extension.

All values are those of lizard's command line for a file, without options.
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
from pytest_antipasta.runtime.imports import trusted_first

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
"""File suffixes of each language, and the marker of its line comments."""
_LONGEST_NAME = 1000
# Git's first conflict marker. The others of a conflict are as long.
_FIRST_MARK = re.compile(rb"^<{7,}(?= )", re.MULTILINE)

# Comments that may be meant for us, even with a misspelled name.
_ABOUT_US = re.compile("ant.{0,4}past", re.IGNORECASE)


@hookimpl
def antipasta_metrics() -> list[Metric]:
    """Return lizard's metrics of functions besides complexity; Python has none of them."""
    units = {"parameters": "", "length": "lines", "nloc": "lines", "tokens": ""}
    return [Metric(name=name, scope="block", version="1", unit=unit) for name, unit in units.items()]


@hookimpl
def antipasta_languages() -> list[Language]:
    """Return all languages that lizard reads, except Python."""
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
    with redirect_stderr(said):  # lizard prints here that it stopped reading a file
        found = lizard.analyze_file.analyze_source_code(f"source{ending}", text)
    if why := said.getvalue().strip():
        # lizard prints the file's name, which it does not know.
        raise ParseError(f"lizard stopped before the end of the file: {why.partition(' with ')[2] or why}")
    lines = data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
    blocks = [_make_block(function, lines) for function in found.function_list]
    return ParsedFile(
        blocks=blocks,
        numbers={"lines_of_code": lines, "source_lines_of_code": found.nloc},
        comments=_find_comments(lizard.get_reader_for(ending), text, comment),
    )


def _require_text(data: bytes) -> None:
    """Reject content in which lizard would find hardly anything without an error."""
    if (place := data.find(b"\0")) >= 0:
        raise ParseError("the file has a null byte and is not UTF-8 text", data.count(b"\n", 0, place) + 1)
    if (first := _FIRST_MARK.search(data)) is None:
        return
    others = rb"^={%d}\r?$.*^>{%d} " % (len(first[0]), len(first[0]))
    if re.compile(others, re.MULTILINE | re.DOTALL).search(data, first.end()):
        line = data.count(b"\n", 0, first.start()) + 1
        raise ParseError("the file has merge conflict markers; resolve the conflict", line)


def _find_comments(reader: Any, text: str, start: str) -> dict[int, str]:
    """Return the comments up to the end of the line, if one may be meant for us."""
    found: dict[int, str] = {}
    if not _ABOUT_US.search(text):
        return found
    end = 0
    for token in reader.generate_tokens(text):
        if (begin := text.find(token, end)) < 0:
            continue  # some languages have tokens that are not in the text, or skip lines
        end = begin + len(token)
        if token.startswith(start) and _ABOUT_US.search(token):
            found[text.count("\n", 0, begin) + 1] = token.rstrip()
    return found


def _decode(data: bytes) -> str:
    """Return the text that lizard reads from a file in a UTF-8 locale."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("utf-8", "ignore")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _make_block(function: Any, lines: int) -> ParsedBlock:
    # A carriage return alone does not end a line here.
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
    """Return lizard's name with dots between its parts, without characters with a special meaning."""
    shown = "".join(item if item.isprintable() else " " for item in name)
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
    """Hide the running program: lizard imports files next to it, which may be the checked ones."""
    program, sys.argv = sys.argv, []
    try:
        yield
    finally:
        sys.argv = program
