"""Find folders in which pytest is told to look for no tests: they may contain no code to check either."""

from __future__ import annotations

import ast
import configparser
import posixpath
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.documents import read_text
from pytest_antipasta.settings.patterns import iter_steps
from pytest_antipasta.settings.toml_file import find_table, parse_toml

# pytest's own value of `norecursedirs`.
_DEFAULTS = frozenset(("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}"))
# In pytest's order: the first file with such a section counts.
_SECTIONS = {
    "pytest.toml": "pytest",
    ".pytest.toml": "pytest",
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
    "pyproject.toml": "tool.pytest",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}
# pytest reads no other configfile if one of these exists, whatever it contains.
_ALWAYS = tuple(_SECTIONS)[:4]


def iter_norecursedirs(root: Path) -> Iterator[str]:
    """Yield ``norecursedirs`` of the root's configfile, without pytest's default, as patterns."""
    for name in _read_norecursedirs(root):
        # With a slash at its end, pytest skips no folder; with one at its start, only by an absolute path.
        if name and name not in _DEFAULTS and name == name.strip("/"):
            escaped = f"\\{name}/" if name.startswith(("!", "#")) else f"{name}/"
            yield f"**/{escaped}" if "/" in name else escaped


def iter_collect_ignore(root: Path, files: Sequence[str]) -> Iterator[str]:
    """Yield the folders in each ``collect_ignore`` that is a list of strings in a ``conftest.py``.

    Nothing is imported.

    Args:
        root: the folder that paths are relative to.
        files: paths of all source files; other folders are left out. A folder ends with a slash.
    """
    folders = {step for path in files for step in iter_steps(path) if step.endswith("/")}
    for path in files:
        if posixpath.basename(path) == "conftest.py":
            for name in _read_collect_ignore(root / path):
                folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) + "/"
                if folder in folders:
                    yield folder


def _read_norecursedirs(root: Path) -> list[str]:
    for name, section in _SECTIONS.items():
        # An invalid file, or a value that is no list: pytest will report it.
        with suppress(UsageError, configparser.Error, ValueError, TypeError):
            table = _read_table(root / name, section) if (root / name).is_file() else None
            if table is not None:
                value = table.get("norecursedirs", ())
                return shlex.split(value) if isinstance(value, str) else list(map(str, value))
    return []


def _read_table(path: Path, section: str) -> Mapping[str, Any] | None:
    """Return pytest's options in a file; ``None`` if pytest would look in the next file."""
    table = _read_toml(path, section) if path.suffix == ".toml" else _read_ini(path, section)
    return {} if table is None and path.name in _ALWAYS else table


def _read_toml(path: Path, section: str) -> Mapping[str, Any] | None:
    data, key = parse_toml(path, read_text(path)), section.split(".")
    return find_table(data, *key, "ini_options") or find_table(data, *key)


def _read_ini(path: Path, section: str) -> Mapping[str, Any] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(read_text(path))
    return dict(parser[section]) if parser.has_section(section) else None


def _read_collect_ignore(conftest: Path) -> list[str]:
    """Return the ``collect_ignore`` of a module, if it is a list of strings."""
    try:
        with warnings.catch_warnings(action="ignore"):  # such as of invalid escapes
            data = read_regular(conftest)
            body = ast.parse(data).body if b"collect_ignore" in data else []
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # reported when it is measured
        return []
    found: list[str] = []
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "collect_ignore" for target in targets):
            added = _read_strings(getattr(node, "value", None))
            found = [*found, *added] if isinstance(node, ast.AugAssign) else added
    return found


def _read_strings(node: ast.expr | None) -> list[str]:
    """Return a list literal of strings; an empty list for any other expression."""
    items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    texts = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return texts if len(texts) == len(items) else []
