"""Files to records: each format is recognised by content first, suffix second."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from rag.errors import SourceError
from rag.sources import (
    arxiv,
    bibtex,
    csv,
    embase,
    endnote_tagged,
    endnote_xml,
    europepmc,
    json_dialects,
    listing,
    medline,
    pubmed_xml,
    ris,
    webofscience,
)
from rag.sources.cleaning import clean
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.finish import finish
from rag.sources.reading import DAMAGED, MAX_LINE, Document, documents, prepare
from rag.types import Record, Rejection

__all__ = ["FORMATS", "read"]

T = TypeVar("T")

# In the order in which they are tried: what is recognised with certainty first, the page of plain text last.
FORMATS: tuple[Format, ...] = (
    json_dialects.FORMAT,
    pubmed_xml.FORMAT,
    europepmc.FORMAT,
    arxiv.FORMAT,
    endnote_xml.FORMAT,
    ris.FORMAT,
    medline.FORMAT,
    webofscience.FORMAT,
    endnote_tagged.FORMAT,
    bibtex.FORMAT,
    embase.FORMAT,
    csv.FORMAT,
    listing.FORMAT,
)


_HELD_BACK = 1000


def read(path: Path | str) -> Iterator[Record | Rejection]:
    """Yield what a file holds, record by record, as it is read: a paper, or why a record was rejected.

    If only the abstract is missing, the reason begins with "no abstract". Raises SourceError if the
    whole file can't be used, which may be after some records have been yielded (a file cut in the middle). A member of
    an archive that can't be used is a rejection, unless no member can.
    """
    failed: list[SourceError] = []
    usable = False
    for document in _typed(documents(path), str(path)):
        try:
            for item in _typed(_read_document(document), document.name):
                usable = True
                yield item
        except SourceError as error:
            if not document.member:
                raise
            failed.append(error)  # the other members of an archive stay
    if failed and not usable:
        raise failed[0]
    yield from (Rejection(error.file, error.reason, error.line) for error in failed)


def _typed(items: Iterator[T], name: str) -> Iterator[T]:
    """Yield the items; turn errors while reading the file into the typed error."""
    try:
        yield from items
    except DAMAGED as error:
        raise SourceError(name, f"the compressed file is damaged ({error}): download or compress it again") from error
    except OSError as error:
        raise SourceError(name, f"can't be read: {error.strerror or error}") from error


def _read_document(document: Document) -> Iterator[Record | Rejection]:
    prepare(document)
    chosen = _format(document)
    unread = list(_of_another_format(document, chosen))  # held back until a record shows that the format was right
    sound = False
    for position, entry in enumerate(chosen.entries(document), start=1):
        if isinstance(entry, Flaw):
            unread.append(Rejection(document.name, entry.reason, entry.line, clean(entry.title)[:300] or None))
        else:
            sound = True
        if sound or len(unread) > _HELD_BACK:
            yield from unread
            unread.clear()
        if isinstance(entry, Entry):
            yield finish(entry, document.name, chosen.name, position)
    reason = f"the line is longer than {MAX_LINE:,} bytes, too long for a record: remove it"
    # First, since it causes the errors around it.
    unread = [*(Rejection(document.name, reason, line) for line in document.overlong), *unread]
    if not sound and unread:
        raise SourceError(document.name, f"{unread[0].reason} (read as {chosen.name})", unread[0].line)
    if not sound:
        raise SourceError(document.name, f"no papers in it (read as {chosen.name}): check what was exported or saved")
    yield from unread


def _of_another_format(document: Document, chosen: Format) -> Iterator[Rejection]:
    """Report BibTeX entries in an RIS file: of two formats in one file, only one is read."""
    if chosen is ris.FORMAT and (entry := bibtex.first_entry(document.head)) is not None:
        reason = "BibTeX entries in an RIS file aren't read: put them in a separate file"
        yield Rejection(document.name, reason, document.head.count("\n", 0, entry) + 1)


def _format(document: Document) -> Format:
    for known in FORMATS:
        if known.recognise(document.head):
            return known
    if re.match(r"\s*(?:<\?xml[^<>]*>\s*)?<(?:!doctype )?html\b", document.head, re.IGNORECASE):
        raise SourceError(document.name, "a web page: save it as plain text, or export the papers from its site")
    if root := re.match(
        r"\s*(?:<[?!](?:[^<>\[]|\[.*?\]\s*(?=>))*>\s*)*<([A-Za-z_][\w.:-]*)[\s>/]", document.head, re.DOTALL
    ):
        reason = (
            f"unknown kind of XML: its root is <{root[1]}>; export the papers as PubMed, EndNote, Europe PMC or arXiv"
        )
        raise SourceError(document.name, f"{reason} XML, or as RIS", document.head.count("\n", 0, root.start(1)) + 1)
    for known in FORMATS:
        if document.suffix in known.suffixes:
            return known
    raise SourceError(
        document.name, f"no papers found: the file is none of {', '.join(known.name for known in FORMATS)}"
    )
