"""Ruff's own comments: what they suppress is what the ruff that is pinned says."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.policy.suppressions.apply import SuppressionRules, suppress
from pytest_antipasta.policy.suppressions.ruff_comments import _RULES
from tests.policy.judging import judge
from tests.policy.suppressions.over import find_over
from tests.ruff import is_installed

METRICS = {"C901": "mccabe_complexity", "PLR0912": "branches", "PLR0911": "returns"}
BODY = "    if a:\n        return 1\n    return 2\n"
F = f"def f(a):\n{BODY}"
G = F.replace("def f", "def g")
IN_CLASS = "    def {}(self, a):\n        if a:\n            return 1\n        return 2\n"
M, N = IN_CLASS.format("m"), IN_CLASS.format("n")
ruff_is_there = pytest.mark.skipif(not is_installed(), reason="there is no ruff")

CASES = {
    "at the end of the def": f"def f(a):  # ruff: ignore[C901]\n{BODY}",
    "above": f"# ruff: ignore[C901]\n{F}",
    "by its name": f"# ruff: ignore[complex-structure]\n{F}",
    "a list": f"# ruff: ignore[C901, PLR0912]\n{F}",
    "a list of names": f"# ruff: ignore[too-many-branches, too-many-return-statements]\n{F}",
    "the beginning of a code": f"# ruff: ignore[PLR09]\n{F}",
    "all": f"# ruff: ignore[ALL]\n{F}",
    "no list": f"# ruff: ignore\n{F}",
    "an empty list": f"# ruff: ignore[]\n{F}",
    "a comma at its end": f"# ruff: ignore[C901,]\n{F}",
    "a comma that is missing": f"# ruff: ignore[C901 PLR0912]\n{F}",
    "an unknown code in it": f"# ruff: ignore[C901, nope]\n{F}",
    "a list without an end": f"# ruff: ignore[C901\n{F}",
    "above a decorator": f"# ruff: ignore[C901]\n@d\n{F}",
    "on a decorator": f"@d  # ruff: ignore[C901]\n{F}",
    "between a decorator and the def": f"@d\n# ruff: ignore[C901]\n{F}",
    "an empty line between": f"# ruff: ignore[C901]\n\n{F}",
    "a comment between": f"# ruff: ignore[C901]\n# other\n{F}",
    "one above another": f"# ruff: ignore[C901]\n# ruff: ignore[PLR0912]\n{F}",
    "in the first line of a signature": f"def f(  # ruff: ignore[C901]\n    a,\n):\n{BODY}",
    "in another line of it": f"def f(\n    a,  # ruff: ignore[C901]\n):  # ruff: ignore[PLR0912]\n{BODY}",
    "on a line of its own in it": f"def f(\n    # ruff: ignore[C901]\n    a,\n):\n{BODY}",
    "a reason": f"# ruff: ignore[C901] as it is\n{F}",
    "another case": f"# RUFF: Ignore[C901]\n{F}",
    "a code in lower case": f"# ruff: ignore[c901]\n{F}",
    "no blanks": f"#ruff:ignore[C901]\n{F}",
    "many blanks": f"#  ruff :  ignore [ C901 ]\n{F}",
    "behind other words": f"# hello # ruff: ignore[C901]\n{F}",
    "behind another comment": f"def f(a):  # hello # ruff: ignore[C901]\n{BODY}",
    "two in a line": f"def f(a):  # ruff: ignore[C901] # ruff: ignore[PLR0912]\n{BODY}",
    "behind a noqa": f"def f(a):  # noqa: PLR0911  # ruff: ignore[C901]\n{BODY}",
    "in the body": f"def f(a):\n    # ruff: ignore[C901]\n{BODY}",
    "above another statement": f"# ruff: ignore[C901]\nx = 2\n{F}",
    "at a class": f"# ruff: ignore[C901]\nclass C:  # ruff: ignore[PLR0912]\n{M}",
    "at a method": f"class C:\n    # ruff: ignore[C901]\n{M}",
    "at a method, indented otherwise": f"class C:\n# ruff: ignore[C901]\n{M}",
    "a range": f"# ruff: disable[C901]\n{F}# ruff: enable[C901]\n{G}",
    "a range of another list": f"# ruff: disable[C901, PLR0912]\n{F}# ruff: enable[C901]\n{G}",
    "of a list": f"# ruff: disable[C901,PLR0912]\n{F}# ruff: enable[ C901 , PLR0912 ]\n{G}",
    "of a list in another order": f"# ruff: disable[C901, PLR0912]\n{F}# ruff: enable[PLR0912, C901]\n{G}",
    "ended by a name": f"# ruff: disable[C901]\n{F}# ruff: enable[complex-structure]\n{G}",
    "without an end": f"# ruff: disable[C901]\n{F}{G}",
    "in a class": f"class C:\n    # ruff: disable[C901]\n{M}    # ruff: enable[C901]\n{N}",
    "without an end in a class": f"class C:\n    # ruff: disable[C901]\n{M}{N}{F}",
    "ended outside of the class": f"class C:\n    # ruff: disable[C901]\n{M}# ruff: enable[C901]\n{F}",
    "ended farther in": f"# ruff: disable[C901]\n{F}    # ruff: enable[C901]\n{G}",
    "above a decorator, a range": f"# ruff: disable[C901]\n@d\n{F}# ruff: enable[C901]\n",
    "begun behind a decorator": f"@d\n# ruff: disable[C901]\n{F}# ruff: enable[C901]\n",
    "begun in the body": f"def f(a):\n    # ruff: disable[C901]\n{BODY}{G}",
    "begun in a signature": f"def f(\n    # ruff: disable[C901]\n    a):\n{BODY}{G}",
    "begun at the end of a line": f"x = 1  # ruff: disable[C901]\n{F}",
    "ended at the end of a line": f"# ruff: disable[C901]\n{F}x = 1  # ruff: enable[C901]\n{G}",
    "begun twice": f"# ruff: disable[C901]\n# ruff: disable[C901]\n{F}# ruff: enable[C901]\n{G}",
    "indented oddly": f"class C:\n    x = 1\n  # ruff: disable[C901]\n{M}{F}",
    "last in a class": f"class C:\n    x = 1\n    # ruff: disable[C901]\n{F}",
    "in a function, about one inside": f"def f(a):\n    # ruff: disable[C901]\n{M}    return m\n{G}",
    "for the file": f"# ruff: file-ignore[C901]\n{F}{G}",
    "for the file, by name": f"# ruff: file-ignore[complex-structure, PLR0911]\n{F}",
    "for the file, at its end": f"{F}# ruff: file-ignore[C901]\n",
    "for the file, indented": f"def f(a):\n    # ruff: file-ignore[C901]\n{BODY}",
    "for the file, behind code": f"x = 1  # ruff: file-ignore[C901]\n{F}",
    "in a string": f'x = """\n# ruff: file-ignore[C901]\n# ruff: disable[C901]\n"""\n{F}',
    "an async function": f"# ruff: ignore[C901]\nasync {F}",
    "in one line": "def f(a): return 1 if a else 2  # ruff: ignore[C901, PLR0911]\n",
}


