"""The structs that declare the options of commands, and their values."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct

from pytest_antipasta import cli
from pytest_antipasta.cli.command import parse
from pytest_antipasta.cli.program import make_parser
from tests.documents.reference import find_inner

# What is typed for an argument that has no choices, by the name of its value; each word is a case of its own.
EXAMPLES = {
    "DATE": "2026-11-21",
    "DATE|REF": "2026-11-21",
    "DIR": "store",
    "FILE": "a.py",
    "FILE[::BLOCK]": "a.py::f",
    "FILE[::FUNCTION]": "a.py::f",
    "FORMAT=PATH": "json=a.json",
    "I/N": "1/2",
    "LINE=NAME": "12=read_header",
    "METRIC=N": "cyclomatic_complexity=3 cyclomatic_complexity=2.5 cyclomatic_complexity=off",
    "N": "3",
    "NAME": "cyclomatic_complexity",
    "N|auto": "2 auto",
    "PATH": "a.bin -",
    "PATTERN": "a/",
    "RATIO": "0.5",
    "REF": "main",
    "REPORT": "1.shard",
    "TEXT": "why",
    "URL": "redis://host",
    "excess|path|METRIC": "path cyclomatic_complexity",
    "path|METRIC": "path cyclomatic_complexity",
}


def iter_commands(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the commands without actions, and the actions of the others, with their parsers."""
    inner = find_inner(parser)
    if not inner:
        yield " ".join(words), parser
    for name, each in inner.items():
        yield from iter_commands(each, (*words, name))


COMMANDS = dict(iter_commands(make_parser()))


def is_part(hint: Any) -> bool:
    """Whether a type is that of options of ours, which a value contains."""
    return isinstance(hint, type) and issubclass(hint, Struct) and hint.__module__.startswith(cli.__name__)


def find_types(kind: type[Struct]) -> dict[str, Any]:
    """Return the types of a value's fields, without the declarations of options."""
    hints = get_type_hints(kind)
    return {name: hint[0] if isinstance(hint, tuple) else hint for name, hint in hints.items()}


def iter_fields(kind: type[Struct]) -> Iterator[str]:
    """Yield the names of a value's fields, and of those of the values in it."""
    for name, hint in find_types(kind).items():
        yield from iter_fields(hint) if is_part(hint) else [name]


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a type, in all of its parts."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, each) for each in inner)
    if origin is Literal:
        return value in inner
    if origin is Sequence:
        return isinstance(value, list | tuple) and all(fits(item, inner[0]) for item in value)
    if origin is tuple:
        return isinstance(value, tuple) and all(map(fits, value, inner))
    if is_part(hint):
        return type(value) is hint and not find_unfit(value)
    return isinstance(value, hint) and not (isinstance(value, bool) and hint is int)


def find_unfit(value: Struct) -> dict[str, Any]:
    """Return the fields of options with something that is not of their type."""
    types = find_types(type(value))
    return {name: found for name in types if not fits(found := getattr(value, name), types[name])}


def list_words(action: argparse.Action) -> Sequence[str]:
    """Return what can be typed for an argument."""
    if action.choices is not None:
        return [*action.choices]
    return EXAMPLES[str(action.metavar or action.dest.upper())].split()


def iter_lines(name: str) -> Iterator[list[str]]:
    """Yield command lines: with nothing that may be left out, then with one of its arguments each."""
    actions = [action for action in COMMANDS[name]._actions if action.dest != "help"]
    operands = [action for action in actions if not action.option_strings]
    least = [*name.split(), *(list_words(each)[0] for each in operands if each.nargs in (None, "+"))]
    yield least
    for action in actions:
        for word in [""] if action.nargs == 0 else list_words(action):
            if not action.option_strings:
                yield [*name.split(), word]
            else:
                yield [*least, action.option_strings[-1], *[word] * bool(word)]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_destination_is_a_field_and_each_field_a_destination(name: str) -> None:
    parser = COMMANDS[name]
    destinations = {action.dest for action in parser._actions} - {"help"}
    kind = parser.get_default("options")
    assert sorted(iter_fields(kind)) == sorted(destinations)
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_parsed_is_of_the_type_of_its_field(name: str) -> None:
    for line in iter_lines(name):
        _, value = parse(make_parser(line), line)
        assert (line, find_unfit(value)) == (line, {})


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        ("a", str, True),
        ("a", Path, False),
        (None, Path | None, True),
        (None, Path, False),
        (True, int | None, False),
        (["a"], Sequence[str], True),
        ([1], Sequence[str], False),
        (("a", 1), tuple[str, object], True),
        ("b", Literal["a"], False),
    ],
)
def test_a_type_is_told_from_another(value: object, hint: object, expected: bool) -> None:
    assert fits(value, hint) is expected


@pytest.mark.parametrize(
    ("word", "modules"), [("Namespace", {"parser"}), ("add_argument(", {"command", "program"})]
)
def test_only_these_modules_know_argparse(word: str, modules: set[str]) -> None:
    folder = Path(cli.__file__).parent
    assert {path.stem for path in folder.glob("*.py") if word in path.read_text(encoding="utf-8")} == modules
