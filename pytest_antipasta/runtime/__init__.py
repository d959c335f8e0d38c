"""The runtime: Python (imports, garbage collector, versions, tracebacks, threads) and regular files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime.imports import lazy_names as lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.runtime.background import *
    from pytest_antipasta.runtime.collector import *
    from pytest_antipasta.runtime.environment import *
    from pytest_antipasta.runtime.failures import *
    from pytest_antipasta.runtime.fileio import *
    from pytest_antipasta.runtime.imports import *
    from pytest_antipasta.runtime.scripts import *

__getattr__ = lazy_names(
    __name__,
    {
        "background": "in_background",
        "collector": "gc_freeze gc_often gc_paused gc_rarely",
        "environment": "VERSION installed_version is_ci python_minor",
        "failures": "describe_failure format_failure",
        "fileio": (
            "FilePlace append_regular begin_file move_file open_found open_without_waiting read_ends "
            "read_regular replace_file replace_in_parts require_regular write_regular"
        ),
        "imports": "HOME TRUSTED guard_imports lazy_names trusted_first trusted_folders",
        "scripts": "HEAD_SIZE SOURCE_ENDINGS has_no_suffix is_source names_python starts_as_script",
    },
)
