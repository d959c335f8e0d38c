"""Notebooks: reading them, joining the code of cells to one Python source, and finding cells in it again."""
