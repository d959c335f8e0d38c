"""Compare measured values with the limits of a path, and apply suppression comments."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import Measured
from pytest_antipasta.policy.limits import Limits, find_critical
from pytest_antipasta.policy.worst import WorstLimits


class LimitJudge:
    """Compares numbers with their limits, wherever they come from: with comments, without the baseline.

    Attributes:
        thresholds: the limits of paths.
    """

    def __init__(self, rules: Rules) -> None:
        self._settings = rules.settings
        self._honours_suppressions = rules.honours_suppressions
        self._warnings_fail = rules.warnings_fail
        self.thresholds = rules.thresholds
        # By identity: the finder keeps one value for all files with the same limits, and hashing it is slow.
        self._limits: dict[int, Limits] = {}
        self._worst_limits: dict[int, WorstLimits] = {}

    def count_passing(self, path: str, worst: bytes) -> int | None:
        """Return how many functions a file has that passes by its worst values, with nothing to report.

        ``None`` for a file that may not pass.
        """
        found = self.thresholds.find(path)
        if (limits := self._worst_limits.get(id(found))) is None:
            limits = self._worst_limits[id(found)] = WorstLimits(found)
        return limits.count_passing(worst)

    def judge(self, path: str, measured: Measured) -> Verdict:
        """Return the verdict on values by the limits of a path."""
        measurement, found = measured.measurement, self.thresholds.find(path)
        if (limits := self._limits.get(id(found))) is None:
            limits = self._limits[id(found)] = Limits(
                found, nested_blocks=self._settings.nested_blocks, warnings_fail=self._warnings_fail
            )
        judgement = limits.judge(measurement)
        verdict = Verdict(
            path,
            measurement,
            judgement.violations,
            unjudged=judgement.unjudged,
            errors_fail=self._settings.on_error == "fail",
            origin=measured.origin,
            digest=measured.digest,
            warnings=judgement.warnings,
            lacking=judgement.lacking,
            functions=measurement.functions,
        )
        if measurement.comments and self._honours_suppressions:
            verdict = self._suppress(verdict, limits)
        return verdict

    def _suppress(self, verdict: Verdict, limits: Limits) -> Verdict:
        from pytest_antipasta.policy.suppressions.apply import SuppressionRules, find_unheeded, suppress

        settings = self._settings
        rules = SuppressionRules(
            settings.foreign_suppressions,
            settings.require_reasons,
            settings.unused_suppressions == "fail",
            find_critical(settings.critical_functions, verdict.path, verdict.measurement.blocks).__contains__,
            may_lack=verdict.may_lack,
        )
        over = (*verdict.violations, *verdict.warnings)
        own = limits.limits.for_content(verdict.measurement)
        left, tolerated, suppressions = suppress(over, verdict.measurement, own, rules)
        violations, warnings = limits.part(left, verdict.measurement)
        return replace(
            verdict,
            violations=violations,
            warnings=warnings,
            # A warning fails nothing, so the baseline has nothing to tolerate.
            tolerated=limits.part(tolerated, verdict.measurement)[0],
            suppressions=suppressions,
            unheeded=find_unheeded(violations, verdict.measurement, own, rules) if violations else (),
        )
