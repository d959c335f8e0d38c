"""Plans: which steps they choose, what they say about them, and what applying them makes of a file."""

from __future__ import annotations

import sys
from textwrap import indent

import msgspec
import pytest

from pytest_antipasta.advice.aims import TASTE, Aims, Scores
from pytest_antipasta.advice.edits import LineEdit, apply_edits, diff_edits
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.plan import NEW_FUNCTION, Plan, Step
from pytest_antipasta.advice.rewrites import DROP_ELSE, ELIF, LEAVE_EARLY, MERGE
from pytest_antipasta.advice.search import find_plan
from pytest_antipasta.advice.trials import Offer, Trial
from tests.advice.rewriting import apply_plan, check_plan, clean, cut, find_run, plan

NESTED = """
    def f(a):
        for x in a:
            if x:
                if x.y:
                    while x.z:
                        g(x)
                        if x.z == 1:
                            h()
"""
TWO_LOOPS = """
    def f(a, b):
        result = []
        for x in a:
            if x:
                for y in x:
                    if y:
                        result.append(y)

        # Count the others
        count = 0
        for x in b:
            if x:
                for y in x:
                    if y:
                        count += y
        g(result)
        return count
"""
# Two lines are too few for a function, and those that warn can't be moved.
NESTED_RUNS = """
    def f(a, b):
        warn()
        c = a and b
        d = a or b
        for x in d:
            b = g(x)
            b = h(b)
            if c:
                break

        return warn(b, b and a, a or b)
"""


def kinds(found: Plan) -> list[str]:
    return [step.kind for step in found.steps]


def test_a_small_step_that_reaches_the_limit_is_all() -> None:
    found = plan(NESTED, cognitive=13)
    (step,) = found.steps
    assert (step.kind, step.line, step.end_line, step.proven) == (MERGE, 3, 8, True)
    assert (found.within, found.before, found.after) == (True, Scores(15, 6), Scores(11, 6))
    assert found.total == found.after


def test_the_second_step_has_the_lines_of_the_file_as_it_is() -> None:
    found = plan(NESTED, cognitive=9)
    assert [(step.kind, step.line, step.end_line) for step in found.steps] == [
        (MERGE, 3, 8),
        (LEAVE_EARLY, 3, 8),
    ]


def test_equality_is_an_assumption() -> None:
    source = "def f(a, b):\n    if a == b:\n        if a:\n            g()\n        if b:\n            g()\n"
    found = plan(source, cognitive=4)
    assert [(step.kind, step.proven) for step in found.steps] == [(LEAVE_EARLY, "eq")]


def test_cyclomatic_complexity_needs_a_function() -> None:
    found = plan(NESTED, cognitive=15, cyclomatic=4)
    assert kinds(found) == [NEW_FUNCTION]
    assert found.after.cyclomatic <= 4
    (helper,) = found.helpers
    assert helper.numbers.cyclomatic <= 4
    assert found.total == Scores(
        found.after.cognitive + helper.numbers.cognitive, found.after.cyclomatic + helper.numbers.cyclomatic
    )


def test_one_function_is_better_than_two_and_a_comment_names_it() -> None:
    found = plan(TWO_LOOPS, cognitive=12, cyclomatic=8)
    (step,) = found.steps
    assert step.helper is not None
    assert (step.line, step.end_line) == (9, 15)
    assert step.helper.signature == "def _count_others(b)"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        pytest.param("", "f", id="below a function"),
        pytest.param("@g", "f", id="above a decorator"),
        pytest.param("class C:\n    @staticmethod", "C.f", id="above the class of a static method"),
    ],
)
def test_two_functions_are_in_the_order_of_their_calls(head: str, name: str) -> None:
    body = clean(TWO_LOOPS)
    source = f"{head}\n{indent(body, '    ') if 'class' in head else body}"
    found = plan(source, cognitive=8, cyclomatic=4, name=name)
    assert kinds(found) == [NEW_FUNCTION, NEW_FUNCTION]
    assert found.steps[0].end_line < found.steps[1].line
    text = apply_plan(clean(source), found)
    first, second = (text.index(f"{helper.signature}:") for helper in found.helpers)
    assert first < second


@pytest.mark.parametrize("head", ["", "@g\n"])
def test_a_function_that_is_called_earlier_can_be_made_later(head: str) -> None:
    version = Trial(cut(f"{head}{clean(TWO_LOOPS)}"), 0, 0, frozenset(), {})
    for lines in (("count = 0", "count += y"), ("for x in a", "append(y)")):
        version = version.take_offer(find_offer(version, *lines)) or version
    (later, earlier), text = version.snippet.helpers, version.snippet.text
    assert text.index(f"def {earlier}(") < text.index(f"def {later}(")


