"""The event that a coding agent's host sends to its hook on standard input when a task ends.

Claude Code and Codex document the same fields: https://code.claude.com/docs/en/hooks#stop and
https://developers.openai.com/codex/hooks. Other fields are ignored.
"""

from __future__ import annotations

import os
import sys
from typing import Literal

import msgspec
from msgspec import Struct

from pytest_antipasta.model.errors import UsageError

EXPECTED = (
    "expected the event of an agent's hook on standard input: a JSON object with `hook_event_name` (`Stop` "
    "or `SubagentStop`), `cwd` and `stop_hook_active`"
)
"""What is wrong with any other standard input."""
# Text that is not UTF-8, or data nested too deeply, does not raise msgspec's own errors.
_UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class AgentEvent(Struct, frozen=True):
    """The end of a task, or of a part of it that another agent does.

    Attributes:
        hook_event_name: name of the event.
        cwd: the folder that the agent works in.
        stop_hook_active: whether the agent goes on only because a hook has blocked the end before.
    """

    hook_event_name: Literal["Stop", "SubagentStop"]
    cwd: str
    stop_hook_active: bool = False


def read_event() -> AgentEvent:
    """Return the event on standard input.

    Raises:
        UsageError: it is not such an event.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError(f"{EXPECTED}; it is closed")
    if sys.stdin.isatty():
        raise UsageError(f"{EXPECTED}; it is a terminal")
    try:
        return msgspec.json.decode(sys.stdin.buffer.read(), type=AgentEvent)
    except OSError as error:
        raise UsageError(f"{EXPECTED}; it can't be read: {error.strerror}") from error
    except _UNDECODABLE as error:
        raise UsageError(f"{EXPECTED}; {error}") from error


def enter_folder(event: AgentEvent) -> None:
    """Make the folder that an agent works in the current one.

    Raises:
        UsageError: there is no such folder.
    """
    try:
        os.chdir(event.cwd)
    except OSError as error:
        raise UsageError(f"`cwd` of the event is {event.cwd!r}: {error.strerror}") from error
    except ValueError as error:  # a name that no folder can have
        raise UsageError(f"`cwd` of the event is {event.cwd!r}: {error}") from error
