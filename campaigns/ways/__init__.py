"""Random changes, and whether every way in says the same of one."""
