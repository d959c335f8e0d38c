"""A shop that is small enough to read at once."""
