"""A record of one source, and the paper computed from all that describe it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import Any

from rag.views import documents

# The folders of a path that leads out of the folder where it was given: /a/b.bib, ~/b.bib, ../b.bib, C:\b.bib.
_OUTWARDS = re.compile(r"(?s)^(?:[/\\~]|[A-Za-z]:[/\\]|(?:.*[/\\])?\.\.[/\\])(?:.*[/\\])?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: file as given, 1-based position among its records, line, the user's citation key."""

    file: str
    position: int
    line: int | None = None
    key: str | None = None
    format: str = ""

    @property
    def name(self) -> str:
        """The file name that anyone may see: as given, but of an absolute path, or one with `..`, the last part.

        Filters look in it: a visitor who guesses must not learn where a server keeps its files.
        """
        return _OUTWARDS.sub("", self.file)

    @property
    def place(self) -> str:
        """The record as `FILE#3`, the third of its file; `FILE:3` is a line everywhere."""
        return f"{self.file}#{self.position}"


@dataclass(frozen=True, slots=True)
class Section:
    """A labelled part of a structured abstract, such as "Results"."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something published about a paper: `kind` is retraction, correction or concern.

    `said_by` is empty if a record of the paper itself says it; otherwise it names the notice's record by its file,
    without folders, and states if only its title matched. `of` names the papers that it is about, such as
    `doi:10.1000/x`, if the record is itself the notice and its source gives them.
    """

    kind: str
    text: str = ""
    said_by: str = ""
    of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A notice goes wherever its paper goes: into answers, exports, receipts, and other people's browsers.
        object.__setattr__(self, "said_by", self.said_by.rpartition("/")[2])

    @property
    def source(self) -> str:
        """Who says it, for people."""
        return f"“{self.text}” ({self.said_by})" if self.said_by else "its own record"


def _printed() -> Any:
    """Make a field that one publication of a paper has: a journal's volume is never that of the preprint."""
    return field(default=None, metadata={"printed": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliographic:
    """What a paper's sources state apart from its title and abstract. Empty if none of them does."""

    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    pmid: str | None = None
    url: str | None = None
    published: str | None = None  # ISO 8601, as precise as the source: 2024, 2024-04 or 2024-04-10
    author_count: int | None = None  # if the source gives a number instead of names
    organisation: str | None = None
    sections: tuple[Section, ...] = ()  # of a structured abstract
    notices: tuple[Notice, ...] = ()
    kind: str | None = _printed()  # CSL's name: article-journal, … (`rag.bibliography.publication_types`)
    volume: str | None = _printed()
    issue: str | None = _printed()  # a report's own number as well
    pages: str | None = _printed()  # 12-34, or an article's number
    series: str | None = _printed()
    edition: str | None = _printed()
    publisher: str | None = _printed()  # for a thesis the school, for a report the institution
    editors: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()  # authors and editors that the source marks as organisations
    more_authors: bool = False  # there are others that the source doesn't name: "and others", "et al."
    keywords: tuple[str, ...] = ()
    isbn: str | None = None
    issn: str | None = None
    notes: tuple[str, ...] = ()  # of the user or the source, such as "Erratum in the appendix"
    collections: tuple[str, ...] = ()  # of a reference manager, such as "Soil/Tillage"


_DOUBTS = {"correction": "a correction", "concern": "an expression of concern"}
# The fields that belong to one publication of a paper.
PRINTED = tuple(f.name for f in fields(Bibliographic) if "printed" in f.metadata)


@dataclass(frozen=True, slots=True)
class Record(Bibliographic):
    """A paper as described by one source, before matching it against the library."""

    title: str
    abstract: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Paper(Bibliographic):
    """A paper of the library."""

    id: str  # never changes
    title: str
    abstract: str
    aliases: tuple[str, ...] = ()  # its other identities, such as `doi:10.1000/x`
    origins: tuple[Origin, ...] = ()

    def __repr__(self) -> str:
        return documents.paper_line(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything about it as a JSON document of the public shape."""
        return documents.paper_document(self)

    @property
    def retracted(self) -> bool:
        """Whether a record of this paper says that it was retracted."""
        return any(notice.kind == "retraction" for notice in self._own_notices)

    @property
    def retracted_by(self) -> str:
        """Who says that this paper was retracted, its own record first; empty if nobody does."""
        said = sorted(
            (n for n in self._own_notices if n.kind == "retraction"), key=lambda n: (n.said_by != "", n.said_by)
        )
        return said[0].source if said else ""

    @property
    def retraction(self) -> str:
        """Who says that this paper was retracted, as one sentence; empty if nobody does."""
        if any(notice.kind == "retraction" and not notice.said_by for notice in self._own_notices):
            return f"“{self.title}” was retracted, as its own record says."
        return f"“{self.title}” is reported as retracted by {self.retracted_by}." if self.retracted else ""

    @property
    def doubts(self) -> tuple[str, ...]:
        """What else was published about this paper, a sentence each: corrections and expressions of concern."""
        found = {notice.kind: notice for notice in reversed(self._own_notices) if notice.kind in _DOUBTS}
        return tuple(
            f"“{self.title}” has {_DOUBTS[kind]}, according to {notice.source}." for kind, notice in found.items()
        )

    @property
    def _own_notices(self) -> tuple[Notice, ...]:
        """What is said of this paper: if it is itself a notice, what it says about others is left out."""
        return tuple(notice for notice in self.notices if not notice.of)

    @property
    def key(self) -> str | None:
        """The user's own citation key, from the first record that had one."""
        return next((origin.key for origin in self.origins if origin.key), None)
