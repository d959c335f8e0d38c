"""Notebooks: read them, join the code of cells to one Python source, and find cells in it."""
