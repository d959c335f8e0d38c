"""Records that were changed at random, read by every command."""
