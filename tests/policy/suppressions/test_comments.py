"""Which comments are found, and what they stand at."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import pytest_antipasta
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.raw import LongScanError
from pytest_antipasta.policy.suppressions.comments import may_suppress
from pytest_antipasta.policy.suppressions.patterns import iter_directives
from pytest_antipasta.store.records import decode_record, encode_record


def find(source: str | bytes) -> list[tuple[int, str, str | None]]:
    """Return line, place and block of each comment that is found."""
    data = source if isinstance(source, bytes) else dedent(source).encode()
    measurement = measure(data)
    assert measurement.error is None
    return [(comment.line, comment.place, comment.block) for comment in measurement.comments]


PLACES = [
    pytest.param(
        """\
        def f(a):  # antipasta: ignore
            return a
        """,
        [(1, "signature", "f")],
        id="on the line of the def",
    ),
    pytest.param(
        """\
        async def f(a):  # antipasta: ignore
            return a
        """,
        [(1, "signature", "f")],
        id="on the line of an async def",
    ),
    pytest.param("def f(a): return a  # antipasta: ignore", [(1, "signature", "f")], id="behind a body"),
    pytest.param(
        """\
        def f(
            a,  # antipasta: ignore
            # antipasta: ignore
            b={1: lambda: 2},
        ) -> int:  # antipasta: ignore
            return a  # antipasta: ignore
        """,
        [(2, "signature", "f"), (3, "signature", "f"), (5, "signature", "f"), (6, "elsewhere", None)],
        id="on any line of a signature, and not below it",
    ),
    pytest.param(
        """\
        @a  # antipasta: ignore
        @b(
            1,  # antipasta: ignore
        )

        # antipasta: ignore
        def f(a):
            return a
        """,
        [(1, "decorator", "f"), (3, "decorator", "f"), (6, "decorator", "f")],
        id="on lines of decorators, and between them and the def",
    ),
    pytest.param(
        """\
        # antipasta: ignore
        # and more of the reason
        @a
        def f(a):
            return a
        """,
        [(1, "above", "f")],
        id="above the first decorator, with more lines of comment between",
    ),
    pytest.param(
        """\
        # antipasta: ignore

        def f(a):
            return a
        """,
        [(1, "own line", None)],
        id="above an empty line",
    ),
    pytest.param(
        """\
        x = 1  # antipasta: ignore
        def f(a):
            return a
        """,
        [(1, "elsewhere", None)],
        id="behind the statement above",
    ),
    pytest.param(
        """\
        class A:  # antipasta: ignore
            # antipasta: ignore
            def f(self):
                def g():  # antipasta: ignore
                    return 1
                return g
            # antipasta: ignore
            @property
            def f(self): return 1
        """,
        [(1, "signature", "A"), (2, "above", "A.f"), (4, "signature", "A.f.g"), (7, "above", "A.f#2")],
        id="at classes, methods, closures and second blocks of one name",
    ),
    pytest.param(
        """\
        async def f(a):
            # antipasta: ignore
            async for b in a:  # antipasta: ignore
                pass
        """,
        [(2, "own line", None), (3, "elsewhere", None)],
        id="at an async statement that defines nothing",
    ),
    pytest.param("# antipasta: ignore", [(1, "own line", None)], id="in a file without code"),
    pytest.param("def f(a): pass\n    # antipasta: ignore\n", [(2, "own line", None)], id="at the end"),
    pytest.param(
        "def f(a):  # noqa: F811  # antipasta: ignore\n    pass", [(1, "signature", "f")], id="behind another"
    ),
    pytest.param("def f(a):  #antipasta:ignore\n    pass", [(1, "signature", "f")], id="without spaces"),
    pytest.param("def f(a):  # Antipasta: ignore\n    pass", [(1, "signature", "f")], id="with a capital"),
    pytest.param("def f(a):  # pytest-antipasta: x\n    pass", [(1, "signature", "f")], id="a mistaken name"),
    pytest.param(
        "def f(a):  # antipasta: ignore[x] # antipasta: ignore[y]\n    pass",
        [(1, "signature", "f"), (1, "signature", "f")],
        id="two of ours",
    ),
    pytest.param("def f(a):\r\n    pass\r\n# antipasta: ignore\r\n", [(3, "own line", None)], id="CRLF"),
    pytest.param(
        "# -*- coding: latin-1 -*-\ndef f(é):  # antipasta: ignore\n    pass".encode("latin-1"),
        [(2, "signature", "f")],
        id="another encoding",
    ),
]


@pytest.mark.parametrize(("source", "expected"), PLACES)
def test_what_a_comment_stands_at(source: str, expected: list[object]) -> None:
    assert find(source) == expected


NONE = [
    pytest.param('x = "# antipasta: ignore"\ndef f(a): pass', id="in a string"),
    pytest.param('x = """\n# antipasta: ignore"""\ndef f(a): pass', id="in a string that ends above a def"),
    pytest.param('def f(a="# antipasta: ignore"): pass', id="in a default"),
    pytest.param('def f(a):\n    """Say.\n\n    # antipasta: ignore\n    """', id="in a docstring"),
    pytest.param("x = f'{1}# antipasta: ignore'\ndef f(a): pass", id="in an f-string"),
    pytest.param("def f(a): pass  # about antipasta: ignore it", id="in the middle of a comment"),
    pytest.param("def f(a): pass  # antipasta ignores it", id="without a colon"),
    pytest.param("import x  # noqa", id="a noqa that is not about a function"),
    pytest.param("def f(a):  # noqa: F811, E501\n    pass", id="a noqa of other rules"),
    pytest.param("# noqa: C901\ndef f(a): pass", id="a noqa above"),
    pytest.param("def f(a):  # noqa: PLR0914\n    pass", id="a noqa of a rule without a metric"),
    pytest.param("def f(a):  # pylint: disable=invalid-name\n    pass", id="pylint's of another message"),
    pytest.param("def f(a):\n    pass\n# pylint: disable=too-many-arguments", id="pylint's behind"),
    pytest.param("@a  # noqa: C901\ndef f(a): pass", id="a noqa at a decorator"),
    pytest.param("x = 1  # ruff: noqa", id="a noqa of the file behind code"),
    pytest.param("# ruff: noqa: F401", id="a noqa of the file, of other rules"),
    pytest.param("x = 1  # complexipy: ignore", id="complexipy's elsewhere"),
]


