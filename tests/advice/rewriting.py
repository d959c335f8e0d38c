"""Rewrite sources in tests: by one rule, by one run of statements, or by a whole plan."""

from __future__ import annotations

from textwrap import dedent

from pytest_antipasta.advice.aims import Aims
from pytest_antipasta.advice.edits import apply_edits
from pytest_antipasta.advice.extraction import Extraction, Extractor, Run
from pytest_antipasta.advice.layout import UnwritableError
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.moving import move_run
from pytest_antipasta.advice.plan import Plan
from pytest_antipasta.advice.proof.proof import Proof, prove
from pytest_antipasta.advice.rewrites import iter_rewrites
from pytest_antipasta.advice.search import find_plan
from pytest_antipasta.advice.snippet import Snippet
from pytest_antipasta.engine.measuring.measurement import measure


def clean(source: str) -> str:
    """Return a source of a table without the indentation of the table and the first line feed."""
    return dedent(source).removeprefix("\n")


def cut(source: str, name: str = "f") -> Snippet:
    """Return a function of a source."""
    return Module.parse(clean(source)).cut(name)


def rewrite_all(source: str, kind: str, name: str = "f") -> list[str]:
    """Return what each rewrite of a kind makes of a function, whether it saves points or not."""
    snippet = cut(source, name)
    rewrites = iter_rewrites(snippet.layout, snippet.function)
    return [snippet.with_changes(each.change).text for each in rewrites if each.kind == kind]


def find_run(snippet: Snippet, first: str, last: str) -> Run:
    """Return the run between the lines that have two texts."""
    lines = [line.text for line in snippet.lines]
    begin = next(number for number, line in enumerate(lines, 1) if first in line)
    end = next(number for number, line in enumerate(lines, 1) if number >= begin and last in line)
    runs = Extractor(snippet).iter_runs()
    return next(run for run in runs if (run.first, run.last) == (begin, end))


def describe(source: str, first: str, last: str, name: str = "f") -> Extraction | str:
    """Return how the lines between two texts can become a function, or why they can't."""
    snippet = cut(source, name)
    try:
        return Extractor(snippet).describe(find_run(snippet, first, last))
    except UnwritableError as error:
        return str(error)


def extract(source: str, first: str, last: str, name: str = "f") -> str:
    """Return a source in which the lines between two texts are a function of their own, which is proven."""
    snippet = cut(source, name)
    moved = move_run(snippet, Extractor(snippet).describe(find_run(snippet, first, last)), "_part")
    helper = moved.snippet.helpers[-1]
    assert prove(snippet.text, moved.snippet.text, snippet.qualified_name, helper) is Proof.PROVEN
    return moved.snippet.text


def apply_plan(text: str, found: Plan, steps: int | None = None) -> str:
    """Return a source after the steps of a plan."""
    return apply_edits(text, (edit for step in found.steps[:steps] for edit in step.edits))


def plan(source: str, cognitive: float, cyclomatic: float = float("inf"), name: str = "f") -> Plan:
    """Return the plan for a function, after checking that it holds what it says."""
    text = clean(source)
    found = find_plan(Module.parse(text), name, Aims(cognitive, cyclomatic))
    assert found is not None
    check_plan(text, name, found)
    return found


def check_plan(text: str, name: str, found: Plan) -> None:
    """Check that the whole file measures as a plan says after each step, and that nothing else changes."""
    before = measure_all(text)
    for number, step in enumerate(found.steps, 1):
        after = measure_all(apply_plan(text, found, steps=number))
        assert (after[name], before[name]) == (tuple(step.after), tuple(step.before))
        added = {key: value for key, value in after.items() if key not in before}
        assert list(added.values()) == ([tuple(step.helper.numbers)] if step.helper else [])
        assert {key: after[key] for key in before if key != name} == {
            key: value for key, value in before.items() if key != name
        }
        before = after
    assert before[name] == tuple(found.after)


def measure_all(text: str) -> dict[str, tuple[int | None, int | None]]:
    """Return the cognitive and cyclomatic complexity of all functions, as in every report."""
    blocks = measure(text.encode()).blocks
    return {
        block.qualified_name: (block.cognitive_complexity, block.cyclomatic_complexity)
        for block in blocks
        if block.kind != "class"
    }
