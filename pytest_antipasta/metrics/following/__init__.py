"""Follow blocks: match the blocks of two versions of some files."""
