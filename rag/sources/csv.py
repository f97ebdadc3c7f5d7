"""CSV and TSV with a header line; the columns go by the names that the exporting tools give them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from rag.errors import SourceError
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.jsonrecord import split_names
from rag.sources.reading import MAX_LINE, Document

DELIMITERS = ",\t;|"
# Field → names of its column, folded to letters and digits, best first. Scopus, Web of Science, PubMed, Embase,
# Dimensions, Zotero, Lens, IEEE Xplore and plain files.
COLUMNS = {
    "key": ("id", "key", "citationkey", "citekey", "eid", "utuniquewosid", "utuniqueid", "publicationid", "lensid"),
    "title": ("title", "articletitle", "documenttitle", "papertitle", "publicationtitle", "primarytitle", "ti"),
    "abstract": ("abstract", "abstracttext", "abstractnote", "summary", "ab"),
    "authors": ("authors", "author", "authornames", "authorfullnames", "authorsrawaffiliation", "auf", "au"),
    "year": ("year", "publicationyear", "pubyear", "publishedyear", "yearpublished", "py", "date", "publicationdate"),
    "published": ("publicationdate", "publisheddate", "dateofpublication", "date", "published"),
    "venue": ("venue", "sourcetitle", "journal", "journalbook", "journaltitle", "source", "publicationtitle", "so"),
    "doi": ("doi", "doilink", "digitalobjectidentifier", "di"),
    "arxiv_id": ("arxivid", "arxiv", "eprint"),
    "pmid": ("pmid", "pubmedid", "medlinepmid", "pm"),
    "url": ("url", "link", "sourceurl", "doilink", "fulltextlink", "pdflink", "externalurl"),
}  # fmt: skip


def recognise(head: str) -> bool:
    """Recognise a header line with a title or an abstract among its columns."""
    found = _header(head)
    return found is not None and ("title" in found[1] or "abstract" in found[1])


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the rows. Raises SourceError where there is no column of titles or none of abstracts."""
    found = _header(document.head)
    if found is None or not {"title", "abstract"} <= found[1].keys():
        missing = [name for name in ("title", "abstract") if found is None or name not in found[1]]
        raise SourceError(
            document.name, f"no column named {' and none named '.join(missing)}: name it in the first line", 1
        )
    delimiter, columns, width = found
    csv.field_size_limit(MAX_LINE)
    numbered = _Numbered(document)
    rows = csv.reader(numbered, delimiter=delimiter)
    header_seen = False
    while True:
        line = numbered.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Flaw(f"not a row ({error})", line)
            continue
        if not header_seen:
            header_seen = not (len(row) == 1 and row[0].lower().startswith("sep=")) and any(map(str.strip, row))
        elif any(map(str.strip, row)):
            yield _entry(row, columns, width, line)


class _Numbered:
    """The lines of a document with their ends, as csv.reader takes them; `number` is the last one given."""

    def __init__(self, document: Document) -> None:
        self._lines = document.lines()
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number = line.number
        return line.text.replace("\0", "") + "\n"


def _header(head: str) -> tuple[str, dict[str, list[int]], int] | None:
    """Find the header line: the delimiter, field → its columns best first, and the number of columns."""
    lines = [line for line in head.splitlines() if line.strip()][:2]
    if not lines:
        return None
    first = lines[1] if lines[0].lower().startswith("sep=") and len(lines) > 1 else lines[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        names = [_folded(name) for name in next(csv.reader([first], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return None
    columns = {
        field: places
        for field, known in COLUMNS.items()
        if (places := [names.index(name) for name in known if name in names])
    }
    return (delimiter, columns, len(names)) if len(names) > 1 else None


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _entry(row: list[str], columns: dict[str, list[int]], width: int, line: int) -> Entry | Flaw:
    def cell(field: str) -> str:
        filled = (row[place].strip() for place in columns.get(field, ()) if place < len(row))
        return next((text for text in filled if text and text.lower() not in ("nan", "null", "none")), "")

    if len(row) > width and any(extra.strip() for extra in row[width:]):
        return Flaw(
            f"{len(row)} fields under {width} columns: quote the field that holds the delimiter", line, cell("title")
        )
    return Entry(
        line=line,
        key=cell("key"),
        title=cell("title"),
        abstract=cell("abstract"),
        authors=split_names(cell("authors")),
        year=cell("year"),
        published=cell("published"),
        venue=cell("venue"),
        doi=cell("doi"),
        arxiv_id=cell("arxiv_id"),
        pmid=cell("pmid"),
        url=cell("url"),
    )


FORMAT = Format("csv", recognise, entries, (".csv", ".tsv", ".tab"))
