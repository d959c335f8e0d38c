"""Settings of other tools, and what they become here."""
