"""A command: its options are the fields of a struct, from which its parser is built.

A module that declares options has no ``from __future__ import annotations``, as evaluating the text of
annotations takes twenty times as long as making them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from msgspec import Struct

from pytest_antipasta.cli.parser import OptionGroup, SubParsers

_Options = TypeVar("_Options", bound=Struct)


class Option(Struct, frozen=True):
    """Declares a field as an option: ``dry_run: Annotated[bool, Option("write nothing")] = False``.

    The type of the field says more: ``bool`` makes a switch, ``Literal`` gives choices, and an option for a
    ``Sequence`` can be repeated. A field whose type is a struct stands for the options of that struct.

    Attributes:
        help: what the option does.
        group: title of its group in the help.
        metavar: name of its value in the help.
        parse: makes a value of the text that is typed.
        name: what is typed, if not the name of the field; a short form comes first.
        choices: the values to choose from, if the type does not have them.
        exclusive: a word that is common to options of which only one can be used.
    """

    help: str
    group: str = ""
    metavar: str | None = None
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
    """Return the annotations of all fields; those of a struct come before those that it inherits."""
    hints: dict[str, Any] = {}
    for each in takewhile(lambda each: each is not Struct, kind.__mro__):
        hints = hints | each.__annotations__ | hints
    return hints


def _iter_declared(kind: type[Struct]) -> Iterator[tuple[str, Any, Option | Operand]]:
    """Yield name, type and declaration of each argument."""
    for field, hint in _find_hints(kind).items():
        if isinstance(hint, type):
            yield from _iter_declared(hint)
        else:
            yield field, hint.__origin__, hint.__metadata__[0]


def _add_options(parser: argparse.ArgumentParser, kind: type[Struct]) -> None:
    groups: dict[str, OptionGroup] = {"": parser}
    rivals: dict[str, OptionGroup] = {}
    for field, hint, declared in _iter_declared(kind):
        keywords = _describe_values(hint, declared)
        if isinstance(declared, Operand):
            parser.add_argument(field, **keywords)
            continue
        if declared.group not in groups:
            groups[declared.group] = parser.add_argument_group(declared.group)
        place = groups[declared.group]
        if declared.exclusive:
            if declared.exclusive not in rivals:
                rivals[declared.exclusive] = place.add_mutually_exclusive_group()
            place = rivals[declared.exclusive]
        names = declared.name or f"--{field.replace('_', '-')}"
        place.add_argument(*names.split(), dest=field, **keywords)


def _describe_values(hint: Any, declared: Option | Operand) -> dict[str, Any]:
    """Return the keywords of ``add_argument`` that a type and a declaration make."""
    kind = get_args(hint)[0] if get_origin(hint) in (Union, UnionType) else hint  # without None
    if kind is bool:
        return {"action": "store_true", "help": declared.help}
    is_repeated = get_origin(kind) is Sequence
    item = get_args(kind)[0] if is_repeated else kind
    keywords = {
        "help": declared.help,
        "metavar": declared.metavar,
        "type": Path if item is Path else None,
        "choices": get_args(item) if get_origin(item) is Literal else None,
    }
    if isinstance(declared, Operand):
        return {**keywords, "nargs": declared.nargs}
    return {
        **keywords,
        "action": "append" if is_repeated else "store",
        "type": declared.parse or keywords["type"],
        "choices": declared.choices or keywords["choices"],
    }
