"""What the server keeps of an edit and of a save: no more than complexipy leaks.

complexipy 8.3 is built with PyO3 0.29.0, which leaks empty dictionaries of 64 bytes: one for each object
whose lists are read and, on Python 3.11 and 3.12, one for each object. PyO3 0.29.1 fixes both. The tests
count these leaks in complexipy itself, so that they also hold for a complexipy without them.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from itertools import count, pairwise
from pathlib import Path
from statistics import median

import pytest
from complexipy import code_complexity

from pytest_antipasta.editor.buffers import Committed, JudgedBuffer, judge_buffer, read_committed
from tests.conftest import Repository
from tests.editor.client import Editor, run
from tests.editor.conftest import FAILING

LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="what is measured is in /proc")
# complexipy has a proposal for each, which is a list to read.
FUNCTIONS = "".join(
    f"def price_{number}(order):\n"
    "    if order:\n"
    "        if order.price:\n"
    "            if order.count:\n"
    "                return 1\n"
    for number in range(40)
)
_SAVES = 60
# Bytes by which CPython's free lists and partly used pages grow meanwhile.
_NOISE = 250_000


def count_kept(step: Callable[[str], object], text: str, rounds: int = 12) -> float:
    """Return how many blocks of memory a step keeps for good, each time with another text.

    It is the median of some series: what earlier tests left in this process may be freed during one of them.
    """
    texts = (f"{text}a = {number}\n" for number in count())
    blocks: list[int] = []
    for _ in range(7):
        for _ in range(rounds):
            step(next(texts))
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    return median((later - sooner) / rounds for sooner, later in pairwise(blocks[1:]))


def read_functions(text: str) -> None:
    code_complexity(text, no_ignore=True).functions  # noqa: B018  # reading creates the objects


def read_plans(text: str) -> None:
    assert all(function.refactor_plans for function in code_complexity(text, no_ignore=True).functions)


def read_memory(editor: Editor) -> int:
    """Return the bytes that the server has in memory."""
    return int(Path(f"/proc/{editor.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_an_edit_keeps_what_complexipy_leaks_for_functions_and_nothing_for_plans(project: Repository) -> None:
    path = str(project.path / "shop.py")
    leaked = count_kept(read_functions, FUNCTIONS)
    kept = count_kept(lambda text: judge_buffer(project.path, path, text, Committed()), FUNCTIONS)
    assert kept < leaked + 10, "a proposal of each of the 40 functions would be 40 more"
    assert not leaked or count_kept(read_plans, FUNCTIONS) > leaked + 30, "as much again"


@pytest.mark.slow
def test_an_unchanged_buffer_keeps_nothing(project: Repository) -> None:
    path = str(project.path / "shop.py")
    last: list[JudgedBuffer | None] = [None]

    def judge(_: str) -> None:
        last[0] = judge_buffer(project.path, path, FUNCTIONS, Committed(), last[0])

    assert count_kept(judge, "") < 10, "to measure 40 functions anew would keep some of each"


def test_a_file_that_is_unchanged_in_head_is_not_measured_again(project: Repository) -> None:
    path = project.path / "shop.py"
    first = read_committed(str(path), Committed())
    assert first.blocks["price"].cyclomatic_complexity == 1
    assert read_committed(str(path), first) is first
    path.write_text(FAILING)
    project.git("commit", "--quiet", "--all", "--message", "more")
    second = read_committed(str(path), first)
    assert second.blocks["price"].cyclomatic_complexity == 4
    project.git("rm", "--quiet", "shop.py")
    project.git("commit", "--quiet", "--message", "less")
    assert read_committed(str(path), second) == Committed()
    assert (
        read_committed(str(path.parent / "new" / "shop.py"), Committed()) == Committed()
    )  # its folder is not made yet


@LINUX
@pytest.mark.slow
def test_memory_is_flat_after_saves(project: Repository) -> None:
    path = project.path / "shop.py"
    text = FAILING + "".join(f"def price_{number}(order):\n    return order\n" for number in range(100))
    path.write_text(text)
    project.git("commit", "--quiet", "--all", "--message", "more")

    async def session(editor: Editor) -> list[int]:
        await editor.open(path, text)
        memory: list[int] = []
        for _ in range(2 * _SAVES):
            editor.save(path, text)
            assert len(await editor.hear(path.as_uri())) == 2
            memory.append(read_memory(editor))
        return memory

    memory = run(session, project.path)
    assert memory[-1] - memory[_SAVES] < _NOISE, "half of what complexipy would leak for the buffer"
