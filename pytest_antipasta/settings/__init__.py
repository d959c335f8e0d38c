"""Settings: read, checked, and by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.settings.documents import (
        decode as decode,
        read_bytes as read_bytes,
        read_text as read_text,
    )
    from pytest_antipasta.settings.effective import (
        ThresholdFinder as ThresholdFinder,
        trace_thresholds as trace_thresholds,
    )
    from pytest_antipasta.settings.entries import (
        Entry as Entry,
        Key as Key,
        Remarks as Remarks,
        format_key as format_key,
    )
    from pytest_antipasta.settings.load import load_settings as load_settings
    from pytest_antipasta.settings.origins import (
        DEFAULT as DEFAULT,
        Origins as Origins,
        find_origins as find_origins,
    )
    from pytest_antipasta.settings.scalars import parse_glob as parse_glob
    from pytest_antipasta.settings.schema import (
        make_pyproject_schema as make_pyproject_schema,
        make_schema as make_schema,
    )
    from pytest_antipasta.settings.toml_file import parse_toml as parse_toml
    from pytest_antipasta.settings.toml_lines import find_lines as find_lines
    from pytest_antipasta.settings.toml_text import (
        format_short as format_short,
        iter_toml_lines as iter_toml_lines,
    )
    from pytest_antipasta.settings.values import (
        DEFAULT_THRESHOLDS as DEFAULT_THRESHOLDS,
        Settings as Settings,
    )
    from pytest_antipasta.settings.yaml_file import (
        find_yaml_line as find_yaml_line,
        parse_yaml as parse_yaml,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "documents": "decode read_bytes read_text",
        "effective": "ThresholdFinder trace_thresholds",
        "entries": "Entry Key Remarks format_key",
        "load": "load_settings",
        "origins": "DEFAULT Origins find_origins",
        "scalars": "parse_glob",
        "schema": "make_pyproject_schema make_schema",
        "toml_file": "parse_toml",
        "toml_lines": "find_lines",
        "toml_text": "format_short iter_toml_lines",
        "values": "DEFAULT_THRESHOLDS Settings",
        "yaml_file": "find_yaml_line parse_yaml",
    },
)
