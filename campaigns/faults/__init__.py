"""What happens to a store, done to a real one: `python -m campaigns faults --rounds N`."""
