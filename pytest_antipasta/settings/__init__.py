"""Settings: find, read and check them, and compute the thresholds of each path."""
