"""The list of all messages has those that users see, each with its kind, its place and an example."""

from __future__ import annotations

import pytest

from tests.messages_list import Message, count_messages, find_example, list_messages


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    """The list."""
    return list_messages()


def test_it_has_messages_of_each_kind(messages: list[Message]) -> None:
    found = {one.text: one for one in messages}
    kinds = {one.kind for one in found.values()}
    assert kinds == {"error", "help", "log", "metric", "page", "schema", "text", "warning"}
    changed = found["the file changed or was deleted during the run"]
    assert (changed.kind, changed.place.partition(":")[0]) == ("error", "pytest_antipasta/engine/sources.py")
    assert found["show the versions and exit"].kind == "help"


def test_it_leaves_out_what_nobody_reads(messages: list[Message]) -> None:
    texts = [one.text for one in messages]
    assert not [text for text in texts if text.startswith(("PRAGMA", "Mapping[", "SELECT"))]
    assert count_messages(messages).startswith(f"{len(texts)} messages, ")


def test_an_example_is_what_a_test_or_a_page_has(messages: list[Message]) -> None:
    found = next(one for one in messages if one.text.startswith("no such file or folder"))
    example = find_example(found)
    assert example is not None
    assert ": no such file or folder: " in example
