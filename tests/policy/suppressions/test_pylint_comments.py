"""pylint's comments: what they suppress is what pylint says."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.policy.suppressions.apply import SuppressionRules, suppress
from tests.policy.judging import judge
from tests.policy.suppressions.over import find_over

METRICS = {
    "too-many-branches": "branches",
    "too-many-return-statements": "returns",
    "too-many-arguments": "parameters",
    "too-many-statements": "statements",
    "too-complex": "mccabe_complexity",
}
pylint_is_there = pytest.mark.skipif(
    importlib.util.find_spec("pylint") is None, reason="needs `pip install pylint==4.1.4`"
)
ANSWERS = Path(__file__).with_name("pylint_answers.json")
P = "# pylint: disable=too-many-branches"
BODY = "    if a:\n        return 1\n    return 2\n"
F = f"def f(a):\n{BODY}"
G = F.replace("def f", "def g")
INNER = "    def inner(b):\n        if b: return 1\n        return 2\n"
METHODS = "".join(f"    def {name}(self, a):\n        if a: return 1\n        return 2\n" for name in "mn")

CASES = {
    "at the end of the def": f"def f(a):  {P}\n{INNER}{BODY}",
    "at the end of a def without parameters": f"def f():  {P}\n{INNER}    if f: return 1\n",
    "in the first line of a signature": f"def f(  {P}\n    a,\n):\n{INNER}{BODY}",
    "at a parameter": f"def f(\n    a,  {P}\n):\n{INNER}{BODY}",
    "at the end of a long signature": f"def f(\n    a,\n):  {P}\n{INNER}{BODY}",
    "at an annotation of the result": f"def f(\n    a,\n) -> int:  {P}\n{INNER}{BODY}",
    "at packed parameters": f"def f(\n    *a: int, {P}\n    **b: int):\n{INNER}{BODY}",
    "at keywords": f"def f(*,\n    a=1, {P}\n    b=2):  # pylint: disable=R0915\n{INNER}{BODY}",
    "before the first statement": f"def f(a):\n    {P}\n{INNER}{BODY}",
    "behind a docstring": f'def f(a):\n    """x"""\n    {P}\n{INNER}{BODY}',
    "at the end of a docstring": f'def f(a):\n    """x"""  {P}\n{INNER}{BODY}',
    "before a docstring": f'def f(a):\n    {P}\n    """x"""\n{INNER}{BODY}',
    "indented otherwise": f"def f(a):\n{P}\n{INNER}{BODY}",
    "behind a statement": f"def f(a):\n    x = 1\n    {P}\n{INNER}{BODY}",
    "at the end of a statement": f"def f(a):\n    x = 1  {P}\n{INNER}{BODY}",
    "in a block of it": f"def f(a):\n    if a:\n        {P}\n        pass\n    return 1\n",
    "in a docstring alone": f'def f(a):\n    """x"""  {P}\n',
    "above the def": f"x = 1\n{P}\n{F}{G}",
    "at the top": f"{P}\n{F}{G}",
    "behind the docstring of the module": f'"""x"""\n{P}\n{F}{G}',
    "between functions": f"{F}{P}\n{G}",
    "at the end of the file": f"{F}{P}\n",
    "ended": f"{P}\n{F}# pylint: enable=too-many-branches\n{G}",
    "ended in part": f"# pylint: disable=R0912,R0911\n{F}# pylint: enable=R0911\n{G}",
    "a comment in a function ends one around": f"{P}\ndef f(a):\n    x = 1\n    {P}\n{BODY}{G}",
    "enabled in a function": f"{P}\ndef f(a):\n    # pylint: enable=R0912\n{BODY}{G}",
    "in a class": f"class C:\n    {P}\n{METHODS}{F}",
    "in a class, behind a method": f"class C:\n{METHODS}    {P}\n{METHODS}{F}",
    "at a class": f"class C:  {P}\n{METHODS}{F}",
    "at a class with bases": f"class C(A, B):  {P}\n{METHODS}{F}",
    "above a class": f"x = 1\n{P}\nclass C:\n{METHODS}{F}",
    "above a decorated class": f"@x\n{P}\nclass C:\n{METHODS}{F}",
    "at a decorator of a class": f"@x  {P}\nclass C:\n{METHODS}{F}",
    "at a decorator": f"@x  {P}\n{F}",
    "between decorators": f"@x\n{P}\n@y\n{F}",
    "between a decorator and the def": f"@x\n{P}\n{F}{G}",
    "at the def below a decorator": f"@x\ndef f(a):  {P}\n{BODY}",
    "at the def below a long decorator": f"@x(\n  1,\n)\n\n@y\ndef f(a):  {P}\n{INNER}{BODY}",
    "next": f"# pylint: disable-next=too-many-branches\n{F}{G}",
    "next, at a def": f"def f(a):  # pylint: disable-next=too-many-branches\n{BODY}{G}",
    "next, by category": f"# pylint: disable-next=R\n{F}{G}",
    "next, above a decorator": f"# pylint: disable-next=too-many-branches\n@x\n{F}",
    "next, below a decorator": f"@x\n# pylint: disable-next=too-many-branches\n{F}",
    "next, with a line between": f"# pylint: disable-next=too-many-branches\n\n{F}",
    "next, at the end of a line": f"x = 1  # pylint: disable-next=too-many-branches\n{F}",
    "skip-file": f"{F}# pylint: skip-file\n",
    "skip-file in a function": f"def f(a):  # pylint: skip-file\n{BODY}{G}",
    "disable-all": f"# pylint: disable-all\n{F}",
    "all": f"{F}# pylint: disable=all\n{G}",
    "all, behind others": f"# pylint: disable=R0912,all\n{F}",
    "enable all": f"# pylint: disable=R\n{F}# pylint: enable=all\n{G}",
    "a category": f"# pylint: disable=R\n{F}",
    "a small letter": f"# pylint: disable=r\n{F}",
    "another category": f"# pylint: disable=C,W\n{F}",
    "a category's name": f"# pylint: disable=refactor\n{F}",
    "a checker": f"# pylint: disable=design\n{F}",
    "another checker": f"# pylint: disable=refactoring\n{F}",
    "a checker, in capitals": f"# pylint: disable=Design\n{F}",
    "a number": f"# pylint: disable=R0912\n{F}",
    "a small number": f"# pylint: disable=r0912\n{F}",
    "a name in capitals": f"# pylint: disable=Too-Many-Branches\n{F}",
    "an unknown name": f"# pylint: disable=nope,too-many-branches\n{F}",
    "no comma": f"# pylint: disable=nope too-many-branches\n{F}",
    "a reason": f"# pylint: disable=too-many-branches  # as it is\n{F}",
    "a reason behind a semicolon": f"# pylint: disable=R0911; R0912\n{F}",
    "disable-msg": f"# pylint: disable-msg=too-many-branches\n{F}",
    "two in one": f"# pylint: disable=R0911 enable=R0911 disable=R0912\n{F}",
    "two, the second wrong": f"# pylint: disable=R0911 disable R0912\n{F}",
    "a name with all in it": f"# pylint: disable=undefined-all-variable\n{F}",
    "two, behind a semicolon": f"# pylint: disable=R0912; pylint: disable=R0911\n{F}",
    "two, the second without a name": f"# pylint: disable=R0912 # pylint: \n{F}",
    "two comments in a line": f"# pylint: disable=R0911 # pylint: disable=R0912\n{F}",
    "behind other words": f"# x pylint: disable=R0912\n{F}",
    "behind a noqa": f"def f(a):  # noqa # pylint: disable=R0912\n{BODY}",
    "a blank before the colon": f"# pylint : disable=R0912\n{F}",
    "no sign": f"# pylint: disable R0912\n{F}",
    "two signs": f"# pylint: disable==R0912\n{F}",
    "no name": f"# pylint: disable=\n{F}",
    "an unknown word": f"# pylint: disabled=R0912\n{F}",
    "in capitals": f"# PYLINT: disable=R0912\n{F}",
    "no blanks": f"#pylint:disable=R0912\n{F}",
    "in a string": f'x = """\n{P}\n"""\n{F}',
    "behind a string of several lines": f'x = """\n"""  {P}\n{F}',
    "behind a backslash": f"def f(a, \\\n    b):  {P}\n{BODY}",
    "in an if": f"if x:\n    {P}\n    y = 1\n    def f(a):\n        if a: pass\n{G}",
    "at an if": f"if x:  {P}\n    def f(a):\n        if a: pass\n{G}",
    "in an else": f"if x:\n    y = 1\nelse:\n    {P}\n    y = 2\n    def f(a):\n        if a: pass\n{G}",
    "at an else": f"if x:\n    y = 1\nelse:  {P}\n    def f(a):\n        if a: pass\n{G}",
    "at an else that begins with a loop": (
        f"if x:\n    y = 1\nelse:  {P}\n    for z in y:\n        x = 1\n    else:\n        x = 2\n"
        "    def f(a):\n        if a: pass\n"
    ),
    "at a with": f"with x as y:  {P}\n    def f(a):\n        if a: pass\n{G}",
    "behind several statements of a finally": (
        f"try:\n    x = 1\nfinally:\n    x = 1\n    {P}\n    x = 2\n    def f(a):\n        if a: pass\n{G}"
    ),
    "above several statements of a finally": (
        f"try:\n    x = 1\nfinally:\n    {P}\n    x = 1\n    def f(a):\n        if a: pass\n"
    ),
    "at an elif": f"if x:\n    y = 1\nelif y:  {P}\n    def f(a):\n        if a: pass\n{G}",
    "in a loop": f"for x in y:\n    {P}\n    def f(a):\n        if a: pass\nelse:\n    z = 1\n{G}",
    "in a while": f"while x:\n    y = 1\n    {P}\n    def f(a):\n        if a: pass\n{G}",
    "in a with": f"with x as y:\n    {P}\n    def f(a):\n        if a: pass\n{G}",
    "in a try": f"try:\n    {P}\n    def f(a):\n        if a: pass\nexcept E:\n    pass\n{G}",
    "at a try": f"try:  {P}\n    def f(a):\n        if a: pass\nexcept E:\n    pass\n{G}",
    "in a handler": f"try:\n    x = 1\nexcept E:\n    {P}\n    def f(a):\n        if a: pass\n{G}",
    "in a handler with a name": (
        f"try:\n    x = 1\nexcept E as e:\n    y = 1\n    def f(a):\n        if a: pass\n        {P}\n"
        f"    def g(a):\n        if a: pass\n"
    ),
    "in a finally": f"try:\n    x = 1\nfinally:\n    {P}\n    def f(a):\n        if a: pass\n{G}",
    "at a finally": f"try:\n    x = 1\nfinally:  {P}\n    def f(a):\n        if a: pass\n{G}",
    "in the else of a try": (
        f"try:\n    x = 1\nexcept E:\n    y = 1\nelse:\n    {P}\n    def f(a):\n        if a: pass\n"
    ),
    "in a case": (
        f"match x:\n    case 1:\n        {P}\n        def f(a):\n            if a: pass\n"
        "    case 2:\n        def g(a):\n            if a: pass\n"
    ),
    "at a case": f"match x:\n    case 1:  {P}\n        def f(a):\n            if a: pass\n",
    "of one inside": f"def f(a):\n    def g(b):\n        {P}\n        if b: pass\n    if a: pass\n",
    "an async function": f"async def f(a):\n    {P}\n    if a: pass\n",
    "a function of one line": f"def f(a): return 1 if a else 2  # pylint: disable=R0911\n{G}",
    "in a call": f"x = y(\n    {P}\n    1,\n)\n{F}",
}


def ask_pylint(paths: Sequence[Path]) -> dict[Path, set[tuple[int, str]]]:
    """Return what pylint says of functions: the line of the ``def``, and the metric."""
    limits = [f"--max-{name}=0" for name in ("branches", "returns", "args", "statements", "complexity")]
    options = [
        "--rcfile=/dev/null", "--load-plugins=pylint.extensions.mccabe", "--output-format=json2", "--score=n",
        "--disable=all", f"--enable=astroid-error,{','.join(METRICS)}", *limits,
    ]  # fmt: skip
    command = [sys.executable, "-m", "pylint", *options, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=False)
    found: dict[Path, set[tuple[int, str]]] = {path: set() for path in paths}
    messages = json.loads(done.stdout)["messages"]
    for message in messages:
        if message["symbol"] in METRICS:  # and not about the comments
            found[Path(message["absolutePath"])].add((message["line"], METRICS[message["symbol"]]))
    assert not [message for message in messages if message["symbol"] == "astroid-error"]
    return found


ask_us = partial(find_over, METRICS.values())
Suppressed = list[tuple[int, str]]


def ask_both(sources: Mapping[str, str], folder: Path) -> Iterator[tuple[str, Suppressed, Suppressed]]:
    """Yield the names of sources, each with what pylint suppresses in its functions, and what we do."""
    paths = [folder / f"case{number}.py" for number in range(len(sources))]
    plain = [folder / f"plain{number}.py" for number in range(len(sources))]
    for source, path, other in zip(sources.values(), paths, plain, strict=True):
        path.write_text(source)
        other.write_text(source.replace("pylint", "nothing"))
    theirs = ask_pylint([*paths, *plain])
    for (name, source), path, other in zip(sources.items(), paths, plain, strict=True):
        # pylint counts a few things in another way, and some of them outside of functions.
        over = ask_us(source) & theirs[other]
        yield name, sorted(over - theirs[path]), sorted(over - ask_us(source, "pylint"))


COMMENTS = (
    "disable=too-many-branches",
    "disable=R0912,too-complex",
    "disable=R",
    "disable=design",
    "enable=too-many-branches",
    "enable=R",
    "disable-next=too-many-branches",
    "disable=missing-docstring",
)


class Generator:
    """Writes a source with such comments at random places."""

    def __init__(self, seed: int) -> None:
        self.lines: list[str] = []
        self._draw = random.Random(seed)
        self._number = 0

    def write(self, indentation: str, depth: int) -> None:
        """Write the statements of a block."""
        for _ in range(self._draw.randint(1, 2)):
            self._comment(indentation)
            others = [self._class, self._if, self._try, self._loop, self._match]
            kind = self._draw.choice([*others, *[self._function] * 5]) if depth < 3 else self._simple
            kind(indentation, depth)
        self._comment(indentation)
        self._simple(indentation, depth)

    def _line(self, text: str) -> None:
        comment = f"  # pylint: {self._draw.choice(COMMENTS)}" if self._draw.random() < 0.12 else ""
        self.lines.append(f"{text}{comment}")

    def _comment(self, indentation: str) -> None:
        if self._draw.random() < 0.15:
            self.lines.append(f"{indentation}# pylint: {self._draw.choice(COMMENTS)}")

    def _simple(self, indentation: str, _: int) -> None:
        self._line(f"{indentation}x = 1")

    def _decorate(self, indentation: str) -> None:
        while self._draw.random() < 0.3:
            self._line(f"{indentation}@x")

    def _function(self, indentation: str, depth: int) -> None:
        self._number += 1
        self._decorate(indentation)
        name = f"{self._draw.choice(['', 'async '])}def f{self._number}"
        if self._draw.random() < 0.6:
            self._line(f"{indentation}{name}({self._draw.choice(['a', '', '*a', 'a: int = 1'])}):")
        else:
            self._line(f"{indentation}{name}(")
            for parameter in self._draw.sample(["a", "b: int", "c"], self._draw.randint(1, 3)):
                self._line(f"{indentation}    {parameter},")
            self._line(f"{indentation}){self._draw.choice(['', ' -> int'])}:")
        if self._draw.random() < 0.3:
            self._line(f'{indentation}    """Text."""')
        self.write(f"{indentation}    ", depth + 1)
        self.lines += [f"{indentation}    if x:", f"{indentation}        return 1"]

    def _class(self, indentation: str, depth: int) -> None:
        self._number += 1
        self._decorate(indentation)
        self._line(f"{indentation}class C{self._number}{self._draw.choice(['', '(A)'])}:")
        self.write(f"{indentation}    ", depth + 1)

    def _blocks(self, indentation: str, depth: int, *heads: str) -> None:
        for head in heads:
            self._line(f"{indentation}{head}:")
            self.write(f"{indentation}    ", depth + 1)

    def _if(self, indentation: str, depth: int) -> None:
        others = self._draw.choice([(), ("else",), ("elif y",), ("elif y", "else")])
        self._blocks(indentation, depth, "if x", *others)

    def _try(self, indentation: str, depth: int) -> None:
        handler = self._draw.choice(["except E", "except E as e", "except"])
        others = [(handler,), (handler, "else"), (handler, "finally"), ("finally",)]
        self._blocks(indentation, depth, "try", *self._draw.choice([*others, (handler, "else", "finally")]))

    def _loop(self, indentation: str, depth: int) -> None:
        head = self._draw.choice(["for x in y", "while x", "with x as y"])
        has_else = head[:4] != "with" and self._draw.random() < 0.5
        self._blocks(indentation, depth, head, *(["else"] if has_else else []))

    def _match(self, indentation: str, depth: int) -> None:
        self._line(f"{indentation}match x:")
        self._blocks(f"{indentation}    ", depth + 1, "case 1", "case 2")


def generate(seed: int) -> str:
    generator = Generator(seed)
    generator.write("", 0)
    return "\n".join(generator.lines) + "\n"


# astroid 4.3 fails for some comments in an `else` that begins with a `with`.
SEEDS = sorted({*range(60)} - {7})
SOURCES = {**CASES, **{f"seed {seed}": generate(seed) for seed in SEEDS}}


def test_what_pylint_suppresses_is_suppressed() -> None:
    """Its answers are in a file, for a Python without it."""
    suppressed = {
        name: sorted(
            line for line, metric in ask_us(source) - ask_us(source, "pylint") if metric == "branches"
        )
        for name, source in SOURCES.items()
    }
    assert suppressed == json.loads(ANSWERS.read_bytes())


@pytest.mark.slow
@pylint_is_there
def test_pylint_suppresses_the_same(tmp_path: Path) -> None:
    """In some cases, and in sources with comments at random places."""
    assert sum(source.count("pylint") for source in SOURCES.values()) > 700
    both = {name: (theirs, ours) for name, theirs, ours in ask_both(SOURCES, tmp_path)}
    wrong = [
        f"{SOURCES[name]}\nthey suppress {theirs}, and we {ours}"
        for name, (theirs, ours) in both.items()
        if theirs != ours
    ]
    assert not wrong, "\n\n".join([str(len(wrong)), *sorted(wrong, key=len)[:3]])
    answers = {
        name: sorted(line for line, metric in theirs if metric == "branches")
        for name, (theirs, _) in both.items()
    }
    assert answers == json.loads(ANSWERS.read_bytes())


def find_comments(source: str, *, metric: str = "branches") -> list[tuple[int, str | None, str, str | None]]:
    """Return line, function, text and reason of the comments that suppress values."""
    measurement = measure(source.encode())
    thresholds = [Threshold(metric, 0, "<=")]
    rules = SuppressionRules(("pylint", "noqa"), False, False, lambda _: False)
    over = judge(measurement, thresholds).violations
    found = suppress(over, measurement, PathLimits(tuple(thresholds)), rules).suppressions
    return [
        (each.line, each.qualified_name, each.text, each.reason) for each in found if each.state == "used"
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"{P}\n{F}{G}", [(1, "f", P, None), (1, "g", P, None)]),
        (f"{F}# pylint: skip-file; old\n", [(5, None, "# pylint: skip-file; old", "old")]),
        (f"# words {P}  # old\n{F}", [(1, "f", f"{P}  # old", "old")]),
        (
            f"# pylint: disable=R0912,R0911\n{F}# pylint: enable=R0911\n{G}",
            [(1, "f", "# pylint: disable=R0912,R0911", None), (1, "g", P, None)],
        ),
        (f"# noqa pylint: disable=R0912\n{F}", [(1, "f", P, None)]),
        (f"# pylint: disable={'x,' * 300}R0912\n{F}", [(1, "f", P, None)]),
        (f"# {'x' * 600} pylint: skip-file\n{F}", [(1, None, "# pylint: skip-file", None)]),
    ],
    ids=["a range", "a file", "behind others", "in part", "in a noqa", "a long list", "long words"],
)
def test_each_function_has_the_comment_that_suppresses(
    source: str, expected: list[tuple[int, str | None, str, str | None]]
) -> None:
    assert find_comments(source) == expected


def test_it_is_known_where_a_comment_is() -> None:
    found = measure(f"{P}\n{F}def g(a):  # words {P}\n{BODY}".encode()).comments
    assert [(each.line, each.column, each.place, each.block) for each in found] == [
        (1, 0, "range", "f"),
        (6, 19, "signature", "g"),
    ]


def test_a_comment_of_another_tool_ends_where_that_of_pylint_begins() -> None:
    measurement = measure(f"def f(a):  # noqa: C901 # pylint: disable=R0912\n{BODY}".encode())
    assert [comment.text for comment in measurement.comments] == ["# noqa: C901", "# pylint: disable=R0912"]


@pytest.mark.parametrize(
    "comment", ["# pylint: x" + "#" * 100_000, "# pylint:" * 30_000, "# pylint: disable=" * 10_000]
)
def test_odd_comments_take_no_time(comment: str) -> None:
    """The search for the last one of a comment would be repeated for each ``#``."""
    assert find_comments(f"{P}\n{comment}\n{F}") == [(1, "f", P, None)]


def test_comments_of_pylint_count_only_where_the_settings_name_it() -> None:
    assert ask_us(CASES["at the top"]) == ask_us(CASES["at the top"], "noqa", "ruff")
    assert ask_us(CASES["at the top"]) > ask_us(CASES["at the top"], "pylint")
