"""Long tries with random input, beside oracles that know nothing of our code: ``python -m campaigns``."""
