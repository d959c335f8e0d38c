"""Complexity checking for Python: a pytest plugin, a pre-commit hook and a command line."""

__version__ = "0.1.0"
