"""Reading the hooks that a ``.pre-commit-config.yaml`` lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_antipasta.messages import format_path
from pytest_antipasta.settings import read_text


def read_hooks(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each hook with its ``file:line``; what has another shape than pre-commit's is passed over."""
    # Here, because hardly any command needs it.
    from pytest_antipasta.settings import find_yaml_line, parse_yaml

    node, data = parse_yaml(path, read_text(path))
    for number, repository in enumerate(_find_items(data, "repos")):
        for index, hook in enumerate(_find_items(repository, "hooks")):
            if isinstance(hook, dict):
                line = find_yaml_line(node, ("repos", number, "hooks", index))
                yield f"{format_path(path)}:{line}", hook


def _find_items(table: object, key: str) -> list[object]:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, list) else []
