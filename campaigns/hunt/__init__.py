"""Random edits of real files in real repositories, and what every way in says of them."""
