"""Bytes of any kind, guided by what they reach: `python -m campaigns fuzz TARGET`."""
