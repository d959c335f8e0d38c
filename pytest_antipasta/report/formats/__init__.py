"""Report formats, one module for each, and writing them to files."""
