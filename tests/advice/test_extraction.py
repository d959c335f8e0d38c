"""Runs of statements become functions: what is passed and returned, and what keeps them where they are."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import indent

import pytest

from pytest_antipasta.advice.extraction import Extraction, Extractor
from pytest_antipasta.advice.moving import move_run
from pytest_antipasta.advice.proof.proof import Proof, Refused, prove
from tests.advice.rewriting import clean, cut, describe, extract, find_run
from tests.tables import read_rows

LAZY = "from __future__ import annotations\n"

EXTRACTED = read_rows(Path(__file__).with_name("extracted.txt"))
REFUSED = [
    pytest.param(
        "from b import h\nif a:\n    g()\n    h()\ng()",
        ("if a", "h()"),
        "it passes an import",
        id="an import of the function",
    ),
    pytest.param(
        "if a:\n    import b.c as h\n    g()\nh()",
        ("if a", "g()"),
        "it passes an import",
        id="an import as a result",
    ),
    pytest.param(
        "if a:\n    if b:\n        g()\n    return 1\ng()", ("if b", "return 1"), "", id="it always returns"
    ),
    pytest.param(
        "if a:\n    g()\n    return 1\ng()", ("if a", "return 1"), "return", id="a return on some ways"
    ),
    pytest.param(
        "for x in a:\n    if x:\n        g()\n        break\n    g()", ("if x", "break"), "break", id="break"
    ),
    pytest.param(
        "for x in a:\n    if x:\n        g()\n        continue\n    g()",
        ("if x", "continue"),
        "continue",
        id="continue",
    ),
    pytest.param(
        "if a:\n    g()\n    x = yield\ng(x)",
        ("if a", "yield"),
        "it yields, and returns a value",
        id="yield, and a result",
    ),
    pytest.param(
        "if a:\n    if b:\n        yield\n    return 1\ng()",
        ("if b", "return 1"),
        "it yields, and returns a value",
        id="yield, and a return",
    ),
    pytest.param(
        "if a:\n    g()\n    return\n    yield\ng()", ("if a", "yield"), "return", id="yield on no way"
    ),
    pytest.param(
        "if a:\n    g()\n    del b\ng()",
        ("if a", "del b"),
        "del",
        id="del",
    ),
    pytest.param(
        "if a:\n    g()\n    super().f()\ng()",
        ("if a", "super"),
        "frame",
        id="super",
    ),
    pytest.param(
        "if a:\n    g()\n    warnings.warn('', W)\ng()", ("if a", "warn"), "frame", id="a warning's caller"
    ),
    pytest.param(
        "if a:\n    g()\n    g(stacklevel=2)\ng()", ("if a", "stack"), "frame", id="a logger's caller"
    ),
    pytest.param(
        "if a:\n    g()\n    logger.opt(depth=1).info(b)\ng()",
        ("if a", "depth"),
        "frame",
        id="a caller of loguru's logger",
    ),
    pytest.param(
        "if a:\n    g()\n    json.opt(indent=1)\n    dump(depth=1)\ng()",
        ("if a", "dump"),
        "",
        id="the depth of something else",
    ),
    pytest.param(
        "if a:\n    g()\n    inspect.stack(0)\ng()",
        ("if a", "stack"),
        "frame",
        id="callers without code",
    ),
    pytest.param(
        "if a:\n    g()\n    traceback.extract_stack()\ng()",
        ("if a", "stack"),
        "frame",
        id="a trace of callers",
    ),
    pytest.param(
        "if a:\n    g()\n    check_argument_types()\ng()",
        ("if a", "check"),
        "frame",
        id="what finds the annotations of its caller",
    ),
    pytest.param(
        "if a:\n    g()\n    c = varname()\ng(c)", ("if a", "c ="), "frame", id="the name of a result"
    ),
    pytest.param(
        "if a:\n    g()\n    c = argname('a')\ng(c)", ("if a", "c ="), "frame", id="the text of an argument"
    ),
    pytest.param(
        "if a:\n    g()\n    returnValue(b)\ng()", ("if a", "return"), "frame", id="a result of Twisted"
    ),
    pytest.param(
        "if a:\n    with BuildSketch():\n        g(b)\ng()",
        ("if a", "g(b)"),
        "frame",
        id="a sketch of build123d, part of what its function builds",
    ),
    pytest.param(
        "# fmt: off\nif a:\n    g()\n    # fmt: on\n    g(b)\ng()",
        ("if a", "g(b)"),
        "a comment belongs to one that is elsewhere",
        id="the end of what no formatter touches",
    ),
    pytest.param(
        "#region\nif a:\n    g()\n    g(b)\n#endregion\ng()",
        ("if a", "g(b)"),
        "a comment belongs to one that is elsewhere",
        id="the beginning of a region",
    ),
    pytest.param(
        "if a:\n    g()\n    # ruff: enable[E]\n    # ruff: disable[E]\n    g(b)\ng()",
        ("if a", "g(b)"),
        "a comment belongs to one that is elsewhere",
        id="an end before a begin",
    ),
    pytest.param(
        "if a:\n    # region of it\n    g()\n    # endregion\n    g(b)\ng()",
        ("if a", "g(b)"),
        "",
        id="a whole region",
    ),
    pytest.param("if a:\n    g()\n    np.stack([b])\ng()", ("if a", "stack"), "", id="a stack of arrays"),
    pytest.param(
        "if a:\n    c = TemporaryDirectory()\n    b = c.name\ng(b)",
        ("if a", "c.name"),
        "owner",
        id="a folder that is deleted with its variable",
    ),
    pytest.param(
        "if a:\n    c: T = TemporaryDirectory() if b else None\n    b = c.name\ng(b)",
        ("if a", "c.name"),
        "owner",
        id="a folder that may be deleted with its variable",
    ),
    pytest.param(
        "if a:\n    c = SharedMemory(create=True, size=9)\n    b = ndarray(9, buffer=c.buf)\ng(b)",
        ("if a", "c.buf"),
        "owner",
        id="memory that is unmapped with its variable",
    ),
    pytest.param(
        "if a:\n    c = tk.PhotoImage(file=b)\n    b = Label(image=c)\ng(b)",
        ("if a", "Label"),
        "owner",
        id="an image that vanishes with its variable",
    ),
    pytest.param(
        "if a:\n    c = NamedTemporaryFile('w', delete=False)\n    b = c.name\ng(b)",
        ("if a", "c.name"),
        "",
        id="a file that is kept",
    ),
    pytest.param(
        "if a:\n    with TemporaryDirectory() as c:\n        g(c)\ng(b)",
        ("if a", "g(c)"),
        "",
        id="a folder that is deleted at once",
    ),
    pytest.param(
        "if a:\n    c = open(b)\n    b = c.fileno()\ng(b)",
        ("if a", "c.fileno"),
        "owner",
        id="a file that is closed with its variable",
    ),
    pytest.param(
        "if a:\n    c = ffi.new('char[]', a)\n    b.name = c\ng(b)",
        ("if a", "b.name"),
        "owner",
        id="memory of C that is free after its variable",
    ),
    pytest.param(
        "if a:\n    c = a\n    b = 1\ng(b, c)", ("if a", "b = 1"), "it has several results", id="two results"
    ),
    pytest.param(
        "if a:\n    c = h(b)\n    g(a)\ng(b)",
        ("if a", "g(a)"),
        "it binds what may have to stay",
        id="a variable that nothing reads",
    ),
    pytest.param(
        "if a:\n    if b:\n        g(a)\n    c = h(b)\n    return",
        ("if b", "return"),
        "",
        id="a variable that nothing reads at the end of the function",
    ),
    pytest.param(
        "if a:\n    c = Timer()\n    c.timeout.connect(b)\n    c.start()\ng(b)",
        ("if a", "c.start"),
        "it binds what may have to stay",
        id="an object that goes on with something",
    ),
    pytest.param(
        "if a:\n    c = Listener(b)\n    b.connect(c.update)\ng(b)",
        ("if a", "b.connect"),
        "it binds what may have to stay",
        id="an object that something else may need",
    ),
    pytest.param(
        "if a:\n    c = Listener(b)\n    c.start()\n    b.connect(c.stop)\ng(b)",
        ("if a", "b.connect"),
        "it binds what may have to stay",
        id="an object that something else may end",
    ),
    pytest.param(
        "if a:\n    c = CFUNCTYPE(None)(h)\n    b.register(c)\ng(b)",
        ("if a", "b.register"),
        "it binds what may have to stay",
        id="a callback for C",
    ),
    pytest.param(
        "if a:\n    c = open(b, 'w')\n    flock(c, LOCK_EX)\ng(b)",
        ("if a", "flock"),
        "it binds what may have to stay",
        id="a file whose lock ends with it",
    ),
    pytest.param(
        "if a:\n    c = open(b, 'w')\n    c.write(a)\n    c.close()\ng(b)",
        ("if a", "c.close"),
        "",
        id="a file that is closed",
    ),
    pytest.param(
        "if a:\n    c = h.connect()\n    b = c.cursor()\ng(b)",
        ("if a", "c.cursor"),
        "it binds what may have to stay",
        id="a connection whose cursor refers to it weakly",
    ),
    pytest.param(
        "if a:\n    c = gdal.Open(a)\n    b = c.GetRasterBand(1)\ng(b)",
        ("if a", "GetRasterBand"),
        "it binds what may have to stay",
        id="a file whose bands GDAL deletes with it",
    ),
    pytest.param(
        "if a:\n    c = gdal.OpenEx(a)\n    b = c.GetLayer()\ng(b)",
        ("if a", "GetLayer"),
        "it binds what may have to stay",
        id="a file whose layers GDAL deletes with it",
    ),
    pytest.param(
        "if a:\n    c = h.connect()\n    b = c.cursor().fetchall()\n    c.close()\ng(b)",
        ("if a", "c.close"),
        "",
        id="a connection that is closed",
    ),
    pytest.param(
        "if a:\n    c = Button(b)\n    c.when_pressed = h\ng(b)",
        ("if a", "when_pressed"),
        "it binds what may have to stay",
        id="an object that is told what to call",
    ),
    pytest.param(
        "if a:\n    c = Button(b)\n    c.when_pressed = h\n    g(c)\n    c.close()\ng(b)",
        ("if a", "c.close"),
        "",
        id="an object that is told what to call, and ends",
    ),
    pytest.param(
        "if a:\n    c = socket.socket()\n    c.bind(b)\ng(b)",
        ("if a", "c.bind"),
        "it binds what may have to stay",
        id="a socket that keeps others from its address",
    ),
    pytest.param(
        "if a:\n    c = lambda d: g(d)\n    b.connect(c)\ng(b)",
        ("if a", "b.connect"),
        "it binds what may have to stay",
        id="a lambda that a signal refers to weakly",
    ),
    pytest.param(
        "if a:\n    c = partial(g, a)\n    b.connect(c)\ng(b)",
        ("if a", "b.connect"),
        "it binds what may have to stay",
        id="a partial that a signal refers to weakly",
    ),
    pytest.param(
        "if a:\n    c = min(a, key=lambda d: d)\n    g(c)\ng(b)",
        ("if a", "g(c)"),
        "",
        id="a lambda that is used at once",
    ),
    pytest.param(
        "if a:\n    c, d = Timer(), 1\n    c.start(d)\ng(b)",
        ("if a", "c.start"),
        "it binds what may have to stay",
        id="an object beside another value",
    ),
    pytest.param(
        "if a:\n    c = Timer() if b else None\n    c.start()\ng(b)",
        ("if a", "c.start"),
        "it binds what may have to stay",
        id="one object or none",
    ),
    pytest.param(
        "if a:\n    c = None if b else Timer()\n    c.start()\ng(b)",
        ("if a", "c.start"),
        "it binds what may have to stay",
        id="no object or one",
    ),
    pytest.param(
        "if a:\n    c: T = Timer()\n    c.start()\ng(b)",
        ("if a", "c.start"),
        "it binds what may have to stay",
        id="an object with an annotation",
    ),
    pytest.param(
        "if a:\n    c = Process()\n    c.start()\n    c.join()\ng(b)",
        ("if a", "c.join"),
        "",
        id="an object that has ended",
    ),
    pytest.param(
        "if a:\n    c = Morsel()\n    c.load(a)\n    b.append((a, c))\ng(b)",
        ("if a", "append"),
        "",
        id="an object that a list keeps",
    ),
    pytest.param(
        "if a:\n    c = Reader(b)\n    b = c.read()\ng(b)",
        ("if a", "c.read"),
        "",
        id="an object that has done its work",
    ),
    pytest.param(
        "try:\n    g()\nexcept E:\n    if a:\n        g()\n        raise\n",
        ("if a", "raise"),
        "raise",
        id="raise alone",
    ),
    pytest.param(
        "try:\n    g()\nexcept E:\n    if a:\n        raise\ng()",
        ("try:", "raise"),
        "",
        id="raise alone with its handler",
    ),
    pytest.param(
        "if a:\n    global c\n    c = 1\ng()",
        ("if a", "c = 1"),
        "declaration",
        id="a global name is declared",
    ),
    pytest.param(
        "from b import B\nif a:\n    c: list['B'] = a\n    g(c)\ng()",
        ("if a", "g(c)"),
        "an annotation names what is local",
        id="an annotation with a local name",
    ),
    pytest.param(
        "B = b.B\nif a:\n    c: B = B(a)\n    b = g(c)\ng(b)",
        ("if a", "g(c)"),
        "",
        id="an annotation with a local name that is passed",
    ),
    pytest.param(
        "if a:\n    from b import B\n    c: B = a\n    g(c)\ng()",
        ("if a", "g(c)"),
        "",
        id="an annotation with a name that comes along",
    ),
    pytest.param(
        "if a:\n    from b import B\n    g(b)\n    g(B)\nc: B\ng()",
        ("if a", "g(B)"),
        "an annotation names what is local",
        id="an annotation after it with a name of it",
    ),
    pytest.param(
        "if a:\n    B = b.B\nelse:\n    B = b.C\nclass C(D):\n    x: 'B'\ng(C)",
        ("if a", "B = b.C"),
        "an annotation names what is local",
        id="an annotation of a class, which pydantic evaluates",
    ),
    pytest.param(
        "if a:\n    B = b.B\nelse:\n    B = b.C\ndef h(x: 'B') -> 'B':\n    return x\ng(h)",
        ("if a", "B = b.C"),
        "an annotation names what is local",
        id="an annotation of a function in it",
    ),
    pytest.param(
        "if a:\n    g(1)\n    g(2)\ndef h(x: 'b') -> 'B':\n    return x\ng(h)",
        ("if a", "g(2)"),
        "",
        id="an annotation with a name that stays",
    ),
    pytest.param(
        "if a:\n    g(); h()\n    g(1)\ng()",
        ("if a", "g(1)"),
        "a semicolon",
        id="a semicolon",
    ),
]


@pytest.mark.parametrize(("before", "lines", "after"), EXTRACTED)
def test_a_run_becomes_a_function_and_is_proven(before: str, lines: str, after: str) -> None:
    around = before.partition("def f(")[0].count("class ")
    name = next(name for name in ("C.D.f", "C.f", "f") if name.count(".") == around)
    first, last = lines.split(" ... ")
    assert extract(before, first, last, name) == clean(after)


def make_function(body: str) -> str:
    source = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"def f(a, b):\n    '''Text.'''\n    g()\n{source}    g(0)\n"


@pytest.mark.parametrize(("body", "lines", "why"), REFUSED)
def test_a_run_stays_if_it_needs_its_function(body: str, lines: tuple[str, str], why: str) -> None:
    found = describe(make_function(body), *lines)
    assert (isinstance(found, Extraction), found if isinstance(found, str) else "") == (not why, why)


@pytest.mark.parametrize(
    ("head", "can_yield"),
    [
        ("def f(self, a):", True),
        ("@property\ndef f(self, a):", True),
        ("@classmethod\ndef f(cls, a):", True),
        ("@contextmanager\ndef f(self, a):", False),
        ("@staticmethod\n@fixture()\ndef f(self, a):", False),
        ("async def f(self, a):", False),
    ],
)
def test_only_a_plain_generator_yields_from_another(head: str, can_yield: bool) -> None:
    found = describe(f"{head}\n    g()\n    if a:\n        g()\n        yield a\n    g()\n", "if a", "yield")
    assert (found.yields if isinstance(found, Extraction) else found) == (can_yield or "yield")


@pytest.mark.parametrize(
    ("name", "above", "below", "why"),
    [
        ("__init__", "#: Text.", "", "it documents an attribute"),
        ("__init__", "", "'Text.'", "it documents an attribute"),
        ("__init__", "# Text.", "", ""),
        ("f", "#: Text.", "'Text.'", ""),
    ],
    ids=["a comment", "a text", "another comment", "another method"],
)
def test_documentation_of_attributes_stays_where_tools_read_it(
    name: str, above: str, below: str, why: str
) -> None:
    source = f"""
        class C:
            def {name}(self, a):
                self.g()
                if a:
                    {above}
                    self.a = a
                    {below}
                self.h()
                self.h()
    """
    found = describe(source, "if a", below or "self.a = a", f"C.{name}")
    assert (isinstance(found, Extraction), found if isinstance(found, str) else "") == (not why, why)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        pytest.param("__init__", "Net(**b)", "it passes keywords on", id="unpacked"),
        pytest.param("__init__", "b.pop('x')", "it passes keywords on", id="taken"),
        pytest.param("__init__", "a", "", id="not used"),
        pytest.param("f", "Net(**b)", "", id="another method"),
    ],
)
def test_keywords_stay_where_jsonargparse_looks_for_options(name: str, value: str, why: str) -> None:
    source = f"""
        class C:
            def {name}(self, a, **b):
                self.g()
                if a:
                    self.h()
                    self.a = {value}
                self.h()
                self.h()
    """
    found = describe(source, "if a", "self.a = ", f"C.{name}")
    assert (isinstance(found, Extraction), found if isinstance(found, str) else "") == (not why, why)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param("", "it raises, which its call would not show", id="no value is returned"),
        pytest.param(" 1", "", id="a value is returned"),
    ],
)
def test_an_error_that_is_always_raised_stays_in_sight(value: str, why: str) -> None:
    source = f"""
        def f(a, b):
            g()
            if a:
                g()
                if b:
                    return{value}
                raise E
    """
    found = describe(source, "if b", "raise E")
    assert (isinstance(found, Extraction), found if isinstance(found, str) else "") == (not why, why)


VALUE = "x for x in b\n        if x\n        if x.y\n    "


@pytest.mark.parametrize(
    ("above", "statement", "count"),
    [
        pytest.param("", f"c = [{VALUE}]", 0, id="assigned"),
        pytest.param("", f"c: list = [{VALUE}]", 0, id="annotated"),
        pytest.param("", f"c += [{VALUE}]", 0, id="added"),
        pytest.param("", f"g([{VALUE}])", 0, id="passed"),
        pytest.param("", f"return [{VALUE}]", 0, id="returned"),
        pytest.param("# Those with y.", f"c = [{VALUE}]", 1, id="below a comment"),
        pytest.param("", f"if [{VALUE}]: g()", 1, id="tested"),
    ],
)
def test_a_single_value_becomes_no_function_unless_a_comment_says_what_it_is(
    above: str, statement: str, count: int
) -> None:
    head = f"    {above}\n" if above else ""
    snippet = cut(f"def f(b, c):\n    g()\n    g()\n{head}    {statement}\n")
    runs = [run for run in Extractor(snippet).iter_runs() if len(run.body) == 1]
    assert len(runs) == count


@pytest.mark.parametrize(("test", "count"), [("TYPE_CHECKING", 0), ("t.TYPE_CHECKING", 0), ("a", 1)])
def test_what_type_checkers_read_stays_with_what_follows(test: str, count: int) -> None:
    snippet = cut(f"""
        def f(a, b):
            g()
            if {test}:
                assert isinstance(a, A)
                assert isinstance(b, B)
                assert b
            a.g(b)
    """)
    runs = [*Extractor(snippet).iter_runs()]
    assert sum("assert" in snippet.lines[run.first - 1].text for run in runs) == count
    assert sum("assert" in snippet.lines[run.last - 1].text for run in runs) == 2 * count


@pytest.mark.parametrize(
    ("before", "body", "strands"),
    [
        pytest.param("c = []", "if a:\n    if b:\n        c.append(a)", True, id="an empty list"),
        pytest.param(
            "c: list[A] = list()", "if a:\n    if b:\n        c.append(a)", True, id="a call for one"
        ),
        pytest.param("c = {}", "if a:\n    if b:\n        c[a] = b", True, id="an empty dictionary"),
        pytest.param("c = [a]", "if a:\n    if b:\n        c.append(b)", False, id="a list with an item"),
        pytest.param("c = {a: 1}", "if a:\n    if b:\n        c[b] = 1", False, id="a dictionary with one"),
        pytest.param("c = g(a)", "if a:\n    if b:\n        c[b] = 1", False, id="a call with a value"),
        pytest.param("c = a + 1", "if a:\n    if b:\n        c += 1", True, id="a value that is replaced"),
        pytest.param("c = a + 1", "if a:\n    if b:\n        g(c)", False, id="a value that is read"),
        pytest.param("c = []\ng(c)", "if a:\n    if b:\n        c.append(a)", False, id="a use between"),
        pytest.param("d = []", "if a:\n    if b:\n        g(a)", False, id="another name"),
        pytest.param("c.d = []", "if a:\n    if b:\n        c.d.append(a)", False, id="an attribute"),
    ],
)
def test_a_run_should_have_the_start_of_what_it_goes_on_with(before: str, body: str, strands: bool) -> None:
    text = f"{before}\n{body}\nreturn a, b, c".replace("\n", "\n    ")
    found = describe(f"def f(a, b, c):\n    g()\n    {text}\n", "if a", body.rpartition("\n")[2].strip())
    assert isinstance(found, Extraction)
    assert found.strands is strands


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is newer")
def test_a_run_stays_if_an_annotation_in_it_has_a_type_parameter() -> None:
    before = "def f[T](a: T):\n    g()\n    if a:\n        b: T = a\n        g(b)\n    g(0)\n"
    assert describe(before, "if a", "g(b)") == "an annotation names what is local"
    assert isinstance(describe(before.replace("f[T]", "f"), "if a", "g(b)"), Extraction)


@pytest.mark.parametrize(
    ("body", "lines", "is_proven"),
    [
        pytest.param(
            "if a:\n    x: int\nif b:\n    g()\n    g(x)\ng()",
            ("if b", "g(x)"),
            False,
            id="a name that is annotated only",
        ),
        pytest.param(
            "with a:\n    g()\n    x = 1\nif b:\n    g()\n    g(x)\ng()",
            ("if b", "g(x)"),
            False,
            id="a with may suppress the exception before a name is bound",
        ),
        pytest.param(
            "with a:\n    x = 1\nif b:\n    g()\n    g(x)\ng()",
            ("if b", "g(x)"),
            True,
            id="a with in which a name is bound at once",
        ),
        pytest.param(
            "while True:\n    x = 1\n    if a:\n        break\nif b:\n    g()\n    g(x)\ng()",
            ("if b", "g(x)"),
            True,
            id="an endless loop is left by break alone",
        ),
        pytest.param(
            "try:\n    x = 1\nexcept E:\n    return\nif b:\n    g()\n    g(x)\ng()",
            ("if b", "g(x)"),
            True,
            id="a handler that returns leaves the name bound",
        ),
        pytest.param(
            "if (x := a) and (y := b):\n    pass\nif b:\n    g(x)\n    g(1)\ng(y)",
            ("if b", "g(1)"),
            True,
            id="a condition that always binds",
        ),
        pytest.param(
            "h = lambda: c\nif a:\n    c = 1\n    g(c)\nh()",
            ("if a", "g(c)"),
            False,
            id="a lambda sees a name change",
        ),
        pytest.param(
            "if a:\n    c = 1\n    g(c)\nh = lambda: c\nh()",
            ("if a", "g(c)"),
            False,
            id="a lambda sees a name that may be unbound",
        ),
        pytest.param(
            "c = 0\nif a:\n    c = 1\n    g(c)\nh = lambda: c\nh()",
            ("if a", "g(c)"),
            True,
            id="a lambda is made after a name has changed",
        ),
        pytest.param(
            "for x in a:\n    if x:\n        g(lambda: x)\n        g(1)\n    g(2)",
            ("if x", "g(1)"),
            False,
            id="a lambda that outlives its loop's turn",
        ),
        pytest.param(
            "global c\nif a:\n    c = 1\n    g()\ng()",
            ("if a", "    g()"),
            False,
            id="a global name is bound",
        ),
        pytest.param(
            "if a:\n    h = [x for x in a if x in b]\n    g(any(x for x in h))\ng()",
            ("if a", "any"),
            True,
            id="comprehensions and consumed generators",
        ),
    ],
)
def test_a_run_stays_without_a_proof(body: str, lines: tuple[str, str], *, is_proven: bool) -> None:
    assert (prove_moved(make_function(body), *lines) is Proof.PROVEN) == is_proven


def prove_moved(source: str, first: str, last: str, name: str = "f") -> Proof | Refused:
    """Return what is proven of a function after the lines between two texts have become another one."""
    snippet = cut(source, name)
    moved = move_run(snippet, Extractor(snippet).describe(find_run(snippet, first, last)), "_part")
    return prove(snippet.text, moved.snippet.text, snippet.qualified_name, moved.snippet.helpers[-1])


@pytest.mark.parametrize(
    ("head", "body", "receiver"),
    [
        pytest.param("def f(self, a):", "self.g(a)", "self", id="a method"),
        pytest.param("def f(self, a, /):", "self.g(a)", "self", id="a method with positional parameters"),
        pytest.param("@classmethod\n    def f(cls, a):", "cls.g(a)", "cls", id="a class method"),
        pytest.param("@validator\n    def f(cls, a):", "g(a)", "", id="a class method of a library"),
        pytest.param(
            "if b:\n     @classmethod\n     def f(cls, a):", "g(a)", "", id="a class method under a condition"
        ),
        pytest.param("@staticmethod\n    def f(b, a):", "b.g(a)", "", id="a static method"),
        pytest.param("def __new__(cls, a):", "cls.g(a)", "cls", id="a constructor"),
        pytest.param("def f(self, a):", "g(a)", "self", id="self is not needed"),
        pytest.param("def f(b, a):", "b.g(a)", "", id="a function that its class may call"),
        pytest.param("def f(self, a):", "a.__b()", "self", id="a name that the class mangles"),
    ],
)
def test_a_method_has_a_receiver(head: str, body: str, receiver: str) -> None:
    source = _write_method(head, body)
    name = "C.__new__" if "__new__" in head else "C.f"
    found = describe(source, "if a", "h()", name)
    assert isinstance(found, Extraction)
    assert (found.receiver, "a" in found.parameters) == (receiver, True)
    assert ("    def _part" if receiver else "\ndef _part") in f"\n{extract(source, 'if a', 'h()', name)}"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        pytest.param("@validator\n    def f(cls, a):", "cls.g(a)", id="a class that may be an object"),
        pytest.param("def f(self_or_cls, a):", "self_or_cls.g(a)", id="an object that may be a class"),
        pytest.param("if b:\n     def f(self, a):", "self.g(a)", id="a method under a condition"),
        pytest.param("def f(self, a):\n        self = g()", "self.g(a)", id="self is another object"),
    ],
)
def test_what_needs_the_class_is_no_function_outside_of_it(head: str, body: str) -> None:
    assert describe(_write_method(head, body), "if a", "h()", "C.f") == "it needs the class around it"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("b.resize(a)", "it resizes a value that is passed"),
        ("b.resize(a, refcheck=False)", ""),
        ("b = b.resize(a)", ""),
        ("self.resize(b)", ""),
    ],
)
def test_an_array_is_resized_where_nothing_else_refers_to_it(statement: str, reason: str) -> None:
    """By default, numpy's arrays refuse to be resized while a caller has them in a variable."""
    body = f"g(a)\nif a:\n    {statement}\n    g(b)\nreturn b\n"
    source = f"class C:\n    def f(self, a, b):\n{indent(body, ' ' * 8)}"
    found = describe(source, "if a", "g(b)", "C.f")
    assert found == reason if reason else isinstance(found, Extraction)


