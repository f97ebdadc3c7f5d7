"""What a collection on a Chroma server holds of a paper: one record for each window of it.

A record has the window's vector and, as metadata, the whole paper. Its id is `PAPER#NUMBER/WINDOWS-DIGEST`. The
digest covers everything known of the paper, so a record never changes: new records are sent, old ones are deleted,
and sending twice is sending once.

The document of a record is what filters look in, folded, one line each (`venue …`, `author …`, `source …`): the server
finds a part of a line by a regular expression. It is never embedded: questions are always sent as vectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rag.catalog import row_format
from rag.errors import LibraryDamagedError
from rag.text.person_names import fold_name, spellings
from rag.text.words import fold
from rag.types import Paper, Span
from rag.vectors import Vectors

# Cosine of a vector with itself, after a server that normalises in float32.
OWN_COSINE = 0.9999
# Four digits: no abstract has more windows, and no server may make a reader count further.
_ID = re.compile(r"(?P<paper>.*)#(?P<number>\d{1,4})/(?P<windows>\d{1,4})-(?P<digest>[0-9a-f]{16})", re.DOTALL)
_META = re.compile(r"([\\.+*?()|\[\]{}^$#&~-])")  # characters with a meaning in the server's regular expressions (Rust)


class WindowId(NamedTuple):
    """The name of a record."""

    paper: str
    number: int
    windows: int
    digest: str

    def __str__(self) -> str:
        return f"{self.paper}#{self.number}/{self.windows}-{self.digest}"

    def all(self) -> list[WindowId]:
        """Return the names of all windows of the paper."""
        return [self._replace(number=number) for number in range(self.windows)]


@dataclass(frozen=True, slots=True)
class PaperRecords:
    """What a collection holds of a paper: its sentences, and its windows with their vectors, in order."""

    row: int
    digest: str
    paper: Paper
    sentences: tuple[Span, ...]
    windows: Sequence[Span]
    vectors: Vectors

    @property
    def ids(self) -> list[WindowId]:
        """The names of its records."""
        return WindowId(self.paper.id, 0, len(self.windows), self.digest).all()


@dataclass(frozen=True, slots=True)
class StoredPaper:
    """A paper as stored in a collection, with its sentences."""

    row: int
    paper: Paper
    sentences: tuple[Span, ...]


class WindowRecord(NamedTuple):
    """A record as the server takes it."""

    name: str
    vector: Vectors
    metadata: dict[str, Any]
    document: str


def window_records(entry: PaperRecords, generation: int) -> Iterator[WindowRecord]:
    """Yield a record for each window of a paper."""
    paper = entry.paper
    metadata = {
        "paper": paper.id,
        "names": [paper.id, *paper.aliases],
        "title": paper.title,
        "abstract": paper.abstract,
        "fields": row_format.pack_paper(paper),
        "sentences": row_format.pack_spans(list(entry.sentences)),
        "row": entry.row,
        "generation": generation,
    } | ({} if paper.year is None else {"year": paper.year})
    facets = [("venue", paper.venue or ""), *(("author", author) for author in paper.authors)]
    facets += [("source", name) for name in (*(origin.name for origin in paper.origins), *paper.collections)]
    document = "\n".join(f"{name} {' '.join(fold(text).split())}" for name, text in facets)
    for name, window, vector in zip(entry.ids, entry.windows, entry.vectors, strict=True):
        place = {"number": name.number, "start": window.start, "end": window.end}
        yield WindowRecord(str(name), vector, metadata | place, document)


def same_record(wanted: WindowRecord, held: WindowRecord | None) -> bool:
    """Return whether a record is the wanted one; it may have been sent at another generation."""
    if held is None or held.vector.shape != wanted.vector.shape or held.document != wanted.document:
        return False
    unchanged = all(held.metadata.get(name) == value for name, value in wanted.metadata.items() if name != "generation")
    return unchanged and float(held.vector @ wanted.vector) >= OWN_COSINE


def unpacked(metadatas: Iterable[Mapping[str, Any] | None] | None) -> Iterator[StoredPaper]:
    """Yield the papers in the records' metadata; damaged records are left out, as if they were missing."""
    for one in metadatas or ():
        texts = [(one or {}).get(name) for name in ("paper", "title", "abstract", "fields", "sentences")]
        if one is None or not all(isinstance(text, str) for text in texts):
            continue
        try:
            paper = row_format.unpack_paper(one["paper"], one["title"], one["abstract"], one.get("year"), one["fields"])
            sentences = row_format.unpack_spans(one["sentences"])
        except LibraryDamagedError:
            continue
        if all(0 <= span.start < span.end <= len(paper.abstract) for span in sentences):
            yield StoredPaper(int(one.get("row") or 0), paper, sentences)


def line_with(name: str, text: str) -> str:
    """Return a regular expression for documents with this text, compared as a name, in a line of this kind."""
    return f"(?m)^{name} .*" + spellings(_META.sub(r"\\\1", fold_name(text)))


def parsed(name: str) -> WindowId | None:
    """Return the parts of a record's name, None where the record isn't Pincite's."""
    match = _ID.fullmatch(name)
    if match is None:
        return None
    return WindowId(match["paper"], int(match["number"]), int(match["windows"]), match["digest"])
