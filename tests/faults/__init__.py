"""What happens to a store, done to a real one: `python -m tests.faults --rounds N`."""
