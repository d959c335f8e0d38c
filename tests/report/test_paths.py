"""Paths for display, and as the URIs of files."""

from __future__ import annotations

import warnings
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from pytest_antipasta.report.paths import make_uri


@pytest.mark.parametrize(
    "path",
    [
        PurePosixPath("/a/b.py"),
        PurePosixPath("/"),
        PurePosixPath("//a//b c/%41#1?:ü.py"),
        PurePosixPath("/not utf-8 \udcff.py"),
        PureWindowsPath("C:/a b/ü.py"),
        PureWindowsPath("//host/share/a.py"),
        PureWindowsPath("//?/C:/a.py"),
    ],
    ids=str,
)
def test_a_uri_is_that_of_python(path: PurePath) -> None:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        expected = path.as_uri()
    assert make_uri(path) == expected
