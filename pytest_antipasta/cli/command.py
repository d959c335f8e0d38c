"""A command: its options are the fields of a struct, from which its parser is built.

A module that declares options has no ``from __future__ import annotations``: evaluating the text of
annotations takes longer than building the parser.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from msgspec import Struct

from pytest_antipasta.cli.parser import OptionGroup, SubParsers

if TYPE_CHECKING:
    from typing import Annotated as Annotated
else:

    class Annotated:
        """A type with a declaration, as a pair; that of ``typing`` costs a commit hook half a millisecond."""

        def __class_getitem__(cls, parts: tuple[Any, Any]) -> tuple[Any, Any]:
            """Return both."""
            return parts


_Options = TypeVar("_Options", bound=Struct)
LIMITS, FILES, REPORTS, RUN = _GROUPS = "limits", "files", "reports", "execution options"
"""Titles of the groups of options in the help of a command, which follow options without a group."""


class Option(Struct, frozen=True):
    """Declares a field as an option: ``dry_run: Annotated[bool, Option("write nothing")] = False``.

    The type of the field says more: ``bool`` makes a switch, ``Literal`` gives choices, and an option for a
    ``Sequence`` can be repeated. A field whose type is a struct stands for the options of that struct.

    Attributes:
        help: what the option does.
        metavar: name of its value in the help.
        group: title of its group in the help.
        parse: makes a value of the text that is typed.
        name: what is typed, if not the name of the field; a short form comes first.
        choices: the values to choose from, if the type does not have them.
        exclusive: a word that is common to options of which only one can be used.
    """

    help: str
    metavar: str | None = None
    group: str = ""
    parse: Callable[[str], object] | None = None
    name: str | None = None
    choices: Container[str] | None = None
    exclusive: str | None = None


class Operand(Struct, frozen=True):
    """Declares a field as a positional argument.

    Attributes:
        help: what it is.
        metavar: name in the help.
        nargs: how many values can be typed, as in argparse.
    """

    help: str
    metavar: str
    nargs: str | None = None


def add_command(
    commands: SubParsers, name: str, text: str, options: type[_Options], run: Callable[[_Options], int]
) -> None:
    """Add a command, or an action of a command.

    Args:
        commands: the commands, or the actions of a command.
        name: the name to type.
        text: what the command does; lists of commands show the part before the first semicolon.
        options: the struct whose fields are the options.
        run: runs the command and returns the exit code.
    """
    parser = _add_parser(commands, name, text)
    _add_options(parser, options)
    parser.set_defaults(options=options, run=run)


def add_actions(commands: SubParsers, name: str, text: str) -> SubParsers:
    """Add a command that consists of actions, and return these."""
    return _add_parser(commands, name, text).add_subparsers(dest="action", required=True)


def _add_parser(commands: SubParsers, name: str, text: str) -> argparse.ArgumentParser:
    brief = text.partition(";")[0]
    return commands.add_parser(name, help=brief, description=f"{text[0].upper()}{text[1:]}.")


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> tuple[Callable[[Any], int], Struct]:
    """Return the function that runs the requested command, and its options."""
    found = vars(parser.parse_args(words))
    return found["run"], _make_options(found["options"], found)


def _make_options(kind: type[Struct], found: Mapping[str, Any]) -> Struct:
    """Return a value of parsed arguments; what is not typed has the default of its field."""
    values = {
        field: _make_options(hint, found) if isinstance(hint, type) else found[field]
        for field, hint in _find_hints(kind).items()
    }
    return kind(**{field: value for field, value in values.items() if value is not None})


def _find_hints(kind: type[Struct]) -> Mapping[str, Any]:
    """Return the annotations of all fields: its own, then those that it inherits, common ones first."""
    own, *bases = takewhile(lambda each: each is not Struct, kind.__mro__)
    hints: dict[str, Any] = {}
    for each in (own, *reversed(bases), own):  # once more, as a field can replace an inherited one
        hints |= each.__annotations__
    return hints


def _iter_declared(kind: type[Struct]) -> Iterator[tuple[str, Any, Option | Operand]]:
    """Yield name, type and declaration of each argument."""
    for field, hint in _find_hints(kind).items():
        if isinstance(hint, type):
            yield from _iter_declared(hint)
        else:
            yield field, *hint


def _add_options(parser: argparse.ArgumentParser, kind: type[Struct]) -> None:
    groups: dict[str, OptionGroup] = {"": parser}
    groups |= {title: parser.add_argument_group(title) for title in _GROUPS}
    rivals: dict[str, OptionGroup] = {}
    for field, hint, declared in _iter_declared(kind):
        keywords = _describe_values(hint, declared)
        if isinstance(declared, Operand):
            parser.add_argument(field, **keywords)
            continue
        group = groups[declared.group]
        if declared.exclusive:
            if declared.exclusive not in rivals:
                rivals[declared.exclusive] = group.add_mutually_exclusive_group()
            group = rivals[declared.exclusive]
        names = declared.name or f"--{field.replace('_', '-')}"
        group.add_argument(*names.split(), dest=field, **keywords)


def _describe_values(hint: Any, declared: Option | Operand) -> dict[str, Any]:
    """Return the keywords of ``add_argument`` that a type and a declaration make."""
    members: tuple[Any, ...] = getattr(hint, "__args__", ())
    kind = members[0] if NoneType in members else hint
    if kind is bool:
        return {"action": "store_true", "help": declared.help}
    is_repeated = getattr(kind, "__origin__", None) is Sequence
    item = kind.__args__[0] if is_repeated else kind
    parse = Path if item is Path else None
    if isinstance(declared, Operand):
        return {"help": declared.help, "metavar": declared.metavar, "nargs": declared.nargs, "type": parse}
    choices = item.__args__ if getattr(item, "__origin__", None) is Literal else None
    return {
        "help": declared.help,
        "metavar": declared.metavar,
        "action": "append" if is_repeated else "store",
        "type": declared.parse or parse,
        "choices": declared.choices or choices,
    }
