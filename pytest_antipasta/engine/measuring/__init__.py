"""Get the values of one source: from the store, or measured within limits of time and memory."""
