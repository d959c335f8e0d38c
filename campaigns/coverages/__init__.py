"""Random coverage data of random projects: what each function has is what coverage.py says of its lines."""
