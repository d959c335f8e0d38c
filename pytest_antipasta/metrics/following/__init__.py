"""Following blocks: which block of one version of some files is which of another."""
