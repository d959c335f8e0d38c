"""Policy: compare values with limits, and suppress violations by comments."""