def ask_ruff(paths: Sequence[Path]) -> dict[Path, set[tuple[int, str]]]:
    """Return what ruff says of functions: the line of the name, and the metric."""
    limits = ["mccabe.max-complexity=0", "pylint.max-branches=0", "pylint.max-returns=0"]
    options = ["--isolated", "--preview", "--no-cache", "--exit-zero", "--output-format=json"]
    config = [f"--config=lint.{limit}" for limit in limits]
    command = [sys.executable, "-m", "ruff", "check", *options, *config, f"--select={','.join(METRICS)}"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, check=True)
    found: dict[Path, set[tuple[int, str]]] = {path: set() for path in paths}
    for one in json.loads(done.stdout):
        assert one["code"] in METRICS, one
        found[Path(one["filename"])].add((one["location"]["row"], METRICS[one["code"]]))
    return found


ask_us = partial(find_over, METRICS.values())


@ruff_is_there
def test_ruff_says_the_same_of_each(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"case{number}.py" for number, name in enumerate(CASES)}
    for name, path in paths.items():
        path.write_text(CASES[name])
    theirs = ask_ruff([*paths.values()])
    ours = {name: ask_us(source, "ruff", "noqa") for name, source in CASES.items()}
    assert ours == {name: theirs[path] for name, path in paths.items()}


