"""Our command in a script: which hook it is for, and whether the script ends with its exit code.

Lines are searched for what is common, and a shell's grammar is not parsed. Where a command is in a function,
a condition or quotes, nothing is said about its exit code.
"""

from __future__ import annotations

import re

_COMMAND = re.compile(
    r"\bpytest[-_]antipasta(?:\.exe)?[\"']?\s+(hook)(?![\w-])"
    r"(?:[^;&|]*?( --(?:push|receive|agent))(?![\w-]))?"
)
_COMMENT = re.compile(r"(?<!\S)#(?!!).*")  # not as in `$#` of a shell
_FUNCTION = re.compile(r"\w\s*\(\s*\)|\bfunction\b")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_UNKNOWN = re.compile(r"""\b(if|elif|while|until|case|exec)\b|[`!'"(]""")
_OPERATOR = re.compile(r"\|\||&&|\||;|(?<![<>])&(?![>\d])")  # not as in `2>&1`
_ENDING = re.compile(r"exit\b|exec\s+(?!\d*[<>])")  # with a redirection alone, `exec` goes on
_ERREXIT = re.compile(r"#!.*\s-\w*e|\s*set\s.*(-\w*e|errexit)")
_CLOSING = re.compile(r"(\s|;|\bfi\b|\bdone\b|\besac\b|\}|\))*")
_IGNORED = re.compile(r"\s*(:|(true|echo|printf)\b)(?!.*\b(exit|return)\b)")
_KEPT = re.compile(r"\$\?|PIPESTATUS|pipefail|\b(wait|trap)\b")


def find_commands(text: str) -> set[str]:
    """Return which hooks of ours a script runs, such as ``hook --push``; comments don't count."""
    return {hook + purpose for line in _list_lines(text) for hook, purpose in _COMMAND.findall(line)}


def is_of_shell(text: str) -> bool:
    """Return whether a shell runs a script, as it does without a first line that names a program."""
    program = text.partition("\n")[0]
    return not program.startswith("#!") or re.search(r"sh(\s|$)", program) is not None


def find_flaw(text: str, arguments: str, *, is_errexit: bool = False) -> str | None:
    """Return why a script of a shell lets pass what our command blocks; ``None`` if it blocks it, or may.

    Args:
        text: the script.
        arguments: those of our command, such as ``hook --push``.
        is_errexit: whether the shell is started so that it ends at the first command that fails.
    """
    lines = _list_lines(text)
    flaw = None
    for number, line in enumerate(lines):
        for match in _COMMAND.finditer(line):
            if "".join(match.groups("")) != arguments:
                continue
            before = lines[:number]
            after = "\n".join([line[match.end() :], *lines[number + 1 :]])
            if ending := next(filter(_ENDING.match, before), None):
                flaw = f"it never runs, as `{ending.strip()}` ends the script before it"
            elif (
                _is_alone(before, line[: match.start()])
                and not _KEPT.search("\n".join([*before, after]))
                and _is_lost(after, is_errexit or any(map(_ERREXIT.match, before)))
            ):
                flaw = f"the script ignores its exit code: write `pytest-antipasta {arguments} || exit 1`"
            else:
                return None
    return flaw


def _is_alone(before: list[str], start: str) -> bool:
    """Return whether a command is in no function, condition or quotes: after which lines, and what."""
    is_in_function = start[:1].isspace() and any(map(_FUNCTION.search, before))
    return not (is_in_function or _FUNCTION.search(start) or _UNKNOWN.search(_QUOTED.sub("", start)))


def _is_lost(after: str, is_errexit: bool) -> bool:
    """Return whether a shell goes on if a command fails; ``after`` is the script after the command."""
    line, _, below = after.partition("\n")
    found = _OPERATOR.search(line)
    operator, rest = (found[0], line[found.end() :]) if found else ("", "")
    if operator == "||":
        return _IGNORED.match(rest) is not None
    if operator in ("|", "&"):
        return True
    if operator == "&&":
        return _CLOSING.fullmatch(below) is None
    return not is_errexit and _CLOSING.fullmatch(f"{rest}\n{below}") is None


def _list_lines(text: str) -> list[str]:
    """Return the lines of a script without comments; a line that goes on in the next one is joined to it."""
    return [_COMMENT.sub("", line) for line in text.replace("\\\n", " ").splitlines()]
