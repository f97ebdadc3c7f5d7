"""CSV and TSV with a header line; the columns have the names that the exporting tools give them."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from rag.bibliography import publication_types
from rag.errors import SourceError
from rag.sources.csljson import extra_field
from rag.sources.decoding import MAX_LINE, Document, Line
from rag.sources.entry import Entry, Flaw, Format, keyword_line, page_range
from rag.sources.jsonrecord import split_names
from rag.sources.notice_fields import flagged, noted, of_note
from rag.sources.record_boundaries import begins_record_of
from rag.sources.source_line import SourceLine, source_line
from rag.sources.table_rows import TableRows

DELIMITERS = ",\t;|"
# Field → names of its column, folded to letters and digits, best first. Scopus, Web of Science, PubMed, Embase,
# Dimensions, Zotero, Lens, IEEE Xplore and plain files.
COLUMNS = {
    "key": ("citationkey", "citekey", "key", "id"),
    "title": ("title", "articletitle", "documenttitle", "papertitle", "primarytitle", "displayname", "citationtitle",
              "ti"),
    "abstract": ("abstract", "abstracttext", "abstractnote", "summary", "citationabstract", "ab"),
    "authors": ("authorfullnames", "af", "authors", "author", "authornames", "authorsraw", "au",
                "authorshipsauthordisplayname", "citationauthors", "creator", "creators"),
    "groups": ("ca", "groupauthors", "corporateauthors"),
    "year": ("year", "publicationyear", "pubyear", "publishedyear", "yearpublished", "py", "date", "publicationdate",
             "citationpubyear"),
    "published": ("publicationdate", "datepublished", "publisheddate", "dateofpublication", "date", "published"),
    "venue": ("venue", "sourcetitle", "journal", "journalbook", "journaltitle", "source", "publicationtitle", "so",
              "booktitle", "primarylocationsourcedisplayname", "citationjournalname",
              "ispartof"),
    "doi": ("doi", "doilink", "digitalobjectidentifier", "citationdoi", "di"),
    "arxiv_id": ("arxivid", "arxiv", "eprint"),
    "pmid": ("pmid", "pubmedid", "medlinepmid", "pm", "idspmid"),
    "url": ("url", "link", "sourceurl", "doilink", "fulltextlink", "pdflink", "externalurl", "dimensionsurl"),
    "kind": ("kind", "documenttype", "itemtype", "publicationtype", "type", "dt"),
    "volume": ("volume", "vl", "volumenumber", "bibliovolume"),
    "issue": ("issue", "issuenumber", "is", "biblioissue"),
    "pages": ("pages", "pagination", "artno", "articlenumber", "ar"),
    "first_page": ("pagestart", "startpage", "firstpage", "bp", "bibliofirstpage"),
    "last_page": ("pageend", "endpage", "lastpage", "ep", "bibliolastpage"),
    "series": ("series", "bookseriestitle", "seriestitle", "se"),
    "publisher": ("publisher", "pu"),
    "editors": ("editors", "editor", "bookeditors", "be"),
    "keywords": ("keywords", "authorkeywords", "manualtags", "de", "keyword", "keywordsdisplayname"),
    "isbn": ("isbn", "isbns", "bn"),
    "issn": ("issn", "sn", "issns", "primarylocationsourceissnl"),
    "extra": ("extra",),
    "notes": ("notes", "note"),
    "retracted": ("isretracted", "retracted", "retractionstatus"),
    "notice": ("retraction", "notices", "notice", "note", "notes"),
}  # fmt: skip
_HEADER_WITHIN = 12  # lines; above its columns, Dimensions writes when and for which query the file was made
_ROW_LINES = 500  # lines; no quoted abstract has more


class Header(NamedTuple):
    """The line of column names: its number, the delimiter, field → columns best first, how many columns there are."""

    line: int
    delimiter: str
    columns: dict[str, list[int]]
    width: int

    def rows(self) -> TableRows:
        """Return the rows below it; none is read yet."""
        return TableRows(self.width, self.columns.get("title", ()), self.columns.get("abstract", ()))

    def cell(self, row: list[str], field: str) -> str:
        """Return the text of the first column of a field that has one in a row."""
        filled = (row[place].strip() for place in self.columns.get(field, ()) if place < len(row))
        return next((text for text in filled if text and text.lower() not in ("nan", "null", "none")), "")


def recognise(head: str) -> bool:
    """Recognise a line of column names with a title or an abstract among them."""
    header = find_header(head)
    return header is not None and len(header.columns) > 1 and bool({"title", "abstract"} & header.columns.keys())


def leads(head: str) -> bool:
    """Return whether a table with a title and an abstract column is at the top, whatever comes below it."""
    header = find_header(head)
    if header is None or not {"title", "abstract"} <= header.columns.keys() or head.lstrip()[:1] in tuple("{[<@%"):
        return False
    return not any(map(begins_record_of, head.splitlines()[: header.line]))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the rows. Raises SourceError if the title or the abstract column is missing."""
    header = find_header(document.head)
    missing = [name for name in ("title", "abstract") if header is None or name not in header.columns]
    if header is None or missing:
        wanted = " and none named ".join(missing)
        raise SourceError(document.name, f"no column named {wanted}: name it in the first line, or export it too", 1)
    csv.field_size_limit(MAX_LINE)
    feed = _Feed(document)
    rows = header.rows()
    while True:
        line = feed.begin_row()
        try:
            row, sound = feed.row(header.delimiter)
        except StopIteration:
            return
        if feed.lines_of_row > 1 and not (sound and (len(row) == header.width or not feed.swallowed_a_row(header))):
            # A stray quote swallowed the rows below: skip this line and read those again.
            feed.give_back(from_line=1)
            yield Flaw("a quoted field that never closes: write a quote inside a field twice", line, row[0])
        elif line > header.line and (found := _another_header(row, line, header)):
            header, rows = found, found.rows()
        elif line > header.line and any(map(str.strip, row)):
            yield from _read(row, header, line, rows.flaw(feed.text, row))


