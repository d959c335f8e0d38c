"""Measure a content in another language through an extension, and check the result."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import dedent
from typing import Any, get_args

import msgspec
from msgspec.structs import fields

from pytest_antipasta.extension.checks import require_number
from pytest_antipasta.extension.contract import Language, ParsedBlock, ParsedFile, ParseError
from pytest_antipasta.extension.installed import load_extensions
from pytest_antipasta.extension.loaded import Loaded
from pytest_antipasta.extension.loading import describe, describe_message
from pytest_antipasta.metrics.source import split_lines
from pytest_antipasta.model.measured import (
    BLOCK_METRICS,
    FILE_METRICS,
    Block,
    BlockKind,
    FileError,
    FileMetrics,
    LanguageSource,
    Measurement,
    Number,
)
from pytest_antipasta.policy.suppressions.other_languages import find_line_comments

# Longer names are rejected.
_LONGEST_NAME = 1000
# Names of built-in metrics, parts of block paths, and names with control characters are rejected.
_NO_NAME = re.compile(r"#\d|::|^\.|\.$")
_DIGEST_LENGTH = 32
# Only notebooks have cells.
_KINDS = tuple(kind for kind in get_args(BlockKind) if kind != "cell")
_OF_BLOCKS = {field.name: field.type for field in fields(Block) if field.name in BLOCK_METRICS}
_OF_FILES = {field.name: field.type for field in fields(FileMetrics) if field.name in FILE_METRICS}


def measure_language(data: bytes, language: Loaded[Language]) -> Measurement:
    """Return the measurement of a content by a language of an extension, or its error."""
    lines = split_lines(data, is_python=False)
    try:
        return _measure(language, data, lines)
    except ParseError as error:
        line = error.line if _is_line(error.line, lines) else None
        failure = FileError("syntax", describe_message(error) or "the file can't be read", line)
    except BaseException as error:
        failure = FileError(
            "extension", f"{language.owner}: {language.given.name} failed with {describe(error)}"
        )
    return Measurement.of(failure, LanguageSource(language.name))


def _measure(language: Loaded[Language], data: bytes, lines: Sequence[str]) -> Measurement:
    given: object = language.given.measure(data)
    if not isinstance(given, ParsedFile):
        raise TypeError(f"expected ParsedFile, got {type(given).__name__}")
    if not isinstance(given.comments, Mapping | None):
        raise TypeError(f"expected a dict of comments by line, got {type(given.comments).__name__}")
    parsed = [_require_block(block, lines) for block in given.blocks]
    parsed.sort(key=lambda block: (block.line, -block.end_line))
    names = list(_number_names(block.name for block in parsed))
    blocks = tuple(_make_block(language, block, name) for block, name in zip(parsed, names, strict=True))
    bodies = {"": _digest(language, _normalise(lines))}
    for block, name in zip(parsed, names, strict=True):
        bodies[name] = _digest(language, _normalise_block(block, lines) if block.body is None else block.body)
    numbers, extra = _sort_numbers(language, given.numbers, "file", "")
    comment = language.given.comment
    return Measurement(
        FileMetrics(**numbers, extra=extra),
        blocks,
        comments=tuple(find_line_comments(lines, comment, blocks, given.comments)) if comment else (),
        foreign=LanguageSource(language.name, bodies, comment),
    )


def _require_block(block: object, lines: Sequence[str]) -> ParsedBlock:
    if not isinstance(block, ParsedBlock):
        raise TypeError(f"expected ParsedBlock, got {type(block).__name__}")
    name = _require_name(block.name)
    if block.kind not in _KINDS:
        raise ValueError(f"{name} has unknown kind {block.kind!r}; expected one of {', '.join(_KINDS)}")
    if not (_is_line(block.line, lines) and _is_line(block.end_line, lines) and block.line <= block.end_line):
        place = f"{block.line!r} to {block.end_line!r}"
        raise ValueError(f"{name} is on lines {place}, but the file has {len(lines)}")
    if not isinstance(block.body, str | None):
        raise TypeError(f"expected the body of {name} as a string, got {type(block.body).__name__}")
    return block


def _require_name(name: object) -> str:
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise ValueError(f"{name!r} is not a valid block name")
    if _NO_NAME.search(name):
        raise ValueError(f"{name!r} is not a valid block name: '::', '#1' and a trailing dot are reserved")
    return name


def _is_line(line: object, lines: Sequence[str]) -> bool:
    return type(line) is int and 1 <= line <= len(lines)


def _number_names(names: Iterable[str]) -> Iterator[str]:
    """Yield distinct names: repeated ones get a number."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}#{seen[name]}"


def _make_block(language: Loaded[Language], block: ParsedBlock, name: str) -> Block:
    numbers, extra = _sort_numbers(language, block.numbers, "block", f" of {name}")
    return Block(
        name=block.name.rpartition(".")[2],
        qualified_name=name,
        kind=block.kind,
        line=block.line,
        end_line=block.end_line,
        extra=extra,
        **numbers,
    )


def _sort_numbers(
    language: Loaded[Language], given: object, scope: str, where: str
) -> tuple[dict[str, Any], dict[str, Number] | None]:
    """Split values into those of built-in metrics and those of the extension's metrics, by whole names."""
    if not isinstance(given, Mapping):
        raise TypeError(f"expected a dict of values by metric{where}, got {type(given).__name__}")
    types = _OF_BLOCKS if scope == "block" else _OF_FILES
    own = _find_own_metrics(language, scope)
    ours: dict[str, Any] = {}
    extra: dict[str, Number] = {}
    for name, value in given.items():
        if name in own:  # even if there is a built-in metric of this name
            extra[own[name]] = require_number(value, f": {name}{where}")
        elif name in types:
            ours[name] = _convert(require_number(value, f": {name}{where}"), types[name], f"{name}{where}")
        else:
            usable = " or ".join(["built-in metrics", *own])
            raise ValueError(f"{name!r}{where} is not a {scope} metric; use {usable}")
    return ours, extra or None


def _find_own_metrics(language: Loaded[Language], scope: str) -> dict[str, str]:
    """Return the whole names of the metrics of a language's extension, by bare names."""
    loaded = (each for each in load_extensions().metrics if each.owner == language.owner)
    return {each.given.name: each.name for each in loaded if each.given.scope == scope}


def _convert(value: Number, kind: Any, what: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{what}: {error}") from error


def _normalise_block(block: ParsedBlock, lines: Sequence[str]) -> str:
    """Return the text of a block with its name removed."""
    text = dedent(_normalise(lines[block.line - 1 : block.end_line]))
    return re.sub(rf"\b{re.escape(block.name.rpartition('.')[2])}\b", "", text)


def _normalise(lines: Iterable[str]) -> str:
    """Return the lines that are not blank, without trailing whitespace."""
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _digest(language: Loaded[Language], text: str) -> str:
    """Return the digest of a body, different for each language."""
    data = f"{language.name}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:_DIGEST_LENGTH]
