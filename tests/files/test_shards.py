"""Dividing files among machines: every file once, balanced, and with few that change places."""

from __future__ import annotations

import random
from statistics import mean

import pytest

from pytest_antipasta.files.shards import digest_files, divide, parse_shard
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.run import Shard

NUMBERS = (2, 3, 5, 8, 16)


def make_tree(number: int, seed: int = 1) -> dict[str, int]:
    """Return files as real trees have them: many small ones, a few that are large."""
    chance = random.Random(seed)
    sizes = (int(chance.lognormvariate(8, 1.3)) for _ in range(number))
    return {f"pkg/sub{index % 40}/file_{index}.py": min(size, 40_000) for index, size in enumerate(sizes)}


def find_loads(sizes: dict[str, int], of: int) -> list[int]:
    """Return the bytes of each shard."""
    loads = [0] * of
    for path, number in divide(sizes, of).items():
        loads[number - 1] += sizes[path]
    return loads


@pytest.mark.parametrize("of", NUMBERS)
@pytest.mark.parametrize("number", [1000, 3000])
def test_the_largest_shard_is_at_most_a_fifth_above_the_mean(number: int, of: int) -> None:
    for seed in range(2):
        sizes = make_tree(number, seed)
        loads = find_loads(sizes, of)
        assert max(sizes.values()) <= mean(loads) / 10 or of == 16
        assert max(loads) <= 1.2 * mean(loads)


def test_even_files_of_a_tenth_of_a_shard_do_not_tip_it() -> None:
    sizes = {f"{index}.py": 99_500 for index in range(160)} | {f"s{index}.py": 10 for index in range(840)}
    for of in NUMBERS:
        loads = find_loads(sizes, of)
        assert max(loads) <= 1.2 * mean(loads)


@pytest.mark.parametrize("of", NUMBERS)
def test_hardly_a_file_moves_for_one_that_is_added(of: int) -> None:
    sizes = make_tree(2000)
    before = divide(sizes, of)
    moved = []
    for index in range(8):
        after = divide(sizes | {f"pkg/new_{index}.py": 4000}, of)
        moved.append(sum(after[path] != number for path, number in before.items()))
    assert mean(moved) <= 2000 / 100


def test_the_order_of_the_files_does_not_matter() -> None:
    sizes = make_tree(500)
    shuffled = dict(random.Random(2).sample(list(sizes.items()), len(sizes)))
    assert divide(shuffled, 5) == divide(sizes, 5)
    assert digest_files(shuffled) == digest_files(sizes)


def test_every_release_and_machine_divides_alike() -> None:
    """Shards of one run may be judged by several; a change of this table is one of the version."""
    sizes = {"a.py": 10, "b.py": 2000, "pkg/é.py": 70, "pkg/d.py": 5, "x y.py": 900}
    assert divide(sizes, 3) == {"a.py": 3, "b.py": 2, "pkg/d.py": 3, "pkg/é.py": 3, "x y.py": 1}


def test_a_file_larger_than_two_shards_has_one_to_itself() -> None:
    sizes = {"large.py": 1_000_000} | {f"{index}.py": 1000 for index in range(100)}
    shards = divide(sizes, 4)
    assert [path for path, number in shards.items() if number == shards["large.py"]] == ["large.py"]


def test_there_may_be_more_shards_than_files() -> None:
    assert len(set(divide({"a.py": 1, "b.py": 1}, 9).values())) == 2
    assert divide({}, 3) == {}


def test_what_stands_for_files_stands_for_their_sizes() -> None:
    assert digest_files({"a.py": 1}) != digest_files({"a.py": 2}) != digest_files({"b.py": 2})


@pytest.mark.parametrize(("text", "shard"), [("1/1", (1, 1)), ("2/5", (2, 5)), ("1000/1000", (1000, 1000))])
def test_what_a_shard_may_be(text: str, shard: tuple[int, int]) -> None:
    assert parse_shard(text) == Shard(*shard)
    assert str(parse_shard(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "2", "0/5", "6/5", "1/0", "1/1001", "-1/5", "1/5/5", "a/b", "1 /5", "\u0662/5", "1/5\n", "2/"],
)
def test_what_it_may_not_be(text: str) -> None:
    with pytest.raises(UsageError, match="expected a shard such as 2/5, from 1/1 to 1000/1000, got"):
        parse_shard(text)