@pytest.mark.parametrize(("last", "is_kept"), [("a = b = None", False), ("b = None", True), ("a = 1", True)])
def test_what_releases_a_value_stays_where_it_is_held(last: str, *, is_kept: bool) -> None:
    body = f"b = g(a)\nif b:\n    g(b)\n{last}\n"
    source = f"def f(c):\n    for a in c:\n{indent(body, ' ' * 8)}    g(c)\n"
    found = describe(source, "b = g(a)", last)
    assert isinstance(found, Extraction) == is_kept
    assert is_kept or found == "it releases a value that is passed"


def test_a_name_that_the_class_mangles_stays_in_it() -> None:
    source = _write_method("@staticmethod\n    def f(a):", "a.__b()")
    assert isinstance(prove_moved(source, "if a", "h()", "C.f"), Refused)


def _write_method(head: str, body: str) -> str:
    """Return a class with a method that has some statements under a condition."""
    lines = ["class C:", f"    {head}", "    g()", "    if a:", f"        {body}", "        h()", "    g()"]
    return "\n".join(f"    {line}" if number > 1 else line for number, line in enumerate(lines)) + "\n"


def test_long_signatures_and_calls_are_broken() -> None:
    source = """
        def f(first_parameter_of_it, second_parameter_of_it, third_parameter_of_it_too_soon):
            g()
            if first_parameter_of_it:
                first_parameter_of_it = second_parameter_of_it + third_parameter_of_it_too_soon
                h()
            return first_parameter_of_it
    """
    after = """
        def f(first_parameter_of_it, second_parameter_of_it, third_parameter_of_it_too_soon):
            g()
            first_parameter_of_it = _part(
                first_parameter_of_it, second_parameter_of_it, third_parameter_of_it_too_soon
            )
            return first_parameter_of_it


        def _part(
            first_parameter_of_it, second_parameter_of_it, third_parameter_of_it_too_soon
        ):
            if first_parameter_of_it:
                first_parameter_of_it = second_parameter_of_it + third_parameter_of_it_too_soon
                h()
            return first_parameter_of_it
    """
    assert extract(source, "if first", "h()") == clean(after)


