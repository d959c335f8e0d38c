"""Summaries, warnings and figures of a run."""
