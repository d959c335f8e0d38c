"""Verdicts as text, one file a format."""
