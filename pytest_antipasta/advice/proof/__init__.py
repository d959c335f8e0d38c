"""Prove by the bytecode of the running Python that a rewritten function behaves as before."""
