"""The description of the packages: the README, with links and pictures that work on PyPI, too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")
_PICTURE = re.compile(r"\b(src|srcset)=\"(?![a-z]+:)([^\"\s]+)\"")


class ReadmeHook(MetadataHookInterface):
    """Hatchling's interface for metadata that are computed."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description; its links stay relative until ``[project.urls]`` says where the source is."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = metadata.get("urls", {}).get("Source")
        if source is not None:
            tag = f"v{metadata['version']}"
            text = _LINK.sub(rf"]({source}/blob/{tag}/\1)", text)
            text = _PICTURE.sub(rf'\1="{source}/raw/{tag}/\2"', text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
