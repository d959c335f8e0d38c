"""An ``argparse`` parser that suggests the option or command that was probably meant."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, NoReturn, TypeAlias

from pytest_antipasta.cli.stdout import WRONG_USAGE, print_to_stderr
from pytest_antipasta.messages import find_nearest, format_argument, suggest

# argparse's private names of public return types.
SubParsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
OptionGroup: TypeAlias = argparse._ActionsContainer
# After it, every word is an argument.
_END = "--"
# Limits as flake8, xenon and complexipy have them as options.
_LIMIT_OF_OTHERS = r"--(max-c|threshold)"
# Commands of antipasta 1.2, and words of other tools, by the command that was probably meant.
_MEANT = {"metrics": "check", "analyze": "check", "install": "hooks install", "init": "config init"}
# All help texts start here, so that most options need one line.
_HELP_COLUMN = 27
_LIMIT = "; to set a limit for one run, use --limit METRIC=N, such as --limit cyclomatic_complexity=10"


class _Formatter(argparse.HelpFormatter):
    """Writes most options on one line, and no options in the usage line, as all are listed below."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:
        """Add the usage line with the required arguments."""
        if prefix == "":  # the names that precede a subcommand
            super().add_usage(usage, actions, groups, prefix)
            return
        named = [action for action in actions if not action.option_strings or action.required]
        super().add_usage(f"%(prog)s [options]{self._format_named(named)}", [], [], prefix)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Return a description; one with several lines is unchanged."""
        return text if "\n" in text else super()._fill_text(text, width, indent)

    def _format_action(self, action: argparse.Action) -> str:
        """Return the lines of an option, or of all commands, without a line that lists them."""
        if isinstance(action, argparse._SubParsersAction):
            return "".join(map(super()._format_action, action._get_subactions()))
        return super()._format_action(action)

    def _format_named(self, actions: Sequence[argparse.Action]) -> str:
        if actions and isinstance(actions[-1], argparse._SubParsersAction):
            return f" {actions[-1].dest.upper()} ..."
        text = super()._format_usage(None, actions, [], "")
        return f" {' '.join(text.split()[len(self._prog.split()) :])}".rstrip().replace("%", "%%")


def _iter_faults(message: str) -> Iterator[str]:
    """Yield which extensions are disabled, as an unknown format or metric may be that of one."""
    if ": unknown " in message:  # a value, and no option or command
        from pytest_antipasta.extension.installed import load_extensions

        yield from (f"warning: {fault}" for fault in load_extensions().faults.values())


class Parser(argparse.ArgumentParser):
    """An argument parser whose subcommands use the same class."""

    def __init__(self, **kwargs: Any) -> None:
        """Use our formatter, without abbreviations."""
        formatter = partial(_Formatter, max_help_position=_HELP_COLUMN)
        super().__init__(formatter_class=formatter, allow_abbrev=False, **kwargs)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the parsed arguments; unknown ones are errors."""
        given = sys.argv[1:] if args is None else args
        first = next(iter(given), "").partition("=")[0]
        if self._find_subparsers() and first.startswith("--") and first not in (_END, *self._list_options()):
            self.error(self._describe_unknown(first))  # and not that a command is missing
        found, rest = super().parse_known_args(args, namespace)
        self._require_values(found)
        if rest:
            # Not in `parse_args`, as only the subcommand's own parser knows its options.
            self.error(self._describe_rest(rest, given))
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Print the error in our format and where to find the usage, and exit."""
        inner = self._find_subparsers()
        if inner is not None and message.endswith(f": {inner.dest}"):  # a missing argument
            message += f"; expected one of: {', '.join(inner.choices)}"
        print_to_stderr([*_iter_faults(message), f"error: {message}", f"see `{self.prog} --help`"])
        self.exit(WRONG_USAGE)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        if action.dest == "command" and os.path.lexists(value):
            command = f"{self.prog} check {format_argument(value)}"
            message = f"no command before {value}; did you mean `{command}`?"
            raise argparse.ArgumentError(None, message)
        if action.dest == "command" and value in _MEANT:
            message = f'unknown command "{value}"; did you mean `{self.prog} {_MEANT[value]}`?'
            raise argparse.ArgumentError(None, message)
        # A subcommand has a name and no option.
        what = (
            f"{action.option_strings[-1]}: unknown value"
            if action.option_strings
            else f"unknown {action.dest}"
        )
        raise argparse.ArgumentError(None, f'{what} "{value}"; {suggest(str(value), action.choices)}')

    def _require_values(self, found: argparse.Namespace) -> None:
        """Reject ``--option=--``, from which argparse makes an empty list up to Python 3.12.4."""
        for action in self._actions:
            value = getattr(found, action.dest, None)
            is_lost = isinstance(value, list) and (not value or [] in value)
            if is_lost and action.option_strings and action.nargs is None:
                self.error(f"argument {action.option_strings[-1]}: expected one argument, got '{_END}'")

    def _describe_rest(self, rest: Sequence[str], given: Sequence[str]) -> str:
        before_end = list(takewhile(lambda word: word != _END, given))
        for word in rest:
            if word.startswith("-") and word in before_end:
                return self._describe_unknown(word.partition("=")[0])
        return f"too many arguments: {' '.join(word for word in rest if word != _END)}"

    def _find_subparsers(self) -> SubParsers | None:
        return next(
            (action for action in self._actions if isinstance(action, argparse._SubParsersAction)), None
        )

    def _list_options(self) -> list[str]:
        """Return the long names of its options."""
        return [option for action in self._actions for option in action.option_strings[-1:]]

    def _describe_unknown(self, word: str) -> str:
        inner, known = self._find_subparsers(), self._list_options()
        if word == "--profile" and inner is None:
            command = self.prog.partition(" ")[2]
            return f"unknown option {word}; use `python -m cProfile -m pytest_antipasta {command}`"
        if (nearest := find_nearest(word, known)) is not None:
            return f'unknown option {word}; did you mean "{nearest}"?'
        if inner is not None:
            return f"option {word} before the {inner.dest}; put options after it"
        hint = _LIMIT if re.match(_LIMIT_OF_OTHERS, word) and "--limit" in known else ""
        return f"unknown option {word}{hint}"
