"""The cart adds up."""

import pytest
from shop.cart import Cart, Line


def test_a_cart_adds_its_lines_up() -> None:
    cart = Cart([Line("tea", 450, 2), Line("cup", 900)])
    assert cart.total() == 1800
    assert cart.total(discounts=[10, 50]) == 810


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_discount_is_a_percentage(percent: int) -> None:
    with pytest.raises(ValueError, match="no such discount"):
        Cart().total(discounts=[percent])
