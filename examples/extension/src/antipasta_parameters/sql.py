"""A language: procedures in SQL, from ``CREATE PROCEDURE name (…)`` to a line that begins with ``END;``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_antipasta.extension import ParsedBlock, ParsedFile, ParseError

COMMENT = "--"
_START = re.compile(r"CREATE (?:OR REPLACE )?PROCEDURE ([\w.]+) *\((.*)\)", re.IGNORECASE)
_END = re.compile(r"END *;", re.IGNORECASE)
_BRANCH = re.compile(r"(?<!END )\b(?:IF|ELSIF|WHEN|WHILE|FOR)\b", re.IGNORECASE)


def measure_sql(data: bytes) -> ParsedFile:
    """Return the procedures of a file, and how many lines it has.

    Raises:
        ParseError: a procedure has no end.
    """
    text = data.decode("utf-8", "replace")
    lines = [line.partition(COMMENT)[0] for line in text.split("\n")]
    blocks = [
        _measure(lines, first, found) for first, line in enumerate(lines) if (found := _START.match(line))
    ]
    return ParsedFile(blocks=blocks, numbers={"lines_of_code": len(text.splitlines())})


def _measure(lines: Sequence[str], first: int, found: re.Match[str]) -> ParsedBlock:
    last = next((number for number in range(first, len(lines)) if _END.match(lines[number])), None)
    if last is None:
        raise ParseError(f"procedure {found[1]} has no END;", first + 1)
    body = " ".join(lines[first + 1 : last])
    return ParsedBlock(
        name=found[1],
        line=first + 1,
        end_line=last + 1,
        numbers={
            "cyclomatic_complexity": 1 + len(_BRANCH.findall(body)),
            "all_parameters": len([name for name in found[2].split(",") if name.strip()]),
        },
        # Neither its name nor comments and layout make it another one.
        body=" ".join(f"({found[2]}) {body}".split()),
    )
