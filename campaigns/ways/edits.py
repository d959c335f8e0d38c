"""What a change may do besides editing sources: edits of settings, at the root and below it."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from campaigns.hunt.baselines import BASELINE_EDITS
from campaigns.hunt.edits import SOURCE_EDITS, Edit, find_spans
from campaigns.hunt.trees import BASELINE, SETTINGS, Tree, sources_of
from campaigns.ways.projects import (
    FOLDERS,
    METRICS,
    NAMES,
    YAML,
    find_settings,
    make_override,
    make_settings,
    read_table,
    write_table,
)

# Values of settings that a change may switch between; the first one is the default, which is not written.
_VALUES: dict[str, tuple[Any, ...]] = {
    "strict_files": (False, True),
    "judge": ("changed", "all"),
    "on_error": ("fail", "warn"),
    "nested_blocks": (True, False),
    "require_reasons": (False, True),
    "foreign_suppressions": ([], ["noqa"]),
    "unused_suppressions": ("warn", "fail"),
    "new_waivers": ("report", "reason", "fail"),
    "use_gitignore": (True, False),
    "on_timeout": ("allow", "block"),
    "max_file_size_mb": (100, 0.0003, 0.0006, 0.0015),
    "notebooks": (None, False, True),
    "critical_paths": ([], ["src/"], ["a.py"]),
    "include": (None, ["*.py"], ["*.py", "src/tool"], ["src/**/*.py"], ["*.py", "!b.py"], ["*.pyw", "*.py"]),
    "paths": (["."], ["src", "."], ["src", "legacy"]),
}
_PATTERNS = ("src/", "legacy/", "tests/", "inner/", "a.py", "b.py", "*_2.py", "new_*.py", "src/*.py")


def _set(tree: dict[str, str], key: str, value: Any) -> str:
    """Set a key of the root's settings, or remove it for its default."""
    table = read_table(tree)
    table[key] = value
    if value in (None, _VALUES.get(key, (None,))[0]):
        del table[key]
    tree[SETTINGS] = write_table(table)
    return f"{key} = {value}"


def set_value(tree: dict[str, str], rng: Random) -> str:
    """Set a setting of the root."""
    key = rng.choice(sorted(_VALUES))
    value = rng.choice(_VALUES[key])
    if key == "paths" and not all(
        folder == "." or any(path.startswith(f"{folder}/") for path in sources_of(tree)) for folder in value
    ):
        return ""
    return _set(tree, key, value)


def set_limit(tree: dict[str, str], rng: Random) -> str:
    """Give all files another limit, or none, or make it a warning."""
    limits = read_table(tree)["thresholds"]
    metric, value = rng.choice(METRICS), rng.choice((False, 1, 3, 8, 15, 60))
    level = rng.choice(("error", "error", "warning"))
    other = {"limit": value, "level": level} if value is not False and level == "warning" else value
    return _set(tree, "thresholds", {**limits, metric: other})


def set_override(tree: dict[str, str], rng: Random) -> str:
    """Add other limits for some files, or remove some."""
    overrides = read_table(tree).get("overrides", [])
    if overrides and rng.random() < 0.5:
        overrides.pop(rng.randrange(len(overrides)))
    else:
        overrides.append(make_override(rng.choice(_PATTERNS), rng))
    return _set(tree, "overrides", overrides or None)


def exclude(tree: dict[str, str], rng: Random) -> str:
    """Exclude files, or measure them again."""
    pattern, patterns = rng.choice(_PATTERNS), read_table(tree).get("exclude", [])
    changed = [one for one in patterns if one != pattern]
    return _set(tree, "exclude", (changed if pattern in patterns else [*changed, pattern]) or None)


def name_critical(tree: dict[str, str], rng: Random) -> str:
    """Name functions in which nothing is tolerated."""
    spans = [span.name for span in find_spans(tree)]
    name = rng.choice([*NAMES, *spans, "*", "A.*"])
    path = rng.choice([*sources_of(tree), "*"])
    return _set(tree, "critical_functions", rng.choice(([name], [f"{path}::{name}"], ["f", "A.*"], None)))


def move_baseline(tree: dict[str, str], rng: Random) -> str:
    """Give the baseline another name, by a setting or without one."""
    if BASELINE not in tree:
        return ""
    if rng.random() < 0.7:
        tree["other.json"] = tree.pop(BASELINE)
        return _set(tree, "baseline", "other.json")
    tree["other.json"] = tree[BASELINE]
    return "a copy of the baseline"


