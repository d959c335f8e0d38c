"""The time that checking a commit may take, which git keeps to as well."""

from __future__ import annotations

import math
import time

# Seconds that git may take in all after the end of the time: enough to report what was judged in time.
_GRACE = 0.3


class OutOfTimeError(Exception):
    """The time for checking a commit is used up; the message is empty unless git was slow."""


class SlowGitError(OutOfTimeError):
    """Git did not answer in this time; the message says which command of git, and what to do."""


class TimeBudget:
    """The time for checking one commit, on the clock of ``time.monotonic``.

    Until the settings are read, their default applies.

    Attributes:
        began: when the time began.
        deadline: when it ends; infinity without a limit.
    """

    def __init__(self, default: float = math.inf) -> None:
        self._default = default
        self.restart()

    def restart(self, spent: float = 0.0) -> None:
        """Begin again for the next commit, for which some seconds were spent already."""
        self.began = time.monotonic() - spent
        self._grace = _GRACE
        self._set(self._default, is_default=True)

    def limit(self, seconds: float) -> None:
        """Set how long checking may take by the settings."""
        self._set(seconds, is_default=False)

    def _set(self, seconds: float, *, is_default: bool) -> None:
        self._seconds, self._is_default = seconds, is_default
        self.deadline = self.began + seconds

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit."""
        return self.deadline < math.inf

    def require_seconds(self, command: str) -> float:
        """Return how many seconds git may take from now on for a command.

        Raises:
            SlowGitError: no time is left.
        """
        left = max(self.deadline - time.monotonic(), self._grace)
        if left <= 0:
            raise SlowGitError(f"{self._describe()} exceeded before {command}{self._advise('; ')}")
        return left

    def spend(self, seconds: float) -> None:
        """Note for how many seconds git was waited for until now."""
        self._grace -= min(seconds, max(0.0, time.monotonic() - self.deadline))

    def give_up(self, command: str, seconds: float) -> SlowGitError:
        """Return the error for a command of git that was stopped after some seconds."""
        stopped = f"{command} was stopped after {seconds:.1f} s: {self._describe()} exceeded"
        return SlowGitError(f"{stopped}; run git by hand to see why it is slow{self._advise(', or ')}")

    def _describe(self) -> str:
        why = ", the default until the settings are read," if self._is_default else ""
        return f"time_budget of {self._seconds:g} s{why}"

    def _advise(self, start: str) -> str:
        return "" if self._is_default else f"{start}raise time_budget"