@pytest.mark.parametrize(
    ("result", "is_whole"),
    [
        pytest.param("a", False, id="a name"),
        pytest.param("locals()", True, id="all local names"),
        pytest.param("dir()", True, id="their names"),
        pytest.param("dir(b)", False, id="the names in an object"),
        pytest.param("vars(self)", True, id="those in the object of the method"),
        pytest.param("vars(*b)", True, id="those of an object or the function"),
        pytest.param("map(vars, b)", True, id="those of objects, called elsewhere"),
        pytest.param("[dir for dir in b]", False, id="a variable of that name"),
        pytest.param("[dir() for dir in b]", True, id="a variable that is called"),
        pytest.param("sys._getframe().f_locals", True, id="those of its frame"),
        pytest.param("b.query('x > @a')", True, id="a text with a local name"),
        pytest.param("b.eval(f'{g()} + a')", True, id="a text with a value in it"),
        pytest.param("fugue_sql('SELECT x FROM a')", True, id="a text for Fugue with a local name"),
        pytest.param("b.query('x > 1')", False, id="a text without a local name"),
        pytest.param("b.filter('x > @a')", False, id="another method"),
        pytest.param("[c := 'x > @a', b.query(c)]", True, id="a text in a variable"),
        pytest.param("evaluate('a + 1')", True, id="a function"),
        pytest.param("b.execute('select * from a')", True, id="a table of a database"),
        pytest.param("b.ols('y ~ log(a)', b)", True, id="a formula of a model"),
        pytest.param("model_matrix('y ~ log(a)', b)", True, id="a formula of a matrix"),
        pytest.param("aes('log(a)', 'x')", True, id="what is drawn"),
        pytest.param("select('c for c in C if c.d == a')", True, id="a query of Pony"),
        pytest.param("select(c for c in C if c.d == a)", False, id="a query that is no text"),
        pytest.param("b.select('a')", False, id="a selector of another package"),
        pytest.param("b.where('x > a')", True, id="a condition of PyTables"),
        pytest.param("b.where(b == 'a')", False, id="a condition that is no text"),
        pytest.param("np.where(b, 'a', 'b')", False, id="texts that are no conditions"),
        pytest.param("b.read_where('x > a')", True, id="rows of PyTables"),
        pytest.param("sqldf('select * from a')", True, id="a table of pandasql"),
        pytest.param("pl.SQLContext.execute_global('select * from a')", True, id="a table of Polars"),
        pytest.param("shell('echo {a}')", True, id="a command of Snakemake"),
        pytest.param("_('There are $a')", True, id="a message of flufl.i18n"),
        pytest.param("_('There is a text')", False, id="a message without a variable"),
        pytest.param("Export('a b')", True, id="what SCons exports"),
        pytest.param("instances()", True, id="all blocks of a circuit"),
        pytest.param("b.instances()", False, id="all machines of a cloud"),
        pytest.param("run(NeuronGroup(1, 'dv/dt = v / c : 1'))", True, id="all neurons of a network"),
        pytest.param("b.save_hyperparameters()", True, id="settings of a model of Lightning"),
        pytest.param("store_attr()", True, id="attributes that fastcore stores"),
    ],
)
def test_a_function_that_looks_at_its_local_names_stays_whole(result: str, is_whole: bool) -> None:
    source = f"def f(a, b):\n    g()\n    if a:\n        g()\n        h()\n    return {result}\n"
    assert (not list(Extractor(cut(source)).iter_runs())) == is_whole


