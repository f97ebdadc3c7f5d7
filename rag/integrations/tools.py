"""What other programs may ask of Pincite, as JSON: the HTTP endpoints and the tools of an agent are these."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rag import arguments
from rag.config import Config
from rag.errors import InputError, LibraryError
from rag.library import Library
from rag.pipeline import answer
from rag.pipeline.overrides import AS_CONFIGURED, Overrides
from rag.types import Paper
from rag.views.documents import hits_document, paper_document, papers_document

MOST = 50

Question = Annotated[str, Field(description="What to answer, or to look for.")]
Count = Annotated[int, Field(description=f"How many at most, 1 to {MOST}.")]
Nearest = Annotated[int | None, Field(description=f"How many at most, 1 to {MOST}; 10 unless given.")]
AsNearest = Annotated[int | None, Field(description="The same as k.")]
Year = Annotated[str | int, Field(description="Only papers of these years: 2024, 2023..2025, 2023.. or ..2025.")]
Venue = Annotated[str, Field(description="Only papers with this text in the name of their venue.")]
Author = Annotated[str, Field(description="Only papers with this text in the name of an author.")]
Source = Annotated[str, Field(description="Only papers from files with this text in their name.")]
OnlyPapers = Annotated[str | list[str], Field(description="Only the papers of these ids: one, or a list.")]
NotPapers = Annotated[str | list[str], Field(description="None of the papers of these ids: one, or a list.")]
PaperId = Annotated[str, Field(description="The id that a search or a citation gave, or a DOI, arXiv id or pmid:123.")]
Offset = Annotated[int, Field(description="How many papers to pass over, oldest first.")]


class Tools:
    """The tools over one library. A filter that is empty narrows nothing."""

    def __init__(self, library: Library, config: Config, overrides: Overrides = AS_CONFIGURED) -> None:
        self._overrides = overrides
        self._library = library
        self._config = config

    @property
    def trouble(self) -> str | None:
        """What is wrong with an empty library, and the fix; None once it holds papers."""
        if len(self._library):
            return None
        folder = self._library.folder
        place = self._library.name if folder is None else folder.resolve()
        what = "holds no papers yet" if self._library.exists else "there is no library yet"
        return f"{place}: {what}: name another, or add papers to it with `pincite add FILE… --library {place}`"

    def ask(
        self, question: Question, year: Year = "", venue: Venue = "", author: Author = "", source: Source = "",
        papers: OnlyPapers = "", exclude: NotPapers = "",
    ) -> dict[str, Any]:  # fmt: skip
        """Answer a question from the library of paper abstracts, every sentence with citations, quotes and verdicts."""
        found = answer(
            question, self.filled(), config=self._config, year=year or None, venue=venue or None,
            author=author or None, source=source or None, papers=papers or None, exclude=exclude or None,
            **self._overrides.named,
        )  # fmt: skip
        return found.to_dict()

    def search(
        self, question: Question, k: Nearest = None, year: Year = "", venue: Venue = "", author: Author = "",
        source: Source = "", limit: AsNearest = None, papers: OnlyPapers = "", exclude: NotPapers = "",
    ) -> dict[str, Any]:  # fmt: skip
        """Find the papers nearest to a question or to words, best first, each with its best sentence."""
        hits = self.filled().search(
            question, k=_no_more(arguments.one_count(k=k, limit=limit)), year=year or None, venue=venue or None,
            author=author or None, source=source or None, papers=papers or None, exclude=exclude or None,
        )  # fmt: skip
        return hits_document(hits)

    def get_paper(self, paper_id: PaperId) -> dict[str, Any]:
        """Return a paper with its abstract, by its id, or by a DOI, an arXiv id or pmid:…."""
        return paper_document(self.paper(paper_id), origins=False)

    def list_papers(self, limit: Count = 20, offset: Offset = 0) -> dict[str, Any]:
        """List the papers of the library, oldest first, a page at a time."""
        limit = _no_more(arguments.count("limit", limit))
        offset = arguments.count("offset", offset, 0)
        papers = self.filled().papers()
        return papers_document(papers[offset : offset + limit], origins=False, total=len(papers), offset=offset)

    def paper(self, paper_id: str) -> Paper:
        """Return a paper. Raises `LibraryError` for an unknown one, with what an agent can do about it."""
        library = self.filled()
        try:
            return library.get(paper_id)
        except LibraryError as error:
            raise LibraryError(
                f"no paper {paper_id!r:.80}: take a paper_id from `search`, a citation or the list of papers"
            ) from error

    def filled(self) -> Library:
        """Return the library. Raises `LibraryError` where it holds nothing: an agent would take that for an answer."""
        if self.trouble:
            raise LibraryError(self.trouble)
        return self._library


def _no_more(count: int) -> int:
    """Raise `InputError` for a number that a call can't have; a smaller one in its place would go unnoticed."""
    if count > MOST:
        raise InputError(f"{count} is more than one call gives: ask for {MOST} at most")
    return count
