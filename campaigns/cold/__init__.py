"""A tree that changes, asked with its store and without: `python -m campaigns cold --steps N --seed S`."""
