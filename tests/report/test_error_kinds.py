"""Errors of files: one table for text, JSON and the documentation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import get_args

import pytest

from pytest_antipasta.model import ErrorKind, FileError, FileMetrics, Measurement, Verdict
from pytest_antipasta.report import format_failures, make_measurements
from pytest_antipasta.report.error_kinds import ERROR_KINDS, make_error
from pytest_antipasta.runtime import python_minor
from tests.report.making import write_as

PAGE = (Path(__file__).parents[2] / "docs/errors.md").read_text()
ERROR = FileError("syntax", "'(' was never closed", 3)


def test_every_kind_has_its_facts() -> None:
    assert list(ERROR_KINDS) == list(get_args(ErrorKind))


def test_the_documentation_has_them() -> None:
