"""What IPython takes and Python does not: what becomes of it, and what must stay as it is."""

from __future__ import annotations

import ast

import pytest

from pytest_antipasta.metrics.notebook.magics import clean_cell

CHANGED = {
    "a line magic": ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1"),
    "a shell line": ("!ls -l | grep 'a\nx = 1", "# !ls -l | grep 'a\nx = 1"),
    "a shell line that goes on": ("!pip install \\\n  a \\\n  b\nx", "# !pip install \\\n#   a \\\n#   b\nx"),
    "a magic without its sign": ("cd /tmp", "# cd /tmp"),
    "a shell's command that Python could read": ("ls -l\nx = 1", "# ls -l\nx = 1"),
    "pip without a sign": ("pip install numpy>=2", "# pip install numpy>=2"),
    "help in front": ("?print", "# ?print"),
    "help behind": ("np.random.randint?", "# np.random.randint?"),
    "source behind": ("print??\nx = 1", "# print??\nx = 1"),
    "what a command prints": ("files = !ls *.py\nx", "# files = !ls *.py\nx"),
    "what a command prints, to a name with a type": ("x: list[str] = !ls", "# x: list[str] = !ls"),
    "to a place with a string": ("d['a=b'][f(c=1)] = !ls", "# d['a=b'][f(c=1)] = !ls"),
    "beside a string that is formatted": ("x = 'a = %d' % b\n!ls", "x = 'a = %d' % b\n# !ls"),
    "beside one that is printed": ("print('a = %d' % b)\n!ls", "print('a = %d' % b)\n# !ls"),
    "what a magic returns": ("a.b = %timeit -o f(x)", "# a.b = %timeit -o f(x)"),
    "a call without brackets": ("/f 1 2", "# /f 1 2"),
    "in a block that has more": ("if a:\n    %time f()\n    g()", "if a:\n    # %time f()\n    g()"),
    "in a block that has no more": ("if a:\n    %time f()", "if a:\n    pass  # %time f()"),
    "behind a string that is open": ('x = """\n%a\n"""\n%time f()', 'x = """\n%a\n"""\n# %time f()'),
    "behind brackets that are open": ("x = (a\n%b)\n%time f()", "x = (a\n%b)\n# %time f()"),
    "beside a string that ends in one": ('x = "what?"\n!ls', 'x = "what?"\n# !ls'),
    "beside a comment that asks": ("x = 1  # why?\n!ls", "x = 1  # why?\n# !ls"),
    "a cell magic over Python": ("%%time\nx = 1", "# %%time\nx = 1"),
    "two of them": ("%%capture out\n%%timeit -n 1\nf()", "# %%capture out\n# %%timeit -n 1\nf()"),
    "one with a magic in it": ("%%time\n!ls\nx = 1", "# %%time\n# !ls\nx = 1"),
    "Databricks' own for Python": ("%python\nx = 1", "# %python\nx = 1"),
    "Databricks' run of another notebook": ("%run ./a", "# %run ./a"),
    "pip with Python behind": ("%pip install a\nx = 1", "# %pip install a\nx = 1"),
    "a query with Python behind": ("%sql select 1\nx = 1", "# %sql select 1\nx = 1"),
    "a name that begins like one of Databricks'": ("%rerun\nx = 1", "# %rerun\nx = 1"),
    "indentation": ("    x = 1\n    y = 2", "x = 1\ny = 2"),
    "a tab": ("\tif a:\n\t\tb", "if a:\n\tb"),
}
LEFT_OUT = [
    "%%bash\nls",
    "%%html\n<p>",
    "%%writefile a.py\nx = 1",
    "%%unknown\nx = 1",
    "\n%%javascript\nvar a",
    "%md\n# Title\nSome text",
    "%md-sandbox\n<b>bold</b>",
    "%sql\nselect 1",
    "%sql select *\nfrom t",
    "%sh\nls",
    "%sh ls",
    "%fs ls /mnt",
    "%r\nx <- 1",
    "\n%scala\nval x = 1",
]
KEPT = {
    "Python": "x = 1\n",
    "a remainder": "x = (a\n    % b)\n",
    "magics in a string": 'x = """\n%time\n!ls\n"""\n',
    "not equal": "x = (a\n!= b)\n",
    "a question in a comment": "# why?\n",
    "a name of a command": "ls = 1\nf(\nls\n)\n",
    "await": "await f()\nasync for x in y:\n    pass\n",
    "a comment that is indented": "    # here\nif a:\n    b\n",
    "what is no Python": "print 'a'\n",
    "an open bracket": "f(\n",
}


@pytest.mark.parametrize(("text", "expected"), CHANGED.values(), ids=CHANGED.keys())
def test_what_is_for_ipython_becomes_a_comment(text: str, expected: str) -> None:
    found = clean_cell(text)
    assert found == expected
    ast.parse(expected)


@pytest.mark.parametrize("text", LEFT_OUT)
def test_a_cell_of_another_language_is_left_out(text: str) -> None:
    assert clean_cell(text) is None


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_what_python_takes_stays(text: str) -> None:
    assert clean_cell(text) == text


def test_cell_magics_may_be_many() -> None:
    assert clean_cell("%%time\n" * 10_000 + "x = 1") == "# %%time\n" * 10_000 + "x = 1"


@pytest.mark.parametrize("line", [" " * 1_000_000 + "x", " " * 1_000_000 + "x y", "a " * 500_000 + "= b"])
def test_a_long_line_is_gone_through_once(line: str) -> None:
    # Going back to each of its blanks from each of them would take hours.
    assert clean_cell(f"%ls\nif a:\n{line}") == f"# %ls\nif a:\n{line}"