def test_a_function_ends_with_the_call_of_another() -> None:
    """The blank line between them and the next use of their result is in neither."""
    given = {5: "inner", 3: "outer"}
    found = find_plan(Module.parse(clean(NESTED_RUNS)), "f", Aims(3), given=given)
    assert found is not None
    assert [step.line for step in found.steps] == [5, 3]
    assert found.steps[0].end_line == 9
    text = apply_plan(clean(NESTED_RUNS), found)
    assert text.startswith(
        "def f(a, b):\n    warn()\n    b = outer(a, b)\n    return warn(b, b and a, a or b)\n"
    )
    assert text.index("def outer(") < text.index("    return inner(b, c, d)\n") < text.index("def inner(")


def test_a_type_is_known_after_its_annotation_has_moved() -> None:
    source = TWO_LOOPS.replace("count = 0", "count: int = 0").replace(
        "g(result)", "if count:\n            g(result)\n            g(count)"
    )
    version = Trial(cut(source), 0, 0, frozenset(), {})
    version = version.take_offer(find_offer(version, "count: int", "count += y")) or version
    assert len(version.steps) == 1
    signature = find_offer(version, "if count", "g(count)").moved.signature
    assert signature == 'def _f_part(result, count: "int") -> None'


@pytest.mark.parametrize("declaration", ["x: str", 'x = ""'])
def test_a_declaration_stays_with_what_reads_its_name(declaration: str) -> None:
    """Otherwise it is left behind, or goes with the lines before, for linters to report."""
    source = f"""
        def f(a, b):
            if a:
                g(a)
            {declaration}
            if b:
                x = "b"
                if b > 2:
                    x = "c"
            else:
                x = ""
            g(x)
            if a > b:
                g(b)
        """
    for limit in (4, 5):
        head, _, body = apply_plan(clean(source), plan(source, limit)).partition("def _f_")
        assert declaration not in head
        assert f"    {declaration}\n" in body


@pytest.mark.parametrize(
    ("first", "last", "cuts", "in_row"),
    [
        pytest.param("if a.x", "g(y)", 1, True, id="the first two of three ifs"),
        pytest.param("if a.y", "g(z)", 1, True, id="the last two of them"),
        pytest.param("if a.y", "h(a)", 2, True, id="from the second of them to the middle of the next lines"),
        pytest.param("if a.y", "g(y)", 1, True, id="the second of them, which ends where it ends"),
        pytest.param("if a.x", "g(z)", 0, False, id="all of them"),
        pytest.param("h(a)", "g(u)", 0, False, id="up to the end of a loop"),
        pytest.param("c = 0", "c += 1", 0, False, id="after a comment and up to the last return"),
    ],
)
def test_a_run_should_be_whole_paragraphs_and_rows(first: str, last: str, cuts: int, *, in_row: bool) -> None:
    source = """
        def f(a, b):
            b = g()
            h(b)

            if a.x:
                g(x)
            if a.y:
                h(y)
                g(y)
            if a.z:
                g(z)

            h(a)
            h(a.b)
            for u in a:
                g(u)
            b = g(a)
            # Count
            c = 0
            if b:
                c += 1
            return c
    """
    version = Trial(cut(source), shift=0, outer_shift=0, taken=frozenset(), given={})
    assert find_offer(version, first, last).cuts == cuts + in_row
    dense = "\n".join(line for line in clean(source).split("\n") if line and "#" not in line)
    version = Trial(cut(dense), shift=0, outer_shift=0, taken=frozenset(), given={})
    assert find_offer(version, first, last).cuts == in_row


LOOPS = """
    def f(a, b):
        g(b)

        for x in a:
            m(x)
            if x:
                g(x)
                n(x)

        # Count
        for x in b:
            if not x:
                h(x)
                g(x)
                k(x)

        for y in a:
            if y > 1:
                g(y)
                return b
            h(y)
"""


def test_a_run_suggests_itself_by_its_place_and_size() -> None:
    version = Trial(cut(LOOPS), shift=0, outer_shift=0, taken=frozenset(), given={})
    ranked = {
        "a comment": ("for x in b", "k(x)"),
        "a paragraph": ("for x in a", "n(x)"),
        "all of a loop": ("m(x)", "n(x)"),
        "a part of a loop": ("if x", "n(x)"),
        "the end": ("for y in a", "h(y)"),
        "two paragraphs": ("for x in a", "k(x)"),
    }
    costs = [find_offer(version, *lines).cost for lines in ranked.values()]
    assert costs == sorted(costs)


def test_a_comment_speaks_for_one_paragraph() -> None:
    loops = [
        f"    for x in {name}:\n        if x:\n            g(x)\n            {name}(x)\n" for name in "ab"
    ]
    one, two = [], []
    for above in ("", "    # Count.\n"):
        source = f"def f(a, b):\n    g(b)\n\n{above}{loops[0]}\n{loops[1]}\n    h(a)\n    h(b)\n"
        version = Trial(cut(source), shift=0, outer_shift=0, taken=frozenset(), given={})
        one.append(find_offer(version, "for x in a", "a(x)").cost)
        two.append(find_offer(version, "for x in a", "b(x)").cost)
    assert one[1] < one[0] < two[0] == two[1]


