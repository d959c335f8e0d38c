"""Convert patterns of other tools to those of a ``.gitignore``.

Most tools compare a pattern with the whole path, so that a star also matches slashes. In a ``.gitignore``,
no star does, and a pattern that matches a folder also matches everything in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import chain, product
from posixpath import normpath

# The longest list that somebody would like to read.
_MOST = 12
_SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
_STAR = "*"
# The parts of a pattern. A set that has a slash or a backslash is treated as text that can't be converted.
_GLOB = re.compile(r"((?:(?<=/)|^)\*\*(?=/|$))|\*+|\?|\[[!^]?\]?[^]/\\]*\]|\\.|.", re.DOTALL)
_REGEX = re.compile(r"\.\*|\.|\[\^?[\w.-]+\]|\\[^\w]|\^|\$|[\w/ ~@%&=,;:'\"<>!#-]")
_BRACES = re.compile(r"\{([^{}]*)\}")


def expand_braces(pattern: str) -> list[str]:
    """Return all patterns that one with alternatives in braces stands for."""
    match = _BRACES.search(pattern)
    if match is None:
        return [pattern]
    heads = (pattern[: match.start()] + each + pattern[match.end() :] for each in match[1].split(","))
    return [each for head in heads for each in expand_braces(head)]


def convert_path(pattern: str, folder: str = "", *, files_only: bool, is_globset: bool = False) -> list[str]:
    """Return the patterns for paths below a folder that a pattern matches, with stars that match slashes.

    Args:
        pattern: compared with the whole path, from that folder.
        folder: relative to the root.
        files_only: whether the tool compares only files, and not their folders.
        is_globset: whether a backslash makes the next character literal, and two stars stand for folders.

    Raises:
        ValueError: this is not possible.
    """
    whole = normpath(f"{folder}/{pattern}" if folder else pattern)
    if whole.startswith(".."):
        raise ValueError
    return _convert([*_read_glob(whole, is_globset=is_globset)], files_only=files_only)


def convert_name(pattern: str, *, files_only: bool, is_globset: bool = False) -> list[str]:
    """Return the pattern for names of files or folders; see :func:`convert_path` for arguments and errors."""
    text = "".join(_read_glob(pattern, is_globset=is_globset))
    return _match_files(text) if files_only else [text]


def convert_regex(pattern: str, *, is_path: bool) -> list[str]:
    """Return the patterns for what a regular expression matches at the beginning of a name or a path.

    Raises:
        ValueError: this is not possible.
    """
    found = []
    for each in pattern.split("|"):
        parts = _REGEX.findall(each)
        if "".join(parts) != each or "$" in parts[:-1] or "^" in parts[1:]:
            raise ValueError
        globs = [_convert_regex_part(part) for part in parts if part not in "^$"]
        globs += [] if each.endswith("$") else [_STAR]
        found += _convert(globs, files_only=False) if is_path else ["".join(_squeeze(globs))]
    return found


def _convert_regex_part(part: str) -> str:
    if part == ".*":
        return _STAR
    if part == ".":
        return "?"
    return part.replace("[^", "[!") if len(part) > 2 else escape(part[-1])


def escape(text: str) -> str:
    """Return the pattern that matches only a text."""
    return re.sub(r"^[!#]|[\\*?\[]| $", r"\\\g<0>", text)


def _read_glob(pattern: str, *, is_globset: bool) -> Iterator[str]:
    """Yield the parts of a pattern, as written in a ``.gitignore``.

    Raises:
        ValueError: it has backslashes between folders.
    """
    for match in _GLOB.finditer(pattern):
        part = match[0]
        if match[1] and is_globset:
            yield part
        elif part[0] == _STAR:
            yield _STAR
        elif part[0] == "\\" and len(part) > 1:
            yield from _read_escaped(part[1], is_globset=is_globset)
        else:
            yield part.replace("[^", "[!") if len(part) > 2 or part == "?" else escape(part)


def _read_escaped(letter: str, *, is_globset: bool) -> list[str]:
    """Return the parts for a backslash and a character.

    Raises:
        ValueError: the pattern is a path of Windows, where tools take the backslash for a slash.
    """
    if re.match(r"\w", letter):
        raise ValueError
    return [escape(letter)] if is_globset else [r"\\", escape(letter)]


def _convert(parts: Sequence[str], *, files_only: bool) -> list[str]:
    """Return the patterns for paths that a sequence of parts matches, with stars that match slashes."""
    squeezed = _squeeze(parts)
    bounded = ["/", *squeezed, ""]
    choices = [_find_choices(*bounded[index : index + 3]) for index in range(len(squeezed))]
    texts = {_simplify("/" + "".join(choice)): None for choice in product(*choices)}
    if len(texts) > _MOST:
        raise ValueError
    return [*dict.fromkeys(chain.from_iterable(map(_match_files, texts)))] if files_only else [*texts]


def _squeeze(parts: Sequence[str]) -> list[str]:
    """Return parts of a pattern with one star for several in a row."""
    return [part for index, part in enumerate(parts) if part != _STAR or parts[index - 1 : index] != [_STAR]]


def _find_choices(before: str, part: str, behind: str) -> Sequence[str]:
    """Return what stands for a part between two others; all together match what it matches."""
    if part != _STAR:
        # One character may be a slash, but no name of a folder is empty.
        is_any = (part == "?" or part[:2] == "[!") and before != "/" and behind not in ("/", "", ".")
        return [part, "/"] if is_any else [part]
    if behind in ("/", ""):
        return ["*/**" if behind else "" if before == "/" else _STAR]
    return ["**/*"] if before == "/" else [_STAR, "*/**/*"]


def _simplify(text: str) -> str:
    # Nothing is a folder in the end, as everything in folders is meant.
    text = text.removesuffix("/") if text.endswith("/**/") else text
    rest = text.removeprefix("/**/")
    if rest == text:
        return text if text != "/" else _STAR
    return rest if "/" not in rest.rstrip("/") else f"**/{rest}"


def _match_files(text: str) -> list[str]:
    """Return patterns for the source files that one matches; none if it matches only folders.

    A star before the end of a suffix, as in ``*y``, would also match folders.
    """
    if text.endswith(("/", _STAR)):
        return [text]
    parts = [match[0] for match in _GLOB.finditer(text)]
    found = (_match_suffix(parts, suffix) for suffix in _SUFFIXES)
    return [*dict.fromkeys(filter(None, found))]


def _match_suffix(parts: Sequence[str], suffix: str) -> str | None:
    """Return a pattern for the files with a suffix that a pattern matches; ``None`` if it matches none."""
    # The first part that differs from the suffix, from behind, decides.
    pairs = enumerate(zip(reversed(parts), reversed(suffix), strict=False))
    differs = (number for number, (part, letter) in pairs if not _matches(part, letter))
    number = next(differs, min(len(parts), len(suffix)))
    if number == len(suffix) < len(parts):
        return "".join(parts)
    head = parts[: len(parts) - number]
    if len(parts) == 1 or not head or head[-1][0] != _STAR:
        return None
    # What is before the star may be in the suffix, as in `*.*y`.
    is_before = not any(_matches(part, letter) for part in head[-2:-1] for letter in suffix)
    return "".join(head) + suffix if is_before else "".join(parts)


def _matches(part: str, letter: str) -> bool:
    return part[0] != _STAR and fnmatchcase(letter, part)


def convert_plain(pattern: str, folder: str) -> list[str]:
    """Return the patterns for files below a folder that a pattern matches, with stars that match no slash."""
    found = []
    for each in expand_braces(pattern):
        text = "".join(_read_glob(f"{folder}/{each}" if folder else each, is_globset=True))
        text = text.removesuffix("/") if text.endswith("**/") else text
        if text.endswith("**"):
            # No folder is enough, so that it also matches what is before it.
            found.append(_simplify(f"/{text.removesuffix('**').rstrip('/')}"))
        elif not text.startswith(("/", "./")) and not text.endswith("/"):
            found += [_simplify(f"/{name}") for name in _match_files(_confine_to_files(text))]
    return found


def _confine_to_files(text: str) -> str:
    """Return a pattern that does not match folders by the star at its end."""
    name = text.rpartition("/")[2].removesuffix(_STAR)
    # The suffix may come before the star.
    is_open = re.search(r"[.*?]|\[!", name) and name[-1:] in (".", "p", "y", "?", "]")
    return text if is_open or not text.endswith(_STAR) else f"{text}.py"
