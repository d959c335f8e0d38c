"""Lists of the documentation that are made from the code; ``pytest tests/documents --write`` renews them.

In ``docs/command-line.md`` the lines between ``<!-- generated: options of check -->`` and the next blank line
are made from the parsers. In ``docs/settings.md`` the first paragraph below the heading of a setting is made
from the JSON Schema. In ``docs/maintaining.md`` a table is made from the reasons of ``tests/stations.py``.
All other text of these pages is written by hand.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pytest_antipasta.cli.program import make_parser
from pytest_antipasta.model.formats import OUR_NAMES
from pytest_antipasta.plugin import pytest_addoption
from pytest_antipasta.settings.schema import make_schema
from tests.stations import REASONS

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"(<!-- generated: (.+?) -->\n)(?:.+\n)*")
_SETTING = re.compile(r"^(### `(\w+)`\n)(?:\n.+\\\n(?:Type|Default): .*\n)?", re.MULTILINE)
_SHARED = 5
"""In how many commands an option has to be to stand in the list of shared options only."""


class Option(NamedTuple):
    """An option as the page shows it: how it is written, and what it does."""

    usage: str
    text: str


def find_inner(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of commands, or of a command's actions."""
    inner = (action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: found for choices in inner for name, found in choices.items()}


def fill_command_line(text: str) -> str:
    """Return the page about the command line with its lists as the code has them."""
    lists = make_lists()

    def fill(match: re.Match[str]) -> str:
        begin, name = match.groups()
        return f"{begin}{lists[name]()}"

    return _BLOCK.sub(fill, text)


def fill_settings(text: str) -> str:
    """Return the page about settings with types, defaults and descriptions as the schema has them."""
    properties: Mapping[str, Any] = make_schema()["properties"]

    def fill(match: re.Match[str]) -> str:
        heading, name = match.groups()
        return f"{heading}\n{describe_setting(name, properties[name])}\n"

    return _SETTING.sub(fill, text)


def fill_maintaining(text: str) -> str:
    """Return the page for maintainers with the modules that one file enters often."""
    rows = "".join(f"| `{module}` | {reason} |\n" for module, reason in sorted(REASONS.items()))
    return _BLOCK.sub(lambda match: f"{match[1]}| module | why |\n|---|---|\n{rows}", text)


PAGES: Mapping[str, Callable[[str], str]] = {
    "command-line": fill_command_line,
    "maintaining": fill_maintaining,
    "settings": fill_settings,
}


def make_lists() -> dict[str, Callable[[], str]]:
    """Return the lists that the page about the command line has to have, by name."""
    commands = find_inner(make_parser())
    shared = _find_shared(commands)
    lists: dict[str, Callable[[], str]] = {
        "commands": partial(_make_commands, commands),
        "shared options": partial(_make_list, list(shared)),
        "options of pytest": partial(_make_list, _list_pytest_options()),
    }
    for name, parser in commands.items():
        if actions := find_inner(parser):
            lists[f"actions of {name}"] = partial(_make_list, _list_actions(parser))
        own = list(_iter_own(parser, actions, shared))
        of_check = list(_iter_options(commands["check"])) if name != "check" else []
        if rows := [option for option in own if option not in of_check]:
            same = [option.usage for option in own if option in of_check]
            more = [Option(", ".join(same), "as for `check`")] if same else []
            lists[f"options of {name}"] = partial(_make_list, [*rows, *more])
    return lists


def _make_commands(commands: Mapping[str, argparse.ArgumentParser]) -> str:
    texts = _find_helps(make_parser())
    return _make_list([(f"[`{name}`](#{name})", texts[name]) for name in commands])


