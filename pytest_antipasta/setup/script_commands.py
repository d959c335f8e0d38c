"""Our command in a script: which hook it is for, and whether the script ends with its exit code.

Lines are searched for what is common, and a shell's grammar is not parsed. Where a command is in a function,
a condition, brackets or quotes, nothing is said about its exit code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMAND = re.compile(
    r"\bpytest[-_]antipasta(?:\.exe)?[\"']?\s+(hook)(?![\w-])"
    r"(?:[^;&|]*?( --(?:push|receive|agent))(?![\w-]))?"
)
_SHELL = re.compile(r"\b(?:a|ba|da|k|mk|z)?sh(?:\.exe)?(?:\s|$)")
_COMMENT = re.compile(r"(?<!\S)#(?!!).*")  # not as in `$#` of a shell
_GOING_ON = re.compile(r"(&&|\|)[ \t]*\n")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_UNKNOWN = re.compile(r"\b(if|elif|while|until|case|exec)\b|!")
_OPAQUE = re.compile(r"""<<|[`'"]""")
_BLOCKS = (re.compile(r"\b(?:if|do|case)\b"), re.compile(r"\b(?:fi|done|esac)\b"))
_BRACKETS = (re.compile(r"[({]"), re.compile(r"[)}]"))
_OPERATOR = re.compile(r"\|\||&&|\||;|(?<![<>])&(?![>\d])")  # not as in `2>&1`
_ENDING = re.compile(r"exit(?![-\w]|\s*\()|exec\s+[^\s\d<>&{]")  # with a redirection alone, `exec` goes on
_ERREXIT = re.compile(r"^#!.*\s-\w*e|\bset\s.*(-\w*e|errexit)")
# The end of the script, an `exit` without a number, or what reads the exit code of a block.
_KEEPING = re.compile(r"([\s;]|\b(fi|done)\b|\bexit\s*\Z)*(\Z|(else|elif)\b|&&|\|)")
_USED = re.compile(r"\|\||[={]|\b(exit|return)\b")
_IGNORED = re.compile(r"\s*(:|(true|echo|printf)\b)(?!.*(&&|\|\||\b(exit|return)\b))")
_KEPT = re.compile(r"\$\?|PIPESTATUS|pipefail|\b(wait|trap)\b")


def find_commands(text: str) -> set[str]:
    """Return which hooks of ours a script runs, such as ``hook --push``; comments don't count."""
    return {hook + purpose for line in _list_lines(text) for hook, purpose in _COMMAND.findall(line)}


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
    lines = _list_lines(text)
    flaw = None
    for number, line in enumerate(lines):
        for match in _COMMAND.finditer(line):
            if "".join(match.groups("")) != arguments:
                continue
            before = lines[:number]
            after = "\n".join([line[match.end() :], *lines[number + 1 :]])
            if ending := _find_ending(before):
                flaw = f"it never runs, as `{ending.strip()}` ends the script before it"
            elif (
                not _is_inside([*before, line[: match.start()]], [_BRACKETS])
                and not _UNKNOWN.search(_QUOTED.sub("", line[: match.start()]))
                and not _KEPT.search("\n".join([*before, after]))
                and _is_lost(after, is_errexit or any(map(_ERREXIT.search, before)))
            ):
                flaw = f"the script ignores its exit code: write `pytest-antipasta {arguments} || exit 1`"
            else:
                return None
    return flaw


def _find_ending(lines: Sequence[str]) -> str | None:
    """Return the line that ends a script, if it is in no block."""
    for number, line in enumerate(lines):
        if _ENDING.match(line) and not _is_inside(lines[:number], [_BRACKETS, _BLOCKS]):
            return line
    return None


def _is_inside(lines: Sequence[str], kinds: Sequence[tuple[re.Pattern[str], re.Pattern[str]]]) -> bool:
    """Return whether lines leave a quote, a text or a block open, or may do so."""
    text = _QUOTED.sub("", "\n".join(lines))
    is_open = any(len(first.findall(text)) != len(last.findall(text)) for first, last in kinds)
    return is_open or _OPAQUE.search(text) is not None


def _is_lost(after: str, is_errexit: bool) -> bool:
    """Return whether a shell goes on if a command fails; ``after`` is the script after the command."""
    line, _, below = _QUOTED.sub("", after).partition("\n")
    if _OPAQUE.search(line) or "$(" in line:
        return False
    found = _OPERATOR.search(line)
    operator, rest = (found[0], line[found.end() :]) if found else ("", "")
    if operator == "||":
        return _IGNORED.match(rest) is not None
    if operator in ("|", "&"):
        return True
    if operator == "&&":
        return not (_USED.search(rest) or _KEEPING.match(below))
    return not (is_errexit or _KEEPING.match(f"{rest}\n{below}"))


def _list_lines(text: str) -> list[str]:
    """Return the lines of a script without comments; a line that goes on in the next one is joined to it."""
    lines = "\n".join(_COMMENT.sub("", line) for line in text.replace("\\\n", " ").splitlines())
    return _GOING_ON.sub(r"\1 ", lines).splitlines()