class _Feed:
    """The lines of a document with their ends, as csv.reader takes them; those of one row can be given back."""

    def __init__(self, document: Document) -> None:
        self._lines = document.lines()
        self._back: deque[Line] = deque()
        self._row: list[Line] = []

    def begin_row(self) -> int:
        """Return the number of the line that the next row begins on."""
        self._row = []
        if not self._back:
            self._back.extend(islice(self._lines, 1))
        return self._back[0].number if self._back else 0

    @property
    def lines_of_row(self) -> int:
        """How many lines the row takes."""
        return len(self._row)

    @property
    def text(self) -> str:
        """The lines of the row."""
        return "\n".join(line.text for line in self._row)

    def row(self, delimiter: str) -> tuple[list[str], bool]:
        """Read the next row; return whether its quotes are balanced. Raises StopIteration at the end."""
        for strict in (True, False):
            try:
                return next(csv.reader(self, delimiter=delimiter, strict=strict)), strict
            except csv.Error:
                if strict:
                    self.give_back()
        return [self._row[0].text], False

    def swallowed_a_row(self, header: Header) -> bool:
        """Return whether a line of the row, below its first, is a complete row itself."""
        below = (next(csv.reader([line.text], delimiter=header.delimiter), []) for line in self._row[1:])
        return any(len(row) == header.width for row in below)

    def give_back(self, from_line: int = 0) -> None:
        """Put the lines of the row back, to be read again."""
        self._back.extendleft(reversed(self._row[from_line:]))
        self._row = self._row[:from_line]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._row) >= _ROW_LINES:
            raise csv.Error(f"a quoted field of more than {_ROW_LINES} lines")
        line = self._back.popleft() if self._back else next(self._lines)
        self._row.append(line)
        return line.text.replace("\0", "") + "\n"


def find_header(head: str) -> Header | None:
    """Find the line that names the most fields among the first lines."""
    found: list[Header] = []
    for number, line in enumerate(head.splitlines()[:_HEADER_WITHIN], start=1):
        delimiter = max(DELIMITERS, key=line.count)
        try:
            names = [_folded(name) for name in next(csv.reader([line], delimiter=delimiter))]
        except (csv.Error, StopIteration):
            continue
        columns = _columns(names)
        if columns and len(names) > 1:
            found.append(Header(number, delimiter, columns, len(names)))
    return max(found, key=lambda header: len(header.columns), default=None)


def _columns(names: list[str]) -> dict[str, list[int]]:
    return {
        field: places
        for field, known in COLUMNS.items()
        if (places := [names.index(name) for name in known if name in names])
    }


def _read(row: list[str], header: Header, line: int, flaw: str | None) -> Iterator[Entry | Flaw]:
    if flaw is None:
        yield _entry(row, header, line)
    elif flaw:
        yield Flaw(flaw, line, header.cell(row, "title"))


def _another_header(row: list[str], line: int, header: Header) -> Header | None:
    """Return the header that begins a second table in the file, whose columns may be in another order."""
    columns = _columns([_folded(name) for name in row])
    is_header = {"title", "abstract"} <= columns.keys() and len(columns) >= min(3, len(header.columns))
    return Header(line, header.delimiter, columns, len(row)) if is_header else None


def _folded(name: str) -> str:
    """Fold "Author(s) ID" and "author_id" to letters and digits, without text in brackets."""
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*?\)", "", name)).lower()


def _entry(row: list[str], header: Header, line: int) -> Entry:
    cell = partial(header.cell, row)
    groups = tuple(filter(None, map(str.strip, cell("groups").split(";"))))
    source = _source(cell("venue"))
    extra = re.sub(r";\s+", "\n", cell("extra"))
    return Entry(
        line=line,
        key=cell("key"),
        title=cell("title"),
        abstract=cell("abstract"),
        authors=(*split_names(cell("authors")), *groups),
        groups=groups,
        year=cell("year") or source.date,
        published=cell("published") or source.date,
        venue=source.venue,
        doi=cell("doi") or extra_field("doi", extra),
        arxiv_id=cell("arxiv_id") or extra_field("arxiv", extra),
        pmid=cell("pmid") or extra_field("pmid", extra),
        url=cell("url"),
        kind=publication_types.of_name(cell("kind").partition(";")[0]),
        volume=cell("volume") or source.volume,
        issue=cell("issue") or source.issue,
        pages=cell("pages") or page_range(cell("first_page"), cell("last_page")) or source.pages,
        series=cell("series"),
        publisher=cell("publisher"),
        editors=split_names(cell("editors")),
        notices=(*flagged(cell("retracted"), "its source"), *noted(cell("notice")), *noted(extra)),
        types=(cell("kind"), cell("notice"), extra),
        keywords=(keyword_line(cell("keywords")),),
        isbn=cell("isbn"),
        issn=cell("issn"),
        notes=() if of_note(cell("notes")) else (cell("notes"),),
    )


def _source(venue: str) -> SourceLine:
    """Read Embase's whole source out of its column; a journal alone is itself."""
    whole = re.search(r"\(\d{4}\) |;\s*\d+\s*\(|Date of Publication:", venue)
    return source_line(venue) if whole else SourceLine(venue)


FORMAT = Format("csv", recognise, entries, (".csv", ".tsv", ".tab"))
