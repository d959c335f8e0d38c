"""Ask extensions to explain their values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from functools import cache
from itertools import islice

from pytest_antipasta.extension.containment import contained
from pytest_antipasta.extension.contract import Metric, ParsedSource
from pytest_antipasta.extension.installed import load_extensions
from pytest_antipasta.extension.loaded import Loaded, Owner
from pytest_antipasta.extension.loading import describe
from pytest_antipasta.model.measured import Block

# Maximum number of lines for one metric.
_MOST = 100


def explain_metrics(
    text: str, blocks: Sequence[Block], names: Iterable[str | None]
) -> dict[str | None, Mapping[str, Sequence[str]]]:
    """Return explanations by qualified name (``None`` for the file) and metric."""

    @cache
    def parse(_: Owner) -> ParsedSource:
        """Parse the source for each distribution, as code of another one may have modified the tree."""
        return ParsedSource(text, blocks)

    found: dict[str | None, Mapping[str, Sequence[str]]] = {}
    for name in names:
        scope = "file" if name is None else "block"
        metrics = (item for item in load_extensions().metrics if item.given.scope == scope)
        lines = {item.name: _explain(item, parse, name) for item in metrics}
        found[name] = {metric: of_metric for metric, of_metric in lines.items() if of_metric}
    return found


def _explain(metric: Loaded[Metric], parse: Callable[[Owner], ParsedSource], name: str | None) -> list[str]:
    explain = metric.given.explain
    if explain is None:
        return []
    try:
        with contained(), redirect_stdout(sys.stderr):
            lines = explain(parse(metric.owner), name)
            # A string would be a line for each character.
            lines = lines.splitlines() if isinstance(lines, str) else lines
            return [str(line) for line in islice(lines, _MOST)]
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return [f"{metric.owner} can't explain this value: {describe(error)}"]
