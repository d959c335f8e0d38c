"""Random histories with commits that break files: lives and hotspots beside an oracle of their own."""