def comment_for_others(tree: dict[str, str], rng: Random) -> str:
    """Write a comment of another tool at a function."""
    spans = [span for span in find_spans(tree) if "#" not in span.lines[span.head]]
    if not spans:
        return ""
    span = rng.choice(spans)
    lines = [*span.lines]
    lines[span.head] += "  # noqa: C901"
    tree[span.path] = "\n".join(lines)
    return f"{span.path}: noqa at {span.name}"


def ignore(tree: dict[str, str], rng: Random) -> str:
    """Have git ignore some files, which it tracks all the same."""
    tree[".gitignore"] = f"{rng.choice(_PATTERNS)}\n"
    return tree[".gitignore"]


def write_notebook(tree: dict[str, str], rng: Random) -> str:
    """Write a notebook, or another one in its place."""
    text = "".join(f"if a == {number}:\n    a += 1\n" for number in range(rng.randint(1, 6)))
    inner = "".join(f"    {line}\n" for line in text.splitlines())
    cell = {"cell_type": "code", "source": f"def f(a):\n{inner}", "metadata": {}, "outputs": []}
    language = {"language_info": {"name": "python"}}
    notebook = {"cells": [cell], "metadata": language, "nbformat": 4, "nbformat_minor": 5}
    path = f"{rng.choice(FOLDERS)}/notes.ipynb"
    tree[path] = json.dumps(notebook)
    return path


def write_script(tree: dict[str, str], rng: Random) -> str:
    """Write an executable file without a suffix, or another one in its place."""
    path = f"{rng.choice(FOLDERS)}/tool"
    program = rng.choice(
        ("/usr/bin/env python3", "/usr/bin/python3", "/usr/bin/env -S uv run --script", "/bin/sh")
    )
    inner = "".join(f"    if a == {number}:\n        a += 1\n" for number in range(rng.randint(1, 6)))
    tree[path] = f"#!{program}\ndef f(a):\n{inner}"
    return f"{path}: {program}"


def replace_settings(tree: dict[str, str], rng: Random) -> str:
    """Have the root's settings in the other kind of file, or have no table at all."""
    if rng.random() < 0.5:
        tree[YAML] = make_settings(YAML, rng)
        return f"{YAML} beside the table"
    tree["setup.cfg"] = "[antipasta]\n"
    return "setup.cfg"


def nest(tree: dict[str, str], rng: Random) -> str:
    """Let settings below the root count, or not."""
    return _set(tree, "nested", not read_table(tree).get("nested") or None)


def add_settings(tree: dict[str, str], rng: Random) -> str:
    """Write settings of a folder, or others in their place."""
    path = f"{rng.choice(FOLDERS)}/{rng.choice((SETTINGS, SETTINGS, YAML))}"
    tree[path] = make_settings(path, rng)
    return path


def delete_settings(tree: dict[str, str], rng: Random) -> str:
    """Delete the settings of a folder, or leave the file without our table."""
    if not (paths := find_settings(tree)):
        return ""
    path = rng.choice(paths)
    if path.endswith(SETTINGS) and rng.random() < 0.4:
        tree[path] = "[project]\nname = 'x'\n"
        return f"no table in {path}"
    del tree[path]
    return f"no {path}"


def move_folder(tree: dict[str, str], rng: Random) -> str:
    """Give a folder another name, with all that is in it."""
    folders = sorted({path.rpartition("/")[0] for path in tree if "/" in path})
    old, new = rng.choice(folders), rng.choice((*FOLDERS, "src/other", "legacy/inner"))
    inside = [path for path in tree if path.startswith(f"{old}/")]
    moved = {f"{new}/{path.removeprefix(f'{old}/')}": path for path in inside}
    if f"{new}/".startswith(f"{old}/") or tree.keys() & moved.keys():
        return ""
    for path, source in moved.items():
        tree[path] = tree.pop(source)
    return f"{old} is {new}"


RULE_EDITS: tuple[Edit, ...] = (
    *[set_value] * 5, *[set_limit] * 3, set_override, set_override, exclude, exclude, name_critical,
    name_critical, *BASELINE_EDITS, move_baseline, comment_for_others, comment_for_others, ignore,
    write_notebook, write_notebook, write_script, write_script, replace_settings, nest, move_folder,
)  # fmt: skip
NESTED_EDITS: tuple[Edit, ...] = (
    nest, *[add_settings] * 5, delete_settings, delete_settings, move_folder, move_folder,
)  # fmt: skip


def select_edits(tree: Tree) -> tuple[Edit, ...]:
    """Return what may be done to a project, which has settings below its root or not."""
    nested = (*NESTED_EDITS, *NESTED_EDITS) if "nested" in read_table(tree) else ()
    return (*SOURCE_EDITS, *RULE_EDITS, *nested)
