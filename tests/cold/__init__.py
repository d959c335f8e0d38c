"""A tree that changes, asked with its store and without: `python -m tests.cold --steps N --seed S`."""
