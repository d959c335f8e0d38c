"""Internal errors, in one line or with the whole traceback."""

from __future__ import annotations

from pathlib import Path


def describe_failure(failure: BaseException) -> str:
    """Return an internal error in one line, with its place."""
    import traceback

    place = traceback.extract_tb(failure.__traceback__)[-1]
    return (
        f"{type(failure).__name__}: {failure} ({Path(place.filename).name}:{place.lineno}); this is a "
        "bug in pytest-antipasta; please report it"
    )


def format_failure(failure: BaseException) -> str:
    """Return the whole traceback of an internal error."""
    import traceback

    return "".join(traceback.format_exception(failure))
