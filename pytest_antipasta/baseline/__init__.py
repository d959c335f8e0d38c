"""The baseline: violations recorded in a file, which are tolerated while they get no worse."""
