"""Ask git about a repository: its files, contents, differences and history."""
