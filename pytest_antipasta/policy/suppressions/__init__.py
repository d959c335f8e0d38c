"""Suppression comments: finding them in the text, parsing them, and applying them to violations."""