@pytest.mark.parametrize("source", NONE)
def test_other_comments_are_ignored(source: str) -> None:
    assert find(source) == []


FOREIGN = [
    pytest.param("def f(a):  # noqa\n    pass", "signature", id="a bare noqa"),
    pytest.param("def f(\n    a,\n):  # noqa: C901\n    pass", "signature", id="at the signature's end"),
    pytest.param("def f(a):  # noqa: PLR0913\n    pass", "signature", id="a noqa of another rule"),
    pytest.param("def f(a):  # pylint: disable=R0913\n    pass", "signature", id="pylint's"),
    pytest.param("# ruff: noqa", "own line", id="ruff's for the file"),
    pytest.param("# flake8: noqa: C901\ndef f(a): pass", "above", id="flake8's for the file"),
    pytest.param("def f(a):  # complexipy: ignore\n    pass", "signature", id="complexipy's"),
]


@pytest.mark.parametrize(("source", "place"), FOREIGN)
def test_comments_of_other_tools(source: str, place: str) -> None:
    assert [found for _, found, _ in find(source)] == [place]


def test_the_comment_is_kept_as_it_stands() -> None:
    source = (
        "def f(a):  # mine  # antipasta: ignore[cyclomatic_complexity<=14] see #12 # noqa: C901  \n    pass"
    )
    ours, noqa = measure(source.encode()).comments
    assert (ours.column, ours.text) == (
        19,
        "# antipasta: ignore[cyclomatic_complexity<=14] see #12",
    )
    assert (noqa.column, noqa.text) == (74, "# noqa: C901")


def test_records_keep_comments() -> None:
    measurement = measure(b"# antipasta: ignore\ndef f(a): pass\n")
    assert len(measurement.comments) == 1
    assert decode_record(encode_record(measurement)) == measurement


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(a):\n    return a  # noqa: F401\n", id="a noqa of other rules"),
        pytest.param("import antipasta  # which ignores it\n", id="a word"),
        pytest.param("def f(a): pass  # plain\n", id="no word"),
        pytest.param("def f(a): pass  # noqa: E501 # type: ignore\n", id="other comments"),
    ],
)
def test_a_source_without_them_is_not_tokenized(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenize, "generate_tokens", None)
    assert find(source) == []
    with pytest.raises(TypeError):
        find("# antipasta: ignore")


LONG = "    a\n" * 30
SIGNATURES = [
    pytest.param("def f(a):  # noqa\n    pass\n", id="a function"),
    pytest.param("class C:\n    async def m(self):  # noqa: C901\n        pass\n", id="a method"),
    pytest.param("def f(\n  a,  # noqa\n  b=lambda: 1,\n):  # noqa\n    pass  # noqa\n", id="long ones"),
    pytest.param("@d  # noqa\n@e\ndef f(a): return a  # noqa\n", id="a decorator, and a body on one line"),
    pytest.param("def f(a='# noqa', b='''\n# noqa\n'''):  # noqa\n    '# noqa'\n", id="strings"),
    pytest.param(
        "# noqa\nclass A: b = 1  # noqa\ndef f():\n  # noqa\n  def g(): pass  # noqa\n", id="nested"
    ),
    pytest.param("def f(a): pass  # noqa\ndef g(a): pass\n", id="a body on one line, right above a function"),
    pytest.param(f"\ndef f(a):  # noqa\n{LONG}def g(a):  # noqa\n    a\n", id="far from each other"),
    pytest.param("async \\\n  def f \\\n  (a):  # noqa\n    pass\n", id="joined lines"),
    pytest.param("def f(a): '\f' # noqa\nif a:\n\tdef g(a):\t# noqa\n\t\tpass", id="odd spaces"),
]


