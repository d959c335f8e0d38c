"""One process, run after run over a tree that changes: `python -m tests.soak --runs N`."""