def _find_helps(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return what the list of commands, or of actions, says of each."""
    inner = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {action.dest: action.help or "" for action in inner._get_subactions()}


def _list_actions(parser: argparse.ArgumentParser) -> list[tuple[str, str]]:
    named = ((name, _find_operands(inner)) for name, inner in find_inner(parser).items())
    return [(f"`{f'{name} {operands}'.strip()}`", _find_helps(parser)[name]) for name, operands in named]


def _find_operands(parser: argparse.ArgumentParser) -> str:
    return " ".join(
        f"[{action.metavar}]" if action.nargs in ("*", "?") else str(action.metavar)
        for action in parser._actions
        if not action.option_strings
    )


def _find_shared(commands: Mapping[str, argparse.ArgumentParser]) -> dict[Option, list[str]]:
    """Return the options that many commands have in the same words, with the names of these commands."""
    having = {
        name: {option for one in (parser, *find_inner(parser).values()) for option in _iter_options(one)}
        for name, parser in commands.items()
    }
    numbers = Counter(option for options in having.values() for option in options)
    ordered = dict.fromkeys(
        option
        for parser in commands.values()
        for one in (parser, *find_inner(parser).values())
        for option in _iter_options(one)
    )
    return {
        option: [name for name, options in having.items() if option in options]
        for option in ordered
        if numbers[option] >= _SHARED
    }


def describe_shared() -> str:
    """Return the sentence above the list of shared options."""
    commands = find_inner(make_parser())
    shared = _find_shared(commands)
    (having,) = {tuple(names) for names in shared.values()}
    *others, last = (f"`{name}`" for name in commands if name not in having)
    partly = " and ".join(
        f"`{name}`"
        for name in having
        if any(shared.keys() - _iter_options(one) for one in find_inner(commands[name]).values())
    )
    without = f"{', '.join(others)} and {last}"
    return f"All commands except {without} have these options; some actions of {partly} lack a few:\n"


def _iter_own(
    parser: argparse.ArgumentParser,
    actions: Mapping[str, argparse.ArgumentParser],
    shared: Mapping[Option, Sequence[str]],
) -> Iterator[Option]:
    """Yield the options that stand in no other list; those of some actions only with their names."""
    yield from (option for option in _iter_options(parser) if option not in shared)
    having: dict[Option, list[str]] = {}
    for name, inner in actions.items():
        for option in _iter_options(inner):
            having.setdefault(option, []).append(name)
    for (usage, text), names in having.items():
        if Option(usage, text) not in shared:
            few = ", ".join(f"`{name}`" for name in names)
            yield Option(usage if len(names) == len(actions) else f"{usage} of {few}", text)


def _iter_options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:
        if action.option_strings and action.dest not in ("help", "command"):
            yield Option(_format_option(action), _mark_code(_link_formats(action.help or "")))


def _link_formats(text: str) -> str:
    """Return a text with the page of reports in place of their list, which that page has."""
    return text.replace(", ".join(OUR_NAMES), "a [format of reports](reports.md)")


def _mark_code(text: str) -> str:
    """Return a text with options, variables and a lone ``-`` as code, which would be dashes on the site."""
    return re.sub(r"(?<![`\w-])(--[a-z][\w-]*|PYTEST_\w+|-(?=[\s:]))", r"`\1`", text)


def _format_option(action: argparse.Action) -> str:
    *short, option = action.option_strings
    value = "" if action.nargs == 0 else f" {_find_value(action)}"
    return ", ".join([*(f"`{one}`" for one in short), f"`{option}{value}`"])


def _find_value(action: argparse.Action) -> str:
    if action.metavar is not None or action.choices is None:
        return str(action.metavar or action.dest.upper())
    return "|".join(action.choices)


def make_pytest_parser() -> argparse.ArgumentParser:
    """Return a parser of the options that the plugin adds to pytest."""

    class Recorder:
        def getgroup(self, *_: str) -> Recorder:
            return self

        def addoption(self, *names: str, **kwargs: Any) -> None:
            parser.add_argument(*names, **kwargs)

    parser = argparse.ArgumentParser(add_help=False)
    pytest_addoption(Recorder())  # type: ignore[arg-type]
    return parser


def _list_pytest_options() -> list[Option]:
    """Return the options that the plugin adds to pytest, in its order."""
    parser = make_pytest_parser()
    check = find_inner(make_parser())["check"]
    ours = {f"--antipasta{name[1:]}" for action in check._actions for name in action.option_strings}
    own = [option for option in _iter_options(parser) if re.split("[ `]", option.usage)[1] not in ours]
    same = [option.usage for option in _iter_options(parser) if option not in own]
    rows = [Option(option.usage, f"{option.text[0].lower()}{option.text[1:]}") for option in own]
    return [*rows, Option(", ".join(same), "as for `check`, without `antipasta-`")]


def _make_list(rows: Iterable[tuple[str, str]]) -> str:
    return "".join(f"- {name}: {text}\n" for name, text in rows)


def describe_setting(name: str, schema: Mapping[str, Any]) -> str:
    """Return the paragraph of a setting: what it is, its type and its default. `true` says its type."""
    text = str(schema["description"]).rstrip(".")
    facts = [] if isinstance(schema.get("default"), bool) else [f"Type: {_describe_type(name, schema)}."]
    if name != "thresholds" and "default" in schema:
        facts.append(f"Default: `{json.dumps(schema['default'])}`.")
    # The backslash begins a new line.
    return f"{text[0].upper()}{text[1:]}.\\\n{' '.join(facts)}"


def _describe_type(name: str, schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_describe_type(name, one) for one in schema["anyOf"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        *others, last = (f"`{json.dumps(value)}`" for value in schema["enum"])
        return f"{', '.join(others)} or {last}"
    if schema["type"] == "array":
        items = _describe_items(name, schema["items"])
        return f"list of {items}{', at least one' if schema.get('minItems') else ''}"
    return _describe_scalar(schema)


def _describe_items(name: str, schema: Mapping[str, Any]) -> str:
    if name == "languages":
        return "names"
    if "enum" in schema:
        return _describe_type(name, schema)
    if schema["type"] == "object":
        return "tables"
    return "patterns" if schema["pattern"].startswith("^") else "strings"


def _describe_scalar(schema: Mapping[str, Any]) -> str:
    least = schema.get("minimum")
    return {
        "boolean": "`true` or `false`",
        "string": "string",
        "object": "table",
        "integer": f"whole number from {least}",
        "number": "number above 0" if least is None else f"number from {least}",
    }[str(schema["type"])]
