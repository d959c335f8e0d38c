"""Tables of settings of projects that several folders of tests make."""

from __future__ import annotations

ONE_LIMIT = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
cognitive_complexity = false
maintainability_index = false
halstead_volume = false
halstead_difficulty = false
halstead_effort = false
"""
"""No limit but 3 for the cyclomatic complexity."""
