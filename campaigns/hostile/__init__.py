"""Hostile files among many others: what a run makes of them, and what it costs."""