def test_no_run_begins_with_a_text() -> None:
    """It would become the docstring of the new function, and Streamlit shows other texts."""
    block = "    if a:\n        'A *text*'\n        if a.b:\n            g(a)\n            h()\n"
    source = f"def f(a):\n    g()\n{block}    return a\n"
    runs = [(run.first, run.last) for run in Extractor(cut(source)).iter_runs()]
    assert (5, 7) in runs
    assert 4 not in dict(runs)


@pytest.mark.parametrize(
    ("end", "is_end"), [("", True), ("        return a.b + 1\n", False)], ids=["last", "relied on"]
)
@pytest.mark.parametrize("statement", ["assert a.b is not None", "c: int"])
def test_what_informs_type_checkers_stays_with_what_relies_on_it(
    statement: str, end: str, is_end: bool
) -> None:
    """They would not know the type of ``a.b``, or of ``c``."""
    block = f"        for x in a:\n            g(x)\n        {statement}\n{end}"
    runs = Extractor(cut(f"def f(a):\n    if a:\n{block}    g()\n    g()\n")).iter_runs()
    assert any(run.last == 5 for run in runs) is is_end


@pytest.mark.parametrize(
    ("body", "is_left"), [("g(x)", False), ("c = x", True)], ids=["bound elsewhere", "bound"]
)
def test_a_declaration_is_moved_with_what_binds_its_name(body: str, is_left: bool) -> None:
    block = f"        for x in a:\n            {body}\n        c: int\n        h(a)\n        c = k()\n"
    runs = Extractor(cut(f"def f(a):\n    if a:\n{block}    g()\n    g()\n")).iter_runs()
    assert any((run.first, run.last) == (3, 6) for run in runs) is is_left


