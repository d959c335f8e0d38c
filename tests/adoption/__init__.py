"""Tests of the settings to begin with."""
