"""Which files are source files, and reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.files.exclusion import (
        find_exclusion as find_exclusion,
        find_exclusion_by_name as find_exclusion_by_name,
    )
    from pytest_antipasta.files.selection import (
        Selection as Selection,
        begin_selecting as begin_selecting,
        describe_missing_path as describe_missing_path,
        find_missing_paths as find_missing_paths,
        finish_selecting as finish_selecting,
        iter_outside_notes as iter_outside_notes,
        require_inside as require_inside,
        require_paths as require_paths,
        select_files as select_files,
    )
    from pytest_antipasta.files.walk import (
        Content as Content,
        FoundFile as FoundFile,
        UnreadableError as UnreadableError,
        describe_too_large as describe_too_large,
        display_path as display_path,
        read_file as read_file,
        rebase as rebase,
        reread as reread,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "exclusion": "find_exclusion find_exclusion_by_name",
        "selection": (
            "Selection begin_selecting describe_missing_path find_missing_paths finish_selecting "
            "iter_outside_notes require_inside require_paths select_files"
        ),
        "walk": "Content FoundFile UnreadableError describe_too_large display_path read_file rebase reread",
    },
)
