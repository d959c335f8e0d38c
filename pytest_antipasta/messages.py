"""Text for people: control characters neutralised, quoting, counting, the nearest known name."""

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

# Control characters, C1 among them, with which terminals are told what to do; what ends a line for some;
# what turns the direction of text round, so that it reads as what it is not (CVE-2021-42574); what has no
# width or no ink, so that two names look alike (Unicode's Default_Ignorable_Code_Point, and a blank of
# Braille); what is half of a character, or a byte of a file's name that is none; and what XML forbids.
_ODD = (
    "\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# What CI services look for anywhere in a line and obey: GitHub, Azure Pipelines, TeamCity. The second "#".
_COMMAND = r"(?<=#)#(?=(?:vso|teamcity)?\[)"
# The address of a shared store with more in it than a host and a number: a name, a password, options.
_SECRET = re.compile(r"(?i)\b((?:rediss?|unix):/{1,2})(?:.*@\S*|:(?!:)\S*|\S*[?#]\S*)")
# What GitHub obeys at the beginning of a line, behind any white space.
_BEGINS_COMMAND = re.compile(r"(\s*):(?=:)")
_UNPRINTABLE = re.compile(f"[\x00-\x1f{_ODD}]|{_COMMAND}", re.IGNORECASE)
_ODD_IN_JSON = re.compile(f"[{_ODD}]|{_COMMAND}", re.IGNORECASE)
_ESCAPED_BYTE = range(0xDC80, 0xDD00)  # PEP 383
_BYTE, _LOOKS_LIKE_BYTE = re.compile("[\udc80-\udcff]"), re.compile(r"\\x[89a-f][0-9a-f]")
_LOOKS_ESCAPED = re.compile(r"\\(?:x[0-7][0-9a-f]|u[0-9a-f]{4}|U[0-9a-f]{8})")


def make_printable(text: str) -> str:
    r"""Return a line with escapes, such as ``\x1b``, in place of what a terminal would not show as it is.

    What a CI service would obey in its log is escaped, too: ``::`` at the beginning, ``##[`` anywhere.
    """
    return text if _is_plain(text) else _escape_all(text)


def _is_plain(text: str) -> bool:
    """Whether nothing is to be escaped, as far as one can see at once."""
    return text.isascii() and text.isprintable() and "::" not in text and "##" not in text


def _escape_all(text: str) -> str:
    if begins := _BEGINS_COMMAND.match(text):
        text = f"{begins[1]}\\x3a{text[begins.end() :]}"
    return _UNPRINTABLE.sub(_escape, text)


def name_path(path: str) -> str:
    r"""Return the name of a path for reports: as it is, but for bytes that are no UTF-8, such as ``\xff``.

    No two paths have one name: a backslash is doubled in one that has such bytes, or what looks like one.
    """
    if path.isprintable() and "\\" not in path:
        return path
    # Bytes that Python takes for halves of characters may be a character to the file system's reader.
    path = os.fsencode(path).decode("utf-8", "surrogateescape")
    if _BYTE.search(path) or _LOOKS_LIKE_BYTE.search(path):
        path = _BYTE.sub(_escape, path.replace("\\", "\\\\"))
    return path


def show_name(name: str) -> str:
    r"""Return such a name as a terminal may get it: no two of them look alike.

    A backslash is doubled in a name that gets escapes, or that has what looks like one.
    """
    if _is_plain(name) and "\\" not in name:
        return name
    escaped = _escape_all(name)
    if escaped != name or _LOOKS_ESCAPED.search(name):
        escaped = _escape_all(name.replace("\\", "\\\\"))
    return escaped


def make_printable_path(path: str) -> str:
    """Return a path as a terminal may get it."""
    return show_name(name_path(path))


def escape_in_json(text: str) -> str:
    """Return JSON that means the same and does nothing to a terminal; what is indented stays so."""
    return _ODD_IN_JSON.sub(_escape_in_json, text)


def _escape_in_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex(" ", 2)
    return "".join(f"\\u{unit}" for unit in units.split())


def format_argument(path: str) -> str:
    """Return a path ready to be typed: quoted for a shell, and not to be taken for an option."""
    from shlex import quote  # here, because a run that passes proposes no command

    return quote(f"./{path}" if path.startswith("-") else path)


_SHARED_STORE_OPTIONS = ("--shared-store", "--antipasta-shared-store")


def hide_addresses(words: Iterable[str]) -> str:
    """Return a command line without the addresses of shared stores, which may have passwords in them."""
    shown, is_address = [], False
    for word in words:
        name, equals, _ = word.partition("=")
        # argparse understands the beginning of an option, too.
        is_option = len(name) > 2 and any(option.startswith(name) for option in _SHARED_STORE_OPTIONS)
        if is_address:
            shown.append("…")
        elif is_option and equals:
            shown.append(f"{name}=…")
        else:
            # Where no address belongs, or in options for another program.
            shown.append(re.sub(r"(?is)\b((?:rediss?|unix)://|shared-store[= ]).*", r"\1…", word))
        is_address = is_option and not equals and not is_address
    return " ".join(shown)


def hide_passwords(text: str) -> str:
    """Return the message of an error without what may be a password in the address of a shared store."""
    return _SECRET.sub(r"\1…", text) if ":/" in text else text


def printable_lines(make: Callable[_Parameters, Iterator[str]]) -> Callable[_Parameters, Iterator[str]]:
    """Decorate what yields lines for people."""

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


def suggest(name: str, known: Iterable[str]) -> str:
    """Name the known word that is nearest, or all of them when none is near."""
    known = list(known)
    nearest = find_nearest(name, known)
    return f'did you mean "{nearest}"?' if nearest is not None else f"expected one of: {', '.join(known)}"


def find_nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known word that is nearest; ``None`` when none is near."""
    from difflib import get_close_matches  # here, because it is hardly ever needed

    words, wanted = {_normalise(word): word for word in known}, _normalise(name)
    close = get_close_matches(wanted, words, n=1, cutoff=0.6)
    # A part of one is far from it by its letters: "volume".
    close += [word for word in words if get_close_matches(wanted, word.split("_"), n=1, cutoff=_NEAR)]
    return words[close[0]] if close else None


def suggest_block(name: str, names: Sequence[str]) -> str:
    """Name the blocks that may be meant, of the qualified names that there are."""
    from difflib import get_close_matches  # likewise

    same = [one for one in names if re.sub(r"#\d+$", "", one.rpartition(".")[2]) == name]
    near = same[:3] or get_close_matches(name, names, n=3, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else f"it has {list_names(names)}"


def list_names(names: Sequence[str], most: int = 5) -> str:
    """Return some names, and how many more there are."""
    if not names:
        return "none"
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def is_near(name: str, known: str) -> bool:
    """Whether a word is a known one with a slip or two."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, _normalise(name), _normalise(known)).ratio() >= _NEAR


def _normalise(word: str) -> str:
    """Return what is alike in words that only look different."""
    return word.lower().replace("-", "_").strip("_")


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


_LONGEST_VALUE = 60
_HUGE = 10**30


def format_value(value: object) -> str:
    """Write a value as the user wrote it, or say what it is where it would be long."""
    if isinstance(value, str):
        text = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
        # YAML can spell half of a surrogate pair, which no encoding can write.
        return format_json(text.encode("utf-8", "backslashreplace").decode())
    if isinstance(value, bool):
        return "true" if value else "false"
    return _format_other(value)


def format_json(value: object) -> str:
    """Write a string, a number, a truth value or a list of them as JSON that is TOML too."""
    # Both forbid control characters in strings, but only TOML counts this one among them.
    return encode(value).decode().replace("\x7f", "\\u007f")


def _format_other(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    # Python refuses to write integers of more than 4300 digits, which a hexadecimal number can have.
    if isinstance(value, int) and abs(value) > _HUGE:
        return "a huge number"
    return str(value)


def format_path(path: Path) -> str:
    """Write a path relative to the current folder when it is below it, on one line, in any encoding."""
    text = os.fspath(path)
    with suppress(ValueError, OSError):  # not below it, or the current folder is gone
        text = os.fspath(path.relative_to(Path.cwd()))
    return make_printable(os.fsencode(text).decode("utf-8", "backslashreplace"))
