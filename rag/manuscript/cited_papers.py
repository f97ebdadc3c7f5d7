"""From what a manuscript cites, a key, a number or a name and year, to the paper.

A paper of the library comes first, by its identifiers, then by its title; else the file of references has the abstract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path

from rag import sources
from rag.catalog.titles import title_key
from rag.errors import LibraryError
from rag.library import Library
from rag.manuscript.author_year import AMBIGUOUS, parse_author_year
from rag.text.dois import find_dois
from rag.text.person_names import first_author
from rag.types import Bibliographic, Paper, Record

# The shortest title to look for within an entry, in characters: "Sleep" is in many.
SHORTEST_TITLE = 20


@dataclass(frozen=True, slots=True)
class References:
    """The records of files of references, and why others couldn't be read."""

    records: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The paper that a key means, or why there is none."""

    paper: Paper | None
    why: str = ""


def read_references(files: Sequence[Path]) -> References:
    """Read files of references in any format that `pincite add` reads. Raises `SourceError` for one that isn't."""
    records: list[Record] = []
    notes: list[str] = []
    for file in files:
        for item in sources.references(file):
            if isinstance(item, Record):
                records.append(item)
            else:
                line = f":{item.line}" if item.line else ""
                notes.append(f"{item.file}{line}: not read: {item.reason}")
    return References(tuple(records), tuple(notes))


@dataclass
class Resolver:
    """Finds the paper behind each key; the library is read once."""

    library: Library
    references: References
    entries: Mapping[str, str]
    _known: dict[str, Resolved] = field(default_factory=dict)

    def __call__(self, key: str) -> Resolved:
        """Return the paper that a key means."""
        if key not in self._known:
            self._known[key] = self._resolve(key)
        return self._known[key]

    def _resolve(self, key: str) -> Resolved:
        if record := self._by_key.get(key.lower()):
            return self._of_record(record)
        if key in self.entries:
            return self._of_entry(self.entries[key])
        if paper := self._papers_by_key.get(key.lower()):
            return Resolved(paper)
        if named := parse_author_year(key):
            return self._of_author(*named)
        return Resolved(None, f"nothing here is called {key!r}: give the file of references that lists it")

    @cached_property
    def _by_key(self) -> dict[str, Record]:
        return {r.origin.key.lower(): r for r in reversed(self.references.records) if r.origin.key}

    @cached_property
    def _papers(self) -> list[Paper]:
        return self.library.papers() if self.library.exists else []

    @cached_property
    def _papers_by_key(self) -> dict[str, Paper]:
        return {o.key.lower(): paper for paper in reversed(self._papers) for o in paper.origins if o.key}

    @cached_property
    def _by_title(self) -> dict[str, Paper]:
        return {title_key(paper.title): paper for paper in reversed(self._papers) if paper.title}

    def _of_record(self, record: Record) -> Resolved:
        pmid = f"pmid:{record.pmid}" if record.pmid else None
        paper = self._found((record.doi, record.arxiv_id, pmid)) or self._by_title.get(title_key(record.title))
        if paper is None and record.abstract:
            paper = as_paper(record)
        return Resolved(paper, "" if paper else f"“{record.title}” has no abstract here: add the paper to the library")

    def _found(self, names: Sequence[str | None]) -> Paper | None:
        """Return the paper of the library with one of these identifiers."""
        for name in names:
            if name and self.library.exists:
                try:
                    return self.library.get(name)
                except LibraryError:
                    continue  # this identifier is unknown, another may be known
        return None

    def _of_entry(self, entry: str) -> Resolved:
        if entry == AMBIGUOUS:
            return Resolved(
                None, "several entries of the list of references have this name and year: add a, b to the years"
            )
        dois = find_dois(entry)
        if paper := self._found(dois):
            return Resolved(paper)
        folded = f" {title_key(entry)} "
        known: list[Paper | Record] = [*self._papers, *self.references.records]
        titles = [(title_key(one.title), one) for one in known]
        held = [(len(title), one) for title, one in titles if len(title) >= SHORTEST_TITLE and f" {title} " in folded]
        if held:
            best = max(held, key=lambda pair: pair[0])[1]
            return Resolved(best) if isinstance(best, Paper) else self._of_record(best)
        return Resolved(None, f"the library has no paper for “{entry[:120]}”: add it")

    def _of_author(self, name: str, year: int) -> Resolved:
        found = {paper.id: paper for paper in self._by(name, year)}
        if len(found) == 1:
            return Resolved(next(iter(found.values())))
        if found:
            why = f"{len(found)} papers are by {name} ({year}), it isn't clear which"
            return Resolved(None, f"{why}: give the file of references that lists it")
        return Resolved(None, f"the library has no paper by {name} ({year}): add it")

    def _by(self, name: str, year: int) -> Iterator[Paper]:
        for record in self.references.records:
            if record.year == year and first_author(as_paper(record)) == name:
                paper = self._of_record(record).paper
                if paper is not None:
                    yield paper
        yield from (paper for paper in self._papers if paper.year == year and first_author(paper) == name)


def as_paper(record: Record) -> Paper:
    """Return a record as a paper of its own, under its citation key."""
    shared = {f.name: getattr(record, f.name) for f in fields(Bibliographic)}
    name = f"{record.origin.file}:{record.origin.key or record.origin.position}"
    return Paper(id=name, title=record.title, abstract=record.abstract, origins=(record.origin,), **shared)
