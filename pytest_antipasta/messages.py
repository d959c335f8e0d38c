"""Text for people: escape control characters, quote, count, and suggest the nearest known name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from msgspec.json import encode

_Parameters = ParamSpec("_Parameters")

# Control characters, including C1, which control terminals; characters that end a line for some programs;
# those that change the direction of text, so that it looks different from what it is (CVE-2021-42574); those
# without width or ink, so that two names look alike (Unicode's Default_Ignorable_Code_Point, and a blank of
# Braille); lone surrogates, which also represent undecodable bytes of file names; and characters forbidden in
# XML.
_ODD = (
    "\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Commands that CI services find anywhere in a line: GitHub, Azure Pipelines, TeamCity. The second "#".
_COMMAND = r"(?<=#)#(?=(?:vso|teamcity)?\[)"
# The address of a shared store with more than a host and a number: a name, a password, options.
_SECRET = re.compile(r"(?i)\b((?:rediss?|unix):[/\\]{1,2})(?:.*@\S*|:(?!:)\S*|\S*[?#]\S*)")
# GitHub's commands at the beginning of a line, after any white space.
_BEGINS_COMMAND = re.compile(r"(\s*):(?=:)")
_UNPRINTABLE = re.compile(f"[\x00-\x1f{_ODD}]|{_COMMAND}", re.IGNORECASE)
_ODD_IN_JSON = re.compile(f"[{_ODD}]|{_COMMAND}", re.IGNORECASE)
_ESCAPED_BYTE = range(0xDC80, 0xDD00)  # PEP 383
_BYTE, _LOOKS_LIKE_BYTE = re.compile("[\udc80-\udcff]"), re.compile(r"\\x[89a-f][0-9a-f]")
# What quotes of a command don't hold together for every shell of Windows.
_ODD_IN_DOUBLE, _ODD_IN_SINGLE = re.compile("[\u201c-\u201e]"), re.compile("[&\u2018-\u201e]|'\"'")
_LOOKS_ESCAPED = re.compile(r"\\(?:x[0-7][0-9a-f]|u[0-9a-f]{4}|U[0-9a-f]{8})")


def make_printable(text: str) -> str:
    r"""Return a line with escapes, such as ``\x1b``, for characters that a terminal would not display.

    Commands to a CI service in its log are escaped too: ``::`` at the beginning, ``##[`` anywhere.
    """
    return text if _is_plain(text) else _escape_all(text)


def _is_plain(text: str) -> bool:
    """Return whether a quick test shows that nothing needs escaping."""
    return text.isascii() and text.isprintable() and "::" not in text and "##" not in text


def _escape_all(text: str) -> str:
    if begins := _BEGINS_COMMAND.match(text):
        text = f"{begins[1]}\\x3a{text[begins.end() :]}"
    return _UNPRINTABLE.sub(_escape, text)


def name_path(path: str) -> str:
    r"""Return the name of a path for reports; bytes that are not UTF-8 are escaped, such as ``\xff``.

    Names are unique: backslashes are doubled in a path with such bytes, or with text that looks like an
    escape.
    """
    if path.isprintable() and "\\" not in path:
        return path
    # Bytes that Python decodes as surrogates may be a character to the file system.
    path = os.fsencode(path).decode("utf-8", "surrogateescape")
    if _BYTE.search(path) or _LOOKS_LIKE_BYTE.search(path):
        path = _BYTE.sub(_escape, path.replace("\\", "\\\\"))
    return path


def show_name(name: str) -> str:
    r"""Return a path's name for a terminal; different names look different.

    Backslashes are doubled in a name with escapes, or with text that looks like one.
    """
    if _is_plain(name) and "\\" not in name:
        return name
    escaped = _escape_all(name)
    if escaped != name or _LOOKS_ESCAPED.search(name):
        escaped = _escape_all(name.replace("\\", "\\\\"))
    return escaped


def can_be_typed(command: str) -> bool:
    r"""Return whether a command with paths of reports is shown as it is typed, without escapes.

    An escaped byte can't be told from its look-alike, but a path that has this, has doubled backslashes.
    """
    if os.name == "nt":
        # PowerShell runs `$(…)` in double quotes, and cmd.exe what follows an `&` in single ones.
        # A single quote in single ones is one of POSIX alone. To PowerShell, curly quotes are straight ones.
        odd = _ODD_IN_SINGLE if "$" in command or "`" in command else _ODD_IN_DOUBLE
    else:
        odd = _LOOKS_LIKE_BYTE
    return odd.search(command) is None and make_printable(command) == command


def make_printable_path(path: str) -> str:
    """Return a path for a terminal."""
    return show_name(name_path(path))


def escape_in_json(text: str) -> str:
    """Return JSON with equal meaning without control characters; indentation stays."""
    return _ODD_IN_JSON.sub(_escape_in_json, text)


def _escape_in_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex(" ", 2)
    return "".join(f"\\u{unit}" for unit in units.split())


def format_argument(path: str) -> str:
    """Return a path ready to type: quoted for a shell, and not mistaken for an option."""
    from shlex import quote  # a passing run proposes no command

    plain = f"./{path}" if path.startswith("-") else path
    if os.name != "nt":
        return quote(plain)
    plain = plain.replace("\\", "/")  # as in rows; a backslash would need quotes
    # cmd.exe takes single quotes for a part of the name; PowerShell knows both, and runs $(…) in double ones.
    # Without quotes, PowerShell takes a comma for a list, and a first @ for a variable.
    if "$" in plain or "`" in plain:
        return quote(plain)
    return plain if quote(plain) == plain and "," not in plain and plain[:1] != "@" else f'"{plain}"'


def chain_commands(commands: Sequence[str]) -> Sequence[str]:
    """Return the lines to type for commands of which each needs the one before.

    Windows has PowerShell 5.1, which does not know ``&&``.
    """
    return commands if os.name == "nt" else [" && ".join(commands)]


_SHARED_STORE_OPTIONS = ("--shared-store", "--antipasta-shared-store")


def hide_addresses(words: Iterable[str]) -> str:
    """Return a command line without the addresses of shared stores, which may contain passwords."""
    shown, is_address = [], False
    for word in words:
        name, equals, _ = word.partition("=")
        # argparse also accepts abbreviated options.
        is_option = len(name) > 2 and any(option.startswith(name) for option in _SHARED_STORE_OPTIONS)
        if is_address:
            shown.append("…")
        elif is_option and equals:
            shown.append(f"{name}=…")
        else:
            # In other places, or in options for other programs.
            shown.append(re.sub(r"(?is)\b((?:rediss?|unix)://|shared-store[= ]).*", r"\1…", word))
        is_address = is_option and not equals and not is_address
    return " ".join(shown)


def hide_passwords(text: str) -> str:
    """Return an error message without possible passwords in the address of a shared store."""
    return _SECRET.sub(r"\1…", text)


def printable_lines(make: Callable[_Parameters, Iterator[str]]) -> Callable[_Parameters, Iterator[str]]:
    """Decorate a generator of lines for people, to escape control characters."""

    @wraps(make)
    def make_lines(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> Iterator[str]:
        return map(make_printable, make(*args, **kwargs))

    return make_lines


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in _ESCAPED_BYTE:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_NEAR = 0.87


def suggest(name: str, known: Iterable[str], short: Iterable[str] = ()) -> str:
    """Return the most similar known or short word as a suggestion, or all known words if none is similar."""
    known = list(known)
    nearest = find_nearest(name, (*known, *short))
    return f'did you mean "{nearest}"?' if nearest is not None else f"expected one of: {', '.join(known)}"


def find_nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the most similar known word; ``None`` if none is similar."""
    from difflib import get_close_matches

    words, wanted = {_normalise(word): word for word in known}, _normalise(name)
    close = get_close_matches(wanted, words, n=1, cutoff=0.6)
    # A single part, such as "volume", is not similar by its letters.
    close += [word for word in words if get_close_matches(wanted, word.split("_"), n=1, cutoff=_NEAR)]
    return words[close[0]] if close else None


