"""Ask extensions for values of Python files and of files in other languages, in a separate process.

Code of an extension may hang, exit or use all memory. Built-in metrics are measured before, so their values
remain.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.extension.installed import LIZARD, load_extensions
from pytest_antipasta.extension.loaded import Loaded, Owner
from pytest_antipasta.model.measured import Block, FileError, LanguageSource, Measurement, Number
from pytest_antipasta.processes.limits import Excess, ResourceLimits

if TYPE_CHECKING:
    from pytest_antipasta.extension.contract import Language
    from pytest_antipasta.processes.child import LoneChild

SERVER = "pytest_antipasta.engine.executor.extension_worker"
"""The module that runs in the process of extensions."""
# Seconds that an extension may wait for something else, such as a network.
_WAITS = 10.0


class Request(Struct, frozen=True, array_like=True):
    """What to measure.

    Attributes:
        data: content of the file.
        owner: name of the distribution to ask.
        blocks: blocks of the content, with the built-in values.
        language: name of the language; empty for Python.
    """

    data: bytes
    owner: str
    blocks: tuple[Block, ...] = ()
    language: str = ""


class Answer(Struct, frozen=True, array_like=True):
    """The answer of one distribution about a content.

    Attributes:
        of_file: values of the file by metric.
        of_blocks: values by qualified name, then by metric.
        faults: one line for each metric that failed.
    """

    of_file: dict[str, Number]
    of_blocks: dict[str, dict[str, Number]]
    faults: tuple[str, ...]


_decode = msgspec.msgpack.Decoder(Answer).decode
_decode_measurement = msgspec.msgpack.Decoder(Measurement).decode


class Extender:
    """Asks the installed extensions for values."""

    def __init__(self, limits: ResourceLimits, diagnostics: Diagnostics) -> None:
        """Ask all installed extensions; there may be none with metrics.

        Args:
            limits: limits of each distribution, for each content.
            diagnostics: receives a warning when an extension is disabled, and the process when it ends.
        """
        loaded = (each for each in load_extensions().metrics if each.given.measure is not None)
        self._owners = tuple(dict.fromkeys(each.owner for each in loaded))
        self._off: set[Owner] = set()
        self._limits = limits
        self._diagnostics = diagnostics
        self._child: LoneChild | None = None

    @property
    def is_complete(self) -> bool:
        """Return whether no extension was disabled."""
        return not self._off

    def extend(self, data: bytes, measurement: Measurement, deadline: float = float("inf")) -> Measurement:
        """Return a measurement with the values of extensions, or with errors for missing ones.

        If the time budget runs out, it has only that error, as for a file that is not measured in time.

        Args:
            data: content of the file.
            measurement: the built-in values; it has no error.
            deadline: end of the time budget, on the clock of ``time.monotonic``.
        """
        answers, missing = list[Answer](), list[FileError]()
        # A notebook in another language than Python has nothing to measure.
        for owner in self._owners if measurement.foreign is None else ():
            try:
                answer = self._ask(owner, Request(data, owner.name, measurement.blocks), deadline)
            except TimeoutError:
                return Measurement.of(_describe_no_time(owner))
            if isinstance(answer, bytes):
                answers.append(_decode(answer))
                missing += (FileError("extension", f"{owner}: {fault}") for fault in answers[-1].faults)
            else:
                missing.append(answer)
        return replace(_merge(measurement, answers), missing=tuple(missing))

    def measure(self, language: Loaded[Language], data: bytes, deadline: float = float("inf")) -> Measurement:
        """Return the measurement of a content by a language of an extension, or an error.

        ``deadline`` is the end of the time budget, on the clock of ``time.monotonic``.
        """
        owner, name = language.owner, language.name
        try:
            answer = self._ask(owner, Request(data, owner.name, language=name), deadline)
        except TimeoutError:
            answer = _describe_no_time(owner)
        if isinstance(answer, bytes):
            return _decode_measurement(answer)
        return Measurement.of(answer, LanguageSource(name))

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            self._diagnostics.end(child, "extension")

    def _ask(self, owner: Owner, request: Request, deadline: float) -> bytes | FileError:
        """Return the answer of a distribution, or the error of the file; a fault ends the process.

        The extension is disabled after it.

        Raises:
            TimeoutError: there was no answer by the deadline, which ends the process, too.
        """
        if owner in self._off:
            return FileError("extension", f"{owner}: disabled for the rest of the run")
        if sys.argv[1:2] == [SERVER]:  # an extension calls the Python API: each process would start another
            return FileError("extension", f"{owner}: extensions can't ask extensions")
        answer: bytes | Excess | str = ""
        try:
            answer = self._exchange(request, deadline)
        finally:
            if not isinstance(answer, bytes):  # an answer still to come would be taken for the next one
                self.close()
        if isinstance(answer, bytes):
            return answer
        if isinstance(answer, Excess) and request.language and owner.name == LIZARD:
            return answer.error  # it is slow for some files, and hangs for none
        reason = answer if isinstance(answer, str) else _describe_excess(answer, self._limits)
        self._off.add(owner)
        self._diagnostics.warn(f"extension {owner} is disabled for the rest of the run: {reason}")
        return FileError("extension", f"{owner}: {reason}")

    def _exchange(self, request: Request, deadline: float) -> bytes | Excess | str:
        from pytest_antipasta.processes.child import LoneChild  # imports threading

        try:
            child = self._child = self._child or LoneChild(SERVER, self._limits.seconds, deadline=deadline)
            child.ask(msgspec.msgpack.encode(request), 1)
        except TimeoutError:
            raise
        except OSError as error:
            return f"can't start a process for it ({error})"
        answer = child.wait(self._limits, min(deadline, time.monotonic() + self._limits.seconds + _WAITS))
        if answer is None:
            child.end()
            return f"it terminated its process ({child.describe_end()})"
        if isinstance(answer, Excess) and time.monotonic() > deadline:
            raise TimeoutError
        return answer


def _describe_no_time(owner: Owner) -> FileError:
    return FileError("timeout", f"the time budget ran out while it waited for {owner}; raise time_budget")


def _describe_excess(excess: Excess, limits: ResourceLimits) -> str:
    if excess.kind == "deadline":  # its own
        return f"it did not respond within {limits.seconds + _WAITS:g} s"
    return f"it {excess.phrase}"


def _merge(measurement: Measurement, answers: Sequence[Answer]) -> Measurement:
    of_file: dict[str, Number] = {}
    of_blocks: dict[str, dict[str, Number]] = {}
    for answer in answers:
        of_file |= answer.of_file
        for name, numbers in answer.of_blocks.items():
            of_blocks[name] = of_blocks.get(name, {}) | numbers
    metrics = replace(measurement.metrics, extra=of_file) if of_file else measurement.metrics
    blocks = tuple(_add(block, of_blocks) for block in measurement.blocks)
    return replace(measurement, metrics=metrics, blocks=blocks)


def _add(block: Block, of_blocks: Mapping[str, dict[str, Number]]) -> Block:
    numbers = of_blocks.get(block.qualified_name)
    return replace(block, extra=numbers) if numbers else block
