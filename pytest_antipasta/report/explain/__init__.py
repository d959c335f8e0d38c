"""Explain how the values of a file and its functions are calculated, as text and as data."""
