"""Settings: find, read and check them, and compute the thresholds of each path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.settings.antipasta_yaml import *
    from pytest_antipasta.settings.configfile import *
    from pytest_antipasta.settings.documents import *
    from pytest_antipasta.settings.load import *
    from pytest_antipasta.settings.origins import *
    from pytest_antipasta.settings.path_thresholds import *
    from pytest_antipasta.settings.patterns import *
    from pytest_antipasta.settings.rule_files import *
    from pytest_antipasta.settings.scalars import *
    from pytest_antipasta.settings.schema import *
    from pytest_antipasta.settings.table import *
    from pytest_antipasta.settings.toml_file import *
    from pytest_antipasta.settings.toml_lines import *
    from pytest_antipasta.settings.toml_text import *
    from pytest_antipasta.settings.unmeasured import *
    from pytest_antipasta.settings.values import *
    from pytest_antipasta.settings.yaml_file import *

__getattr__ = lazy_names(
    __name__,
    {
        "antipasta_yaml": "CACHE_KEYS",
        "configfile": "Beside find_beside",
        "documents": "Entry KeyPath Remarks decode format_key read_bytes read_text",
        "path_thresholds": "Projects ThresholdFinder trace_thresholds with_projects",
        "load": "LoadedSettings iter_nested_notes load_settings",
        "origins": "DEFAULT Origins find_origins trace_places",
        "patterns": (
            "Match Patterns compile_file_patterns compile_patterns is_outside iter_steps make_path_filter"
        ),
        "rule_files": "DISK Disk RuleFiles",
        "scalars": "MOST_PATTERNS parse_glob",
        "schema": "make_pyproject_schema make_schema",
        "table": "with_exclude with_limits",
        "toml_file": "parse_toml",
        "toml_lines": "find_lines",
        "toml_text": "format_short iter_toml_lines",
        "unmeasured": "find_faults is_of_languages iter_idle_limits iter_uncovered_limits",
        "values": "NOTEBOOKS SETTINGS_NAMES TIME_BUDGET Override Settings",
        "yaml_file": "find_yaml_line parse_yaml",
    },
)
