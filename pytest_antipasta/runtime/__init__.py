"""The runtime: Python (imports, garbage collector, versions, tracebacks, threads) and regular files."""