PAIR = """
    def f(a, b, c):
        if c:
            a = [x.d for x in a]
            b = [x.d for x in b]
        g(a, b)

        def h(e):
            for x in e:
                if x in a:
                    g(x, b)
        return h
"""
FEW_LINES = """
    def f(a, b, c, d):
        yield a
        if b and a:
            c(a, d)
        if b and d:
            c(b, d)
            c(a, b)
"""


@pytest.mark.parametrize("source", [PAIR, FEW_LINES], ids=["two results", "a few lines of many values"])
def test_what_would_hardly_read_better_becomes_no_function(source: str) -> None:
    version = Trial(cut(source), shift=0, outer_shift=0, taken=frozenset(), given={})
    assert version.runs
    found = find_plan(Module.parse(clean(source)), "f", Aims(version.numbers.cognitive - 1))
    assert found is None or not found.helpers


@pytest.mark.parametrize("space", ["", "\n"], ids=["without a blank line below", "with one"])
@pytest.mark.parametrize("parts", ["", "\n"], ids=["one paragraph", "two"])
def test_a_docstring_is_no_part_of_a_paragraph(space: str, parts: str) -> None:
    ifs = [f"    if {test}:\n        g({test})\n" for test in ("a.x", "y", "not z")]
    source = f'def f(a):\n    """Do it."""\n{space}{ifs[0]}{ifs[1]}{parts}{ifs[2]}    h(a)\n'
    version = Trial(cut(source), shift=0, outer_shift=0, taken=frozenset(), given={})
    assert find_offer(version, "if a.x", "g(y)").cuts == 0
    assert find_offer(version, "if y", "g(not z)").cuts == (2 if parts else 0)


def find_offer(version: Trial, first: str, last: str) -> Offer:
    """Return how the lines between two texts can become a function."""
    offer = version.find_offer(find_run(version.snippet, first, last), TASTE.parameters[1])
    assert offer is not None
    return offer


FOUR_IFS = "".join(
    f"    if a.{name} and not g(a.{name}) or h:\n        b = h(b, a.{name})\n" for name in "wxyz"
)


def test_out_of_reach_of_the_limits_no_paragraph_is_cut() -> None:
    """Moving two of the four ``if`` statements would save the most."""
    source = f"""def f(a, b, h):
    h = g(h)

{FOUR_IFS}    h(b)

    for x in b:
        if x:
            g(x)
            if x.y:
                h(x)

    if b:
        for x in a:
            if h(x):
                h(b)
                g(b)
    return h(a)
"""
    found = plan(source, cognitive=7, cyclomatic=11)
    assert (found.within, {step.kind for step in found.steps}) == (False, {NEW_FUNCTION})
    assert [(step.line, step.end_line) for step in found.steps] == [(14, 18), (20, 24)]


@pytest.mark.parametrize(("limit", "is_found"), [(7, True), (4, False)], ids=["in reach", "out of reach"])
def test_a_few_lines_of_many_values_become_a_function_only_to_reach_the_limit(
    limit: int, *, is_found: bool
) -> None:
    source = """
        def f(a, b, c):
            while a:
                yield a
                if a and b or c:
                    for x in b:
                        g(x, a, c)
                        if x:
                            h(c)
                yield b
                yield c
    """
    found = find_plan(Module.parse(clean(source)), "f", Aims(limit))
    assert bool(found and found.helpers) == is_found


def test_a_function_takes_many_values_where_nothing_else_helps() -> None:
    source = """
        def f(a, b, c, d):
            for x in a:
                if b:
                    if c:
                        h(b, d, x)
                    else:
                        h(x, d, b)
                g(x)
            return 1
    """
    found = plan(source, cognitive=4)
    assert (found.within, kinds(found)) == (True, [NEW_FUNCTION])
    assert found.helpers[0].signature.count(",") == 3


def test_out_of_reach_a_step_takes_one_paragraph() -> None:
    source = """
        @k
        def f(a):
            yield a

            for x in a.c:
                if x or b:
                    g(x)
                    h(x)
                    k(x)

            while a.d:
                if a or c:
                    h(a)
                    g(a)
                    k(a)

            yield a
            for x in a:
                if x and g and h and k and x.b and x.c and x.d and x.e:
                    yield a
    """
    found = plan(source, 99, cyclomatic=7)
    assert (found.within, [(step.line, step.end_line) for step in found.steps]) == (False, [(5, 9), (11, 15)])


def test_out_of_reach_the_best_steps_remain() -> None:
    source = """
        def f(a):
            while a:
                if a.b:
                    break
                else:
                    if a.c:
                        yield a
                    elif a.d:
                        yield a
    """
    found = plan(source, cognitive=1)
    assert (found.within, kinds(found)) == (False, [ELIF])
    assert found.after.cognitive < found.before.cognitive


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(a):\n    return a\n", id="nothing to do"),
        pytest.param("class C: f = lambda a: a\n\ndef f(a): return a\n", id="a function on one line"),
        pytest.param("def f(a):\n    if a:\n        yield a\n    else:\n        yield 1\n", id="no step"),
    ],
)
def test_nothing_makes_it_simpler(source: str) -> None:
    assert find_plan(Module.parse(source), "f", Aims(0)) is None


