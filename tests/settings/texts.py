"""Loading settings from a text, as the tests of this folder do."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.values import Settings


def load(folder: Path, name: str, text: str | bytes) -> Settings:
    """Write a settings file into a folder and load the settings of that folder."""
    data = text if isinstance(text, bytes) else dedent(text).encode()
    (folder / name).write_bytes(data)
    return load_settings(folder, folder / name).settings


def refuse(folder: Path, name: str, text: str | bytes) -> str:
    """Give the message that such a file is refused with, which names it relative to the folder."""
    with pytest.raises(UsageError) as caught, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        load(folder, name, text)
    return str(caught.value)
