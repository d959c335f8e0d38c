"""What the exit codes of the commands mean, apart from those of signals."""

from __future__ import annotations

VIOLATIONS = 1
"""Something is over a limit; it takes precedence over ``ERRORS``."""
WRONG_USAGE = 2
"""Arguments or settings are wrong."""
ERRORS = 3
"""Something could not be measured."""
