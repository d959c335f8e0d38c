"""Find source files in a working tree, and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.files.exclusion import *
    from pytest_antipasta.files.locations import *
    from pytest_antipasta.files.nearer_settings import *
    from pytest_antipasta.files.notebooks import *
    from pytest_antipasta.files.reading import *
    from pytest_antipasta.files.repositories import *
    from pytest_antipasta.files.selection import *
    from pytest_antipasta.files.shards import *
    from pytest_antipasta.files.source import *
    from pytest_antipasta.files.source_paths import *
    from pytest_antipasta.files.walk import *

__getattr__ = lazy_names(
    __name__,
    {
        "exclusion": "find_exclusion find_exclusion_of_content find_idle_exclusions find_idle_patterns",
        "locations": "display_path path_from rebase",
        "notebooks": "find_source",
        "nearer_settings": "complete_settings",
        "selection": (
            "Selected Selection begin_selecting describe_missing_path describe_root find_missing_paths "
            "finish_selecting iter_notebook_notes iter_outside_notes require_inside require_paths "
            "select_files select_with_settings"
        ),
        "repositories": "find_own_folders OtherRepositories",
        "shards": "digest_files divide parse_shard",
        "source_paths": "SourcePaths UncheckedNotebooks iter_changed",
        "reading": "Content UnreadableError describe_too_large is_racy open_file read_file reread",
        "source": "Source decode_sources encode_sources",
        "walk": "find_regular read_is_script read_script",
    },
)
