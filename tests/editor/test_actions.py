"""The comment offered for a function: valid code, the same tree, and its values are allowed."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_antipasta.editor.actions import Action, find_actions
from pytest_antipasta.editor.buffers import Committed, JudgedBuffer, judge_buffer
from pytest_antipasta.report.next_step import Invocation, iter_ways_out
from pytest_antipasta.report.rows import find_rows
from tests.editor.samples import apply, judge

SETTINGS = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\ncognitive_complexity = false\n"
BODY = "    if a:\n        return 1\n"
_ALLOW = re.compile(
    r"allow     (add to|on its own line before|replace the comment in) shop.py:(\d+)(?: with)?  (#.*)"
)

# Signatures after which BODY follows, and whole functions.
SIGNATURES = [
    pytest.param("def f(a):\n", 1, id="on one line"),
    pytest.param('def f(a, b="""x\ny"""):\n', 2, id="with a string of two lines"),
    pytest.param("def f(a, \\\n        b=1):\n", 2, id="with a backslash"),
    pytest.param("def f(a, \\\n        b='''\n\\\n''', \\\n        c=1):\n", 5, id="with both"),
    pytest.param("def f(\n    a,\n    b=1,\n):\n", 1, id="in brackets"),
    pytest.param("def f(a):  # noqa\n", 1, id="with a comment"),
    pytest.param("async def f(a):   \n", 1, id="with blanks at its end"),
    pytest.param("@print\n@print  # why\ndef f(a):\n", 3, id="with decorators"),
    pytest.param(
        "def f(a, b='# antipasta: ignore[cyclomatic_complexity<=1]'):\n", 1, id="with a string like a comment"
    ),
    pytest.param("x = '''\n'''\ndef f(a) -> '''\n''':\n", 4, id="with an annotation of two lines"),
]
ONE_LINERS = [
    pytest.param("def f(a): return 1 if a else 2\n", 1, id="a body on the line"),
    pytest.param("def f(a): return 1 if a else '''\n'''\n", 2, id="a body with a string of two lines"),
    pytest.param(
        "def f(a): return 1 if a else \\\n  2", 2, id="a body with a backslash, at the end of the file"
    ),
]


def find_ignoring(judged: JudgedBuffer) -> Iterator[Action]:
    return (action for action in find_actions(judged, 1, len(judged.lines)) if action.edit is not None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "line"),
    [*(pytest.param(case.values[0] + BODY, case.values[1], id=case.id) for case in SIGNATURES), *ONE_LINERS],  # type: ignore[operator]
)
def test_the_comment_goes_to_the_end_of_a_line_of_the_signature(folder: Path, text: str, line: int) -> None:
    (action,) = find_ignoring(judge(folder, text))
    assert action.edit is not None
    assert action.edit.line == line - 1
    check_allowed(folder, text, apply(text, action.edit), action.block)


def test_an_existing_comment_is_changed_and_not_a_string_like_it(folder: Path) -> None:
    like = "'# antipasta: ignore[cyclomatic_complexity<=7]'"
    text = f"def f(a, b={like}):  # antipasta: ignore[cyclomatic_complexity<=1] why\n{BODY}"
    (action,) = find_ignoring(judge(folder, text))
    assert apply(text, action.edit) == text.replace("cyclomatic_complexity<=1]", "cyclomatic<=2]")


@pytest.mark.parametrize("tail", ["", " REASON", "  # noqa"])
def test_an_existing_comment_without_a_reason_gets_the_place_of_one(folder: Path, tail: str) -> None:
    text = f"def f(a):  # antipasta: ignore[cyclomatic<=1]{tail}\n{BODY}"
    (action,) = find_ignoring(judge(folder, text))
    assert action.title.endswith("ignore[cyclomatic<=2] REASON")
    changed = f"[cyclomatic<=2] REASON{tail.removeprefix(' REASON')}"
    assert apply(text, action.edit) == text.replace(f"[cyclomatic<=1]{tail}", changed)


def check_allowed(folder: Path, before: str, after: str, name: str) -> None:
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(before))
    over = {violation.qualified_name for violation in judge(folder, after).verdict.violations}
    assert name not in over


def test_a_policy_that_allows_no_waiver_has_none_offered(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\nnew_waivers = 'fail'\n{SETTINGS}")
    judged = judge(folder, f"def f(a):\n{BODY}")
    assert [action.title for action in find_actions(judged, 1, 3)] == ["Explain f"]


def test_what_is_at_its_limit_is_explained_and_what_is_far_from_it_is_not(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(SETTINGS.replace("= 1", "= 3"))
    titles = [
        [action.title for action in find_actions(judge(folder, f"def f(a):\n{body}"), 1, 9)]
        for body in (2 * BODY, "    return a\n")
    ]
    assert titles == [["Explain f"], []]


def test_a_text_is_judged_in_the_encoding_that_it_names(folder: Path) -> None:
    kinds = []
    for encoding in ("latin-1", "ascii"):
        text = f"# coding: {encoding}\ndef \xe9():\n    pass\n"
        judged = judge_buffer(folder, str(folder / "shop.py"), text, Committed())
        assert judged is not None
        kinds.append(judged.verdict.error and judged.verdict.error.kind)
    assert kinds == [None, "encoding"]


def test_a_text_may_begin_with_its_byte_order_mark(folder: Path) -> None:
    (violation,) = judge(folder, f"\ufeffdef f(a):\n{BODY}").verdict.violations
    assert violation.qualified_name == "f"


# Buffers at random.


def make_buffer(chance: random.Random) -> str:
    """Return some functions whose signatures are written in all the ways that Python has."""
    return "".join(_make_function(chance, f"f{number}", "") for number in range(chance.randint(1, 3)))


def _make_function(chance: random.Random, name: str, indent: str) -> str:
    gap = chance.choice(["", " ", " \\\n   ", "\n  "])
    strings = ["'# a'", '"""\n# antipasta: ignore\n"""', "'''x\\\ny'''", "f'''{\n1}'''", "'\\\n'"]
    values = [*strings, "(\n1\n)", "[1,\n 2]", "lambda: 0", "{'a': 1}", "1"]
    parameters = [
        f"p{number}{chance.choice(['', ': ' + chance.choice(values)])}={chance.choice(values)}"
        for number in range(chance.randint(0, 3))
    ]
    comma = f",{gap}"
    returns = chance.choice(["", f" -> {chance.choice(values)}", " -> None"])
    decorators = "".join(
        f"{indent}@print{chance.choice(['', '  # why', f'({chance.choice(strings)})'])}\n"
        for _ in range(chance.randint(0, 2))
    )
    above = chance.choice(["", f"{indent}# above\n", "\n", "\f\n"])
    comment = chance.choice(
        ["", "", "  # noqa: C901", "  # antipasta: ignore[cyclomatic_complexity<=1] known", "\t", "   "]
    )
    head = (
        f"{indent}{chance.choice(['def', 'async  def'])} {name}({comma.join(['a', *parameters])}){returns}:"
    )
    if chance.random() < 0.3:
        value = chance.choice([item for item in values if "\n" not in item or item[0] not in "#"])
        return f"{above}{decorators}{head} return {value} if a else {chance.choice(values)}{comment}\n"
    inner = indent + chance.choice(["  ", "    ", "\t"])
    nested = _make_function(chance, "g", inner) if chance.random() < 0.2 else ""
    text = chance.choice(["", f'{inner}"""Text.\n\n{inner}# antipasta: ignore\n{inner}"""\n'])
    return f"{above}{decorators}{head}{comment}\n{text}{nested}{inner}if a: return 1\n"


