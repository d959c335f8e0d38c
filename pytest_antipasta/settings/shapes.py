"""What a parser of settings takes, found out by offering values to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, get_args

from msgspec.structs import FieldInfo

from pytest_antipasta.settings.entries import Entry, Remarks

Parse: TypeAlias = Callable[[Entry], object]
Schema: TypeAlias = dict[str, Any]

NOT_BLANK: Schema = {"type": "string", "pattern": r"\S"}
GLOB: Schema = {"type": "string", "pattern": r"^(?!!?\.\.?/).*\S"}
# No number that a setting takes at least is larger.
_LARGEST_LEAST = 100
OFF: Schema = {"const": False}


def describe_table(properties: Mapping[str, Schema], **more: Any) -> Schema:
    """Return the schema of a table that has these keys and no others."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def find_shape(parse: Parse, field: FieldInfo | None) -> Schema:
    """Return the schema of what a parser takes.

    Args:
        parse: of one key.
        field: the key's place in ``Settings``; its type may name choices.
    """
    finders = (
        _iter_truths(parse),
        _iter_texts(parse, field),
        _iter_numbers(parse),
        _iter_lists(parse, field),
    )
    shapes = [shape for found in finders for shape in found]
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _iter_truths(parse: Parse) -> Iterator[Schema]:
    if _takes(parse, True):
        yield {"type": "boolean"}
    elif _takes(parse, False):
        yield OFF


def _iter_texts(parse: Parse, field: FieldInfo | None) -> Iterator[Schema]:
    if _takes(parse, "another"):
        yield NOT_BLANK if _takes(parse, "./another") else GLOB
    elif words := [word for word in _find_words(field) if _takes(parse, word)]:
        yield {"enum": words}


def _iter_numbers(parse: Parse) -> Iterator[Schema]:
    least = next((number for number in range(_LARGEST_LEAST + 1) if _takes(parse, number)), None)
    if least is not None:
        kind = "number" if _takes(parse, least + 0.5) else "integer"
        is_open = _takes(parse, least - 0.5)
        yield {"type": kind, "exclusiveMinimum": 0} if is_open else {"type": kind, "minimum": least}


def _iter_lists(parse: Parse, field: FieldInfo | None) -> Iterator[Schema]:
    least = {} if _takes(parse, []) else {"minItems": 1}
    if _takes(parse, ["a"]):
        items = NOT_BLANK if _takes(parse, ["./a"]) else GLOB
        yield {"type": "array", "items": items} | least
    elif words := [word for word in _find_words(field) if _takes(parse, [word])]:
        yield {"type": "array", "items": {"enum": words}} | least


def _takes(parse: Parse, value: object) -> bool:
    remarks = Remarks()
    parse(Entry(("key",), value, remarks))
    return not remarks.problems


def _find_words(field: FieldInfo | None) -> Iterator[str]:
    """Find the words among which a field's type chooses, whatever else it may be."""
    waiting = [field.type] if field is not None else []
    while waiting:
        inner = get_args(waiting.pop(0))
        yield from (word for word in inner if isinstance(word, str))
        waiting += (part for part in inner if not isinstance(part, str))
