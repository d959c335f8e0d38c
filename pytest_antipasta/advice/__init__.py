"""Advice for a function over its limits."""
