"""A buffer of an editor: judged like any content, saved or not."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from pytest_antipasta.engine.measuring.measurer import measure_once
from pytest_antipasta.engine.opening import open_content_run
from pytest_antipasta.engine.rules import Rules, read_rules
from pytest_antipasta.engine.storage.storage import find_store
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.program import is_in_repository
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.metrics.explanation import Explanation, explain
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import Block
from pytest_antipasta.policy.headroom import compute_standing
from pytest_antipasta.report.explain.limits import Limit, find_limits
from pytest_antipasta.settings.origins import Traced, trace_places

if TYPE_CHECKING:
    from pytest_antipasta.advice.plan import Plan

# Line ends of the protocol. `str.splitlines` would also split at a form feed.
_LINE_END = re.compile(r"\r\n|\n|\r")


class Committed(Struct, frozen=True):
    """A file in HEAD.

    Attributes:
        data: its content; ``None`` if HEAD does not have it.
        blocks: its blocks, by qualified name.
        trouble: why git can't read its repository; empty if it can, or if there is none.
    """

    data: bytes | None = None
    blocks: Mapping[str, Block] = {}
    trouble: str = ""


class JudgedBuffer(Struct, frozen=True, dict=True):
    """A buffer with its verdict.

    Attributes:
        data: the content, as it would be saved.
        text: the text.
        rules: rules to judge by.
        verdict: the verdict.
        trace: returns the limits of a function, as its settings were when it was judged.
        committed: its file in HEAD.
    """

    data: bytes
    text: str
    rules: Rules
    verdict: Verdict
    trace: Callable[[Block | None], Traced]
    committed: Committed = Committed()

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines of the text, without line ends."""
        return _LINE_END.split(self.text)

    @cached_property
    def plans(self) -> dict[str, Plan | None]:
        """The plans that were searched, by qualified name; ``None`` for a function without one."""
        return {}

    @cached_property
    def parts(self) -> Explanation:
        """The parts that its values are computed from."""
        return explain(self.data, self.verdict.measurement)

    def find_block(self, line: int) -> Block | None:
        """Return the innermost function that contains a line."""
        blocks = self.verdict.measurement.blocks
        around = [block for block in blocks if block.kind != "class" and block.line <= line <= block.end_line]
        return max(around, key=lambda item: item.line, default=None)

    def find_limits(self, block: Block) -> list[Limit]:
        """Return the limits of a function with its values, those that it is near or over first."""
        limits = find_limits(self.verdict, self.trace, [block])[block.qualified_name]
        known = [limit for limit in limits if limit.threshold is not None and limit.value is not None]
        return sorted(known, key=lambda item: not is_near(item))


def is_near(limit: Limit) -> bool:
    """Return whether a value is over its limit, or near it."""
    if limit.threshold is None or limit.value is None:
        return False
    return compute_standing(limit.value, limit.threshold).state != "within"


def judge_buffer(
    folder: Path, location: str | None, text: str, committed: Committed, last: JudgedBuffer | None = None
) -> JudgedBuffer | None:
    """Judge a text like the content of a file; return ``None`` if the settings exclude such a file.

    Settings and baseline are read each time, so that their changes apply at once.

    complexipy 8.3 leaks 64 bytes for each function that it returns, so an unchanged text is not measured
    again.

    Args:
        folder: folder to search for settings; parent folders follow.
        location: absolute path of the file; ``None`` if it was never saved.
        text: text of the buffer.
        committed: the file in HEAD.
        last: the buffer as last judged.

    Raises:
        UsageError: the settings or the baseline are invalid.
    """
    rules, data = read_rules(folder), _encode(text)
    cache_dir = find_store(rules.settings)
    earlier = last.verdict if last is not None and last.data == data else None
    run = open_content_run(rules, data, location, cache_dir, is_forced=True, earlier=earlier).judge_all(0)
    verdict = next(iter(run.sorted_verdicts()), None)
    if verdict is None:
        return None
    is_generated = verdict.measurement.generated
    trace = trace_places(run.rules.settings, verdict.path, is_generated=is_generated)
    return JudgedBuffer(data, text, run.rules, verdict, trace, committed)


def read_committed(location: str, last: Committed) -> Committed:
    """Return a file in HEAD; empty if git does not know the file.

    Args:
        location: absolute path of the file.
        last: the file as last read, which is not measured again if it is unchanged.
    """
    path = Path(location)
    try:
        repository = Repository(path.parent)
    except GitError as error:
        return Committed(trouble=_find_trouble(error, path.parent))
    try:
        name, objects = repository.name(path), repository.objects
        entry = objects.list_committed("HEAD", [name]).get(name)
        data = objects.read_blobs([entry.blob]).get(entry.blob) if entry and entry.is_file else None
    except (GitError, OSError):  # there are no commits yet
        return Committed()
    if data == last.data:
        return last
    if data is None:
        return Committed()
    measured = measure_once(data, location)
    if measured.error is not None:
        return Committed()  # so that the next save tries again
    return Committed(data, {block.qualified_name: block for block in measured.blocks})


def _find_trouble(error: GitError, folder: Path) -> str:
    """Return why git failed; empty without a repository, or for a folder that a save will make."""
    return str(error) if folder.is_dir() and is_in_repository(folder) else ""


def _encode(text: str) -> bytes:
    """Return a text in the encoding that it declares, as an editor would save it."""
    data = text.encode("utf-8", "replace")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data if encoding == "utf-8-sig" else text.encode(encoding)  # the text has its byte order mark
    except (SyntaxError, LookupError, UnicodeError):
        return data
