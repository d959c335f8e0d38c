"""A random campaign: what a run says with the memo of a tree is what it says without a store."""
