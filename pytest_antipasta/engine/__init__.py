"""Run a check: from sources to verdicts; subpackages measure, store, start workers and count."""
