"""Bytes of any kind, guided by what they reach: `python -m tests.fuzz TARGET`, where atheris is installed."""
