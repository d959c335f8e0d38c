"""What a ride costs."""

from __future__ import annotations


def fare(zones: int, age: int) -> int:
    """Return the price in cents; up to the age of five it is nothing."""
    if age < 6:
        return 0
    price = 180 + 60 * max(0, zones - 1)
    return price // 2 if age < 15 else price
