"""Semantic Scholar's papers: its Graph API (one, a list, or under `data`) and its bulk files.

https://api.semanticscholar.org/api-docs/graph
"""

from __future__ import annotations

from rag.bibliography import publication_types
from rag.sources.entry import Entry
from rag.sources.jsonrecord import JsonObject, first, names, table, text_of

NAME = "semantic-scholar"


def matches(record: JsonObject) -> bool:
    """Recognise a paper by its ids; citation lists hold it one level down."""
    paper = _paper(record)
    folded = {str(name).lower() for name in paper}
    return bool(folded & {"paperid", "corpusid", "externalids"})


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of a paper."""
    paper = {str(name).lower(): value for name, value in _paper(record).items()}
    ids = {str(name).lower(): value for name, value in table(paper.get("externalids")).items()}
    journal = table(paper.get("journal"))
    types = [text_of(name) for name in kinds] if isinstance(kinds := paper.get("publicationtypes"), list) else []
    return Entry(
        line=line,
        title=first(paper, "title"),
        abstract=first(paper, "abstract"),
        authors=names(paper.get("authors")),
        year=text_of(paper.get("year")) or first(paper, "publicationdate"),
        published=first(paper, "publicationdate") or text_of(paper.get("year")),
        venue=first(paper, "venue") or first(journal, "name") or first(table(paper.get("publicationvenue")), "name"),
        doi=first(ids, "doi") or first(paper, "doi"),
        arxiv_id=first(ids, "arxiv") or first(paper, "arxivid", "arxiv_id"),
        pmid=first(ids, "pubmed") or first(paper, "pmid", "pubmed_id"),
        url=first(paper, "url"),
        kind=next(filter(None, map(publication_types.of_name, types)), ""),
        volume=first(journal, "volume"),
        pages=first(journal, "pages"),
        types=tuple(types),
    )


def _paper(record: JsonObject) -> JsonObject:
    for name in ("citedPaper", "citingPaper", "paper"):
        if table(record.get(name)):
            return table(record.get(name))
    return record