@pytest.mark.parametrize(
    ("before", "lines", "signature"),
    [
        pytest.param(
            "def f(a: int, *b: int, c: str = '') -> str:\n"
            "    g()\n    if a:\n        g(a, b)\n        h(c)\n    return c\n",
            ("if a", "h(c)"),
            'def _part(a: int, c: str, b: "tuple[int, ...]") -> None:',
            id="parameters of the function, and no result",
        ),
        pytest.param(
            "def f(a: int) -> str:\n    g()\n    g(1)\n    if a:\n        return g(a)\n    return ''\n",
            ("if a", "return ''"),
            "def _part(a: int) -> str:",
            id="the result of the function",
        ),
        pytest.param(
            "def f(a: int) -> str:\n    g()\n    if a:\n        a += 1\n        h()\n    return a\n",
            ("if a", "h()"),
            "def _part(a: int) -> int:",
            id="a parameter that is a result",
        ),
        pytest.param(
            "def f(a) -> str:\n"
            "    g()\n    if a:\n        b = 1\n        h()\n    else:\n        b = 2\n    return b\n",
            ("if a", "b = 2"),
            "def _part(a):",
            id="a result of unknown type",
        ),
        pytest.param(
            "def f(a: int) -> Iterator[int]:\n"
            "    yield 1\n    g()\n    if a:\n        g()\n        return g(a)\n    return 1\n",
            ("if a", "return 1"),
            "def _part(a: int):",
            id="the result of a generator",
        ),
        pytest.param(
            "def f(a: int) -> Iterator[int]:\n"
            "    g()\n    if a:\n        g()\n        yield a\n    yield 1\n",
            ("if a", "yield a"),
            "def _part(a: int) -> Iterator[int]:",
            id="the items of a generator",
        ),
        pytest.param(
            "def f(a: int) -> Generator[int, None, int]:\n"
            "    g()\n    if a:\n        g()\n        yield a\n    return 1\n",
            ("if a", "yield a"),
            "def _part(a: int):",
            id="the items of a generator with a result",
        ),
        pytest.param(
            "def f(self, **a: int):\n    g()\n    if self:\n        g(a)\n        h()\n    return a\n",
            ("if self", "h()"),
            'def _part(self, a: "dict[str, int]") -> None:',
            id="named arguments",
        ),
        pytest.param(
            "def f(a) -> int:\n"
            "    b: list['A'] = a()\n    c: A = a()\n    if a:\n        b = c\n        g()\n    return b\n",
            ("if a", "g()"),
            'def _part(a, b, c: "A"):',
            id="local names, whose types are not evaluated where they are",
        ),
        pytest.param(
            "from __future__ import annotations\n"
            "def f(a) -> int:\n"
            "    b: list['A'] = a()\n    if a:\n        b += 1\n        g()\n    return b\n",
            ("if a", "g()"),
            "def _part(a, b: list['A']) -> list['A']:",
            id="local names where no type is evaluated",
        ),
        pytest.param(
            "def f(a) -> int:\n"
            "    from b import B\n    b: B = a()\n    if a:\n        g(b)\n        g()\n    return b\n",
            ("if a", "g()"),
            "def _part(a, b) -> None:",
            id="a type that is a local name itself",
        ),
        pytest.param(
            "@g\ndef f(a: int) -> str:\n    g()\n    if a:\n        g()\n        h()\n    return a\n",
            ("if a", "h()"),
            "def _part(a):",
            id="names may have another meaning elsewhere",
        ),
        pytest.param(
            "def f(a: int, b: f[int]) -> f[str]:\n"
            "    g()\n    if a:\n        g(b)\n        h()\n    return a\n",
            ("if a", "h()"),
            "def _part(a: int, b) -> None:",
            id="the name of the function has another meaning below",
        ),
        pytest.param(
            "def f[T](a: int, b: T) -> list[T]:\n"
            "    g()\n    if a:\n        g(b)\n        h()\n    return a\n",
            ("if a", "h()"),
            "def _part(a: int, b) -> None:",
            id="type parameters have none",
            marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is newer"),
        ),
        pytest.param(
            "def f(a: int, b: 'list[f]') -> 'f':\n"
            "    g()\n    if a:\n        g(b)\n        h()\n    return a\n",
            ("if a", "h()"),
            "def _part(a: int, b) -> None:",
            id="nor in quotes",
        ),
        pytest.param(
            "def f(a: int, b: A(1)) -> A(2):\n"
            "    g()\n    if a:\n        if b:\n            g(b)\n        return a\n    return b\n",
            ("if b", "return a"),
            'def _part(a: int, b: "A(1)") -> "A(2)":',
            id="what is called once is not called again",
        ),
        pytest.param(
            "from __future__ import annotations\n@g\ndef f(a: int) -> str:\n"
            "    g()\n    if a:\n        g()\n        h()\n    return a\n",
            ("if a", "h()"),
            "def _part(a: int) -> None:",
            id="annotations that are not evaluated",
        ),
        pytest.param(
            "def f(a: int = None, *, b: 'A' = None, c: B | None = None) -> str:\n"
            "    if a:\n        g(a, b)\n        h(c)\n    g()\n    return a\n",
            ("if a", "h(c)"),
            'def _part(a: "int | None", b: "A | None", c: B | None) -> None:',
            id="what is None if it is not passed",
        ),
        pytest.param(
            "from __future__ import annotations\ndef f(a: object = None, b: 'A' = None, c: B = 1) -> str:\n"
            "    if a is b:\n        g(a, b)\n        h(c)\n    g()\n    return a\n",
            ("if a", "h(c)"),
            "def _part(a: object, b: A | None, c: B) -> None:",
            id="what is None if it is not passed, where no type is evaluated",
        ),
        pytest.param(
            "def f(a: int) -> t.NoReturn:\n    g()\n    g(a)\n    if a:\n        h()\n    k(a)\n",
            ("if a", "k(a)"),
            "def _part(a: int) -> t.NoReturn:",
            id="the end of a function that never returns",
        ),
        pytest.param(
            "def f(a: int) -> 'Never':\n    g(a)\n    if a:\n        g()\n        h()\n    k(a)\n",
            ("if a", "h()"),
            "def _part(a: int) -> None:",
            id="not the end of one",
        ),
    ],
)
def test_a_new_function_is_annotated_as_far_as_types_are_known(
    before: str, lines: tuple[str, str], signature: str
) -> None:
    assert f"{signature}\n" in extract(before, *lines)