def test_steps_of_a_point_are_taken_for_the_limit_only() -> None:
    source = "def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n"
    assert find_plan(Module.parse(source), "f", Aims(0)) is None
    assert kinds(plan(source, cognitive=1)) == [DROP_ELSE]
    found = find_plan(Module.parse(source), "f", Aims(0), TASTE._replace(worth=1))
    assert found is not None
    assert kinds(found) == [DROP_ELSE]


def test_a_return_is_copied_once() -> None:
    block = "    if a:\n        for x in a:\n            if x:\n                g()\n    return a\n"
    inner = "    def i(a):\n" + "".join(f"    {line}\n" for line in block.splitlines())
    module = Module.parse(f"def f(a):\n{inner}{inner}{block}")
    found = find_plan(module, "f", Aims(0), TASTE._replace(parameters=()))
    assert found is not None
    assert sum("return a" in "".join(step.edits[0].lines[:2]) for step in found.steps) == 1


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        pytest.param("f", "", "", id="a function"),
        pytest.param("f#2", "def f(a):\n    pass\n\n\n", "", id="the second of its name"),
        pytest.param("f", "from __future__ import annotations, generator_stop\n\n\n@g\n", "", id="futures"),
        pytest.param("C.f", "class C(Base):\n", "", id="a method"),
        pytest.param("C.f", "# C\n@g\nclass C:\n    x = 1\n\n    @g(\n    )\n", "", id="decorators"),
        pytest.param("C.D.f", "class C:\n  class D:\n", "", id="a class in a class"),
        pytest.param("f", "if a:\n    x = 1\nelse:\n", "", id="under a condition"),
        pytest.param("C.f", "try:\n  class C:\n", "finally:\n    pass\n", id="a class in a try"),
    ],
)
@pytest.mark.parametrize(("cognitive", "cyclomatic"), [(9, 99), (10, 5)])
def test_it_is_rewritten_wherever_it_is(
    name: str, head: str, tail: str, cognitive: int, cyclomatic: int
) -> None:
    """``check_plan`` also looks at the values of all other functions of the file."""
    headers = [line for line in head.splitlines() if line.strip().startswith(("class", "try", "else"))]
    indent = "    " * len(headers)
    source = "".join(f"{indent}{line}\n" for line in clean(NESTED).splitlines())
    text = f"{head}{source}{tail}\n\ndef g(x):\n    return x or 1\n"
    found = find_plan(Module.parse(text), name, Aims(cognitive, cyclomatic))
    assert found is not None
    assert found.within
    check_plan(text, name, found)


def test_names_can_be_given_to_new_functions() -> None:
    (step,) = plan(TWO_LOOPS, cognitive=12, cyclomatic=8).steps
    found = find_plan(Module.parse(clean(TWO_LOOPS)), "f", Aims(12, 8), given={step.line: "count_pairs"})
    assert found is not None
    text = apply_plan(clean(TWO_LOOPS), found)
    assert "_count_others" not in text
    assert text.count("count_pairs(b)") == 2


def test_lines_with_given_names_are_as_long_as_others() -> None:
    (step,) = plan(TWO_LOOPS, cognitive=12, cyclomatic=8).steps
    given = {step.line: f"count_{'very_' * 13}many"}
    found = find_plan(Module.parse(clean(TWO_LOOPS)), "f", Aims(12, 8), given=given)
    assert found is not None
    lines = apply_plan(clean(TWO_LOOPS), found).splitlines()
    assert (f"    count = {given[step.line]}(" in lines, max(map(len, lines)) <= 88) == (True, True)


def test_no_two_functions_are_made_in_one_line_which_names_them() -> None:
    source = """
        def f(a, b):
            for z in a:
                if z:
                    if z > 1 and a:
                        yield z

            c = a()
            for x in a:
                if x:
                    if x > 1:
                        c += x
                    g(x)
            for y in b:
                if y > c:
                    if y > 1:
                        g(y)
                    h(y)
            h(c)
            h(a)
    """
    found = plan(source, cognitive=7)
    assert found.within
    assert len({step.line for step in found.steps}) == len(found.helpers) == 2


def test_a_proposed_name_is_new_to_the_module() -> None:
    text = clean(TWO_LOOPS) + "\n\n# _count_others and _count_others_2\n"
    found = find_plan(Module.parse(text), "f", Aims(12, 8))
    assert found is not None
    assert [helper.signature for helper in found.helpers] == ["def _count_others_3(b)"]


def diff_steps(text: str, found: Plan) -> list[list[str]]:
    """Return the lines of a diff for each step, as ``explain`` shows them."""
    diffs = []
    for step in found.steps:
        diffs.append([*diff_edits(text, step.edits, "a.py")])
        text = apply_edits(text, step.edits)
    return diffs


def test_each_step_has_a_diff() -> None:
    first, second = diff_steps(clean(NESTED), plan(NESTED, cognitive=9))
    assert first[:6] == [
        *("--- a/a.py", "+++ b/a.py", "@@ -1,8 +1,7 @@"),
        *(" def f(a):", "     for x in a:", "-        if x:"),
    ]
    assert "+        if x and x.y:" in first
    assert "+        if not (x and x.y):\n+            continue" in "\n".join(second)


