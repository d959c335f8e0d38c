"""Recorded numbers: the text of a baseline, and which violations it tolerates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.baseline.entries import (
        Baseline as Baseline,
        Key as Key,
        Source as Source,
        make_entry as make_entry,
    )
    from pytest_antipasta.baseline.file import (
        DEFAULT_NAME as DEFAULT_NAME,
        find_baseline as find_baseline,
        locate_baseline as locate_baseline,
        parse_named as parse_named,
        read_baseline as read_baseline,
    )
    from pytest_antipasta.baseline.matching import (
        FileSource as FileSource,
        Number as Number,
        identify as identify,
    )
    from pytest_antipasta.baseline.review import (
        is_near_limit as is_near_limit,
        review_baseline as review_baseline,
    )
    from pytest_antipasta.baseline.text import (
        SCHEMA_VERSION as SCHEMA_VERSION,
        BaselineError as BaselineError,
        describe as describe,
        format_baseline as format_baseline,
        parse_baseline as parse_baseline,
    )
    from pytest_antipasta.baseline.tolerance import Tolerance as Tolerance
    from pytest_antipasta.baseline.tree import Tree as Tree
    from pytest_antipasta.baseline.update import (
        Current as Current,
        Scope as Scope,
        Step as Step,
        Update as Update,
        plan_prune as plan_prune,
        plan_write as plan_write,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "entries": "Baseline Key Source make_entry",
        "file": "DEFAULT_NAME find_baseline locate_baseline parse_named read_baseline",
        "matching": "FileSource Number identify",
        "review": "is_near_limit review_baseline",
        "text": "BaselineError SCHEMA_VERSION describe format_baseline parse_baseline",
        "tolerance": "Tolerance",
        "tree": "Tree",
        "update": "Current Scope Step Update plan_prune plan_write",
    },
)
