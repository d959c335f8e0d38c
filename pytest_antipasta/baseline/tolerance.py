"""The baseline applied to verdicts."""

from __future__ import annotations

from collections.abc import Callable

from pytest_antipasta.baseline.entries import Baseline, Key, Source
from pytest_antipasta.baseline.following import Follower
from pytest_antipasta.baseline.matching import Entries, FileSource, tolerate
from pytest_antipasta.baseline.places import Places
from pytest_antipasta.model import BaselineEntry, Verdict, Violation
from pytest_antipasta.runtime import python_minor
from pytest_antipasta.settings import Settings


class Tolerance:
    """Lets pass what is recorded and has got no worse, and a file's own numbers unless files are strict.

    Attributes:
        baseline: what is recorded.
    """

    def __init__(self, settings: Settings, places: Places | None) -> None:
        """Take what is recorded for a root, and the places where things are now; ``None`` follows nothing."""
        self.baseline = Baseline(settings.recorded or (), python_minor())
        self._strict_files = settings.strict_files
        self._follower = Follower(self.baseline, places)

    def may_have_moved(self, verdict: Verdict) -> bool:
        """Whether a number that has no entry of its own may have that of something that moved."""
        missing = [one for one in verdict.violations if one.recorded is None]
        return any(self.baseline.has_like(one) for one in missing) or any(
            entry.path != verdict.path for one in missing for entry in self.baseline.find_namesakes(one)
        )

    def find_like(self, entry: BaselineEntry, violation: Violation | BaselineEntry) -> list[Key]:
        """Return what may have taken an entry along, as a number or itself: what has none under its name."""
        return self._follower.find_like(entry, violation)

    def find_entries(self, verdict: Verdict, source: Source) -> Entries:
        """Return for each violation of a whole file the entry that it was recorded as, if it was."""
        return self._follower.find_entries(verdict, source)

    def apply(
        self,
        verdict: Verdict,
        source: Source,
        is_critical: Callable[[str, str], bool],
        whole: Verdict | None = None,
    ) -> Verdict:
        """Return a verdict with what is recorded tolerated.

        Args:
            verdict: by the limits.
            source: the content that was judged.
            is_critical: whether nothing is tolerated in a block, by path and qualified name.
            whole: the verdict on the whole file, where that is about less; what is not told of may need its
                entry all the same.
        """

        def is_granted(violation: Violation, is_worse: bool) -> bool:
            if violation.qualified_name is None:
                # Every edit moves a file's numbers; as in a commit, only its blocks have to hold theirs.
                return not (is_worse and self._strict_files)
            return not is_worse and not is_critical(verdict.path, violation.qualified_name)

        if not verdict.violations:
            return verdict
        whole = whole or verdict
        found = self.find_entries(whole, source)
        entries = {identify(one): entry for one, entry in zip(whole.violations, found, strict=True)}
        own = [entries[identify(one)] for one in verdict.violations]
        return tolerate(verdict, self.baseline, own, is_granted)

    def apply_to_file(
        self, verdict: Verdict, read: Callable[[], bytes | None], is_critical: Callable[[str, str], bool]
    ) -> Verdict:
        """Return the verdict on a file with what is recorded tolerated.

        Args:
            verdict: by the limits.
            read: gives the content again, or ``None`` when it is gone.
            is_critical: as above.
        """
        return self.apply(verdict, FileSource(read), is_critical)


def identify(violation: Violation) -> tuple[str | None, str]:
    """Return what a number of a file is: the block's qualified name, if it is one's, and the metric."""
    return violation.qualified_name, violation.metric