ABOVE = (
    "# ruff: ignore[C901]",
    "# ruff: ignore[too-many-branches]",
    "# ruff: file-ignore[PLR0911]",
    "# words",
    "",
)
LISTS = ("C901", "PLR0912, C901", "too-many-return-statements")
BEHIND = ("", "", "  # ruff: ignore[PLR0911]", "  # ruff: disable[C901]", "  # ruff: file-ignore[C901]")


class Generator:
    """Writes a source with such comments at random places; each range is ended, or begins its block."""

    def __init__(self, seed: int) -> None:
        self.lines: list[str] = []
        self._draw = random.Random(seed)
        self._number = 0

    def write_block(self, indentation: str, depth: int) -> None:
        if self._draw.random() < 0.2:
            self.lines.append(f"{indentation}# ruff: disable[{self._draw.choice(LISTS)}]")
        for _ in range(self._draw.randint(1, 4)):
            rules = self._draw.choice(LISTS) if self._draw.random() < 0.3 else None
            self.lines += [f"{indentation}# ruff: disable[{rules}]"] if rules else []
            self._write_member(indentation, depth)
            self.lines += [f"{indentation}# ruff: enable[{rules}]"] if rules else []

    def _write_member(self, indentation: str, depth: int) -> None:
        self._number += 1
        deeper, behind = f"{indentation}    ", self._draw.choice(BEHIND)
        is_nested = depth < 3 and self._draw.random() < 0.3
        self._write_above(indentation)
        if is_nested and self._draw.random() < 0.5:
            self.lines.append(f"{indentation}class C{self._number}:{behind}")
            self.write_block(deeper, depth + 1)
            self.lines.append(f"{deeper}y = 1")
            return
        if self._draw.random() < 0.2:
            self.lines.append(f"{indentation}@d")
            self._write_above(indentation)
        self.lines.append(f"{indentation}def f{self._number}(a):{behind}")
        if is_nested:
            self.write_block(deeper, depth + 1)
        self.lines += [f"{deeper}if a:", f"{deeper}    return 1"]

    def _write_above(self, indentation: str) -> None:
        for _ in range(self._draw.randint(0, 2)):
            self.lines.append(f"{self._draw.choice([indentation] * 4 + [''])}{self._draw.choice(ABOVE)}")


def generate(seed: int) -> str:
    generator = Generator(seed)
    generator.write_block("", 0)
    return "\n".join(generator.lines) + "\n"


@ruff_is_there
def test_ruff_says_the_same_of_generated_sources(tmp_path: Path) -> None:
    sources = {tmp_path / f"case{seed}.py": generate(seed) for seed in range(300)}
    for path, source in sources.items():
        path.write_text(source)
    theirs = ask_ruff([*sources])
    different = [
        (source, ours ^ theirs[path])
        for path, source in sources.items()
        if (ours := ask_us(source, "ruff")) != theirs[path]
    ]
    assert not different, f"{len(different)}: {different[0][0]}\n{different[0][1]}"
    assert sum(bool(found) for found in theirs.values()) > 150


@ruff_is_there
def test_the_names_of_rules_are_those_of_ruff() -> None:
    command = [sys.executable, "-m", "ruff", "rule", "--all", "--output-format=json"]
    done = subprocess.run(command, capture_output=True, check=True)
    names = {one["name"]: one["code"] for one in json.loads(done.stdout)}
    assert {name: code for name, code in _RULES.items() if name != code} == {
        name: names[name] for name in _RULES if name in names
    }


