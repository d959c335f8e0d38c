"""Tests of extensions: real distributions in an environment of their own."""
