"""Code that a formatter has laid out stays so after small rewrites."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_antipasta
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.rewrites import iter_rewrites
from pytest_antipasta.advice.snippet import Snippet
from tests import ruff

_ROOT = Path(pytest_antipasta.__file__).parent
# Where ruff weighs the operands of a condition in another way.
_MOST_BROKEN = 2
_FUTURE = re.compile(r"\Afrom __future__ .*\n")


def iter_snippets() -> Iterator[Snippet]:
    """Yield our own functions that have cognitive points."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(_ROOT.rglob("*.py"))[::2])
    for text in texts:
        module = Module.parse(text, 110)
        for name in module.functions if "fmt:" not in text else ():
            snippet = module.cut(name)
            if snippet.numbers.cognitive:
                yield snippet


def iter_rewritten() -> Iterator[tuple[str, str]]:
    """Yield our own functions before and after small rewrites that save points."""
    for snippet in iter_snippets():
        for rewrite in iter_rewrites(snippet.layout, snippet.function):
            after = snippet.with_changes(rewrite.change)
            if any(points < snippet.numbers.cognitive for points in after.find_cognitive(after.start)):
                yield _FUTURE.sub("", snippet.text), _FUTURE.sub("", after.text)


@pytest.mark.slow
@pytest.mark.skipif(not ruff.is_installed(), reason="needs ruff")
def test_what_ruff_has_formatted_stays_so(tmp_path: Path) -> None:
    pairs = [*iter_rewritten()]
    for number, (before, after) in enumerate(pairs):
        (tmp_path / f"{number}_before.py").write_text(before, encoding="utf-8")
        (tmp_path / f"{number}_after.py").write_text(after, encoding="utf-8")
    changed = find_changed(tmp_path)
    stable = {number for number in range(len(pairs)) if f"{number}_before" not in changed}
    broken = {number for number in stable if f"{number}_after" in changed}
    assert len(stable) > 25
    assert len(broken) <= _MOST_BROKEN, [pairs[number][1] for number in broken]


def find_changed(folder: Path) -> set[str]:
    """Return the names of files that ruff would format otherwise."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--no-cache",
        "--check",
        "--line-length=110",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {Path(found).stem for found in re.findall(r"(\S+\.py)", done.stdout + done.stderr)}