@pytest.mark.parametrize(
    ("test", "before", "kind"),
    [
        pytest.param("isinstance(a, B)", "g()", "B", id="a class"),
        pytest.param("isinstance(a, d.B) and b", "g()", "d.B", id="and something else"),
        pytest.param("isinstance(a, (B, d.B))", "g()", "B | d.B", id="classes"),
        pytest.param("isinstance(a, B) or b", "g()", "A", id="or something else"),
        pytest.param("isinstance(a, B | d.B)", "g()", "A", id="an expression"),
        pytest.param("isinstance(a, d['x'].B)", "g()", "A", id="a class of an item"),
        pytest.param("isinstance(a, b.B)", "g()", "A", id="a class in a local name"),
        pytest.param("isinstance(a, list)", "g()", "A", id="a class of any items"),
        pytest.param("isinstance(a, d.Mapping)", "g()", "A", id="an abstract class of any items"),
        pytest.param("isinstance(a, KINDS)", "g()", "A", id="a constant, which may be several classes"),
        pytest.param("isinstance(a, B)", "a = c", "A", id="of a name that is bound later"),
        pytest.param("isinstance(b, B)", "g()", "A", id="of a name without annotation"),
    ],
)
def test_a_test_around_says_what_class_a_parameter_has(test: str, before: str, kind: str) -> None:
    body = f"    g()\n    if {test}:\n        {before}\n        if c:\n            g(a, b)\n            h()\n"
    moved = extract(f"{LAZY}def f(a: A, b, c: C) -> str:\n{body}", "if c", "h()")
    assert f"def _part(a: {kind}, b, c: C) -> None:\n" in moved
    at_once = extract(f"def f(a: A, b, c: C) -> str:\n{body}", "if c", "h()")
    assert ("def _part(a: A, b" if kind == "A" else f'def _part(a: "{kind}", b') in at_once


