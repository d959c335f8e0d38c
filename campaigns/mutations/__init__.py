"""Faults put into a module one at a time, to see that a test notices: `python -m campaigns mutations`."""
