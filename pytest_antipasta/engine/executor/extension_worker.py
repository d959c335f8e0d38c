"""Worker process that calls metrics and languages of extensions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping

import msgspec

from pytest_antipasta.engine.measuring.extender import Answer, Request
from pytest_antipasta.engine.measuring.language_source import measure_language
from pytest_antipasta.extension.checks import require_number
from pytest_antipasta.extension.contract import Metric, ParsedSource
from pytest_antipasta.extension.installed import load_extensions
from pytest_antipasta.extension.loaded import Loaded
from pytest_antipasta.extension.loading import describe
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.model.measured import Number
from pytest_antipasta.processes.serving import Answering, answer_requests

_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Request).decode


def serve() -> None:
    """Answer requests until the pipe is closed."""
    warnings.simplefilter("ignore")  # PYTHONWARNINGS may make errors of them
    answer_requests(_prepare, is_noisy=True)


def _prepare(_: bytes) -> Answering:
    by_owner: dict[str, list[Loaded[Metric]]] = {}
    for loaded in load_extensions().metrics:
        by_owner.setdefault(loaded.owner.name, []).append(loaded)
    languages = {language.name: language for language in load_extensions().languages}

    def answer(request: bytes) -> Iterator[bytes]:
        wanted = _decode(request)
        if wanted.language:
            yield _encode(measure_language(wanted.data, languages[wanted.language]))
        else:
            source = ParsedSource(decode_source(wanted.data), wanted.blocks)
            yield _encode(measure(source, by_owner[wanted.owner]))

    return answer


def measure(source: ParsedSource, metrics: list[Loaded[Metric]]) -> Answer:
    """Return the values of a distribution's metrics, and the faults of metrics without values."""
    of_file: dict[str, Number] = {}
    of_blocks: dict[str, dict[str, Number]] = {}
    faults: list[str] = []
    for loaded in metrics:
        metric = loaded.given
        if metric.measure is None:
            continue
        try:
            given = metric.measure(source)
            if metric.scope == "file":
                if given is not None:
                    of_file[loaded.name] = require_number(given)
                continue
            for name, number in _require_names(given, source).items():
                of_blocks.setdefault(name, {})[loaded.name] = require_number(number, f" for {name}")
        except BaseException as error:
            faults.append(f"{metric.name} failed with {describe(error)}")
    return Answer(of_file, of_blocks, tuple(faults))


def _require_names(given: object, source: ParsedSource) -> Mapping[str, object]:
    if not isinstance(given, Mapping):
        raise TypeError(f"expected a dict of values by qualified name, got {type(given).__name__}")
    known = {block.qualified_name for block in source.blocks}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"got a value for {unknown[0]!r}, which is not a qualified name in the source")
    return given
