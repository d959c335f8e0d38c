"""Read dates that users write."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_date(text: str) -> float:
    """Return an ISO 8601 date or time in seconds since the epoch; local time without a zone.

    Raises:
        ValueError: the text is not a date.
    """
    date = datetime.fromisoformat(text)
    if not 1970 < date.year < 3000:  # Windows has no local time there, and a zone makes no difference
        date = date.replace(tzinfo=date.tzinfo or UTC)
    return date.timestamp()
