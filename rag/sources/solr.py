"""JSON of HAL, PLOS and BASE: the fields of their indexes, read as those of plain JSON.

https://api.archives-ouvertes.fr/docs/search/?schema=fields, https://api.plos.org/solr/search-fields/,
https://www.base-search.net/about/download/base_interface.pdf
"""

from __future__ import annotations

from rag.sources import identifiers, plainjson
from rag.sources.entry import Entry
from rag.sources.jsonrecord import JsonObject, text_of

NAME = "solr"
_NAMES = {
    # HAL
    "title_s": "title", "abstract_s": "abstract", "authFullName_s": "authors", "producedDateY_i": "year",
    "producedDate_s": "date", "doiId_s": "doi", "journalTitle_s": "journal", "bookTitle_s": "booktitle", "uri_s": "url",
    "conferenceTitle_s": "publication_title", "pubmedId_s": "pmid", "arxivId_s": "arxiv_id", "volume_s": "volume",
    "issue_s": "issue", "page_s": "pages", "publisher_s": "publisher", "keyword_s": "keywords", "isbn_s": "isbn",
    "journalIssn_s": "issn", "halId_s": "id",
    # PLOS
    "title_display": "title", "abstract": "abstract", "author_display": "authors", "publication_date": "date",
    "journal": "journal", "volume": "volume", "issue": "issue", "article_type": "type", "eissn": "issn",
    # BASE
    "dctitle": "title", "dcdescription": "abstract", "dccreator": "authors", "dcyear": "year", "dcdate": "date",
    "dcdoi": "doi", "dcsource": "journal", "dclink": "url", "dcpublisher": "publisher", "dcsubject": "keywords",
}  # fmt: skip
_HAL_KINDS = {"ART": "journal article", "COMM": "conference paper", "COUV": "book chapter", "OUV": "book",
              "THESE": "thesis", "REPORT": "report", "UNDEFINED": "preprint", "PREPRINT": "preprint"}  # fmt: skip
_LISTS = {"authors", "keywords"}


def matches(record: JsonObject) -> bool:
    """Recognise a document by the name of its title."""
    return not {"title_s", "title_display", "dctitle"}.isdisjoint(record)


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of a document. Of titles and abstracts in several languages it is the first."""
    plain: JsonObject = {}
    for name, value in record.items():
        if known := _NAMES.get(name):
            plain.setdefault(known, value[0] if isinstance(value, list) and value and known not in _LISTS else value)
    plain.setdefault("type", _HAL_KINDS.get(text_of(record.get("docType_s")), ""))
    number = text_of(record.get("id"))  # PLOS knows its articles by their DOIs
    if identifiers.doi(number):
        plain.setdefault("doi", number)
    if (journal := text_of(plain.get("journal"))) and "dcsource" in record:
        plain["journal"] = journal.partition(" ; ")[0]
    return plainjson.entry(plain, line)
