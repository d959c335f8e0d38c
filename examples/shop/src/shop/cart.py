"""What a customer is about to buy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """Some pieces of one article."""

    article: str
    price: int
    pieces: int = 1

    @property
    def total(self) -> int:
        """What the line costs, in cents."""
        return self.price * self.pieces


@dataclass
class Cart:
    """Lines, and what they cost together."""

    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Put something into the cart."""
        if line.pieces < 1:
            raise ValueError("nothing to add")
        self.lines.append(line)

    def total(self, discounts: Iterable[int] = ()) -> int:
        """What all costs, in cents, after discounts in percent, one upon the other."""
        amount = sum(line.total for line in self.lines)
        for percent in discounts:
            if not 0 <= percent <= 100:
                raise ValueError(f"no such discount: {percent} %")
            amount = amount * (100 - percent) // 100
        return amount
