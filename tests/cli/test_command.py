"""A parser that is built from a struct."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from msgspec import Struct

from pytest_antipasta.cli.command import RUN, Annotated, Operand, Option, add_command, parse
from pytest_antipasta.cli.parser import Parser


class Shared(Struct, frozen=True):
    """What several commands have."""

    quiet: Annotated[bool, Option("say less", name="-q --quiet")] = False
    config: Annotated[Path | None, Option("a file", "FILE", RUN)] = None


class Colours(Struct, frozen=True):
    """What a value of options contains."""

    red: Annotated[bool, Option("in red", exclusive="colour")] = False


class Paint(Shared, frozen=True, kw_only=True):
    """What one command has besides."""

    target: Annotated[str, Operand("what to paint", "TARGET")]
    files: Annotated[Sequence[Path], Operand("with what", "FILE", "*")] = ()
    thick_lines: Annotated[int, Option("how thick", "N", parse=int)] = 3
    names: Annotated[Sequence[str], Option("a name; repeatable", "NAME", name="--name")] = ()
    form: Annotated[Literal["round", "square"] | None, Option("a form")] = None
    size: Annotated[str | None, Option("a size", group=RUN, choices=("s", "m"))] = None
    colours: Colours = Colours()
    green: Annotated[bool, Option("in green", exclusive="colour")] = False
    config: Annotated[Path, Option("another file", "FILE", RUN)] = Path("paint.toml")


HELP = """\
usage: try paint [options] TARGET [FILE ...]

Paint it.

positional arguments:
  TARGET                 what to paint
  FILE                   with what

options:
  -h, --help             show this help message and exit
  --thick-lines N        how thick
  --name NAME            a name; repeatable
  --form {round,square}  a form
  --red                  in red
  --green                in green
  -q, --quiet            say less

execution options:
  --size {s,m}           a size
  --config FILE          another file
"""


def run(options: Paint) -> int:
    """Stand for a command."""
    return len(options.names)


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    """A parser with one command."""
    made: argparse.ArgumentParser = Parser(prog="try")
    add_command(made.add_subparsers(dest="command"), "paint", "paint it", Paint, run)
    return made


def test_the_help_has_options_of_its_own_before_shared_ones(
    parser: argparse.ArgumentParser, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        parser.parse_args(["paint", "--help"])
    assert capsys.readouterr().out == HELP


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("wall", Paint(target="wall", files=[])),
        ("wall a b", Paint(target="wall", files=[Path("a"), Path("b")])),
        ("wall -q --thick-lines 5", Paint(target="wall", files=[], quiet=True, thick_lines=5)),
        ("wall --name a --name b", Paint(target="wall", files=[], names=["a", "b"])),
        ("wall --form round --size m", Paint(target="wall", files=[], form="round", size="m")),
        ("wall --red --config a", Paint(target="wall", files=[], colours=Colours(True), config=Path("a"))),
    ],
)
def test_what_is_typed_is_the_value_of_a_field(
    parser: argparse.ArgumentParser, words: str, expected: Paint
) -> None:
    assert parse(parser, ["paint", *words.split()]) == (run, expected)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--size l wall", '--size: unknown value "l"; expected one of: s, m'),
        ("wall --form oval", '--form: unknown value "oval"; expected one of: round, square'),
        ("wall --red --green", "argument --green: not allowed with argument --red"),
        ("wall --thick-line 5", 'unknown option --thick-line; did you mean "--thick-lines"?'),
    ],
)
def test_anything_else_is_an_error(
    parser: argparse.ArgumentParser, words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args(["paint", *words.split()])
    assert capsys.readouterr().err.splitlines()[0] == f"error: {message}"
