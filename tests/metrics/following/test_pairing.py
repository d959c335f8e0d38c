"""Which old thing each new one is."""

from __future__ import annotations

import pytest

from pytest_antipasta.metrics.following.pairing import pair, pair_by_number
from pytest_antipasta.model.limits import strip_number


@pytest.mark.parametrize(
    ("name", "stem"), [("f", "f"), ("f#2", "f"), ("A#2.f#13", "A.f"), ("f#2.g", "f.g"), ("", "")]
)
def test_a_name_without_numbers(name: str, stem: str) -> None:
    assert strip_number(name) == stem


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(["ab"], ["ab"], {"ab": "ab"}, id="equal by the first key"),
        pytest.param(["ab"], ["ac"], {"ac": "ab"}, id="equal by the second key"),
        pytest.param(["ab"], ["bb"], {}, id="equal by none"),
        pytest.param(
            ["ab", "ac"], ["ac", "ad"], {"ac": "ac", "ad": "ab"}, id="the first key before the second"
        ),
        pytest.param(["ab", "ac"], ["ad", "ae"], {"ad": "ab", "ae": "ac"}, id="in order"),
        pytest.param(["ab"], ["ac", "ad"], {"ac": "ab"}, id="each once"),
        pytest.param(["-a"], ["-b"], {}, id="nothing by a key that is not known"),
    ],
)
def test_pairs(old: list[str], new: list[str], expected: dict[str, str]) -> None:
    def first_letter(text: str) -> str | None:
        return None if text[0] == "-" else text[0]

    assert pair(old, new, str, first_letter) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(["f"], ["f#2"], {"f#2": "f"}, id="another number"),
        pytest.param(["f", "f#2"], ["f#2", "f#3"], {"f#2": "f#2", "f#3": "f"}, id="its own number first"),
        pytest.param(["f#10", "f#9"], ["f#11", "f#12"], {"f#11": "f#9", "f#12": "f#10"}, id="two digits"),
        pytest.param(["A.f#2", "A#2.f"], ["A#3.f"], {"A#3.f": "A.f#2"}, id="a class's number counts more"),
        pytest.param(["f#x"], ["f"], {}, id="what is no number"),
    ],
)
def test_blocks_of_one_name(old: list[str], new: list[str], expected: dict[str, str]) -> None:
    assert pair_by_number(old, new) == expected


def test_a_thousand_of_a_name_are_distinguished() -> None:
    old = [f"_#{number}" for number in range(2, 1000)]
    new = [f"_#{number}" for number in range(1002, 2000)]
    assert pair_by_number(reversed(old), reversed(new)) == dict(zip(new, old, strict=True))