@pytest.mark.parametrize(
    ("kind", "before", "narrowed"),
    [
        pytest.param("A | None", "if a is not None:", "A", id="a test for None around it"),
        pytest.param("None | A | b.B", "if a and c:", "A | b.B", id="a test of the value around it"),
        pytest.param("Optional[A]", "if not a:\n    g()\nelse:", "A", id="a test with another branch"),
        pytest.param("t.Optional[A]", "if a is None:\n    return\nif c:", "A", id="a test that leaves"),
        pytest.param("A | None", "assert a is not None\nif c:", "A", id="an assertion"),
        pytest.param("A | None", "assert isinstance(a, A)\nif c:", "A", id="an assertion of a class"),
        pytest.param("A | None", "if a is None or b:\n    return\nif c:", "A", id="the first part of it"),
        pytest.param("A | B", "if a:", "A | B", id="a type without None"),
        pytest.param("list[None]", "if a:", "list[None]", id="None elsewhere in a type"),
        pytest.param("'the A'", "if a:", "'the A'", id="a text that is no type"),
        pytest.param("A | None", "if a or c:", "A | None", id="another part"),
        pytest.param("A | None", "if a is None:", "A | None", id="a test for nothing else"),
        pytest.param(
            "A | None", "if a is None:\n    g()\nif c:", "A | None", id="a test that does not leave"
        ),
        pytest.param("A | None", "if not a:\n    return\na = c\nif c:", "A | None", id="a later value"),
    ],
)
def test_a_parameter_has_no_none_after_a_test_for_it(kind: str, before: str, narrowed: str) -> None:
    run = "    if c:\n        g(a, b)\n        h()\n"
    body = indent(f"k()\n{before}\n    k()\n{run}", "    ")
    moved = extract(f"{LAZY}def f(a: {kind}, b, c: C) -> None:\n{body}", "    if c:\n"[:-1], "h()")
    assert f"(a: {narrowed}, b, c: C) -> None:\n" in moved


