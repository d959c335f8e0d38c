"""A project to run pytest in, as the plugin's tests have it."""

from tests.plugin.conftest import project

__all__ = ["project"]
