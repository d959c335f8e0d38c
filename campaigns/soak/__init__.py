"""One process, run after run over a tree that changes: `python -m campaigns soak --runs N`."""
