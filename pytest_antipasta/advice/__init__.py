"""Rewrites that make a function simpler: tried, measured and proven, never guessed."""
