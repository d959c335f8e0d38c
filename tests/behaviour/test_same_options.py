"""Options that commands, pytest and the GitHub action have in common, each of which has a list of its own."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
import yaml

from pytest_antipasta.cli.program import make_parser
from tests.documents.reference import find_inner, make_pytest_parser

PREFIX = "--antipasta"
# What a test run has itself, or has no use for.
OF_CHECK_ALONE = {
    "--all", "--exclude", "--force-exclude", "--format", "--help", "--jobs", "--limit", "--list-suppressions",
    "--metric", "--output", "--quiet", "--sort", "--stdin-filename", "--top",
}  # fmt: skip
OF_PYTEST_ALONE = {PREFIX, f"{PREFIX}-only"}
# They do more or less beside tests, or pytest has something else of that name.
DESCRIBED_APART = {
    "--config", "--coverage", "--diff", "--exit-zero", "--log-level", "--no-cache", "--report", "--shard",
    "--shared-store",
}  # fmt: skip


def find_options(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return the options of a parser by their names."""
    return {action.option_strings[-1]: action for action in parser._actions if action.option_strings}


CHECK = find_options(find_inner(make_parser())["check"])
PYTEST = find_options(make_pytest_parser())
BOTH = sorted(f"--{name.removeprefix(PREFIX)[1:]}" for name in PYTEST.keys() - OF_PYTEST_ALONE)


def test_of_each_option_it_is_known_whether_pytest_has_it() -> None:
    advice = "add it to pytest's options (plugin/__init__.py), or to OF_CHECK_ALONE"
    assert sorted(CHECK.keys() - OF_CHECK_ALONE) == BOTH, advice
    assert CHECK.keys() >= OF_CHECK_ALONE


@pytest.mark.parametrize("name", BOTH)
def test_an_option_of_both_is_the_same(name: str) -> None:
    ours, theirs = CHECK[name], PYTEST[f"{PREFIX}{name[1:]}"]
    assert (type(theirs), theirs.choices) == (type(ours), ours.choices)
    assert theirs.choices or theirs.metavar == ours.metavar
    text = ours.help or ""
    is_same = (theirs.help or "").startswith(f"{text[0].upper()}{text[1:]}")
    assert is_same is (name not in DESCRIBED_APART)


ACTION = yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text(encoding="utf-8"))
# What each input has the action run.
COMMANDS = {
    "annotations": "check --report github=PATH",
    "args": "check PATH",
    "comment": "check --report markdown=PATH",
    "merge": "report merge PATH --report json=PATH",
    "only-changes": "check --diff REF --policy-from REF",
    "sarif": "check --report sarif=PATH",
    "shard": "check --shard 2/5 --report shard=PATH",
    "summary": "check --report markdown=PATH",
    "tight-baseline": "baseline prune --check",
}
# About the job, and not about what is checked.
OF_THE_JOB = {"cache", "python", "token", "working-directory"}


def test_each_input_of_the_action_stands_for_options() -> None:
    assert ACTION["inputs"].keys() == COMMANDS.keys() | OF_THE_JOB


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())
def test_there_are_the_options_that_an_input_stands_for(words: str) -> None:
    make_parser(words.split()).parse_args(words.split())


def test_the_action_uses_no_other_options() -> None:
    scripts = "\n".join(step.get("run", "") for step in ACTION["runs"]["steps"])
    ours = re.findall(r"^.*(?:pytest-antipasta\"|\bargs\+?=).*$", scripts, re.MULTILINE)
    options = re.compile(r"(?<![\w-])--[a-z-]+")
    assert {*options.findall("\n".join(ours))} == {*options.findall("\n".join(COMMANDS.values()))}
