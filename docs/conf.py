"""How Sphinx makes a site of these pages, each of which is plain Markdown that GitHub shows as well."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, takewhile
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

_DOCS = Path(__file__).parent
_ROOT = _DOCS.parent
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = _PROJECT["name"]
author = "The pytest-antipasta developers"
extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["build"]
myst_heading_anchors = 6
highlight_language = "text"
# Sessions show files, and JSON has `…` for what is left out.
suppress_warnings = ["misc.highlighting_failure"]
html_theme = "furo"
html_title = project
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
# Of a session, its commands are copied, and of other code all.
copybutton_prompt_text = "$ "
# Both themes have to have a contrast of 4.5 to 1 at least.
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"

WHOLE_FILES = {"changelog": "CHANGELOG.md", "security": "SECURITY.md"}
"""Pages that say on GitHub where the text is, and have that text on the site."""
EXPLAINING = ("command-line", "errors", "metrics")
"""Pages whose tables and lists explain the names that come first. A heading explains its name on any page."""

_SHORT = 24
_OPTION = r"--?[a-z][\w-]*"
_NAME = r"-{0,2}[a-z][\w-]*$"
_LINK = re.compile(r"^```.*?^```$|\]\((?![a-z]+:|#)([^)#\s]*)(#[^)\s]*)?\)", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(
    r"^<p><picture>\n +<source .* srcset=\"(.*)\">\n +<img alt=\"(.*)\" src=\"(.*)\">\n</picture></p>$",
    re.MULTILINE,
)
_TOCTREE = re.compile(r"^<!-- toctree: (.*?)\n(.*?)-->$", re.MULTILINE | re.DOTALL)


def setup(app: Sphinx) -> None:
    """Connect what adapts pages."""
    app.connect("source-read", adapt_source)
    app.connect("doctree-read", add_names)
    app.connect("doctree-read", mark_short_code)


def adapt_source(_app: Sphinx, page: str, source: list[str]) -> None:
    """Replace a page by the file it stands for, and adapt links, pictures and tables of contents."""
    folder = _DOCS
    if page in WHOLE_FILES:
        folder = _ROOT
        source[0] = (_ROOT / WHOLE_FILES[page]).read_text(encoding="utf-8")
    source[0] = _LINK.sub(partial(_adapt_link, folder), source[0])
    source[0] = _PICTURE.sub(_show_picture, source[0])
    source[0] = _TOCTREE.sub(_show_toctree, source[0])


def _adapt_link(folder: Path, link: re.Match[str]) -> str:
    """Return a link to a page, to the repository, or to a copy of the file on the site; code as it is."""
    if link[1] is None:
        return link[0]
    path, anchor = (folder / link[1]).resolve(), link[2] or ""
    inside = path.relative_to(_ROOT).as_posix()
    page = next((page for page, name in WHOLE_FILES.items() if name == inside), None)
    source = _PROJECT.get("urls", {}).get("Source")
    if page is not None:
        target = f"{page}.md{anchor}"
    elif path.is_relative_to(_DOCS):
        target = f"{path.relative_to(_DOCS).as_posix()}{anchor}"
    elif source is not None:
        target = f"{source}/blob/main/{inside}{anchor}"
    elif path.is_dir():
        first = min(path.glob("*.md"), key=lambda page: page.name != "README.md")
        target = f"path:../{inside}/{first.name}"
    else:
        target = f"path:../{inside}"
    return f"]({target})"


def _show_picture(picture: re.Match[str]) -> str:
    """Return a picture for light and for dark pages as two, as readers of the site can choose its colours."""
    dark, text, light = picture.groups()
    paths = {"light": light, "dark": dark}
    return "\n\n".join(
        f"```{{image}} {path}\n:alt: {text}\n:class: only-{name}\n```" for name, path in paths.items()
    )


def _show_toctree(comment: re.Match[str]) -> str:
    """Return a comment as a table of contents."""
    caption, entries = comment.groups()
    # `python -m benchmarks.mission` writes mission.md, and nobody has to.
    there = [
        entry for entry in entries.splitlines() if (_DOCS / f"{entry.split('<')[-1].strip('>')}.md").exists()
    ]
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *there, "```"])


def add_names(app: Sphinx, document: nodes.document) -> None:
    """Add settings, commands, options and kinds of errors to what the search finds by its whole name.

    The search for words leaves out `no` and `near` and knows no order: it would not find `--near`.
    """
    index = addnodes.index(entries=[])
    for name, anchor in _find_names(document, is_searched=app.env.docname in EXPLAINING).items():
        index["entries"].append(("single", name, anchor, "main", None))
    if index["entries"]:
        document[0].insert(1, index)


def _find_names(document: nodes.document, *, is_searched: bool) -> dict[str, str]:
    """Return the names that a page explains, and where: first in headings, then in lists, then anywhere."""
    sections = (
        (name, one["ids"][0])
        for one in document.findall(nodes.section)
        for name in _iter_names(one[0], pattern=_NAME)
    )
    more = chain(_iter_terms(document), _iter_options(document)) if is_searched else ()
    # Of several places the first one counts.
    return dict(reversed([*sections, *more]))


def _iter_terms(document: nodes.document) -> Iterator[tuple[str, str]]:
    """Yield the names that rows of tables, and items of lists, begin with.

    `write` below the heading `baseline` has both words. The search shows the text of the whole row.
    """
    for number, place in enumerate([*document.findall(nodes.row), *document.findall(nodes.list_item)]):
        command = next(_iter_names(_find_section(place)[0]), "")
        for name in _iter_names(*_find_terms(place)):
            place["ids"] = [f"name-{number}"]
            yield (name if name.startswith("-") else f"{command} {name}".strip()), f"name-{number}"


def _find_terms(place: nodes.Element) -> Sequence[nodes.Node]:
    """Return the first cell of a row, or what an item has before its explanation."""
    if isinstance(place, nodes.row):
        return place[:1]
    paragraph = place.next_node(nodes.paragraph) or []
    return [*takewhile(lambda part: isinstance(part, nodes.literal) or part.astext() == ", ", paragraph)]


def _iter_options(document: nodes.document) -> Iterator[tuple[str, str]]:
    """Yield the options that sentences name."""
    for code in document.findall(nodes.literal):
        yield from ((name, _find_section(code)["ids"][0]) for name in _iter_names(code, pattern=_OPTION))


def _find_section(node: nodes.Node) -> nodes.Element:
    """Return the section of the second level that a node is in, or the whole page's."""
    path = [node]
    while not isinstance(path[-1].parent, nodes.document):
        path.append(path[-1].parent)
    return next((part for part in path[-2:] if isinstance(part, nodes.section)), path[-1])


def _iter_names(*texts: nodes.Node, pattern: str = rf"{_OPTION}|[a-z][\w-]*") -> Iterator[str]:
    """Yield what code in texts, or the code itself, begins with."""
    for code in chain.from_iterable(text.findall(nodes.literal) for text in texts):
        match = re.match(pattern, code.astext())
        if match is not None:
            yield match[0]


def mark_short_code(_app: Sphinx, document: nodes.document) -> None:
    """Give code a class if even the line of a phone has room for it."""
    for code in document.findall(nodes.literal):
        if len(code.astext()) <= _SHORT:
            code["classes"].append("short")
