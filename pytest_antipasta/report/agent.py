"""The report for coding agents: worst violations first, with the lines to look at, limited in size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.model.finding import Row
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.report.failure import iter_unmeasured, iter_wrong_comments
from pytest_antipasta.report.rows import Look, sort_numbers
from pytest_antipasta.report.wording import (
    format_beside_limit,
    format_exceeded,
    format_number,
    format_origin,
    format_place,
    iter_tolerance,
)

# All sizes are bytes of UTF-8; a kilobyte is 1000 bytes.
_MOST, _MOST_OF_CLEAN = 3900, 950
_HEADLINE, _LINE, _PATH, _NAME, _STEP, _ADVICE = 300, 240, 400, 120, 700, 700
# For the lines below the list: waivers, effects of the change, warnings.
_END = 900
# For the line that says how many entries were omitted.
_RESERVE = 100
_ELLIPSIS = "…"

_Entry = Sequence[str]


def format_agent(
    rows: Sequence[Row],
    verdicts: Sequence[Verdict],
    summary: Sequence[str],
    step: str | None,
    look: Look,
) -> Iterator[str]:
    """Yield the verdict, violations with the worst first, notes and warnings, and the next step.

    The output is less than 1 kB if nothing fails, and always less than 4 kB. It has the rows in their order.
    The first line of the summary has the totals. Only the first functions have the steps of their plans.
    """
    failed = [verdict for verdict in verdicts if verdict.failed]
    headline, *others = summary
    first = _clip(headline, _HEADLINE)
    # Lines that make a run fail or its result uncertain are never omitted.
    loud = sorted(_group(others), key=lambda entry: not entry[0].startswith(("error: ", "warning: ")))
    lines = [[line] for entry in loud for line in entry]
    is_failing = bool(failed) or any(line.startswith("error: ") for line in others)  # such as failing waivers
    room = (_MOST if is_failing else _MOST_OF_CLEAN) - _measure([first])
    end = [*_fit(lines, min(_END, room), "more line")]
    last = [_format_step(step)] if step else []
    room -= _measure(end) + _measure(last)
    errors = [*_fit(_group(iter_unmeasured(failed, look.show_path)), room // 3, "more file")]
    room -= _measure(errors)
    entries = _advise(rows, room // 2, look)
    listed = [*_fit(entries, room, "more function or file", "more functions or files")]
    room -= _measure(listed)
    comments = [*_fit(_group(iter_wrong_comments(failed, look.show_path)), room, "more comment")]
    end = [*_fit(lines, room - _measure(comments) + _measure(end), "more line")]
    yield from (first, *errors, *listed, *comments, *end, *last)


def _advise(rows: Iterable[Row], room: int, look: Look) -> Iterator[_Entry]:
    """Yield rows with what makes their functions simpler: plans while there is room, then commands."""
    for row in rows:
        entry = _format_row(row, look)
        advice = [f"  {_clip(line, _ADVICE)}" for line in look.advise(row)]
        room -= _measure([*entry, *advice])
        yield [*entry, *(advice if room >= 0 else advice[:1])]


def _format_row(row: Row, look: Look) -> _Entry:
    """Return the place of a row, its values, and which of its lines to look at."""
    path = _clip(look.show_path(row.verdict.path), _PATH, is_name=True)
    where = format_place(path, *row.locate())
    name = f" {_clip(make_printable(row.name), _NAME, is_name=True)}" if row.name else ""
    numbers = [
        " ".join((item.metric, format_beside_limit(item, format_number), *iter_tolerance(item)))
        for item in sort_numbers(row)
    ]
    notes = [text for number in row.numbers for text in format_exceeded(row.verdict, number)]
    remarks = format_origin(row.numbers[0], look.show_path), look.remark(row)
    lines = [f"{where}{name}: {', '.join(numbers)}", *filter(None, remarks)]
    block = row.verdict.by_name.get(row.name)
    if block is not None and block.line != block.end_line:
        _, start = row.verdict.measurement.locate(block.line)
        lines.append(f"look at lines {start}-{start + block.end_line - block.line}")
    lines += notes[:1]
    return [lines[0], *(f"  {_clip(make_printable(line), _LINE)}" for line in lines[1:])]


def _format_step(step: str) -> str:
    line = f"next: {make_printable(step)}"
    if len(line.encode()) <= _STEP:
        return line
    return "next: `pytest-antipasta explain FILE::NAME` shows the points of the first function"


def _group(lines: Iterable[str]) -> list[_Entry]:
    """Return lines, each grouped with the indented lines below it."""
    groups: list[list[str]] = []
    for line in lines:
        if groups and line.startswith(" "):
            groups[-1].append(_clip(line, _LINE))
        else:
            groups.append([_clip(line, _LINE)])
    return [*groups]


def _fit(entries: Iterable[_Entry], room: int, *noun: str) -> Iterator[str]:
    """Yield the lines of as many entries as fit, and the number of omitted ones."""
    waiting = [*entries]
    while waiting:
        entry = waiting[0]
        size = _measure(entry)
        if size > room - (_RESERVE if len(waiting) > 1 else 0):
            break
        room -= size
        yield from entry
        del waiting[0]
    if waiting and room >= _RESERVE:
        yield f"and {count(len(waiting), *noun)}"


def _measure(lines: Iterable[str]) -> int:
    """Return the size of lines in bytes, including line ends."""
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def _clip(text: str, most: int, *, is_name: bool = False) -> str:
    """Return a text cut to a number of bytes; a name in its middle, as both ends identify it."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return text
    room = most - len(_ELLIPSIS.encode())
    begin, end = (data[: room // 2], data[-(room // 2) :]) if is_name else (data[:room], b"")
    return f"{begin.decode(errors='ignore')}{_ELLIPSIS}{end.decode(errors='ignore')}"
