"""Random projects in all formats."""
