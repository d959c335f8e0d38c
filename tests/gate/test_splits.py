"""Functions that a change makes simpler by new helpers: are there fewer points, or have they moved."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping

import pytest

from pytest_antipasta.gate.splits import find_splits
from pytest_antipasta.metrics.following.comparison import ComparedFiles, identify_blocks
from pytest_antipasta.metrics.following.mentions import find_mentions
from pytest_antipasta.model.changes import BlockChange, HelperFacts, MetricChange, Split
from tests.gate.conftest import Guarded, function
from tests.metrics.following.sides import parent
from tests.report.reading import read_page
from tests.steps import measure_growth

Texts = Mapping[str, str]
Files = Mapping[str, Callable[[], bytes]]
Found = tuple[str, tuple[str, ...], int]
CYCLOMATIC, COGNITIVE = "cyclomatic_complexity", "cognitive_complexity"
IFS = "{0}if a:\n{0}    if b:\n{0}        if c: return 1\n"
LONG = f"def f(a, b, c):\n{IFS.format('    ')}{IFS.format('    ')}"


def helper(name: str, *, calls: str = "", indent: str = "", points: int = 6) -> str:
    """Return a function of so many cognitive points: 6, 3 or 0."""
    body = {6: IFS.format("    "), 3: "    if a:\n        if b: return 1\n", 0: "    return 1\n"}[points]
    call = f"    {calls}(a, b, c)\n" if calls else ""
    return textwrap.indent(f"def {name}(a, b, c):\n{call}{body}", indent)


def caller(*names: str, indent: str = "") -> str:
    calls = "".join(f"    {name}(a, b, c)\n" for name in names)
    return textwrap.indent(f"def f(a, b, c):\n{calls}", indent)


def find(before: Texts, after: Texts) -> dict[str, Found]:
    """Return for each function that has got simpler by helpers what is said of it."""
    return {
        one.qualified_name: (one.effect, one.helpers, int(one.together)) for one in list_splits(before, after)
    }


def find_facts(before: Texts, after: Texts) -> dict[str, HelperFacts]:
    """Return what is said of the helpers of all functions."""
    return {
        name: facts
        for one in list_splits(before, after)
        for name, facts in zip(one.helpers, one.facts, strict=True)
    }


def list_splits(before: Texts, after: Texts, limit: int = 10) -> list[Split]:
    """Return the functions that have got simpler by helpers."""
    return find_splits(*compare(before, after, limit))


def list_files(side: ComparedFiles) -> Files:
    return {path: version.read for path, version in side.versions.items()}


def compare(before: Texts, after: Texts, limit: int = 10) -> tuple[list[BlockChange], Files, Files]:
    """Return what a change does to functions, and the files after it and before it."""
    compared = parent(before, after)
    changes = []
    for (path, name), change in identify_blocks(compared).items():
        if change.state in ("added", "modified"):
            new = compared.after.versions[path].blocks[name]
            old = compared.before.versions[path].blocks[name] if change.before else None
            numbers = {
                metric: MetricChange(
                    getattr(old, metric) if old else None, getattr(new, metric), None, limit, "<="
                )
                for metric, limit in ((CYCLOMATIC, limit), (COGNITIVE, 15))
            }
            changes.append(BlockChange(path, None, name, None, new.line, new.end_line, change.state, numbers))
    return changes, list_files(compared.after), list_files(compared.before)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(
            caller("_one", "_two") + helper("_one") + helper("_two"),
            ("moved", ("_one", "_two"), 12),
            id="split in two with all of its points",
        ),
        pytest.param(caller("_one") + helper("_one"), ("better", ("_one",), 6), id="with fewer points"),
        pytest.param(
            caller("_one", "_two", "_three") + helper("_one") + helper("_two") + helper("_three"),
            ("worse", ("_one", "_three", "_two"), 18),
            id="with more points",
        ),
        pytest.param(
            caller("_one") + helper("_one", calls="_two") + helper("_two", points=3),
            ("better", ("_one", "_two"), 9),
            id="a helper of a helper",
        ),
        pytest.param(
            caller("_one") + helper("_one") + helper("_two"),
            ("better", ("_one",), 6),
            id="one that nobody calls",
        ),
        pytest.param(
            caller("_one") + helper("_one") + helper("g", calls="_one"),
            ("better", ("_one",), 6),
            id="one that another one calls",
        ),
        pytest.param(
            caller("_one") + helper("_one", calls="_one"),
            ("better", ("_one",), 7),
            id="one that calls itself",
        ),
        pytest.param(
            f"@_one\n{caller('_two')}" + helper("_one") + helper("_two"),
            ("better", ("_two",), 6),
            id="its decorator",
        ),
        pytest.param(
            "def f(a, b, c):\n    for one in (_one, _two): one(a, b, c)\n" + helper("_one") + helper("_two"),
            ("moved", ("_one", "_two"), 13),
            id="named and not called",
        ),
        pytest.param(
            "def f(a, b, c):\n    return T[a]()\n" + helper("_one") + "T = {1: _one}\n",
            None,
            id="called by a table",
        ),
        pytest.param(LONG.replace("c: ", "c and b: ") + helper("_one"), None, id="it did not get simpler"),
        pytest.param(caller("_one"), None, id="nothing added"),
        pytest.param(
            caller("_one", "_two") + helper("_one", calls="_two") + helper("_two", calls="_one", points=3),
            ("better", ("_one", "_two"), 9),
            id="helpers that call each other",
        ),
        pytest.param(
            caller("print") + helper("_one", calls="_two") + helper("_two", calls="_one"),
            None,
            id="functions that call each other alone",
        ),
    ],
)
def test_in_a_module(after: str, expected: Found | None) -> None:
    assert find({"a.py": LONG}, {"a.py": after}).get("f") == expected


@pytest.mark.parametrize(
    ("before", "limit", "metric"),
    [
        pytest.param(LONG, 10, COGNITIVE, id="none is over its limit"),
        pytest.param(LONG, 6, CYCLOMATIC, id="one is"),
        pytest.param(LONG + IFS.format("    "), 6, COGNITIVE, id="both are"),
    ],
)
def test_what_was_over_its_limit_is_named(before: str, limit: int, metric: str) -> None:
    after = caller("_one", "_two") + helper("_one") + helper("_two")
    (split,) = list_splits({"a.py": before}, {"a.py": after}, limit)
    assert split.metric == metric


@pytest.mark.parametrize("mark", ["@overload", "@typing.overload"])
def test_an_overload_is_no_helper(mark: str) -> None:
    overload = f"{mark}\ndef _one(a): ...\n"
    after = caller("_one") + overload + overload + helper("_one")
    assert find({"a.py": LONG}, {"a.py": after}) == {"f": ("better", ("_one#3",), 6)}


def test_methods_are_called_behind_a_dot() -> None:
    before = "class A:\n" + textwrap.indent(LONG, "    ")
    after = "class A:\n" + caller("self._one", indent="    ") + helper("_one", indent="    ")
    assert find({"a.py": before}, {"a.py": after}) == {"A.f": ("better", ("A._one",), 6)}


@pytest.mark.parametrize("name", ["close", "f"])
def test_what_a_function_called_before_is_no_new_helper(name: str) -> None:
    """Its name may belong to anything, such as a file."""
    before = LONG + f"    a.{name}()\n"
    after = caller("_one", f"a.{name}") + helper("_one", calls=f"b.{name}")
    added = "class A:\n" + helper(name, indent="    ")
    found = find({"a.py": before, "b.py": ""}, {"a.py": after, "b.py": added})
    assert found == {"f": ("better", ("_one",), 6)}


def test_a_closure_that_moves_out_is_a_helper() -> None:
    closure = textwrap.indent(LONG.replace("def f", "def _one"), "    ")
    before = f"def f(a, b, c):\n{closure}    return _one(a, b, c)\n"
    found = find({"a.py": before}, {"a.py": caller("_one") + helper("_one", points=3)})
    assert found == {"f": ("better", ("_one",), 3)}


def test_a_closure_is_a_part_of_its_function() -> None:
    after = "def f(a, b, c):\n    def one():\n        return _one(a, b, c)\n    return one()\n" + helper(
        "_one"
    )
    assert find({"a.py": LONG}, {"a.py": after}) == {"f": ("better", ("_one", "f.one"), 6)}


@pytest.mark.parametrize(
    ("other", "callers"),
    [
        pytest.param("from a import _one\n", 2, id="imported"),
        pytest.param("import a\na._one(1, 2, 3)\n", 2, id="behind a dot"),
        pytest.param("def _one(): pass\n_one()\n", 1, id="another function of its name"),
        pytest.param("'_one'  # _one\n", 1, id="in a text and a comment"),
        pytest.param("def (:\n", 1, id="a file without syntax"),
    ],
)
def test_what_else_calls_a_helper_is_said(other: str, callers: int) -> None:
    """It is no way to hide the points that moved there."""
    before, after = {"a.py": LONG, "b.py": ""}, {"a.py": caller("_one") + helper("_one"), "b.py": other}
    assert find(before, after) == {"f": ("better", ("_one",), 6)}
    assert find_facts(before, after) == {"_one": HelperFacts(3, 1, is_tested=False, callers=callers)}


@pytest.mark.parametrize("name", ["test_a.py", "tests/a_test.py"])
def test_a_test_that_names_a_helper_is_no_caller(name: str) -> None:
    before, after = (
        {"a.py": LONG, name: ""},
        {"a.py": caller("_one") + helper("_one"), name: "from a import _one"},
    )
    assert find(before, after) == {"f": ("better", ("_one",), 6)}
    assert find_facts(before, after) == {"_one": HelperFacts(3, 1, is_tested=True, callers=1)}


@pytest.mark.parametrize(
    ("head", "body", "values_in", "values_out"),
    [
        pytest.param("a, b", "return a, b", 2, 2, id="a pair"),
        pytest.param("", "pass", 0, 0, id="nothing"),
        pytest.param("a", "return None", 1, 0, id="None"),
        pytest.param("*a, b=1, **c", "return (a, b, c) if a else b", 3, 1, id="one of two"),
        pytest.param("a, /, b, *, c", "yield a, b\n    yield c", 3, 2, id="a generator"),
        pytest.param("a", "def g(): return a, a, a\n    return g", 1, 1, id="what a closure returns"),
        pytest.param("self, a", "if a: return\n    return a", 1, 1, id="a method"),
    ],
)
def test_values_go_in_and_out(head: str, body: str, values_in: int, values_out: int) -> None:
    after = caller("_one") + f"def _one({head}):\n    {body}\n"
    found = find_facts({"a.py": LONG}, {"a.py": after})
    assert found["_one"] == HelperFacts(values_in, values_out, is_tested=False, callers=1)


@pytest.mark.parametrize(
    "begin", ["from parts import _one, _two\n{}", "import parts\n{}", "{}"], ids=["names", "module", "inside"]
)
def test_helpers_in_another_file(begin: str) -> None:
    dot = "parts." if "import parts" in begin else ""
    body = caller(f"{dot}_one", f"{dot}_two")
    if begin == "{}":
        body = body.replace(":\n", ":\n    from parts import _one, _two\n", 1)
    after = {
        "a.py": begin.format(body),
        "parts.py": helper("_one") + helper("_two"),
        "b.py": "def _one(): pass\n_one()\n",  # a namesake
    }
    found = find({"a.py": LONG, "parts.py": "", "b.py": ""}, after)
    assert found["f"][1] == ("parts.py::_one", "parts.py::_two")


def test_each_function_has_helpers_of_its_own() -> None:
    before = LONG + LONG.replace("def f", "def g")
    after = caller("_one", "_both") + caller("_two", "_both").replace("def f", "def g")
    helpers = helper("_one") + helper("_two", points=3) + helper("_both")
    assert find({"a.py": before}, {"a.py": after + helpers}) == {
        "f": ("better", ("_both", "_one"), 9),
        "g": ("better", ("_both", "_two"), 6),
    }


def split_in_a_file(size: int) -> tuple[Texts, Texts]:
    before = "".join(LONG.replace("f(", f"f{number}(") for number in range(size))
    after = (caller(f"g{number}").replace("f(", f"f{number}(") for number in range(size))
    return {"a.py": before}, {"a.py": "".join([*after, *(helper(f"g{number}") for number in range(size))])}


def split_into_files(size: int) -> tuple[Texts, Texts]:
    """Return functions before and after a change that gives each one a helper in a file of its own."""
    before = {f"a{number}.py": LONG for number in range(size)}
    after = {f"a{number}.py": f"from b{number} import g\n{caller('g')}" for number in range(size)}
    return before, after | {f"b{number}.py": helper("g") for number in range(size)}


def split_into_files_of_other_names(size: int) -> tuple[Texts, Texts]:
    before, after = split_into_files(size)
    return before, {path: text.replace("g", f"g{path[1:-3]}") for path, text in after.items()}


@pytest.mark.parametrize("make", [split_in_a_file, split_into_files_of_other_names])
def test_helpers_of_twice_as_many_functions_take_twice_the_steps(
    make: Callable[[int], tuple[Texts, Texts]],
) -> None:
    def prepare(size: int) -> Callable[[], object]:
        compared = compare(*make(size))
        return lambda: find_splits(*compared)

    assert measure_growth(prepare, 20) < 2.1


def test_helpers_of_one_name_are_found_by_their_modules() -> None:
    found = list_splits(*split_into_files(3))
    assert [(one.path, one.helpers) for one in found] == [
        (f"a{number}.py", (f"b{number}.py::g",)) for number in range(3)
    ]


def test_names_in_what_can_not_be_parsed_are_unknown() -> None:
    assert find_mentions(b"def (:\n") is None


# In reports.


@pytest.fixture
def split(guarded: Guarded) -> Guarded:
    """A repository in which a function is split in two, and another one is new and over its limit."""
    guarded.stage("a.py", function(7))
    guarded.record()
    parts = function(4, "_one") + function(4, "_two")
    guarded.stage("a.py", f"def f(a):\n    _one(a)\n    return _two(a)\n{parts}")
    return guarded


HELPERS = "_one (1 in, 1 out) and _two (1 in, 1 out)"
SAID = f"cyclomatic 7 \N{RIGHTWARDS ARROW} 1 (-6), 9 together with its new helpers {HELPERS}"
POINTS = "complexity added and removed: cyclomatic +8 -6"


def test_the_text_of_a_check(split: Guarded) -> None:
    lines = split.say("check", "--staged").out.splitlines()
    assert any(line.endswith("; existing ones: 1 moved to helpers") for line in lines)
    assert POINTS in lines
    assert lines[lines.index(POINTS) + 1 :][:2] == [
        "read this first:",
        f"  a.py:1 f: moved to helpers: {SAID}",
    ]


def test_the_git_hook_says_it_of_a_commit_that_fails(split: Guarded) -> None:
    said = split.hook()
    assert said.code == 1
    assert POINTS not in said.out
    assert f"moved: a.py:1: f: {SAID}" in said.out.splitlines()
    assert SAID not in split.hook("--quiet").out
    split.stage("a.py", function(3))
    assert split.hook()[:3] == (0, "", "")


def test_json(split: Guarded) -> None:
    report = json.loads(split.say("check", "--staged", "--format", "json").out)
    assert report["points"] == {"cyclomatic_complexity": {"added": 8, "taken": 6}}
    assert report["splits"] == [
        {
            "path": "a.py",
            "qualified_name": "f",
            "line": 1,
            "metric": "cyclomatic_complexity",
            "before": 7,
            "after": 1,
            "helpers": ["_one", "_two"],
            "together": 9,
            "effect": "moved",
            "facts": [{"values_in": 1, "values_out": 1, "is_tested": False, "callers": 1}] * 2,
            "cell": None,
        }
    ]


def test_markdown_and_html(split: Guarded) -> None:
    page = split.say("check", "--staged", "--format", "markdown").out
    assert f"{POINTS.capitalize()}." in page
    assert page.count(SAID.replace("_", r"\_")) == 1, "a name such as __call__ is not bold"
    assert "simpler" not in page
    html = split.say("check", "--staged", "--format", "html").out
    changes = read_page(html.encode())["changes"]
    assert {item["effect"] for item in changes} == {"moved", None}
    effects = {
        item["qualified_name"]: [one["effect"] for one in item["metrics"].values()] for item in changes
    }
    assert effects == {"f": [None], "_one": ["worse"], "_two": ["worse"]}, "the helpers are over the limit"
    assert POINTS.partition(": ")[2] in html
    assert "9 together with its new helpers _one (1 in, 1 out)" in html


@pytest.mark.parametrize(("path", "name"), [("b.py", "f"), ("a.py", "g")], ids=["moved", "renamed"])
def test_a_function_that_also_has_another_place(guarded: Guarded, path: str, name: str) -> None:
    guarded.stage("a.py", function(9))
    guarded.record()
    guarded.stage("a.py", "")
    guarded.stage(path, f"{function(6, name, end='_one(a)')}{function(4, '_one')}")
    steps = "cyclomatic 9 \N{RIGHTWARDS ARROW} 6 (-3), 10 together with its new helper _one (1 in, 1 out)"
    assert (
        f"  {path}:1 {name}: moved to helpers: {steps}" in guarded.say("check", "--staged").out.splitlines()
    )


def test_markdown_adds_the_helpers_of_a_simpler_function_up(guarded: Guarded) -> None:
    guarded.stage("a.py", function(7))
    guarded.record()
    guarded.stage("a.py", f"{function(3, end='_one(a)')}{function(3, '_one')}")
    page = guarded.say("check", "--staged", "--format", "markdown").out
    steps = "cyclomatic 7 \N{RIGHTWARDS ARROW} 3 (limit 3)"
    assert f"{steps}<br/>cyclomatic 6 together with its new helper \\_one (1 in, 1 out) |" in page
    assert page.count("together") == 1


def test_texts_say_it_in_one_order(guarded: Guarded) -> None:
    guarded.stage("a.py", function(7) + function(7, "g"))
    guarded.record()
    allowed = function(4, "allowed").replace(":", ":  # antipasta: ignore[cyclomatic<=4]", 1)
    simpler = "".join(f"{function(3, name, end=f'_{name}(a)')}{function(3, f'_{name}')}" for name in "fg")
    guarded.stage("a.py", simpler + allowed)
    parts = ("added and removed", "ead these first", "together", "1 waiver added")
    for arguments in ((), ("--format", "markdown"), ("--format", "agent")):
        said = guarded.say("check", "--staged", *arguments).out
        places = [said.index(part) for part in parts]
        assert places == sorted(places), arguments


def test_markdown_has_lines_of_ten_functions_with_new_helpers_and_folds_others(
    guarded: Guarded,
) -> None:
    names = [f"f{number}" for number in range(10, 27)]
    guarded.stage("a.py", "".join(function(3, name, f"return {name!r}") for name in names))
    guarded.record()
    parts = [f"def {name}(a): _{name}(a)\n{function(3, f'_{name}', f'return {name!r}')}" for name in names]
    guarded.stage("a.py", "".join(parts))
    lines = guarded.say("check", "--staged", "--format", "markdown").out.splitlines()
    first = [line for line in lines if "moved to helpers" in line]
    moved = [line for line in lines if line.startswith("Moved: ")]
    folded = [
        line for line in lines[lines.index("| function | change | complexity |") :] if "together" in line
    ]
    assert (len(first), len(moved), len(folded)) == (5, 10, 2)
    assert "cyclomatic 3 \N{RIGHTWARDS ARROW} 1<br/>cyclomatic 4 together with its new helper" in folded[0]
