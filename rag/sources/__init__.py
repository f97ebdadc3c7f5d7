"""From files to records: each format is recognised by its content first, then by its suffix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from rag.errors import SourceError
from rag.sources import (
    arxiv,
    bibtex,
    cochrane,
    csv,
    embase,
    endnote_tagged,
    endnote_xml,
    europepmc,
    json_dialects,
    listing,
    medline,
    ovid,
    pubmed_xml,
    refworks,
    ris,
    rss,
    webofscience,
    webpage,
    zotero_rdf,
)
from rag.sources.cleaning import clean
from rag.sources.decoding import DAMAGED, MAX_LINE, Document, documents, prepare
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.finish import finish
from rag.sources.record_boundaries import leading_tags
from rag.sources.tag_styles import read_by_the_rule
from rag.types import Record, Rejection

__all__ = ["FORMATS", "read", "read_document", "references"]

T = TypeVar("T")
# How files begin that contain papers but aren't supported, and what to do about each.
_UNREAD = (
    (webpage.PAGE, "a web page that isn't about one paper: export the papers from its site"),
    (
        re.compile(r"(?:[A-Z][\w-]+: .*\n(?:[ \t].*\n)*){1,20}?Content-Type: multipart/related", re.IGNORECASE),
        "a web archive (MHTML): save the page as HTML, or export the papers from its site",
    ),
    (
        re.compile(r"\s*(?:<\?xml[^<>]*>\s*)?<rdf:RDF\b"),
        "this looks like RDF, and only Zotero's is read: export the papers as RIS or BibTeX",
    ),
    (
        re.compile(r"\s*(?:<\?xml[^<>]*>\s*)?<(?:\w+:)?mods(?:Collection)?\b"),
        "this looks like MODS: export the papers as RIS or BibTeX",
    ),
    (
        re.compile(r"\s*1[:.] .*?\bPMID: \d", re.DOTALL),
        "this looks like PubMed's “Abstract (text)” or “Summary”: save the results in the format “PubMed” instead",
    ),
    (
        re.compile(r"\s*(?:<[?!][^<>]*>\s*)*<(?:pmc-articleset|article)\b.*?<article-meta\b", re.DOTALL),
        "this looks like JATS, the full texts of PubMed Central: save the papers from PubMed as XML or “PubMed”",
    ),
    (
        re.compile(r"\s*---\s*\n(?:[\w-]+:.*\n)*?references:"),
        "this looks like CSL YAML: convert it to CSL JSON (`pandoc -t csljson`), or export the papers as RIS",
    ),
    (
        re.compile(r"\s*\{Reference Type\}:"),
        "this looks like NoteExpress: export the papers as RIS, EndNote or RefWorks",
    ),
    (re.compile(r"\s*Scopus\s+EXPORT DATE:"), "this looks like Scopus' plain text: export the papers as CSV or RIS"),
)

# In the order in which they are tried: what is recognised with certainty first, the page of plain text last.
FORMATS: tuple[Format, ...] = (
    json_dialects.FORMAT,
    pubmed_xml.FORMAT,
    europepmc.FORMAT,
    arxiv.FORMAT,
    zotero_rdf.FORMAT,
    rss.FORMAT,
    endnote_xml.FORMAT,
    webpage.FORMAT,
    ris.FORMAT,
    medline.FORMAT,
    refworks.FORMAT,
    webofscience.FORMAT,
    endnote_tagged.FORMAT,
    cochrane.FORMAT,
    ovid.FORMAT,
    bibtex.FORMAT,
    embase.FORMAT,
    csv.FORMAT,
    listing.FORMAT,
)

# Formats whose records begin with their own tag or number, whatever remarks a program puts above the first.
_TAGGED = (
    medline.FORMAT,
    refworks.FORMAT,
    webofscience.FORMAT,
    endnote_tagged.FORMAT,
    cochrane.FORMAT,
    ovid.FORMAT,
    embase.FORMAT,
    ris.FORMAT,
)
_PREAMBLE = 30  # lines
_HELD_BACK = 1000
_ANY = "Anything."  # in place of an abstract while the rest of a record is read


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
            for item in read_document(document):
                usable = True
                yield item
        except SourceError as error:
            if not document.member:
                raise
            failed.append(error)  # the other members of an archive stay
    if failed and not usable:
        raise failed[0]
    yield from (Rejection(error.file, error.reason, error.line) for error in failed)


def references(path: Path | str) -> Iterator[Record | Rejection]:
    """Yield the records of a file of references, also those without an abstract: theirs is empty."""
    for document in _typed(documents(path), str(path)):
        prepare(document)
        chosen = _format(document)
        for position, entry in enumerate(_typed(chosen.entries(document), document.name), start=1):
            if isinstance(entry, Flaw):
                yield Rejection(document.name, entry.reason, entry.line, clean(entry.title)[:300] or None)
                continue
            found = finish(entry, document.name, chosen.name, position)
            if isinstance(found, Rejection):
                # Perhaps it lacks only the abstract.
                named = finish(replace(entry, abstract=_ANY), document.name, chosen.name, position)
                found = replace(named, abstract="", sections=()) if isinstance(named, Record) else found
            yield found


def _typed(items: Iterator[T], name: str) -> Iterator[T]:
    """Yield the items; turn errors while reading the file into the typed error."""
    try:
        yield from items
    except DAMAGED as error:
        raise SourceError(name, f"the compressed file is damaged ({error}): download or compress it again") from error
    except OSError as error:
        raise SourceError(name, f"can't be read: {error.strerror or error}") from error


def read_document(document: Document) -> Iterator[Record | Rejection]:
    """Yield what one text holds, as `read` does."""
    return _typed(_read_document(document), document.name)


def _read_document(document: Document) -> Iterator[Record | Rejection]:
    prepare(document)
    chosen = _format(document)
    unread: list[Rejection] = []  # held back until a record shows that the format was right
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


def _format(document: Document) -> Format:
    if csv.leads(document.head):
        return csv.FORMAT
    read_by_the_rule(document)
    for known in FORMATS:
        if known is listing.FORMAT:
            if found := _below_a_preamble(document):
                return found
            _refuse_by_name(document)
        if known.recognise(document.head):
            return known
    for known in FORMATS:
        if document.suffix in known.suffixes:
            return known
    raise SourceError(
        document.name, "no papers found: this is in no format that Pincite reads: export the papers as RIS or BibTeX"
    )


def _below_a_preamble(document: Document) -> Format | None:
    """Return the tagged format that begins below a few lines of remarks, and leave those out of the document."""
    below = document.head
    for number in range(1, _PREAMBLE + 1):
        _, _, below = below.partition("\n")
        if not below[:1].strip():
            continue
        if found := next((known for known in _TAGGED if known.recognise(below)), None):
            document.preamble, document.head = number, below
            return found
    return None


def _refuse_by_name(document: Document) -> None:
    """Raise `SourceError` for a file of a kind that is known and not read."""
    head = document.head
    for pattern, what in _UNREAD:
        if pattern.match(head):
            raise SourceError(document.name, what)
    root = re.match(r"\s*(?:<[?!](?:[^<>\[]|\[.*?\]\s*(?=>))*>\s*)*<([A-Za-z_][\w.:-]*)[\s>/]", head, re.DOTALL)
    if root:
        reason = f"unknown kind of XML: its root is <{root[1]}>"
        reason = f"{reason}; export the papers as PubMed, EndNote, Europe PMC or arXiv XML, or as RIS"
        raise SourceError(document.name, reason, head.count("\n", 0, root.start(1)) + 1)
    if len(labels := _labels(head)) > 1 and {"title", "abstract"} & labels.keys():
        reason = f"this looks like text with the labels {', '.join(labels.values())}, in no format that Pincite reads"
        raise SourceError(document.name, f"{reason}: export the papers as RIS or BibTeX")
    if tags := leading_tags(head):
        reason = (
            f"this looks like tagged text, with lines that begin with {', '.join(tags[:4])}, "
            "in no format that Pincite reads"
        )
        raise SourceError(document.name, f"{reason}: export the papers as RIS or BibTeX")


def _labels(head: str) -> dict[str, str]:
    """Return the labels of a paper's fields that lines begin with, such as `Author: `, by the fields' names."""
    written = dict.fromkeys(
        match[1] for match in re.finditer(r"^[-*\s]*([A-Za-z][A-Za-z ]{1,24}): \S", head, re.MULTILINE)
    )
    known = {"".join(label.lower().split()): label for label in written}
    fields = ("title", "abstract", "authors", "doi", "year", "pmid")
    return {name: known[form] for name in fields for form in csv.COLUMNS[name] if form in known}
