"""What holds for every test holds for these: the user's home folder and environment are not theirs."""

from tests.conftest import home

__all__ = ["home"]
