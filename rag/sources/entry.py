"""A format's raw output: uncleaned text fields of one record, and its position."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.sources.decoding import Document
from rag.types import Notice


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as in its file: raw text, markup included. Empty text means that the file has none.

    `year` and `published` may be any text with a year or date in it; `abstract` may hold HTML, JATS or LaTeX.
    `latex`: the fields are LaTeX source (BibTeX), where braces group and `~` is a space. `format` names the
    dialect where a format has several. `kind` is a name of `rag.bibliography.publication_types`, `groups` the authors
    and editors that the file marks as organisations, `types` the document types in the source's words, which may say
    that the paper is retracted. `more_authors`: there are others that the file doesn't name. `keywords` may hold
    several in one text, separated by `;` or line ends.
    """

    line: int | None = None
    key: str = ""
    title: str = ""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    year: str = ""
    published: str = ""
    venue: str = ""
    doi: str = ""
    arxiv_id: str = ""
    pmid: str = ""
    url: str = ""
    author_count: int | None = None
    organisation: str = ""
    notices: tuple[Notice, ...] = ()
    latex: bool = False
    format: str = ""
    kind: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    series: str = ""
    edition: str = ""
    publisher: str = ""
    editors: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    isbn: str = ""
    issn: str = ""
    notes: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    more_authors: bool = False


@dataclass(frozen=True, slots=True)
class Flaw:
    """A record that could not be read: its first line, its title where one was seen, and why."""

    reason: str
    line: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: how its beginning is recognised, and how its records are read one after another.

    `recognise` sees the first 64,000 characters. `entries` raises SourceError where the whole file can't be used.
    """

    name: str
    recognise: Callable[[str], bool]
    entries: Callable[[Document], Iterator[Entry | Flaw]]
    suffixes: tuple[str, ...] = ()


def keyword_line(text: str) -> str:
    """Return keywords with `;` between them, of a line with commas or a list as Python and JSON print it."""
    if printed := re.fullmatch(r"\s*\[\s*(['\"])(.*)\1\s*\]\s*", text, re.DOTALL):
        return re.sub(r"['\"]\s*,\s*['\"]", ";", printed[2])
    return text if ";" in text else text.replace(",", ";")


def page_range(first: str, last: str) -> str:
    """Return "12-34" of the first page and the last, where either is given; one page is itself."""
    return "-".join(dict.fromkeys(filter(None, (first, last))))