def test_they_count_only_where_the_settings_name_them() -> None:
    source = CASES["a list"]
    assert ask_us(source) == ask_us(source, "noqa")
    assert len(ask_us(source)) == 3
    assert len(ask_us(source, "ruff")) == 1


def test_radons_number_of_the_same_is_suppressed_too() -> None:
    measurement = measure(CASES["above"].encode())
    thresholds = [Threshold("cyclomatic_complexity", 1, "<=")]
    rules = SuppressionRules(("ruff",), False, False, lambda _: False)
    left, tolerated, (comment,) = suppress(
        judge(measurement, thresholds).violations, measurement, PathLimits(tuple(thresholds)), rules
    )
    assert (left, len(tolerated)) == ((), 1)
    assert (comment.tool, comment.qualified_name, comment.state) == ("ruff", "f", "used")
    assert not comment.fails


def test_a_range_is_listed_for_the_functions_that_need_it() -> None:
    flat = "def flat():\n    return 1\n"
    measurement = measure(f"# ruff: disable[C901] old\n{flat}{F}{G}".encode())
    thresholds = [Threshold("mccabe_complexity", 1, "<=")]
    rules = SuppressionRules(("ruff",), False, False, lambda _: False)
    _, _, comments = suppress(
        judge(measurement, thresholds).violations, measurement, PathLimits(tuple(thresholds)), rules
    )
    assert [(one.line, one.qualified_name, one.reason) for one in comments] == [
        (1, "f", "old"),
        (1, "g", "old"),
    ]


def test_of_ranges_about_the_same_rules_one_is_for_a_function() -> None:
    source = "".join(f"# ruff: disable[C901]\n{F.replace('def f', f'def f{number}')}" for number in range(50))
    assert len(measure(source.encode()).comments) == 50


# Codes in full and in capitals: flake8 also takes the beginning of one, and small letters.
CODES = ("C901", "PLR0912", "PLR0911", "E501", "F401", "ABC123", "901", "nope")
NOQA = (
    "noqa: E501 # noqa: C901",
    "noqa: C901E501",
    "noqa# noqa: C901",
    "noqa: # noqa",
    "noqabecause # noqa: C901",
)


def make_noqa(draw: random.Random) -> str:
    """Return a comment that has the word at least once, with or without codes."""
    codes = draw.choice([", ", ",", " ", "", " , ", ",,", ";", "  ", "\t"]).join(
        draw.choices(CODES, k=draw.randint(1, 3))
    )
    before = draw.choice(["", "", "# type: ignore ", "# hello # ", "#"])
    word = draw.choice(["#", "# ", "#  "]) + draw.choice(["noqa", "NOQA", "NoQA", "noqA "])
    after = [
        f":{codes}",
        f": {codes}",
        f" :{codes}",
        "",
        ":",
        " because",
        "because",
        "-why",
        "# why",
        ", why",
        f"({codes})",
    ]
    behind = [
        "",
        " - reason",
        " # other",
        " # noqa: C901",
        " # noqa",
        "# noqa: PLR0912,C901",
        " noqa: C901",
        ",",
    ]
    return f"{before}{word}{draw.choice(after)}{draw.choice(behind)}"


@ruff_is_there
def test_ruff_says_the_same_of_each_noqa(tmp_path: Path) -> None:
    draw = random.Random(1)
    comments = [*(f"# {comment}" for comment in NOQA), *(make_noqa(draw) for _ in range(300))]
    sources = {
        tmp_path / f"case{number}.py": f"def f(a):  {one}\n{BODY}" for number, one in enumerate(comments)
    }
    for path, source in sources.items():
        path.write_text(source)
    theirs = ask_ruff([*sources])
    wrong = [source for path, source in sources.items() if ask_us(source, "noqa") != theirs[path]]
    assert not wrong
