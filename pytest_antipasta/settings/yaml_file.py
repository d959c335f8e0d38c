"""Reading ``.antipasta.yaml``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.antipasta_yaml import parse_antipasta_yaml
from pytest_antipasta.settings.documents import Document, KeyPath, decode

if TYPE_CHECKING:
    from yaml import Node, YAMLError

_MOST_MERGED = 1000


def read_yaml(path: Path, data: bytes) -> Document:
    """Read the content of an ``.antipasta.yaml``; an empty one is an empty table."""
    values, find_line = parse_yaml(path, decode(path, data))
    return Document(path, (), values or {}, find_line, parse_antipasta_yaml)


def parse_yaml(path: Path, text: str) -> tuple[object, Callable[[KeyPath], int | None]]:
    """Return the values of a file's text, and what returns the line (1-based) of a key."""
    from yaml import YAMLError

    try:
        node, values = _compose(text)
        return values, partial(_find_line, node)
    except YAMLError as error:
        raise UsageError(_format_syntax_error(path, error)) from None
    except RecursionError:
        raise UsageError(f"{format_path(path)}: not valid YAML: nested too deeply") from None
    except ValueError as error:  # PyYAML's own for text that looks like a date or a number and is invalid
        raise UsageError(f"{format_path(path)}: not valid YAML: {error}") from None


def _compose(text: str) -> tuple[Node | None, object]:
    from yaml import MappingNode, SafeLoader
    from yaml.constructor import ConstructorError

    class Loader(SafeLoader):
        """Rejects merges of merges, with which a few lines can create arbitrarily large data."""

        depth = merged = 0

        def flatten_mapping(self, node: MappingNode) -> None:
            """Replace merge keys by their contents; also called for each merged table."""
            self.depth += 1
            super().flatten_mapping(node)
            self.depth -= 1
            self.merged += len(node.value) if self.depth else 0
            if self.merged > _MOST_MERGED:
                problem = f'merge keys ("<<") add more than {_MOST_MERGED:,} entries'
                raise ConstructorError(None, None, problem, node.start_mark)

    loader = Loader(text)
    try:
        node = loader.get_single_node()
        # Afterwards the nodes contain the merged keys ("<<"), so that these have lines too.
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _format_syntax_error(path: Path, error: YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    # A bare >= starts a folded text.
    hint = '; write comparisons in quotes, as in ">="' if "indentation indicators" in problem else ""
    return f"{format_path(path)}{place}: not valid YAML: {problem}{hint}"


def _find_line(top: Node | None, key: KeyPath) -> int | None:
    """Return the line (1-based) of a key below a node."""
    place = node = top
    for part in key:
        place, node = _find_child(node, part)
    return None if place is None or not key else place.start_mark.line + 1


def _find_child(node: Node | None, part: str | int) -> tuple[Node | None, Node | None]:
    """Return the place of a key or an item, and its value."""
    from yaml import MappingNode, SequenceNode

    if isinstance(node, SequenceNode) and isinstance(part, int):
        return node.value[part], node.value[part]
    pairs = node.value if isinstance(node, MappingNode) else ()
    # The last of equal keys counts; keys that are not text are compared in YAML's spelling, "true" for True.
    found = [pair for pair in pairs if str(pair[0].value).lower() == str(part).lower()]
    return found[-1] if found else (None, None)
