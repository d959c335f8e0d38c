"""The oracle of small steps: what ``complexipy --fix`` makes of a function."""

from __future__ import annotations

from complexipy import RefactorPlan, code_complexity

_SAFE = "MachineApplicable"
_MOST_ROUNDS = 50


def apply_fixes(text: str, first_line: int, last_line: int) -> tuple[str, tuple[str, ...]]:
    """Return a source with the fixes of ``complexipy --fix`` applied in some lines, and their rules.

    complexipy replaces the lines of each safe plan, and repeats until none is left. Lines must end in line
    feeds.

    Args:
        text: the source.
        first_line: first line where plans are applied.
        last_line: last line where plans are applied.
    """
    rules: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        fixes = _find_fixes(text, first_line, last_line)
        if not fixes:
            break
        lines = text.split("\n")
        for start, end, replacement, rule in fixes:  # from the end, so that line numbers above stay valid
            lines[start - 1 : end] = replacement
            last_line += len(replacement) - (end - start + 1)
            rules.add(rule)
        text = "\n".join(lines)
    return text, tuple(sorted(rules))


def _find_fixes(text: str, first_line: int, last_line: int) -> list[tuple[int, int, list[str], str]]:
    """Return the plans in some lines that complexipy can apply, last first; none within another."""
    try:
        functions = code_complexity(text, no_ignore=True, with_plans=True).functions
    except ValueError:
        return []
    plans = [plan for function in functions for plan in function.refactor_plans if _is_written(plan)]
    found: list[tuple[int, int, list[str], str]] = []
    for plan in sorted(plans, key=lambda plan: (plan.line_start, -plan.line_end)):
        reach = found[-1][1] if found else first_line - 1
        if plan.suggestion is not None and reach < plan.line_start and plan.line_end <= last_line:
            lines = plan.suggestion.replacement.split("\n")
            found.append((plan.line_start, plan.line_end, lines, plan.rule_id))
    return found[::-1]


def _is_written(plan: RefactorPlan) -> bool:
    """Return whether ``complexipy --fix`` applies a plan."""
    suggestion = plan.suggestion
    return suggestion is not None and suggestion.spliceable and plan.applicability.value == _SAFE