@pytest.mark.parametrize(
    ("run", "after", "has_blank"),
    [
        pytest.param("if a:\n    b = 1\n    g()\n\n", "b += 1", False, id="the result is used at once"),
        pytest.param("if a:\n    b = 1\n    g()\n\n", "if b:\n    h()", False, id="in a condition"),
        pytest.param("if a:\n    b = 1\n    g()\n\n", "# Then b.\nb += 1", True, id="below a comment"),
        pytest.param("if a:\n    b = 1\n    g()\n\n", "h()\nb += 1", True, id="later"),
        pytest.param("if a:\n    b = 1\n    g()\n\n", "a = c", True, id="another name"),
        pytest.param("g(1 and 2)\nb = [\n    g()\n]\n\n", "b += 1", True, id="after no block"),
        pytest.param("if a:\n    b = 1\n    g()\n", "b += 1", False, id="without a blank line"),
        pytest.param("if c:\n    if a:\n        b = 1\n        g()\n\n", "b += 1", True, id="after a block"),
    ],
)
def test_a_blank_line_after_a_block_goes_if_the_result_is_used_at_once(
    run: str, after: str, has_blank: bool
) -> None:
    body = indent(f"g(0)\n\n{run}{after}\n\nreturn b\n", "    ")
    moved = extract(f"def f(a, b, c):\n{body}", *("if a", "g()") if "if" in run else ("g(1", "]"))
    lines = moved[moved.index("b = _part(") :].splitlines()
    assert lines[1 + has_blank].strip() == after.splitlines()[0]


@pytest.mark.parametrize(
    ("names", "signature"),
    [
        pytest.param("a: int, b", "def _part(a: int, b) -> None", id="one line"),
        pytest.param(
            f"a: {'int' * 20}, b", f"def _part(a: {'int' * 20}, b) -> None", id="names on a line of their own"
        ),
        pytest.param(
            f"a: {'int' * 20}, b: {'str' * 20}",
            f"def _part(a: {'int' * 20}, b: {'str' * 20}) -> None",
            id="a name a line",
        ),
    ],
)
def test_a_signature_is_shown_on_one_line(names: str, signature: str) -> None:
    snippet = cut(f"def f({names}) -> int:\n    g()\n    if a:\n        g()\n        b()\n    return 1\n")
    moved = move_run(snippet, Extractor(snippet).describe(find_run(snippet, "if a", "b()")), "_part")
    assert moved.signature == signature
