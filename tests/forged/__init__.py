"""Records that were changed at random, read by every command: `python -m tests.forged --steps N --seed S`."""
