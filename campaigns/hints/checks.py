"""What must hold of a plan: measured and proven on the whole file, and not worse than complexipy's fixes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from campaigns.hints.fixes import apply_fixes
from pytest_antipasta.advice.aims import Aims, Scores, Taste
from pytest_antipasta.advice.layout import BOUND_COMMENT
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.plan import Plan, Step
from pytest_antipasta.advice.proof.proof import Proof, prove
from pytest_antipasta.advice.search import find_plan
from pytest_antipasta.engine.measuring.measurement import measure
from tests.advice.rewriting import apply_plan
from tests.advice.tokens import has_kept

# All small steps, as far as they save anything.
_ALL = Taste(few=60, most=60, worth=1, copied=60, parameters=())


class Figures(dict[str, Scores]):
    """The values of the functions of a file that have both, by their names."""

    @classmethod
    def read(cls, path: Path) -> Figures:
        """Return the values of a file; none if it can't be measured."""
        return cls.measure(path.read_bytes())

    @classmethod
    def measure(cls, data: bytes) -> Figures:
        """Return the values of a content."""
        return cls(
            {
                block.qualified_name: Scores(block.cognitive_complexity, block.cyclomatic_complexity)
                for block in measure(data).blocks
                if block.cognitive_complexity is not None and block.cyclomatic_complexity is not None
            }
        )


def check_plan(text: str, name: str, plan: Plan, limits: Aims) -> Iterator[str]:
    """Yield what does not hold of a plan."""
    versions = [apply_plan(text, plan, steps=number) for number in range(len(plan.steps) + 1)]
    for number, (step, before, after) in enumerate(zip(plan.steps, versions, versions[1:], strict=False), 1):
        yield from (f"step {number}: {wrong}" for wrong in _check_step(name, step, before, after))
    if len({step.line for step in plan.steps if step.helper}) < len(plan.helpers):
        yield "two new functions are named by one line"
    numbers = (plan.after, *(helper.numbers for helper in plan.helpers))
    if plan.within != all(map(limits.allow, numbers)):
        yield "the limits are not reached"


def _check_step(name: str, step: Step, before: str, after: str) -> Iterator[str]:
    """Yield what does not hold of a step, given the file before and after it."""
    known, figures = Figures.measure(before.encode()), Figures.measure(after.encode())
    new = {key: value for key, value in figures.items() if key not in known}
    if figures != {**known, name: step.after, **new} or known[name] != step.before:
        yield f"the file measures {figures.get(name)}, not {step.after}"
    if list(new.values()) != ([step.helper.numbers] if step.helper else []):
        yield f"the new function measures {new}"
    if not has_kept(before, after):
        yield "comments or strings have changed"
    proof = prove(before, after, name, next(iter(new), None))
    if proof is not Proof(step.proven):
        yield f"for the whole file, the proof says {proof}"


def check_fixes(text: str, name: str, plan: Plan | None, limits: Aims) -> Iterator[str]:
    """Yield where ``complexipy --fix`` reaches a limit that the plan does not, or saves more points."""
    module = Module.parse(text)
    node = module.functions[name]
    fixed, rules = apply_fixes(module.text, node.lineno, node.end_lineno or node.lineno)
    kept = set(fixed.split("\n"))
    # Comments that belong to their line keep it, as `# type: ignore` does; complexipy moves on.
    if not rules or any(BOUND_COMMENT.search(line) for line in module.text.split("\n") if line not in kept):
        return
    figures = Figures.measure(fixed.encode())
    if name not in figures:
        return
    if limits.allow(figures[name]) and not (plan and plan.within):
        yield f"complexipy reaches {figures[name]} by {', '.join(rules)}"
    best = find_plan(module, name, Aims(0), _ALL)
    reached = best.after if best else Figures.measure(text.encode())[name]
    if figures[name].cognitive < reached.cognitive:
        yield f"complexipy reaches {figures[name].cognitive}, all small steps {reached.cognitive}"