def suggest_block(name: str, names: Sequence[str]) -> str:
    """Return the blocks with a similar name as a suggestion."""
    from difflib import get_close_matches

    same = [item for item in names if re.sub(r"#\d+$", "", item.rpartition(".")[2]) == name]
    near = same[:3] or get_close_matches(name, names, n=3, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else f"it has {list_names(names)}"


MOST_NAMED = 3
"""Maximum number of files or folders in a line that says what was checked or what to do."""


def list_names(names: Sequence[str], most: int = 5, noun: str = "") -> str:
    """Return some names, and the number of others, with a noun if one is given."""
    if not names:
        return "none"
    left = len(names) - most
    others = count(left, f"more {noun}") if noun else f"{left:,} more"
    return ", ".join(names[:most]) + (f" and {others}" if left > 0 else "")


def is_near(name: str, known: str) -> bool:
    """Return whether a word is a known one with one or two typing errors."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, _normalise(name), _normalise(known)).ratio() >= _NEAR


def _normalise(word: str) -> str:
    """Return a word in a form that is equal for words which look similar."""
    return word.lower().replace("-", "_").strip("_")


def count(number: float, noun: str, plural: str = "") -> str:
    """Return a number with a noun: ``1 file``, ``2,000 files``."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


_LONGEST_VALUE = 60
_HUGE = 10**30


def format_value(value: object) -> str:
    """Return a value as the user wrote it, or its type if it is long."""
    if isinstance(value, str):
        text = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
        # YAML can spell half of a surrogate pair, which no encoding can write.
        return format_json(text.encode("utf-8", "backslashreplace").decode())
    if isinstance(value, bool):
        return "true" if value else "false"
    return _format_other(value)


def format_json(value: object) -> str:
    """Return a string, a number, a truth value or a list of them as JSON that is also TOML."""
    # Both forbid control characters in strings, but only TOML includes this one.
    return encode(value).decode().replace("\x7f", "\\u007f")


def _format_other(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    # Python can't write integers of more than 4300 digits, which a hexadecimal number can have.
    if isinstance(value, int) and abs(value) > _HUGE:
        return "a huge number"
    return str(value)


def format_path(path: Path) -> str:
    """Return a path relative to the current folder if it is below it, on one line, in any encoding."""
    with suppress(ValueError, OSError):  # not below it, or the current folder was deleted
        # Some editors start servers in the root of the file system, which their users never see.
        if (here := Path.cwd()) != here.parent:
            path = path.relative_to(here)
    return make_printable(os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace"))


def describe_unstaged(path: Path) -> str:
    """Return where a file is that was looked for in git and is on disk alone, and what to do."""
    return f"in git's files, only on disk; `git add {format_argument(format_path(path))}` stages a new one"
