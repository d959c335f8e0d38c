"""The history of values: contents of commits, each measured once, and totals of every commit."""
