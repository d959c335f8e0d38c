"""Which first lines make a file without a suffix a Python script: those that pre-commit's identify takes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identify.identify import parse_shebang, tags_from_interpreter

from pytest_antipasta.runtime.scripts import has_no_suffix, names_python
from tests.busy import PATIENT

NIX = b"#!/usr/bin/env nix-shell\n"


def is_python_to_identify(head: bytes) -> bool:
    """Return what pre-commit decides about an executable file without a suffix."""
    words = parse_shebang(io.BytesIO(head))
    return bool(words) and "python" in tags_from_interpreter(words[0])


@pytest.mark.parametrize(
    ("head", "is_script"),
    [
        pytest.param(b"#!/usr/bin/python3\n", True, id="an interpreter by its path"),
        pytest.param(b"#!/usr/bin/env python\nx = 1\n", True, id="by its name"),
        pytest.param(b"#! /opt/python3.12.1\r\n", True, id="with a version, a space and a carriage return"),
        pytest.param(b"#!/usr/bin/env -S python3 -I -u", True, id="with options, and no line end"),
        pytest.param(b"#!'/opt/our tools/python3' -s\n", True, id="in quotes"),
        pytest.param(b"#!/usr/bin/python3 it's\n", True, id="before a quote that does not end"),
        pytest.param(NIX + b"#! nix-shell -i python3 -p git\n", True, id="of nix-shell"),
        pytest.param(NIX + b"#!\n#! nix-shell -i bash\n#! nix-shell -i python3\n", True, id="the last of it"),
        pytest.param(NIX + b"import python\n#! nix-shell -i python3\n", False, id="after those lines"),
        pytest.param(b"#!/bin/sh\nexec python3\n", False, id="a shell"),
        pytest.param(b"#!/usr/bin/env -S uv run\n# python\n", False, id="uv, which may run anything"),
        pytest.param(b"#!/usr/bin/env pypy3\n# python\n", False, id="PyPy"),
        pytest.param(b"#!/usr/bin/ipython\n", False, id="IPython"),
        pytest.param(b"#!/usr/bin/python3\xc2\xa0\n", False, id="not ASCII"),
        pytest.param(b"#!/usr/bin/env\npython\n", False, id="no interpreter"),
        pytest.param(b"#!\n# python\n", False, id="nothing"),
        pytest.param(b"\xef\xbb\xbf#!/usr/bin/python3\n", False, id="behind a mark of the encoding"),
        pytest.param(b" #!/usr/bin/python3\n", False, id="behind a space"),
        pytest.param(b"", False, id="empty"),
    ],
)
def test_the_first_line_names_python(head: bytes, *, is_script: bool) -> None:
    assert names_python(head) == is_script == is_python_to_identify(head)


@pytest.mark.parametrize(
    "line",
    [b"/usr/bin/env -S uv run --script", b"/usr/bin/env -S uv run -q --script\r", b"/bin/uv run --script"],
)
def test_a_script_of_uv_is_python_though_pre_commit_does_not_say_so(line: bytes) -> None:
    head = b"#!" + line + b"\nx = 1\n"
    assert names_python(head)
    assert not is_python_to_identify(head)


_PARTS = (
    b"/usr/bin/env", b" ", b"-S", b"python", b"3", b".1", b"\n", b"#!", b"nix-shell", b" -i ", b"/bin/",
    b"'", b"\r", b"\xe9", b"sh", b"\0", b"\\",
)  # fmt: skip


@settings(PATIENT)
@given(st.lists(st.sampled_from(_PARTS), max_size=12).map(b"".join))
def test_any_line_means_what_it_means_to_identify(line: bytes) -> None:
    assert names_python(b"#!" + line) == is_python_to_identify(b"#!" + line)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("tool", True), ("a.b/tool", True), (".hook", True), ("x/..hook", False), ("a.sh", False),
     (".a.b", False), ("tool.", False), ("a/tool-1.2", False)],
)  # fmt: skip
def test_a_name_without_a_suffix(path: str, *, expected: bool) -> None:
    assert has_no_suffix(path) == expected