def find_allowed(folder: Path, judged: JudgedBuffer) -> Iterator[tuple[str, int, str]]:
    """Yield what a git hook says about comments, if not many: how to write one, its line, and the comment."""
    stand = Invocation(folder, folder, None)
    lines = [*iter_ways_out(find_rows([judged.verdict]), judged.rules.settings, stand)]
    is_of_all = not any(line.startswith("          and ") for line in lines)
    for line in lines:
        if is_of_all and (match := _ALLOW.fullmatch(line)):
            yield match[1], int(match[2]) - 1, match[3]


@pytest.mark.slow
def test_the_comments_of_random_buffers_change_nothing_but_what_is_allowed(folder: Path) -> None:
    chance = random.Random(40)
    for _ in range(40):
        text = make_buffer(chance)
        (folder / "shop.py").write_bytes(text.encode())
        judged = judge(folder, text)
        for action in find_ignoring(judged):
            check_allowed(folder, text, apply(text, action.edit), action.block)
        lines, allowed = text.split("\n"), [*find_allowed(folder, judged)]
        for how, line, comment in allowed:
            kept = lines[line].rpartition("# antipasta")[0] if how.startswith("replace") else lines[line]
            lines[line] = f"{kept}  {comment}"
            assert not how.startswith("on its own line")
        for violation in judged.verdict.violations if allowed else ():
            check_allowed(folder, text, "\n".join(lines), str(violation.qualified_name))
