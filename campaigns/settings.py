"""Settings files at random: what the schema takes means what is written, and the rest is refused.

The oracle is ``jsonschema`` with the schema that editors get. A mistake must be reported at its line, by its
key.
"""

from __future__ import annotations

import json
import math
import random
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from campaigns.options import make_parser
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.schema import make_pyproject_schema
from pytest_antipasta.settings.values import Settings

_NUMBERS = [0, 1, -1, 7, 63, 64, 0.5, 2.5, -0.5, 64.5, 1e300]
_WORDS = ["", " ", "a", "src", "*.py", "!*.py", "./a", "!../a", "auto", "true", "test_*", "A.*", "@*.route",
          "@", "a b", "f()", "a::b", "lizard:go", "javascript", "Java"]  # fmt: skip
# What a schema can't know of a value: those are only refused.
_BEYOND = [math.inf, -math.inf, math.nan, 10**19, 10**400, "\0"]
_NO_GLOBS = ["[a", "[[:no:]]", "\\"]
_PARTS = ["limit", "comparison", "block_limit", "level", "levels"]
_METRICS = ["cyclomatic_complexity", "cyclomatic", "volume", "halstead_volume", "maintainability",
            "lines_of_code", "crap", "cognitive_complexity", "nested_blocks", "mi"]  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Write and read settings files; the exit code is 1 if schema and settings differ."""
    options = make_parser("settings", __doc__, steps=3000, step="how many files").parse_args(argv)
    chance = random.Random(options.seed)
    oracle = Draft202012Validator(make_pyproject_schema())
    wrong, refused = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for step in range(options.steps):
            text = _make_text(chance)
            is_valid = oracle.is_valid(tomllib.loads(text)) and not _is_beyond(text)
            problems = _compare(Path(folder), text, is_valid=is_valid)
            refused += not is_valid
            wrong += bool(problems)
            if problems:
                print(f"file {step}: {'; '.join(problems)}\n{text}")  # noqa: T201
    print(f"{options.steps} files, {refused} with mistakes: {wrong} wrong")  # noqa: T201
    return int(wrong > 0)


def _make_text(chance: random.Random) -> str:
    """Return a settings file, each of whose keys has a line of its own."""
    properties: Mapping[str, Any] = make_pyproject_schema()["properties"]["tool"]["properties"][
        "pytest-antipasta"
    ]["properties"]
    names = [name for name in properties if name not in ("thresholds", "overrides")]
    lines = ["[tool.pytest-antipasta]"]
    for name in chance.sample(names, chance.randint(0, 3)):
        key = name if chance.random() < 0.95 else name.replace("_", "-") + "s"
        lines.append(f"{key} = {_write(_pick_value(chance, properties[name]))}")
    if chance.random() < 0.5:
        lines += ["[tool.pytest-antipasta.thresholds]", *_make_thresholds(chance)]
    for _ in range(chance.choice((0, 0, 1, 2))):
        lines += _make_override(chance)
    return "\n".join(lines) + "\n"


def _make_override(chance: random.Random) -> list[str]:
    named = [name for name in ("files", "functions") if chance.random() < 0.6]
    lines = [f"{name} = {_write(chance.sample(_WORDS, chance.randint(0, 2)))}" for name in named]
    if chance.random() < 0.9:
        limits = [line for line in _make_thresholds(chance) if not _depends(line, named)]
        lines += ["[tool.pytest-antipasta.overrides.thresholds]", *limits]
    return ["[[tool.pytest-antipasta.overrides]]", *lines]


def _make_thresholds(chance: random.Random) -> list[str]:
    found = []
    for metric in chance.sample(_METRICS, chance.randint(0, 2)):
        value: object = chance.choice((False, True, *_NUMBERS, *_NUMBERS, *_WORDS[:2], *_BEYOND[:3]))
        if chance.random() < 0.5:
            values = {
                "limit": chance.choice(_NUMBERS),
                "comparison": chance.choice(("<=", ">=", "=>", 1)),
                "block_limit": chance.choice((False, True, 5, -5)),
                "level": chance.choice(("error", "warning", "warn")),
                "levels": 1,
            }
            value = {name: values[name] for name in chance.sample(_PARTS[:-1], chance.randint(0, 3))}
            value |= {"levels": 1} if chance.random() < 0.1 else {}
        found.append(f"{metric} = {_write(value)}")
    return found


def _depends(line: str, keys: Sequence[str]) -> bool:
    """Return whether a limit in an override is right or wrong by what another table says."""
    has_none = re.match(r"(crap|lines_of_code|nested_blocks) = \{(?!.*\blimit =)", line)
    return ("functions" in keys and "volume" in line) or has_none is not None


def _pick_value(chance: random.Random, schema: Mapping[str, Any]) -> object:
    """Return a value that is valid as often as not."""
    if chance.random() < 0.3:
        some = [True, False, *_NUMBERS, *_WORDS, *_BEYOND, *_NO_GLOBS, "/", 1.0, [], {}, ["a", 1], [["a"]]]
        return chance.choice(some)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if schema.get("type") == "boolean":
        return chance.choice((True, False))
    if schema.get("type") == "array":
        items = schema["items"].get("enum") or [*_WORDS, "\0", "/", *_NO_GLOBS]
        return chance.sample(items, chance.randint(0, 3))
    return chance.choice(_WORDS if schema.get("type") == "string" else _NUMBERS)


def _write(value: object) -> str:
    """Return a value in TOML."""
    if isinstance(value, list):
        return f"[{', '.join(map(_write, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_write(part)}" for name, part in value.items()) + "}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False) if value != "\0" else '"\\u0000"'


def _is_beyond(text: str) -> bool:
    """Return whether a file is wrong by what only we know."""

    def has(values: Sequence[object], keys: str) -> bool:
        some = "|".join(re.escape(_write(value)) for value in values)
        return re.search(rf"^({keys})\b.*[=\[,] ?({some})(?=[\n,\]}}])", text, re.MULTILINE) is not None

    return (
        has(_BEYOND, r"\w+")
        or has(_NO_GLOBS, "include|exclude|files|critical_paths")
        or has(["/"], "paths|include|exclude|files|critical_paths")
        or has((1.0, 1e300), "jobs|cache_max_entries")
    )


def _compare(folder: Path, text: str, *, is_valid: bool) -> list[str]:
    """Return what is wrong with how a file is read."""
    path = folder / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    try:
        settings = load_settings(folder, path).settings
    except UsageError as error:
        if is_valid:
            return [f"refused, though the schema takes it: {error}"]
        return [message for line in str(error).split("\n") for message in _find_misplaced(text, line)]
    if not is_valid:
        return ["taken, though it is wrong"]
    table = tomllib.loads(text).get("tool", {}).get("pytest-antipasta", {})
    return [f"{name} means {found}" for name, found in _find_differences(settings, table)]


def _find_misplaced(text: str, message: str) -> list[str]:
    """Return a message whose line has nothing of the key that it names."""
    found = re.match(r".*pyproject\.toml:(\d+): ([\w.\[\]\"-]+): ", message)
    if found is None:
        return [f"names no line and key: {message}"]
    line = text.split("\n")[int(found[1]) - 1]
    names = re.findall(r"[\w-]+", re.sub(r"\[\d+\]", "", found[2]))
    return [] if names[-1] in line else [f"not about its line {line!r}: {message}"]


def _find_differences(settings: Settings, table: Mapping[str, Any]) -> list[tuple[str, object]]:
    """Return the settings that do not mean what is written."""
    return [
        (name, meant)
        for name, value in table.items()
        if not _is_meant(settings.root, name, meant := getattr(settings, name), value)
    ]


def _is_meant(root: Path, name: str, meant: Any, written: Any) -> bool:
    if name == "thresholds":
        return _has_limits(meant, written)
    if name == "overrides":
        pairs = [([*each.files], [*each.functions]) for each in meant]
        return pairs == [(each.get("files", []), each.get("functions", [])) for each in written]
    if name in ("baseline", "cache_dir"):
        return bool(meant == root / written)
    if name == "languages":
        return len(meant) == len({*written})
    return bool(meant == (tuple(written) if isinstance(written, list) else written))


def _has_limits(meant: Mapping[str, Threshold], written: Mapping[str, Any]) -> bool:
    whole = {
        "cyclomatic": "cyclomatic_complexity",
        "volume": "halstead_volume",
        "maintainability": "maintainability_index",
    }
    return all(_has_limit(meant.get(whole.get(name, name)), value) for name, value in written.items())


def _has_limit(limit: Threshold | None, written: object) -> bool:
    if written is False or limit is None:
        return limit is None and written is False
    parts = written if isinstance(written, dict) else {"limit": written}
    return all((getattr(limit, part) or False) == value for part, value in parts.items())
