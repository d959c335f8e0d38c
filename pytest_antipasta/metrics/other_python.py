"""Which other Python can parse source that this one can't."""

from __future__ import annotations

from pytest_antipasta.model.measured import FileError, Measurement

# CPython's message for the statements `print` and `exec`.
_STATEMENT = "Missing parentheses in call to "
# CPython's message for `except A, b:`, which is right in Python 2, and means something else from 3.14 on.
_EXCEPT = "multiple exception types must be parenthesized"
# CPython's message for inconsistent tabs, which complexipy accepts.
_TABS = "inconsistent use of tabs and spaces in indentation"


def may_be_python_2(error: FileError) -> bool:
    """Return whether an error is for code that is right in Python 2."""
    return error.kind == "syntax" and (error.message.startswith(_STATEMENT) or error.message == _EXCEPT)


def may_be_newer(error: FileError, measurement: Measurement) -> bool:
    """Return whether a source may have newer syntax than this Python's: complexipy has its own parser."""
    is_parsed = measurement.metrics.total_cognitive_complexity is not None
    return error.kind == "syntax" and is_parsed and error.message != _TABS