def test_a_diff_has_the_lines_that_a_step_changes_and_no_others() -> None:
    """The last line of the function is that of the new one too."""
    found = plan(TWO_LOOPS, cognitive=12, cyclomatic=8)
    (step,), (diff,) = found.steps, diff_steps(clean(TWO_LOOPS), found)
    removed, added = ([line[1:] for line in diff[2:] if line[0] == sign] for sign in "-+")
    run = clean(TWO_LOOPS).splitlines()[step.line - 1 : step.end_line]
    assert removed == run
    assert added == [
        "    count = _count_others(b)",
        "",
        "",
        "def _count_others(b):",
        *run,
        "    return count",
    ]


@pytest.mark.parametrize(("name", "has_method"), [("g", True), ("__getattribute__", False)])
def test_a_class_that_looks_its_attributes_up_gets_no_method(name: str, has_method: bool) -> None:
    body = indent(clean(TWO_LOOPS).replace("def f(", "def f(self, "), "    ")
    source = f"class C:\n{body}\n    def {name}(self, name):\n        return h(self, name)\n"
    found = find_plan(Module.parse(source), "C.f", Aims(8))
    assert found is not None
    assert bool(found.helpers) == has_method


def test_a_base_looks_them_up_too() -> None:
    body = indent(clean(TWO_LOOPS).replace("def f(", "def f(self, "), "    ")
    base = "class B:\n    def __getattribute__(self, name):\n        return h(self, name)\n"
    found = find_plan(Module.parse(f"{base}class C(B):\n{body}"), "C.f", Aims(8))
    assert found is not None
    assert not found.helpers


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is newer")
def test_a_type_parameter_of_the_class_is_unknown_outside() -> None:
    body = indent(clean(TWO_LOOPS).replace("def f(", "@staticmethod\ndef f("), "    ")
    plans = [
        find_plan(Module.parse(f"class C[T]:\n{text}"), "C.f", Aims(8))
        for text in (body, body.replace("if y:", "if y is T:"))
    ]
    assert [bool(found and found.helpers) for found in plans] == [True, False]


@pytest.mark.parametrize(
    ("head", "decorator", "has_method"),
    [
        pytest.param("class C:", "cached", True, id="a class"),
        pytest.param("class C(Protocol):", "cached", False, id="a protocol"),
        pytest.param("class C(t.Protocol[T]):", "cached", False, id="a generic protocol"),
        pytest.param("class C(ProtocolError):", "cached", True, id="a base with a similar name"),
        pytest.param("class C(asyncio.Protocol):", "cached", True, id="a base that is no protocol"),
        pytest.param("class C(graphene.ObjectType):", "cached", False, id="graphene passes the parent"),
        pytest.param("class C(DjangoObjectType):", "cached", False, id="graphene-django passes a model"),
        pytest.param("class C(graphene.Mutation):", "cached", False, id="graphene passes no object"),
        pytest.param("class C(relay.ClientIDMutation):", "cached", True, id="graphene passes the class"),
        pytest.param("class C(graphene.Interface):", "cached", False, id="graphene passes another object"),
        pytest.param("class C(hk.Module):", "cached", False, id="Haiku names parameters after methods"),
        pytest.param("class C(haiku.RNNCore):", "cached", False, id="Haiku, by a class of its own"),
        pytest.param("class C(nn.Module):", "cached", True, id="PyTorch and Flax do not"),
        pytest.param("class C:", "factory.lazy_attribute", False, id="factory_boy passes a stub"),
        pytest.param("class C:", "factory.post_generation", False, id="factory_boy passes what it made"),
        pytest.param("class C:", "hybrid_property", False, id="SQLAlchemy passes the class, too"),
        pytest.param("@strawberry.type\nclass C:", "cached", False, id="Strawberry passes the parent"),
        pytest.param("@strawberry_django.type(M)\nclass C:", "cached", False, id="Strawberry passes a model"),
    ],
)
def test_a_class_whose_self_may_be_another_object_gets_no_method(
    head: str, decorator: str, has_method: bool
) -> None:
    body = indent(f"@{decorator}\n{clean(TWO_LOOPS)}".replace("def f(", "def f(self, "), "    ")
    found = find_plan(Module.parse(f"{head}\n{body}"), "C.f", Aims(8))
    assert found is not None
    assert bool(found.helpers) == has_method


@pytest.mark.parametrize(
    ("name", "parameters", "has_method"),
    [
        pytest.param("resolve_a", "self, info", False, id="a resolver"),
        pytest.param("resolve_a", "root, info", True, id="a resolver that is no method"),
        pytest.param("resolve_a", "self, name", True, id="a method with such a name"),
        pytest.param("take_a", "self, info", True, id="a method with such a parameter"),
    ],
)
def test_a_resolver_of_graphene_gets_no_method(name: str, parameters: str, *, has_method: bool) -> None:
    """It gets another object as ``self``, whatever the bases of its class are."""
    source = clean(TWO_LOOPS).replace("def f(", f"def {name}({parameters}, ")
    found = find_plan(Module.parse(f"class C(Shop):\n{indent(source, '    ')}"), f"C.{name}", Aims(8))
    assert found is not None
    assert bool(found.helpers) == has_method