@pytest.mark.parametrize("source", SIGNATURES)
def test_signatures_alone_tell_the_same_as_the_whole_source(source: str) -> None:
    # What is not for signatures makes a source be read as a whole.
    *whole, last = measure(f"{source}\n# antipasta: ignore\n".encode()).comments
    found = measure(source.encode()).comments
    assert (list(found), last.text) == (whole, "# antipasta: ignore")
    assert found


def test_nothing_but_signatures_is_tokenized_for_their_comments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = []
    generate_tokens = tokenize.generate_tokens

    def note(readline: Callable[[], str]) -> Iterator[tokenize.TokenInfo]:
        for token in generate_tokens(readline):
            tokens.append(token.string)
            yield token

    monkeypatch.setattr(tokenize, "generate_tokens", note)
    assert find("x = 1\ndef f(a):  # noqa\n    return a + 1\n\ny = 1  # noqa\n") == [(2, "signature", "f")]
    assert "".join(tokens).split() == ["deff(a):#", "noqa"]


def test_what_is_longer_than_anybody_writes_is_cut() -> None:
    (comment,) = measure(f"def f(a):  # antipasta: ignore[{'x' * 1000}]\n    pass\n".encode()).comments
    assert len(comment.text) == 500


@pytest.mark.parametrize("mark", ["#", "# ", "#noqa:C901,", "# antipasta:", "#noqa ", "# noqa: A1 "])
def test_every_character_is_looked_at_a_few_times_only(mark: str) -> None:
    """Parts that go to the comment's end would be ten thousand times as long."""
    assert may_suppress(f"# antipasta: ignore\n{mark * 20_000}\n")
    parts = list(iter_directives(mark * 20_000, "signature"))
    assert sum(len(text) for _, text in parts) <= len(mark) * 20_000


@pytest.mark.parametrize("line", ["# antipasta: ignore", "# noqa: F401"])
def test_a_long_source_is_tokenized_only_where_it_may_take_its_time(line: str) -> None:
    source = f"{line}\n{'x = 1;' * 20}\n".encode()
    assert len(measure(source, most_tokenized=200).comments) == ("antipasta" in line)
    if "antipasta" in line:
        with pytest.raises(LongScanError):
            measure(source, most_tokenized=100)
    else:
        assert measure(source, most_tokenized=100).error is None


@pytest.mark.parametrize("comment", ["# antipasta: ignore", "# ruff: ignore[C901]"])
def test_a_bug_of_the_tokenizer_is_no_error_of_the_file(comment: str) -> None:
    """From 3.12 on, it raises SystemError for this f-string."""
    fields = "x = f\"\"\"{f'''\n'''=!r:>3}\"\"\"\n"
    found = measure(f"def f():  {comment}\n    pass\n\n\n{fields}".encode())
    assert (found.error, [comment.line for comment in found.comments]) == (None, [1])


@pytest.mark.parametrize("folder", ["metrics", "policy/suppressions"])
def test_every_block_of_real_code_can_have_one(folder: str) -> None:
    for path in (Path(pytest_antipasta.__file__).parent / folder).glob("*.py"):
        # Above each decorator and each def: those below the first decorator stand among them.
        lines = re.sub(r"(?m)^( *)(@|def |class )", r"\1# antipasta: ignore\n\1\2", path.read_text())
        measurement = measure(lines.encode())
        places = {comment.block for comment in measurement.comments if comment.place != "own line"}
        assert places == {block.qualified_name for block in measurement.blocks}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("# antipasta ignore\nx = 1\n", [(1, "own line", None)], id="a colon that is missing"),
        pytest.param("def f(): pass  # antipasta-ignore\n", [(1, "signature", "f")], id="at a function"),
        pytest.param("x = 1  # noqa: antipasta\n", [(1, "elsewhere", None)], id="as for flake8"),
        pytest.param("# antipasta ignores this file\n", [], id="a sentence"),
        pytest.param("# antipasta is to ignore nothing\n", [], id="another"),
        pytest.param("# what antipasta ignores: nothing\n", [], id="a sentence with a colon"),
        pytest.param("x = '# antipasta ignore'\n", [], id="a string"),
        pytest.param("# impasta: ignore\n", [], id="another word"),
    ],
)
def test_what_is_nearly_one_is_found(source: str, expected: list[tuple[int, str, str | None]]) -> None:
    assert find(source) == expected
