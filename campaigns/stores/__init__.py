"""Stores that people share, move and clean: a campaign."""