@pytest.mark.parametrize(
    ("decorator", "has_helper"),
    [
        pytest.param("steps", True, id="one that calls it"),
        pytest.param("app.cell(hide_code=True)", False, id="a cell of marimo"),
        pytest.param("task.virtualenv(requirements=[])", False, id="Airflow runs its source elsewhere"),
        pytest.param("task.branch_external_python(python='a')", False, id="Airflow chooses by it elsewhere"),
        pytest.param("task.docker(image='a')", False, id="Airflow runs it in a container"),
        pytest.param("PythonVirtualenvOperator", False, id="an operator of Airflow that runs it elsewhere"),
        pytest.param("ExternalPythonOperator", False, id="another one"),
        pytest.param("create_component_from_func", False, id="Kubeflow runs its source elsewhere"),
        pytest.param("func_to_container_op", False, id="Kubeflow, by its first version"),
        pytest.param("pipeline.add_function_step", False, id="ClearML does, too"),
        pytest.param("app.route('/guppy')", True, id="a word in a text"),
        pytest.param("click.option('--guppy', help=\"it's a kernel\")", True, id="words in two texts"),
        pytest.param("arc4.abimethod", False, id="Algorand compiles what has such a decorator"),
        pytest.param("arc4.baremethod(create='require')", False, id="Algorand compiles this, too"),
        pytest.param("algopy.subroutine", False, id="Algorand compiles this as well"),
        pytest.param("guppy", False, id="so does Guppy"),
        pytest.param("python_app", False, id="Parsl sends it to a worker"),
        pytest.param("bash_app", False, id="Parsl sends one that returns a command"),
        pytest.param("join_app", False, id="Parsl sends one that starts others"),
        pytest.param("channel.remote_exec", False, id="execnet does, too"),
        pytest.param("conn.teleport", False, id="RPyC does as well"),
        pytest.param("client.register_function", False, id="Globus Compute does, too"),
        pytest.param("dill.dumps", False, id="dill writes it without what it calls"),
        pytest.param("niu.Function", False, id="nipype takes its source"),
        pytest.param("FunctionTransformer", True, id="scikit-learn calls it"),
        pytest.param("dumps", True, id="pickle writes its name"),
        pytest.param("py2js", False, id="PScript compiles nothing else"),
        pytest.param("ibis.udf.scalar.python", False, id="Ibis sends its source to a database"),
        pytest.param("bpd.udf(dataset='d')", False, id="BigQuery DataFrames do, too"),
        pytest.param("bigframes.pandas.udf", False, id="BigQuery DataFrames, by the full name"),
        pytest.param("client.create_python_function", False, id="Unity Catalog does, too"),
        pytest.param("spark.udf.register", True, id="Spark pickles it"),
        pytest.param("expressify", False, id="Shiny shows the values of its statements"),
        pytest.param("render.express", False, id="Shiny shows them as an output"),
        pytest.param("chain", False, id="LangChain looks for keys of its input"),
        pytest.param("RunnableLambda", False, id="LangChain does so for what it is given"),
        pytest.param("itertools.chain", True, id="a chain of something else"),
        pytest.param("deal.inv(lambda x: x)", False, id="deal checks objects before each method"),
        pytest.param("Subroutine(TealType.uint64)", True, id="PyTeal runs it"),
        pytest.param("cython.ccall", False, id="Cython compiles the types of one function"),
    ],
)
def test_a_function_that_is_taken_alone_gets_no_new_one(decorator: str, has_helper: bool) -> None:
    found = find_plan(Module.parse(f"@{decorator}\n{clean(TWO_LOOPS)}"), "f", Aims(8))
    assert found is not None
    assert bool(found.helpers) == has_helper


@pytest.mark.parametrize(
    ("head", "decorator", "has_helper"),
    [
        ("import marimo", "app.function", False),
        ("from kfp import dsl", "dsl.component(base_image='python')", False),
        ("from clearml import PipelineDecorator", "PipelineDecorator.component()", False),
        ("from metaflow import FlowSpec, step", "step", False),
        ("import smolagents", "smolagents.tool", False),
        ("from mlflow.genai import scorer", "scorer(name='exact')", False),
        ("from azure.ai.ml import dsl", "dsl.pipeline(compute='a')", False),
        ("from zenml import pipeline", "pipeline", True),
        ("from inspect_ai.scorer import scorer", "scorer(metrics=[])", True),
        ("import modal", "app.function(gpu='any')", True),
        ("from haystack import component", "component", True),
        ("from workflows import Workflow, step", "step", True),
        ("from langchain.tools import tool", "tool", True),
    ],
)
def test_a_name_that_frameworks_share_counts_where_one_is_named_that_takes_a_function_alone(
    head: str, decorator: str, has_helper: bool
) -> None:
    found = find_plan(Module.parse(f"{head}\n\n@{decorator}\n{clean(TWO_LOOPS)}"), "f", Aims(8))
    assert found is not None
    assert bool(found.helpers) == has_helper


