"""Coverage data beside complexity: what is read is what coverage.py itself says of it."""
