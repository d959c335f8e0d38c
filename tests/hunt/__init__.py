"""A hunt for wrong verdicts: random edits of real files in real repositories, and what has to hold."""
