"""SARIF 2.1.0 with what is tolerated, for viewers that know suppressions."""

from __future__ import annotations

from pytest_antipasta.report.formats.sarif import write_all as write

__all__ = ["write"]
