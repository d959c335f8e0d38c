"""The store: measurements by content, kept between runs as bytes under a key."""
