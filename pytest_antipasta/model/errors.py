"""The errors that end a command: wrong usage, and a faulty extension; advice that several errors share."""

from __future__ import annotations

FETCH = (
    "in a partial clone, run `git fetch --refetch --no-filter`; otherwise, `git fsck` shows what is missing"
)
"""What to do about contents that git does not have."""


class UsageError(Exception):
    """Wrong settings or arguments: exit code 2 on the command line, 4 in pytest.

    The message says what is wrong, where it is, and what to do.
    """


class ExtensionError(Exception):
    """An installed extension breaks its contract: exit code 3, after all built-in work is done.

    The message names the extension with its version, and the fault.
    """