@pytest.mark.parametrize(
    ("decorator", "has_plan"),
    [
        pytest.param("cache", True, id="one that calls it"),
        pytest.param("njit(parallel=True)", False, id="numba"),
        pytest.param("overload(len)", False, id="numba, by an inner function"),
        pytest.param("overload", True, id="an overload of typing"),
        pytest.param("overload_attribute(A, 'a')", False, id="numba, for an attribute"),
        pytest.param("overload_method(A, 'a')", False, id="numba, for a method"),
        pytest.param("overload_classmethod(A, 'a')", False, id="numba, for a method of a class"),
        pytest.param("register_jitable", False, id="numba, for what it compiles elsewhere"),
        pytest.param("jitclass(spec)", False, id="numba, for methods"),
        pytest.param("cfunc('f8(f8)')", False, id="numba, for C"),
        pytest.param("cc.export('f', 'f8(f8)')", False, id="numba, ahead of time"),
        pytest.param("intrinsic", False, id="numba, for code that it is given"),
        pytest.param("stencil", False, id="numba, for neighbours"),
        pytest.param("guvectorize", False, id="numba, for arrays"),
        pytest.param("nb.vectorize", False, id="numba, for numbers in arrays"),
        pytest.param("np.vectorize", True, id="numpy, which calls it"),
        pytest.param("numpy.vectorize", True, id="numpy, by its full name"),
        pytest.param("script(default_opset=op)", False, id="ONNX Script"),
        pytest.param("triton.jit", False, id="a kernel"),
        pytest.param("ti.kernel", False, id="a kernel of Taichi"),
        pytest.param("ti.func", False, id="a part of a kernel"),
        pytest.param("ti.real_func", False, id="a part of a kernel that is called"),
        pytest.param("taichi.func", False, id="a part of a kernel, by the full name"),
        pytest.param("qd.func", False, id="a part of a kernel of Quadrants"),
        pytest.param("wp.func_grad(h)", False, id="a derivative of a part of a kernel"),
        pytest.param("warp.func", False, id="a part of a kernel of Warp, by the full name"),
        pytest.param("prim_func", False, id="TVM"),
        pytest.param("dr.syntax(recursive=True)", False, id="Dr.Jit makes functions of its blocks"),
        pytest.param("drjit.syntax", False, id="Dr.Jit, by its full name"),
        pytest.param("syntax", False, id="Dr.Jit, by a bare name"),
        pytest.param("check.syntax", True, id="syntax of something else"),
        pytest.param("always_seq(clk.posedge, reset=rst)", False, id="MyHDL loses a return in VHDL"),
        pytest.param("always_comb", False, id="MyHDL, without a clock"),
        pytest.param("always(clk.posedge)", False, id="MyHDL, with one"),
        pytest.param("instance", False, id="MyHDL, with its own loop"),
        pytest.param("validator('a', always=True)", True, id="an argument with the name of one"),
        pytest.param("update_ff", False, id="PyMTL translates no return"),
        pytest.param("cache.update", True, id="update of something else"),
        pytest.param("gtscript.function", False, id="a part of a stencil of GT4Py"),
        pytest.param("gtx.field_operator", False, id="an operator of GT4Py"),
        pytest.param("gtx.scan_operator(axis=K)", False, id="a scan of GT4Py"),
        pytest.param("tf.function", False, id="a graph"),
        pytest.param("tensorflow.function", False, id="a graph, by the full name"),
        pytest.param("proc", False, id="Exo"),
        pytest.param("dace.program(auto_optimize=True)", False, id="DaCe"),
        pytest.param("dc.method", False, id="DaCe, for a method"),
        pytest.param("cache.program", True, id="a program of something else"),
        pytest.param("micropython.viper", False, id="viper, which knows other types"),
        pytest.param("micropython.native", True, id="MicroPython, which knows all types"),
        pytest.param("ex.config", False, id="Sacred takes its variables for settings"),
        pytest.param("ex.named_config", False, id="Sacred takes these by a name"),
        pytest.param("app.config('x')", True, id="settings of something else"),
        pytest.param("guidance(stateless=True)", False, id="Guidance dedents its texts"),
    ],
)
def test_a_function_that_a_decorator_compiles_stays(decorator: str, has_plan: bool) -> None:
    nested = clean(NESTED)
    method = indent(nested.replace("f(a", "f(self, a"), "    ")
    inner = f"    @{decorator}\n    def g(): pass\n"
    for text, name in (
        (f"@{decorator}\n{nested}", "f"),
        (f"@{decorator}\nclass C:\n{method}", "C.f"),
        (nested.replace(":\n", f":\n{inner}", 1), "f"),
        (f"{nested}\nfast = {decorator}(f)\n", "f"),
    ):
        assert (find_plan(Module.parse(text), name, Aims(9)) is not None) == has_plan


