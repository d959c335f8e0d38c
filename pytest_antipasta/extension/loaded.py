"""What extensions give to a run, once they are loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from pytest_antipasta.extension.contract import Language, Metric
    from pytest_antipasta.model.formats import ReportFormat

PACKAGE = "pytest_antipasta"
GROUP = f"{PACKAGE}.v1"
"""Entry point group of extensions, with the version of the hooks."""
_Given = TypeVar("_Given", "Metric", "Language")


def normalise_name(name: str) -> str:
    """Return a distribution's name normalised by PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Owner(Struct, frozen=True):
    """The distribution that provides an extension.

    Attributes:
        name: normalised name of the distribution.
        version: version of the distribution.
    """

    name: str
    version: str

    def __str__(self) -> str:
        """Return name and version, such as ``my-metrics 1.2``."""
        return f"{self.name} {self.version}"


class Loaded(Struct, Generic[_Given], frozen=True):
    """A metric or a language of an installed extension.

    Attributes:
        name: name with the distribution's, as in settings and reports.
        owner: the distribution.
        given: the extension's metric or language.
    """

    name: str
    owner: Owner
    given: _Given

    def __str__(self) -> str:
        """Return both names with versions, one of which changes whenever a value may."""
        return f"{self.owner} {self.given.name} {self.given.version}"


class Extensions(Struct, frozen=True):
    """The values of all installed extensions.

    Attributes:
        metrics: metrics by distribution and name.
        languages: languages by distribution and name.
        formats: report formats, each with its distribution.
        owners: names of all distributions without faults.
        faults: one line for each extension that is disabled, by the name of its distribution.
    """

    metrics: tuple[Loaded[Metric], ...] = ()
    languages: tuple[Loaded[Language], ...] = ()
    formats: tuple[tuple[Owner, ReportFormat], ...] = ()
    owners: frozenset[str] = frozenset()
    faults: Mapping[str, str] = {}
