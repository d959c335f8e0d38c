"""The errors that end a command: a mistake of the user's, and one of an extension."""

from __future__ import annotations


class UsageError(Exception):
    """Wrong settings or arguments: exit code 2 on the command line, 4 in pytest.

    The message says what is wrong, where, and what to do.
    """


class ExtensionError(Exception):
    """An installed extension does what it must not: exit code 3, once all that is ours is done.

    The message says which one, with its version, and what it did.
    """