@pytest.mark.parametrize(
    ("call", "has_plan"),
    [
        pytest.param("torch.jit.script(C(1))", False, id="an object that is compiled"),
        pytest.param("torch.jit.script(D(C(1)))", True, id="another one"),
        pytest.param("run(C(1))", True, id="one that is called"),
    ],
)
def test_a_method_of_an_object_that_is_compiled_stays(call: str, *, has_plan: bool) -> None:
    method = indent(clean(NESTED).replace("f(a", "f(self, a"), "    ")
    found = find_plan(Module.parse(f"class C:\n{method}\nfast = {call}\n"), "C.f", Aims(9))
    assert (found is not None) == has_plan


@pytest.mark.parametrize(
    ("arguments", "has_plan"),
    [
        pytest.param("f, raw=True, engine='numba'", False, id="an engine that compiles it"),
        pytest.param("1, func=f, engine='numba'", False, id="the same, by name"),
        pytest.param("f, raw=True, engine='cython'", True, id="one that calls it"),
        pytest.param("f, engine='cython', mode=kernel", True, id="another argument"),
    ],
)
def test_a_function_that_pandas_compiles_stays(arguments: str, *, has_plan: bool) -> None:
    text = f"{clean(NESTED)}\nrows.rolling(2).apply({arguments})\n"
    assert (find_plan(Module.parse(text), "f", Aims(9)) is not None) == has_plan


def test_a_function_whose_result_is_passed_has_a_plan() -> None:
    module = Module.parse(f"{clean(NESTED)}\nkernel(f(1))\n")
    assert find_plan(module, "f", Aims(9)) is not None


@pytest.mark.parametrize(
    ("head", "type_name", "has_helper"),
    [
        ("import cython", "cython.int", False),
        ("import cython as C", "C.int", False),
        ("from cython import bint", "bint", False),
        ("from cython.cimports.cpython import array", "array.array", False),
        ("try:\n    import cython as C\nexcept ImportError:\n    pass", "C.int", False),
        ("from cython import bint", "int", True),
        ("from ctypes import bint", "bint", True),
    ],
)
def test_a_function_with_types_of_cython_gets_no_new_one(
    head: str, type_name: str, *, has_helper: bool
) -> None:
    source = clean(TWO_LOOPS).replace("count = 0", f"count: {type_name} = 0")
    found = find_plan(Module.parse(f"{head}\n\n{source}"), "f", Aims(8))
    assert found is not None
    assert bool(found.helpers) == has_helper


def test_a_plan_keeps_line_ends() -> None:
    text = clean(NESTED).replace("\n", "\r\n").removesuffix("\r\n")
    found = find_plan(Module.parse(text), "f", Aims(9))
    assert found == plan(NESTED, cognitive=9)
    after = apply_plan(text, found)
    assert after.replace("\r\n", "") == apply_plan(clean(NESTED), found).replace("\n", "")
    assert "\n" not in after.replace("\r\n", "")


@pytest.mark.parametrize(
    "text", ["f'{{'", "f'}}{a}'", "f';'", "f'{a:>{a}}: else'", "f'''\n    {a}\n:'''", r"r'\\'"]
)
def test_strings_look_like_code(text: str) -> None:
    source = f"def f(a):\n    if a:\n        if a.b:\n            g({text})\n"
    after = f"def f(a):\n    if a and a.b:\n        g({text})\n"
    assert apply_plan(source, plan(source, cognitive=2)) == after


@pytest.mark.parametrize(("cognitive", "kind"), [(9, LEAVE_EARLY), (8, NEW_FUNCTION)])
def test_comments_at_the_end_belong_to_the_function(cognitive: int, kind: str) -> None:
    source = f"{clean(NESTED)}            # of the first if\n\n        # of the loop\n# of no function\n"
    found = plan(source, cognitive)
    assert kinds(found)[-1] == kind
    after = apply_plan(source, found)
    assert after.endswith("# of no function\n")
    assert after.count("#") == 3


def test_a_plan_can_be_stored() -> None:
    step = Step(MERGE, 1, 2, Scores(2, 2), Scores(1, 2), True, (LineEdit(1, 2, ("c",)),))
    by_hand = Plan((step,), True, Scores(2, 2), Scores(1, 2))
    assert apply_plan("a\nb\n", by_hand) == "c\n"
    for each in (by_hand, plan(TWO_LOOPS, cognitive=12, cyclomatic=8)):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(each), type=Plan) == each


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["if a == 0:", *["    g()", "elif a == 1:"] * 450, "    g()"], id="a chain of elif"),
        pytest.param(
            [f"{'    ' * depth}if a:" for depth in range(90)] + [f"{'    ' * 90}g()"],
            id="deep",
            marks=pytest.mark.slow,
        ),
        pytest.param(["if a:", f"    return {' + '.join(['a'] * 900)}"], id="a long expression"),
        pytest.param(["if a:", "    g()"] * 600, id="many lines"),
    ],
)
def test_a_hostile_function_is_no_problem(lines: list[str]) -> None:
    source = "def f(a):\n" + "".join(f"    {line}\n" for line in lines)
    found = find_plan(Module.parse(source), "f", Aims(1))
    assert found is None or not found.within
