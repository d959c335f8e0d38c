"""Random settings of each tool, in the files that it reads, over files of Python that they apply to."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from campaigns.migrations.sources import SIZES, make_pattern, pick_paths, write_source

Options = dict[str, Any]
HOOKS = ".pre-commit-config.yaml"
_ARGUMENTS = [5, *SIZES["arguments"]]
_RUFF_LIMITS: Mapping[str, Sequence[int]] = {
    "mccabe.max-complexity": [2, 10, 12, 16],
    "pylint.max-args": _ARGUMENTS,
    "pylint.max-positional-args": _ARGUMENTS,
    "pylint.max-branches": SIZES["ifs"],
    "pylint.max-returns": SIZES["returns"],
    "pylint.max-statements": SIZES["lines"],
    "pylint.max-bool-expr": SIZES["words"],
}
_SELECTORS = (
    "ALL", "C", "C9", "C90", "C901", "PL", "PLR", "PLR0", "PLR09", "PLR091", "PLR0911", "PLR0912", "PLR0913",
    "PLR0915", "PLR0916", "PLR0917", "E", "F401", "C4", "PLR0904",
)  # fmt: skip
_GLOBSET = ("*", "*", "?", "[a-m]", "[!a]", "**", "{a,src}", "{test,conf}*", "{a,b/c}")
_FNMATCH = ("*", "*", "?", "[a-m]", "[!a]")
_CODES_OF_FLAKE8 = ("C", "C9", "C90", "C901", "E", "W503", "E501", "F", "C4")
_LIMITS_OF_PYLINT: Mapping[str, Sequence[int]] = {
    "max-args": _ARGUMENTS,
    "max-positional-arguments": _ARGUMENTS,
    "max-branches": SIZES["ifs"],
    "max-returns": SIZES["returns"],
    "max-statements": SIZES["lines"],
    "max-bool-expr": SIZES["words"],
    "max-complexity": [2, 10, 12, 16],
}
_NAMES_OF_PYLINT = (
    "R", "design", "R0911", "too-many-branches", "too-many-arguments", "R0915", "R0916",
    "too-many-positional-arguments", "too-many-statements", "too-complex", "R1260", "C", "E", "line-too-long",
    "too-many-return-statements",
)  # fmt: skip
_REGEXES = (
    "test_.*", ".*_pb2\\.py", "^a", "^conf\\.py$", ".*_test.py", "gen", ".*", "a|b", "(test|conf)_?.*",
    "[ab]\\.py",
)  # fmt: skip
_PATH_REGEXES = (
    "^tests/.*$", "src/pkg", ".*/gen/.*", "^(?!src)", ".*test.*", "tests", "src[\\\\/]tests", "build/",
    "^src$", "docs|gen", ".*\\.py",
)  # fmt: skip


class Project(NamedTuple):
    """A project before it is migrated.

    Attributes:
        name: a tool, or ``several``.
        files: text of each file, by path.
        arguments: of the command line of each tool that has settings.
    """

    name: str
    files: Mapping[str, str]
    arguments: Mapping[str, Sequence[str]]


SEVERAL = "several"
# None of them limits what another one does.
_TOGETHER = ("xenon", "ruff", "complexipy")


def make_project(seed: int, name: str, number: int) -> Project:
    """Return a project with settings of a tool, or of several; what it has depends on the arguments alone."""
    chance = random.Random(f"{seed} {name} {number}")
    tools = _TOGETHER if name == SEVERAL else (name,)
    paths = pick_paths(chance, 6)
    comment = chance.choice(("", "", *_COMMENTS[tools[-1]]))
    files = {path: write_source(comment if index % 2 else "") for index, path in enumerate(paths)}
    if chance.random() < 0.15:
        files[chance.choice(("other.pyw", "stub.pyi"))] = write_source()
    if chance.random() < 0.2:
        files[".gitignore"] = f"/{chance.choice(('build', 'gen', 'src'))}/\n"
    arguments: dict[str, Sequence[str]] = {}
    for tool in tools:
        settings, arguments[tool] = _MAKERS[tool](chance, paths)
        if HOOKS in settings and HOOKS in files:
            del settings[HOOKS]
            arguments[tool] = []
        files |= {path: f"{files.get(path, '')}\n{text}" for path, text in settings.items()}
    return Project(name, files, arguments)


_COMMENTS: Mapping[str, Sequence[str]] = {
    "ruff": ("  # noqa", "  # noqa: C901", "  # noqa: E501"),
    "flake8": ("  # noqa", "  # noqa: C901", "  # noqa: E501"),
    "pylint": ("  # pylint: disable=too-many-branches", "  # pylint: disable=R0915"),
    "xenon": (),
    "radon": (),
    "complexipy": ("  # complexipy: ignore", "  # noqa: complexipy"),
}
Settings = dict[str, str]
Made = tuple[Settings, Sequence[str]]


Tries = Sequence[tuple[str, float, Callable[[], Any]]]


def _choose(chance: random.Random, tries: Tries) -> Options:
    """Return some options, each with its probability."""
    return {name: value() for name, probability, value in tries if chance.random() < probability}


def _write_toml(options: Options, table: str = "") -> str:
    """Return a TOML table; dots in names make subtables."""
    lines = [f"[{table}]"] if table else []
    lines += [f"{name} = {_format(value)}" for name, value in options.items()]
    return "\n".join(lines) + "\n"


def _format(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_format(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)


def _write_ini(options: Options, section: str) -> str:
    lines = [f"[{section}]", *(f"{name} = {value}" for name, value in options.items())]
    return "\n".join(lines) + "\n"


def _make_ruff_options(chance: random.Random, paths: Sequence[str]) -> Options:
    def pattern() -> str:
        return make_pattern(chance, paths, _GLOBSET)

    def patterns() -> list[str]:
        return [pattern() for _ in range(chance.randint(1, 2))]

    def codes() -> list[str]:
        return chance.sample(_SELECTORS, chance.randint(1, 3))

    def ignores() -> dict[str, list[str]]:
        return {f"{chance.choice(['', '', '', '!'])}{pattern()}": codes()}

    lint = chance.choice(("lint.", "lint.", "lint.", ""))
    tries: Tries = (
        (f"{lint}select", 0.8, codes),
        (f"{lint}extend-select", 0.3, codes),
        (f"{lint}ignore", 0.4, codes),
        (f"{lint}extend-ignore", 0.1, codes),
        ("preview", 0.15, lambda: True),
        ("lint.preview", 0.15, lambda: chance.random() < 0.7),
        (f"{lint}explicit-preview-rules", 0.1, lambda: True),
        (f"{lint}per-file-ignores", 0.3, ignores),
        (f"{lint}extend-per-file-ignores", 0.2, ignores),
        ("exclude", 0.2, patterns),
        ("extend-exclude", 0.3, patterns),
        ("lint.exclude", 0.15, patterns),
        ("respect-gitignore", 0.1, lambda: False),
        ("extend-include", 0.05, lambda: ["*.pyw"]),
        ("include", 0.05, lambda: ["src/**/*.py"]),
        (f"{lint}dummy-variable-rgx", 0.05, lambda: "^a.*$"),
        *((f"{lint}{name}", 0.2, partial(chance.choice, sizes)) for name, sizes in _RUFF_LIMITS.items()),
    )
    return _choose(chance, tries)


def _make_ruff(chance: random.Random, paths: Sequence[str]) -> Made:
    files: Settings = {}
    own = _make_ruff_options(chance, paths)
    if chance.random() < 0.25:
        base = chance.choice(("base.toml", "config/base.toml"))
        own = {"extend": base, **own}
        files[base] = _write_toml(_make_ruff_options(chance, paths))
    name = chance.choice(("pyproject.toml", "pyproject.toml", "ruff.toml", ".ruff.toml"))
    files[name] = _write_toml(own, "tool.ruff" if name == "pyproject.toml" else "")
    if name != "pyproject.toml" and chance.random() < 0.2:
        files["pyproject.toml"] = _write_toml(_make_ruff_options(chance, paths), "tool.ruff")
    return files, ["."]


def _make_flake8_options(chance: random.Random, paths: Sequence[str]) -> Options:
    def pattern() -> str:
        return make_pattern(chance, paths, _FNMATCH).replace(" ", "")

    def codes() -> str:
        return chance.choice((",", " ")).join(chance.sample(_CODES_OF_FLAKE8, chance.randint(1, 3)))

    def many() -> str:
        return chance.choice((", ", " ")).join(pattern() for _ in range(chance.randint(1, 2)))

    tries: Tries = (
        ("max-complexity", 0.85, lambda: chance.choice([-1, 0, 2, 10, 12, 12, 16])),
        ("select", 0.3, codes),
        ("extend-select", 0.2, codes),
        ("ignore", 0.3, codes),
        ("extend-ignore", 0.2, codes),
        (
            "per-file-ignores",
            0.3,
            lambda: f"\n    {pattern()}:{codes()}\n    {pattern()},{pattern()}: E501 {codes()}",
        ),
        ("exclude", 0.3, many),
        ("extend-exclude", 0.3, many),
        ("disable-noqa", 0.1, lambda: "true"),
        ("filename", 0.1, many),
    )
    options = _choose(chance, tries)
    return {name.replace("-", "_") if chance.random() < 0.2 else name: options[name] for name in options}


def _make_flake8(chance: random.Random, paths: Sequence[str]) -> Made:
    names = chance.sample(("setup.cfg", "tox.ini", ".flake8"), chance.choice((1, 1, 1, 2)))
    files = {name: _write_ini(_make_flake8_options(chance, paths), "flake8") for name in names}
    if chance.random() < 0.25:
        arguments = [f"--max-complexity={chance.choice([2, 10, 12])}", *chance.choice(([], ["--ignore=E"]))]
        files[HOOKS] = _write_hook("flake8", arguments)
        return files, arguments
    return files, []


def _write_hook(tool: str, arguments: Sequence[str]) -> str:
    hook = {"id": tool, "args": [*arguments]}
    return json.dumps({"repos": [{"repo": "https://example.org/a", "rev": "v1", "hooks": [hook]}]})


def _make_pylint(chance: random.Random, paths: Sequence[str]) -> Made:
    def names() -> str:
        return ",".join(chance.sample(_NAMES_OF_PYLINT, chance.randint(1, 4)))

    basenames = [path.rpartition("/")[2] for path in paths] + ["tests", "gen", "build", "CVS"]
    all_of_it = chance.choice(("", "", "enable", "disable"))
    tries: Tries = (
        ("disable", 0.6, lambda: names() + ",all" * (all_of_it == "disable")),
        ("enable", 0.4, lambda: names() + ",all" * (all_of_it == "enable")),
        ("load-plugins", 0.4, lambda: "pylint.extensions.mccabe"),
        ("ignore", 0.3, lambda: ",".join(chance.sample(basenames, 2))),
        ("ignore-patterns", 0.3, lambda: chance.choice(_REGEXES)),
        ("ignore-paths", 0.3, lambda: chance.choice(_PATH_REGEXES)),
        ("ignored-argument-names", 0.1, lambda: "a.*"),
        *((name, 0.3, partial(chance.choice, sizes)) for name, sizes in _LIMITS_OF_PYLINT.items()),
    )
    mixed = [*tries]
    chance.shuffle(mixed)
    options = _choose(chance, mixed)
    files: Settings = {}
    arguments: Sequence[str] = []
    if chance.random() < 0.25:
        switch = chance.choice(("-d", "--disable", "--enable"))
        arguments = [switch, names(), f"--max-args={chance.choice(_ARGUMENTS)}"]
        files[HOOKS] = _write_hook("pylint", arguments)
    name = chance.choice(
        ("pylintrc", ".pylintrc", "pyproject.toml", "setup.cfg", "tox.ini", ".pylintrc.toml")
    )
    if name.endswith(".toml"):
        files[name] = _write_toml(options, "tool.pylint.main")
    else:
        files[name] = _write_ini(options, "pylint.main" if name in ("setup.cfg", "tox.ini") else "MAIN")
    return files, arguments


def _make_radon_options(chance: random.Random, paths: Sequence[str], names: Sequence[str]) -> Options:
    separator = chance.choice((",", ",", ", "))

    def many() -> str:
        return separator.join(make_pattern(chance, paths, _FNMATCH) for _ in range(chance.randint(1, 2)))

    def folders() -> str:
        return separator.join(chance.sample(("tests", "build", "gen*", "src/pkg", "do?s"), 2))

    exclude, ignore = names
    return _choose(chance, ((exclude, 0.6, many), (ignore, 0.5, folders)))


def _make_radon(chance: random.Random, paths: Sequence[str]) -> Made:
    names = chance.sample(("radon.cfg", "setup.cfg", "pyproject.toml"), chance.choice((1, 1, 2)))
    files: Settings = {}
    for name in names:
        options = _make_radon_options(chance, paths, ("exclude", "ignore"))
        options = options or {"ignore": "build"}
        options |= _choose(chance, [("no_assert", 0.2, lambda: "true")])
        is_toml = name == "pyproject.toml"
        files[name] = _write_toml(options, "tool.radon") if is_toml else _write_ini(options, "radon")
    return files, ["."]


def _make_xenon(chance: random.Random, paths: Sequence[str]) -> Made:
    rank = chance.choice(("-b A", "--max-absolute=B", "-bB", "--max-absolute C", "-m A", "-b F", "-b C -a A"))
    exclude = chance.choice((("-e", "-i"), ("--exclude", "--ignore")))
    options = _make_radon_options(chance, paths, exclude)
    arguments = [*rank.split(), *(part for item in options.items() for part in item)]
    arguments += chance.choice((["."], ["."], ["src"]) if any(p[:4] == "src/" for p in paths) else (["."],))
    return {HOOKS: _write_hook("xenon", arguments)}, arguments


def _make_complexipy(chance: random.Random, paths: Sequence[str]) -> Made:
    is_hook = chance.random() < 0.25
    # Arguments are split at commas.
    pieces = ("*", "*", "?", "[a-m]", *([] if is_hook else ["{a,src}"]))

    def pattern() -> str:
        # Two stars have to stand alone.
        return re.sub(
            r"(?<![/*])\*\*+|(?<!^)(?<!/)\*\*+|\*\*+(?![/*]|$)", "*", make_pattern(chance, paths, pieces)
        )

    folders = sorted({path.partition("/")[0] for path in paths if "/" in path} - {".tools"})
    tries: Tries = (
        ("max-complexity-allowed", 0.7, lambda: chance.choice([2, 9, 12, 15, 16])),
        ("exclude", 0.6, lambda: [pattern() for _ in range(chance.randint(1, 2))]),
        ("no-ignore", 0.1, lambda: True),
        ("ignore-complexity", 0.1, lambda: True),
    )
    options = _choose(chance, tries)
    options["paths"] = chance.choice((["."], ["."], folders[:1] or ["."], folders[:2] or ["."]))
    name = chance.choice(("complexipy.toml", "pyproject.toml", ".complexipy.toml"))
    files = {name: _write_toml(options, "tool.complexipy" if name == "pyproject.toml" else "")}
    if is_hook:
        arguments = [chance.choice(("-e", "--exclude")), pattern(), "."]
        files[HOOKS] = _write_hook("complexipy", arguments)
        return files, arguments
    return files, []


_MAKERS: Mapping[str, Callable[[random.Random, Sequence[str]], Made]] = {
    "ruff": _make_ruff,
    "flake8": _make_flake8,
    "pylint": _make_pylint,
    "xenon": _make_xenon,
    "radon": _make_radon,
    "complexipy": _make_complexipy,
}
