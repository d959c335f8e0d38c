"""Metrics of one source: measure it, explain its values, and follow its blocks through changes."""
