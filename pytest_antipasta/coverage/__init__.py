"""Join coverage.py's data with the complexity of functions; imported only if a run requests it."""
