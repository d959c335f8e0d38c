"""Our command in a script: which hook it is for, and whether the script ends with its exit code.

A script of a shell is read as commands and the operators between them. Of one that is more than that, and
``if``, such as one with functions, loops or brackets, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import dropwhile
from typing import NamedTuple

_OURS = re.compile(
    r"\bpytest[-_]antipasta(?:\.exe)?[\"']?\s+(hook)(?![\w-])"
    r"(?:[^;&|]*?( --(?:push|receive|agent))(?![\w-]))?"
)
_SHELL = re.compile(r"\b(?:a|ba|da|k|mk|z)?sh(?:\.exe)?(?:\s|$)")
_COMMENT = re.compile(r"(?<!\S)#(?!!).*")  # not as in `$#` of a shell
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"|\$\([^()]*\)|\$\{[^{}]*\}")
_MORE = re.compile(
    r"""[(){}`'"]|<<|\$\?|pipefail|PIPESTATUS|\b(?:case|for|function|select|trap|until|wait|while)\b"""
)
_PARTS = re.compile(r"(.*?)(\n|;|&&|\|\||\||(?<![<>])&(?![>\d])|\Z)", re.DOTALL)  # not the `&` of `2>&1`
_JOINED = re.compile(r"(&&|\|)\s*\n")
_BRANCH = re.compile(r"^(?:then|else)\b\s*")
_ENDING = re.compile(r"exit\b|exec\s+[^\s\d<>&]")  # with a redirection alone, `exec` goes on
_ERREXIT = re.compile(r"#!.*\s-\w*e|set\s.*(-\w*e|errexit)")
_NOTHING = re.compile(r":|(?:true|echo|printf)\b")
_KEEPING = re.compile(r"(exit( [1-9]\d*)?)?")
_ENDS = ("\n", ";", "")


class _Command(NamedTuple):
    """A command of a script, the operator after it, and in how many ``if`` it is."""

    text: str
    operator: str
    depth: int


def find_commands(text: str) -> set[str]:
    """Return which hooks of ours a script runs, such as ``hook --push``; comments don't count."""
    return {hook + purpose for line in _clean(text).splitlines() for hook, purpose in _OURS.findall(line)}


def is_of_shell(text: str) -> bool:
    """Return whether a shell runs a script, as it does without a first line that names a program.

    It is one like ``sh``: others, such as fish, have ``; or exit 1``.
    """
    program = text.partition("\n")[0]
    return not program.startswith("#!") or _SHELL.search(program) is not None


def find_flaw(text: str, arguments: str, *, is_errexit: bool = False) -> str | None:
    """Return why a script of a shell lets pass what our command blocks; ``None`` if it blocks it, or may.

    Args:
        text: the script.
        arguments: those of our command, such as ``hook --push``.
        is_errexit: whether the shell is started so that it ends at the first command that fails.
    """
    plain = _TEXT.sub("_", _clean(text))
    commands = [*_iter_commands(plain)]
    ours = [place for place, command in enumerate(commands) if arguments in find_commands(command.text)]
    if len(ours) != 1 or _MORE.search(plain):
        return None
    before, command, after = commands[: ours[0]], commands[ours[0]], commands[ours[0] + 1 :]
    if ending := _find_ending(before):
        return f"it never runs, as `{ending}` ends the script before it"
    is_errexit = is_errexit or any(_ERREXIT.match(other.text) for other in before)
    if command.text.startswith(("!", "if ", "elif ", "exec ")) or not _is_lost(command, after, is_errexit):
        return None
    return f"the script ignores its exit code: write `pytest-antipasta {arguments} || exit 1`"


def _find_ending(commands: Sequence[_Command]) -> str | None:
    """Return the command that ends a script in any case."""
    is_first = True
    for command in commands:
        is_last = command.operator in _ENDS
        if is_first and is_last and not command.depth and _ENDING.match(command.text):
            return command.text
        is_first = is_last
    return None


def _is_lost(command: _Command, after: Sequence[_Command], is_errexit: bool) -> bool:
    """Return whether a shell goes on to commands that decide, after ours has failed."""
    if command.operator == "||":
        return _NOTHING.match(after[0].text) is not None and after[0].operator in _ENDS
    if command.operator in ("|", "&"):
        return True
    if command.operator == "&&":  # the shell leaves out what this joins, and goes on in spite of `-e`
        joined, *after = dropwhile(lambda other: other.operator == "&&", after)
        if joined.operator == "||" or _ENDING.match(joined.text):
            return False
    elif is_errexit:
        return False
    return _goes_on(command.depth, after)


def _goes_on(depth: int, after: Sequence[_Command]) -> bool:
    """Return whether commands decide that are in no other branch of an ``if``; not told of inner ones."""
    if depth:
        after = [*dropwhile(lambda other: other.depth >= depth, after)]
        if depth != 1 or not after or after[0].operator not in _ENDS:
            return False
        after = after[1:]
    return _KEEPING.fullmatch(after[0].text if after else "") is None


def _iter_commands(text: str) -> Iterator[_Command]:
    """Yield the commands of a script without texts and comments, and an empty one as its end."""
    depth = 0
    for part in _PARTS.finditer(text):
        words = _BRANCH.sub("", part[1].strip())
        depth += words.startswith("if ") - (words == "fi")
        if words:
            yield _Command(words, part[2], depth)
    yield _Command("", "", 0)


def _clean(text: str) -> str:
    """Return a script without comments; what goes on in the next line is joined to it."""
    lines = (_COMMENT.sub("", line) for line in text.replace("\\\n", " ").splitlines())
    return _JOINED.sub(r"\1 ", "\n".join(lines))
