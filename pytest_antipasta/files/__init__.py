"""Find source files in a working tree, and read them."""
