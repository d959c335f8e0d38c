"""Suppression comments: find them in the text, parse them, and apply them to violations."""
